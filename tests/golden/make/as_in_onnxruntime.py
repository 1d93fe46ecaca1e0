#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The truth behind tests/golden/as_in_onnxruntime.csv: ONNX Runtime's own calibrators on a model of
one Relu, collect_data() called once a batch, and its own compute_scale_zp().
Python 3.11.7, numpy 2.4.6, onnx 1.23.2, onnxruntime 1.31.1.

    tests/golden/make/as_in_onnxruntime.py > tests/golden/as_in_onnxruntime.csv
"""
import contextlib
import io
import os
import tempfile

import numpy as np
import onnx
from onnx import TensorProto, helper
from onnxruntime.quantization import quant_utils
from onnxruntime.quantization.calibrate import CalibrationMethod, create_calibrator

import as_in_cases as cases

TYPES = {(8, True): TensorProto.INT8, (8, False): TensorProto.UINT8, (4, True): TensorProto.INT4,
         (4, False): TensorProto.UINT4, (16, True): TensorProto.INT16,
         (16, False): TensorProto.UINT16}


class Reader:
    def __init__(self, x):
        self.left = [{"x": x}]

    def get_next(self):
        return self.left.pop() if self.left else None


def range_of(folder, method, text, **options):
    path = os.path.join(folder, "relu.onnx")
    value = [helper.make_tensor_value_info(name, TensorProto.FLOAT, ["n"]) for name in "xy"]
    graph = helper.make_graph([helper.make_node("Relu", ["x"], ["y"])], "g", value[:1], value[1:])
    onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8),
              path)
    calibrator = create_calibrator(path, ["Relu"], os.path.join(folder, "augmented.onnx"), method,
                                   extra_options=options)
    for x in cases.batches(text):
        calibrator.collect_data(Reader(x))
    low, high = calibrator.compute_data()["x"].range_value
    return np.float32(np.ravel(low)[0]), np.float32(np.ravel(high)[0])


def main():
    cases.header()
    rules = [("minmax_as_in_onnxruntime", 0, CalibrationMethod.MinMax, {}),
             ("entropy_as_in_onnxruntime", 0, CalibrationMethod.Entropy, {})]
    rules += [("minmax_as_in_onnxruntime", c, CalibrationMethod.MinMax,
               dict(moving_average=True, averaging_constant=c)) for c in (0.01, 0.3)]
    rules += [("percentile_as_in_onnxruntime", p, CalibrationMethod.Percentile, dict(percentile=p))
              for p in (99.999, 99, 90)]
    with tempfile.TemporaryDirectory() as folder:
        for number, text in enumerate(cases.BATCHES):
            for name, parameter, method, options in rules:
                for symmetric in (True, False):
                    try:
                        with contextlib.redirect_stdout(io.StringIO()):
                            low, high = range_of(folder, method, text, symmetric=symmetric,
                                                 **options)
                    except (ValueError, AssertionError):
                        continue  # the project stops: see the rule's head
                    for bits in (4, 8) if number % 4 else (4, 8, 16):
                        kind = TYPES[bits, symmetric]
                        low_code, high_code = quant_utils.get_qmin_qmax_for_qType(
                            kind, symmetric=symmetric)
                        zero, scale = quant_utils.compute_scale_zp(low, high, low_code, high_code,
                                                                   symmetric)
                        schemes = ["asymmetric"] if not symmetric else ["symmetric_full"] \
                            if bits == 4 else ["symmetric", "symmetric_restricted"]
                        for scheme in schemes:
                            cases.line(name, parameter, scheme, bits, scale,
                                       0 if symmetric else zero, text)


if __name__ == "__main__":
    main()

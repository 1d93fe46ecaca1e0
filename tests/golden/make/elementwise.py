#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Makes tests/golden/elementwise.csv, the truth of quantize and dequantize of every code type and
granularity: Python 3.11, numpy 2.4.6, onnx 1.23.2 (its reference evaluator of QuantizeLinear and
DequantizeLinear, operator set 21, blocks included).

    tests/golden/make/elementwise.py > tests/golden/elementwise.csv

One line a case, of two rows.  x is whole numbers of sixteenths, so that it is exact in print;
scales are powers of two in every third place, where many x then are ties.
"""
import re

import numpy as np
from onnx import TensorProto, helper
from onnx.reference import ReferenceEvaluator

RNG = np.random.default_rng(51)
TYPES = {"u8": TensorProto.UINT8, "s8": TensorProto.INT8, "u4": TensorProto.UINT4,
         "s4": TensorProto.INT4, "s16": TensorProto.INT16}
RANGE = {"u8": (0, 255), "s8": (-128, 127), "u4": (0, 15), "s4": (-8, 7), "s16": (-32768, 32767)}
# name: columns, shape of the scales, attributes
PER = {"tensor": (9, (), {}), "row": (9, (2,), {"axis": 0}), "column": (37, (37,), {"axis": 1}),
       "g32": (37, (2, 2), {"axis": 1, "block_size": 32}),
       "g64": (67, (2, 2), {"axis": 1, "block_size": 64}),
       "g128": (131, (2, 2), {"axis": 1, "block_size": 128})}


def onnx_both(kind, x, scale, zero, attributes):
    float_type = TensorProto.FLOAT
    nodes = [helper.make_node("QuantizeLinear", ["x", "s", "z"], ["y"], **attributes),
             helper.make_node("DequantizeLinear", ["y", "s", "z"], ["v"], **attributes)]
    graph = helper.make_graph(
        nodes, "both",
        [helper.make_tensor_value_info("x", float_type, x.shape),
         helper.make_tensor_value_info("s", float_type, scale.shape),
         helper.make_tensor_value_info("z", TYPES[kind], zero.shape)],
        [helper.make_tensor_value_info("y", TYPES[kind], x.shape),
         helper.make_tensor_value_info("v", float_type, x.shape)])
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 21)])
    inputs = {"x": x, "s": scale, "z": zero.astype(helper.tensor_dtype_to_np_dtype(TYPES[kind]))}
    return ReferenceEvaluator(model).run(None, inputs)


def words(values, how):
    return " ".join(how(v) for v in np.asarray(values).reshape(-1))


def short(x):
    return re.sub(r"\.?0*p", "p", float(x).hex())


def main():
    print("types,per,rows,columns,scales,zeros,sixteenths,codes,values")
    for kind, (least, most) in RANGE.items():
        for per, (columns, shape, attributes) in PER.items():
            steps = most - least + 1
            scale = np.exp(RNG.normal(0, 0.5, shape)).astype(np.float32) / np.float32(steps / 16)
            flat = np.atleast_1d(scale).reshape(-1).copy()
            flat[::3] = np.exp2(np.round(np.log2(flat[::3])))
            scale = flat.reshape(shape).astype(np.float32)
            zero = RNG.integers(least, most + 1, shape)
            x = (RNG.integers(-200, 201, (2, columns)) / 16).astype(np.float32)
            y, v = onnx_both(kind, x, scale, np.asarray(zero), attributes)
            print(",".join([kind, per, "2", str(columns), words(scale, short),
                            words(zero, str), words(x * 16, lambda f: str(int(f))),
                            words(y.astype(int), str), words(v, lambda f: "%.9g" % f)]))


main()

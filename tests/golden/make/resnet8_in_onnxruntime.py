#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""How long ONNX Runtime takes for the 24 recipes of configs/examples/resnet8-24.json: static
quantization and evaluation of ResNet-8 on 2,000 CIFAR images, calibrated on 256 others.

    tests/golden/make/resnet8_in_onnxruntime.py MODEL.onnx TRAIN_X.npy TEST_X.npy TEST_Y.npy [THREADS]

Images are uint8 [n][32][32][3].  Prints a line a recipe: accuracy, seconds to quantize, seconds to
evaluate.  Run with onnxruntime 1.31.1, onnx 1.23.2 and numpy 2.4.6, by hand.
"""
import itertools
import logging
import os
import sys
import tempfile
import time

import numpy
import onnx
import onnxruntime
from onnxruntime.quantization import (CalibrationDataReader, CalibrationMethod, QuantFormat,
                                      QuantType, quantize_static)
from onnxruntime.quantization.shape_inference import quant_pre_process

BATCH = 64     # ONNX Runtime wants calibration batches of one size: 256 is four of these
METHODS = {"minmax": CalibrationMethod.MinMax, "percentile": CalibrationMethod.Percentile,
           "entropy": CalibrationMethod.Entropy}


class Reader(CalibrationDataReader):
    def __init__(self, name, images):
        self.batches = iter([{name: images[i:i + BATCH].astype(numpy.float32)}
                             for i in range(0, len(images), BATCH)])

    def get_next(self):
        return next(self.batches, None)


def session(path, threads):
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    return onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])


def accuracy(path, x, y, threads):
    run = session(path, threads)
    name = run.get_inputs()[0].name
    right = 0
    for i in range(0, len(x), BATCH):
        out = run.run(None, {name: x[i:i + BATCH].astype(numpy.float32)})[0]
        right += int((out.argmax(axis=1) == y[i:i + BATCH]).sum())
    return right / len(x)


def main():
    model, train, test, labels = sys.argv[1:5]
    threads = int(sys.argv[5]) if len(sys.argv) > 5 else 2
    logging.disable(logging.WARNING)
    train_x, test_x = numpy.load(train)[:256], numpy.load(test)
    test_y = numpy.load(labels).reshape(-1)
    graph = onnx.load(model).graph
    weighted = [n.name for n in graph.node if n.op_type in ("Conv", "Gemm")]
    print(f"float: {accuracy(model, test_x, test_y, threads):.4f}, {threads} threads, "
          f"onnxruntime {onnxruntime.__version__}")
    total = 0.0
    with tempfile.TemporaryDirectory() as folder:
        ready, out = os.path.join(folder, "ready.onnx"), os.path.join(folder, "out.onnx")
        began = time.perf_counter()
        quant_pre_process(model, ready)
        print(f"pre-process: {time.perf_counter() - began:.2f} s")
        for method, channel, symmetric, spared in itertools.product(
                METHODS, (True, False), (False, True), (False, True)):
            began = time.perf_counter()
            quantize_static(
                ready, out, Reader(graph.input[0].name, train_x), quant_format=QuantFormat.QDQ,
                per_channel=channel, weight_type=QuantType.QInt8,
                activation_type=QuantType.QInt8 if symmetric else QuantType.QUInt8,
                calibrate_method=METHODS[method],
                nodes_to_exclude=[weighted[0], weighted[-1]] if spared else [],
                extra_options={"ActivationSymmetric": symmetric, "WeightSymmetric": True,
                               "CalibPercentile": 99.99})
            middle = time.perf_counter()
            share = accuracy(out, test_x, test_y, threads)
            end = time.perf_counter()
            total += end - began
            print(f"{method:10} {'channel' if channel else 'tensor':7} "
                  f"{'symmetric' if symmetric else 'asymmetric':10} "
                  f"{'skip_first_last' if spared else 'all':15} {share:.4f} "
                  f"{middle - began:7.2f} s {end - middle:6.2f} s", flush=True)
    print(f"24 recipes: {total:.1f} s, {total / 24:.2f} s each")


if __name__ == "__main__":
    main()

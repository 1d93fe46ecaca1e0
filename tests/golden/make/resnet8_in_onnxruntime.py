#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""What ONNX Runtime takes to quantize ResNet-8 statically and to judge it, recipe by recipe.

    resnet8_in_onnxruntime.py DATA [THREADS]

DATA holds onnx/resnet8_fp32.onnx and data/cifar10_*.npy.  Of the 24 recipes {8, 6, 4 bits} x {channel,
tensor} x {minmax, mse} x activations {minmax, percentile 99.99} those are tried that quantize_static
has: 8 bits with scales by minmax.  Each is quantized with 256 images, saved, opened and run on the
2,000 test images in batches of 50, the best of three times; the float model is run alike.  THREADS
(default 2) are those of a session.  Printed: seconds to quantize and to evaluate, right answers.

Beside it: quantsweep run of the same recipes with --jobs THREADS, seconds over recipes.
Written for onnxruntime 1.31.1, onnx 1.13 and numpy 1.24; run by hand.
"""
import os
import sys
import tempfile
import time

import numpy as np
import onnxruntime as ort
from onnxruntime.quantization import (CalibrationDataReader, CalibrationMethod, QuantFormat, QuantType,
                                      quantize_static)

CALIBRATION, BATCH, TIMES = 256, 50, 3


class Images(CalibrationDataReader):
    def __init__(self, name, images):
        self.feeds = iter([{name: images[i:i + 32]} for i in range(0, len(images), 32)])

    def get_next(self):
        return next(self.feeds, None)


def open_session(path, threads):
    options = ort.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    return ort.InferenceSession(path, options, providers=["CPUExecutionProvider"])


def evaluate(path, threads, images, labels):
    """Seconds of the best time, the session's start included, and the right answers."""
    best = float("inf")
    for _ in range(TIMES):
        start = time.perf_counter()
        session = open_session(path, threads)
        name = session.get_inputs()[0].name
        right = 0
        for i in range(0, len(images), BATCH):
            output = session.run(None, {name: images[i:i + BATCH]})[0]
            right += int((output.argmax(1) == labels[i:i + BATCH]).sum())
        best = min(best, time.perf_counter() - start)
    return best, right


def main():
    data = sys.argv[1]
    threads = int(sys.argv[2]) if len(sys.argv) > 2 else 2
    model = os.path.join(data, "onnx/resnet8_fp32.onnx")
    images = np.load(os.path.join(data, "data/cifar10_test2000_jpeg_x.npy")).astype(np.float32)
    labels = np.load(os.path.join(data, "data/cifar10_test2000_y.npy")).reshape(-1)
    training = np.load(os.path.join(data, "data/cifar10_train500_jpeg_x.npy")).astype(np.float32)
    name = open_session(model, threads).get_inputs()[0].name
    seconds, right = evaluate(model, threads, images, labels)
    print(f"onnxruntime {ort.__version__}, {threads} threads, {len(images)} images")
    print(f"float                          evaluate {seconds:.2f} s, {right} right")
    total = 0.0
    recipes = 0
    with tempfile.TemporaryDirectory() as folder:
        for per_channel in (True, False):
            for method, extra in ((CalibrationMethod.MinMax, {}),
                                  (CalibrationMethod.Percentile, {"CalibPercentile": 99.99})):
                path = os.path.join(folder, "quantized.onnx")
                start = time.perf_counter()
                quantize_static(model, path, Images(name, training[:CALIBRATION]),
                                quant_format=QuantFormat.QOperator, per_channel=per_channel,
                                activation_type=QuantType.QUInt8, weight_type=QuantType.QInt8,
                                calibrate_method=method, extra_options=extra)
                quantizing = time.perf_counter() - start
                seconds, right = evaluate(path, threads, images, labels)
                total += quantizing + seconds
                recipes += 1
                what = f"{'channel' if per_channel else 'tensor '} {method.name}"
                print(f"{what:30s} quantize {quantizing:.2f} s, evaluate {seconds:.2f} s, "
                      f"{right} right")
    print(f"{recipes} recipes, {total / recipes:.2f} s each")


if __name__ == "__main__":
    main()

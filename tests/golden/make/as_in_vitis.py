#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The truth behind tests/golden/as_in_vitis.csv: power-of-two scales of vai_q_onnx worked from what
its quant_utils.py (Xilinx/Vitis-AI at 228e5ca8) and calibrate.py (at ac71c039) compute, a float32
beside a Python number taken as double, as numpy 1 does.
Python 3.11.7, numpy 2.4.6.

    tests/golden/make/as_in_vitis.py > tests/golden/as_in_vitis.csv
"""
import math

import numpy as np

import as_in_cases as cases

TINY = float(np.finfo(np.float32).tiny)


def overflow_position(low, high, bits):
    scale = max(float(low) / (-(2 ** (bits - 1)) - 0.5), float(high) / (2 ** (bits - 1) - 0.5))
    if scale == 0:
        return 127
    return min(max(int(np.floor(np.log2(1 / scale))), -128), 127)


def nearest(low, high, codes, symmetric):
    """compute_scale_zp_pof2s: zero point and scale"""
    low, high = min(low, np.float32(0)), max(high, np.float32(0))
    if symmetric:
        high = max(abs(low), abs(high))
        low = -high
    scale = float(np.float32(high - low)) / float(codes[1] - codes[0])
    position = 127 if scale == 0 else int(np.rint(-np.log2(scale)))
    scale = 2.0**-position
    if scale < TINY:
        return 0, 1.0
    return (0 if symmetric else round(codes[0] - float(low) / scale)), scale


def least_error(x, codes, symmetric):
    zero, scale = nearest(x.min(), x.max(), codes, symmetric)
    position = int(np.rint(-np.log2(scale)))
    best, least = scale, math.inf
    for i in range(5):
        tried = np.float32(2.0 ** -(position + i))
        code = np.clip(np.round(x / tried) + np.float32(zero), np.float32(codes[0]),
                       np.float32(codes[1]))
        back = (code - np.float32(zero)) * tried
        error = np.sum((back - x) ** 2)
        if error < least:
            least, best = error, tried
    return zero, best


def main():
    cases.header()
    for text in cases.BATCHES:
        batches = list(cases.batches(text))
        low, high = min(x.min() for x in batches), max(x.max() for x in batches)
        for bits in (3, 4, 8):
            half = 2 ** (bits - 1)
            signed, unsigned = (1 - half, half - 1), (0, 2 * half - 1)
            scale = 2.0 ** -overflow_position(low, high, bits)
            for scheme in ("symmetric", "symmetric_restricted"):
                cases.line("nonoverflow_as_in_vitis", 0, scheme, bits, scale, 0, text)
                zero, found = least_error(batches[0], signed, True)
                cases.line("least_error_as_in_vitis", 0, scheme, bits, found, zero, text)
            zero, scale = nearest(low, high, unsigned, False)
            cases.line("nonoverflow_as_in_vitis", 0, "asymmetric", bits, scale,
                       min(zero, unsigned[1]), text)
            zero, scale = nearest(batches[0].min(), batches[0].max(), unsigned, False)
            if zero <= unsigned[1]:  # the project's wraps beyond
                zero, scale = least_error(batches[0], unsigned, False)
                cases.line("least_error_as_in_vitis", 0, "asymmetric", bits, scale, zero, text)


if __name__ == "__main__":
    main()

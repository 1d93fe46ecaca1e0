#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Truth for gemms with a scale for each group of weights (kernels/kernel.h, the block above qs_task),
apart from the C code: written with numpy 2.4.6, Python 3.11.7.

    python3 tests/golden/make/gemm_groups.py > tests/golden/gemm_groups.csv

The sum of a group is numpy's, in int64; a fused multiply-add is worked in exact fractions and rounded
once to float32, ties to even.  Codes below 8 bits are packed as a string of bits, the least first, by
one big whole number a row.  Lists are parted by spaces, w is its packed bytes; floats are hexadecimal.
An empty list: none was given.
"""
import random
from fractions import Fraction

import numpy as np

BITS = {"u8": 8, "s8": 8, "s4": 4, "s3": 3, "s2": 2}


def rounded(x):
    """A fraction as float32, ties to even; neither overflow nor denormals occur here."""
    if x == 0:
        return np.float32(0)
    magnitude = abs(x)
    exponent = magnitude.numerator.bit_length() - magnitude.denominator.bit_length()
    if Fraction(2) ** exponent > magnitude:
        exponent -= 1
    quantum = Fraction(2) ** (exponent - 23)
    return np.float32(float(round(x / quantum) * quantum))     # Python's round() is to even


def fma(a, b, c):
    return rounded(Fraction(float(a)) * Fraction(float(b)) + Fraction(float(c)))


def bounds(t):
    return (0, 255) if t == "u8" else (-(2 ** (BITS[t] - 1)), 2 ** (BITS[t] - 1) - 1)


def packed(row, bits, stride):
    string = sum((int(code) & (1 << bits) - 1) << (i * bits) for i, code in enumerate(row))
    return string.to_bytes(stride * bits // 8, "little")


def words(values):
    return " ".join(float(v).hex() if isinstance(v, np.float32) else str(int(v)) for v in values)


def case(rng, a_type, w_type, group, m, n, k, extreme):
    def codes(t, rows):
        low, high = bounds(t)
        draw = (lambda: rng.choice((low, high))) if extreme else (lambda: rng.randint(low, high))
        return np.array([[draw() for _ in range(k)] for _ in range(rows)], np.int64)

    length = group or k
    groups = -(-k // length)
    a, w = codes(a_type, m), codes(w_type, n)
    zero_a = [rng.randint(*bounds(a_type)) for _ in range(rng.choice((1, m)))]
    zero_w = [rng.randint(*bounds(w_type)) for _ in range(n * groups)]
    if rng.random() < 0.3:
        zero_a = [0] * len(zero_a)
    if rng.random() < 0.4:
        zero_w = [0] * len(zero_w)
    scale_a = [np.float32(rng.uniform(0.001, 1)) for _ in zero_a]
    scale_w = [np.float32(rng.uniform(0.001, 1)) for _ in zero_w]
    bias = [np.float32(rng.gauss(0, 100)) for _ in range(n)] if rng.random() < 0.6 else []
    y = []
    for i in range(m):
        row = i if len(zero_a) > 1 else 0
        for j in range(n):
            acc = np.float32(0)
            for g in range(groups):
                part = slice(g * length, (g + 1) * length)
                at = j * groups + g
                total = int(np.dot(a[i, part] - zero_a[row], w[j, part] - zero_w[at]))
                acc = fma(rounded(Fraction(total)), scale_w[at], acc)
            y.append(fma(acc, scale_a[row], bias[j] if bias else np.float32(0)))
    bits = BITS[w_type]
    stride = -(-k // 8) * 8
    raw = b"".join(packed(row, bits, stride) for row in w)
    types = f"{a_type}{w_type}f32_" + (f"g{group}" if group else "channel")
    print(types, m, n, k, len(zero_a), words(zero_a), words(scale_a), words(zero_w), words(scale_w),
          words(bias), words(a.ravel()), words(raw), words(y), sep=",")


def main():
    rng = random.Random(20)
    print("types,m,n,k,scales_a,zero_a,scale_a,zero_w,scale_w,bias,a,w,y")
    for a_type in ("u8", "s8"):
        for w_type in ("s8", "s4", "s3", "s2"):
            case(rng, a_type, w_type, 32, 2, 3, 37, False)
            case(rng, a_type, w_type, 0, 3, 2, 19, False)
            case(rng, a_type, w_type, 64, 1, 2, 67, True)
            case(rng, a_type, w_type, 128, 2, 1, 131, False)
    # sums beyond 2^24 are rounded when they become floats
    case(rng, "u8", "s8", 0, 1, 3, 901, True)
    case(rng, "s8", "s8", 0, 1, 3, 1301, True)


main()

#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Truth for the gemms of 8-bit codes: Python 3.11.7, numpy 2.4.6; sums in numpy's int64, codes in
exact fractions (the mode float: numpy's float32 product, rounded exactly).

    python3 tests/golden/make/gemm_int8.py > tests/golden/gemm_int8.csv

a has m rows of k, w n rows of k; one zero point of a or m (sums alone), of w one or as many as
scales; bias n or none; y is m x n.  `map` of a requantized y: scale of a, scale of y, zero point of
y, low, high, mode and rounding as enum qs_requantize and enum qs_round number them; scales of w one
or n.
"""
import math
import sys
from fractions import Fraction as F

import numpy as np

RNG = np.random.default_rng(8)
RANGE = {"u8": (0, 255), "s8": (-128, 127)}
MODES = ["float", "q31_double", "q31_single", "q31_ties_up", "rndnu", "shift"]
EVEN, AWAY = 0, 1


def half_up(x):
    return math.floor(x + F(1, 2))


def half_away(x):
    return half_up(x) if x >= 0 else -half_up(-x)


def value(total, scale, mode, rounding):
    """round(total * scale) by kernels/requantize.h's words"""
    nearest = half_away if rounding == AWAY else round
    if mode == "float":
        return nearest(F(float(np.float32(total) * np.float32(scale))))
    if mode == "shift":
        assert math.frexp(scale)[0] == 0.5
        return nearest(F(scale) * total)
    if mode == "rndnu":
        return half_up(F(float(np.float32(scale))) * total)
    fraction, left = math.frexp(scale)
    multiplier = half_away(F(fraction) * 2**31)
    if mode == "q31_single":
        return half_up(F(total * multiplier) * F(2)**(left - 31))
    high = half_up(F((total << max(left, 0)) * multiplier, 2**31))
    return (half_up if mode == "q31_ties_up" else half_away)(F(high, 2**max(-left, 0)))


def words(values):
    return " ".join(str(int(v)) for v in np.ravel(values))


def sums(a, w, zero_a, zero_w, bias):
    a, w = np.asarray(a, np.int64), np.asarray(w, np.int64)
    left, right = a - np.reshape(zero_a, (-1, 1)), w - np.reshape(zero_w, (-1, 1))
    total = left @ right.T + (0 if bias is None else np.asarray(bias, np.int64))
    assert np.abs(total).max() < 2**31
    return total


def line(source, types, a, w, zero_a, zero_w, bias, truth, scales_w="", mapping=""):
    assert "," not in source
    print(",".join([source, types, f"{len(a)} {len(w)} {len(a[0])}", words(zero_a), words(zero_w),
                    "" if bias is None else words(bias), scales_w, mapping, words(a), words(w),
                    words(truth)]))


def raw(source, kind, a, w, zero_a, zero_w, bias, y=None):
    truth = sums(a, w, zero_a, zero_w, bias)
    assert y is None or np.array_equal(truth, y), (source, truth)
    line(source, kind + "s8s32", a, w, zero_a, zero_w, bias, truth)


def codes(source, kinds, a, w, zeros, bias, scales, clip, mode, rounding=EVEN, y=None):
    kind_a, kind_y = kinds
    scale_a, scale_w, scale_y = (np.atleast_1d(np.float32(s)) for s in scales)
    zero_a, zero_w, zero_y = zeros
    low, high = clip or RANGE[kind_y]
    total = sums(a, w, zero_a, zero_w, bias)
    truth = np.empty_like(total)
    for (i, j), one in np.ndenumerate(total):
        unit = float(scale_a[0]) * float(scale_w[j % len(scale_w)]) / float(scale_y[0])
        code = value(int(one), unit, mode, rounding) + zero_y
        truth[i, j] = min(max(code, low), high)
    assert y is None or np.array_equal(truth, y), (source, truth)
    if y is None:
        inside = ((truth > low) & (truth < high)).mean()
        print(f"{source}: {inside:.2f} inside the clip", file=sys.stderr)
    types = f"{kind_a}s8{kind_y}" + ("_channel" if len(scale_w) > 1 else "")
    mapping = [float(scale_a[0]).hex(), float(scale_y[0]).hex(), zero_y, low, high,
               MODES.index(mode), rounding]
    line(source, types, a, w, zero_a, zero_w, bias, truth,
         " ".join(float(s).hex() for s in scale_w), " ".join(map(str, mapping)))


def drawn(kind, rows, k):
    least, most = RANGE[kind]
    return RNG.integers(least, most + 1, (rows, k))


print("source,types,sizes,zero_a,zero_w,bias,scales_w,map,a,w,y")
raw("by hand: 1*4 + -2*-5 + 3*6", "s8", [[1, -2, 3]], [[4, -5, 6]], 0, 0, None, [[32]])
raw("by hand: (10+3)(4-1) + (-128+3)(-128-1) + 5", "s8", [[10, -128]], [[4, -128]], -3, 1, [5],
    [[39 + 125 * 129 + 5]])
raw("by hand: two rows with zero points -128 and 127", "s8", [[127, 127], [-128, -128]],
    [[127, 127], [-128, -128]], [-128, 127], [-128, 127], [-1, 1],
    [[2 * 255 * 255 - 1, 2 * 255 * -255 + 1], [2 * -255 * 255 - 1, 2 * 255 * 255 + 1]])
raw("by hand: quads of -128 * -128 and of -128 * 127", "s8", [[-128] * 5] * 2,
    [[-128] * 5, [127] * 5], 0, 0, None, [[5 * 16384, -5 * 16256]] * 2)
raw("numpy: zero points of the tensors", "s8", drawn("s8", 7, 19), drawn("s8", 9, 19), -128, -7,
    RNG.integers(-10**6, 10**6, 9))
raw("numpy: zero points of the rows", "s8", drawn("s8", 8, 33), drawn("s8", 17, 33),
    RNG.integers(-128, 128, 8), RNG.integers(-128, 128, 17), RNG.integers(-10**6, 10**6, 17))
raw("numpy: zero points of the rows", "u8", drawn("u8", 13, 70), drawn("s8", 67, 70),
    RNG.integers(0, 256, 13), RNG.integers(-128, 128, 67), None)
raw("numpy: none", "s8", drawn("s8", 2, 130), drawn("s8", 3, 130), 0, 0, None)

# 25 * 0.5 = 12.5 and 35 * 0.5 = 17.5: to even 12 and 18, away from 0 13 and 18; -12.5 likewise
for mode, rounding, expected in (("float", EVEN, [12, 18, -12, -18]),
                                 ("float", AWAY, [13, 18, -13, -18]),
                                 ("q31_double", EVEN, [13, 18, -12, -17]),
                                 ("q31_single", EVEN, [13, 18, -12, -17]),
                                 ("q31_ties_up", EVEN, [13, 18, -12, -17]),
                                 ("rndnu", EVEN, [13, 18, -12, -17]),
                                 ("shift", EVEN, [12, 18, -12, -18]),
                                 ("shift", AWAY, [13, 18, -13, -18])):
    codes(f"by hand: ties by {mode}", ("s8", "s8"), [[5], [7], [-5], [-7]], [[5]], (0, 0, 1), None,
          (1, 1, 2), None, mode, rounding, [[e + 1] for e in expected])
# 3/8 of a step: 3/2 becomes 2, and 2/4 becomes 1
codes("by hand: q31_double rounds twice", ("u8", "u8"), [[3]], [[1]],
      (0, 0, 0), None, (0.25, 0.5, 1), None, "q31_double", EVEN, [[1]])
codes("by hand: clipped to 3..200; the bias comes before the rounding", ("u8", "u8"),
      [[255], [0], [100]], [[2]], (0, 0, 10), [-10], (1, 0.5, 1), (3, 200), "float", EVEN, [[200], [5], [105]])
codes("by hand: two channels", ("u8", "s8"), [[10, 20]], [[1, 2], [1, 3]], (10, [0, 1], -1), None,
      (0.5, [1, 4], 2), None, "float", EVEN, [[4, 19]])
for mode in MODES:
    for rounding in (EVEN, AWAY) if mode in ("float", "shift") else (EVEN,):
        for kinds in ("u8", "u8"), ("s8", "s8"), ("u8", "s8"), ("s8", "u8"):
            m, n, k = 5, 19, 22
            channel = mode != "shift" and kinds[0] == kinds[1]
            unit = 2.0**-11 if mode == "shift" else RNG.uniform(0.5, 1) * 2**-10
            spread = RNG.uniform(0.3, 2, n) if channel else 1
            zeros = (int(RNG.integers(*RANGE[kinds[0]])),
                     RNG.integers(-9, 9, n) if channel else -5, int(RNG.integers(*RANGE[kinds[1]])))
            codes(f"fractions: {mode} {rounding}", kinds, drawn(kinds[0], m, k), drawn("s8", n, k),
                  zeros, RNG.integers(-10**4, 10**4, n), (1, unit * spread, 0.25), None, mode,
                  rounding)

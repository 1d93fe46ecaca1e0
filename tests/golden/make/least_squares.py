#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Truth for the rules that make squared errors small, by brute force and apart from the C code.

    python3 tests/golden/make/least_squares.py tests/golden/least_squares.csv

Made with Python 3.11.7 and numpy 2.4.6.  mse and sqnr: the least cost over a dense row of scales
and every zero point, value by value in float32; the powers of two by their formulas, worked in
fractions.
"""
import fractions
import math
import sys

import numpy as np

F32 = np.float32
WEIGHT = 3  # of sqnr: AIMET's gamma of tf_enhanced
CODES = {"symmetric": lambda h: (-h, h - 1), "symmetric_restricted": lambda h: (1 - h, h - 1),
         "symmetric_full": lambda h: (-h, h - 1), "symmetric_unsigned": lambda h: (0, 2 * h - 1),
         "asymmetric": lambda h: (0, 2 * h - 1)}


def cost(x, scale, low, high, weight):
    """Squared errors on codes low .. high, those of saturated values weighted."""
    quotient = (x / scale).astype(F32).astype(np.float64)
    codes = np.clip(np.rint(quotient), low, high)
    errors = ((codes.astype(F32) * scale).astype(np.float64) - x.astype(np.float64)) ** 2
    saturated = (quotient < low - 0.5) | (quotient > high + 0.5)
    return math.fsum(np.where(saturated, weight * errors, errors))


def windows(scheme, bits):
    low, high = CODES[scheme](2 ** (bits - 1))
    return [(low - z, high - z) for z in (range(high + 1) if scheme == "asymmetric" else (0,))]


def least(x, scheme, rule, bits, weight):
    """Over 500 scales up to 1.02 of min-max and all windows; of powers of two over all."""
    low, high = CODES[scheme](2 ** (bits - 1))
    bound = max(-float(x.min()), float(x.max()))
    top = (max(float(x.max()), 0.0) - min(float(x.min()), 0.0)) / high if scheme == "asymmetric" \
        else bound / (high if scheme != "symmetric_full" else high + 0.5)
    scales = [1.02 * top * k / 500 for k in range(25, 501)]
    if rule == "power_of_two":
        least_power = math.floor(math.log2(top)) - 6
        scales = [2.0**k for k in range(least_power, least_power + 12)]
    return min(cost(x, F32(s), *w, weight) for s in scales for w in windows(scheme, bits))


def nonoverflow(x, scheme, bits):
    """(scale, zero point): the least power of two, no value half a step beyond the last code."""
    low, high = (fractions.Fraction(v) for v in (min(float(x.min()), 0.0), max(float(x.max()), 0.0)))
    half = fractions.Fraction(1, 2)
    for k in range(-149, 128):
        scale = fractions.Fraction(2) ** k
        fits = [z for z, w in enumerate(windows(scheme, bits))
                if low >= (w[0] - half) * scale and high <= (w[1] + half) * scale]
        if fits:
            return scale, min(fits, key=lambda z: abs(z - round(-low / scale)))
    raise ValueError("no power of two")


def wave(n, seed, shape):
    """The scrambled counter of quantize.py."""
    i = np.arange(n, dtype=np.uint64)
    word = (i * 2654435761 + seed * 40503) % 2**32
    word ^= word >> 15
    word = word * 2246822519 % 2**32
    word ^= word >> 13
    t = word.astype(np.float64) / 2**32 - 0.5
    curve = {"cubic": 8 * t * t * t, "heavy": t / (0.52 - np.abs(t)), "flat": t, "shifted": t + 0.25,
             "positive": 4 * t * t, "negative": -4 * t * t,
             "loud": np.where(i % np.uint64(97) == 0, 16, 1) * t}[shape]
    return curve.astype(F32)


def main():
    with open(sys.argv[1], "w", encoding="ascii") as out:
        print("calibration,scheme,scale,bits,cost,low,high,data", file=out)
        for k, shape in enumerate(("cubic", "heavy", "flat", "shifted", "positive", "negative",
                                   "loud")):
            x = wave(400, k + 20, shape)
            for scheme in CODES:
                if scheme == "symmetric_unsigned" and x.min() < 0:
                    continue
                name = f"wave 400 {k + 20} {shape}"
                for bits in (2, 3, 4, 6) + (() if scheme == "asymmetric" else (8,)):
                    for rule in ("real", "power_of_two"):
                        for calibration, weight in (("mse", 1), ("sqnr", WEIGHT)):
                            print(calibration, scheme, rule, bits,
                                  repr(least(x, scheme, rule, bits, weight)), 0, 0, name, sep=",",
                                  file=out)
                    scale, zero = nonoverflow(x, scheme, bits)
                    low, high = windows(scheme, bits)[zero]
                    steps = (low, high) if scheme == "asymmetric" else \
                        (0 if low == 0 else -1, 1)
                    if scheme != "asymmetric":
                        step = high + 0.5 if scheme == "symmetric_full" else high
                        steps = (steps[0] * step, step)
                    print("power_of_two_nonoverflow", scheme, "real", bits, 0,
                          repr(float(scale) * steps[0] + 0.0), repr(float(scale) * steps[1]), name,
                          sep=",", file=out)
                    five = [cost(x, F32(float(scale) / 2**i), *w, 1)
                            for i in range(5) for w in windows(scheme, bits)]
                    print("power_of_two_least_error", scheme, "real", bits, repr(min(five)), 0, 0,
                          name, sep=",", file=out)


main()

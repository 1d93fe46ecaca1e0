#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Truth for the percentiles, the bias and the KL divergence of errors, apart from the C code.

    python3 tests/golden/make/error_shape.py tests/golden

writes error_shape.csv.  Made with Python 3.11.7, numpy 2.4.6 and mpmath 1.3.0.
Floats are cut to 8 significant bits by frexp, not by their bits; ranks come from sorted lists, not
from counters; the divergence is summed in 50 digits.  exact_p95 and exact_p999 are the percentiles
of the errors themselves, nearest rank.
"""
import bisect
import math
import sys

import mpmath
import numpy as np

from quantize import text, wave

F32 = np.float32
mpmath.mp.dps = 50


def symmetric(x, bits, rounding):
    """(steps, values) under a symmetric min-max range."""
    bound = float(np.abs(x).max())
    half = 2 ** (bits - 1)
    step = F32(bound / (half - 1)) if bound else F32(1)
    quotient = (x / step).astype(F32)
    whole = np.trunc(quotient)
    away = whole + np.where(np.abs(quotient - whole) >= 0.5, np.copysign(1, quotient), 0)
    codes = np.rint(quotient) if rounding == "half_even" else away
    return float(step), (np.clip(codes, -half, half - 1).astype(F32) * step).astype(F32)


def cut(value):
    """Towards 0 to 8 significant bits, of denormals to 2^-133; and the width of that bin."""
    fraction, exponent = math.frexp(abs(value))
    width = 2.0 ** (max(exponent, -125) - 8)
    return math.copysign(math.floor(abs(value) / width) * width, value) + 0.0, width


def percentile(x, back, part, whole):
    """Sizes are of float32's difference, the largest of the exact one."""
    sizes = sorted(float(size) for size in np.abs(back - x))
    largest = float(np.abs(back.astype(np.float64) - x.astype(np.float64)).max())
    n = len(sizes)
    rank = -(-n * part // whole)
    if rank == n:
        return largest
    low, width = cut(sizes[rank - 1])
    if low == 0:
        return 0.0
    below = sum(cut(s)[0] < low for s in sizes)
    here = sum(cut(s)[0] == low for s in sizes)
    return min(low + width * ((rank - below - 0.5) / here), largest)


def divergence(x, back):
    n = len(x)
    ascending = sorted(cut(float(v))[0] for v in x)
    present = set(ascending)

    def part(value):
        low = cut(float(value))[0]
        before = bisect.bisect_left(ascending, low)
        if low not in present:
            low = ascending[min(before, n - 1)]
            before = bisect.bisect_left(ascending, low)
        here = bisect.bisect_right(ascending, low) - before
        return 32 * (2 * before + here) // (2 * n)

    p, q = [0] * 32, [0] * 32
    for v in x:
        p[part(v)] += 1
    for v in back:
        q[part(v)] += 1
    total = mpmath.mpf(0)
    for a, b in zip(p, q):
        if a:
            share = mpmath.mpf(a) / n
            mixed = mpmath.mpf(99) / 100 * b / n + share / 100
            total += share * mpmath.log(share / mixed)
    return float(total)


def line(out, x, rows, bits, rounding, data):
    x = x.reshape(rows, -1)
    parts = [symmetric(row, bits, rounding) for row in x]
    errors = [back.astype(np.float64) - row for row, (_, back) in zip(x, parts)]
    bias = math.fsum(float(v) / step for e, (step, _) in zip(errors, parts) for v in e) / x.size
    back = np.concatenate([b for _, b in parts])
    n, x = x.size, x.ravel()
    sizes = sorted(float(size) for size in np.abs(back - x))
    print(bits, rows, rounding, repr(percentile(x, back, 95, 100)),
          repr(percentile(x, back, 999, 1000)), repr(sizes[-(-n * 95 // 100) - 1]),
          repr(sizes[-(-n * 999 // 1000) - 1]), repr(bias), repr(divergence(x, back)), data,
          sep=",", file=out)


def main(folder):
    waves = [("cubic", 4000, 1, 4, "half_even"), ("cubic", 4000, 40, 4, "half_even"),
             ("cubic", 4000, 1, 8, "half_even"), ("spike", 5000, 1, 3, "half_away"),
             ("spike", 5000, 125, 8, "half_away"), ("loud", 3000, 1, 8, "half_even"),
             ("loud", 3000, 30, 2, "half_even"), ("positive", 2048, 1, 6, "half_even"),
             ("shifted", 999, 1, 5, "half_even"), ("flat", 8192, 1, 16, "half_even"),
             ("huge", 600, 1, 2, "half_even")]
    lists = [([1, 2, 3, 4, 5, -6, 7.5], 1, 3), ([0, 0, 0, 0], 2, 4), ([2, 2, 2, 2, 2, 2], 1, 8),
             ([1e-42, 3e-42, -1e-41, 2e-39, 1e-38, 0], 1, 4), ([0, -0.0, 1e-30, -1e-30, 1], 1, 8)]
    with open(folder + "/error_shape.csv", "w") as out:
        print("bits,rows,rounding,p95,p999,exact_p95,exact_p999,bias,kl,data", file=out)
        for seed, (shape, n, rows, bits, rounding) in enumerate(waves, 60):
            line(out, wave(n, seed, shape), rows, bits, rounding, f"wave {n} {seed} {shape}")
        for values, rows, bits in lists:
            x = np.array(values, dtype=F32)
            line(out, x, rows, bits, "half_even", "list " + text(x))


if __name__ == "__main__":
    main(sys.argv[1])

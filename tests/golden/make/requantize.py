#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Truth for kernels/requantize.h, apart from the C code: Python 3.11.7, numpy 2.4.6, and
gemmlowp of Debian 12 (libgemmlowp-dev 0.0~git20211220.e844ffd-1) in requantize_gemmlowp.cc.

    python3 tests/golden/make/requantize.py /tmp/gemmlowp tests/golden

writes requantize.csv, chosen scales and sums one by one, and requantize_random.csv, of 200,000
random ones a digest for each mode and how many of its values are not q31_double's.

q31_double is gemmlowp's two functions; q31_ties_up takes the first from it.  The multiplier,
q31_single, rndnu and shift are exact whole numbers and fractions; float is numpy's float32 product,
rounded to an integer exactly.  Where TensorFlow Lite's left shift would overflow, the shifted sum is
kept whole and the result saturated.  An empty field: the mode cannot express the scale.
"""
import math
import random
import subprocess
import sys
from fractions import Fraction as F

import numpy as np

LEAST, MOST = -(2**31), 2**31 - 1
HALF = F(1, 2)
MODES = ["float", "float_away", "q31_double", "q31_single", "q31_ties_up", "rndnu", "shift",
         "shift_away"]


def saturate(x):
    return max(LEAST, min(MOST, x))


def half_up(x):
    return math.floor(x + HALF)


def half_away(x):
    return half_up(x) if x >= 0 else -half_up(-x)


def multiplier_of(scale):
    """(multiplier, shift to the left) of TensorFlow Lite's QuantizeMultiplier"""
    fraction, exponent = math.frexp(scale)
    multiplier = half_away(F(fraction) * 2**31)
    if multiplier == 2**31:
        multiplier, exponent = 2**30, exponent + 1
    if exponent < -31:
        return 0, 0
    if exponent > 30:
        return MOST, 30
    return multiplier, exponent


def float_product(scale, total):
    with np.errstate(over="ignore", under="ignore"):
        product = np.float32(total) * np.float32(scale)
    return F(float(product)) if np.isfinite(product) else F(2**40 if product > 0 else -(2**40))


def gemmlowp(program, cases):
    """(high product, q31_double) of each (scale, sum)"""
    found, lines, places = [None] * len(cases), [], []
    for i, (scale, total) in enumerate(cases):
        multiplier, left = multiplier_of(scale)
        shifted = total << max(left, 0)
        if LEAST <= shifted <= MOST:
            lines.append(f"{shifted} {multiplier} {max(-left, 0)}")
            places.append(i)
        else:
            high = half_up(F(shifted * multiplier, 2**31))
            found[i] = high, saturate(high)
    out = subprocess.run([program], input="\n".join(lines), capture_output=True, text=True,
                         check=True).stdout.splitlines()
    assert len(out) == len(places)
    for i, line in zip(places, out):
        found[i] = tuple(map(int, line.split()))
    return found


def values(scale, total, high, double):
    multiplier, left = multiplier_of(scale)
    stored = F(float(np.float32(scale)))
    product = float_product(scale, total)
    right = max(-left, 0)
    row = {
        "float": saturate(round(product)),
        "float_away": saturate(half_away(product)),
        "q31_double": double,
        "q31_single": saturate(half_up(F(total * multiplier) * F(2)**(left - 31))),
        "q31_ties_up": saturate(half_up(F(high, 2**right))),
    }
    if F(1, 2**32) <= stored < 256:
        row["rndnu"] = saturate(half_up(stored * total))
    if math.frexp(scale)[0] == 0.5:
        row["shift"] = saturate(round(F(scale) * total))
        row["shift_away"] = saturate(half_away(F(scale) * total))
    return row


def chosen():
    rng = random.Random(43)
    scales = [2.0**-k for k in (0, 1, 2, 3, 5, 8, 12, 16, 24, 31, 32, 33, 34, 40, 149)]
    scales += [2.0**k for k in (1, 3, 7, 8, 29, 30, 31, 32, 33, 100)]
    # ties of a multiplier of few bits; multipliers that round up to 2^31; ends of ranges
    scales += [0.75, 0.375, 0.046875, 1.5, 3.0, 1 - 2.0**-33, (1 - 2.0**-33) / 32,
               2.0**-32 * (1 - 2.0**-40), 2.0**-31 * (1 - 2.0**-24), 256 - 2.0**-16, 256 - 2.0**-20,
               2.0**30 * (1 - 2.0**-40), 3.4028234663852886e38, 5e-324, 1e-38, 0.1, 1e-5]
    scales += [math.ldexp(rng.uniform(0.5, 1), -rng.randrange(13)) for _ in range(24)]
    scales += [math.ldexp(rng.uniform(0.5, 1), rng.randint(-34, 10)) for _ in range(8)]
    for scale in scales:
        sums = [0, 1, -1, 2, -2, 3, -3, 4, -4, 6, -6, 20, -20, LEAST, MOST, 2**24 + 1, -(2**24) - 3]
        sums += [rng.randint(-(2**bits), 2**bits) for bits in (9, 13, 17, 20, 30)]
        for total in sums:
            yield scale, total


def draws(seed):
    """splitmix64"""
    mask = 2**64 - 1
    while True:
        seed = (seed + 0x9E3779B97F4A7C15) & mask
        word = seed
        word = ((word ^ (word >> 30)) * 0xBF58476D1CE4E5B9) & mask
        word = ((word ^ (word >> 27)) * 0x94D049BB133111EB) & mask
        yield word ^ (word >> 31)


def drawn(bits, least, most):
    """Sums of so many bits and a sign; scales of 53 random bits in [1/2, 1) * 2^-right, right from
    least to most; powers of two for `shift` have the same right."""
    words = draws(bits)
    for _ in range(200000):
        total = (next(words) >> (63 - bits)) - 2**bits
        right = least + next(words) % (most - least + 1)
        yield math.ldexp(next(words) >> 11 | 2**52, -53 - right), math.ldexp(0.5, -right), total


def main():
    program, folder = sys.argv[1:]
    cases = list(chosen())
    with open(f"{folder}/requantize.csv", "w") as out:
        print("scale,sum", *MODES, sep=",", file=out)
        for (scale, total), truth in zip(cases, gemmlowp(program, cases)):
            row = values(scale, total, *truth)
            print(scale.hex(), total, *(row.get(mode, "") for mode in MODES), sep=",", file=out)
    with open(f"{folder}/requantize_random.csv", "w") as out:
        print("bits,least,most,mode,digest,differ", file=out)
        for bits, least, most in ((20, 1, 12), (31, 0, 31)):
            cases = list(drawn(bits, least, most))
            truth = gemmlowp(program, [(scale, total) for scale, _, total in cases])
            digest, differ = dict.fromkeys(MODES, 0), dict.fromkeys(MODES, 0)
            for (scale, power, total), pair in zip(cases, truth):
                row = values(scale, total, *pair)
                at_power = values(power, total, 0, 0)
                for mode in MODES:
                    value = (at_power if mode.startswith("shift") else row).get(mode, 0)
                    digest[mode] = (digest[mode] * 6364136223846793005 + value) % 2**64
                    differ[mode] += value != row["q31_double"]
            for mode in MODES:
                print(bits, least, most, mode, f"{digest[mode]:016x}",
                      "" if mode.startswith("shift") else differ[mode], sep=",", file=out)


main()

#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The constants of harness/calibrate/aciq.c: the clip, in standard deviations or in mean absolute
deviations, that costs the least expected squared error on a normal or a Laplace density quantized to
2^bits levels (Banner, Nahshan, Soudry, Post training 4-bit quantization of convolutional networks,
NeurIPS 2019, equations 6 and 7: their derivative is 0).  mpmath 1.3.0.

    tests/golden/make/aciq.py
"""
from mpmath import erfc, exp, findroot, lambertw, mp, mpf, pi, sqrt

mp.dps = 40


def laplace(bits):
    """2 a / (3 4^bits) = 2 exp(-a)"""
    return lambertw(3 * mpf(4) ** bits).real


def gauss(bits):
    """a erfc(a / sqrt 2) - sqrt(2 / pi) exp(-a^2 / 2) + a / (3 4^bits) = 0"""
    return findroot(lambda a: a * erfc(a / sqrt(2)) - sqrt(2 / pi) * exp(-a * a / 2)
                    + a / (3 * mpf(4) ** bits), sqrt(mpf(bits)) * 1.4)


if __name__ == "__main__":
    for name, clip in (("gauss", gauss), ("laplace", laplace)):
        print(name + ":")
        for bits in range(1, 18):
            print(f"\t{float(clip(bits)):.17g}, /* {bits} */")

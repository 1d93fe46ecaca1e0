#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The truth behind tests/golden/fixed_math.csv: 50-digit arithmetic (Python's decimal; sine and
cosine by their series), rounded once to double.  Each argument is a double, written in hex.

    tests/golden/make/fixed_math.py > tests/golden/fixed_math.csv
"""
import random
from decimal import Decimal, getcontext

getcontext().prec = 80


def series(x, first, n):
    """Taylor's series of sine (first x, n 1) and cosine (first 1, n 0)."""
    term, total = first, Decimal(0)
    while abs(term) > Decimal(10) ** -70:
        total += term
        term *= -x * x / ((n + 1) * (n + 2))
        n += 2
    return total


FUNCTIONS = {
    "exp": (lambda x: x.exp(), -700, 700),
    "log": (lambda x: x.ln(), 1e-300, 1e300),
    "log2": (lambda x: x.ln() / Decimal(2).ln(), 1e-300, 1e300),
    "log10": (lambda x: x.log10(), 1e-300, 1e300),
    "sin": (lambda x: series(x, x, 1), -10, 10),
    "cos": (lambda x: series(x, Decimal(1), 0), -10, 10),
    "tanh": (lambda x: 1 - 2 / ((2 * x).exp() + 1), -20, 20),
}

print("function,argument,value")
for name, (function, low, high) in FUNCTIONS.items():
    rng = random.Random(name)
    if "log" in name:
        points = [0.5, 2.0, 10.0, 1 - 2.0 ** -53, 1 + 2.0 ** -52]
        points += [rng.uniform(0, 1) for _ in range(10)]
        points += [10 ** rng.uniform(-300, 300) for _ in range(10)]
    else:
        points = [0.5, -0.5, 1.0, 2.0 ** -30, 3.141592653589793]
        points += [rng.uniform(low, high) for _ in range(20)]
    for x in points:
        print(name, x.hex(), float(function(Decimal(x))).hex(), sep=",")

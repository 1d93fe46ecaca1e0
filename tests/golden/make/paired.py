#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The truth behind tests/golden/paired.csv: Clopper and Pearson's limits of 95 % as SciPy's beta
distribution gives them (scipy.stats.beta.ppf, SciPy 1.17.1), polished by three steps of Newton on
the binomial tail summed with 40 digits (mpmath 1.4.1); the script fails where the polish moves a
limit by more than 1e-9.  Then the interval of a mean difference by NumPy 2.4.6.  The libraries are
needed to run it, not to test.

    tests/golden/make/paired.py > tests/golden/paired.csv
"""
import mpmath
import numpy
from scipy.stats import beta

mpmath.mp.dps = 40


def tail(x, n, p):
    """P(X >= x), and its derivative by p."""
    term = mpmath.binomial(n, x) * p ** x * (1 - p) ** (n - x)
    slope, total, k = term * x / p, mpmath.mpf(0), x
    while k <= n and term > total * mpmath.mpf(10) ** -36:
        total += term
        term *= mpmath.mpf(n - k) / (k + 1) * p / (1 - p)
        k += 1
    return total, slope


def lower(x, n):
    """The p with P(X >= x) = 2.5 %."""
    if x == 0:
        return mpmath.mpf(0)
    start = p = mpmath.mpf(float(beta.ppf(0.025, x, n - x + 1)))
    for _ in range(3):
        chance, slope = tail(x, n, p)
        p -= (chance - mpmath.mpf("0.025")) / slope
    assert abs(p - start) < 1e-9, (x, n, p, start)
    return p


PAIRS = [(1, 0), (2, 0), (5, 0), (30, 0), (1, 1), (3, 4), (2, 9), (10, 25), (40, 60), (7, 1),
         (120, 95), (999, 1), (513, 600), (4000, 4500), (0, 1 << 16), (30000, 31000),
         (1, (1 << 20) - 1), (1 << 19, 1 << 19), (520000, 522000)]

print("kind,lost,gained,low,high")
for lost, gained in PAIRS:
    for a, b in ((lost, gained), (gained, lost)):
        n = a + b
        print("answers", a, b, mpmath.nstr(2 * lower(b, n) - 1, 20),
              mpmath.nstr(1 - 2 * lower(a, n), 20), sep=",")

for count in (2, 17, 5000):
    i = numpy.arange(count, dtype=numpy.float64)
    off = (i * 7919 % 1000) / 1000 - 0.375
    error = off.std(ddof=1) / numpy.sqrt(count)
    print("losses", count, 0, repr(float(off.mean() - 1.959964 * error)),
          repr(float(off.mean() + 1.959964 * error)), sep=",")

#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The truth behind tests/golden/paired.csv: the interval of harness/measure/paired.h from Clopper and
Pearson's limits (96 % for the share of those that changed sides, 99 % for how many do) as SciPy's beta
distribution gives them (scipy.stats.beta.ppf, SciPy 1.17.1), polished by three steps of Newton on
the binomial tail summed with 40 digits (mpmath 1.3.0); the script fails where the polish moves a
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


def lower(x, n, share):
    """The p with P(X >= x) = share."""
    if x == 0:
        return mpmath.mpf(0)
    start = p = mpmath.mpf(float(beta.ppf(float(share), x, n - x + 1)))
    for _ in range(3):
        chance, slope = tail(x, n, p)
        p -= (chance - share) / slope
    assert abs(p - start) < 1e-9, (x, n, p, start)
    return p


SIDES, RATE = mpmath.mpf("0.02"), mpmath.mpf("0.005")


def interval(lost, gained, samples):
    n = lost + gained
    share = (lower(gained, n, SIDES), 1 - lower(lost, n, SIDES)) if n else (0, 1)
    rate = lower(n, samples, RATE), 1 - lower(samples - n, samples, RATE)
    return min((2 * share[0] - 1) * r for r in rate), max((2 * share[1] - 1) * r for r in rate)


PAIRS = [(0, 0), (1, 0), (2, 0), (5, 0), (30, 0), (1, 1), (3, 4), (2, 9), (10, 25), (40, 60), (7, 1),
         (120, 95), (999, 1), (513, 600), (4000, 4500), (0, 1 << 16), (30000, 31000),
         (1, (1 << 20) - 1), (1 << 19, 1 << 19), (520000, 522000)]

print("kind,lost,gained,samples,low,high")
for lost, gained in PAIRS:
    for a, b in dict.fromkeys(((lost, gained), (gained, lost))):
        for samples in sorted({max(a + b, 1), min(2 * (a + b) + 16, 1 << 20), 1 << 20}):
            low, high = interval(a, b, samples)
            print("answers", a, b, samples, mpmath.nstr(low, 20), mpmath.nstr(high, 20), sep=",")

for count in (2, 17, 5000):
    i = numpy.arange(count, dtype=numpy.float64)
    off = (i * 7919 % 1000) / 1000 - 0.375
    error = off.std(ddof=1) / numpy.sqrt(count)
    print("losses", count, 0, count, repr(float(off.mean() - 1.959964 * error)),
          repr(float(off.mean() + 1.959964 * error)), sep=",")

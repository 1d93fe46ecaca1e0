#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Truth for schemes, calibrations and error numbers, by brute force and apart from the C code.

    python3 tests/golden/make/quantize.py tests/golden

writes schemes.csv, calibrations.csv and errors.csv.  Made with Python 3.11.7, numpy 2.4.6 and
mpmath 1.3.0.
Every candidate is quantized value by value in numpy float32, histograms are dense, percentiles are
computed in fractions: nothing is sorted once, cut short or summed up in advance.
"""
import fractions
import math
import sys

import numpy as np

import aciq

F32 = np.float32
TINY = F32(2.0**-149)

SCHEMES = ["symmetric", "symmetric_restricted", "symmetric_full", "symmetric_unsigned", "asymmetric"]


def grid(scheme, scale_rule, low, high, bits):
    """(scale in double, zero point, least code, greatest code)"""
    half = 2 ** (bits - 1)
    bound = max(-low, high)
    codes = {"symmetric": (-half, half - 1), "symmetric_restricted": (1 - half, half - 1),
             "symmetric_full": (-half, half - 1), "symmetric_unsigned": (0, 2 * half - 1),
             "asymmetric": (0, 2 * half - 1)}[scheme]
    scale = {"symmetric": bound / (half - 1), "symmetric_restricted": bound / (half - 1),
             "symmetric_full": bound / ((2 * half - 1) / 2),
             "symmetric_unsigned": high / (2 * half - 1),
             "asymmetric": (high - low) / (2 * half - 1)}[scheme]
    if scale == 0:
        return 1.0, 0, *codes
    if scale_rule == "power_of_two":
        k = -149
        while 2.0**k < scale and k < 127:
            k += 1
        scale = 2.0**k
    zero = 0
    if scheme == "asymmetric":
        zero = min(round(-low / scale), codes[1])  # round(): ties to even
    return scale, zero, *codes


def stored(scale):
    return max(F32(scale), TINY)


@np.errstate(over="ignore", invalid="ignore")  # a denormal scale gives infinite quotients, which clip
def quantize(x, g, rounding="half_even"):
    """(codes, codes before they are clipped, values)"""
    scale, zero, low, high = g
    s = stored(scale)
    quotient = (x / s).astype(F32)
    if rounding == "half_even":
        rounded = np.rint(quotient)
    else:
        whole = np.trunc(quotient.astype(np.float64))
        rest = np.abs(quotient.astype(np.float64) - whole)
        rounded = whole + np.where(rest >= 0.5, np.copysign(1.0, quotient), 0)
    raw = rounded.astype(np.float64) + zero
    codes = np.clip(raw, low, high)
    return codes, raw, ((codes - zero).astype(F32) * s).astype(F32)


def squared_error(x, g):
    back = quantize(x, g)[2]
    return math.fsum((back.astype(np.float64) - x.astype(np.float64)) ** 2)


def widest(x, scheme):
    low, high = min(float(x.min()), 0.0), max(float(x.max()), 0.0)
    if scheme == "asymmetric":
        return low, high
    bound = max(-low, high)
    return (0.0 if scheme == "symmetric_unsigned" else -bound), bound


def percentile(x, scheme, p, one_sided=False):
    p = fractions.Fraction(str(p))
    n = len(x)
    s = sorted(float(v) for v in x)
    low, high = min(s[0], 0.0), max(s[-1], 0.0)
    if scheme != "asymmetric":
        rank = max(math.ceil(n * p / 100), 1)
        high = sorted(abs(float(v)) for v in x)[rank - 1]
        low = 0.0 if scheme == "symmetric_unsigned" else -high
    elif one_sided:
        rank = max(math.ceil(n * p / 100), 1)
        if high >= -low:
            high = max(s[rank - 1], 0.0)
        else:
            low = min(s[n - rank], 0.0)
    else:
        rank = max(math.ceil(n * (100 + p) / 200), 1)
        low, high = min(s[n - rank], 0.0), max(s[rank - 1], 0.0)
    return (low, high) if high > low else widest(x, scheme)


def around_mean(x, scheme, mean, bound, width):
    """None of it outside the observed values and 0."""
    least, most = widest(x, scheme)
    if scheme != "asymmetric":
        high = min(abs(mean) + bound, most)
        low = 0.0 if scheme == "symmetric_unsigned" else -high
        return (low, high) if high > 0 else (least, most)
    low = max(mean - bound, float(x.min()))
    high = low + width
    low, high = min(low, 0.0), max(min(high, most), 0.0)
    return (low, high) if high > low else (least, most)


def moments(x):
    values = [fractions.Fraction(float(v)) for v in x]
    mean = sum(values) / len(values)
    variance = sum((v - mean) ** 2 for v in values) / len(values)
    absolute = sum(abs(v - mean) for v in values) / len(values)
    return float(mean), math.sqrt(variance), float(absolute)


def sigma(x, scheme, k):
    mean, deviation, _ = moments(x)
    return around_mean(x, scheme, mean, k * deviation, 2 * k * deviation)


def aciq_clip(x, scheme, bits, density):
    mean, deviation, absolute = moments(x)
    half = bool(x.min() >= 0) and scheme in ("asymmetric", "symmetric_unsigned")
    clip = aciq.gauss if density == "gauss" else aciq.laplace
    alpha = float(clip(int(bits + half))) * (deviation if density == "gauss" else absolute)
    return around_mean(x, scheme, mean, alpha, alpha if half else 2 * alpha)


def descend(bounds, scheme, cost, n=200):
    """The least cost by fractions; each bound apart for asymmetric.  Of equals the larger."""
    low, high = bounds

    def at(i, j):
        return low * i / n, high * j / n

    def best(line):
        costs = [(cost(*at(*pair)), -pair[0] - pair[1], pair) for pair in line]
        return min(costs)[2]

    steps = range(1, n + 1)
    if scheme != "asymmetric":
        return at(*best([(k, k) for k in steps]))
    i, j = n, n
    while True:
        before = (i, j)
        if high > 0:
            i, j = best([(i, k) for k in steps])
        if low < 0:
            i, j = best([(k, j) for k in steps])
        if (i, j) == before:
            return at(i, j)


def entropy(x, scheme, bits):
    """Every candidate of entropy.c, none left out."""
    low, high = widest(x, scheme)
    if high == low:
        return low, high
    asymmetric = scheme == "asymmetric"
    levels = 2**bits if asymmetric or scheme == "symmetric_unsigned" else 2 ** (bits - 1)
    v = x[x != 0].astype(np.float64)
    v = v if asymmetric else np.abs(v)
    bins = max(256, 8 * levels) if len(v) < 65536 else max(2048, 16 * levels)
    base = low if asymmetric else 0.0
    width = (high - base) / bins
    edges = base + np.arange(1, bins) * width
    counts = np.bincount(np.searchsorted(edges, v, side="right"), minlength=bins).astype(np.float64)

    def cost(lo, hi):
        first = round((lo - base) / width)
        last = round((hi - base) / width)
        span = last - first
        if span < levels:
            return math.inf
        own = counts[first:last]
        p = own.copy()
        p[0] += counts[:first].sum()
        p[-1] += counts[last:].sum()
        q = np.zeros(span)
        level = np.arange(span) * levels // span
        for k in range(levels):
            member = (level == k) & (p > 0)
            if member.any():
                mass = own[level == k].sum()
                q[member] = mass / member.sum() if mass else 1.0
        used = p > 0
        divergence = math.fsum(p[used] * np.log(p[used] / q[used])) / counts.sum()
        divergence -= (used.sum() - len(set(level[used]))) / (2 * counts.sum())
        return round(divergence * 2**32) / 2**32

    two = asymmetric and low < 0 < high
    n = len(v) // levels
    n = min(max(math.isqrt(n), 6), 64) if two else min(max(n, 32), 128)
    parts = [[bound * float(k * k) / float(n * n) for k in range(n, 0, -1)] if bound else [0.0]
             for bound in (base, high)]
    # min takes the first of equals: the widest low bound, then the widest high one
    base, high = min(((lo, hi) for lo in parts[0] for hi in parts[1]), key=lambda c: cost(*c))
    return base if asymmetric or scheme == "symmetric_unsigned" else -high, high


def wave(n, seed, shape):
    """The test data of t40_calibrate.c: a counter, scrambled, in (-1/2, 1/2), then a curve."""
    i = np.arange(n, dtype=np.uint64)
    word = (i * 2654435761 + seed * 40503) % 2**32
    word ^= word >> 15
    word = word * 2246822519 % 2**32
    word ^= word >> 13
    t = word.astype(np.float64) / 2**32 - 0.5
    loud = np.where(i % np.uint64(97) == 0, 16, 1)
    curve = {"cubic": 8 * t * t * t, "loud": loud * t, "heavy": t / (0.52 - np.abs(t)), "spike": t * t * t * t * t * 32 + t / 8,
             "positive": 4 * t * t, "negative": -4 * t * t, "shifted": t + 0.25, "huge": 6.8e38 * t,
             "flat": t}[shape]
    return curve.astype(F32)


def text(values):
    return " ".join(repr(float(v)) for v in values)


ISSUE = np.array("127.48 -40.1 0 89.74 124.38 -39.1 126.48 21.2 -35.99 124.16 5.92 41.68 23.6 -26.4 "
                 "-21.51 -20.6 94.49 85.07 70.11 76.91".split(), dtype=F32)


def write_schemes(out):
    ranges = [(-1, 1), (-0.3, 2.7), (-5, 0), (0, 3), (-1e-3, 7e-4), (-127, 127), (-3.4e38, 3.4e38),
              (0, 1e-44), (0, 0), (-2.5, 1.25)]
    x = np.array([-4, -2.5, -1, -0.6, -0.25, 0, 0.1, 0.5, 0.75, 1.5, 2.5, 3], dtype=F32)
    print("scheme,scale,bits,low,high,step,zero,code_low,code_high,codes_even,codes_away", file=out)
    for scheme in SCHEMES:
        for scale in ("real", "power_of_two"):
            for i, (low, high) in enumerate(ranges):
                if scheme == "symmetric_unsigned" and low < 0:
                    continue
                if scheme not in ("asymmetric", "symmetric_unsigned"):
                    low, high = -max(-low, high), max(-low, high)
                bits = [2, 3, 4, 8, 16][i % 5]
                g = grid(scheme, scale, float(low), float(high), bits)
                codes = [quantize(x, g, r)[0] for r in ("half_even", "half_away")]
                print(scheme, scale, bits, repr(float(low)), repr(float(high)), repr(g[0]), *g[1:],
                      *(" ".join(str(int(c)) for c in row) for row in codes), sep=",", file=out)


def write_calibrations(out):
    print("calibration,parameter,scheme,scale,bits,low,high,data", file=out)
    data = {f"wave {n} {seed} {shape}": wave(n, seed, shape)
            for n, seed, shape in ((32, 1, "cubic"), (100, 2, "spike"), (100, 3, "positive"),
                                   (64, 4, "negative"), (700, 5, "shifted"), (2000, 6, "cubic"),
                                   (1000, 7, "flat"), (600, 8, "loud"), (1500, 9, "cubic"),
                                   (6000, 10, "heavy"), (2000, 11, "heavy"), (500, 12, "heavy"))}
    data["list " + text(ISSUE)] = ISSUE
    # codes past the last value may mean infinity
    data["wave 700 13 huge"] = wave(700, 13, "huge")
    data["wave 300 14 huge"] = wave(300, 14, "huge")

    def line(calibration, parameter, scheme, scale, bits, bounds, name):
        print(calibration, parameter, scheme, scale, bits, repr(bounds[0]), repr(bounds[1]), name,
              sep=",", file=out)

    for k, (name, x) in enumerate(data.items()):
        for scheme in SCHEMES:
            if scheme == "symmetric_unsigned" and x.min() < 0:
                continue
            scale = "power_of_two" if k % 3 == 2 else "real"
            bits = [2, 3, 4, 5, 4, 6, 3, 8, 8, 4, 6, 2, 8, 2, 3][k]
            line("minmax", 0, scheme, scale, bits, widest(x, scheme), name)
            for p in (99.9, 90, 75.5):
                line("percentile", p, scheme, scale, bits, percentile(x, scheme, p), name)
                line("percentile_one_sided", p, scheme, scale, bits,
                     percentile(x, scheme, p, True), name)
            for k_sigma in (4, 1.5):
                line("sigma", k_sigma, scheme, scale, bits, sigma(x, scheme, k_sigma), name)
            for density in ("gauss", "laplace"):
                line("aciq_" + density, 0, scheme, scale, bits,
                     aciq_clip(x, scheme, bits, density), name)
            if np.count_nonzero(x) >= 2 * 2**bits:
                line("entropy", 0, scheme, scale, bits, entropy(x, scheme, bits), name)


def write_errors(out):
    print("scheme,bits,rounding,mse,rmse_over_step,sqnr_db,max_abs,mean_error,cosine,saturated,lost,"
          "data", file=out)
    for name, x in (("list " + text(ISSUE), ISSUE), ("wave 5000 8 cubic", wave(5000, 8, "cubic"))):
        for scheme in ("symmetric", "symmetric_full", "asymmetric"):
            for bits, rounding in ((8, "half_even"), (3, "half_away")):
                g = grid(scheme, "real", *widest(x, scheme), bits)
                _, raw, back = quantize(x, g, rounding)
                a, b = x.astype(np.float64), back.astype(np.float64)
                e = b - a
                n = len(x)
                squares = math.fsum(e * e)
                norm = math.sqrt(math.fsum(a * a)) * math.sqrt(math.fsum(b * b))
                print(scheme, bits, rounding, repr(squares / n),
                      repr(math.sqrt(math.fsum((e / float(stored(g[0]))) ** 2) / n)),
                      repr(10 * math.log10(math.fsum(a * a) / squares)), repr(float(np.abs(e).max())),
                      repr(math.fsum(e) / n), repr(math.fsum(a * b) / norm),
                      repr(float(np.mean((raw < g[2]) | (raw > g[3])))),
                      repr(float(np.sum((x != 0) & (b == 0)) / np.sum(x != 0))), name, sep=",", file=out)


if __name__ == "__main__":
    for table, write in (("schemes", write_schemes), ("calibrations", write_calibrations),
                         ("errors", write_errors)):
        with open(f"{sys.argv[1]}/{table}.csv", "w", encoding="ascii") as file:
            write(file)

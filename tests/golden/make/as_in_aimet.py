#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The truth behind tests/golden/as_in_aimet.csv: AIMET's tf_enhanced worked from what
TfEnhancedEncodingAnalyzer.cpp (quic/aimet at 096f9988) and math_functions.cpp (at 0ab59ea6) compute
with DTYPE float on a CPU: each operation is one of numpy float32, pow(x, 2) is x * x in double.
Python 3.11.7, numpy 2.4.6.

    tests/golden/make/as_in_aimet.py > tests/golden/as_in_aimet.csv
"""
import math

import numpy as np

import as_in_cases as cases

F = np.float32
SIZE, GAMMA, MIN_RANGE = 512, F(3), 0.01


def away(x):
    """C's round() of a float"""
    x = np.asarray(x, dtype=F)
    return np.where(x < 0, -np.floor(-x.astype(np.float64) + 0.5), np.floor(x.astype(np.float64) + 0.5))


class Analyzer:
    def __init__(self):
        self.left, self.share, self.batches = None, np.zeros(SIZE), 0

    def update(self, x):
        if self.left is None:
            low, high = x.min(), x.max()
            if low == 0 and high == 0:
                return
            if low == high:
                high = max(high, low + F(0.01))
            centre = F(high + low) / F(2)
            low, high = centre - F(3) * (centre - low), centre + F(3) * (high - centre)
            size = F(high - low) / F(SIZE)
            self.left = np.array([F(low + F(F(i) * size)) for i in range(SIZE)], dtype=np.float64)
        size = F(self.left[1] - self.left[0])
        first = F(F(self.left[0]) / size)
        index = away((x / size).astype(F) - first).astype(np.int64)
        index = index[(index >= 0) & (index < SIZE)]
        share = np.bincount(index, minlength=SIZE) / len(x)
        self.share = (self.share * self.batches + share) / (self.batches + 1)
        self.batches += 1

    def observed(self):
        low, high = F(self.left[0]), F(self.left[-1])
        for i in range(SIZE):
            if self.share[i] > 0:
                low = F(self.left[i])
                break
        for i in range(SIZE - 1, 0, -1):
            if self.share[i] > 0:
                high = F(self.left[i])
                break
        low, high = min(low, F(0)), max(high, F(0))
        return low, max(high, low + F(MIN_RANGE))

    def cost(self, bits, delta, offset):
        low = F(delta * F(offset))
        high = F(F(delta * F(2**bits - 1)) + low)
        start, step = F(self.left[0]), F(self.left[1] - self.left[0])
        first, last = (min(max(int(math.floor(F(F(x - start) / step))), 0), SIZE - 1)
                       for x in (low, high))
        middle = [F(F(start + F(F(i) * step)) + F(step / F(2))) for i in range(SIZE)]
        sums = [F(0), F(0), F(0)]

        def add(which, i, error):
            sums[which] = F(float(sums[which]) + self.share[i] * (float(error) * float(error)))

        for i in range(first):
            add(0, i, F(middle[i] - middle[first]))
        for i in range(last, SIZE):
            add(1, i, F(middle[i] - middle[last]))
        for i in range(first, last):
            code = int(away(F(F(middle[i] / delta) - F(offset))))
            add(2, i, F(middle[i] - F(delta * F(code + offset))))
        return F(F(GAMMA * F(sums[0] + sums[1])) + sums[2])

    def candidates(self, bits, symmetric, strict, unsigned):
        low, high = self.observed()
        steps = F(2**bits - 1 - (symmetric and strict))
        if symmetric:
            if low == 0 and unsigned:
                widest, offset = F(high / steps), 0
            else:
                widest = F(F(F(2) * max(abs(high), abs(low))) / steps)
                offset = int(math.floor(-steps / F(2)))
            f = F(1 / 100)
            while float(f) <= 1 + 1 / 100:
                yield F(f * widest), offset
                f = F(float(f) + 1 / 100)
            return
        widest = F(F(high - low) / steps)
        at = int(away(F(low / widest)))
        low = F(widest * F(at))
        high = F(low + F(widest * steps))
        for i in range(1, 18):
            delta = F(F(i / 16) * widest)
            for j in range(21):
                offset = int(-float(steps) + float(steps) / 20.0 * j)
                least = F(delta * F(offset))
                greatest = F(least + F(delta * steps))
                if least < low and greatest > high:
                    continue
                least, greatest = max(low, least), min(high, greatest)
                delta = F(F(greatest - least) / steps)
                if delta == 0:
                    continue  # 0/0 in the project
                offset = int(away(F(least / delta)))
                yield delta, offset
        yield widest, at

    def encoding(self, bits, symmetric, strict=False, unsigned=False):
        best, least = None, np.finfo(F).max
        for delta, offset in self.candidates(bits, symmetric, strict, unsigned):
            cost = self.cost(bits, delta, offset)
            if cost < least:
                least, best = cost, (delta, offset)
        return best


def main():
    cases.header()
    for number, text in enumerate(cases.BATCHES):
        analyzer = Analyzer()
        for x in cases.batches(text):
            analyzer.update(x)
        for bits in (4, 8):
            for scheme in ("symmetric", "symmetric_restricted", "symmetric_unsigned", "asymmetric"):
                # one in three of the wide asymmetric grids, which take their time here
                if scheme == "asymmetric" and number % 3 and bits == 8:
                    continue
                unsigned = scheme == "symmetric_unsigned"
                if unsigned and not cases.one_sided(text):
                    continue
                if analyzer.left is None:
                    delta, offset = F(1), 0
                else:
                    if unsigned and analyzer.observed()[0] < 0:
                        continue  # the project takes signed codes
                    delta, offset = analyzer.encoding(bits, scheme != "asymmetric",
                                                      scheme == "symmetric_restricted", unsigned)
                cases.line("tf_enhanced_as_in_aimet", 0, scheme, bits, delta,
                           -offset if scheme == "asymmetric" else 0, text)


if __name__ == "__main__":
    main()

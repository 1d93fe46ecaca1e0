#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The truth behind tests/golden/synthetic.csv: Philox-4x32-10 and every generator once more, in
Python with the C library's math, from the formulas in their head comments alone.  Values may differ
from the program's by one rounding of float32, no more.

    tests/golden/make/synthetic.py > tests/golden/synthetic.csv
"""
import math
import struct


def philox(key, counter):
    k, x = list(key), list(counter)
    for _ in range(10):
        a, b = 0xD2511F53 * x[0], 0xCD9E8D57 * x[2]
        x = [b >> 32 ^ x[1] ^ k[0], b & 0xFFFFFFFF, a >> 32 ^ x[3] ^ k[1], a & 0xFFFFFFFF]
        k = [(k[0] + 0x9E3779B9) & 0xFFFFFFFF, (k[1] + 0xBB67AE85) & 0xFFFFFFFF]
    return x


def pair(seed, stream, i):
    low = 0xFFFFFFFF
    w = philox((seed & low, seed >> 32), (i & low, i >> 32, stream & low, stream >> 32))
    return [(((w[2 * j] << 32 | w[2 * j + 1]) >> 12) + 0.5) * 2.0 ** -52 for j in (0, 1)]


def uniform(seed, stream, i):
    return pair(seed, stream, i)[0]


def normal(seed, stream, i):
    u, v = pair(seed, stream, i)
    return math.sqrt(-2 * math.log(u)) * math.cos(2 * math.pi * v)


def laplace(s, r, n, c, i):
    u = uniform(s, 0x20, i)
    return math.log(2 * u) if u < 0.5 else -math.log(2 * (1 - u))


def student_t(s, r, n, c, i):
    u, v = pair(s, 0x30, i)
    return math.sqrt(4 * (u ** -0.5 - 1)) * math.cos(2 * math.pi * v)


def outliers(s, r, n, c, i):
    loud = -(-n // 100)
    stretch = r * loud // n
    mine = [k for k in range(n) if k * loud // n == stretch]
    factor = 1.0
    if r == mine[0] + int(uniform(s, 0x61, stretch) * len(mine)):
        factor = 20 * 3 ** uniform(s, 0x62, stretch)
    return factor * normal(s, 0x60, i)


def skewed(s, r, n, c, i):
    x = 2 * normal(s, 0x80, i)
    return x / (1 + math.exp(-x))


GENERATORS = {
    "gaussian": lambda s, r, n, c, i: normal(s, 0x10, i),
    "laplace": laplace,
    "student_t": student_t,
    "uniform": lambda s, r, n, c, i: 2 * uniform(s, 0x40, i) - 1,
    "relu": lambda s, r, n, c, i: max(0.0, normal(s, 0x50, i)),
    "outliers": outliers,
    "channel_spread": lambda s, r, n, c, i: 0.01 ** uniform(s, 0x71, r) * normal(s, 0x70, i),
    "skewed": skewed,
    "sparse": lambda s, r, n, c, i: normal(s, 0x90, i) if uniform(s, 0x91, i) < 0.1 else 0.0,
    "constant": lambda s, r, n, c, i: 0.7,
    "zero": lambda s, r, n, c, i: 0.0,
}

if __name__ == "__main__":
    print("generator,seed,rows,columns,index,value")
    for name, value in GENERATORS.items():
        for seed, rows, columns in ((1, 5, 4), (9007199254740991, 250, 3)):
            for i in (0, 1, 7, 19, 333, 749):
                if i < rows * columns:
                    x = struct.unpack("f", struct.pack("f", value(seed, i // columns, rows, columns, i)))
                    print(name, seed, rows, columns, i, "%.9g" % x, sep=",")

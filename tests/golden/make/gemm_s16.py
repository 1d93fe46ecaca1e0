#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Truth for gemm_s16s8s64: Python 3.11.7, numpy 2.4.6, sums in int64.

    python3 tests/golden/make/gemm_s16.py > tests/golden/gemm_s16.csv

a has m rows of k, w n rows of k; one zero point of a or m, of w one or n; y is m x n.
"""
import numpy as np

RNG = np.random.default_rng(23)


def words(values):
    return " ".join(str(int(v)) for v in np.ravel(values))


def line(source, a, w, zero_a, zero_w, bias, y=None):
    a, w = np.asarray(a, np.int64), np.asarray(w, np.int64)
    left, right = a - np.reshape(zero_a, (-1, 1)), w - np.reshape(zero_w, (-1, 1))
    truth = left @ right.T + (0 if bias is None else np.asarray(bias, np.int64))
    assert y is None or np.array_equal(truth, y), (source, truth)
    assert np.abs(truth).max() < 2 ** 53
    print(",".join([source, str(len(a)), str(len(w)), str(a.shape[1]), words(zero_a), words(zero_w),
                    "" if bias is None else words(bias), words(a), words(w), words(truth)]))


def codes(rows, k, least, most):
    return RNG.integers(least, most + 1, (rows, k))


print("source,m,n,k,zero_a,zero_w,bias,a,w,y")
line("by hand: 1000*4 + 2000*-5 + 3000*6", [[1000, 2000, 3000]], [[4, -5, 6]], 0, 0, None, [[12000]])
line("by hand: (10-3)(4-1) + (0-3)(-128-1) + 5", [[10, 0]], [[4, -128]], 3, 1, [5], [[413]])
line("by hand: both ends of the codes and of the zero points", [[32767], [-32768]], [[127], [-128]],
     [-32768, 32767], [-128, 127], [-1, 1],
     [[65535 * 255 - 1, -65535 * 255 + 1], [-65535 * 255 - 1, 65535 * 255 + 1]])
line("by hand: 600 times 2^22 leaves s32", [[-32768] * 600], [[-128] * 600], 0, 0, None,
     [[600 * 2 ** 22]])
line("by hand: 601 times 2^22 less 2^15", [[-32768] * 601], [[-128] * 601, [127] * 601], 0, 0, None,
     [[601 * 2 ** 22, -601 * (2 ** 22 - 2 ** 15)]])
line("numpy: zero points of the tensors", codes(3, 37, -32768, 32767), codes(5, 37, -128, 127), 1234,
     -7, RNG.integers(-2 ** 40, 2 ** 40, 5))
line("numpy: zero points of the rows", codes(7, 21, -32768, 32767), codes(17, 21, -128, 127),
     RNG.integers(-32768, 32768, 7), RNG.integers(-128, 128, 17), RNG.integers(-2 ** 40, 2 ** 40, 17))
line("numpy: none", codes(2, 700, -32768, 32767), codes(3, 700, -127, 127), 0, 0, None)

#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Makes tests/golden/array_*.npy, small arrays written by numpy 2.4.6 itself, and prints what is in
them, for tests/t21_npy.c.

    tests/golden/make/arrays.py tests/golden
"""
import sys

import numpy as np

FOLDER = sys.argv[1]
BASE = np.arange(24, dtype=np.float64).reshape(2, 3, 4) / 8 - 1


def save(name, array, version=None):
    with open("%s/array_%s.npy" % (FOLDER, name), "wb") as file:
        np.lib.format.write_array(file, array, version=version)
    print(name, array.dtype.str, array.shape, array.ravel()[:3])


save("c_f4", BASE.astype("<f4"))
save("fortran_f8_big", np.asfortranarray(BASE.astype(">f8")))
save("v2_f2", BASE.astype("<f2"), (2, 0))
save("v3_fortran_f4", np.asfortranarray(BASE.astype("<f4")), (3, 0))
save("scalar_f8", np.array(0.1))
save("vector_f4_big", BASE.ravel()[:5].astype(">f4"))
save("int32", np.arange(6, dtype="<i4").reshape(2, 3))
save("empty", np.zeros((3, 0), "<f4"))

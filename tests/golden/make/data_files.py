#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Makes tests/golden/data/*, small files of samples in every format that is read, and data_files.csv
with what is in them, for tests/t22_data_files.c.  Written by numpy 2.4.6 (npz, raw, text) and onnx
1.23.2 (TensorProto); IDX by its description.

    tests/golden/make/data_files.py tests/golden
"""
import struct
import sys

import numpy as np
import onnx

FOLDER = sys.argv[1]
rows = []
RNG = np.random.default_rng(11)
WHOLES = RNG.integers(0, 256, (3, 2, 4))
REALS = RNG.normal(size=(2, 3, 4))


def expect(file, member, array):
    array = np.asarray(array)
    values = " ".join("%.17g" % float(v) for v in array.ravel())
    rows.append("%s,%s,%s,%s,%s" % (file, member, array.dtype.name,
                                    "x".join(map(str, array.shape)), values))


def path(name):
    return "%s/data/%s" % (FOLDER, name)


def idx(name, code, array):
    with open(path(name), "wb") as file:
        file.write(struct.pack(">BBBB", 0, 0, code, array.ndim))
        file.write(struct.pack(">%dI" % array.ndim, *array.shape))
        file.write(array.astype(array.dtype.newbyteorder(">")).tobytes())
    expect(name, name.rsplit(".", 1)[0], array)


def npz():
    members = {"reals": REALS.astype("<f4"), "fortran": np.asfortranarray(REALS),
               "bytes": WHOLES.astype("u1"), "signed": WHOLES.astype(">i2") - 128,
               "wide": np.array([2**53, -2**53], "<i8"), "half": REALS[0].astype("<f2"),
               "flags": WHOLES[0] > 128}
    np.savez(path("arrays.npz"), **members)
    np.savez_compressed(path("deflated.npz"), **members)
    for name, array in members.items():
        expect("arrays.npz", name, array)
        expect("deflated.npz", name, array)


def proto(name, array, raw, tensor_name="x"):
    if raw:
        tensor = onnx.numpy_helper.from_array(array, tensor_name)
    else:
        tensor = onnx.helper.make_tensor(tensor_name,
                                         onnx.helper.np_dtype_to_tensor_dtype(array.dtype),
                                         array.shape, array.ravel())
    with open(path(name), "wb") as file:
        file.write(tensor.SerializeToString())
    expect(name, tensor_name or name.rsplit(".", 1)[0], array)


def wrong_sum():
    """A member of 100,000 zeros whose checksum is wrong: its header is read well."""
    np.savez_compressed(path("wrong_sum.npz"), zeros=np.zeros(100000, "u1"))
    with open(path("wrong_sum.npz"), "rb") as file:
        data = bytearray(file.read())
    for at in range(len(data) - 4):
        if data[at:at + 4] == b"PK\x01\x02":
            data[at + 16] ^= 1
    data[14] ^= 1
    with open(path("wrong_sum.npz"), "wb") as file:
        file.write(data)


npz()
wrong_sum()
idx("images-idx3-ubyte", 0x08, WHOLES.astype("u1"))
idx("labels-idx1-ubyte", 0x08, np.array([7, 2, 0], "u1"))
idx("signed.idx", 0x09, (WHOLES - 128).astype("i1"))
idx("short.idx", 0x0B, (WHOLES[0] * 100 - 9999).astype("i2"))
idx("whole.idx", 0x0C, (WHOLES[0] * 10**6 - 10**8).astype("i4"))
idx("reals.idx", 0x0D, REALS.astype("f4"))
idx("doubles.idx", 0x0E, REALS)
proto("raw.pb", REALS.astype("f4"), True)
proto("typed.pb", REALS.astype("f4"), False)
proto("double.pb", REALS, False)
proto("half.pb", REALS[0].astype("f2"), False)
proto("signed.pb", (WHOLES - 128).astype("i1"), False)
proto("whole.pb", np.array([2**53, -5], "i8"), False)
proto("unsigned.pb", np.array([2**32 - 1, 5], "u4"), False)
proto("unnamed.pb", WHOLES.astype("u1"), True, "")
REALS.astype("<f4").tofile(path("bare.f32"))
expect("bare.f32", "bare", REALS.astype("f4").ravel())
REALS[0].astype("<f4").tofile(path("bare.bin"))
expect("bare.bin", "bare", REALS[0].astype("f4").ravel())
np.savetxt(path("plain.csv"), REALS[0], delimiter=",")
expect("plain.csv", "plain", REALS[0])
np.savetxt(path("headed.csv"), WHOLES[0].astype(float), fmt="%.1f", delimiter=";",
           header="a;b;c;the label", newline="\r\n", comments="")
expect("headed.csv", "headed", WHOLES[0].astype(float))
np.savetxt(path("tabs.csv"), WHOLES[1].astype(float), fmt="%d", delimiter="\t")
expect("tabs.csv", "tabs", WHOLES[1].astype(float))
with open(path("spaced.csv"), "wb") as file:
    file.write(b"\xef\xbb\xbf\"1\" , +2.5e1,-.5\n\n  \r\n3., 4E-2 ,\"-0\"")
expect("spaced.csv", "spaced", np.array([[1, 25, -.5], [3, .04, -0.]]))
with open(FOLDER + "/data_files.csv", "w", newline="\n") as file:
    file.write("file,member,type,shape,values\n")
    file.writelines(row + "\n" for row in rows)
print(len(rows), "arrays")

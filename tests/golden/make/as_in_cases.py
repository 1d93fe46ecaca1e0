# SPDX-License-Identifier: MIT
"""What the truth scripts of the calibrations named ..._as_in_<project> share: batches, and the lines
of their tables.

A batch is written "COUNT SEED SHAPE FACTOR": wave() of quantize.py times FACTOR, rounded once to
float32; SHAPE "constant" is FACTOR everywhere, and of the waves flat and heavy are made "steps",
values on a lattice, "lone", one value far from the others, and "tail".  Batches stand between
semicolons.
"""
import numpy as np

import quantize

BATCHES = [
    "1000 1 cubic 1",
    "4096 2 heavy 1",
    "257 3 loud 0.125",
    "300 4 positive 3",
    "300 5 negative 2.5",
    "500 6 constant 1.25",
    "64 7 constant -3",
    "100 8 constant 0",
    "1000 1 cubic 1;1000 2 cubic 2.5;1000 3 cubic 1.7;419 4 cubic 6.1",
    "512 1 spike 8;512 2 spike 4;512 3 spike 2;512 4 spike 1;100 5 spike 0.5",
    "700 1 heavy 1;700 2 loud 1;700 3 flat 30;700 4 heavy 0.01",
    "256 1 positive 1;256 2 positive 1.3;77 3 positive 4;256 4 positive 0.2",
    "256 1 positive 1;256 2 negative 1.3;256 3 shifted 4",
    "256 1 negative 1;256 2 negative 7",
    "100 1 constant 0;900 2 cubic 1;900 3 cubic 2",
    "100 1 constant 2;900 2 cubic 1;900 3 cubic 2",
    "900 1 cubic 1;100 2 constant 0;900 3 cubic 3.3;100 4 constant 5",
    "200 1 flat 1;200 2 flat 1.01;200 3 flat 1.02;200 4 flat 1.05;200 5 flat 2;200 6 flat 3;"
    "55 7 flat 5.5",
    "2000 1 shifted 10;2000 2 shifted 14;2000 3 shifted 9;1 4 flat 40",
    "8192 1 heavy 0.001;8192 2 heavy 0.0013",
    "1 1 flat 1;1 2 flat 2;1 3 flat -3",
    "2048 1 steps 1",
    "2048 1 steps 0.1;2048 2 steps 0.3",
    "1000 1 steps 0.7;1000 2 steps 0.9;1000 3 flat 1.3;1000 4 steps 1.5",
    "8192 3 lone 1",
    "2000 1 lone 4;2000 2 lone 7;2000 3 lone 2",
    "3000 1 tail 0.01",
    "1500 1 tail 0.01;1500 2 tail 0.02;1500 3 tail 0.007",
    "200 1 flat 1.6e-36",
    "1000 5019 cubic 0.5;1000 7195 flat 3",
    "1000 1050 cubic 0.1;300 509 flat 1;300 9745 flat 1.3",
    "1000 2701 lone 2;50 2880 lone 1.1;300 7523 lone 0.3;300 9705 lone 0.1",
    "1000 4841 steps 0.7;50 6575 steps 1.3;1000 769 flat 1;300 2391 steps 3",
]


def batches(text):
    for batch in text.split(";"):
        count, seed, shape, factor = batch.split()
        if shape == "constant":
            yield np.full(int(count), float(factor)).astype(np.float32)
            continue
        base = {"steps": "flat", "lone": "flat", "tail": "heavy"}.get(shape, shape)
        x = quantize.wave(int(count), int(seed), base).astype(np.float64)
        if shape == "steps":
            x = np.floor(x * 64) / 32
        elif shape == "lone":
            x = np.where(np.arange(len(x)) == 0, 1, x / 8)
        elif shape == "tail":
            x = x * x
        yield (x * float(factor)).astype(np.float32)


def one_sided(text):
    return all(x.min() >= 0 for x in batches(text))


def header():
    print("calibration,parameter,scheme,bits,scale,zero,batches")


def line(calibration, parameter, scheme, bits, scale, zero, text):
    print(f"{calibration},{parameter:g},{scheme},{bits},{float(scale):.9g},{int(zero)},{text}")

#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The truth behind tests/golden/networks.csv: samples of the embedded networks once more, in Python
with the C library's math, from what datasets/networks/README.md says of them.  Values may differ from
the program's by one rounding of float32, no more.  Element -1 is the class; of arm, elements 4 and 5
are the target.

    tests/golden/make/networks.py > tests/golden/networks.csv
"""
import cmath
import struct

from synthetic import normal, pair, uniform

SIDE = 16
LETTERS = "0123456789ACEFHKLPUX"
# The pen's way over columns a-e and rows 0-6, '/' where it is lifted.
SHAPES = {
    "0": "b0d0e1e5d6b6a5a1b0", "1": "b1c0c6/b6d6", "2": "a1b0d0e1e2a6e6",
    "3": "a0e0c2d2e3e5d6b6a5", "4": "d6d0a4e4", "5": "e0a0a3d2e3e5d6a6",
    "6": "e0c0a2a5b6d6e5e4d3b3a4", "7": "a0e0e1b6",
    "8": "b3a2a1b0d0e1e2d3b3a4a5b6d6e5e4d3", "9": "e2d3b3a2a1b0d0e1e4c6a6",
    "A": "a6c0e6/b4d4", "C": "e1d0b0a1a5b6d6e5", "E": "e0a0a6e6/a3d3", "F": "e0a0a6/a3d3",
    "H": "a0a6/e0e6/a3e3", "K": "a0a6/e0a3e6", "L": "a0a6e6", "P": "a6a0d0e1e2d3a3",
    "U": "a0a5b6d6e5e0", "X": "a0e6/e0a6",
}


def single(x):
    return struct.unpack("f", struct.pack("f", x))[0]


def between(low, high, seed, stream, i):
    return [low + (high - low) * u for u in pair(seed, stream, i)]


def away(z, a, b):
    """Distance of z from the stretch a-b; points are complex numbers."""
    along = ((z - a) * (b - a).conjugate()).real / abs(b - a) ** 2
    return abs(z - a - min(max(along, 0), 1) * (b - a))


def cover(radius, z, lines):
    return min(max(radius + 0.5 - min(away(z, a, b) for a, b in lines), 0), 1)


def glyph(seed, i):
    """The class and all pixels of a sample."""
    chosen = int(20 * uniform(seed, 0x1000, i))
    turn, shear = between(-0.35, 0.35, seed, 0x1001, i)
    wide, high = between(1.25, 1.95, seed, 0x1002, i)
    middle = complex(7.5, 7.5) + complex(*between(-1.75, 1.75, seed, 0x1003, i))
    pen = pair(seed, 0x1004, i)
    ground = pair(seed, 0x1005, i)
    slant = between(-0.015, 0.015, seed, 0x1006, i)

    def place(word):
        x, y = (ord(word[0]) - ord("c")) * wide, (int(word[1]) - 3) * high
        return middle + complex(x + shear * y, y) * cmath.exp(1j * turn)

    lines = []
    for stroke in SHAPES[LETTERS[chosen]].split("/"):
        points = [place(stroke[k:k + 2]) for k in range(0, len(stroke), 2)]
        lines += zip(points, points[1:])
    strays = []
    for k in range(2):
        start = complex(*between(-1, 16, seed, 0x1007 + 3 * k, i))
        step = complex(*between(-6, 6, seed, 0x1008 + 3 * k, i))
        u, v = pair(seed, 0x1009 + 3 * k, i)
        strays.append((0.3 + 0.4 * u, 0.3 * v - 0.15, [(start, start + step)]))
    strays.append((0.35 + 0.5 * pen[0], 0.12 + 0.28 * pen[1], lines))
    image = []
    for pixel in range(SIDE * SIDE):
        z = complex(pixel % SIDE, pixel // SIDE)
        value = 0.1 + 0.3 * ground[0] + slant[0] * (z.real - 7.5) + slant[1] * (z.imag - 7.5)
        value += sum(contrast * cover(radius, z, ways) for radius, contrast, ways in strays)
        value += (0.01 + 0.04 * ground[1]) * normal(seed, 0x100D, i * SIDE * SIDE + pixel)
        image.append(single(min(max(value, 0), 1)))
    return chosen, image


def arm(seed, i):
    angles = [single(3 * uniform(seed, 0x1040, 4 * i + k) - 1.5) for k in range(4)]
    hand, heading = 0, 0
    for length, angle in zip((0.4, 0.3, 0.2, 0.1), angles):
        heading += angle
        hand += length * cmath.exp(1j * heading)
    return angles + [single(hand.real), single(hand.imag)]


def first_of_each_class():
    found = {}
    sample = 0
    while len(found) < len(LETTERS):
        found.setdefault(int(20 * uniform(1, 0x1000, sample)), sample)
        sample += 1
    return sorted(found.values())


if __name__ == "__main__":
    print("network,seed,sample,element,value")
    far = [(9007199254740991, 0), (9007199254740991, 4294967297)]
    for seed, sample in [(1, sample) for sample in first_of_each_class()] + far:
        chosen, image = glyph(seed, sample)
        print(f"glyphs,{seed},{sample},-1,{chosen}")
        for element in range(0, SIDE * SIDE, 7):
            print(f"glyphs,{seed},{sample},{element},{image[element]:.9g}")
    for seed, sample in [(1, 0), (1, 1)] + far:
        for element, value in enumerate(arm(seed, sample)):
            print(f"arm,{seed},{sample},{element},{value:.9g}")

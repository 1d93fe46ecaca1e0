#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Prints the table of harness/axes/weight_values.c and what t01_weights expects of it.

Codes of a normal distribution whose 127 lies 4.5 standard deviations from 0: entry i is 2^31 times
the probability that |x| is less than i + 1/2 codes.  Made with Python 3.11.2 (math.erf); run by
hand."""
import math

SIGMA = 127 / 4.5
table = [round(2**31 * math.erf((i + 0.5) / SIGMA / math.sqrt(2))) for i in range(127)]
for i in range(0, 127, 7):
    print("\t" + " ".join(f"{x}," for x in table[i:i + 7]))
share = [(a - b) / 2**31 for a, b in zip(table + [2**31], [0] + table)]
print("# standard deviation", math.sqrt(sum(c * c * p for c, p in enumerate(share))))

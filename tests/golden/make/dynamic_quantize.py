#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Truth for the operation dynamicquantize: Python 3.11.7, numpy 2.4.6, onnx 1.23.2 (its reference
evaluator of DynamicQuantizeLinear, operator set 11).

    python3 tests/golden/make/dynamic_quantize.py > tests/golden/dynamic_quantize.csv

Scale and zero point are exact rationals rounded once, the codes float32 divisions rounded exactly.
The documented examples of ONNX must come out as ONNX has them; on random rows ONNX, which computes
the scale in float32, is compared and the share of other scales printed to standard error.
"""
import math
import sys
from fractions import Fraction as F

import numpy as np
from onnx import TensorProto, helper
from onnx.reference import ReferenceEvaluator

F32 = np.float32
MOST = F32(np.finfo(np.float32).max)
LEAST_SCALE = F32(2.0 ** -149)


def half_even(q):
    return round(q)


def half_away(q):
    return (math.floor(abs(q) + F(1, 2))) * (1 if q >= 0 else -1)


def onnx_row(x):
    graph = helper.make_graph(
        [helper.make_node("DynamicQuantizeLinear", ["x"], ["y", "s", "z"])], "one",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, x.shape)],
        [helper.make_tensor_value_info("y", TensorProto.UINT8, x.shape),
         helper.make_tensor_value_info("s", TensorProto.FLOAT, []),
         helper.make_tensor_value_info("z", TensorProto.UINT8, [])])
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 11)])
    y, s, z = ReferenceEvaluator(model).run(None, {"x": x})
    return F32(s), int(z), [int(v) for v in y]


def row(x, types, rounding):
    """(scale, zero point, codes) by the words of kernels/dynamicquantize/dynamicquantize.h."""
    kept = [min(max(v, -MOST), MOST) for v in x if not np.isnan(v)]
    low = F(float(min([F32(0)] + kept)))
    high = F(float(max([F32(0)] + kept)))
    least, most = (0, 255) if types == "u8" else (-128, 127)
    scale, zero = F(1), 0
    if high > low:
        # in double, as the words say: one rounding of the quotient
        scale = F(float((high - low)) / 255.0) if types == "u8" else F(float(max(-low, high)) / 127.0)
        zero = min(half_even(F(float(-low) / float(scale))), 255) if types == "u8" else 0
    stored = max(F32(float(scale)), LEAST_SCALE)
    codes = []
    for v in x:
        with np.errstate(all="ignore"):
            q = F32(v) / stored
        if np.isnan(q):
            codes.append(least)
        elif np.isinf(q):
            codes.append(most if q > 0 else least)
        else:
            codes.append(min(max(rounding(F(float(q))) + zero, least), most))
    return stored, zero, codes


def number(v):
    return "nan" if np.isnan(v) else ("-inf" if v < 0 else "inf") if np.isinf(v) else float(v).hex()


def line(source, x, types, rounding=half_even, expected=None):
    x = np.asarray(x, F32)
    stored, zero, codes = row(x, types, rounding)
    if expected:
        assert (stored, zero, codes) == (F32(expected[0]), expected[1], expected[2]), \
            (source, stored, zero, codes, expected)
    print(",".join([source, "f32" + types, "half_away" if rounding is half_away else "half_even",
                    float(stored).hex(), str(zero), " ".join(map(number, x)),
                    " ".join(map(str, codes))]))


TWENTY = [127.48, -40.1, 0, 89.74, 124.38, -39.1, 126.48, 21.2, -35.99, 124.16, 5.92, 41.68, 23.6,
          -26.4, -21.51, -20.6, 94.49, 85.07, 70.11, 76.91]
EXAMPLES = [
    ([0, 2, -3, -2.5, 1.34, 0.5], 0.0196078438, 153, [153, 255, 0, 26, 221, 179]),
    ([-1.0, -2.1, -1.3, -2.5, -3.34, -4.0], 0.0156862754, 255, [191, 121, 172, 96, 42, 0]),
    ([1, 2.1, 1.3, 2.5, 3.34, 4.0, 1.5, 2.6, 3.9, 4.0, 3.0, 2.345], 0.0156862754, 0,
     [64, 134, 83, 159, 213, 255, 96, 166, 249, 255, 191, 149]),
]


def main():
    print("source,types,round,scale,zero,x,codes")
    for x, scale, zero, codes in EXAMPLES:
        assert onnx_row(np.asarray(x, F32)) == (F32(scale), zero, codes), x
        line("onnx/docs/Operators.md DynamicQuantizeLinear", x, "u8", expected=(scale, zero, codes))
    line("by hand: 20 values asymmetric", TWENTY, "u8", expected=(
        0.6571764705882354, 61,
        [255, 0, 61, 198, 250, 2, 253, 93, 6, 250, 70, 124, 97, 21, 28, 30, 205, 190, 168, 178]))
    line("by hand: 20 values symmetric", TWENTY, "s8", expected=(
        1.003779527559055, 0,
        [127, -40, 0, 89, 124, -39, 126, 21, -36, 124, 6, 42, 24, -26, -21, -21, 94, 85, 70, 77]))
    line("by hand: ties at scale 1", [255, 0, 0.5, 1.5, 2.5], "u8", half_even,
         (1, 0, [255, 0, 0, 2, 2]))
    line("by hand: ties at scale 1", [255, 0, 0.5, 1.5, 2.5], "u8", half_away,
         (1, 0, [255, 0, 1, 2, 3]))
    line("by hand: ties at scale 1", [-127, 127, 0.5, -0.5, 2.5, -2.5], "s8", half_even,
         (1, 0, [-127, 127, 0, 0, 2, -2]))
    line("by hand: ties at scale 1", [-127, 127, 0.5, -0.5, 2.5, -2.5], "s8", half_away,
         (1, 0, [-127, 127, 1, -1, 3, -3]))
    # 127.5 and 126.5 are rounded to even however the codes are
    line("by hand: the zero point is a tie", [-127.5, 127.5, 0], "u8", half_away,
         (1, 128, [0, 255, 128]))
    line("by hand: the zero point is a tie", [-126.5, 128.5, 0], "u8", half_away,
         (1, 126, [0, 255, 126]))
    rng = np.random.default_rng(17)
    for types in "u8", "s8":
        for rounding in half_even, half_away:
            line("all zero", [0, -0.0, 0], types, rounding)
            line("all of one sign", [3, 4, 5.25], types, rounding)
            line("all of one sign", [-3, -4, -5.25], types, rounding)
            line("the least float", [2.0 ** -149, 0, -(2.0 ** -149)], types, rounding)
            line("denormals", [1e-40, -3e-41, 7e-42, 0], types, rounding)
            line("the greatest floats", [3.4e38, -MOST, MOST, 1e30], types, rounding)
            line("NaNs are left out", [np.nan, 1, -2, np.nan], types, rounding)
            line("nothing but NaN", [np.nan, np.nan], types, rounding)
            line("an infinity counts as the greatest float", [np.inf, 1, -1e38, 0, np.nan], types,
                 rounding)
            line("an infinity counts as the greatest float", [-np.inf, 1e38], types, rounding)
            line("both infinities", [-np.inf, 7, np.inf, 1e38], types, rounding)
            for count in 1, 7, 33, 150:
                line("random", rng.normal(rng.choice((0, 2, -5)), 1, count), types, rounding)
    differ = 0
    for _ in range(1000):
        x = rng.normal(rng.choice((0, 2, -5)), 1, 64).astype(F32)
        differ += onnx_row(x)[0] != row(x, "u8", half_even)[0]
    print(f"of 1000 random rows of 64 ONNX gives {differ} another scale", file=sys.stderr)


main()

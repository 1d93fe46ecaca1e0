#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Makes tests/golden/kernels.h, the truth of the reference kernels: Python 3.11, numpy 2.4.6,
onnx 1.23.2 (its reference evaluator of QuantizeLinear and DequantizeLinear, operator set 19).

    tests/golden/make/kernels.py > tests/golden/kernels.h

Half away from zero and the chains of fused multiply-adds are computed in exact rational numbers,
rounded once to float32; sums of codes by numpy in int64.
"""
import re
import textwrap
from fractions import Fraction
from math import floor

import numpy as np
from onnx import TensorProto, helper, numpy_helper
from onnx.reference import ReferenceEvaluator

RNG = np.random.default_rng(13)
F32 = np.float32
RANGE = {"u8": (0, 255), "s8": (-128, 127)}
DTYPE = {"u8": np.uint8, "s8": np.int8}


def round_half_away(x):
    return floor(abs(x) + Fraction(1, 2)) * (1 if x >= 0 else -1)


def to_f32(x):
    """The float32 nearest to the rational x, ties to even, denormals kept; x is no tie of huge."""
    if x == 0:
        return F32(0)
    sign, x = (-1 if x < 0 else 1), abs(x)
    exponent = -149
    while x / Fraction(2) ** exponent >= 1 << 24:
        exponent += 1
    scaled = x / Fraction(2) ** exponent
    whole = floor(scaled)
    rest = scaled - whole
    if rest > Fraction(1, 2) or (rest == Fraction(1, 2) and whole % 2):
        whole += 1
    return F32(sign * float(Fraction(whole) * Fraction(2) ** exponent))


def onnx_node(kind, x, scale, zero):
    inputs = {"x": x, "s": scale, "z": zero}
    kinds = {k: helper.np_dtype_to_tensor_dtype(v.dtype) for k, v in inputs.items()}
    result = kinds["z"] if kind == "QuantizeLinear" else TensorProto.FLOAT
    axis = {"axis": 0} if scale.ndim else {}
    graph = helper.make_graph(
        [helper.make_node(kind, ["x", "s", "z"], ["y"], **axis)], "one",
        [helper.make_tensor_value_info(k, kinds[k], v.shape) for k, v in inputs.items()],
        [helper.make_tensor_value_info("y", result, x.shape)])
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 19)])
    return ReferenceEvaluator(model).run(None, inputs)[0]


def number(x):
    if isinstance(x, (float, np.floating)):
        if np.isinf(x):
            return "-INFINITY" if x < 0 else "INFINITY"
        return re.sub(r"\.?0*p", "p", float(x).hex()) + "f"
    return str(int(x))


def array(kind, values):
    """A C compound literal, on one line or wrapped."""
    text = ", ".join(number(v) for v in np.asarray(values).reshape(-1))
    if len(text) < 60:
        return "(const %s[]){ %s }" % (kind, text)
    lines = textwrap.wrap(text, 76, break_long_words=False, break_on_hyphens=False)
    return "(const %s[]){\n\t\t\t%s }" % (kind, "\n\t\t\t".join(lines))


def struct(fields):
    short = ["." + "%s = %s" % f for f in fields[1:] if "[]" not in str(f[1])]
    print("\t{\n\t\t.source = %s,\n\t\t%s," % (fields[0][1], ", ".join(short)))
    for field in fields[1:]:
        if "[]" in str(field[1]):
            print("\t\t.%s = %s," % field)
    print("\t},")


def quantize(source, types, x, scale, zero, y, rounding="QS_HALF_EVEN", clamp=None):
    x = np.atleast_2d(np.asarray(x, F32))
    scale, zero = np.atleast_1d(np.asarray(scale, F32)), np.atleast_1d(np.asarray(zero))
    low, high = clamp or RANGE[types]
    if "Operators.md" in source:
        at = 0 if len(scale) == 1 else slice(None)
        assert np.array_equal(onnx_node("QuantizeLinear", x, scale[at], np.asarray(
            zero[at], DTYPE[types])), np.atleast_2d(y)), source
    struct([("source", '"%s"' % source), ("y", "QS_" + types.upper()),
            ("m", x.shape[0]), ("k", x.shape[1]), ("scales", len(scale)),
            ("round", rounding), ("low", low), ("high", high),
            ("scale", array("float", scale)), ("zero", array("int32_t", zero)),
            ("x", array("float", x)), ("codes", array("int32_t", y))])


def quantize_onnx(types, shape, per_row, seed):
    rng = np.random.default_rng(seed)
    rows = shape[0] if per_row else ()
    scale = np.exp(rng.normal(-3, 1, rows)).astype(F32)
    zero = np.asarray(rng.integers(RANGE[types][0], RANGE[types][1] + 1, rows), DTYPE[types])
    spread = (scale * 90).reshape(-1, 1) if per_row else scale * 90
    x = (rng.normal(0, 1, shape) * spread).astype(F32)
    quantize("onnx reference, QuantizeLinear, random", types, x, scale, zero,
             onnx_node("QuantizeLinear", x, np.asarray(scale), zero))


def quantize_exact(source, types, x, scale, zero, rounding, clamp=None):
    """Division in float32, as the rule says; the rest in exact numbers."""
    low, high = clamp or RANGE[types]
    codes = []
    for value in np.asarray(x, F32):
        with np.errstate(all="ignore"):
            q = value / F32(scale)
        if np.isinf(q):
            codes.append(high if q > 0 else low)
            continue
        q = Fraction(float(q))
        whole = round(q) if rounding == "QS_HALF_EVEN" else round_half_away(q)
        codes.append(min(max(whole + zero, low), high))
    quantize(source, types, x, scale, zero, codes, rounding, clamp)


TWENTY = [127.48, -40.1, 0, 89.74, 124.38, -39.1, 126.48, 21.2, -35.99, 124.16, 5.92, 41.68, 23.6,
          -26.4, -21.51, -20.6, 94.49, 85.07, 70.11, 76.91]
HALVES = [-1, -0.5, 0, 0.5, 1, 2, 3, 4]
TIES = [0, -0.0, 0.5, 1.5, 2.5, 3.5, -0.5, -1.5, -2.5, -3.5, 126.5, 127.5, 128.5, -127.5, -128.5,
        254.5, 255.5, 0.49999997, -0.49999997, 0.50000006, 1.4999999, 2.4999998]
HUGE = [8388607.5, 8388608, 8388609, 16777215, -8388609, 1e9, -1e9, 2147483648, -2147483648, 3e9,
        1e30, -1e30, 3.4e38, -3.4e38, np.inf, -np.inf, 1e-45, -1e-45, 1e-38]


def quantize_cases():
    print("static const struct golden_quantize golden_quantize[] = {")
    quantize("onnx/docs/Operators.md, QuantizeLinear, example quantizelinear", "u8",
             [0, 2, 3, 1000, -254, -1000], 2, 128, [128, 129, 130, 255, 1, 0])
    quantize("onnx/docs/Operators.md, QuantizeLinear, example axis", "u8",
             [[-162, 10, -100, 232, -20, -50], [-76, 0, 0, 252, 32, -44],
              [245, -485, -960, -270, -375, -470]], [2, 4, 5], [84, 24, 196],
             [[3, 89, 34, 200, 74, 59], [5, 24, 24, 87, 32, 13], [245, 99, 4, 142, 121, 102]])
    quantize("by hand: 20 values, asymmetric min-max, scale (127.48 + 40.1) / 255", "u8", TWENTY,
             0.6571764705882354, 61,
             [255, 0, 61, 198, 250, 2, 253, 93, 6, 250, 70, 124, 97, 21, 28, 30, 205, 190, 168, 178])
    quantize("by hand: the same 20, symmetric, scale 127.48 / 127", "s8", TWENTY,
             1.003779527559055, 0,
             [127, -40, 0, 89, 124, -39, 126, 21, -36, 124, 6, 42, 24, -26, -21, -21, 94, 85, 70, 77])
    quantize("by hand: halves", "s8", HALVES, 0.5, 0, [-2, -1, 0, 1, 2, 4, 6, 8])
    quantize("by hand: halves times 100, five of eight clip", "s8", np.array(HALVES) * 100, 0.5, 0,
             [-128, -100, 0, 100, 127, 127, 127, 127])
    for types, zero in ("u8", 7), ("s8", -3):
        for rounding in "QS_HALF_EVEN", "QS_HALF_AWAY":
            quantize_exact("exact rationals: ties", types, TIES, 1, zero, rounding)
            quantize_exact("exact rationals: huge, tiny, infinite", types, HUGE, 1, zero, rounding)
            quantize_exact("exact rationals: a denormal scale makes infinite quotients", types,
                           [0, 1, -1, 1e-40, -2e-40, 1.5e-40, 3e38], 1e-40, zero, rounding)
        low = RANGE[types][0] and -8
        quantize_exact("exact rationals: 4 bits", types, np.linspace(-12, 22, 35), 0.75, low + 5,
                       "QS_HALF_AWAY", (low, low + 15))
        quantize_exact("exact rationals: a ReLU is a clamp at the zero point", types, TWENTY, 1,
                       17, "QS_HALF_EVEN", (17, RANGE[types][1]))
        quantize_onnx(types, (2, 21), False, 5)
        quantize_onnx(types, (3, 35), True, 6)
    print("};\n")


def dequantize(source, types, codes, scale, zero, y):
    codes = np.atleast_2d(codes)
    scale, zero = np.atleast_1d(np.asarray(scale, F32)), np.atleast_1d(np.asarray(zero))
    struct([("source", '"%s"' % source), ("a", "QS_" + types.upper()),
            ("m", codes.shape[0]), ("k", codes.shape[1]), ("scales", len(scale)),
            ("scale", array("float", scale)), ("zero", array("int32_t", zero)),
            ("codes", array("int32_t", codes)), ("y", array("float", np.asarray(y, F32)))])


def dequantize_cases():
    print("static const struct golden_dequantize golden_dequantize[] = {")
    dequantize("onnx/docs/Operators.md, DequantizeLinear, example dequantizelinear", "u8",
               [0, 3, 128, 255], 2, 128, [-256, -250, 0, 254])
    dequantize("onnx/docs/Operators.md, DequantizeLinear, example axis", "u8",
               [[3, 89, 34, 200, 74, 59], [5, 24, 24, 87, 32, 13], [245, 99, 4, 142, 121, 102]],
               [2, 4, 5], [84, 24, 196],
               [[-162, 10, -100, 232, -20, -50], [-76, 0, 0, 252, 32, -44],
                [245, -485, -960, -270, -375, -470]])
    dequantize("by hand: both ends of the codes and of the zero points", "s8",
               [[-128, -1, 0, 1, 127]] * 3, [1, 0.5, 4], [-128, 127, 0],
               [[0, 127, 128, 129, 255], [-127.5, -64, -63.5, -63, 0], [-512, -4, 0, 4, 508]])
    dequantize("by hand: both ends of the codes and of the zero points", "u8",
               [[0, 1, 128, 254, 255]] * 3, [1, 0.5, 4], [255, 0, 128],
               [[-255, -254, -127, -1, 0], [0, 0.5, 64, 127, 127.5], [-512, -508, 0, 504, 508]])
    dequantize("by hand: a denormal scale of 2^-149 and one of 2^120", "s8",
               [[-128, 0, 3], [-128, 0, 127]], [2.0 ** -149, 2.0 ** 120], [0, 0],
               [[-128 * 2.0 ** -149, 0, 3 * 2.0 ** -149], [-(2.0 ** 127), 0, 127 * 2.0 ** 120]])
    for types in "u8", "s8":
        for shape, per_row, seed in ((1, 52), False, 1), ((4, 17), True, 2), ((2, 26), True, 3):
            rng = np.random.default_rng(seed)
            rows = shape[0] if per_row else ()
            scale = np.asarray(np.exp(rng.normal(-3, 1, rows)), F32)
            zero = np.asarray(rng.integers(*RANGE[types], rows), DTYPE[types])
            codes = np.arange(256).reshape(shape[0], -1)[:, :5 * shape[1]:5] + RANGE[types][0]
            codes = codes.astype(DTYPE[types])
            dequantize("onnx reference, DequantizeLinear", types, codes, scale, zero,
                       onnx_node("DequantizeLinear", codes, scale, zero))
    print("};\n")


def gemm_s32(source, a, w, zero_a, zero_w, bias, y=None):
    a, w = np.asarray(a, np.int64), np.asarray(w, np.int64)
    zero_a, zero_w = np.atleast_1d(zero_a), np.atleast_1d(zero_w)
    truth = (a - zero_a.reshape(-1, 1)) @ (w - zero_w.reshape(-1, 1)).T
    truth = truth + (np.asarray(bias) if bias is not None else 0)
    assert y is None or np.array_equal(truth, y), (truth, y)
    assert abs(truth).max() < 2 ** 31
    struct([("source", '"%s"' % source), ("m", a.shape[0]), ("n", w.shape[0]), ("k", a.shape[1]),
            ("zeros_a", len(zero_a)), ("zeros_w", len(zero_w)),
            ("a", array("int32_t", a)), ("w", array("int32_t", w)),
            ("zero_a", array("int32_t", zero_a)), ("zero_w", array("int32_t", zero_w)),
            ("bias", array("int64_t", bias) if bias is not None else "NULL"),
            ("y", array("int32_t", truth))])


def gemm_s32_cases():
    def codes(shape):
        return RNG.integers(0, 256, shape), RNG.integers(-128, 128, shape)

    print("static const struct golden_gemm_s32 golden_gemm_s32[] = {")
    gemm_s32("by hand: 1*4 + 2*-5 + 3*6", [[1, 2, 3]], [[4, -5, 6]], 0, 0, None, [[12]])
    gemm_s32("by hand: (10-3)(4-1) + (0-3)(-128-1) + 5", [[10, 0]], [[4, -128]], 3, 1, [5],
             [[413]])
    gemm_s32("by hand: two rows with zero points 0 and 255, two channels with -128 and 127",
             [[255, 255], [0, 0]], [[127, 127], [-128, -128]], [0, 255], [-128, 127], [-1, 1],
             [[2 * 255 * 255 - 1, 2 * 255 * -255 + 1], [2 * -255 * 255 - 1, 2 * 255 * 255 + 1]])
    gemm_s32("by hand: pairs of 255 * -128 and 255 * 127, where 16 bits would saturate",
             [[255] * 4] * 2, [[-128] * 4, [127] * 4, [127, -128, 127, -128]], 0, 0, None,
             [[-130560, 129540, -510]] * 2)
    a, w = codes((7, 19))[0], codes((9, 19))[1]
    gemm_s32("numpy int64, zero point a tensor", a, w, 128, -7, RNG.integers(-10 ** 6, 10 ** 6, 9))
    a, w = codes((8, 33))[0], codes((17, 33))[1]
    gemm_s32("numpy int64, zero point a row and a channel", a, w, RNG.integers(0, 256, 8),
             RNG.integers(-128, 128, 17), RNG.integers(-10 ** 6, 10 ** 6, 17))
    a, w = codes((2, 130))[0], codes((3, 130))[1]
    gemm_s32("numpy int64, no zero points", a, w, 0, 0, None)
    print("};\n")


def chain(a, w, bias):
    total = F32(0)
    for x, y in zip(a, w):
        exact = Fraction(float(x)) * Fraction(float(y)) + Fraction(float(total))
        total = to_f32(exact)
    return total if bias is None else F32(total + F32(bias))


def gemm_f32(source, a, w, bias, y=None):
    a, w = np.asarray(a, F32), np.asarray(w, F32)
    truth = np.array([[chain(row, col, None if bias is None else bias[j])
                       for j, col in enumerate(w)] for row in a], F32)
    assert y is None or np.array_equal(truth, np.asarray(y, F32)), (truth, y)
    struct([("source", '"%s"' % source), ("m", a.shape[0]), ("n", w.shape[0]), ("k", a.shape[1]),
            ("a", array("float", a)), ("w", array("float", w)),
            ("bias", array("float", np.asarray(bias, F32)) if bias is not None else "NULL"),
            ("y", array("float", truth))])


def gemm_f32_cases():
    print("static const struct golden_gemm_f32 golden_gemm_f32[] = {")
    gemm_f32("by hand: 1*4 + 2*5 + 3*6 + 0.5", [[1, 2, 3]], [[4, 5, 6]], [0.5], [[32.5]])
    one = 1 + 2.0 ** -23
    gemm_f32("by hand: the product is not rounded: (1+e)^2 - (1+2e) = e^2, e = 2^-23",
             [[-1, one]], [[1 + 2.0 ** -22, one]], None, [[2.0 ** -46]])
    gemm_f32("by hand: k ascends: 2^24 + 1 + 1 stays 2^24, 1 + 1 + 2^24 does not",
             [[2.0 ** 24, 1, 1], [1, 1, 2.0 ** 24]], [[1, 1, 1]], None,
             [[2.0 ** 24], [2.0 ** 24 + 2]])
    gemm_f32("by hand: the bias comes last: (2^24 - 2^24) + 1, and 2^24 + 1 - 2^24 by the bias",
             [[2.0 ** 24, -(2.0 ** 24)], [2.0 ** 24, 1]], [[1, 1]], [1], [[1], [2.0 ** 24]])
    gemm_f32("by hand: denormal products are kept: 2^-75 * 2^-74 twice is 2^-148",
             [[2.0 ** -75, 2.0 ** -75]], [[2.0 ** -74, 2.0 ** -74]], None, [[2.0 ** -148]])
    for m, n, k in (2, 3, 40), (7, 17, 5):
        spread = 2.0 ** RNG.integers(-12, 12, (m, k))
        gemm_f32("exact rationals, each step rounded once", RNG.normal(0, 1, (m, k)) * spread,
                 RNG.normal(0, 1, (n, k)), RNG.normal(0, 1, n) if m > 2 else None)
    print("};\n")


print("""/* SPDX-License-Identifier: MIT
 *
 * The truth of the reference kernels, for t50_kernels.c: a table for each operation, in each row
 * where its numbers come from.  Floats are hexadecimal, so that no digit is rounded.  Made by
 * tests/golden/make/kernels.py with Python 3.11, numpy 2.4.6 and onnx 1.23.2; do not edit.
 */
#include <math.h>
#include <stdint.h>
""")
quantize_cases()
dequantize_cases()
gemm_s32_cases()
gemm_f32_cases()

#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Truth for codes and what they mean, of all integer types: Python 3.11.7, numpy 2.4.6, onnx 1.23.2
(its reference evaluator) and onnxruntime 1.31.1 (CPU, no graph optimization) of QuantizeLinear and
DequantizeLinear (operator set 21; 25 for 2 bits) and DynamicQuantizeLinear (operator set 11).

    python3 tests/golden/make/quantize_linear.py > tests/golden/quantize_linear.csv

Codes and values follow the operators' words, saturate(round(x / scale) + zero point) and (code -
zero point) * scale, in float32 with one rounding an operation.  Both programs are run on every line;
the last two columns say what came of it: `same` bits, or `clips_wrong`.  That is what they do with a
quotient of 2^31 and more, infinities included: it is cast to int32 before it is clipped, which gives
-2^31 on x86-64 whatever its sign, so that the greatest values come out as the least code.  onnx does
so for every type, onnxruntime for those of 2 bits alone; the words say saturate.  The script stops
where another line differs.

Lines `dynamic` hold the scale, zero point and codes that both programs give, in float32 throughout,
and in the column onnx by how many float32 steps the scale is apart from (max - min) / 255 rounded
once: 0 or 1.  Where the values lie on both sides of 0 max - min is rounded before it is divided.

The float8, float6 and float4 types of the operators are left out: this build has no such format.
"""
import sys

import numpy as np
import onnxruntime
from onnx import TensorProto, helper
from onnx.reference import ReferenceEvaluator

F32 = np.float32
TYPES = {
    "u8": (TensorProto.UINT8, 0, 255), "s8": (TensorProto.INT8, -128, 127),
    "u16": (TensorProto.UINT16, 0, 65535), "s16": (TensorProto.INT16, -32768, 32767),
    "u4": (TensorProto.UINT4, 0, 15), "s4": (TensorProto.INT4, -8, 7),
    "u2": (TensorProto.UINT2, 0, 3), "s2": (TensorProto.INT2, -2, 1),
}
PAST_INT32 = ("quotients past 2^31", "quotients past the end of float32", "infinities")
MOST = F32(np.finfo(np.float32).max)
onnxruntime.set_default_logger_severity(4)


def index_of(per, block, rows, columns):
    """Which scale each element has, and the shape of the scales."""
    r, c = np.meshgrid(np.arange(rows), np.arange(columns), indexing="ij")
    groups = -(-columns // block) if block else 0
    return {"tensor": (r * 0, ()), "row": (r, (rows,)), "column": (c, (columns,)),
            "block": (r * groups + c // max(block, 1), (rows, groups)),
            "block_of_rows": (r // max(block, 1) * columns + c,
                              (-(-rows // max(block, 1)), columns))}[per]


def model(kind, types, per, block, scales, zeros, rows, columns, codes=None):
    proto = TYPES[types][0]
    shape = index_of(per, block, rows, columns)[1]
    attributes = {}
    if per != "tensor":
        attributes["axis"] = 0 if per in ("row", "block_of_rows") else 1
    if block:
        attributes["block_size"] = block
    constants = [helper.make_tensor("s", TensorProto.FLOAT, shape, [float(s) for s in scales]),
                 helper.make_tensor("z", proto, shape, [int(z) for z in zeros])]
    if kind == "QuantizeLinear":
        nodes = [helper.make_node(kind, ["x", "s", "z"], ["q"], **attributes),
                 helper.make_node("Cast", ["q"], ["y"], to=TensorProto.INT32)]
        inputs = [helper.make_tensor_value_info("x", TensorProto.FLOAT, (rows, columns))]
        output = TensorProto.INT32
    else:
        nodes = [helper.make_node(kind, ["x", "s", "z"], ["y"], **attributes)]
        constants.append(helper.make_tensor("x", proto, (rows, columns),
                                            [int(c) for c in codes.ravel()]))
        inputs, output = [], TensorProto.FLOAT
    graph = helper.make_graph(
        nodes, "one", inputs, [helper.make_tensor_value_info("y", output, (rows, columns))],
        constants)
    opset = 25 if types[1:] == "2" else 21
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", opset)],
                             ir_version=13 if opset == 25 else 10)


def by_onnx(made, feed):
    with np.errstate(all="ignore"):
        return ReferenceEvaluator(made).run(None, feed)


def by_onnxruntime(made, feed):
    options = onnxruntime.SessionOptions()
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
    return onnxruntime.InferenceSession(made.SerializeToString(), options).run(None, feed)


def truth(types, index, scales, zeros, x):
    low, high = TYPES[types][1:]
    scale, zero = scales[index], zeros[index]
    with np.errstate(all="ignore"):
        q = (x / scale).astype(F32)
        codes = np.clip(np.rint(q.astype(np.float64)) + zero, low, high).astype(np.int64)
        values = (codes - zero).astype(F32) * scale
    return codes, values


def same_bits(found, expected):
    found = np.asarray(found).astype(expected.dtype)
    return (found == expected).all() and (np.signbit(found) == np.signbit(expected)).all()


def number(v):
    if np.isinf(v):
        return "-inf" if v < 0 else "inf"
    mantissa, exponent = float(v).hex().split("p")
    return (mantissa.rstrip("0").rstrip(".") if "." in mantissa else mantissa) + "p" + exponent


def print_line(what, types, per, shape, block, scales, zeros, x, codes, values, words):
    print(",".join([what, types, per, str(shape[0]), str(shape[1]), str(block),
                    " ".join(map(number, scales)), " ".join(map(str, zeros)),
                    " ".join(map(number, x.ravel())), " ".join(map(str, codes.ravel())),
                    " ".join(map(number, values.ravel()))] + words))


def emit(what, types, per, block, scales, zeros, x):
    x = x.astype(F32)
    scales, zeros = np.asarray(scales, F32), np.asarray(zeros, np.int64)
    index = index_of(per, block, *x.shape)[0]
    codes, values = truth(types, index, scales, zeros, x)
    words = []
    for name, run in (("onnx", by_onnx), ("onnxruntime", by_onnxruntime)):
        made = model("QuantizeLinear", types, per, block, scales, zeros, *x.shape)
        same = same_bits(run(made, {"x": x})[0], codes)
        wrong = what in PAST_INT32 and (name == "onnx" or types[1:] == "2")
        assert same != wrong, (name, what, types)
        words.append("same" if same else "clips_wrong")
        made = model("DequantizeLinear", types, per, block, scales, zeros, *x.shape, codes)
        assert same_bits(run(made, {})[0], values), (name, what, types, "dequantized")
    print_line(what, types, per, x.shape, block, scales, zeros, x, codes, values, words)


def steps_apart(a, b):
    return abs(int(F32(a).view(np.int32)) - int(F32(b).view(np.int32)))


def scales_of(x):
    """By double and rounded once, and in float32."""
    low, high = min(F32(0), x.min()), max(F32(0), x.max())
    return F32((float(high) - float(low)) / 255), (high - low) / F32(255)


def emit_dynamic(what, x):
    x = x.astype(F32).reshape(1, -1)
    graph = helper.make_graph(
        [helper.make_node("DynamicQuantizeLinear", ["x"], ["y", "s", "z"])], "one",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, x.shape)],
        [helper.make_tensor_value_info("y", TensorProto.UINT8, x.shape),
         helper.make_tensor_value_info("s", TensorProto.FLOAT, []),
         helper.make_tensor_value_info("z", TensorProto.UINT8, [])])
    made = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 11)], ir_version=10)
    y, s, z = by_onnx(made, {"x": x})
    for found, expected in zip(by_onnxruntime(made, {"x": x}), (y, s, z)):
        assert same_bits(found, expected), (what, found, expected)
    apart = steps_apart(scales_of(x)[0], s)
    values = (y.astype(np.int64) - int(z)).astype(F32) * F32(s)
    print_line(what, "u8", "dynamic", x.shape, 0, [s], [int(z)], x, y, values, [str(apart), ""])


def zero_points(types):
    low, high = TYPES[types][1:]
    return sorted({low, 0, (low + high) // 2, high})


def around(types, scale, zero):
    """Ties, their neighbours and both ends of the codes, at any scale."""
    low, high = TYPES[types][1:]
    x = []
    for code in sorted({low - 1, low, zero - 1, zero, (low + high) // 2, high - 1, high}):
        for part in (0, 0.5):
            at = F32((code + part - zero) * float(scale))
            x += [np.nextafter(at, F32(-np.inf)), at, np.nextafter(at, F32(np.inf))]
    return np.array([x], F32)


def main():
    print("what,types,per,rows,columns,block,scales,zeros,x,codes,values,onnx,onnxruntime")
    rng = np.random.default_rng(25)
    least = F32(2.0 ** -149)
    for types in TYPES:
        low, high = TYPES[types][1:]
        middle = (low + high + 1) // 2
        for zero in zero_points(types):
            emit("ties and ends", types, "tensor", 0, [0.5], [zero], around(types, F32(0.5), zero))
        emit("ties of a scale with a long significand", types, "tensor", 0, [0.1], [middle],
             around(types, F32(0.1), middle))
        emit("both zeros", types, "tensor", 0, [0.25], [middle],
             np.array([[0.0, -0.0, 2.0 ** -149, -(2.0 ** -149), 0.1, -0.1]], F32))
        emit("denormals at the least scale", types, "tensor", 0, [least], [0],
             np.array([[k * 2.0 ** -149 for k in (-9, -3, -1, 0, 1, 2, 5, 300)]], F32))
        emit("denormals at a denormal scale", types, "tensor", 0, [5e-42], [middle],
             np.array([[1e-41, -1e-41, 7.5e-42, -2.5e-42, 3e-40, -0.0]], F32))
        emit("large quotients", types, "tensor", 0, [1e-4], [middle],
             np.array([[2e5, -2e5, 6.5, 3.2767, -3.2768, 1.5e5, -1.9e5]], F32))
        emit("quotients past 2^31", types, "tensor", 0, [1e-4], [middle],
             np.array([[2.2e5, -2.2e5, 1e30, -1e30, MOST, -MOST]], F32))
        emit("quotients past the end of float32", types, "tensor", 0, [least], [middle],
             np.array([[MOST, -MOST, 1.0, -1.0]], F32))
        emit("infinities", types, "tensor", 0, [1.0], [middle],
             np.array([[np.inf, -np.inf, 1.0]], F32))
        emit("huge values and a huge scale", types, "tensor", 0, [1e38], [middle],
             np.array([[MOST, -MOST, 1.5e38, 2.5e38, -0.5e38, 5e37]], F32))
        for per, rows, columns, block in (("row", 3, 17, 0), ("column", 3, 9, 0),
                                          ("block", 2, 37, 32), ("block", 1, 64, 32),
                                          ("block", 2, 5, 2), ("block_of_rows", 5, 4, 2)):
            shape = index_of(per, block, rows, columns)[1]
            count = int(np.prod(shape))
            scales = (2.0 ** rng.uniform(-7, 1, count)).astype(F32)
            zeros = rng.integers(low, high + 1, count)
            index = index_of(per, block, rows, columns)[0]
            span = (high - low) * scales[index]
            x = (rng.uniform(low, high, (rows, columns)) - zeros[index]) * scales[index]
            x = np.where(rng.uniform(size=x.shape) < 0.1, rng.normal(0, 2, x.shape) * span, x)
            emit("random", types, per, block, scales, zeros, x)
    emit_dynamic("by hand", np.array([0, 2, -3, -2.5, 1.34, 0.5]))
    emit_dynamic("all of one sign", np.array([1, 2.5, 3.34, 4]))
    emit_dynamic("all of one sign", np.array([-1, -2.5, -3.34, -4]))
    emit_dynamic("the zero point is a tie", np.array([-127.5, 127.5, 0, -0.0]))
    emit_dynamic("ties", np.array([0, 255, 0.5, 1.5, 2.5, 253.5, 254.5]))
    # 5 of a million random pairs are so near a tie that the two scales make two zero points
    emit_dynamic("another zero point", np.array([float.fromhex("-0x1.fd09eap+1"), 0.5,
                                                 float.fromhex("0x1.17a838p+2")]))
    seen = [0, 0]
    while min(seen) < 8:
        x = rng.normal(0, 1, 12)
        apart = steps_apart(*scales_of(x.astype(F32)))
        seen[apart] += 1
        if seen[apart] <= 8:
            emit_dynamic("random", x)
    apart = []
    for _ in range(10000):
        x = rng.normal(rng.choice((0, 2, -5)), 1, 64).astype(F32)
        apart.append(steps_apart(*scales_of(x)))
    print(f"of 10000 random rows of 64 float32 gives {np.count_nonzero(apart)} another scale, at most "
          f"{max(apart)} steps apart", file=sys.stderr)


main()

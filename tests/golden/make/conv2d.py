#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Truth for convolutions: Python 3.11, numpy 2.4.6, onnx 1.23.2, onnxruntime 1.31.1.

    python3 tests/golden/make/conv2d.py > tests/golden/conv2d.csv

Sums of codes are ONNX Runtime's ConvInteger (s8 activations as u8, 128 more with their zero point), floats its
Conv on whole numbers, whose sums are exact in any order; codes are those sums times float32 scales,
rounded by numpy.  Arrays are written as our kernels have them: channels last, weights [out][h][w][in].
"""

import numpy as np
import onnxruntime
from onnx import TensorProto as T, helper

RNG = np.random.default_rng(6)
RANGE = {"u8": (0, 255), "s8": (-128, 127)}



def run(operation, inputs, out_type, c):
    names = [name for name, _, _ in inputs]
    node = helper.make_node(operation, names, ["y"], kernel_shape=c["k"], strides=c["s"], pads=c["p"],
                            dilations=c["d"], group=c["g"])
    values = [helper.make_tensor_value_info(n, t, list(x.shape)) for n, t, x in inputs]
    graph = helper.make_graph([node], "conv", values, [helper.make_tensor_value_info("y", out_type, None)])
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)], ir_version=8)
    session = onnxruntime.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
    y = session.run(["y"], {n: x for n, _, x in inputs})[0]
    return np.moveaxis(y, 1, 3)


def text(c):
    groups = f"g{c['g']}" if c["g"] != 1 else ""
    dilation = "d%dx%d" % c["d"] if c["d"] != (1, 1) else ""
    return "%dx%dx%dx%d-%d" % c["x"] + "k%dx%ds%dx%d" % (c["k"] + c["s"]) + "p%dx%dx%dx%d" % c["p"] + dilation + groups


def words(values):
    return " ".join(str(int(v)) for v in np.ravel(values))


def line(types, c, zero_a, zero_w, bias, a, w, y, scales="", mapping=""):
    print(",".join([types, text(c), str(zero_a), str(zero_w), words(bias), scales, mapping, words(a),
                    words(np.moveaxis(w, 1, 3)), words(y)]))


def case(x, k, s=(1, 1), p=(0, 0, 0, 0), d=(1, 1), g=1):
    return {"x": x, "k": k, "s": s, "p": p, "d": d, "g": g}


def drawn(low, high, c):
    n, h, w, ch, out = c["x"]
    return (RNG.integers(low, high + 1, (n, h, w, ch)),
            RNG.integers(-128, 128, (out, ch // c["g"]) + c["k"]), RNG.integers(-9999, 9999, out))


def sums(kind, c, zero_a, zero_w, a, w, bias):
    more = 128 if kind == "s8" else 0
    x = np.moveaxis(a + more, 3, 1).astype(np.uint8)
    y = run("ConvInteger", [("x", T.UINT8, x), ("w", T.UINT8, (w + 128).astype(np.uint8)),
                            ("xz", T.UINT8, np.array(zero_a + more, np.uint8)),
                            ("wz", T.UINT8, np.array(zero_w + 128, np.uint8))], T.INT32, c)
    return y.astype(np.int64) + bias


CASES = [
    case((1, 5, 5, 3, 4), (3, 3), p=(1, 1, 1, 1)),
    case((2, 4, 7, 5, 3), (3, 3), s=(2, 2), p=(0, 0, 1, 1)),
    case((1, 6, 5, 2, 3), (2, 3), s=(1, 2), p=(1, 0, 0, 2)),
    case((1, 9, 8, 4, 2), (3, 3), p=(2, 2, 2, 2), d=(2, 3)),
    case((1, 5, 6, 6, 4), (3, 3), p=(1, 1, 1, 1), g=2),
    case((1, 5, 9, 7, 7), (3, 3), p=(1, 1, 1, 1), g=7),
    case((1, 7, 8, 16, 16), (3, 3), s=(2, 2), p=(1, 1, 1, 1), g=16),
    case((2, 3, 4, 5, 6), (1, 1)),
    case((1, 6, 5, 5, 3), (1, 1), s=(2, 2)),
]

print("types,conv,zero_a,zero_w,bias,scales_w,map,a,w,y")
for c in CASES:
    for kind in RANGE:
        low, high = RANGE[kind]
        zero_a, zero_w = int(RNG.integers(low, high + 1)), int(RNG.integers(-3, 4))
        a, w, bias = drawn(low, high, c)
        total = sums(kind, c, zero_a, zero_w, a, w, bias)
        line(kind + "s8s32", c, zero_a, zero_w, bias, a, w, total)
        to = "u8" if kind == "s8" else "s8"
        scales = RNG.uniform(0.5, 2, c["x"][4]).astype(np.float32)
        zero_y = int(RNG.integers(-20, 20)) + (128 if to == "u8" else 0)
        unit = np.float32(np.float64(scales) * 0.25 / 512)
        code = np.rint(total.astype(np.float32) * unit).astype(np.int64) + zero_y
        line(f"{kind}s8{to}_channel", c, zero_a, zero_w, bias, a, w, np.clip(code, *RANGE[to]),
             " ".join(float(s).hex() for s in scales), f"{0.25.hex()} {512.0.hex()} {zero_y}")
    a, w, bias = drawn(-128, 127, c)
    inputs = [("x", T.FLOAT, np.moveaxis(a, 3, 1).astype(np.float32)), ("w", T.FLOAT, w.astype(np.float32)),
              ("b", T.FLOAT, bias.astype(np.float32))]
    line("f32f32f32", c, 0, 0, bias, a, w, run("Conv", inputs, T.FLOAT, c))

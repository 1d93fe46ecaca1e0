#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Makes tests/golden/graphs/*.onnx, small networks of everything that is lowered, and graphs.csv:
an input of two samples each and what onnx's reference evaluator makes of it.  onnx 1.23.2,
numpy 2.4.6.  (Below opset 14 that evaluator normalizes by the batch, as in training.)

    tests/golden/make/graphs.py tests/golden
"""
import os
import sys

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper
from onnx.reference import ReferenceEvaluator

FOLDER = sys.argv[1]
RNG = np.random.default_rng(11)
SAMPLES = 2


class Network:
    def __init__(self, name, opset, shape):
        self.name, self.opset, self.shape = name, opset, shape
        self.nodes, self.tensors, self.inputs = [], [], []

    def weight(self, name, *shape, kind="f4", low=None):
        array = RNG.normal(0, 1, shape) if low is None else RNG.uniform(low, 2, shape)
        self.tensors.append(numpy_helper.from_array(array.astype(kind), name))
        return name

    def constant(self, name, values, kind="f4"):
        self.tensors.append(numpy_helper.from_array(np.array(values, kind), name))
        return name

    def node(self, op, *inputs, out=None, **attributes):
        out = out or "%s%d" % (op.lower(), len(self.nodes))
        self.nodes.append(helper.make_node(op, inputs, [out], "node_" + out, **attributes))
        return out

    def normalization(self, x, channels, **attributes):
        name = "norm%d" % len(self.nodes)
        return self.node("BatchNormalization", x, self.weight(name + ".scale", channels),
                         self.weight(name + ".shift", channels),
                         self.weight(name + ".mean", channels),
                         self.weight(name + ".variance", channels, low=0.2), **attributes)

    def write(self, out, rank):
        value = helper.make_tensor_value_info
        inputs = [value("x", TensorProto.FLOAT, ["N", *self.shape])] + self.inputs
        graph = helper.make_graph(self.nodes, self.name, inputs,
                                  [value(out, TensorProto.FLOAT, ["N"] + [None] * (rank - 1))],
                                  self.tensors)
        model = helper.make_model(graph, producer_name="quantsweep", ir_version=7,
                                  opset_imports=[helper.make_opsetid("", self.opset)])
        onnx.checker.check_model(model)
        onnx.save(model, os.path.join(FOLDER, "graphs", self.name + ".onnx"))
        x = RNG.normal(0, 1, (SAMPLES, *self.shape)).astype("f4")
        for tensor in model.graph.initializer:  # the evaluator wants one type
            array = numpy_helper.to_array(tensor)
            if array.dtype.kind == "f":
                tensor.CopyFrom(numpy_helper.from_array(array.astype("f4"), tensor.name))
        y, = ReferenceEvaluator(model).run(None, {"x": x})
        for key, array in ("x", x), ("y", y):
            numbers = " ".join("%.9g" % v for v in array.ravel())
            lines.append("%s,%s,%s,%s" % (self.name, key, "x".join(map(str, array.shape[1:])),
                                          numbers))


lines = ["# network,tensor,shape of a sample (channels first),%d samples" % SAMPLES]

# pads that differ on all sides, a folded normalization, columns of a flattened image; transB
n = Network("image_product", 14, (3, 5, 4))
y = n.node("Conv", "x", n.weight("c.w", 4, 3, 3, 2), n.weight("c.b", 4), pads=[0, 1, 2, 0],
           strides=[2, 1])
y = n.node("Relu", n.normalization(y, 4, epsilon=0.01))
y = n.node("Gemm", n.node("Flatten", y), n.weight("g.w", 5, 48), n.weight("g.b", 5), transB=1)
n.write(y, 2)

# products: a bias on the left, alpha and beta, a scalar bias, nodes that do nothing
n = Network("products", 7, (4,))
y = n.node("Add", n.weight("m.b", 1, 6), n.node("MatMul", "x", n.weight("m.w", 4, 6)))
y = n.node("Dropout", n.node("Identity", n.node("Relu", y)), ratio=0.25)
y = n.node("Gemm", y, n.weight("g.w", 6, 5), n.weight("g.b", 1), alpha=0.5, beta=2.0)
y = n.node("Gemm", n.node("Relu", y), n.weight("h.w", 3, 5), n.weight("h.b", 1, 3), transB=1)
n.write(y, 2)

# even kernels and odd sizes under auto_pad
n = Network("same", 11, (2, 5, 6))
y = n.node("Conv", "x", n.weight("a.w", 3, 2, 2, 3), auto_pad="SAME_UPPER", strides=[2, 2])
y = n.node("Conv", n.node("Relu", y), n.weight("b.w", 4, 3, 2, 2), auto_pad="SAME_LOWER")
y = n.node("GlobalAveragePool", y)
y = n.node("MatMul", n.node("Flatten", y, axis=-3), n.weight("m.w", 4, 2))
n.write(y, 2)

# a skip connection; a relu after the sum; Reshape in front of a product of [in][out]
n = Network("residual", 15, (3, 4, 3))
x = n.node("Relu", n.node("Conv", "x", n.weight("a.w", 5, 3, 3, 3), n.weight("a.b", 5),
                          pads=[1, 1, 1, 1]))
y = n.node("Relu", n.normalization(n.node("Conv", x, n.weight("b.w", 4, 5, 3, 3), pads=[1] * 4,
                                          strides=[2, 2]), 4))
y = n.normalization(n.node("Conv", y, n.weight("c.w", 4, 4, 3, 3), pads=[1] * 4), 4)
s = n.node("Conv", x, n.weight("s.w", 4, 5, 1, 1), strides=[2, 2])
y = n.node("Relu", n.node("Add", y, s))
y = n.node("Reshape", y, n.constant("shape", [0, -1], "i8"))
y = n.node("Gemm", y, n.weight("g.w", 16, 3), n.weight("g.b", 3))
n.write(y, 2)

# dilation, VALID, a bias that is added by itself, two normalizations in a row; an image comes out
n = Network("dilated", 17, (2, 6, 5))
y = n.node("Conv", "x", n.weight("a.w", 3, 2, 2, 2), auto_pad="VALID", dilations=[3, 2])
y = n.node("Add", y, n.weight("a.b", 1, 3, 1, 1))
y = n.normalization(n.normalization(y, 3), 3)
y = n.node("Add", n.constant("half", 0.5), y)
n.write(y, 4)

# constants in nodes, in float16 and double, as inputs with a default; a reshaped weight
n = Network("constants", 9, (20,))
n.inputs.append(helper.make_tensor_value_info("c.w", TensorProto.FLOAT, [2, 1, 3, 3]))
n.weight("c.w", 2, 1, 3, 3)
target = n.node("Constant", value=numpy_helper.from_array(np.array([-1, 1, 4, 5], "i8")))
y = n.node("Conv", n.node("Reshape", "x", target), "c.w", pads=[0, 1, 0, 1])
y = n.node("Reshape", y, n.constant("flat", [-1, 20], "i8"))
w = n.node("Reshape", n.weight("g.w", 5, 4, 3, kind="f2"), n.constant("two", [20, -1], "i8"))
y = n.node("Add", n.node("MatMul", n.node("Relu", y), w), n.weight("g.b", 3, kind="f8"))
n.write(y, 2)

with open(os.path.join(FOLDER, "graphs.csv"), "w") as file:
    file.write("\n".join(lines) + "\n")

# --- everything.onnx: tensors of every type, raw and typed, every kind of Constant and attribute.
# It is read, not run.

FLOATS, SIGNED = [-2, 1, 0.5], [-2, 1]
TYPES = {
    "float32": FLOATS, "float64": FLOATS, "float16": FLOATS, "bfloat16": FLOATS,
    "int8": SIGNED + [127], "int16": SIGNED + [32767], "int32": SIGNED + [2147483647],
    "int64": SIGNED + [1 << 52], "uint8": [2, 1, 255], "uint16": [2, 1, 65535],
    "uint32": [2, 1, (1 << 32) - 1], "uint64": [2, 1, 1 << 52], "bool": [1, 0, 1],
}
KINDS = {"float32": "FLOAT", "float64": "DOUBLE"}
tensors = []
for kind, numbers in TYPES.items():
    code = getattr(TensorProto, KINDS.get(kind, kind.upper()))
    tensors.append(helper.make_tensor(kind + ".typed", code, [3], numbers))
    raw = helper.make_tensor(kind + ".raw", code, [3], numbers)
    array = numpy_helper.to_array(raw)
    raw = TensorProto(name=kind + ".raw", data_type=code, dims=[3], raw_data=array.tobytes())
    tensors.append(raw)
tensors.append(helper.make_tensor("uint64.high", TensorProto.UINT64, [1], [(1 << 64) - 1]))
tensors.append(helper.make_tensor("scalar", TensorProto.FLOAT, [], [-2]))
tensors.append(helper.make_tensor("empty", TensorProto.FLOAT, [0, 3], []))
tensor = helper.make_tensor("", TensorProto.FLOAT, [3], FLOATS)
nodes = [helper.make_node("Constant", [], ["constant.tensor"], value=tensor),
         helper.make_node("Constant", [], ["constant.float"], value_float=-2.0),
         helper.make_node("Constant", [], ["constant.floats"], value_floats=FLOATS),
         helper.make_node("Constant", [], ["constant.int"], value_int=-2),
         helper.make_node("Constant", [], ["constant.ints"], value_ints=SIGNED),
         helper.make_node("Anything", ["x", "", "scalar"], ["", "y"], "named", float=0.25, int=-7,
                          text="SAME", nothing="", floats=[1.0, -1.5], ints=[1, 2, 1 << 40]),
         helper.make_node("Anything", ["untyped"], ["z"], domain="com.other"),
         helper.make_node("Relu", ["y"], ["u"], domain="ai.onnx")]
value = helper.make_tensor_value_info
untyped = onnx.ValueInfoProto(name="untyped")
graph = helper.make_graph(nodes, "everything",
                          [value("x", TensorProto.FLOAT, ["N", 3, -1, 0]),
                           value("scalar", TensorProto.FLOAT, []), untyped],
                          [value("y", TensorProto.FLOAT, ["N"]), value("z", TensorProto.FLOAT, None)],
                          tensors)
model = helper.make_model(graph, producer_name="quantsweep", ir_version=8,
                          opset_imports=[helper.make_opsetid("com.other", 1),
                                         helper.make_opsetid("", 17)])
onnx.save(model, os.path.join(FOLDER, "graphs", "everything.onnx"))

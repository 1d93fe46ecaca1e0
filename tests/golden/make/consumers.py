#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Makes tests/golden/consumers.onnx: a weight in front of every kind of consumer and on every kind
of way to it, in every encoding; and external.onnx, whose data are elsewhere.  onnx 1.23.2, numpy
2.4.6.  The graphs are not meant to run.

    tests/golden/make/consumers.py tests/golden
"""
import sys

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

FOLDER = sys.argv[1]
RNG = np.random.default_rng(7)
tensors, nodes, made = [], [], [0]


def weight(name, *shape, kind="f4"):
    array = RNG.normal(0, 1, shape).astype(kind)
    tensors.append(numpy_helper.from_array(array, name))
    return name


def shape_of(name, *sizes):
    tensors.append(numpy_helper.from_array(np.array(sizes, "<i8"), name))
    return name


def node(op, *inputs, domain="", **attributes):
    made[0] += 1
    output = "v%d" % made[0]
    nodes.append(helper.make_node(op, inputs, [output], domain=domain, **attributes))
    return output


def typed(name, kind, shape, values):
    """Values in the typed field, not raw."""
    tensors.append(helper.make_tensor(name, kind, shape, values, raw=False))
    return name


def quant(value):
    return node("Quant", value, "one", "zero", "eight", domain="onnx.brevitas", signed=1, narrow=0)


for constant, number in (("one", 1.0), ("zero", 0.0), ("eight", 8.0)):
    tensors.append(numpy_helper.from_array(np.float32(number), constant))

# every consumer
node("Conv", "x", weight("conv1d", 4, 3, 5), weight("conv1d.bias", 4))
node("Conv", "x", weight("conv2d", 4, 3, 2, 5))
node("Conv", "x", weight("conv3d", 2, 3, 2, 3, 4))
node("Conv", "x", weight("depthwise", 6, 1, 3, 3), group=6)
node("ConvTranspose", "x", weight("deconv", 4, 3, 2, 5), weight("deconv.bias", 3))
node("ConvTranspose", "x", weight("deconv.grouped", 4, 3, 2, 2), group=2)
node("Gemm", "x", weight("gemm", 5, 3), weight("gemm.bias", 1, 3))
node("Gemm", "x", weight("gemm.transB", 3, 5), transB=1)
node("Gemm", weight("gemm.a", 5, 3), "x")
node("Gemm", weight("gemm.transA", 5, 3), "x", transA=1)
node("MatMul", "x", weight("matmul", 5, 3))
node("MatMul", weight("matmul.first", 5, 3), "x")
node("MatMul", "x", weight("matmul.batched", 2, 5, 3))
node("MatMul", weight("matmul.batched.first", 2, 5, 3), "x")
node("MatMul", "x", weight("matmul.vector", 5))                  # no weight: no output channel
node("Add", "x", weight("added", 5, 3))                          # no weight
node("Conv", "x", weight("conv.flat", 5, 3))                     # no weight: too few axes

# every way
node("MatMul", "x", node("Transpose", weight("way.transpose", 3, 5), perm=[1, 0]))
node("MatMul", "x", node("Transpose", weight("way.reverse", 2, 3, 5)))
node("MatMul", "x", node("Reshape", weight("way.reshape", 2, 3, 5), shape_of("s1", 6, 5)))
node("MatMul", "x", node("Reshape", weight("way.open", 2, 3, 5), shape_of("s2", 0, -1)))
node("Conv", "x", node("Reshape", node("Transpose", weight("way.both", 5, 4, 3), perm=[2, 0, 1]),
                       shape_of("s3", 3, 5, 2, 2)))
node("Gemm", "x", node("Identity", node("Identity", weight("way.identity", 4, 6))))
node("MatMul", "x", node("Transpose", quant(weight("way.quant", 3, 5)), perm=[1, 0]))
quant(weight("quant.alone", 3, 5))
node("Gemm", "x", weight("used", 4, 4), quant(weight("quant.bias", 4, 4)))      # a bias
node("MatMul", "x", node("Reshape", weight("way.unknown", 6, 5), "x"))           # no weight
node("MatMul", "x", node("Reshape", weight("way.wrong", 6, 5), shape_of("s4", 7, 5)))   # no weight
node("MatMul", "x", node("Softmax", weight("way.softmax", 6, 5)))                # no weight
node("MatMul", "x", weight("shared", 4, 4))
node("Gemm", "x", "shared", transB=1)                            # the first reading decides
nodes.append(helper.make_node("Constant", [], ["constant"], value=numpy_helper.from_array(
    RNG.normal(0, 1, (3, 4)).astype("<f4"))))
node("MatMul", "x", "constant")

# every encoding
values = RNG.normal(0, 1, 6)
halves = np.float16(values).view(np.uint16)
node("MatMul", "x", weight("raw.half", 2, 3, kind="<f2"))
node("MatMul", "x", weight("raw.double", 2, 3, kind="<f8"))
node("MatMul", "x", typed("typed.float", TensorProto.FLOAT, (2, 3), values))
node("MatMul", "x", typed("typed.double", TensorProto.DOUBLE, (2, 3), values))
half = TensorProto(name="typed.half", data_type=TensorProto.FLOAT16, dims=(2, 3))
half.int32_data.extend(int(h) for h in halves)
tensors.append(half)
node("MatMul", "x", "typed.half")
bfloat = TensorProto(name="typed.bfloat16", data_type=TensorProto.BFLOAT16, dims=(2, 3))
bfloat.int32_data.extend(int(v) >> 16 for v in np.float32(values).view(np.uint32))
tensors.append(bfloat)
node("MatMul", "x", "typed.bfloat16")
node("MatMulInteger", "x", weight("integers", 3, 4, kind="i1"))

sparse = helper.make_sparse_tensor(numpy_helper.from_array(np.float32([1, 2]), "sparse"),
                                   numpy_helper.from_array(np.int64([0, 3])), [4])


def save(name, graph_tensors, graph_nodes, sparse_tensors=()):
    graph = helper.make_graph(
        graph_nodes, name, [helper.make_tensor_value_info("x", TensorProto.FLOAT, None)],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, None)], graph_tensors,
        sparse_initializer=sparse_tensors)
    model = helper.make_model(graph, ir_version=8, opset_imports=[
        helper.make_opsetid("", 13), helper.make_opsetid("onnx.brevitas", 1)])
    with open("%s/%s.onnx" % (FOLDER, name), "wb") as file:
        file.write(model.SerializeToString())


save("consumers", tensors, nodes, [sparse])
outside = TensorProto(name="w", data_type=TensorProto.FLOAT, dims=(2, 2),
                      data_location=TensorProto.EXTERNAL)
outside.external_data.add(key="location", value="weights.bin")
save("external", [outside], [helper.make_node("MatMul", ["x", "w"], ["y"])])

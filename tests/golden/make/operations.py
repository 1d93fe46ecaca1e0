#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Makes tests/golden/operations/*.onnx, a tiny network for each operation and each way of using it,
and operations.csv: an input of three samples each and what ONNX Runtime makes of it.  onnx 1.23.2,
onnxruntime 1.31.1 (graph optimizations off), numpy 2.4.6.

    tests/golden/make/operations.py tests/golden
"""
import os
import sys

import numpy as np
import onnx
import onnxruntime
from onnx import TensorProto, helper, numpy_helper

FOLDER = sys.argv[1]
os.makedirs(os.path.join(FOLDER, "operations"), exist_ok=True)
RNG = np.random.default_rng(23)
SAMPLES = 3
lines = ["# network,tensor,%d samples in the graph's order" % SAMPLES]


class Network:
    """batch: 'N', or None where the file's shape is the whole input of one sample."""

    def __init__(self, name, opset, *shape, batch="N"):
        self.name, self.opset, self.shape, self.batch = name, opset, shape, batch
        self.nodes, self.tensors = [], []

    def floats(self, *shape, low=None):
        name = "f%d" % len(self.tensors)
        array = RNG.normal(0, 1, shape) if low is None else RNG.uniform(low, 2, shape)
        self.tensors.append(numpy_helper.from_array(np.array(array, "f4"), name))
        return name

    def constant(self, values, kind="f4"):
        name = "c%d" % len(self.tensors)
        self.tensors.append(numpy_helper.from_array(np.array(values, kind), name))
        return name

    def node(self, op, *inputs, outputs=1, **attributes):
        out = ["%s%d%s" % (op.lower(), len(self.nodes), chr(97 + i)) for i in range(outputs)]
        self.nodes.append(helper.make_node(op, inputs, out, "node_" + out[0], **attributes))
        return out[0] if outputs == 1 else out

    def write(self, out, scale=1.0):
        value = helper.make_tensor_value_info
        shape = ([self.batch] if self.batch else []) + list(self.shape)
        graph = helper.make_graph(self.nodes, self.name, [value("x", TensorProto.FLOAT, shape)],
                                  [value(out, TensorProto.FLOAT, None)], self.tensors)
        model = helper.make_model(graph, producer_name="quantsweep", ir_version=7,
                                  opset_imports=[helper.make_opsetid("", self.opset)])
        path = os.path.join(FOLDER, "operations", self.name + ".onnx")
        onnx.save(model, path)
        options = onnxruntime.SessionOptions()
        options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
        options.log_severity_level = 3
        session = onnxruntime.InferenceSession(path, options, ["CPUExecutionProvider"])
        x = (RNG.normal(0, 1, (SAMPLES, *self.shape)) * scale).astype("f4")
        y = np.concatenate([session.run(None, {"x": one[None] if self.batch else one})[0].ravel()
                            for one in x])
        for key, array in ("x", x), ("y", y):
            lines.append("%s,%s,%s" % (self.name, key,
                                       " ".join("%.9g" % v for v in array.ravel())))


def one(name, opset, shape, op, constants=(), scale=1.0, behind=None, **attributes):
    """A network of one node behind the input, or behind a node that computes."""
    n = Network(name, opset, *shape)
    x = n.node(behind, "x") if behind else "x"
    n.write(n.node(op, x, *(n.constant(*c) for c in constants), **attributes), scale)


# convolutions: depthwise, grouped, dilated, a multiplier of 2, pads on all sides
for name, channels, out, group, kernel, attributes in (
        ("conv_depthwise", 5, 5, 5, (3, 3), dict(pads=[1, 0, 2, 1], strides=[2, 1])),
        ("conv_multiplier", 3, 6, 3, (2, 3), dict(auto_pad="SAME_LOWER")),
        ("conv_grouped", 6, 4, 2, (3, 2), dict(dilations=[1, 2], pads=[1, 1, 1, 1])),
        ("conv_grouped_1x1", 6, 9, 3, (1, 1), dict(strides=[1, 2])),
        ("conv_dilated", 2, 3, 1, (2, 3), dict(dilations=[3, 2], pads=[3, 2, 0, 1]))):
    n = Network(name, 11, channels, 7, 6)
    y = n.node("Conv", "x", n.floats(out, channels // group, *kernel), n.floats(out), group=group,
               **attributes)
    n.write(n.node("Relu", y) if "depth" in name else y)

n = Network("conv_grouped_small", 11, 6, 5, 4)
n.write(n.node("Conv", "x", n.floats(4, 3, 3, 2), n.floats(4), group=2, pads=[0, 1, 0, 0],
               dilations=[2, 2]))

# products: rows of a matrix, weights on the left, a vector without a batch
n = Network("matmul_rows", 13, 4, 5)
n.write(n.node("Relu", n.node("Add", n.node("MatMul", "x", n.floats(5, 3)), n.floats(3))))
n = Network("matmul_left", 13, 5, 4)
n.write(n.node("Add", n.node("MatMul", n.floats(3, 5), "x"), n.floats(3, 1)))
n = Network("matmul_left_column", 9, 1, 6, 1, batch=None)
n.write(n.node("Add", n.node("MatMul", n.floats(4, 6), "x"), n.floats(4, 1)))
n = Network("matmul_vector", 10, 5, batch=None)
y = n.node("Relu", n.node("Add", n.node("MatMul", n.floats(7, 5), "x"), n.floats(7)))
n.write(n.node("MatMul", y, n.floats(7, 3)))
n = Network("matmul_image", 12, 3, 4, 5)
n.write(n.node("MatMul", "x", n.floats(5, 2)))

# batch normalization that cannot be folded: behind a Relu, of vectors, of the input
n = Network("norm_alone", 15, 3, 4, 2)
y = n.node("Relu", n.node("Conv", "x", n.floats(4, 3, 1, 1)))
y = n.node("BatchNormalization", y, n.floats(4), n.floats(4), n.floats(4), n.floats(4, low=0.2))
y = n.node("Flatten", n.node("Relu", y))
y = n.node("BatchNormalization", y, n.floats(32), n.floats(32), n.floats(32),
           n.floats(32, low=0.2), epsilon=0.01)
n.write(y)

# arithmetic with constants: by channel, by element, scalars, wider than the value
one("mul_channel", 7, (3, 2, 4), "Mul", constants=[([[[0.5]], [[-2.0]], [[3.0]]],)])
one("mul_element", 13, (2, 2, 2), "Mul", constants=[(RNG.normal(0, 1, (2, 2, 2)),)])
one("sub_column", 13, (2, 3, 4), "Sub", constants=[([1.0, 2.0, -0.5, 4.0],)])
one("div_scalar", 13, (2, 3), "Div", constants=[(3.0,)])
one("add_wider", 13, (2, 1, 3), "Add", constants=[(RNG.normal(0, 1, (2, 4, 1)),)])
n = Network("sub_left", 13, 4)
n.write(n.node("Div", n.node("Sub", n.constant([1, 2, 3, 4.0]), "x"), n.constant([2, -4, 8, 1.0])))
n = Network("folded_arithmetic", 13, 3, 3, 3)
y = n.node("Conv", "x", n.floats(2, 3, 2, 2), n.floats(2))
y = n.node("Mul", y, n.constant([[[2.0]], [[-0.5]]]))
y = n.node("Div", n.node("Sub", y, n.constant(0.75)), n.constant([[[4.0]], [[0.25]]]))
n.write(n.node("Relu", y))
n = Network("normalized_input", 9, 3, 2, 2)
y = n.node("Div", n.node("Sub", "x", n.constant([[[0.5]], [[0.4]], [[0.3]]])),
           n.constant([[[0.2]], [[0.25]], [[0.5]]]))
n.write(n.node("Conv", y, n.floats(2, 3, 2, 2)))

# sums: of one shape, one repeated, one seen in another order, of vectors
n = Network("add_repeated", 13, 3, 4, 5)
n.write(n.node("Relu", n.node("Add", "x", n.node("GlobalAveragePool", "x"))))
n = Network("add_turned", 13, 2, 3, 3)
n.write(n.node("Add", "x", n.node("Transpose", "x", perm=[0, 1, 3, 2])))
n = Network("add_flat", 13, 2, 1, 2)
y = n.node("Flatten", "x")
n.write(n.node("Add", n.node("MatMul", y, n.floats(4, 4)), y))

# activations
one("relu_alone", 13, (2, 5), "Relu")
one("leaky_relu", 7, (2, 5), "LeakyRelu")
one("leaky_relu_alpha", 16, (2, 5), "LeakyRelu", alpha=0.3)
one("clip_attributes", 7, (2, 5), "Clip", min=-0.5, max=0.75)
one("clip_inputs", 13, (2, 5), "Clip", constants=[(-0.25,), (0.5,)])
n = Network("clip_maximum", 13, 2, 5)
n.write(n.node("Clip", "x", "", n.constant(0.3)))
for name, op, attributes, opset in (
        ("sigmoid", "Sigmoid", {}, 13), ("tanh", "Tanh", {}, 13), ("neg", "Neg", {}, 13),
        ("hard_sigmoid", "HardSigmoid", {}, 7), ("abs", "Abs", {}, 13), ("elu", "Elu", {}, 7),
        ("hard_sigmoid_own", "HardSigmoid", dict(alpha=0.3, beta=0.4), 7),
        ("hard_swish", "HardSwish", {}, 14), ("elu_alpha", "Elu", dict(alpha=0.5), 7)):
    one(name, opset, (3, 5), op, scale=3.0, **attributes)
n = Network("relu6", 13, 2, 4, 4)
y = n.node("Clip", n.node("Conv", "x", n.floats(3, 2, 2, 2), n.floats(3)), n.constant(0.0),
           n.constant(1.5))
n.write(n.node("Conv", y, n.floats(2, 3, 1, 1)))
n = Network("branches", 13, 2, 3, 3)
y = n.node("Conv", "x", n.floats(2, 2, 3, 3), pads=[1] * 4)
n.write(n.node("Add", n.node("Relu", y), n.node("Sigmoid", y)))

# pools
one("max_pool", 8, (2, 5, 6), "MaxPool", kernel_shape=[2, 3], strides=[2, 1], pads=[1, 1, 0, 2])
one("max_pool_ceiling", 12, (2, 6, 7), "MaxPool", kernel_shape=[3, 2], strides=[2, 3], ceil_mode=1)
one("max_pool_ends", 12, (1, 4, 8), "MaxPool", kernel_shape=[2, 2], strides=[4, 4], ceil_mode=1)
one("max_pool_dilated", 12, (2, 6, 7), "MaxPool", kernel_shape=[2, 3], dilations=[3, 2],
    pads=[1, 0, 1, 1])
one("max_pool_same", 8, (1, 5, 5), "MaxPool", kernel_shape=[2, 2], strides=[2, 2],
    auto_pad="SAME_UPPER")
one("average_pool", 7, (3, 5, 6), "AveragePool", kernel_shape=[3, 2], strides=[2, 2],
    pads=[1, 0, 1, 1])
one("average_pool_pads", 11, (3, 5, 6), "AveragePool", kernel_shape=[3, 2], strides=[1, 2],
    pads=[1, 1, 2, 0], count_include_pad=1)
one("average_pool_ceiling", 10, (2, 6, 5), "AveragePool", kernel_shape=[3, 3], strides=[2, 3],
    ceil_mode=1)
one("average_pool_valid", 7, (2, 5, 5), "AveragePool", kernel_shape=[2, 2], strides=[2, 2],
    auto_pad="VALID")
one("global_average_pool", 7, (3, 4, 2), "GlobalAveragePool")
one("global_max_pool", 7, (3, 4, 2), "GlobalMaxPool")
one("reduce_mean", 11, (3, 4, 2), "ReduceMean", axes=[2, 3])
one("reduce_mean_flat", 13, (3, 4, 2), "ReduceMean", axes=[-1, -2], keepdims=0)
n = Network("reduce_mean_last", 13, 4, 2, 3)
n.write(n.node("ReduceMean", "x", axes=[1, 2], keepdims=0))
n = Network("pool_relu", 13, 2, 4, 4)
n.write(n.node("Relu", n.node("MaxPool", "x", kernel_shape=[2, 2])))

# views and moves
one("flatten", 9, (3, 2, 2), "Flatten", behind="Neg")
n = Network("transpose", 13, 3, 2, 4)
n.write(n.node("Transpose", n.node("Neg", "x"), perm=[0, 3, 1, 2]))
one("transpose_rows", 13, (3, 5), "Transpose", behind="Neg", perm=[0, 2, 1])
one("squeeze", 11, (3, 1, 4), "Squeeze", behind="Neg", axes=[2])
one("squeeze_input", 13, (3, 1, 4), "Squeeze", behind="Neg", constants=[([2], "i8")])
one("unsqueeze", 11, (3, 4), "Unsqueeze", behind="Neg", axes=[1, -1])
one("unsqueeze_input", 13, (3, 4), "Unsqueeze", behind="Neg", constants=[([2], "i8")])
one("reshape", 13, (4, 3, 2), "Reshape", behind="Neg", constants=[([0, 2, 2, 6], "i8")])
n = Network("reshape_of_one", 13, 1, 4, 3, batch=None)
n.write(n.node("Reshape", n.node("Neg", "x"), n.constant([2, -1], "i8")))
one("depth_to_space", 11, (8, 2, 3), "DepthToSpace", blocksize=2)
one("depth_to_space_crd", 11, (8, 2, 3), "DepthToSpace", blocksize=2, mode="CRD")
one("space_to_depth", 7, (2, 4, 6), "SpaceToDepth", blocksize=2)
n = Network("shuffle", 13, 6, 2, 3)
y = n.node("Conv", "x", n.floats(6, 6, 1, 1))
y = n.node("Reshape", y, n.constant([0, 2, 3, 2, 3], "i8"))
y = n.node("Reshape", n.node("Transpose", y, perm=[0, 2, 1, 3, 4]), n.constant([0, 6, 2, 3], "i8"))
n.write(n.node("Conv", y, n.floats(2, 3, 2, 2), group=2))
n = Network("pixel_shuffle", 10, 1, 3, 4)
y = n.node("Conv", "x", n.floats(4, 1, 3, 3), pads=[1] * 4)
y = n.node("Reshape", y, n.constant([-1, 1, 2, 2, 3, 4], "i8"))
y = n.node("Transpose", y, perm=[0, 1, 4, 2, 5, 3])
n.write(n.node("Reshape", y, n.constant([-1, 1, 6, 8], "i8")))
one("pad_attribute", 10, (2, 3, 4), "Pad", pads=[0, 0, 1, 2, 0, 0, 0, 1])
one("pad_input", 13, (2, 3, 4), "Pad", constants=[([0, 1, 0, 0, 0, 0, 2, 0], "i8")])
one("pad_value", 11, (2, 3, 4), "Pad", constants=[([0, 0, 1, 0, 0, 0, 0, 1], "i8"), (0.5,)])
one("pad_cut", 11, (2, 4, 4), "Pad", constants=[([0, 0, -1, 1, 0, 0, 0, -2], "i8")])
one("pad_reflect", 11, (2, 3, 4), "Pad", constants=[([0, 0, 2, 1, 0, 0, 1, 3], "i8")],
    mode="reflect")
one("pad_edge", 11, (2, 3, 4), "Pad", constants=[([0, 0, 2, 1, 0, 0, 1, 3], "i8")], mode="edge")
one("slice_attributes", 9, (3, 4, 5), "Slice", axes=[2, 3], starts=[1, -3], ends=[3, 2 ** 31 - 1])
one("slice_inputs", 13, (3, 4, 5), "Slice", constants=[
    ([0, -1], "i8"), ([2, -(2 ** 62)], "i8"), ([1, 3], "i8"), ([1, -2], "i8")])
one("slice_steps", 13, (3, 5, 4), "Slice", constants=[
    ([0, 1], "i8"), ([5, 9], "i8"), ([2, 3], "i8"), ([2, 2], "i8")])
n = Network("split", 11, 6, 2, 2)
a, b = n.node("Split", "x", outputs=2, axis=1, split=[2, 4])
n.write(n.node("Concat", n.node("Relu", b), a, axis=1))
n = Network("split_equal", 13, 6, 2, 2)
a, b, c = n.node("Split", "x", outputs=3, axis=1)
n.write(n.node("Add", n.node("Add", a, b), n.node("Conv", c, n.floats(2, 2, 1, 1))))
n = Network("concat", 13, 3, 2, 3)
n.write(n.node("Concat", "x", n.node("Conv", "x", n.floats(2, 3, 1, 1)), n.node("Sigmoid", "x"),
               axis=1))
n = Network("concat_rows", 13, 2, 3, 3)
n.write(n.node("Concat", "x", n.node("Neg", "x"), axis=-1))
n = Network("concat_flat", 13, 2, 2, 2)
n.write(n.node("Concat", n.node("Flatten", "x"), n.node("Flatten", n.node("Tanh", "x")), axis=1))
for name, scales, attributes in (
        ("resize", [1, 1, 2, 3], dict(nearest_mode="floor", coordinate_transformation_mode="asymmetric")),
        ("resize_tie", [1, 1, 1, 0.5], dict(nearest_mode="round_prefer_floor")),
        ("resize_tie_up", [1, 1, 1, 0.5], dict(nearest_mode="round_prefer_ceil")),
        ("resize_half", [1, 1, 1.6, 0.6], dict(nearest_mode="round_prefer_floor")),
        ("resize_corners", [1, 1, 2.5, 2], dict(nearest_mode="ceil",
                                                coordinate_transformation_mode="align_corners")),
        ("resize_torch", [1, 1, 2, 0.3], dict(nearest_mode="round_prefer_ceil",
                                              coordinate_transformation_mode="pytorch_half_pixel"))):
    n = Network(name, 13, 2, 3, 4)
    n.write(n.node("Resize", "x", "", n.constant(scales), mode="nearest", **attributes))
n = Network("resize_sizes", 13, 2, 3, 4)
n.write(n.node("Resize", "x", "", "", n.constant([1, 2, 5, 6], "i8"), mode="nearest"))
n = Network("resize_10", 10, 2, 3, 4)
n.write(n.node("Resize", "x", n.constant([1, 1, 2.6, 0.4])))
n = Network("upsample", 9, 2, 3, 4)
n.write(n.node("Upsample", "x", n.constant([1, 1, 2.0, 1.5])))

# softmax: one axis, several together, its logarithm; large numbers
one("softmax", 13, (3, 4), "Softmax", scale=50.0)
one("softmax_channels", 13, (3, 2, 4), "Softmax", axis=1)
one("softmax_height", 13, (3, 2, 4), "Softmax", axis=2)
one("softmax_together", 11, (3, 2, 4), "Softmax", axis=2)
one("softmax_all", 7, (3, 2, 4), "Softmax")
one("log_softmax", 13, (3, 4), "LogSoftmax", axis=1, scale=50.0)
one("log_softmax_together", 8, (3, 2, 2), "LogSoftmax", axis=1)

# constants: arithmetic of shapes, turned weights
n = Network("shapes", 13, 3, 2, 2)
y = n.node("Conv", "x", n.floats(4, 3, 1, 1))
shape = n.node("Shape", y)
batch = n.node("Unsqueeze", n.node("Gather", shape, n.constant(0, "i8")), n.constant([0], "i8"))
half = n.node("Div", n.node("Slice", shape, n.constant([1], "i8"), n.constant([2], "i8")),
              n.constant([2], "i8"))
target = n.node("Concat", batch, half, n.constant([-1], "i8"), axis=0)
y = n.node("Reshape", y, target)
w = n.node("Mul", n.node("Transpose", n.floats(5, 8), perm=[1, 0]), n.constant(0.5))
n.write(n.node("MatMul", y, w))

with open(os.path.join(FOLDER, "operations.csv"), "w") as file:
    file.write("\n".join(lines) + "\n")

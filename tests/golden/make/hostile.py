#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Makes tests/garbage/hostile/: ONNX models that ask for endless time or memory, or make no sense,
each with a shell glob for the sentence they are answered with.  onnx 1.23.2.

    tests/golden/make/hostile.py tests/garbage
"""
import os
import sys

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

FOLDER = os.path.join(sys.argv[1], "hostile")
os.makedirs(FOLDER, exist_ok=True)


def save(name, expect, data):
    with open(os.path.join(FOLDER, name + ".onnx"), "wb") as file:
        file.write(data)
    with open(os.path.join(FOLDER, name + ".expect"), "w") as file:
        file.write(expect + "\n")


def model(nodes, shape=("N", 1, 4, 4), tensors=(), opset=13, output="y"):
    """nodes: (operator, inputs, outputs, attributes)."""
    value = helper.make_tensor_value_info
    graph = helper.make_graph(
        [helper.make_node(op, list(x), list(y), "n" + y[0], **a) for op, x, y, a in nodes], "g",
        [value("x", TensorProto.FLOAT, list(shape))], [value(output, TensorProto.FLOAT, None)],
        [numpy_helper.from_array(np.asarray(array), name) for name, array in tensors])
    return helper.make_model(graph, ir_version=7,
                             opset_imports=[helper.make_opsetid("", opset)]).SerializeToString()


f4, i8 = np.float32, np.int64
one = ("w", np.ones((1, 1, 1, 1), f4))
conv = ("Conv", ["x", "w"], ["y"], {})


def chain(op, count, **attributes):
    """Each node reads the one before twice."""
    names = ["x"] + ["v%d" % i for i in range(count - 1)] + ["y"]
    return [(op, [a, a], [b], attributes) for a, b in zip(names, names[1:])]


save("cycle", "*node 'na' (Relu) reads 'y', which is made by this node or a later one*",
     model([("Relu", ["y"], ["a"], {}), ("Relu", ["a"], ["y"], {})]))
save("missing_input", "*node 'ny' (Conv): it has no input 1, which it needs",
     model([("Conv", ["x"], ["y"], {})]))
save("value_of_nobody", "*node 'ny' (Add) reads 'z', which no node, initializer or input makes",
     model([("Add", ["x", "z"], ["y"], {})]))
save("wrong_shapes", "*its weights are ?2??3??1??1? of 1 groups, its input has 1 channels",
     model([conv], tensors=[("w", np.ones((2, 3, 1, 1), f4))]))
save("groups_2_31", "*its attribute 'group' is 2.14748e+09; a whole number of 32 bits*",
     model([("Conv", ["x", "w"], ["y"], {"group": 1 << 31})], tensors=[one]))
negative = TensorProto(name="w", data_type=TensorProto.FLOAT, dims=[1, -1, 1, 1], raw_data=b"")
graph = onnx.ModelProto.FromString(model([conv]))
graph.graph.initializer.append(negative)
save("negative_size", "*tensor 'w' has a negative axis*", graph.SerializeToString())
huge = TensorProto(name="w", data_type=TensorProto.FLOAT, dims=[1 << 20, 1 << 20], raw_data=b"1234")
graph = onnx.ModelProto.FromString(model([conv]))
graph.graph.initializer.append(huge)
save("weights_2_40", "*tensor 'w': 1099511627776 elements of float32 need*",
     graph.SerializeToString())
save("input_2_40", "*input 'x': the size of a sample is not known, or is not 1 to*",
     model([("Relu", ["x"], ["y"], {})], shape=("N", 1, 1 << 20, 1 << 20)))
save("concat_2_40", "*' (Concat): its output has the shape 1 x 1 x 4 x 536870912; 1 to 2^31 - 1*",
     model(chain("Concat", 40, axis=3)))
save("pads_2_40", "*' (Pad): its output has the shape 1 x 1 x 1048580 x 1048580; 1 to 2^31 - 1*",
     model([("Pad", ["x", "p"], ["y"], {})],
           tensors=[("p", np.array([0, 0, 0, 0, 0, 0, 1 << 20, 1 << 20], i8))]))
save("pads_2_30", "*' (Pad): more than 16 million values are moved up to it",
     model([("Pad", ["x", "p"], ["y"], {})],
           tensors=[("p", np.array([0, 0, 0, 0, 0, 0, 1 << 15, 1 << 15], i8))]))
save("resize_2_40", "*' (Resize): its axis 2 would have 1073741824 places",
     model([("Resize", ["x", "", "s"], ["y"], {})],
           tensors=[("s", np.array([1, 1, 1 << 28, 1 << 28], f4))]))
save("broadcast_2_40", "*' (Add): its output has the shape 1 x 1048576 x 1048576; 1 to 2^31 - 1*",
     model([("Transpose", ["x"], ["t"], {"perm": [0, 2, 1]}), ("Add", ["x", "t"], ["y"], {})],
           shape=("N", 1 << 20, 1)))
save("constants_2_40", "*' (Concat): the constants that are made have more than four times*",
     model([("Concat", ["c", "c"], ["v0"], {"axis": 0})] +
           [("Concat", ["v%d" % i] * 2, ["v%d" % (i + 1)], {"axis": 0}) for i in range(40)] +
           [("Reshape", ["x", "v40"], ["y"], {})], tensors=[("c", np.ones(1, i8))]))
save("outer_product", "*' (Add): the constants that are made have more than four times*",
     model([("Add", ["r", "c"], ["s"], {}), ("Mul", ["x", "s"], ["y"], {})],
           tensors=[("r", np.ones((1, 1024), f4)), ("c", np.ones((1024, 1), f4))]))
save("too_many_parts", "*' (Split): it has 65 outputs; at most 64 are computed",
     model([("Split", ["x"], ["y"] + ["z%d" % i for i in range(64)], {"axis": 1})],
           shape=("N", 65, 1, 1)))
save("concat_17", "*' (Concat): it has 17 inputs; 1 to 16 are computed",
     model([("Concat", ["x"] * 17, ["y"], {"axis": 1})]))
save("kernel_2_31", "*' (MaxPool): its pads or its dilation leave windows that hold nothing*",
     model([("MaxPool", ["x"], ["y"], {"kernel_shape": [2, 2], "dilations": [2 ** 31 - 1, 1],
                                       "pads": [2 ** 31 - 1, 0, 2 ** 31 - 1, 0]})]))
save("pads_beside", "*' (AveragePool): its pads or its dilation leave windows that hold nothing*",
     model([("AveragePool", ["x"], ["y"], {"kernel_shape": [2, 2], "pads": [2, 2, 2, 2]})]))
save("batch_mixed", "*' (Softmax): it works along axis 0, the batch, which parts samples",
     model([("Softmax", ["x"], ["y"], {"axis": 0})]))
save("batch_calculated", "*' (Add): it calculates with the batch's size, or past 64 bits",
     model([("Shape", ["x"], ["s"], {}), ("Add", ["s", "s"], ["t"], {}),
            ("Reshape", ["x", "t"], ["y"], {})]))
save("gather_behind", "*' (Gather): it gathers number 9 of 4",
     model([("Shape", ["x"], ["s"], {}), ("Gather", ["s", "i"], ["t"], {}),
            ("Reshape", ["x", "t"], ["y"], {})], tensors=[("i", np.array([9], i8))]))
external = onnx.ModelProto.FromString(model([conv]))
tensor = TensorProto(name="w", data_type=TensorProto.FLOAT, dims=[1, 1, 1, 1],
                     data_location=TensorProto.EXTERNAL)
tensor.external_data.add(key="location", value="../../../../etc/passwd")
external.graph.initializer.append(tensor)
save("outside", "*tensor 'w' keeps its data in the file '../../../../etc/passwd', and data outside*",
     external.SerializeToString())
save("cut_off", "*a length of *the file is cut off, damaged or not ONNX",
     model([conv], tensors=[("w", np.ones((8, 1, 8, 8), f4))])[:-700])


def field(number, data):
    length, out = len(data), b""
    while length > 127:
        out += bytes([length & 127 | 128])
        length >>= 7
    return bytes([number << 3 | 2]) + out + bytes([length]) + data


nested = b""
for _ in range(5000):  # graph -> node -> attribute -> graph ...
    nested = field(1, field(5, field(6, nested)))
save("nested_15000", "*messages nested deeper than 64", field(7, nested))

#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Makes datasets/samples/ (see its README): numpy 2.4.6, onnx 1.23.2.

    tests/golden/make/samples.py datasets/samples
"""
import sys

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

FOLDER = sys.argv[1]
RNG = np.random.default_rng(20240229)


def conv_weight(shape, decades):
    """He-normal weights whose output channels are scaled log-uniformly over `decades`."""
    fan_in = np.prod(shape[1:])
    scale = 10.0 ** RNG.uniform(-decades, 0, shape[0])
    return RNG.normal(0, np.sqrt(2 / fan_in), shape) * scale.reshape(-1, 1, 1, 1)


def activations():
    hidden = RNG.laplace(0, 0.5, (96, 128)) + RNG.normal(0, 0.3, (96, 1))
    hidden[41] *= 30
    return hidden.astype("<f4")


def model():
    tensors = {
        "conv.weight": conv_weight((32, 8, 3, 3), 1.5),
        "conv.bias": RNG.normal(0, 0.1, 32),
        "depthwise.weight": conv_weight((32, 1, 3, 3), 2),
        "depthwise.bias": RNG.normal(0, 0.1, 32),
        "dense.weight": RNG.normal(0, np.sqrt(1 / 32), (32, 64)),
        "head.weight": RNG.standard_t(4, (10, 64)) * 0.1,
        "head.bias": RNG.normal(0, 0.1, 10),
    }
    nodes = [
        helper.make_node("Conv", ["input", "conv.weight", "conv.bias"], ["c1"], "conv",
                         kernel_shape=[3, 3], pads=[1, 1, 1, 1], strides=[2, 2]),
        helper.make_node("Relu", ["c1"], ["r1"], "relu1"),
        helper.make_node("Conv", ["r1", "depthwise.weight", "depthwise.bias"], ["c2"],
                         "depthwise", kernel_shape=[3, 3], pads=[1, 1, 1, 1], group=32),
        helper.make_node("Relu", ["c2"], ["r2"], "relu2"),
        helper.make_node("GlobalAveragePool", ["r2"], ["p"], "pool"),
        helper.make_node("Flatten", ["p"], ["f"], "flatten"),
        helper.make_node("MatMul", ["f", "dense.weight"], ["d"], "dense"),
        helper.make_node("Relu", ["d"], ["r3"], "relu3"),
        helper.make_node("Transpose", ["head.weight"], ["head.t"], "head.transpose", perm=[1, 0]),
        helper.make_node("MatMul", ["r3", "head.t"], ["h"], "head"),
        helper.make_node("Add", ["h", "head.bias"], ["output"], "head.add"),
    ]
    graph = helper.make_graph(
        nodes, "convnet",
        [helper.make_tensor_value_info("input", TensorProto.FLOAT, ["N", 8, 16, 16])],
        [helper.make_tensor_value_info("output", TensorProto.FLOAT, ["N", 10])],
        [numpy_helper.from_array(a.astype("<f4"), n) for n, a in tensors.items()])
    made = helper.make_model(graph, producer_name="quantsweep samples", ir_version=8,
                             opset_imports=[helper.make_opsetid("", 13)])
    onnx.checker.check_model(made, full_check=True)
    return made


np.save(FOLDER + "/activations.npy", activations())
onnx.save(model(), FOLDER + "/convnet.onnx")

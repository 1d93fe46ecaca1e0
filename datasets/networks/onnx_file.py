# SPDX-License-Identifier: MIT
"""Writes a network as ONNX: opset 13, batch "N", every parameter a float32 initializer."""
import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper


class Graph:
    def __init__(self):
        self.nodes, self.initializers = [], []

    def parameter(self, name, values):
        values = np.ascontiguousarray(values, np.float32)
        self.initializers.append(numpy_helper.from_array(values, name))
        return name

    def node(self, operation, name, inputs, output=None, **attributes):
        """Its output has its own name unless another is given."""
        self.nodes.append(helper.make_node(operation, inputs, [output or name], name, **attributes))
        return output or name

    def write(self, path, name, source, shape, target, outputs):
        value = helper.make_tensor_value_info
        graph = helper.make_graph(self.nodes, name,
                                  [value(source, TensorProto.FLOAT, ["N", *shape])],
                                  [value(target, TensorProto.FLOAT, ["N", outputs])],
                                  self.initializers)
        model = helper.make_model(graph, producer_name="quantsweep", ir_version=7,
                                  opset_imports=[helper.make_opsetid("", 13)])
        onnx.checker.check_model(model, full_check=True)
        onnx.save(model, path)

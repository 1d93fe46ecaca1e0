#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The truth behind tests/golden/weights.csv: every floating weight of the shared data, laid out as
rows = output channel, columns = the rest (kh, kw, cin for convolutions), by onnx 1.23.2 and
numpy 2.4.6.  crc32 is over the float32 values, little-endian, row after row.

    tests/golden/make/weights.py ../shared/data > tests/golden/weights.csv
"""
import glob
import json
import os
import struct
import sys
import zlib

import numpy as np
import onnx
from onnx import numpy_helper


def onnx_weights(path):
    graph = onnx.load(path).graph
    arrays = {t.name: numpy_helper.to_array(t) for t in graph.initializer}
    for node in graph.node:
        for a in node.attribute:
            if node.op_type == "Constant" and a.name == "value":
                arrays[node.output[0]] = numpy_helper.to_array(a.t)
    maker = {out: node for node in graph.node for out in node.output}
    found = {}

    def trace(value):
        """The constant behind a value and the array as it arrives there."""
        if value in arrays:
            return value, arrays[value]
        node = maker.get(value)
        if node is None:
            return None, None
        attrs = {a.name: onnx.helper.get_attribute_value(a) for a in node.attribute}
        if node.op_type in ("Identity", "Quant"):
            return trace(node.input[0])
        if node.op_type == "Transpose":
            name, array = trace(node.input[0])
            return name, None if array is None else np.transpose(array, attrs.get("perm"))
        if node.op_type == "Reshape" and node.input[1] in arrays:
            name, array = trace(node.input[0])
            return name, None if array is None else array.reshape(arrays[node.input[1]])
        return None, None

    for node in graph.node:
        attrs = {a.name: onnx.helper.get_attribute_value(a) for a in node.attribute}
        for slot, value in enumerate(node.input):
            if node.op_type == "Conv" and slot == 1:
                axis, convolution = 0, True
            elif node.op_type == "ConvTranspose" and slot == 1:
                axis, convolution = 1, True
            elif node.op_type == "Gemm" and slot == 1:
                axis, convolution = (0 if attrs.get("transB") else 1), False
            elif node.op_type == "MatMul":
                axis, convolution = (-1 if slot == 1 else -2), False
            else:
                continue
            name, array = trace(value)
            if name is None or array.dtype.kind != "f" or name in found:
                continue
            axis %= array.ndim
            if convolution:
                order = [axis, *range(2, array.ndim), 1 - axis]
            else:
                order = [axis] + [i for i in range(array.ndim) if i != axis]
            rows = np.transpose(array, order).reshape(array.shape[axis], -1)
            found[name] = (axis, rows)
    return found


def safetensors_weights(path):
    with open(path, "rb") as file:
        data = file.read()
    length, = struct.unpack("<Q", data[:8])
    found = {}
    for name, entry in json.loads(data[8:8 + length]).items():
        if name == "__metadata__" or entry["dtype"] != "F32":
            continue
        if sum(n > 1 for n in entry["shape"]) < 2:
            continue
        begin, end = entry["data_offsets"]
        array = np.frombuffer(data[8 + length + begin:8 + length + end], "<f4")
        found[name] = (0, array.reshape(entry["shape"][0], -1))
    return found


def main():
    folder = sys.argv[1]
    print("file,tensor,axis,rows,columns,crc32")
    paths = glob.glob(folder + "/onnx/**/*.onnx", recursive=True)
    paths += glob.glob(folder + "/safetensors/*.safetensors")
    for path in sorted(paths):
        read = onnx_weights if path.endswith(".onnx") else safetensors_weights
        for name, (axis, rows) in sorted(read(path).items()):
            values = np.ascontiguousarray(rows, "<f4")
            print(os.path.relpath(path, folder), name, axis, *values.shape,
                  "%08x" % zlib.crc32(values.tobytes()), sep=",")


main()

#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The truth behind tests/golden/weights.csv and consumers.csv: every floating weight of a folder's
models, laid out as rows = output channel, columns = the rest (kh, kw, cin for convolutions), by onnx
1.23.2 and numpy 2.4.6.  crc32 is over the float32 values, little-endian, row after row.

    tests/golden/make/weights.py ../shared/data > tests/golden/weights.csv
    tests/golden/make/weights.py tests/golden > tests/golden/consumers.csv
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
    found, biases = {}, set()

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
            if array is None:
                return None, None
            shape = [array.shape[i] if n == 0 else n for i, n in enumerate(arrays[node.input[1]])]
            fits = -1 in shape or np.prod(shape) == array.size
            return (name, array.reshape(shape)) if fits else (None, None)
        return None, None

    def keep(name, array, axis, convolution):
        if name is None or array.dtype.name[-7:-2] != "float" and array.dtype.kind != "f":
            return
        if name in found or name in biases or array.ndim < 2 + convolution:
            return
        axis %= array.ndim
        if convolution:
            order = [axis, *range(2, array.ndim), 1 - axis]
        else:
            order = [axis] + [i for i in range(array.ndim) if i != axis]
        found[name] = (axis, np.transpose(array, order).reshape(array.shape[axis], -1))

    for node in graph.node:
        attrs = {a.name: onnx.helper.get_attribute_value(a) for a in node.attribute}
        for slot, value in enumerate(node.input):
            if node.op_type == "Conv" and slot == 1:
                axis, convolution = 0, True
            elif node.op_type == "ConvTranspose" and slot == 1:
                axis, convolution = 1, True
            elif node.op_type == "Gemm" and slot == 0:
                axis, convolution = (1 if attrs.get("transA") else 0), False
            elif node.op_type == "Gemm" and slot == 1:
                axis, convolution = (0 if attrs.get("transB") else 1), False
            elif node.op_type == "MatMul":
                axis, convolution = (-1 if slot == 1 else -2), False
            else:
                if slot == 2 and node.op_type in ("Conv", "ConvTranspose", "Gemm"):
                    biases.add(trace(value)[0])
                continue
            keep(*trace(value), axis, convolution)
    for node in graph.node:
        if node.op_type == "Quant":
            name, array = trace(node.input[0])
            if array is not None and sum(n > 1 for n in array.shape) > 1:
                keep(name, array, 0, False)
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
    paths = glob.glob(folder + "/**/*.onnx", recursive=True)
    paths += glob.glob(folder + "/**/*.safetensors", recursive=True)
    for path in sorted(paths):
        read = onnx_weights if path.endswith(".onnx") else safetensors_weights
        for name, (axis, rows) in sorted(read(path).items()):
            values = np.ascontiguousarray(rows, "<f4")
            print(os.path.relpath(path, folder), name, axis, *values.shape,
                  "%08x" % zlib.crc32(values.tobytes()), sep=",")


main()

#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Makes tests/garbage/tensor/, tests/garbage/model/ and tests/garbage/network/: files that a reader
must answer with one sentence.  NAME.expect holds a shell glob for the sentence.  Needs nothing but Python.

    tests/golden/make/garbage.py tests/garbage
"""
import io
import os
import struct
import sys
import zipfile

FOLDER = sys.argv[1]


def write(kind, name, data, expect):
    path = os.path.join(FOLDER, kind, name)
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "wb") as file:
        file.write(data)
    with open(path.rsplit(".", 1)[0] + ".expect", "w") as file:
        file.write(expect + "\n")


# --- NumPy

def npy(header, data=b"", major=1, length=None):
    text = header.encode() + b"\n"
    size = struct.pack("<H" if major == 1 else "<I", len(text) if length is None else length)
    return b"\x93NUMPY" + bytes([major, 0]) + size + text + data


def dictionary(descr="'<f4'", order="False", shape="(2, 2)"):
    return "{'descr': %s, 'fortran_order': %s, 'shape': %s, }" % (descr, order, shape)


FOUR = struct.pack("<4f", 1, 2, 3, 4)

NPY = {
    "npy_text": (b"1.0 2.0 3.0\n", "*is not a .npy file: it does not start with*"),
    "npy_cut_in_header": (npy(dictionary())[:40], "*is cut off: the header should have*"),
    "npy_header_too_long": (npy(dictionary(), FOUR, 2, 0xffffffff), "*is cut off: the header*"),
    "npy_version_9": (npy(dictionary(), FOUR, 9), "*.npy version 9.0; 1.0, 2.0 and 3.0*"),
    "npy_no_shape": (npy("{'descr': '<f4', 'fortran_order': False, }", FOUR),
                     "*expected the keys 'descr', 'fortran_order' and 'shape'"),
    "npy_key_twice": (npy("{'descr': '<f4', 'descr': '<f8', 'fortran_order': False, "
                          "'shape': (4,), }", FOUR), "*once"),
    "npy_unknown_key": (npy("{'descr': '<f4', 'color': 1, 'shape': (4,), }", FOUR),
                        "*found ''color': 1*"),
    "npy_negative_axis": (npy(dictionary(shape="(-2, 2)"), FOUR),
                          "*found '-2, 2)*expected the length of an axis"),
    "npy_shape_overflows": (npy(dictionary(shape="(4611686018427387904, 8)"), FOUR),
                            "*more elements than 64 bits can count"),
    "npy_axis_overflows": (npy(dictionary(shape="(99999999999999999999,)"), FOUR),
                           "*expected an axis that fits 63 bits"),
    "npy_shape_not_closed": (npy("{'descr': '<f4', 'fortran_order': False, 'shape': (2, ", FOUR),
                             "*expected the length of an axis"),
    "npy_nine_axes": (npy(dictionary(shape="(1, 1, 1, 1, 1, 1, 1, 1, 4)"), FOUR),
                      "*more than 8 axes"),
    "npy_objects": (npy(dictionary(descr="'|O'"), FOUR), "*unknown element type '|O'*"),
    "npy_complex": (npy(dictionary(descr="'<c8'"), FOUR), "*unknown element type '<c8'*"),
    "npy_records": (npy(dictionary(descr="[('x', '<f4'), ('y', '<f4')]"), FOUR),
                    "*records with several fields*"),
    "npy_too_little_data": (npy(dictionary(), FOUR[:-1]), "*need 16 bytes of data, the file has 15"),
    "npy_too_much_data": (npy(dictionary(), FOUR + b"!"), "*need 16 bytes of data, the file has 17"),
    "npy_text_behind": (npy(dictionary() + " 1", FOUR), "*expected nothing behind '}'"),
}
for case, (content, sentence) in NPY.items():
    write("tensor", case + ".npy", content, sentence)

# --- samples: zip files, IDX, tables, ONNX tensors, bare floats


def archive(members, extra=b""):
    bytes_out = io.BytesIO()
    with zipfile.ZipFile(bytes_out, "w", zipfile.ZIP_DEFLATED) as file:
        for name, content in members:
            file.writestr(zipfile.ZipInfo(name), content, zipfile.ZIP_DEFLATED)
    return bytes_out.getvalue() + extra


def wrong_sum():
    data = bytearray(archive([("a.npy", npy(dictionary(), FOUR))]))
    for at in range(len(data) - 4):
        if data[at:at + 4] == b"PK\x01\x02":
            data[at + 16] ^= 1
    data[14] ^= 1
    return bytes(data)


def bomb():
    """A member that says it has 2^31 zeros behind a .npy header."""
    data = bytearray(archive([("a.npy", npy(dictionary("'|u1'", shape="(2147483648,)")))]))
    for at in range(len(data) - 4):
        if data[at:at + 4] == b"PK\x01\x02":
            data[at + 24:at + 28] = struct.pack("<I", 0x80000000)
    return bytes(data)


SAMPLES = {
    "npz_text.npz": (b"not a zip", "*is not a .npz file: libzip says: *"),
    "npz_cut.npz": (archive([("a.npy", npy(dictionary(), FOUR))])[:-8],
                    "*is not a .npz file: libzip says: *"),
    "npz_no_array.npz": (archive([("a.txt", b"1")]), "*holds no array: none of its 1 members is *"),
    "npz_bad_member.npz": (archive([("a.npy", b"1.0 2.0 3.0")]),
                           "*.npz#a.npy: is not a .npy file: *"),
    "npz_short_member.npz": (archive([("a.npy", npy(dictionary(), FOUR[:-1]))]),
                             "*.npz#a.npy: its shape and type need 16 bytes of data, the file has 15"),
    "npz_wrong_sum.npz": (wrong_sum(), "*member 'a.npy' cannot be read: libzip says: CRC error"),
    "npz_bomb.npz": (bomb(), "*member 'a.npy' has 2147483648 bytes; more than 2^30 are not *"),
    "idx_text.idx": (b"label", "*is not an IDX file: *"),
    "idx_type.idx": (bytes([0, 0, 7, 1, 0, 0, 0, 1, 0]), "*is not an IDX file: *"),
    "idx_cut.idx": (bytes([0, 0, 8, 3, 0, 0, 0, 1, 0]),
                    "*is cut off: 3 sizes need 16 bytes, the file has 9"),
    "idx_nine_axes.idx": (bytes([0, 0, 8, 9]) + bytes(40), "*has 9 axes; at most 8 are read"),
    "idx_overflow.idx": (bytes([0, 0, 8, 8]) + b"\xff" * 32,
                         "*more elements than 64 bits can count"),
    "idx_too_little.idx": (bytes([0, 0, 8, 1, 0, 0, 0, 4, 1, 2, 3]),
                           "*need 4 bytes of data, the file has 3"),
    "csv_ragged.csv": (b"1,2\n3\n", "*:2: has only 1 fields, expected 2 as in the first line"),
    "csv_empty.csv": (b"\n\n", "*: holds no line with a number"),
    "pb_text.pb": (b"hello", "*this is not an ONNX file, or it is damaged"),
    "pb_cut.pb": (bytes([8, 2, 16, 1, 0x4a, 8, 0, 0, 0]), "*is cut off, damaged or not ONNX"),
    "pb_no_type.pb": (bytes([8, 2, 0x4a, 1, 0]), "*has no element type that is known"),
    "pb_too_little.pb": (bytes([8, 2, 16, 1, 0x4a, 4, 0, 0, 0, 0]),
                         "*2 elements of float32 need 8 bytes, raw_data has 4"),
    "pb_external.pb": (bytes([8, 1, 16, 1, 0x70, 1]), "*its data lie in another file*"),
    "pb_negative.pb": (bytes([8] + [255] * 9 + [1, 16, 1]), "*has a negative axis*"),
    "f32_odd.f32": (b"12345", "*its 5 bytes are no whole number of float32 values"),
}
for case, (content, sentence) in SAMPLES.items():
    write("tensor", case, content, sentence)

# --- safetensors


def safetensors(header, data=FOUR, length=None):
    text = header.encode()
    return struct.pack("<Q", len(text) if length is None else length) + text + data


def tensor(name="w", dtype='"F32"', shape="[2,2]", offsets="[0,16]"):
    return '"%s":{"dtype":%s,"shape":%s,"data_offsets":%s}' % (name, dtype, shape, offsets)


def one(**keys):
    return safetensors("{" + tensor(**keys) + "}")


SAFETENSORS = {
    "st_five_bytes": (b"hello", "*is not a .safetensors file: 5 bytes*"),
    "st_length_of_2_63": (safetensors("{}", FOUR, 1 << 63), "*a header of 9223372036854775808 bytes*"),
    "st_cut_off": (one()[:30], "*is cut off or not a .safetensors file*"),
    "st_list": (safetensors("[1]"), "*the header does not start with '{'"),
    "st_no_json": (safetensors('{"w":{"dtype":}}'), "*is not JSON"),
    "st_text_behind": (safetensors("{" + tensor() + "} x"), "*is not JSON"),
    "st_nested": (safetensors("{" + '"w":[' * 5000 + "]" * 5000 + "}"), "*nested deeper than 4"),
    "st_tensor_twice": (safetensors("{" + tensor() + "," + tensor(offsets="[16,32]") + "}", FOUR * 2),
                        "*tensor 'w' stands there twice"),
    "st_key_twice": (safetensors('{"w":{"dtype":"F32","dtype":"F32","shape":[4],'
                                 '"data_offsets":[0,16]}}'), "*key 'dtype' is doubled*"),
    "st_unknown_key": (safetensors('{"w":{"type":"F32","shape":[4],"data_offsets":[0,16]}}'),
                       "*key 'type' is unknown*"),
    "st_no_shape": (safetensors('{"w":{"dtype":"F32","data_offsets":[0,16]}}'),
                    "*expected an object with dtype, shape and data_offsets"),
    "st_overlap": (safetensors("{" + tensor("a") + "," + tensor("b", offsets="[8,24]") + "}",
                               FOUR * 2), "*the data of tensors 'a' and 'b' overlap"),
    "st_offset_behind_end": (one(offsets="[16,32]"), "*within the 16 bytes of data"),
    "st_offsets_swapped": (one(offsets="[16,0]"), "*the first at most the second*"),
    "st_offset_negative": (one(offsets="[-16,0]"), "*data_offsets are not two whole numbers*"),
    "st_offset_fraction": (one(offsets="[0.5,16.5]"), "*data_offsets are not two whole numbers*"),
    "st_offset_infinite": (one(offsets="[0,1e999]"), "*data_offsets are not two whole numbers*"),
    "st_sizes_differ": (one(shape="[2,3]"), "*6 elements of float32 need another number of bytes*"),
    "st_shape_overflows": (one(shape="[4294967296,4294967296,16]"), "*more elements than 64 bits*"),
    "st_nine_axes": (one(shape="[1,1,1,1,1,1,1,1,4]"), "*at most 8 whole numbers"),
    "st_unknown_dtype": (one(dtype='"Q7"'), "*unknown dtype 'Q7'*"),
    "st_dtype_number": (one(dtype="32"), "*unknown dtype '(no text)'*"),
    "st_no_name": (one(name=""), "*a tensor without a name"),
}
for case, (content, sentence) in SAFETENSORS.items():
    write("tensor", case + ".safetensors", content, sentence)

# --- ONNX: protobuf by hand.  Field numbers are those of onnx.proto.


def varint(n):
    n &= (1 << 64) - 1
    out = b""
    while n > 127:
        out += bytes([n & 127 | 128])
        n >>= 7
    return out + bytes([n])


def field(number, value):
    if isinstance(value, int):
        return varint(number << 3) + varint(value)
    value = value.encode() if isinstance(value, str) else value
    return varint(number << 3 | 2) + varint(len(value)) + value


def model(graph, more=b""):
    return field(1, 8) + field(7, graph) + field(8, field(2, 13)) + more


def proto(name="w", dims=(2, 2), kind=1, data=field(9, FOUR)):
    return (b"".join(field(1, d) for d in dims) + field(2, kind) + data
            + (field(8, name) if name else b""))


def node(op, inputs, outputs):
    return field(1, b"".join(field(1, i) for i in inputs) + b"".join(field(2, o) for o in outputs)
                 + field(4, op))


def initializer(**keys):
    return model(field(5, proto(**keys)))


def nested(levels):
    """Graphs in attributes of nodes of graphs ...: three messages a level."""
    data = b""
    for _ in range(levels):
        data = field(1, field(5, field(6, data)))
    return field(7, data)


MODELS = {
    "text": (b"This is not a model at all.\n", "*byte 0: *this is not an ONNX file*"),
    "zeros": (bytes(64), "*byte 0: no field's number*"),
    "cut_off": (initializer()[:-30], "*bytes are left; the file is cut off*"),
    # a tensor that claims the bytes of the field behind its graph
    "child_overruns": (field(6, "behind a text") + field(7, b"\x2a\x10" + bytes(8))
                       + field(14, bytes(40)), "*byte 17: a length of 16, 8 bytes are left*"),
    "nested_5000": (nested(5000), "*messages nested deeper than 64"),
    "empty_nodes": (model(b"\x0a\x00" * 24000), "*decodes to more than 32 times*"),
    "graph_twice": (model(field(5, proto()), field(7, field(2, "again"))),
                    "*field 'graph' of ModelProto occurs twice"),
    "no_graph": (field(1, 8), "*it has no graph"),
    "group": (b"\xf3\x01\xf4\x01" + model(b""), "*a wire type that ONNX does not use*"),
    "other_wire_type": (model(varint(1 << 3) + varint(5)), "*a field of another type*"),
    "endless_varint": (field(1, 8) + b"\x28" + b"\xff" * 11, "*a number without an end*"),
    "packed_odd": (initializer(data=field(4, b"12345")), "*a packed field whose length*"),
    "packed_in_singular": (field(1, b"\x01\x02"), "*a single number where bytes stand*"),
    "no_name": (initializer(name=""), "*tensor 0 has no name"),
    "name_twice": (model(field(5, proto()) + field(5, proto())), "*two values have the name 'w'"),
    "output_twice": (model(field(5, proto()) + node("Relu", ["w"], ["y"])
                           + node("Relu", ["y"], ["y"])), "*two values have the name 'y'"),
    "unknown_type": (initializer(kind=99), "*has the unknown data type 99"),
    "no_type": (initializer(kind=0), "*has the unknown data type 0"),
    "negative_axis": (initializer(dims=(-2, 2)), "*has a negative axis*"),
    "shape_overflows": (initializer(dims=(1 << 40, 1 << 40)), "*more elements than 64 bits*"),
    "nine_axes": (initializer(dims=(1,) * 8 + (4,)), "*has 9 axes; at most 8*"),
    "too_little_data": (initializer(data=field(9, FOUR[:-1])), "*need 16 bytes, raw_data has 15"),
    "no_data": (initializer(data=b""), "*its shape has 4 elements, its data 0"),
    "data_twice": (initializer(data=field(9, FOUR) + field(4, FOUR)), "*has its data twice*"),
    "half_in_wrong_field": (initializer(kind=10, data=field(4, FOUR)),
                            "*its shape has 4 elements, its data 0"),
    "segment": (initializer(data=field(9, FOUR) + field(3, field(1, 0) + field(2, 4))),
                "*is a segment of a larger one*"),
}
for case, (content, sentence) in MODELS.items():
    write("model", case + ".onnx", content, sentence)

# --- ONNX as a network: what a reader of tensors does not look at


def attribute(name="a", more=b""):
    return field(5, field(1, name) + more)


def operator(op, inputs, outputs, more=b""):
    return field(1, b"".join(field(1, i) for i in inputs) + b"".join(field(2, o) for o in outputs)
                 + (field(4, op) if op else b"") + more)


def shape(*axes):
    return field(2, b"".join(field(1, field(1, a)) for a in axes))


def value(number, name, kind=field(1, field(1, 1) + shape(1, 4))):
    return field(number, (field(1, name) if name else b"") + field(2, kind))


X, Y, W = value(11, "x"), value(12, "y"), field(5, proto())
RELU = operator("Relu", ["x"], ["y"])


def relu(more=b"", begin=X):
    return model(begin + operator("Relu", ["x"], ["y"], more) + Y)


def opset(*versions):
    return field(1, 8) + field(7, X + RELU + Y) + b"".join(
        field(8, (field(1, d) if d else b"") + field(2, v)) for d, v in versions)


def constant(*attributes, outputs=("y",)):
    return model(operator("Constant", [], outputs, b"".join(attributes)) + Y)


NETWORKS = {
    "opset_6": (opset(("", 6)), "*has opset 6; 7 to 17 are read*"),
    "opset_18": (opset(("ai.onnx.ml", 3), ("ai.onnx", 18)), "*has opset 18; 7 to 17 are read*"),
    "opset_negative": (opset(("", -13)), "*has opset -13; 7 to 17*"),
    "opset_of_others": (opset(("com.microsoft", 13)), "*does not say which opset of ONNX it uses*"),
    "functions": (model(X + RELU + Y, field(25, field(1, "f"))), "*has functions of its own*"),
    "sparse": (model(X + RELU + Y + field(15, field(1, proto()))), "*has sparse initializers*"),
    "input_without_name": (model(value(11, "") + RELU + Y), "*input 0 has no name"),
    "input_is_a_sequence": (relu(begin=value(11, "x", field(4, b""))), "*value 'x' is a sequence*"),
    "input_of_int64": (relu(begin=value(11, "x", field(1, field(1, 7) + shape(1)))),
                       "*input 'x' is not of floats*"),
    "input_nine_axes": (relu(begin=value(11, "x", field(1, field(1, 1) + shape(*range(1, 10))))),
                        "*value 'x' has 9 axes; at most 8*"),
    "input_twice": (relu(begin=X + X), "*two values have the name 'x'"),
    "initializer_without_name": (model(field(5, proto(name="")) + X + RELU + Y),
                                 "*initializer 0 has no name"),
    "initializer_twice": (model(W + W + X + RELU + Y), "*two values have the name 'w'"),
    "strings": (model(field(5, proto(kind=8, data=field(6, "a") * 4)) + X + RELU + Y),
                "*tensor 'w' has the data type string; floats*"),
    "float8": (model(field(5, proto(kind=17, data=field(9, b"four"))) + X + RELU + Y),
               "*tensor 'w' has the data type float8; floats*"),
    "unknown_type": (model(field(5, proto(kind=99)) + X + RELU + Y),
                     "*tensor 'w' has the data type that is unknown; floats*"),
    "external": (model(field(5, proto(data=field(13, field(1, "location") + field(2, "../w.bin"))
                                      + field(14, 1))) + X + RELU + Y),
                 "*keeps its data in the file '../w.bin'*"),
    "nine_axes": (model(field(5, proto(dims=(1,) * 8 + (4,))) + X + RELU + Y),
                  "*tensor 'w' has 9 axes; at most 8*"),
    "elements_2_80": (model(field(5, proto(dims=(1 << 40, 1 << 40))) + X + RELU + Y),
                      "*more elements than 64 bits*"),
    "elements_2_40": (model(field(5, proto(dims=(1 << 20, 1 << 20))) + X + RELU + Y),
                      "*1099511627776 elements of float32 need 4398046511104 bytes, raw_data has*"),
    "negative_axis": (model(field(5, proto(dims=(-4,))) + X + RELU + Y), "*has a negative axis*"),
    "too_few_wholes": (model(field(5, proto(kind=6, data=field(5, b"\x01\x02\x03"))) + X + RELU + Y),
                       "*its shape has 4 elements, its data 3"),
    "output_is_the_input": (model(X + operator("Relu", ["x"], ["x"]) + value(12, "x")),
                            "*two values have the name 'x'"),
    "output_is_an_initializer": (model(W + X + operator("Relu", ["x"], ["w"]) + value(12, "w")),
                                 "*two values have the name 'w'"),
    "missing_input": (model(X + operator("Add", ["x", "z"], ["y"], field(3, "sum")) + Y),
                      "*node 'sum' (Add) reads 'z', which no node, initializer or input makes"),
    "cycle_of_one": (model(X + operator("Add", ["x", "y"], ["y"]) + Y),
                     "*node 'y' (Add) reads 'y', which is made by this node or a later one*"),
    "cycle_of_two": (model(X + operator("Add", ["x", "b"], ["a"]) + operator("Relu", ["a"], ["b"])
                           + value(12, "b")), "*node 'a' (Add) reads 'b', which is made by*later*"),
    "wrong_order": (model(X + operator("Relu", ["a"], ["y"]) + operator("Relu", ["x"], ["a"]) + Y),
                    "*node 'y' (Relu) reads 'a', which is made by*must stand behind*"),
    "constant_behind": (model(X + operator("Add", ["x", "c"], ["y"]) + operator(
        "Constant", [], ["c"], attribute("value", field(5, proto()))) + Y),
        "*node 'y' (Add) reads 'c', which is made by*"),
    "node_without_name": (model(X + operator("Relu", ["x"], [""]) + RELU + Y),
                          "*node number 0 has no name and no output, or no operator"),
    "node_without_operator": (model(X + operator("", ["x"], ["y"]) + Y), "*node number 0 has no*"),
    "subgraph": (model(X + operator("If", ["x"], ["y"], attribute("then_branch", field(6, RELU)))
                       + Y),
                 "*node 'y' (If): its attribute 'then_branch' is a graph inside*"),
    "subgraphs": (relu(attribute(more=field(11, RELU))), "*is a graph inside of the network's*"),
    "attribute_tensor": (relu(attribute(more=field(5, proto()))), "*'a' is a tensor, which is not*"),
    "attribute_sparse": (relu(attribute(more=field(22, field(1, proto())))), "*is a sparse tensor*"),
    "attribute_texts": (relu(attribute(more=field(9, "a"))), "*'a' is a list of texts or a type*"),
    "attribute_of_a_function": (relu(attribute(more=field(21, "b"))), "*is another attribute's*"),
    "attribute_twice": (relu(attribute() + attribute()), "*node 'y' (Relu) has the attribute 'a'*"),
    "attributes_65": (relu(b"".join(attribute("a%d" % i) for i in range(65))),
                      "*has 65 attributes; at most 64*"),
    "constant_without_value": (constant(), "*the Constant 'y' has 1 outputs and 0 attributes*"),
    "constant_two_values": (constant(attribute("value_int", field(3, 1)), attribute("b")),
                            "*the Constant 'y' has 1 outputs and 2 attributes*"),
    "constant_two_outputs": (constant(attribute("value_int", field(3, 1)), outputs=("y", "z")),
                             "*the Constant 'y' has 2 outputs and 1 attributes*"),
    "constant_text": (constant(attribute("value_string", field(4, "a"))),
                      "*the Constant 'y' holds neither a tensor nor numbers*"),
    "constant_int_and_float": (constant(attribute("value", field(3, 1) + field(8, 2))),
                               "*the Constant 'y' holds neither*"),
    "constant_external": (constant(attribute("value", field(5, proto(data=field(14, 1))))),
                          "*tensor 'y' keeps its data in the file ''*"),
    "output_of_nobody": (model(X + RELU + value(12, "z")), "*output 'z' is made by no node"),
    "output_without_name": (model(X + RELU + value(12, "")), "*output '' is made by no node"),
    # read, but of a kind that is not computed
    "no_nodes": (model(X + value(12, "x")), "*output 'x' is made by no layer"),
    "other_domain": (model(X + operator("Relu", ["x"], ["y"], field(7, "com.other")) + Y),
                     "*node 'y' (com.other:Relu): this operation is not known*"),
    "conv_of_2_62_places": (model(
        value(11, "x", field(1, field(1, 1) + shape(1, 1, 1 << 15, 1 << 15)))
        + field(5, proto(dims=(1, 1, 2, 2)))
        + operator("Conv", ["x", "w"], ["y"],
                   attribute("pads", b"".join(field(8, (1 << 31) - 1) for _ in range(4)))) + Y),
        "*node 'y' (Conv): its output has the shape 1 x 1 x 4295000061 x 4295000061*"),
}
for case, (content, sentence) in NETWORKS.items():
    write("network", case + ".onnx", content, sentence)

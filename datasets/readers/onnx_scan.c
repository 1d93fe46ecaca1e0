/* SPDX-License-Identifier: MIT */
#include "onnx_scan.h"

#include <stdbool.h>
#include <stdint.h>

enum { WIRE_VARINT = 0, WIRE_64 = 1, WIRE_BYTES = 2, WIRE_32 = 5 };

/* What malloc adds to a small piece, at most. */
enum { PIECE = 32 };

struct frame {                  /* one message that is being walked                      */
	const ProtobufCMessageDescriptor *type;
	size_t end;
	uint64_t seen;          /* bit i: singular message field i has occurred          */
};

struct scan {
	const unsigned char *bytes;
	size_t at, fields, decoded, most;
	const char *path;
	struct frame frames[SCAN_DEPTH_MOST];
	int depth;
	struct error *error;
};

static int wrong(struct scan *scan, size_t at, const char *what)
{
	return fail(scan->error, STATUS_INPUT,
		    "%s: byte %zu: %s; this is not an ONNX file, or it is damaged",
		    scan->path, at, what);
}

/* A number of 7 bits a byte, low ones first, before `end`; at most 10 bytes. */
static bool varint(struct scan *scan, size_t end, uint64_t *out)
{
	*out = 0;
	for (int shift = 0; shift < 70 && scan->at < end; shift += 7) {
		const unsigned char byte = scan->bytes[scan->at++];

		if (shift < 64)
			*out |= (uint64_t)(byte & 0x7f) << shift;
		if (byte < 0x80)
			return true;
	}
	return false;
}

static int wire_of(ProtobufCType type)
{
	switch (type) {
	case PROTOBUF_C_TYPE_FLOAT:
	case PROTOBUF_C_TYPE_FIXED32:
	case PROTOBUF_C_TYPE_SFIXED32:
		return WIRE_32;
	case PROTOBUF_C_TYPE_DOUBLE:
	case PROTOBUF_C_TYPE_FIXED64:
	case PROTOBUF_C_TYPE_SFIXED64:
		return WIRE_64;
	case PROTOBUF_C_TYPE_STRING:
	case PROTOBUF_C_TYPE_BYTES:
	case PROTOBUF_C_TYPE_MESSAGE:
		return WIRE_BYTES;
	default:
		return WIRE_VARINT;
	}
}

/* The elements of a packed field, each of at most 8 bytes once decoded. */
static int scan_packed(struct scan *scan, int wire, size_t end)
{
	const size_t start = scan->at, width = wire == WIRE_32 ? 4 : 8;
	uint64_t value;

	if (wire != WIRE_VARINT) {
		if ((end - start) % width)
			return wrong(scan, start,
				     "a packed field whose length is no multiple of its elements");
		scan->decoded += end - start + PIECE;
		scan->at = end;
		return 0;
	}
	scan->decoded += PIECE;
	while (scan->at < end) {
		if (!varint(scan, end, &value))
			return wrong(scan, scan->at, "a number without an end");
		scan->decoded += 8;
	}
	return 0;
}

static int enter(struct scan *scan, const ProtobufCFieldDescriptor *field, size_t end)
{
	struct frame *frame = &scan->frames[scan->depth - 1];
	const ProtobufCMessageDescriptor *type = field->descriptor;
	const size_t index = (size_t)(field - frame->type->fields);

	if (scan->depth == SCAN_DEPTH_MOST)
		return fail(scan->error, STATUS_INPUT,
			    "%s: byte %zu: messages nested deeper than %d", scan->path, scan->at,
			    SCAN_DEPTH_MOST);
	if (field->label != PROTOBUF_C_LABEL_REPEATED) {
		if (index < 64 && frame->seen & UINT64_C(1) << index)
			return fail(scan->error, STATUS_INPUT,
				    "%s: byte %zu: field '%s' of %s occurs twice",
				    scan->path, scan->at, field->name, frame->type->short_name);
		if (index < 64)
			frame->seen |= UINT64_C(1) << index;
	}
	scan->decoded += type->sizeof_message + PIECE;
	scan->frames[scan->depth++] = (struct frame){ .type = type, .end = end };
	return 0;
}

/* A field of length-delimited bytes. */
static int scan_bytes(struct scan *scan, const ProtobufCFieldDescriptor *field, size_t start,
		      size_t end)
{
	uint64_t length;
	int wire;

	if (!varint(scan, end, &length))
		return wrong(scan, start, "a length without an end");
	if (length > end - scan->at)
		return fail(scan->error, STATUS_INPUT,
			    "%s: byte %zu: a length of %llu, %zu bytes are left; the file is cut "
			    "off, damaged or not ONNX",
			    scan->path, start, (unsigned long long)length, end - scan->at);
	end = scan->at + (size_t)length;
	wire = field ? wire_of(field->type) : WIRE_BYTES;
	if (wire != WIRE_BYTES) {
		if (field->label != PROTOBUF_C_LABEL_REPEATED)
			return wrong(scan, start, "a single number where bytes stand");
		return scan_packed(scan, wire, end);
	}
	if (field && field->type == PROTOBUF_C_TYPE_MESSAGE)
		return enter(scan, field, end);
	scan->decoded += (size_t)length + PIECE;
	scan->at = end;
	return 0;
}

static int scan_field(struct scan *scan)
{
	const struct frame *frame = &scan->frames[scan->depth - 1];
	const size_t start = scan->at, end = frame->end;
	const ProtobufCFieldDescriptor *field;
	uint64_t tag, value;
	int wire;

	if (!varint(scan, end, &tag) || tag >> 3 == 0 || tag > UINT32_MAX)
		return wrong(scan, start, "no field's number");
	field = protobuf_c_message_descriptor_get_field(frame->type, (unsigned)(tag >> 3));
	wire = (int)(tag & 7);
	if (wire != WIRE_VARINT && wire != WIRE_64 && wire != WIRE_BYTES && wire != WIRE_32)
		return wrong(scan, start, "a wire type that ONNX does not use");
	if (++scan->fields > SCAN_FIELDS_MOST)
		return fail(scan->error, STATUS_INPUT, "%s: byte %zu: more than %d fields",
			    scan->path, start, SCAN_FIELDS_MOST);
	/* a place in a repeated field's array, or a record of an unknown field */
	if (!field || field->label == PROTOBUF_C_LABEL_REPEATED)
		scan->decoded += sizeof(ProtobufCMessageUnknownField);
	if (wire == WIRE_BYTES)
		return scan_bytes(scan, field, start, end);
	if (field && wire_of(field->type) != wire)
		return wrong(scan, start, "a field of another type than ONNX gives it");
	if (wire == WIRE_VARINT)
		return varint(scan, end, &value) ? 0
						 : wrong(scan, start, "a number without an end");
	value = wire == WIRE_32 ? 4 : 8;
	if (value > end - scan->at)
		return wrong(scan, start, "a number that is cut off");
	scan->at += (size_t)value;
	return 0;
}

int onnx_scan(const ProtobufCMessageDescriptor *type, const unsigned char *bytes, size_t size,
	      const char *path, size_t *decoded, struct error *error)
{
	struct scan scan = { .bytes = bytes, .path = path, .depth = 1, .error = error,
			     .decoded = type->sizeof_message + PIECE };

	if (size > INT32_MAX)
		return fail(error, STATUS_INPUT,
			    "%s: %zu bytes; protobuf, and so ONNX, ends at 2 GiB", path, size);
	scan.most = size * SCAN_TIMES_MOST + SCAN_BYTES_FREE;
	scan.frames[0] = (struct frame){ .type = type, .end = size };
	while (scan.depth) {
		if (scan.at == scan.frames[scan.depth - 1].end) {
			scan.depth--;
			continue;
		}
		if (scan_field(&scan))
			return -1;
		if (scan.decoded > scan.most)
			return fail(error, STATUS_INPUT,
				    "%s: byte %zu: decodes to more than %d times the file's size "
				    "and 1 MiB",
				    path, scan.at, SCAN_TIMES_MOST);
	}
	*decoded = scan.decoded;
	return 0;
}

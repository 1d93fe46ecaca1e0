/* SPDX-License-Identifier: MIT
 *
 * A look over a protobuf message before protobuf-c decodes it.
 *
 * protobuf-c recurses once a nested message without limit (a 54 KB file of 5,000 levels overflows
 * its stack), copies a singular message again each time it occurs, and a two-byte empty message
 * becomes a struct of up to 250 bytes.  So the wire format is walked first, with a stack of fixed
 * depth: every length lies within its parent, no field has another wire type than its description,
 * a singular message occurs once, and depth, fields and decoded size are limited.
 */
#ifndef QS_ONNX_SCAN_H
#define QS_ONNX_SCAN_H

#include "../../harness/error.h"

#include <protobuf-c/protobuf-c.h>

enum {
	SCAN_DEPTH_MOST = 64,           /* nested messages                               */
	SCAN_FIELDS_MOST = 1 << 24,
	SCAN_TIMES_MOST = 32,           /* decoded bytes a byte of the file, and ...     */
	SCAN_BYTES_FREE = 1 << 20       /* ... this many more                            */
};

/* 0, or -1 with a sentence that names the byte.  *decoded: an upper bound of the bytes that
 * protobuf-c keeps for the decoded message (while it decodes one it holds up to 64 more a field of
 * the messages it is in). */
int onnx_scan(const ProtobufCMessageDescriptor *type, const unsigned char *bytes, size_t size,
	      const char *path, size_t *decoded, struct error *error);

#endif

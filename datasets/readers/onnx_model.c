/* SPDX-License-Identifier: MIT
 *
 * From bytes to protobuf-c's structs, looked over first, and names sorted for lookups.
 */
#include "onnx_file.h"

#include "onnx_scan.h"

#include <stdlib.h>
#include <string.h>

static void *decode_new(void *self, size_t bytes)
{
	struct onnx_file *onnx = self;
	struct error error;
	void *memory = env_new(onnx->env, bytes, 1, "an ONNX model", &error);

	onnx->starved |= !memory;
	return memory;
}

static void decode_free(void *self, void *memory)
{
	const struct onnx_file *onnx = self;

	env_free(onnx->env, memory);
}

static ProtobufCAllocator decoder(struct onnx_file *onnx)
{
	return (ProtobufCAllocator){ .alloc = decode_new, .free = decode_free,
				     .allocator_data = onnx };
}

ProtobufCMessage *onnx_unpack(struct onnx_file *onnx, const ProtobufCMessageDescriptor *type,
			      const char *path, const unsigned char *bytes, size_t size,
			      struct error *error)
{
	ProtobufCAllocator memory = decoder(onnx);
	ProtobufCMessage *message;
	size_t decoded = 0;

	if (onnx_scan(type, bytes, size, path, &decoded, error))
		return NULL;
	message = protobuf_c_message_unpack(type, &memory, size, bytes);
	if (!message && onnx->starved)
		fail_memory(error, decoded, "a decoded ONNX file");
	else if (!message)
		fail(error, STATUS_INPUT, "%s: is not an ONNX file: protobuf-c cannot decode it",
		     path);
	return message;
}

void onnx_free(struct onnx_file *onnx, ProtobufCMessage *message)
{
	ProtobufCAllocator memory = decoder(onnx);

	if (message)
		protobuf_c_message_free_unpacked(message, &memory);
}

int onnx_decode(struct onnx_file *onnx, const char *path, const unsigned char *bytes, size_t size,
		struct error *error)
{
	onnx->model = (Onnx__ModelProto *)onnx_unpack(onnx, &onnx__model_proto__descriptor, path,
						      bytes, size, error);
	if (!onnx->model)
		return -1;
	if (!onnx->model->graph)
		return fail(error, STATUS_INPUT, "%s: is not an ONNX model: it has no graph", path);
	return 0;
}

void onnx_release(struct onnx_file *onnx)
{
	onnx_free(onnx, (ProtobufCMessage *)onnx->model);
	onnx->model = NULL;
}

static int by_name(const void *a, const void *b)
{
	const struct onnx_name *x = a, *y = b;

	return strcmp(x->name, y->name);
}

const char *onnx_sort_names(struct onnx_name *names, size_t count)
{
	if (count)
		qsort(names, count, sizeof *names, by_name);
	for (size_t i = 1; i < count; i++)
		if (!strcmp(names[i - 1].name, names[i].name))
			return names[i].name;
	return NULL;
}

const struct onnx_name *onnx_find_name(const struct onnx_name *names, size_t count,
				       const char *name)
{
	const struct onnx_name key = { .name = name };

	return count ? bsearch(&key, names, count, sizeof key, by_name) : NULL;
}

bool onnx_is_standard(const char *domain)
{
	return !domain || !*domain || !strcmp(domain, "ai.onnx");
}

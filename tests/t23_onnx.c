/* SPDX-License-Identifier: MIT
 *
 * The ONNX reader: every consumer, every way, every encoding against onnx and NumPy; garbage,
 * damage, lack of memory; and that the look over the bytes bounds what protobuf-c then does.
 */
#include "files.h"

#include "../datasets/readers/onnx_scan.h"

extern const struct reader reader_onnx;
extern const ProtobufCMessageDescriptor onnx__model_proto__descriptor;

static const char *golden(const char *name)
{
	static char path[1200];

	snprintf(path, sizeof path, "%s/tests/golden/%s", source_dir(), name);
	return path;
}

static const struct tensor_info *find(const struct tensor_file *file, const char *name)
{
	for (size_t i = 0; i < file->count; i++)
		if (!strcmp(file->tensors[i].name, name))
			return &file->tensors[i];
	fail_msg("no tensor %s", name);
	return NULL;
}

/* Truth: tests/golden/make/weights.py on consumers.onnx, by onnx 1.23.2 and numpy 2.4.6. */
static void consumers(void **state)
{
	const struct env env = env_system();
	struct tensor_file file;
	struct tensor tensor;
	struct error error;
	char line[300], name[100];
	long rows, columns;
	unsigned crc;
	size_t lines = 0, weights = 0;
	int axis;
	FILE *truth = fopen(golden("consumers.csv"), "r");

	(void)state;
	assert_non_null(truth);
	assert_int_equal(tensor_file_open(&file, &env, golden("consumers.onnx"), &error), 0);
	while (fgets(line, sizeof line, truth)) {
		if (sscanf(line, "%*[^,],%99[^,],%d,%ld,%ld,%x", name, &axis, &rows, &columns,
			   &crc) != 5)
			continue;
		const struct tensor_info *info = find(&file, name);

		lines++;
		assert_true(info->weight && *info->role);
		assert_int_equal(tensor_file_load(&file, info, &tensor, &error), 0);
		if (tensor.axis != axis || tensor.rows != rows || tensor.columns != columns ||
		    values_crc32(&tensor) != crc)
			fail_msg("%s", line);
		assert_int_equal(tensor.order[0], axis);
		tensor_free(&tensor);
	}
	fclose(truth);
	for (size_t i = 0; i < file.count; i++)
		weights += file.tensors[i].weight;
	assert_int_equal(lines, 31);
	assert_int_equal(weights, lines);
	assert_string_equal(
		file.summary,
		"ONNX IR 8, opset 13, onnx.brevitas 1, 54 nodes, 49 tensors, 1 sparse tensors "
		"not read, layout by the first of several readers: 1 times");
	assert_string_equal(find(&file, "gemm.bias")->role, "Gemm bias");
	assert_string_equal(find(&file, "quant.bias")->role, "Gemm bias");
	assert_string_equal(find(&file, "way.unknown")->role, "");
	tensor_file_close(&file);
}

static void external_data_are_refused(void **state)
{
	const struct env env = env_system();
	struct tensor_file file;
	struct tensor tensor;
	struct error error;

	(void)state;
	assert_int_equal(tensor_file_open(&file, &env, golden("external.onnx"), &error), 0);
	assert_true(file.tensors->weight);
	assert_int_equal(tensor_file_load(&file, file.tensors, &tensor, &error), -1);
	assert_int_equal(error.status, STATUS_INPUT);
	if (!glob_match("*external.onnx: tensor 'w' keeps its data in the file 'weights.bin', *",
			error.text, false))
		fail_msg("%s", error.text);
	tensor_file_close(&file);
}

struct meter {
	size_t live, most;
};

static void *meter_new(void *self, size_t bytes)
{
	struct meter *meter = self;
	size_t *block = malloc(bytes + 16);

	*block = bytes;
	meter->live += bytes;
	meter->most = meter->live > meter->most ? meter->live : meter->most;
	return block + 2;
}

static void meter_free(void *self, void *memory)
{
	struct meter *meter = self;
	size_t *block = memory;

	if (!memory)
		return;
	meter->live -= block[-2];
	free(block - 2);
}

/* What the scan lets through, protobuf-c decodes within the bound that the scan gave. */
static void the_scan_bounds_the_decoder(void **state)
{
	static const char *const names[] = { "tests/golden/consumers.onnx",
					     "datasets/samples/convnet.onnx" };
	char path[1200];

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		struct meter meter = { 0 };
		ProtobufCAllocator memory = { meter_new, meter_free, &meter };
		struct error error;
		size_t size, decoded = 0;
		unsigned char *bytes;
		ProtobufCMessage *message;

		snprintf(path, sizeof path, "%s/%s", source_dir(), names[i]);
		bytes = read_bytes(path, &size);
		assert_int_equal(onnx_scan(&onnx__model_proto__descriptor, bytes, size, path,
					   &decoded, &error), 0);
		message = protobuf_c_message_unpack(&onnx__model_proto__descriptor, &memory, size,
						    bytes);
		assert_non_null(message);
		assert_true(meter.live > size / 2 && meter.most <= decoded);
		protobuf_c_message_free_unpacked(message, &memory);
		assert_int_equal(meter.live, 0);
		free(bytes);
	}
}

/* 64 messages in each other are read, 65 are not: graph, node, attribute, graph ... in a model. */
static void depth_limit(void **state)
{
	static const unsigned char tags[] = { 0x0a, 0x2a, 0x32 };    /* node, attribute, g */

	(void)state;
	for (size_t depth = 63; depth <= 66; depth++) {
		unsigned char bytes[400];
		size_t at = sizeof bytes, decoded;
		struct error error;

		/* the model is the first message, its graph the second */
		for (size_t level = depth - 2; level-- > 0;) {
			const size_t length = sizeof bytes - at;

			if (length > 127)
				bytes[--at] = (unsigned char)(length >> 7);
			bytes[--at] = (unsigned char)(length > 127 ? (length & 127) | 128 : length);
			bytes[--at] = tags[level % 3];
		}
		const size_t length = sizeof bytes - at;

		bytes[--at] = (unsigned char)(length >> 7);
		bytes[--at] = (unsigned char)((length & 127) | 128);
		bytes[--at] = 0x3a;
		assert_int_equal(onnx_scan(&onnx__model_proto__descriptor, bytes + at,
					   sizeof bytes - at, "x", &decoded, &error),
				 depth > SCAN_DEPTH_MOST ? -1 : 0);
	}
}

static void garbage(void **state)
{
	(void)state;
	assert_true(check_garbage("model", &reader_onnx) >= 12);
}

/* The file that killed protobuf-c: a sentence, and soon. */
static void five_thousand_graphs_in_each_other(void **state)
{
	const struct env env = env_system();
	char path[1200];
	size_t size;
	unsigned char *bytes;

	(void)state;
	snprintf(path, sizeof path, "%s/tests/garbage/model/nested_5000.onnx", source_dir());
	bytes = read_bytes(path, &size);
	assert_int_equal(size, 54457);
	assert_int_equal(open_and_load(&env, &reader_onnx, bytes, size), STATUS_INPUT);
	free(bytes);
}

static void damage(void **state)
{
	(void)state;
	/* what is cut between two of a model's own fields is a model, too */
	hammer(&reader_onnx, golden("consumers.onnx"), false, 8000, 10000);
}

static void memory_runs_out(void **state)
{
	(void)state;
	starve(&reader_onnx, golden("consumers.onnx"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(consumers),
		cmocka_unit_test(external_data_are_refused),
		cmocka_unit_test(the_scan_bounds_the_decoder),
		cmocka_unit_test(depth_limit),
		cmocka_unit_test(garbage),
		cmocka_unit_test(five_thousand_graphs_in_each_other),
		cmocka_unit_test(damage),
		cmocka_unit_test(memory_runs_out),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

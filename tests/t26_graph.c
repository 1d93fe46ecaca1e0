/* SPDX-License-Identifier: MIT
 *
 * ONNX networks as graphs: values, nodes, attributes and constants of every type as the file has
 * them; hostile files; damage; lack of memory.
 */
#include "files.h"

#include "../harness/network/layers.h"

#include <math.h>

static int parse(struct graph *graph, const struct env *env, const unsigned char *bytes,
		 size_t size, struct error *error)
{
	return graph_parse_onnx(graph, env, "net", (const char *)bytes, size, error);
}

/* Graph and layers of bytes that end where their block does. */
static enum status parse_and_lower(const struct env *env, const unsigned char *bytes, size_t size,
				   struct error *error)
{
	unsigned char *exact = malloc(size ? size : 1);
	enum status status = STATUS_DONE;
	struct graph graph;
	struct layers layers;

	memcpy(exact, bytes, size);
	if (parse(&graph, env, exact, size, error)) {
		status = error->status;
	} else {
		if (layers_make(&layers, &graph, env, error))
			status = error->status;
		else
			layers_free(&layers);
		graph_free(&graph);
	}
	free(exact);
	return status;
}

static unsigned char *file_bytes(const char *name, size_t *size)
{
	char path[1200];

	snprintf(path, sizeof path, "%s/%s", source_dir(), name);
	return read_bytes(path, size);
}

static const struct graph_value *value(const struct graph *graph, const char *name)
{
	for (size_t i = 0; i < graph->value_count; i++)
		if (!strcmp(graph->values[i].name, name))
			return &graph->values[i];
	fail_msg("no value %s", name);
	return NULL;
}

static const struct graph_node *node(const struct graph *graph, const char *name)
{
	for (size_t i = 0; i < graph->node_count; i++)
		if (!strcmp(graph->nodes[i].name, name))
			return &graph->nodes[i];
	fail_msg("no node %s", name);
	return NULL;
}

static void check_constant(const struct graph *graph, const char *name, int rank,
			   const double *numbers, int64_t count, bool whole)
{
	const struct graph_value *found = value(graph, name);

	assert_int_equal(found->rank, rank);
	assert_int_equal(found->elements, count);
	assert_true(whole ? found->wholes && !found->floats : found->floats && !found->wholes);
	for (int64_t i = 0; i < count; i++)
		if ((whole ? (double)found->wholes[i] : (double)found->floats[i]) != numbers[i])
			fail_msg("%s: number %lld", name, (long long)i);
}

/* Truth: tests/golden/make/graphs.py writes these values into everything.onnx. */
static void everything(void **state)
{
	static const double small[] = { -2, 1, 0.5 };
	static const struct { const char *name; bool whole; double numbers[3]; } tensors[] = {
		{ "float32", false, { -2, 1, 0.5 } },
		{ "float64", false, { -2, 1, 0.5 } },
		{ "float16", false, { -2, 1, 0.5 } },
		{ "bfloat16", false, { -2, 1, 0.5 } },
		{ "int8", true, { -2, 1, 127 } },
		{ "int16", true, { -2, 1, 32767 } },
		{ "int32", true, { -2, 1, 2147483647 } },
		{ "int64", true, { -2, 1, 4503599627370496 } },
		{ "uint8", true, { 2, 1, 255 } },
		{ "uint16", true, { 2, 1, 65535 } },
		{ "uint32", true, { 2, 1, 4294967295 } },
		{ "uint64", true, { 2, 1, 4503599627370496 } },
		{ "bool", true, { 1, 0, 1 } },
	};
	const struct env env = env_system();
	const struct graph_attribute *attribute;
	struct graph graph;
	struct error error;
	char name[100];
	size_t size;
	unsigned char *bytes = file_bytes("tests/golden/graphs/everything.onnx", &size);

	(void)state;
	if (parse(&graph, &env, bytes, size, &error))
		fail_msg("%s", error.text);
	free(bytes);
	for (size_t i = 0; i < sizeof tensors / sizeof *tensors; i++)
		for (int typed = 0; typed < 2; typed++) {
			snprintf(name, sizeof name, "%s.%s", tensors[i].name,
				 typed ? "typed" : "raw");
			check_constant(&graph, name, 1, tensors[i].numbers, 3, tensors[i].whole);
		}
	assert_int_equal(value(&graph, "uint64.high")->wholes[0], INT64_MAX);
	check_constant(&graph, "scalar", 0, small, 1, false);
	check_constant(&graph, "empty", 2, NULL, 0, false);
	check_constant(&graph, "constant.tensor", 1, small, 3, false);
	check_constant(&graph, "constant.float", 0, small, 1, false);
	check_constant(&graph, "constant.floats", 1, small, 3, false);
	check_constant(&graph, "constant.int", 0, small, 1, true);
	check_constant(&graph, "constant.ints", 1, small, 2, true);

	/* an input with a default is a constant; of the others the sizes that are known */
	assert_int_equal(graph.input_count, 2);
	assert_ptr_equal(&graph.values[graph.inputs[0]], value(&graph, "x"));
	assert_int_equal(value(&graph, "x")->rank, 4);
	assert_memory_equal(value(&graph, "x")->shape, ((const int64_t[]){ -1, 3, -1, 0 }),
			    4 * sizeof(int64_t));
	assert_int_equal(value(&graph, "untyped")->rank, -1);
	assert_int_equal(graph.output_count, 2);
	assert_ptr_equal(&graph.values[graph.outputs[1]], value(&graph, "z"));

	assert_int_equal(graph.node_count, 3);
	const struct graph_node *named = node(&graph, "named");

	assert_string_equal(named->type, "Anything");
	assert_int_equal(named->input_count, 3);
	assert_int_equal(named->inputs[1], GRAPH_NONE);
	assert_int_equal(named->output_count, 2);
	assert_int_equal(named->outputs[0], GRAPH_NONE);
	assert_string_equal(node(&graph, "z")->type, "com.other:Anything");
	assert_string_equal(graph.nodes[2].type, "Relu");
	assert_int_equal(named->attribute_count, 6);
	assert_true(graph_attribute(named, "float")->number == 0.25);
	assert_true(graph_attribute(named, "int")->number == -7);
	assert_string_equal(graph_attribute(named, "text")->text, "SAME");
	assert_string_equal(graph_attribute(named, "nothing")->text, "");
	attribute = graph_attribute(named, "floats");
	assert_true(attribute->count == 2 && attribute->numbers[1] == -1.5);
	attribute = graph_attribute(named, "ints");
	assert_true(attribute->count == 3 && attribute->numbers[2] == 0x1p40);
	assert_null(graph_attribute(named, "int2"));
	graph_free(&graph);
}

static int check_folder(const char *kind, bool sentences)
{
	const struct env env = env_system();
	struct dirent *entry;
	char folder[1000], path[1500], *expect;
	int cases = 0;
	DIR *entries;

	snprintf(folder, sizeof folder, "%s/tests/garbage/%s", source_dir(), kind);
	entries = opendir(folder);
	assert_non_null(entries);
	while ((entry = readdir(entries))) {
		const char *suffix = strstr(entry->d_name, ".onnx");
		struct error error = { 0 };
		unsigned char *bytes;
		size_t size;

		if (!suffix)
			continue;
		snprintf(path, sizeof path, "%s/%s", folder, entry->d_name);
		bytes = read_bytes(path, &size);
		if (parse_and_lower(&env, bytes, size, &error) != STATUS_INPUT)
			fail_msg("%s: %d %s", path, error.status, error.text);
		free(bytes);
		strcpy(strstr(path, ".onnx"), ".expect");
		expect = read_text(path);
		expect[strcspn(expect, "\n")] = '\0';
		if (strncmp(error.text, "net: ", 5) ||
		    (sentences && !glob_match(expect, error.text, false)))
			fail_msg("%s\n%s\nexpected %s", path, error.text, expect);
		free(expect);
		cases++;
	}
	closedir(entries);
	return cases;
}

/* tests/golden/make/garbage.py; what a reader of tensors refuses is refused here as well. */
static void garbage(void **state)
{
	(void)state;
	assert_true(check_folder("network", true) >= 50);
	assert_true(check_folder("model", false) >= 25);
}

/* Cut off at every length, and with some bytes changed: an answer, no crash. */
static void damage(void **state)
{
	static const char *const names[] = { "residual", "constants", "everything" };
	const struct env env = env_system();

	(void)state;
	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		char path[200];
		struct error error;
		unsigned char *bytes;
		size_t size;

		snprintf(path, sizeof path, "tests/golden/graphs/%s.onnx", names[i]);
		bytes = file_bytes(path, &size);
		for (size_t length = 0; length < size; length++) {
			const enum status status = parse_and_lower(&env, bytes, length, &error);

			assert_true(status == STATUS_INPUT || status == STATUS_DONE);
		}
		for (uint64_t flip = 0; flip < 6000; flip++) {
			const struct random4 x = random_at(1, i, flip);
			unsigned char *place = &bytes[x.word[0] % size];
			const unsigned char old = *place;

			*place = (unsigned char)(x.word[1] & 1 ? x.word[2]
							       : old ^ 1u << x.word[2] % 8);
			const enum status status = parse_and_lower(&env, bytes, size, &error);

			assert_true(status == STATUS_INPUT || status == STATUS_DONE);
			*place = old;
		}
		free(bytes);
	}
}

static size_t put_length(unsigned char *out, size_t length)
{
	size_t used = 0;

	for (; length > 127; length >>= 7)
		out[used++] = (unsigned char)(length & 127) | 128;
	out[used++] = (unsigned char)length;
	return used;
}

/* One node with very many outputs of one letter: refused before room is made for them. */
static void too_many_values(void **state)
{
	enum { OUTPUTS = (1 << 16) + 1, BYTES = 3 * OUTPUTS };
	const struct env env = env_system();
	unsigned char *bytes = malloc(BYTES + 30), *at = bytes;
	unsigned char length[10];
	const size_t digits = put_length(length, BYTES);
	struct error error;

	(void)state;
	*at++ = 0x3a;           /* graph, node, outputs */
	at += put_length(at, BYTES + digits + 1);
	*at++ = 0x0a;
	at += put_length(at, BYTES);
	for (int i = 0; i < OUTPUTS; i++) {
		*at++ = 0x12;
		*at++ = 1;
		*at++ = 'a';
	}
	assert_int_equal(parse_and_lower(&env, bytes, (size_t)(at - bytes), &error), STATUS_INPUT);
	if (!glob_match("net: has 1 nodes and 65537 values; at most 65536*", error.text, false))
		fail_msg("%s", error.text);
	free(bytes);
}

static void memory_runs_out(void **state)
{
	static const char *const names[] = { "residual", "everything" };
	struct failing failing = { .fail_at = -1 };
	const struct env env = env_failing(&failing);

	(void)state;
	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		enum status status = STATUS_MACHINE;
		unsigned char *bytes;
		char path[200];
		size_t size;

		snprintf(path, sizeof path, "tests/golden/graphs/%s.onnx", names[i]);
		bytes = file_bytes(path, &size);
		for (long at = 0; status == STATUS_MACHINE; at++) {
			struct error error;

			failing = (struct failing){ .fail_at = at };
			status = parse_and_lower(&env, bytes, size, &error);
			assert_true(at < 5000);
		}
		/* everything.onnx has two inputs */
		assert_int_equal(status, i ? STATUS_INPUT : STATUS_DONE);
		free(bytes);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(everything),
		cmocka_unit_test(garbage),
		cmocka_unit_test(damage),
		cmocka_unit_test(too_many_values),
		cmocka_unit_test(memory_runs_out),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

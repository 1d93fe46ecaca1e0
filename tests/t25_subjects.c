/* SPDX-License-Identifier: MIT
 *
 * Subjects of files and operations: patterns, names, what is missing, operands, hashes.
 */
#include "subjects.h"

#include "../datasets/paths.h"
#include "../datasets/synthetic/generator.h"
#include "../harness/text.h"

#include <sys/stat.h>
#include <unistd.h>

/* A safetensors file: each word of `tensors` is NAME:DTYPE:ROWS:COLUMNS, values 0, 1, 2 ... */
static void write_safetensors(const char *path, const char *tensors)
{
	char header[4000] = "{", copy[2000], *rest = copy, *word;
	static float data[4096];
	unsigned char file[30000] = { 0 };
	size_t used = 1, at = 0;

	snprintf(copy, sizeof copy, "%s", tensors);
	while ((word = strsep(&rest, " "))) {
		char name[100], dtype[10];
		int rows, columns;

		assert_int_equal(sscanf(word, "%99[^:]:%9[^:]:%d:%d", name, dtype, &rows, &columns),
				 4);
		const size_t bytes = (size_t)(rows * columns) * (strstr(dtype, "64") ? 8 : 4);

		used += (size_t)snprintf(header + used, sizeof header - used,
					 "%s\"%s\":{\"dtype\":\"%s\",\"shape\":[%d,%d],"
					 "\"data_offsets\":[%zu,%zu]}", used > 1 ? "," : "", name,
					 dtype, rows, columns, at, at + bytes);
		at += bytes;
	}
	header[used++] = '}';
	for (size_t i = 0; i < sizeof data / sizeof *data; i++)
		data[i] = (float)i;
	file[0] = (unsigned char)used;
	file[1] = (unsigned char)(used >> 8);
	memcpy(file + 8, header, used);
	memcpy(file + 8 + used, data, at);
	write_file(path, file, 8 + used + at);
}

static void write_npy(const char *path, const char *descr, int rows, int columns)
{
	char file[4096] = "\x93NUMPY\x01";
	const int length = snprintf(file + 10, 200, "{'descr': '%s', 'fortran_order': False, "
				    "'shape': (%d, %d), }\n", descr, rows, columns);

	file[8] = (char)length;
	write_file(path, file, 10 + (size_t)(length + rows * columns * (descr[2] - '0')));
}

static int make_files(void **state)
{
	set_env(state);
	mkdir(scratch("models"), 0755);
	mkdir(scratch("models/deep"), 0755);
	mkdir(scratch("models/deep/er"), 0755);
	mkdir(scratch("models/.hidden"), 0755);
	write_safetensors(scratch("models/b.safetensors"), "conv.weight:F32:4:6 fc.weight:F32:3:5 "
			  "bias:F32:1:3 steps:I64:2:2");
	write_safetensors(scratch("models/deep/a.safetensors"), "w[0]:F32:2:2 w0:F32:2:2");
	write_safetensors(scratch("models/deep/er/c.safetensors"), "w:F32:2:2");
	write_safetensors(scratch("models/.hidden/d.safetensors"), "w:F32:2:2");
	write_npy(scratch("x.npy"), "<f4", 8, 4);
	write_npy(scratch("labels.npy"), "<i4", 8, 1);
	write_file(scratch("models/notes.txt"), "x", 1);
	/* a loop of links, and one that leads nowhere */
	return symlink("..", scratch("models/deep/loop")) ||
	       symlink("nowhere", scratch("models/gone.onnx"));
}

/* The names found, joined by a space; or "- REASON". */
static char *found(const char *pattern)
{
	struct sources sources;
	struct error error;
	struct text text = { .env = &env };

	if (sources_find(&sources, &env, scratch_dir(), pattern, 0, NULL, &error))
		return env_print(&env, &error, "! %s", error.text);
	if (!sources.count)
		text_add(&text, "- %s", sources.reason);
	for (size_t i = 0; i < sources.count; i++)
		text_add(&text, "%s%s", i ? " " : "", sources.sources[i].name);
	sources_free(&sources);
	return text_take(&text, &error);
}

static void patterns(void **state)
{
	static const struct {
		const char *pattern, *want;      /* want is a glob                       */
	} cases[] = {
		{ "synthetic:laplace", "synthetic:laplace:256x1024" },
		{ "synthetic:gausian", "! unknown generator 'gausian'; did you mean 'gaussian'?*" },
		{ "models/b.safetensors", "models/b.safetensors#conv.weight "
					  "models/b.safetensors#fc.weight" },
		{ "./models/b.safetensors#*", "models/b.safetensors#conv.weight "
					      "models/b.safetensors#fc.weight" },
		{ "models/b.safetensors#fc*", "models/b.safetensors#fc.weight" },
		{ "models/b.safetensors#bias", "models/b.safetensors#bias" },
		{ "models/b.safetensors#b*",
		  "- */b.safetensors: none of its 4 tensors is a floating weight whose name "
		  "matches b?"},
		{ "models/b.safetensors#steps",
		  "- */b.safetensors: tensor 'steps' is int64; only *" },
		{ "models/b.safetensors#fc.wieght", "- *: no tensor 'fc.wieght'; did you mean "
						    "'fc.weight'?; *" },
		{ "models/deep/a.safetensors#w[[]0]", "models/deep/a.safetensors#w[[]0]" },
		{ "models/deep/a.safetensors#w[0]", "models/deep/a.safetensors#w[[]0]" },
		{ "models/deep/a.safetensors#w[0-9]", "models/deep/a.safetensors#w0" },
		{ "*.npy", "x.npy" },
		{ "x.npy", "x.npy" },
		{ "x.npy#*", "x.npy" },
		{ "x.npy#x", "x.npy" },
		{ "labels.npy", "- */labels.npy: tensor 'labels' is int32; only floating *" },
		{ "models/*.safetensors#fc*", "models/b.safetensors#fc.weight" },
		{ "models/*/*.safetensors", "models/deep/a.safetensors#w0 "
					    "models/deep/a.safetensors#w[[]0]" },
		{ "**/*.safetensors#w", "models/deep/er/c.safetensors#w" },
		{ "models/**", "models/b.safetensors#conv.weight models/b.safetensors#fc.weight "
			       "models/deep/a.safetensors#w0 models/deep/a.safetensors#w[[]0] "
			       "models/deep/er/c.safetensors#w"},
		{ "models/*.txt", "- 'models/?.txt' matches 1 files, none of them .npy, *" },
		{ "none/*.npy", "- no file 'none/?.npy' in *" },
		{ "none.npy", "- no file 'none.npy' in *" },
		{ "models", "! *models: no reader for such a file; *" },
		{ "models/gone.onnx", "! *gone.onnx: cannot be read: *" },
		{ "models/notes.txt",
		  "! *notes.txt: no reader for such a file; its name must end *" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		char *got = found(cases[i].pattern);

		if (!glob_match(cases[i].want, got, false))
			fail_msg("%s gave\n%s\nexpected\n%s", cases[i].pattern, got, cases[i].want);
		env_free(&env, got);
	}
}

static void absolute_paths_under_the_data_folder_become_relative(void **state)
{
	char *got = found(scratch("x.npy"));

	(void)state;
	assert_string_equal(got, "x.npy");
	env_free(&env, got);
}

static const struct operation *operation(const char *name)
{
	return (const struct operation *)value_find(operation_values, name);
}

#define TENSOR(pattern) { .kind = SUBJECT_TENSOR, .line = 3, .tensor = (char *)(pattern) }
#define GEMM(M, N, K, A, W)                                                                        \
	{ .kind = SUBJECT_OP, .line = 4, .operation = operation("gemm"), .m = (M), .n = (N),       \
	  .k = (K), .a = (char *)(A), .w = (char *)(W) }

static void order_doubles_and_missing(void **state)
{
	struct subject_spec specs[] = {
		TENSOR("x.npy"),
		TENSOR("models/**#w*"),
		TENSOR("none.onnx#*"),
		TENSOR("**/*.npy"),
		TENSOR("x.npy"),
		GEMM(64, 32, 16, "synthetic:relu", "synthetic:channel_spread"),
		GEMM(8, 2, 4, "x.npy", "none.npy"),
		{ .kind = SUBJECT_OP, .operation = operation("quantize"), .m = 64, .n = 1, .k = 16,
		  .a = (char *)"synthetic:relu" },
	};
	static const char *const names[] = {
		"x.npy", "models/deep/a.safetensors#w0", "models/deep/a.safetensors#w[0]",
		"models/deep/er/c.safetensors#w", "x.npy",
		"gemm:64x32x16:synthetic:relu:synthetic:channel_spread",
		"quantize:64x16:synthetic:relu",
	};
	struct subjects subjects;
	struct error error;

	(void)state;
	specs[4].as_activations = true;
	assert_int_equal(open_specs(&subjects, specs, sizeof specs / sizeof *specs, &error), 0);
	assert_int_equal(subjects.count, sizeof names / sizeof *names);
	for (size_t i = 0; i < subjects.count; i++)
		assert_string_equal(subjects.subjects[i].name, names[i]);
	assert_int_equal(subjects.subjects[0].elements, 32);
	assert_non_null(subjects.subjects[0].w.name);
	assert_null(subjects.subjects[0].a.name);
	assert_non_null(subjects.subjects[4].a.name);
	assert_int_equal(subjects.subjects[5].elements, 64 * 16 + 32 * 16);
	assert_int_equal(subjects.missing_count, 2);
	assert_string_equal(subjects.missing[0].name, "none.onnx#*");
	assert_non_null(strstr(subjects.missing[0].reason, "no file 'none.onnx'"));
	assert_string_equal(subjects.missing[1].name, "gemm:8x2x4:x.npy:none.npy");
	subjects_free(&subjects);
}

static void operands_must_fit(void **state)
{
	struct subject_spec specs[] = {
		GEMM(8, 2, 5, "x.npy", "synthetic:uniform"),
		GEMM(8, 2, 4, "x.npy", "models/b.safetensors"),
	};
	static const char *const wants[] = {
		"c.json:4: gemm:8x2x5:x.npy:synthetic:uniform: operand a must be 8x5, but x.npy "
		"is 8x4 *",
		"c.json:4: *operand w, 'models/b.safetensors', names 2 tensors; an operand is one",
	};
	struct subjects subjects;
	struct error error;

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		assert_int_equal(open_specs(&subjects, &specs[i], 1, &error), -1);
		assert_int_equal(error.status, STATUS_INPUT);
		if (!glob_match(wants[i], error.text, false))
			fail_msg("%s", error.text);
	}
}

static void hashes_tell_content_apart(void **state)
{
	const struct subject_spec specs[] = {
		TENSOR("x.npy"),
		TENSOR("models/b.safetensors#fc.weight"),
		TENSOR("synthetic:relu"),
		TENSOR("synthetic:uniform"),
		GEMM(8, 2, 4, "x.npy", "synthetic:uniform"),
		GEMM(8, 3, 4, "x.npy", "synthetic:uniform"),
		GEMM(8, 2, 4, "synthetic:uniform", "synthetic:uniform"),
	};
	enum { N = sizeof specs / sizeof *specs };
	char keys[N][KEY_SIZE], again[KEY_SIZE];

	(void)state;
	for (size_t i = 0; i < N; i++) {
		hash_subject(keys[i], specs[i]);
		hash_subject(again, specs[i]);
		assert_string_equal(keys[i], again);
		for (size_t j = 0; j < i; j++)
			assert_string_not_equal(keys[i], keys[j]);
	}
	/* content, not name: a copy of a file has its hash */
	write_npy(scratch("copy.npy"), "<f4", 8, 4);
	hash_subject(again, (struct subject_spec)TENSOR("copy.npy"));
	assert_string_equal(again, keys[0]);
}

static void two_operands_of_one_generator_differ(void **state)
{
	struct subject_spec spec = GEMM(4, 4, 64, "synthetic:gaussian", "synthetic:gaussian");
	struct subjects subjects;
	struct tensor a, w;
	struct error error;

	(void)state;
	assert_int_equal(open_specs(&subjects, &spec, 1, &error), 0);
	assert_int_equal(source_load(&subjects.subjects->a, &env, 1, &a, &error), 0);
	assert_int_equal(source_load(&subjects.subjects->w, &env, 1, &w, &error), 0);
	assert_memory_not_equal(a.values, w.values, 256 * sizeof(float));
	tensor_free(&a);
	tensor_free(&w);
	subjects_free(&subjects);
}

static void a_broken_file_stops_the_study(void **state)
{
	struct subject_spec spec = TENSOR("bad/*.npy");
	struct subjects subjects;
	struct error error;

	(void)state;
	mkdir(scratch("bad"), 0755);
	write_npy(scratch("bad/a.npy"), "<f4", 2, 2);
	write_file(scratch("bad/b.npy"), "no array", 8);
	assert_int_equal(open_specs(&subjects, &spec, 1, &error), -1);
	assert_int_equal(error.status, STATUS_INPUT);
	assert_non_null(strstr(error.text, "b.npy: is not a .npy file"));
}

/* A file that changes between the plan and the measurement is noticed. */
static void changed_files_are_noticed(void **state)
{
	struct subject_spec spec = TENSOR("changing.npy");
	struct subjects subjects;
	struct tensor tensor;
	struct error error;

	(void)state;
	write_npy(scratch("changing.npy"), "<f4", 2, 2);
	assert_int_equal(open_specs(&subjects, &spec, 1, &error), 0);
	assert_int_equal(source_load(&subjects.subjects->w, &env, 1, &tensor, &error), 0);
	tensor_free(&tensor);
	write_npy(scratch("changing.npy"), "<f4", 4, 1);
	assert_int_equal(source_load(&subjects.subjects->w, &env, 1, &tensor, &error), -1);
	assert_int_equal(error.status, STATUS_INPUT);
	assert_non_null(strstr(error.text, "has changed since the plan was made"));
	subjects_free(&subjects);
}

/* Data that lie outside of the model's file stop the study: nothing is measured from half of it. */
static void external_data_stop_the_study(void **state)
{
	struct subject_spec spec = TENSOR(NULL);
	struct subjects subjects;
	struct error error;
	char path[1200];

	(void)state;
	snprintf(path, sizeof path, "%s/tests/golden/external.onnx", source_dir());
	spec.tensor = path;
	assert_int_equal(open_specs(&subjects, &spec, 1, &error), -1);
	assert_int_equal(error.status, STATUS_INPUT);
	assert_non_null(strstr(error.text, "keeps its data in the file 'weights.bin'"));
}

/* Every allocation in turn fails: a sentence, status 4, no leak (under the address sanitizer). */
static void memory_runs_out(void **state)
{
	struct subject_spec specs[] = {
		TENSOR("models/**"),
		TENSOR("none.npy"),
		GEMM(8, 2, 4, "x.npy", "synthetic:uniform"),
	};
	struct failing failing = { .fail_at = -1 };
	const struct env real = env;
	struct subjects subjects;
	struct error error;
	int status = -1;

	(void)state;
	env = env_failing(&failing);
	for (long at = 0; status; at++) {
		failing = (struct failing){ .fail_at = at };
		status = open_specs(&subjects, specs, 3, &error);
		if (status)
			assert_int_equal(error.status, STATUS_MACHINE);
		assert_true(at < 2000);
	}
	subjects_free(&subjects);
	env = real;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(patterns),
		cmocka_unit_test(absolute_paths_under_the_data_folder_become_relative),
		cmocka_unit_test(order_doubles_and_missing),
		cmocka_unit_test(operands_must_fit),
		cmocka_unit_test(hashes_tell_content_apart),
		cmocka_unit_test(two_operands_of_one_generator_differ),
		cmocka_unit_test(a_broken_file_stops_the_study),
		cmocka_unit_test(changed_files_are_noticed),
		cmocka_unit_test(external_data_stop_the_study),
		cmocka_unit_test(memory_runs_out),
	};

	return cmocka_run_group_tests(tests, make_files, NULL);
}

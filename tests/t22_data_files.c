/* SPDX-License-Identifier: MIT
 *
 * The readers of samples: what numpy, onnx and a script wrote, garbage, damage, lack of memory.
 */
#include "files.h"

#include "../datasets/readers/csv.h"

#include <math.h>

extern const struct reader reader_npz, reader_idx, reader_csv, reader_tensorproto, reader_raw;

static const char *golden(const char *name)
{
	static char path[1200];

	snprintf(path, sizeof path, "%s/tests/golden/data/%s", source_dir(), name);
	return path;
}

static const struct tensor_info *member_of(const struct tensor_file *file, const char *name)
{
	for (size_t i = 0; i < file->count; i++)
		if (!strcmp(file->tensors[i].name, name))
			return &file->tensors[i];
	fail_msg("%s: no '%s'", file->path, name);
	return NULL;
}

/* All values, in pieces of `piece`; those of a float32 load are the same rounded. */
static void check_values(const struct tensor_file *file, const struct tensor_info *info,
			 const double *expected, int64_t piece)
{
	struct error error;
	struct tensor tensor;
	double got[64];

	for (int64_t at = 0; at < info->elements; at += piece) {
		const int64_t left = info->elements - at, count = left < piece ? left : piece;

		if (tensor_file_values(file, info, at, count, got, &error))
			fail_msg("%s", error.text);
		for (int64_t i = 0; i < count; i++)
			if (got[i] != expected[at + i] ||
			    signbit(got[i]) != signbit(expected[at + i]))
				fail_msg("%s#%s: element %lld is %.17g, not %.17g", file->path,
					 info->name, (long long)(at + i), got[i], expected[at + i]);
	}
	if (!info->floating)
		return;
	assert_int_equal(tensor_file_load(file, info, &tensor, &error), 0);
	for (int64_t i = 0; i < info->elements; i++)
		assert_true(tensor.values[i] == (float)expected[i]);
	tensor_free(&tensor);
}

static void check_row(char *row)
{
	const struct env env = env_system();
	char *file_name = strtok(row, ","), *member = strtok(NULL, ",");
	const char *type = strtok(NULL, ",");
	char *shape = strtok(NULL, ","), *values = strtok(NULL, ",");
	double expected[64];
	struct tensor_file file;
	struct error error;
	int64_t count = 0;

	if (tensor_file_open(&file, &env, golden(file_name), &error))
		fail_msg("%s", error.text);
	const struct tensor_info *info = member_of(&file, member);

	assert_string_equal(info->type, type);
	for (int i = 0; i < info->rank; i++, shape += strcspn(shape, "x") + 1)
		assert_int_equal(info->shape[i], strtoll(shape, NULL, 10));
	for (char *v = strtok(values, " \n"); v; v = strtok(NULL, " \n"))
		expected[count++] = strtod(v, NULL);
	assert_int_equal(info->elements, count);
	check_values(&file, info, expected, 64);
	check_values(&file, info, expected, 5);
	tensor_file_close(&file);
}

/* tests/golden/make/data_files.py */
static void files_of_others(void **state)
{
	char path[1200], *text, *at;
	int rows = 0;

	(void)state;
	snprintf(path, sizeof path, "%s/tests/golden/data_files.csv", source_dir());
	text = read_text(path);
	assert_non_null(text);
	for (at = strchr(text, '\n') + 1; *at; rows++) {
		char *end = strchr(at, '\n');

		*end = '\0';
		check_row(at);
		at = end + 1;
	}
	assert_int_equal(rows, 35);
	free(text);
}

/* The one sentence of bytes that are no file of the reader, or whose values cannot be read. */
static const char *refusal(const struct reader *reader, const char *bytes, size_t size)
{
	static struct error error;
	const struct env env = env_system();
	struct tensor_file file;
	double value;
	int failed;

	error.text[0] = '\0';
	if (tensor_file_open_bytes(&file, &env, reader, "x", (const unsigned char *)bytes, size,
				   &error))
		return error.text;
	for (int64_t i = 0; i < file.tensors->elements; i++) {
		failed = tensor_file_values(&file, file.tensors, i, 1, &value, &error);
		if (failed)
			break;
	}
	tensor_file_close(&file);
	return error.text;
}

static void tables(void **state)
{
	static const struct {
		const char *text, *sentence;
	} cases[] = {
		{ "1,2\n3\n", "x:2: has only 1 fields, expected 2*" },
		{ "1,2\n3,4,5\n", "x:2: has more than 2 fields, expected 2*" },
		{ "1,2\n3,4,\n", "x:2: has more than 2 fields, expected 2*" },
		{ "1,2\n\n3,x\n", "x:3: column 1 holds no number" },
		{ "a,b\n3,x\n", "x:2: column 1, 'b', holds no number" },
		{ "a,b\n", "x: holds no line with a number" },
		{ " \n\t\n", "x: holds no line with a number" },
		{ "1,2\n3,\n", "x:2: column 1 holds no number" },
		{ "1,0x10\n", "x:1: column 1 holds no number" },
		{ "1,1e\n", "x:1: column 1 holds no number" },
		{ "1,1e999\n", "x:1: column 1 holds no number" },
		{ "1,nan\n", "x:1: column 1 holds no number" },
		{ "1,--1\n", "x:1: column 1 holds no number" },
		{ "1,.\n", "x:1: column 1 holds no number" },
		{ "1,\"2\n", "x:1: column 1 holds no number" },
		{ "1,2e-3\n", "" },
		{ "\"a,b\",c\n1,2", "" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		const char *got = refusal(&reader_csv, cases[i].text, strlen(cases[i].text));

		if (!glob_match(cases[i].sentence, got, false))
			fail_msg("case %zu: '%s'", i, got);
	}
	assert_true(glob_match("x:1: column 0 holds no number",
			       refusal(&reader_csv, "1\0002,3", 5), false));
}

static void columns(void **state)
{
	const struct env env = env_system();
	struct tensor_file file;
	struct error error;

	(void)state;
	assert_int_equal(tensor_file_open(&file, &env, golden("headed.csv"), &error), 0);
	assert_string_equal(file.summary, "CSV, 2 rows, 4 columns with a header");
	assert_int_equal(csv_find_column(&file, "the label", &error), 3);
	assert_int_equal(csv_find_column(&file, "2", &error), 2);
	assert_int_equal(csv_find_column(&file, "4", &error), -1);
	assert_int_equal(csv_find_column(&file, "", &error), -1);
	assert_int_equal(csv_find_column(&file, "99999999999999999999", &error), -1);
	assert_int_equal(csv_find_column(&file, "the lapel", &error), -1);
	assert_non_null(strstr(error.text, "did you mean 'the label'"));
	tensor_file_close(&file);
}

/* Tensors are weights, or activations, of a study where they are floating; a glob takes none of
 * those that hold samples. */
static void what_is_a_weight(void **state)
{
	static const struct {
		const char *file, *member;
		bool weight, samples;
	} cases[] = {
		{ "arrays.npz", "reals", true, false },  { "arrays.npz", "bytes", false, false },
		{ "arrays.npz", "wide", false, false },  { "reals.idx", "reals", true, true },
		{ "signed.idx", "signed", false, true }, { "plain.csv", "plain", true, true },
		{ "bare.f32", "bare", true, true },      { "raw.pb", "x", true, true },
	};
	const struct env env = env_system();
	struct tensor_file file;
	struct error error;

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		assert_int_equal(tensor_file_open(&file, &env, golden(cases[i].file), &error), 0);
		assert_int_equal(member_of(&file, cases[i].member)->weight, cases[i].weight);
		assert_int_equal(file.reader->samples, cases[i].samples);
		tensor_file_close(&file);
	}
}

static void no_samples_in_a_model(void **state)
{
	const struct env env = env_system();
	char path[1200];
	struct tensor_file file;
	struct error error;
	double value;

	(void)state;
	snprintf(path, sizeof path, "%s/datasets/networks/arm.onnx", source_dir());
	assert_int_equal(tensor_file_open(&file, &env, path, &error), 0);
	assert_int_equal(tensor_file_values(&file, file.tensors, 0, 1, &value, &error), -1);
	assert_non_null(strstr(error.text, "they are from .npy, .npz, -ubyte, .idx, .csv, .pb, "
					   ".f32 or .bin"));
	tensor_file_close(&file);
}

/* What is wrong behind a good header is seen when the member is read. */
static void a_wrong_checksum(void **state)
{
	const struct env env = env_system();
	struct tensor_file file;
	struct error error;
	double value;

	(void)state;
	assert_int_equal(tensor_file_open(&file, &env, golden("wrong_sum.npz"), &error), 0);
	assert_int_equal(file.tensors->elements, 100000);
	assert_int_equal(tensor_file_values(&file, file.tensors, 0, 1, &value, &error), -1);
	assert_int_equal(error.status, STATUS_INPUT);
	assert_non_null(strstr(error.text, "member 'zeros.npy' cannot be read: libzip says: CRC"));
	tensor_file_close(&file);
}

static void garbage(void **state)
{
	(void)state;
	assert_true(check_garbage("tensor", &reader_npz) >= 5);
	assert_true(check_garbage("tensor", &reader_csv) >= 2);
	assert_true(check_garbage("tensor", &reader_tensorproto) >= 5);
	assert_true(check_garbage("tensor", &reader_raw) >= 1);
}

static void damage(void **state)
{
	(void)state;
	hammer(&reader_npz, golden("deflated.npz"), true, 1743, 3000);
	hammer(&reader_npz, golden("arrays.npz"), true, 2126, 1000);
	hammer(&reader_idx, golden("reals.idx"), true, 16, 3000);
	hammer(&reader_csv, golden("headed.csv"), false, 63, 3000);
	hammer(&reader_tensorproto, golden("typed.pb"), false, 40, 3000);
}

static void memory_runs_out(void **state)
{
	static const char *const names[] = { "deflated.npz", "reals.idx", "headed.csv", "typed.pb",
					     "bare.f32" };

	(void)state;
	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		starve(reader_find(names[i]), golden(names[i]));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(files_of_others),
		cmocka_unit_test(tables),
		cmocka_unit_test(columns),
		cmocka_unit_test(what_is_a_weight),
		cmocka_unit_test(no_samples_in_a_model),
		cmocka_unit_test(a_wrong_checksum),
		cmocka_unit_test(garbage),
		cmocka_unit_test(damage),
		cmocka_unit_test(memory_runs_out),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

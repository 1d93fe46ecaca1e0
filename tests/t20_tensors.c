/* SPDX-License-Identifier: MIT
 *
 * Layout, element types, and every floating weight of the shared data against NumPy.
 */
#include "files.h"

#include "../datasets/layout.h"
#include "../datasets/readers/element.h"
#include "../datasets/statistics.h"

#include <math.h>

static void halves(void **state)
{
	/* IEEE 754-2008 binary16 by hand: 1, -2, 65504, 2^-14, 2^-24, -0, 1/3 rounded, infinity */
	static const struct {
		uint16_t bits;
		float value;
	} cases[] = {
		{ 0x3c00, 1 },           { 0xc000, -2 },       { 0x7bff, 65504 },
		{ 0x0400, 0x1p-14f },    { 0x0001, 0x1p-24f }, { 0x8000, -0.0f },
		{ 0x3555, 0x1.554p-2f }, { 0x7c00, INFINITY }, { 0x03ff, 0x3ffp-24f },
		{ 0x83ff, -0x3ffp-24f },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		const float value = float_of_half(cases[i].bits);

		assert_memory_equal(&value, &cases[i].value, sizeof value);
	}
	assert_true(isnan(float_of_half(0x7e00)));
	assert_true(float_of_bfloat16(0xc040) == -3);
	assert_true(float_of_bfloat16(0x0001) == 0x1p-133f);
}

static void doubles_round_half_even(void **state)
{
	/* 1 + 2^-24 lies between two floats: the even one; 1 + 3 * 2^-24: the even one is above */
	static const double in[] = { 1 + 0x1p-24, 1 + 0x3p-24, 0.1, -1e-46, 1e39 };
	static const float want[] = { 1, 1 + 0x1p-22f, 0x1.99999ap-4f, -0.0f, INFINITY };
	float out[5];

	(void)state;
	element_read(out, (const unsigned char *)in, 5, element_find("float64"), false);
	assert_memory_equal(out, want, sizeof out);
}

static void big_endian(void **state)
{
	static const unsigned char bytes[] = { 0x40, 0x49, 0x0f, 0xdb, 0xbf, 0x80, 0, 0 };
	float out[2];

	(void)state;
	element_read(out, bytes, 2, element_find("float32"), true);
	assert_true(out[0] == 0x1.921fb6p+1f && out[1] == -1);
}

static void products_are_checked(void **state)
{
	int64_t count;

	(void)state;
	assert_true(layout_elements(0, NULL, &count) && count == 1);
	assert_true(layout_elements(2, (const int64_t[]){ 3, 5 }, &count) && count == 15);
	assert_true(layout_elements(2, (const int64_t[]){ 0, 5 }, &count) && count == 0);
	assert_false(layout_elements(2, (const int64_t[]){ -1, 5 }, &count));
	assert_false(layout_elements(3, (const int64_t[]){ INT64_MAX, INT64_MAX, 2 }, &count));
	assert_false(layout_elements(3, (const int64_t[]){ 0, INT64_MAX, 2 }, &count));
	assert_false(layout_elements(3, (const int64_t[]){ INT64_MAX, 2, 0 }, &count));
	assert_false(layout_elements(1, (const int64_t[]){ INT64_MAX / 8 }, &count));
}

/* [2][3][2][2] as O, I, kh, kw: value 1000 o + 100 i + 10 h + w; rows O, columns h, w, i. */
static struct tensor conv_tensor(const struct env *env)
{
	struct error error;
	struct tensor tensor = { .env = env, .rank = 4, .shape = { 2, 3, 2, 2 },
				 .order = { 0, 2, 3, 1 }, .rows = 2, .columns = 12 };
	size_t at = 0;

	tensor.values = env_new(env, 24, sizeof(float), "a test", &error);
	for (int o = 0; o < 2; o++)
		for (int h = 0; h < 2; h++)
			for (int w = 0; w < 2; w++)
				for (int i = 0; i < 3; i++)
					tensor.values[at++] =
						(float)(1000 * o + 100 * i + 10 * h + w);
	return tensor;
}

static void by_axis_keeps_memory_order(void **state)
{
	/* rows I; columns O, then h, w: the order of the rest in memory */
	static const float row_1[] = { 100, 101, 110, 111, 1100, 1101, 1110, 1111 };
	const struct env env = env_system();
	struct tensor tensor = conv_tensor(&env), by = { 0 };
	struct error error;

	(void)state;
	assert_int_equal(tensor_by_axis(&by, &tensor, 1, &error), 0);
	assert_int_equal(by.rows, 3);
	assert_int_equal(by.columns, 8);
	assert_int_equal(by.axis, 1);
	assert_memory_equal(by.values + 8, row_1, sizeof row_1);
	tensor_free(&by);
	assert_int_equal(tensor_by_axis(&by, &tensor, 4, &error), -1);
	assert_int_equal(error.status, STATUS_INPUT);
	assert_int_equal(tensor_by_axis(&by, &tensor, -1, &error), -1);
	tensor_free(&tensor);
}

static void hash_sees_layout_and_values(void **state)
{
	const struct env env = env_system();
	struct tensor tensor = conv_tensor(&env);
	char first[KEY_SIZE], other[KEY_SIZE];

	(void)state;
	tensor_hash(first, &tensor);
	tensor_hash(other, &tensor);
	assert_string_equal(first, other);
	tensor.values[7] += 1;
	tensor_hash(other, &tensor);
	assert_string_not_equal(first, other);
	tensor.values[7] -= 1;
	tensor.shape[2] = 1, tensor.shape[3] = 4;
	tensor_hash(other, &tensor);
	assert_string_not_equal(first, other);
	tensor.shape[2] = 2, tensor.shape[3] = 2, tensor.order[1] = 3, tensor.order[2] = 2;
	tensor_hash(other, &tensor);
	assert_string_not_equal(first, other);
	tensor_free(&tensor);
}

struct truth {                  /* a line of tests/golden/weights.csv                    */
	char file[100], tensor[200];
	int axis;
	long rows, columns;
	unsigned crc;
};

/* One weight of the open file against the truth's line. */
static void check_weight(const struct tensor_file *file, const struct truth *truth)
{
	const struct tensor_info *info = NULL;
	struct tensor tensor;
	struct error error;

	for (size_t i = 0; i < file->count && !info; i++)
		if (!strcmp(file->tensors[i].name, truth->tensor))
			info = &file->tensors[i];
	assert_non_null(info);
	assert_true(info->weight);
	assert_int_equal(info->axis, truth->axis);
	assert_int_equal(tensor_file_load(file, info, &tensor, &error), 0);
	assert_int_equal(tensor.rows, truth->rows);
	assert_int_equal(tensor.columns, truth->columns);
	assert_int_equal(values_crc32(&tensor), truth->crc);
	tensor_free(&tensor);
}

static size_t count_weights(const struct tensor_file *file)
{
	size_t count = 0;

	for (size_t i = 0; i < file->count; i++)
		count += file->tensors[i].weight;
	return count;
}

/* Truth: tests/golden/make/weights.py (onnx 1.23.2, numpy 2.4.6). */
static void weights_of_the_shared_data(void **state)
{
	const struct env env = env_system();
	const char *data = shared_data();
	char path[1200], open[100] = "", line[512];
	struct tensor_file file = { 0 };
	struct truth truth;
	struct error error;
	size_t expected = 0, found = 0;
	FILE *golden;

	(void)state;
	if (!data) {
		print_message("# no shared data: skipped\n");
		skip();
	}
	snprintf(path, sizeof path, "%s/tests/golden/weights.csv", source_dir());
	golden = fopen(path, "r");
	assert_non_null(golden);
	while (fgets(line, sizeof line, golden)) {
		if (sscanf(line, "%99[^,],%199[^,],%d,%ld,%ld,%x", truth.file, truth.tensor,
			   &truth.axis, &truth.rows, &truth.columns, &truth.crc) != 6)
			continue;
		if (strcmp(open, truth.file)) {
			tensor_file_close(&file);
			strcpy(open, truth.file);
			snprintf(path, sizeof path, "%s/%s", data, open);
			assert_int_equal(tensor_file_open(&file, &env, path, &error), 0);
			found += count_weights(&file);
		}
		check_weight(&file, &truth);
		expected++;
	}
	fclose(golden);
	tensor_file_close(&file);
	assert_int_equal(expected, 105);
	assert_int_equal(found, expected);
}

/* Two channels by hand: -1 1 NaN 3 and 0 0 inf 0.5. */
static void statistics_by_hand(void **state)
{
	float values[] = { -1, 1, NAN, 3, 0, 0, INFINITY, 0.5f };
	const struct tensor tensor = { .rank = 2, .shape = { 2, 4 }, .order = { 0, 1 }, .rows = 2,
				       .columns = 4, .values = values };
	const struct statistics s = tensor_statistics(&tensor);

	(void)state;
	assert_int_equal(s.finite, 6);
	assert_int_equal(s.nans, 1);
	assert_int_equal(s.infinities, 1);
	assert_true(s.least == -1 && s.most == 3);
	/* sum 3.5; squares 1 + 1 + 9 + 0.25 = 11.25; variance 11.25/6 - (3.5/6)^2 */
	assert_true(fabs(s.mean - 3.5 / 6) < 1e-15);
	assert_true(fabs(s.deviation - sqrt(11.25 / 6 - 3.5 * 3.5 / 36)) < 1e-15);
	assert_true(s.spread && s.channel_spread == 6);
	assert_true(s.outlier_share == 0);
}

/* numpy 2.4.6 on the sample, in float64: min, max, mean, std, mean of ((x-m)/s)^3, ^4 less 3, ratio
 * of channel peaks, share beyond 6 std. */
static void statistics_against_numpy(void **state)
{
	static const double want[] = { -62.12689208984375, 75.15906524658203, -0.06159940626168595,
				       2.302096640063873,  -2.521271919824292, 304.76675592031756,
				       46.82391804714357,  0.004313151041666667 };
	const struct env env = env_system();
	struct tensor_file file;
	struct tensor tensor;
	struct error error;
	char path[1200];

	(void)state;
	snprintf(path, sizeof path, "%s/datasets/samples/activations.npy", source_dir());
	assert_int_equal(tensor_file_open(&file, &env, path, &error), 0);
	assert_int_equal(tensor_file_load(&file, file.tensors, &tensor, &error), 0);
	const struct statistics s = tensor_statistics(&tensor);
	const double got[] = { s.least,    s.most,            s.mean,           s.deviation,
			       s.skewness, s.excess_kurtosis, s.channel_spread, s.outlier_share };

	for (size_t i = 0; i < sizeof want / sizeof *want; i++)
		assert_true(fabs(got[i] - want[i]) <= 1e-11 * fabs(want[i]));
	tensor_free(&tensor);
	tensor_file_close(&file);
}

/* The command prints the same tensors three ways. */
static void inspect_prints(void **state)
{
	static const struct {
		const char *arguments, *status_0, *status_2;     /* a piece of the output */
	} cases[] = {
		{ "convnet.onnx", "# ONNX IR 8, opset 13, 11 nodes, 7 tensors\n", NULL },
		{ "convnet.onnx", "dense.weight      32x64     float32  MatMul weight  true ",
		  NULL },
		{ "'convnet.onnx#head.*' --csv",
		  "\nhead.weight,64x10,float32,MatMul weight,true,640,1,", NULL },
		{ "activations.npy --json",
		  "\"weight\": true, \"elements\": 12288, \"axis\": 0, \"min\": "
		  "-62.12689208984375,",
		  NULL },
		{ "'convnet.onnx#conv.wieght'", NULL,
		  "no tensor 'conv.wieght'; did you mean 'conv.weight'?\n"},
		{ "builtin:arm", "# 9 layers: fc1, fc2, fc3, fc4, fc5, fc6, fc7, fc8, fc9\n", NULL },
		{ "'builtin:arm#*9.bias' --csv", "\nfc9.bias,2,float32,Gemm bias,", NULL },
		{ "builtin:glyps", NULL, "no embedded network 'glyps'; did you mean 'glyphs'?\n" },
		{ "convnet.onnx --csv --json", NULL, "--json or --csv, not both" },
		{ "", NULL, "which file?" },
		{ "a.npy b.npy", NULL, "one FILE, found 'a.npy' and 'b.npy'" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		const char *want = cases[i].status_0 ? cases[i].status_0 : cases[i].status_2;
		struct outcome_text outcome =
			run_shell("cd '%s/datasets/samples' && \"$QS\" inspect %s", source_dir(),
				  cases[i].arguments);

		assert_int_equal(outcome.status, cases[i].status_0 ? 0 : 2);
		if (!strstr(cases[i].status_0 ? outcome.out : outcome.err, want))
			fail_msg("inspect %s\n%s%s", cases[i].arguments, outcome.out, outcome.err);
		outcome_free(&outcome);
	}
}

static void suffixes_and_missing_files(void **state)
{
	const struct env env = env_system();
	struct tensor_file file;
	struct error error;

	(void)state;
	assert_int_equal(tensor_file_open(&file, &env, "model.pt", &error), -1);
	assert_int_equal(error.status, STATUS_INPUT);
	assert_non_null(strstr(error.text, ".npy, .npz, .safetensors or .onnx"));
	assert_int_equal(tensor_file_open(&file, &env, scratch("none.npy"), &error), -1);
	assert_non_null(strstr(error.text, "No such file"));
	write_file(scratch("empty.onnx"), "", 0);
	assert_int_equal(tensor_file_open(&file, &env, scratch("empty.onnx"), &error), -1);
	assert_non_null(strstr(error.text, "is empty"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(halves),
		cmocka_unit_test(doubles_round_half_even),
		cmocka_unit_test(big_endian),
		cmocka_unit_test(products_are_checked),
		cmocka_unit_test(by_axis_keeps_memory_order),
		cmocka_unit_test(hash_sees_layout_and_values),
		cmocka_unit_test(weights_of_the_shared_data),
		cmocka_unit_test(statistics_by_hand),
		cmocka_unit_test(statistics_against_numpy),
		cmocka_unit_test(inspect_prints),
		cmocka_unit_test(suffixes_and_missing_files),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

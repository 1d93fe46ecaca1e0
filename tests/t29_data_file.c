/* SPDX-License-Identifier: MIT
 *
 * Samples of files: which values are one, what becomes of them, where the network has them, what is
 * right for them, and all that does not fit.
 */
#include "support.h"

#include "../datasets/data_file.h"

#include <math.h>

static struct env env;

/* A network's side: dense, or channels last where the graph has them first. */
static const struct sample_axes list6 = { 1, { 6 }, { 1 } };
static const struct sample_axes list2 = { 1, { 2 }, { 1 } };
static const struct sample_axes list1 = { 1, { 1 }, { 1 } };
static const struct sample_axes chw = { 3, { 3, 1, 2 }, { 1, 6, 3 } };    /* C 3, H 1, W 2 */
static const struct sample_axes hwc = { 3, { 1, 2, 3 }, { 6, 3, 1 } };

static void write_floats(const char *name, int count)
{
	float values[64];

	for (int i = 0; i < count; i++)
		values[i] = (float)i;
	write_file(scratch(name), values, (size_t)count * sizeof *values);
}

/* IDX of uint8. */
static void write_bytes(const char *name, const char *sizes, int rank, const char *values, int count)
{
	unsigned char bytes[256] = { 0, 0, 8, (unsigned char)rank };

	for (int i = 0; i < rank; i++)
		bytes[4 + 4 * i + 3] = (unsigned char)sizes[i];
	memcpy(bytes + 4 + 4 * rank, values, (size_t)count);
	write_file(scratch(name), bytes, (size_t)(4 + 4 * rank + count));
}

static const struct data_file plain = { .scale = { 1, { 1 } }, .mean = { 1, { 0 } },
					.std = { 1, { 1 } } };

static int take(struct data *data, const struct data_file *file, int64_t samples,
		const struct sample_axes *input, const struct sample_axes *output,
		struct error *error)
{
	struct data_spec spec = { .samples = samples, .scale = 1, .file = file };
	int failed;

	*error = (struct error){ 0 };
	if (data_file_open(&spec, &env, scratch_dir(), 4, error))
		return -1;
	failed = data_file_fit(&spec, &env, input, output, error) ||
		 data_file_make(data, &env, &spec, error);
	data_file_close(&spec, &env);
	return failed ? -1 : 0;
}

static struct data taken(const struct data_file *file, int64_t samples,
			 const struct sample_axes *input, const struct sample_axes *output)
{
	struct data data;
	struct error error;

	if (take(&data, file, samples, input, output, &error))
		fail_msg("%s", error.text);
	return data;
}

static void holds(struct data *data, int64_t samples, const float *x)
{
	assert_int_equal(data->samples, samples);
	for (int64_t i = 0; i < samples * data->inputs; i++)
		if (data->x[i] != x[i])
			fail_msg("value %lld is %.9g, not %.9g", (long long)i, (double)data->x[i],
				 (double)x[i]);
	data_free(data);
}

/* Values 0 .. 23 of one file. */
static void which_values_are_a_sample(void **state)
{
	static const struct {
		int64_t shape, stride, skip, samples;   /* samples 0: the usual 4 at most */
		int64_t count;
		float first, last;
	} cases[] = {
		{ 6, 0, 0, 0, 4, 0, 23 },  { 6, 0, 1, 0, 3, 6, 23 },   { 6, 0, 3, 9, 1, 18, 23 },
		{ 6, 3, 0, 0, 4, 0, 14 },  { 6, 3, 0, 100, 7, 0, 23 }, { 6, 3, 6, 0, 1, 18, 23 },
		{ 6, 7, 0, 100, 3, 0, 19 }, { 6, 1, 0, 2, 2, 0, 6 },
	};

	(void)state;
	write_floats("v.f32", 24);
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct data_file file = plain;

		file.path = (char *)"v.f32";
		file.rank = 1;
		file.shape[0] = cases[i].shape;
		file.stride = cases[i].stride;
		file.skip = cases[i].skip;
		struct data data = taken(&file, cases[i].samples, &list6, &list1);

		if (data.samples != cases[i].count || data.x[0] != cases[i].first ||
		    data.x[6 * data.samples - 1] != cases[i].last)
			fail_msg("case %zu: %lld samples, %g .. %g", i, (long long)data.samples,
				 (double)data.x[0], (double)data.x[6 * data.samples - 1]);
		data_free(&data);
	}
}

/* One sample [1][2][3] = 0 .. 5, seen and taken in each order. */
static void transposed(void **state)
{
	static const float as_is[] = { 0, 1, 2, 3, 4, 5 };
	/* the file's C 3 planes of 2 become 2 positions of 3 channels, and back */
	static const float to_positions[] = { 0, 2, 4, 1, 3, 5 };
	static const struct {
		enum data_layout layout;
		int64_t shape[3];
		const struct sample_axes *input;
		const float *expected;
	} cases[] = {
		{ LAYOUT_NONE, { 1, 2, 3 }, &hwc, as_is },
		{ LAYOUT_NHWC, { 1, 2, 3 }, &hwc, as_is },
		{ LAYOUT_NHWC, { 1, 2, 3 }, &chw, as_is },      /* memory is channels last */
		{ LAYOUT_NONE, { 3, 1, 2 }, &chw, to_positions },
		{ LAYOUT_NCHW, { 3, 1, 2 }, &chw, to_positions },
		{ LAYOUT_NCHW, { 3, 1, 2 }, &hwc, to_positions },
		{ LAYOUT_NHWC, { 1, 2, 3 }, &list6, as_is },
	};

	(void)state;
	write_floats("v.f32", 6);
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct data_file file = plain;

		file.path = (char *)"v.f32";
		file.rank = 3;
		memcpy(file.shape, cases[i].shape, sizeof cases[i].shape);
		file.layout = cases[i].layout;
		struct data data = taken(&file, 0, cases[i].input, &list1);

		holds(&data, 1, cases[i].expected);
	}
	/* height 2, width 3, 2 channels, into a network that has them in that order in memory */
	const struct sample_axes image = { 3, { 2, 2, 3 }, { 1, 6, 2 } };
	struct data_file file = plain;

	write_floats("v.f32", 12);
	file.path = (char *)"v.f32";
	file.rank = 3;
	memcpy(file.shape, ((int64_t[]){ 2, 3, 2 }), 3 * sizeof *file.shape);
	file.layout = LAYOUT_NHWC;
	struct data data = taken(&file, 0, &image, &list1);

	holds(&data, 1, (const float[]){ 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11 });
	/* a plane of channel 0, then one of channel 1 */
	memcpy(file.shape, ((int64_t[]){ 2, 2, 3 }), 3 * sizeof *file.shape);
	file.layout = LAYOUT_NCHW;
	data = taken(&file, 0, &image, &list1);
	holds(&data, 1, (const float[]){ 0, 6, 1, 7, 2, 8, 3, 9, 4, 10, 5, 11 });
}

/* Bytes 0 .. 5 as [1][2][3], so that channel c holds c and c + 3. */
static void what_becomes_of_a_value(void **state)
{
	static const struct {
		double offset;
		struct data_channels scale, mean, std;
		float expected[6];
	} cases[] = {
		{ 0, { 1, { 2 } }, { 1, { 1 } }, { 1, { 4 } },
		  { -0.25F, 0.25F, 0.75F, 1.25F, 1.75F, 2.25F } },
		{ -3, { 1, { 0.5 } }, { 1, { 0 } }, { 1, { 1 } },
		  { -1.5F, -1, -0.5F, 0, 0.5F, 1 } },
		{ 0, { 3, { 1, 2, 4 } }, { 1, { 0 } }, { 1, { 1 } }, { 0, 2, 8, 3, 8, 20 } },
		{ 0, { 1, { 1 } }, { 3, { 1, 2, 3 } }, { 3, { 1, 2, 0.5 } },
		  { -1, -0.5F, -2, 2, 1, 4 } },
		{ 1, { 3, { 1, 2, 4 } }, { 3, { 1, 2, 3 } }, { 3, { 1, 2, -1 } },
		  { 0, 1, -9, 3, 4, -21 } },
		/* rounded once: (1/3 - 1e-17) in double is 1/3, each step in float32 is not */
		{ 0, { 1, { 1 / 3.0 } }, { 1, { 1 / 3.0 } }, { 1, { 0x1p-30 } },
		  { (float)(-1 / 3.0 / 0x1p-30), 0, (float)((2 * (1 / 3.0) - 1 / 3.0) / 0x1p-30),
		    (float)((3 * (1 / 3.0) - 1 / 3.0) / 0x1p-30),
		    (float)((4 * (1 / 3.0) - 1 / 3.0) / 0x1p-30),
		    (float)((5 * (1 / 3.0) - 1 / 3.0) / 0x1p-30) } },
	};

	(void)state;
	write_bytes("b.idx", "\1\1\2\3", 4, "\0\1\2\3\4\5", 6);
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct data_file file = { .path = (char *)"b.idx", .offset = cases[i].offset,
					  .scale = cases[i].scale, .mean = cases[i].mean,
					  .std = cases[i].std, .layout = LAYOUT_NHWC };
		struct data data = taken(&file, 0, &hwc, &list1);

		holds(&data, 1, cases[i].expected);
	}
	/* channels first: the same list goes along the first axis */
	write_bytes("b.idx", "\1\3\1\2", 4, "\0\1\2\3\4\5", 6);
	struct data_file file = { .path = (char *)"b.idx", .scale = { 3, { 1, 10, 100 } },
				  .mean = { 1, { 0 } }, .std = { 1, { 1 } },
				  .layout = LAYOUT_NCHW };
	struct data data = taken(&file, 0, &chw, &list1);

	holds(&data, 1, (const float[]){ 0, 20, 400, 1, 30, 500 });
}

static void labels_and_targets(void **state)
{
	static const char table[] = "a,label,b\n1,0,2\n3,1,4\n5,1,6\n";
	struct data_file file = plain;
	struct data data;

	(void)state;
	write_file(scratch("t.csv"), table, sizeof table - 1);
	write_bytes("y-ubyte", "\3", 1, "\1\0\1", 3);
	file.path = (char *)"t.csv";
	file.label_column = (char *)"label";
	file.evaluation = true;
	data = taken(&file, 0, &list2, &list2);
	assert_memory_equal(data.classes, ((int32_t[]){ 0, 1, 1 }), 12);
	holds(&data, 3, (const float[]){ 1, 2, 3, 4, 5, 6 });
	/* by number, the second and third alone; in calibration the column is left out only */
	file.label_column = (char *)"1";
	file.skip = 1;
	data = taken(&file, 0, &list2, &list2);
	assert_memory_equal(data.classes, ((int32_t[]){ 1, 1 }), 8);
	holds(&data, 2, (const float[]){ 3, 4, 5, 6 });
	file.evaluation = false;
	data = taken(&file, 0, &list2, &list2);
	assert_null(data.classes);
	data_free(&data);
	/* labels of a file of their own, and of a column of a table */
	file = plain;
	file.path = (char *)"t.csv";
	file.labels = (char *)"y-ubyte";
	file.rank = 1;
	file.shape[0] = 3;
	const struct sample_axes list3 = { 1, { 3 }, { 1 } };

	data = taken(&file, 0, &list3, &list2);
	assert_memory_equal(data.classes, ((int32_t[]){ 1, 0, 1 }), 12);
	data_free(&data);
	file.labels = (char *)"t.csv#label";
	data = taken(&file, 2, &list3, &list2);
	assert_memory_equal(data.classes, ((int32_t[]){ 0, 1 }), 8);
	data_free(&data);
}

static void targets(void **state)
{
	struct data_file file = plain;
	struct data data;

	(void)state;
	write_floats("v.f32", 12);
	write_floats("y.f32", 4);
	write_bytes("y.idx", "\2\2", 2, "\0\1\2\3", 4);
	file.path = (char *)"v.f32";
	file.rank = 1;
	file.shape[0] = 6;
	file.target = (char *)"y.f32";
	data = taken(&file, 0, &list6, &list2);
	assert_memory_equal(data.targets, ((float[]){ 0, 1, 2, 3 }), 16);
	assert_true(data.peak == 1 && !data.classes);
	data_free(&data);
	file.skip = 1;
	file.target = (char *)"y.idx";
	data = taken(&file, 0, &list6, &list2);
	assert_memory_equal(data.targets, ((float[]){ 2, 3 }), 8);
	assert_true(data.peak == 255);
	data_free(&data);
	file.peak = 7;
	data = taken(&file, 0, &list6, &list2);
	assert_true(data.peak == 7);
	data_free(&data);
	/* what goes in, where it comes out: channels first in the graph, last in memory */
	file = plain;
	file.path = (char *)"v.f32";
	file.rank = 3;
	memcpy(file.shape, chw.shape, sizeof file.shape);
	file.scale.numbers[0] = 2;
	file.target = (char *)"input";
	file.target_is_input = true;
	data = taken(&file, 1, &chw, &(struct sample_axes){ 3, { 3, 1, 2 }, { 2, 2, 1 } });
	assert_memory_equal(data.targets, ((float[]){ 0, 2, 4, 6, 8, 10 }), 24);
	holds(&data, 1, (const float[]){ 0, 4, 8, 2, 6, 10 });
}

struct refusal {
	const char *sentence;
	struct data_file file;
	const struct sample_axes *input, *output;
};

static void what_does_not_fit(void **state)
{
#define ONE { 1, { 1 } }
#define NONE { 1, { 0 } }
#define KEYS .scale = ONE, .mean = NONE, .std = ONE
	static const struct refusal cases[] = {
		{ "*/gone.npy: cannot be read: *", { .path = (char *)"gone.npy", KEYS }, &list6,
		  &list1 },
		{ "*/v.txt: no reader for such a file; *", { .path = (char *)"v.txt", KEYS },
		  &list6, &list1 },
		{ "v.f32: its 24 values are no whole number of samples of 7",
		  { .path = (char *)"v.f32", KEYS, .rank = 1, .shape = { 7 } }, &list6, &list1 },
		{ "v.f32: holds 4 samples, and 4 are to be skipped: none is left",
		  { .path = (char *)"v.f32", KEYS, .rank = 1, .shape = { 6 }, .skip = 4 }, &list6,
		  &list1 },
		{ "v.f32: holds 0 samples, and 0 are *",
		  { .path = (char *)"v.f32", KEYS, .rank = 1, .shape = { 25 }, .stride = 1 },
		  &list6, &list1 },
		{ "v.f32: a sample is 1 value, the network's input is 6; \"shape\" says *",
		  { .path = (char *)"v.f32", KEYS }, &list6, &list1 },
		{ "v.f32: a sample is 2x1x3, the network's input is 3x1x2; \"layout\": \"NHWC\" has it "
		  "transposed",
		  { .path = (char *)"v.f32", KEYS, .rank = 3, .shape = { 2, 1, 3 } }, &chw,
		  &list1 },
		{ "v.f32: a sample is 1x2x3, the network's input is 3x1x2; \"layout\": \"NHWC\" has it "
		  "transposed",
		  { .path = (char *)"v.f32", KEYS, .rank = 3, .shape = { 1, 2, 3 } }, &chw,
		  &list1 },
		{ "v.f32: \"mean\" has 3 numbers; which axis the channels are is said by *",
		  { .path = (char *)"v.f32", .scale = ONE, .mean = { 3, { 1, 2, 3 } }, .std = ONE,
		    .rank = 3, .shape = { 1, 2, 3 } }, &hwc, &list1 },
		{ "v.f32: \"std\" has 2 numbers, a sample 3 channels",
		  { .path = (char *)"v.f32", .scale = ONE, .mean = NONE, .std = { 2, { 1, 2 } },
		    .rank = 3, .shape = { 1, 2, 3 }, .layout = LAYOUT_NHWC }, &hwc, &list1 },
		{ "v.f32: a \"label_column\" is one of a table of lines and columns",
		  { .path = (char *)"v.f32", KEYS, .label_column = (char *)"0" }, &list6, &list1 },
		{ "*/t.csv: no column 'lable' among its 3; did you mean 'label'?*",
		  { .path = (char *)"t.csv", KEYS, .label_column = (char *)"lable" }, &list2,
		  &list2 },
		{ "t.csv: \"shape\" has 3 values, a line without its label 2",
		  { .path = (char *)"t.csv", KEYS, .label_column = (char *)"1", .rank = 1,
		    .shape = { 3 } }, &list2, &list2 },
		{ "y-ubyte: has 3 labels, v.f32 4 samples",
		  { .path = (char *)"v.f32", KEYS, .rank = 1, .shape = { 6 },
		    .labels = (char *)"y-ubyte" }, &list6, &list2 },
		{ "h.csv: label 1 is 0.5, expected a class: 0, 1, ...",
		  { .path = (char *)"v.f32", KEYS, .rank = 1, .shape = { 6 },
		    .labels = (char *)"h.csv" }, &list6, &list2 },
		{ "h.csv: label 3 is 9, the network has 6 outputs",
		  { .path = (char *)"v.f32", KEYS, .rank = 1, .shape = { 6 },
		    .labels = (char *)"h.csv", .skip = 3 }, &list6, &list6 },
		{ "y-ubyte: has 3 values; 4 samples of 1 outputs have 4",
		  { .path = (char *)"v.f32", KEYS, .rank = 1, .shape = { 6 },
		    .target = (char *)"y-ubyte" }, &list6, &list1 },
		{ "v.f32: \"target\": \"input\" needs as many outputs as inputs; the network has 2 "
		  "of 6",
		  { .path = (char *)"v.f32", KEYS, .rank = 1, .shape = { 6 },
		    .target = (char *)"input", .target_is_input = true }, &list6, &list2 },
	};

	(void)state;
	write_floats("v.f32", 24);
	write_bytes("y-ubyte", "\3", 1, "\1\0\1", 3);
	write_file(scratch("t.csv"), "a,label,b\n1,0,2\n", 16);
	write_file(scratch("h.csv"), "0\n0.5\n1\n9\n", 10);
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct data data;
		struct error error;

		if (!take(&data, &cases[i].file, 0, cases[i].input, cases[i].output, &error))
			fail_msg("case %zu was taken", i);
		assert_int_equal(error.status, STATUS_INPUT);
		if (!glob_match(cases[i].sentence, error.text, false))
			fail_msg("case %zu: %s", i, error.text);
	}
}

static void a_file_that_changes(void **state)
{
	struct data_file file = plain;
	struct data_spec spec = { .scale = 1, .file = &file };
	struct data data;
	struct error error;

	(void)state;
	write_floats("v.f32", 12);
	file.path = (char *)"v.f32";
	file.rank = 1;
	file.shape[0] = 6;
	assert_int_equal(data_file_open(&spec, &env, scratch_dir(), 4, &error), 0);
	assert_int_equal(data_file_fit(&spec, &env, &list6, &list1, &error), 0);
	write_floats("v.f32", 18);
	assert_int_equal(data_file_make(&data, &env, &spec, &error), -1);
	assert_int_equal(error.status, STATUS_INPUT);
	assert_non_null(strstr(error.text, "have changed since the plan was made"));
	data_file_close(&spec, &env);
}

/* All that decides the values decides the words, and so the key; the path does not. */
static void words(void **state)
{
	struct opened_data opened = { .hash = "0123" };
	struct data_file file = plain;
	const struct data_spec spec = { .samples = 5, .scale = 1, .file = &file,
					.opened = &opened };
	struct text named = { .env = &env }, content = { .env = &env }, label = { .env = &env };

	(void)state;
	file.path = (char *)"some/x.npz#a";
	data_file_write(&named, &spec, true);
	assert_string_equal(named.bytes, "some/x.npz#a");
	text_free(&named);
	data_spec_write(&label, "cal", &spec, 1);
	assert_true(glob_match("cal5-x.npz#a-[0-9a-f][0-9a-f][0-9a-f][0-9a-f][0-9a-f][0-9a-f]",
			       label.bytes, false));
	text_free(&label);
	file = (struct data_file){ .path = (char *)"x.csv", .labels = (char *)"y.npy",
				   .label_column = (char *)"2", .target = (char *)"input",
				   .target_is_input = true, .evaluation = true, .skip = 3,
				   .stride = 4, .rank = 2, .shape = { 5, 6 },
				   .layout = LAYOUT_NHWC, .offset = -83, .peak = 2,
				   .scale = { 1, { 0.5 } }, .mean = { 2, { 1, 2.5 } },
				   .std = { 1, { 4 } } };
	named = (struct text){ .env = &env };
	data_file_write(&named, &spec, true);
	assert_string_equal(named.bytes,
			    "x.csv labels y.npy target input label_column 2 skip 3 stride 4 shape "
			    "5x6 NHWC offset -83 scale 0.5 mean 1,2.5 std 4 peak 2");
	data_file_write(&content, &spec, false);
	assert_string_equal(content.bytes,
			    "0123 target input label_column 2 skip 3 stride 4 shape 5x6 NHWC "
			    "offset -83 scale 0.5 mean 1,2.5 std 4 peak 2");
	text_free(&named);
	text_free(&content);
}

static void memory_may_run_out(void **state)
{
	struct data_file file = plain;
	struct failing failing = { .fail_at = 0 };
	int failed;

	(void)state;
	write_floats("v.f32", 24);
	write_bytes("y-ubyte", "\4", 1, "\1\0\1\1", 4);
	write_bytes("t.idx", "\4\2", 2, "\0\1\2\3\4\5\6\7", 8);
	file.path = (char *)"v.f32";
	file.rank = 1;
	file.shape[0] = 6;
	file.labels = (char *)"y-ubyte";
	file.target = (char *)"t.idx";
	do {
		const struct env failing_env = env_failing(&failing), before = env;
		struct data data = { 0 };
		struct error error;

		failing.calls = 0;
		env = failing_env;
		failed = take(&data, &file, 0, &list6, &list2, &error);
		if (failed)
			assert_int_equal(error.status, STATUS_MACHINE);
		data_free(&data);
		env = before;
		failing.fail_at++;
		assert_true(failing.fail_at < 1000);
	} while (failed);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(which_values_are_a_sample),
		cmocka_unit_test(transposed),
		cmocka_unit_test(what_becomes_of_a_value),
		cmocka_unit_test(labels_and_targets),
		cmocka_unit_test(targets),
		cmocka_unit_test(what_does_not_fit),
		cmocka_unit_test(a_file_that_changes),
		cmocka_unit_test(words),
		cmocka_unit_test(memory_may_run_out),
	};

	env = env_system();
	return cmocka_run_group_tests(tests, NULL, NULL);
}

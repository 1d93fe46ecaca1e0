/* SPDX-License-Identifier: MIT
 *
 * Convolutions: every kernel against conv2d.py's table (ONNX Runtime's sums), the words of their
 * sizes, shares for threads, and what is refused.
 */
#include "support.h"

#include "../harness/conv.h"
#include "golden.h"
#include "kernel_calls.h"

#define COUNT(array) (sizeof(array) / sizeof *(array))

enum { CHANNELS_MOST = 64 };

static double numbers[GOLDEN_VALUES];

struct golden {                 /* a line of the table                                   */
	struct qs_conv conv;
	uint8_t a[GOLDEN_VALUES], w[GOLDEN_VALUES];      /* codes                        */
	float a_f32[GOLDEN_VALUES], w_f32[GOLDEN_VALUES];
	double y[GOLDEN_VALUES];
	int64_t outputs, bias[CHANNELS_MOST];
	float bias_f32[CHANNELS_MOST], scale_w[CHANNELS_MOST], scale_a, scale_y;
	int32_t zero_a, zero_w[CHANNELS_MOST], zero_y;
};

static void read_values(const char *field, uint8_t *codes, float *floats)
{
	const int64_t count = golden_numbers(field, numbers);

	for (int64_t i = 0; i < count; i++) {
		codes[i] = (uint8_t)(int)numbers[i];
		floats[i] = (float)numbers[i];
	}
}

/* types, conv, zero_a, zero_w, bias, scales_w, map, a, w, y */
static void read_golden(struct golden *g, char *const *fields)
{
	assert_true(conv_parse(&g->conv, fields[1]));
	assert_true(g->conv.out_channels <= CHANNELS_MOST);
	g->zero_a = atoi(fields[2]);
	assert_int_equal(golden_numbers(fields[4], numbers), g->conv.out_channels);
	for (int64_t i = 0; i < g->conv.out_channels; i++) {
		g->zero_w[i] = atoi(fields[3]);
		g->bias[i] = (int64_t)numbers[i];
		g->bias_f32[i] = (float)numbers[i];
	}
	for (int64_t i = golden_numbers(fields[5], numbers); i-- > 0;)
		g->scale_w[i] = (float)numbers[i];
	if (golden_numbers(fields[6], numbers)) {
		g->scale_a = (float)numbers[0];
		g->scale_y = (float)numbers[1];
		g->zero_y = (int32_t)numbers[2];
	}
	read_values(fields[7], g->a, g->a_f32);
	read_values(fields[8], g->w, g->w_f32);
	g->outputs = golden_numbers(fields[9], g->y);
}

static void set_task(struct qs_task *task, const struct qs_kernel *kernel, const struct golden *g)
{
	task_plain_conv(task, kernel, &g->conv);
	if (kernel->a == QS_F32) {
		task->bias_f32 = g->bias_f32;
		return;
	}
	task->bias = g->bias;
	task->a.zero = &g->zero_a;
	task->w.zero = g->zero_w;
	if (kernel->y == QS_S32)
		return;
	task->a.scale = &g->scale_a;
	task->w.scale = g->scale_w;
	task->y.scale = &g->scale_y;
	task->y.zero = &g->zero_y;
}

static double found_at(enum qs_type type, const void *y, int64_t at)
{
	switch (type) {
	case QS_F32: return (double)((const float *)y)[at];
	case QS_S32: return ((const int32_t *)y)[at];
	case QS_S8: return ((const int8_t *)y)[at];
	default: return ((const uint8_t *)y)[at];
	}
}

static void each_golden(char *const *fields)
{
	static struct golden golden;
	static int32_t y[GOLDEN_VALUES];
	const struct qs_kernel *kernel;
	int kernels = 0;

	read_golden(&golden, fields);
	for (size_t at = 0; (kernel = calls_next(&at, QS_CONV2D, fields[0]));) {
		const bool floats = kernel->a == QS_F32;
		struct qs_task task;

		set_task(&task, kernel, &golden);
		if (strstr(kernel->name, "_depthwise") && kernel->refuse(&task))
			continue;
		memset(y, 0xa5, sizeof y);
		calls_run(kernel, &task, floats ? (void *)golden.a_f32 : golden.a,
			  floats ? (void *)golden.w_f32 : golden.w, y);
		for (int64_t i = 0; i < golden.outputs; i++)
			if (found_at(kernel->y, y, i) != golden.y[i])
				fail_msg("%s, %s: y[%d] is %g, expected %g", kernel->name,
					 fields[1], (int)i, found_at(kernel->y, y, i),
					 golden.y[i]);
		kernels++;
	}
	assert_true(kernels > 0);
}

static void conv2d_is_true(void **state)
{
	(void)state;
	assert_int_equal(golden_lines("conv2d.csv", each_golden), 45);
}

/* A pad is a +0 that takes part: an infinite weight makes it a NaN, and it lifts a chain from -0. */
static void pads_of_floats_take_part(void **state)
{
	static const float a[1] = { 1 }, w[3] = { INFINITY, 1, -1 }, zero[1] = { -0.0F };
	static const float ones[3] = { 1, 1, 1 };
	const struct qs_kernel *kernel;
	struct qs_conv conv;

	(void)state;
	assert_true(conv_parse(&conv, "1x1x1x1-1k1x3s1p0x1"));
	for (size_t at = 0; (kernel = calls_next(&at, QS_CONV2D, "f32f32f32"));) {
		struct qs_task task;
		float y = 0;

		task_plain_conv(&task, kernel, &conv);
		calls_run(kernel, &task, a, w, &y);
		if (!isnan(y))
			fail_msg("%s: inf * a pad is %g", kernel->name, (double)y);
		calls_run(kernel, &task, zero, ones, &y);
		assert_true(y == 0 && !signbit(y));
	}
}

static void sizes_have_one_spelling(void **state)
{
	static const struct {
		const char *text, *spelling;     /* NULL: refused                         */
		int64_t m, n, k;
	} cases[] = {
		{ "1x56x56x64-64k3s1p1", "1x56x56x64-64k3s1p1", 3136, 64, 576 },
		{ "1x56x56x64-64k3x3s1x1p1x1x1x1d1g1", "1x56x56x64-64k3s1p1", 3136, 64, 576 },
		{ "2x5x7x6-8k1x3s2x1p0x1x2x3d1x2g2", "2x5x7x6-8k1x3s2x1p0x1x2x3d1x2g2", 56, 8, 9 },
		{ "1x112x112x32-32k3s2p1g32", "1x112x112x32-32k3s2p1g32", 3136, 32, 9 },
		{ "1x5x5x1-1k3s1p0x1", "1x5x5x1-1k3s1p0x1", 15, 1, 9 },
		{ "1x2x2x1-1k3s1p0", NULL, 0, 0, 0 },    /* larger than the image         */
		{ "1x5x5x3-4k3s1p1g2", NULL, 0, 0, 0 },  /* groups that do not divide     */
		{ "1x5x5x4-3k3s1p1g2", NULL, 0, 0, 0 },
		{ "0x5x5x4-4k3s1p1", NULL, 0, 0, 0 },
		{ "1x5x5x4-4k3s0p1", NULL, 0, 0, 0 },
		{ "1x5x5x4-4k3s1p1x2x3", NULL, 0, 0, 0 },
		{ "1x5x5x4-4k3s1p-1", NULL, 0, 0, 0 },
		{ "1x5x5x4-4k3s1", NULL, 0, 0, 0 },
		{ "1x5x5x4-4k3s1p1 ", NULL, 0, 0, 0 },
		{ "1x5x5x4-4k3s1p1g1x2", NULL, 0, 0, 0 },
		{ "99999999999999999999x5x5x4-4k3s1p1", NULL, 0, 0, 0 },
		{ "1x65536x65536x1-1k1s1p0", NULL, 0, 0, 0 },    /* 2^32 positions        */
		{ "1x1x1x2147483647-1k2s1p1", NULL, 0, 0, 0 },   /* a patch too long      */
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		char spelling[CONV_TEXT_SIZE];
		struct qs_conv conv;
		int64_t m, n, k;

		if (conv_parse(&conv, cases[i].text) != !!cases[i].spelling)
			fail_msg("%s: %s", cases[i].text, cases[i].spelling ? "refused" : "taken");
		if (!cases[i].spelling)
			continue;
		conv_print(spelling, sizeof spelling, &conv);
		assert_string_equal(spelling, cases[i].spelling);
		assert_true(conv_sizes(&conv, &m, &n, &k));
		assert_int_equal(m, cases[i].m);
		assert_int_equal(n, cases[i].n);
		assert_int_equal(k, cases[i].k);
	}
}

/* As many units as threads, where there is the work. */
static void threads_have_units(void **state)
{
	static const char *const convs[] = { "1x14x14x16-96k3s1p1", "1x14x14x64-64k3s1p1g64",
					     "1x1x1x64-512k1s1p0", "3x4x4x8-16k3s2p1" };
	static const int8_t w[512 * 1024] = { 0 };

	(void)state;
	for (size_t i = 0; i < COUNT(convs); i++) {
		const struct qs_kernel *kernel;
		struct qs_conv conv;

		assert_true(conv_parse(&conv, convs[i]));
		for (size_t at = 0; (kernel = calls_next(&at, QS_CONV2D, "u8s8u8"));) {
			const char *reason;
			struct qs_task task;
			size_t bytes;
			void *prepared;

			task_plain_conv(&task, kernel, &conv);
			task.threads = 4;
			if (!kernel->needs || kernel->refuse(&task))
				continue;
			prepared = kernel->prepare(&task, w, &bytes, &reason);
			assert_non_null(prepared);
			if (kernel->units(prepared) < 3)
				fail_msg("%s, %s: %d units for 4 threads", kernel->name, convs[i],
					 (int)kernel->units(prepared));
			kernel->release(prepared);
		}
	}
}

enum fault { NO_CONV, OTHER_M, SHORT_A, SHORT_Y, ROWS_OF_A, OTHER_BIAS };

static void what_is_no_convolution_is_refused(void **state)
{
	static const struct {
		enum fault fault;
		const char *words;
	} cases[] = {
		{ NO_CONV, "the sizes of a convolution are missing" },
		{ OTHER_M, "m, n and k are not those of the convolution" },
		{ SHORT_A, "a stride shorter than a row" },
		{ SHORT_Y, "a stride shorter than a row" },
		{ ROWS_OF_A, "only one scale and zero point of the input" },
		{ OTHER_BIAS, "a bias of the other kind" },
	};
	static const int64_t bias[8] = { 0 };
	static const float bias_f32[8] = { 0 };
	static const char *const types[] = { "u8s8s32", "s8s8u8_channel", "f32f32f32" };

	(void)state;
	for (size_t i = 0; i < COUNT(cases) * COUNT(types); i++) {
		const char *const words = cases[i / COUNT(types)].words;
		const struct qs_kernel *kernel;
		struct qs_conv conv;

		assert_true(conv_parse(&conv, "1x3x3x8-8k3s1p1g8"));
		for (size_t at = 0; (kernel = calls_next(&at, QS_CONV2D, types[i % COUNT(types)]));) {
			struct qs_task task;
			const char *refused;

			task_plain_conv(&task, kernel, &conv);
			assert_null(kernel->refuse(&task));
			switch (cases[i / COUNT(types)].fault) {
			case NO_CONV: task.conv = NULL; break;
			case OTHER_M: task.m++; break;
			case SHORT_A: task.a.stride--; break;
			case SHORT_Y: task.y.stride--; break;
			case ROWS_OF_A: task.a.per = QS_PER_ROW; break;
			case OTHER_BIAS:
				task.bias = kernel->y == QS_F32 ? bias : NULL;
				task.bias_f32 = kernel->y == QS_F32 ? NULL : bias_f32;
				break;
			}
			refused = kernel->refuse(&task);
			if (!refused || strcmp(refused, words))
				fail_msg("%s: '%s', expected '%s'", kernel->name,
					 refused ? refused : "taken", words);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(conv2d_is_true),
		cmocka_unit_test(pads_of_floats_take_part),
		cmocka_unit_test(sizes_have_one_spelling),
		cmocka_unit_test(threads_have_units),
		cmocka_unit_test(what_is_no_convolution_is_refused),
	};

	return cmocka_run_group_tests(tests, calls_open, calls_close);
}

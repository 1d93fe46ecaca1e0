/* SPDX-License-Identifier: MIT
 *
 * Gemms with a scale for each group of weights: every kernel against gemm_groups.py's table
 * (numpy's sums, fused multiply-adds in exact fractions) and numbers by hand; the fast ones against
 * the reference where the small cases of `check` do not lead: many steps of k, scales that are
 * nearly denormal, sums at the edge of s32, more threads than rows; and what is refused.
 */
#include "support.h"

#include "../harness/random.h"
#include "golden.h"
#include "kernel_calls.h"

static const char *const types[] = { "u8s8f32", "s8s8f32", "u8s4f32", "s8s4f32",
				     "u8s3f32", "s8s3f32", "u8s2f32", "s8s2f32" };
static const char *const suffixes[] = { "g32", "g64", "g128", "channel" };
enum { TYPES = sizeof types / sizeof *types, SUFFIXES = sizeof suffixes / sizeof *suffixes };

static const char *types_of(int type, int suffix)
{
	static char name[32];

	snprintf(name, sizeof name, "%s_%s", types[type], suffixes[suffix]);
	return name;
}

static int64_t numbers_s32(const char *text, int32_t *out)
{
	static double values[GOLDEN_VALUES];
	const int64_t count = golden_numbers(text, values);

	for (int64_t i = 0; i < count; i++)
		out[i] = (int32_t)values[i];
	return count;
}

static int64_t numbers_u8(const char *text, uint8_t *out)
{
	static int32_t values[GOLDEN_VALUES];
	const int64_t count = numbers_s32(text, values);

	for (int64_t i = 0; i < count; i++)
		out[i] = (uint8_t)values[i];
	return count;
}

static int64_t numbers_f32(const char *text, float *out)
{
	static double values[GOLDEN_VALUES];
	const int64_t count = golden_numbers(text, values);

	for (int64_t i = 0; i < count; i++)
		out[i] = (float)values[i];
	return count;
}

static int golden_runs;

/* types, m, n, k, scales_a, zero_a, scale_a, zero_w, scale_w, bias, a, w, y */
static void golden_case(char *const *fields)
{
	enum { MOST = 4096 };
	static uint8_t a[MOST], w[MOST];
	static int32_t zero_a[8], zero_w[64];
	static float scale_a[8], scale_w[64], bias[8], wanted[8], found[8];
	const int64_t m = atoi(fields[1]), n = atoi(fields[2]), k = atoi(fields[3]);
	const int64_t biases = numbers_f32(fields[9], bias);
	const struct qs_kernel *kernel;

	numbers_s32(fields[5], zero_a);
	numbers_f32(fields[6], scale_a);
	numbers_s32(fields[7], zero_w);
	numbers_f32(fields[8], scale_w);
	numbers_u8(fields[10], a);
	numbers_u8(fields[11], w);
	assert_int_equal(numbers_f32(fields[12], wanted), m * n);
	for (size_t at = 0; (kernel = calls_next(&at, QS_GEMM, fields[0])); golden_runs++) {
		struct qs_task task;

		task_plain(&task, kernel, m, n, k);
		task.a.scales = atoi(fields[4]);
		task.a.per = task.a.scales > 1 ? QS_PER_ROW : QS_PER_TENSOR;
		task.a.scale = scale_a;
		task.a.zero = zero_a;
		task.w.scale = scale_w;
		task.w.zero = zero_w;
		task.w.stride = (k + 7) / 8 * 8;
		task.bias_f32 = biases ? bias : NULL;
		calls_run(kernel, &task, a, w, found);
		for (int64_t i = 0; i < m * n; i++)
			if (found[i] != wanted[i])
				fail_msg("%s, m %d n %d k %d: y[%d] is %a, expected %a",
					 kernel->name, (int)m, (int)n, (int)k, (int)i,
					 (double)found[i], (double)wanted[i]);
	}
}

static void kernels_are_true(void **state)
{
	(void)state;
	assert_int_equal(golden_lines("gemm_groups.csv", golden_case), 34);
	assert_true(golden_runs >= 34);
}

/* 255 * 127 * 699 = 22637115 lies between two floats, the even one of them is greater by one; then
 * fma(22637116, 0.5, 0) = 11318558, and fma(11318558, 2, 1) = 22637117, a tie that goes down. */
static void sums_are_rounded_once(void **state)
{
	static uint8_t a[699], w[699];
	const float half = 0.5F, two = 2, one = 1;
	const struct qs_kernel *kernel;
	size_t at = 0;

	(void)state;
	memset(a, 255, sizeof a);
	memset(w, 127, sizeof w);
	while ((kernel = calls_next(&at, QS_GEMM, "u8s8f32_channel"))) {
		struct qs_task task;
		float y = 0;

		task_plain(&task, kernel, 1, 1, 699);
		task.a.scale = &two;
		task.w.scale = &half;
		task.bias_f32 = &one;
		calls_run(kernel, &task, a, w, &y);
		assert_true(y == 22637116.0F);
	}
}

/* Operands of a task, malloc'ed, drawn from a seed. */
struct drawn {
	uint8_t *a, *w;
	float *scale_a, *scale_w, *bias;
	int32_t *zero_a, *zero_w;
};

enum style {
	STYLE_PLAIN,
	STYLE_ZEROS,
	STYLE_ROWS,
	STYLE_EXTREME,
	STYLE_TINY,
	STYLE_DENORMAL,
	STYLES
};

static void *allocate(int64_t count, size_t bytes)
{
	void *memory = calloc((size_t)count, bytes);

	assert_non_null(memory);
	return memory;
}

static uint32_t drawn_word(uint64_t seed, int64_t i)
{
	return random_at(seed, 5, (uint64_t)i / 4).word[i % 4];
}

static int32_t drawn_zero(enum qs_type type, uint32_t word)
{
	int32_t least, most;

	assert_true(type_range(type, &least, &most));
	return least + (int32_t)(word % (uint32_t)(most - least + 1));
}

static struct drawn draw(struct qs_task *task, enum style style, uint64_t seed)
{
	const int64_t bytes_a = task->m * task->a.stride;
	const int64_t bytes_w = task->n * task->w.stride * type_bits(task->w.type) / 8;
	const int64_t rows = style == STYLE_ROWS ? task->m : 1;
	struct drawn d = {
		.a = allocate(bytes_a, 1),
		.w = allocate(bytes_w, 1),
		.scale_a = allocate(rows, sizeof(float)),
		.zero_a = allocate(rows, sizeof(int32_t)),
		.scale_w = allocate(task->w.scales, sizeof(float)),
		.zero_w = allocate(task->w.scales, sizeof(int32_t)),
		.bias = allocate(task->n, sizeof(float)),
	};

	for (int64_t i = 0; i < bytes_a; i++)
		d.a[i] = style == STYLE_EXTREME ? (task->a.type == QS_U8 ? 255 : 0x80)
						: (uint8_t)drawn_word(seed, i);
	for (int64_t i = 0; i < bytes_w; i++)
		d.w[i] = style == STYLE_EXTREME ? 0 : (uint8_t)drawn_word(seed + 1, i);
	for (int64_t i = 0; style == STYLE_EXTREME && i < task->n * task->k; i++)
		if (i / task->k % 2 == 0) /* the sign bit alone: the least code */
			d.w[(i / task->k * task->w.stride + i % task->k) * type_bits(task->w.type) /
			    8] = 0x80;
	for (int64_t i = 0; i < rows; i++) {
		d.scale_a[i] = 0.01F + (float)(drawn_word(seed + 2, i) % 100);
		d.zero_a[i] = drawn_zero(task->a.type, drawn_word(seed + 3, i));
	}
	for (int64_t i = 0; i < task->w.scales; i++) {
		d.scale_w[i] = 0.001F + (float)(drawn_word(seed + 4, i) % 1000) / 1000;
		if (style >= STYLE_TINY)
			d.scale_w[i] =
				(1 + d.scale_w[i]) * (style == STYLE_TINY ? 0x1p-126F : 0x1p-140F);
		d.zero_w[i] = drawn_zero(task->w.type, drawn_word(seed + 5, i));
	}
	for (int64_t i = 0; i < task->n; i++)
		d.bias[i] = (float)(int32_t)drawn_word(seed + 6, i) * 1e-6F;
	task->a.scale = d.scale_a;
	task->a.scales = rows;
	task->a.per = rows > 1 ? QS_PER_ROW : QS_PER_TENSOR;
	task->a.zero = style == STYLE_PLAIN ? NULL : d.zero_a;
	task->w.scale = d.scale_w;
	task->w.zero = style == STYLE_ZEROS || style == STYLE_ROWS ? d.zero_w : NULL;
	/* a bias would hide what is tiny */
	task->bias_f32 = style == STYLE_PLAIN || style >= STYLE_TINY ? NULL : d.bias;
	return d;
}

static void drawn_free(struct drawn *d)
{
	void *const all[] = { d->a, d->w, d->scale_a, d->scale_w, d->bias, d->zero_a, d->zero_w };

	for (size_t i = 0; i < sizeof all / sizeof *all; i++)
		free(all[i]);
}

/* Every kernel of these types gives the bytes of the reference, which is the first of them. */
static void agree(const char *name, int64_t m, int64_t n, int64_t k, enum style style)
{
	const size_t count = (size_t)(m * n);
	float *const wanted = allocate(m * n, sizeof(float)),
		     *found = allocate(m * n, sizeof(float));
	const struct qs_kernel *kernel;
	struct drawn d = { 0 };
	struct qs_task task;
	size_t at = 0;

	while ((kernel = calls_next(&at, QS_GEMM, name))) {
		if (!kernel->needs) {
			task_plain(&task, kernel, m, n, k);
			d = draw(&task, style, (uint64_t)(m * n * k));
			calls_run(kernel, &task, d.a, d.w, wanted);
			continue;
		}
		memset(found, 0xa5, count * sizeof *found);
		task.threads = (int32_t)(m % 4) + 1;
		calls_run(kernel, &task, d.a, d.w, found);
		for (size_t i = 0; i < count; i++)
			if (memcmp(&found[i], &wanted[i], sizeof *found))
				fail_msg("%s, m %d n %d k %d style %d: y[%zu] is %a, expected %a",
					 kernel->name, (int)m, (int)n, (int)k, (int)style, i,
					 (double)found[i], (double)wanted[i]);
	}
	drawn_free(&d);
	free(wanted);
	free(found);
}

static void long_rows(void **state)
{
	(void)state;
	for (int type = 0; type < TYPES; type++)
		for (int suffix = 0; suffix < SUFFIXES; suffix++)
			for (int style = 0; style < STYLES; style++) {
				const char *name = types_of(type, suffix);

				agree(name, 1, 257, 300 + 61 * style, (enum style)style);
				agree(name, 2 + style, 67, 2081 + style, (enum style)style);
				agree(name, 7, 33, 4200 - style, (enum style)style);
			}
}

/* The last of `count` codes: the least becomes the greatest, and back. */
static void turn_last(uint8_t *w, int64_t count, int bits)
{
	for (int64_t bit = (count - 1) * bits; bit < count * bits; bit++)
		w[bit / 8] ^= (uint8_t)(1 << bit % 8);
}

/* 33025 * 255 * 255 is the last product below 2^31; 15, 7 and 3 for weights of 4, 3 and 2 bits.  A
 * thousand weights more at their zero point change nothing, one that is not is refused. */
static void sums_at_the_edge(void **state)
{
	static const struct {
		const char *types;
		int64_t k;
		int bits;
	} edges[] = { { "u8s8f32_channel", 33025, 8 },
		      { "u8s4f32_channel", 561433, 4 },
		      { "u8s3f32_channel", 1203072, 3 },
		      { "u8s2f32_channel", 2807168, 2 } };
	const float one = 1;

	(void)state;
	for (size_t i = 0; i < sizeof edges / sizeof *edges; i++) {
		const int64_t k = edges[i].k, whole = k + 1000;
		const int32_t most = (1 << edges[i].bits) - 1, least = -(most + 1) / 2;
		uint8_t *a = allocate(whole, 1), *w = allocate(whole + 8, 1);
		const struct qs_kernel *kernel;
		size_t at = 0;

		memset(a, 255, (size_t)whole);
		for (int64_t bit = 0; bit < whole * edges[i].bits; bit++) /* 01..1, then 10..0 */
			if ((bit % edges[i].bits == edges[i].bits - 1) ==
			    (bit >= k * edges[i].bits))
				w[bit / 8] |= (uint8_t)(1 << bit % 8);
		while ((kernel = calls_next(&at, QS_GEMM, edges[i].types))) {
			const char *reason = NULL;
			struct qs_task task;
			size_t bytes;
			float y = 0;

			task_plain(&task, kernel, 1, 1, whole);
			task.w.stride = (whole + 7) / 8 * 8;
			task.w.scale = &one;
			task.w.zero = &least;
			calls_run(kernel, &task, a, w, &y);
			assert_true(y == (float)(k * 255 * most));
			turn_last(w, whole, edges[i].bits);
			assert_null(kernel->prepare(&task, w, &bytes, &reason));
			assert_string_equal(reason, "a sum of products might leave s32");
			turn_last(w, whole, edges[i].bits);
		}
		free(a);
		free(w);
	}
}

/* A single row of a is shared by cutting w. */
static void units_for_threads(void **state)
{
	const struct qs_kernel *kernel;
	uint8_t *w = allocate(1024 * 64, 1);

	(void)state;
	for (int type = 0; type < TYPES; type++)
		for (size_t at = 0; (kernel = calls_next(&at, QS_GEMM, types_of(type, 0)));) {
			const char *reason = NULL;
			float *scales = allocate(1024 * 2, sizeof *scales);
			struct qs_task task;
			size_t bytes;
			void *prepared;

			for (int i = 0; i < 1024 * 2; i++)
				scales[i] = 1;
			task_plain(&task, kernel, 1, 1024, 64);
			task.w.scale = scales;
			task.threads = 4;
			prepared = kernel->prepare(&task, w, &bytes, &reason);
			assert_non_null(prepared);
			if (kernel->needs && kernel->units(prepared) < 4)
				fail_msg("%s cuts one row for 4 threads into %d units",
					 kernel->name, (int)kernel->units(prepared));
			kernel->release(prepared);
			free(scales);
		}
	free(w);
}

static void spoil(struct qs_task *task, int fault)
{
	static const int32_t low[4] = { -129, -129, -129, -129 }, high[4] = { 8, 8, 8, 8 };
	static const int64_t bias = 0;

	switch (fault) {
	case 0:
		task->w.stride = 7;
		break;
	case 1:
		task->w.group = 16;
		break;
	case 2:
		task->w.scales++;
		break;
	case 3:
		task->w.zero = low;
		break;
	case 4:
		task->w.zero = high;
		break;
	case 5:
		task->bias = &bias;
		break;
	case 6:
		task->w.scale = NULL;
		break;
	case 7:
		task->a.scale = NULL;
		break;
	case 8:
		task->a.scales = 2;
		break;
	case 9:
		task->a.per = QS_PER_GROUP;
		break;
	case 10:
		task->y.scale = task->a.scale;
		break;
	default:
		task->k = 0;
	}
}

static void what_is_refused(void **state)
{
	const struct qs_kernel *kernel;

	(void)state;
	for (size_t at = 0; (kernel = calls_next(&at, QS_GEMM, "s8s4f32_g32"));)
		for (int fault = 0; fault < 12; fault++) {
			struct qs_task task;

			task_plain(&task, kernel, 3, 4, 5);
			assert_null(kernel->refuse(&task));
			spoil(&task, fault);
			if (!kernel->refuse(&task))
				fail_msg("%s takes a task with fault %d", kernel->name, fault);
		}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(kernels_are_true),  cmocka_unit_test(sums_are_rounded_once),
		cmocka_unit_test(long_rows),         cmocka_unit_test(sums_at_the_edge),
		cmocka_unit_test(units_for_threads), cmocka_unit_test(what_is_refused),
	};

	return cmocka_run_group_tests(tests, calls_open, calls_close);
}

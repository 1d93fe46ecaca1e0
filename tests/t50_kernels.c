/* SPDX-License-Identifier: MIT
 *
 * Kernels.  Every kernel that this CPU runs meets the truth from outside (golden/kernels.h: worked
 * by hand, by ONNX's reference, by numpy, in exact rationals) and then, by the check engine, its
 * reference on thousands of drawn cases; and the check engine finds what is broken on purpose.
 */
#include "support.h"

#include "../harness/measure/check.h"

#include <math.h>

struct golden_quantize {
	const char *source;
	enum qs_type y;
	int64_t m, k, scales;
	enum qs_round round;
	int32_t low, high;
	const float *scale;
	const int32_t *zero;
	const float *x;
	const int32_t *codes;
};

struct golden_dequantize {
	const char *source;
	enum qs_type a;
	int64_t m, k, scales;
	const float *scale;
	const int32_t *zero, *codes;
	const float *y;
};

struct golden_gemm_s32 {
	const char *source;
	int64_t m, n, k, zeros_a, zeros_w;
	const int32_t *a, *w, *zero_a, *zero_w;
	const int64_t *bias;
	const int32_t *y;
};

struct golden_gemm_f32 {
	const char *source;
	int64_t m, n, k;
	const float *a, *w, *bias, *y;
};

#include "golden/kernels.h"

#define COUNT(array) (sizeof(array) / sizeof *(array))

enum { BYTES_MAX = 1024 };

static struct env env;
static struct libraries libraries;

/* Our kernel number i of these types with scales per tensor or row, or NULL at the end; those that
 * the CPU lacks are left out. */
static const struct qs_kernel *next_kernel(size_t *i, enum qs_op op, enum qs_type a, enum qs_type y)
{
	const struct qs_library *table = libraries.libraries[0].table;

	while (*i < table->count) {
		const struct qs_kernel *kernel = table->kernels[(*i)++];
		int64_t group;

		if (kernel_per(kernel, &group) == QS_PER_TENSOR && kernel->op == op && kernel->a == a && kernel->y == y &&
		    !(kernel->needs & ~env.cpu))
			return kernel;
	}
	return NULL;
}

/* One for all rows, or one a row. */
static void set_scales(struct qs_operand *operand, int64_t scales)
{
	operand->scales = scales;
	operand->per = scales > 1 ? QS_PER_ROW : QS_PER_TENSOR;
}

static void run_kernel(const struct qs_kernel *kernel, const struct qs_task *task, const void *a,
		       const void *w, void *y)
{
	const char *reason = kernel->refuse(task);
	size_t bytes = 0;
	void *prepared;

	if (reason)
		fail_msg("%s refuses: %s", kernel->name, reason);
	prepared = kernel->prepare(task, w, &bytes, &reason);
	if (!prepared)
		fail_msg("%s refuses: %s", kernel->name, reason ? reason : "no memory");
	assert_int_equal(kernel->run(prepared, a, y, 0, kernel->units(prepared)), 0);
	kernel->release(prepared);
}

static void quantize_is_true(void **state)
{
	const struct qs_kernel *kernel;

	(void)state;
	for (size_t c = 0; c < COUNT(golden_quantize); c++) {
		const struct golden_quantize *g = &golden_quantize[c];

		for (size_t i = 0; (kernel = next_kernel(&i, QS_QUANTIZE, QS_F32, g->y));) {
			struct qs_task task;
			uint8_t y[BYTES_MAX];

			task_plain(&task, kernel, g->m, 1, g->k);
			task.y.scale = g->scale;
			task.y.zero = g->zero;
			set_scales(&task.y, g->scales);
			task.round = g->round;
			task.low = g->low;
			task.high = g->high;
			run_kernel(kernel, &task, g->x, NULL, y);
			for (int64_t at = 0; at < g->m * g->k; at++) {
				const int found = g->y == QS_S8 ? (int8_t)y[at] : y[at];

				if (found != g->codes[at])
					fail_msg("%s: %s: x[%d] = %.9g gives %d, truth %d",
						 kernel->name, g->source, (int)at,
						 (double)g->x[at], found, (int)g->codes[at]);
			}
		}
	}
}

static void dequantize_is_true(void **state)
{
	const struct qs_kernel *kernel;

	(void)state;
	for (size_t c = 0; c < COUNT(golden_dequantize); c++) {
		const struct golden_dequantize *g = &golden_dequantize[c];

		for (size_t i = 0; (kernel = next_kernel(&i, QS_DEQUANTIZE, g->a, QS_F32));) {
			struct qs_task task;
			uint8_t codes[BYTES_MAX];
			float y[BYTES_MAX];

			for (int64_t at = 0; at < g->m * g->k; at++)
				codes[at] = (uint8_t)g->codes[at];
			task_plain(&task, kernel, g->m, 1, g->k);
			task.a.scale = g->scale;
			task.a.zero = g->zero;
			set_scales(&task.a, g->scales);
			run_kernel(kernel, &task, codes, NULL, y);
			for (int64_t at = 0; at < g->m * g->k; at++)
				if (y[at] != g->y[at])
					fail_msg("%s: %s: code %d gives %.9g, truth %.9g",
						 kernel->name, g->source, (int)g->codes[at],
						 (double)y[at], (double)g->y[at]);
		}
	}
}

static void sums_of_codes_are_true(void **state)
{
	const struct qs_kernel *kernel;

	(void)state;
	for (size_t c = 0; c < COUNT(golden_gemm_s32); c++) {
		const struct golden_gemm_s32 *g = &golden_gemm_s32[c];

		for (size_t i = 0; (kernel = next_kernel(&i, QS_GEMM, QS_U8, QS_S32));) {
			struct qs_task task;
			uint8_t a[BYTES_MAX];
			int8_t w[BYTES_MAX];
			int32_t y[BYTES_MAX];

			for (int64_t at = 0; at < g->m * g->k; at++)
				a[at] = (uint8_t)g->a[at];
			for (int64_t at = 0; at < g->n * g->k; at++)
				w[at] = (int8_t)g->w[at];
			task_plain(&task, kernel, g->m, g->n, g->k);
			task.a.zero = g->zero_a;
			set_scales(&task.a, g->zeros_a);
			task.w.zero = g->zero_w;
			set_scales(&task.w, g->zeros_w);
			task.bias = g->bias;
			run_kernel(kernel, &task, a, w, y);
			for (int64_t at = 0; at < g->m * g->n; at++)
				if (y[at] != g->y[at])
					fail_msg("%s: %s: y[%d] is %d, truth %d", kernel->name,
						 g->source, (int)at, (int)y[at], (int)g->y[at]);
		}
	}
}

static void float_chains_are_true(void **state)
{
	const struct qs_kernel *kernel;

	(void)state;
	for (size_t c = 0; c < COUNT(golden_gemm_f32); c++) {
		const struct golden_gemm_f32 *g = &golden_gemm_f32[c];

		for (size_t i = 0; (kernel = next_kernel(&i, QS_GEMM, QS_F32, QS_F32));) {
			struct qs_task task;
			float y[BYTES_MAX];

			task_plain(&task, kernel, g->m, g->n, g->k);
			task.bias_f32 = g->bias;
			run_kernel(kernel, &task, g->a, g->w, y);
			for (int64_t at = 0; at < g->m * g->n; at++)
				if (memcmp(&y[at], &g->y[at], sizeof *y))
					fail_msg("%s: %s: y[%d] is %.9g, truth %.9g", kernel->name,
						 g->source, (int)at, (double)y[at],
						 (double)g->y[at]);
		}
	}
}

static void a_reference_has_five_truths(void **state)
{
	size_t u8 = 0, s8 = 0;

	(void)state;
	for (size_t i = 0; i < COUNT(golden_quantize); i++)
		golden_quantize[i].y == QS_U8 ? u8++ : s8++;
	assert_true(u8 >= 5 && s8 >= 5);
	u8 = s8 = 0;
	for (size_t i = 0; i < COUNT(golden_dequantize); i++)
		golden_dequantize[i].a == QS_U8 ? u8++ : s8++;
	assert_true(u8 >= 5 && s8 >= 5);
	assert_true(COUNT(golden_gemm_s32) >= 5 && COUNT(golden_gemm_f32) >= 5);
}

/* affine.h: defined, so that no kernel differs. */
static void not_a_number_gives_low(void **state)
{
	const float x[3] = { NAN, -NAN, 1 };
	const struct qs_kernel *kernel;

	(void)state;
	for (int round = 0; round < QS_ROUNDS; round++)
		for (size_t i = 0; (kernel = next_kernel(&i, QS_QUANTIZE, QS_F32, QS_U8));) {
			struct qs_task task;
			uint8_t y[3];

			task_plain(&task, kernel, 1, 1, 3);
			task.round = (enum qs_round)round;
			task.low = 5;
			run_kernel(kernel, &task, x, NULL, y);
			assert_int_equal(y[0], 5);
			assert_int_equal(y[1], 5);
			assert_int_equal(y[2], 5);
		}
}

/* Whether prepare takes k weights that are all `w`, and what it says where not.  Zero points of 0
 * are left out. */
static const char *prepare_says(const struct qs_kernel *kernel, int64_t k, int8_t w,
				int32_t zero_a, int32_t zero_w, int64_t bias)
{
	int8_t *const weights = malloc((size_t)k);
	struct qs_task task;
	const char *reason = NULL;
	size_t bytes;
	void *prepared;

	assert_non_null(weights);
	memset(weights, w, (size_t)k);
	task_plain(&task, kernel, 1, 1, k);
	task.a.zero = zero_a ? &zero_a : NULL;
	task.w.zero = zero_w ? &zero_w : NULL;
	task.bias = &bias;
	assert_null(kernel->refuse(&task));
	prepared = kernel->prepare(&task, weights, &bytes, &reason);
	free(weights);
	if (!prepared) {
		assert_non_null(reason);
		return reason;
	}
	kernel->release(prepared);
	return NULL;
}

/* sum of max|a - za| |w - zw| + |bias| <= 2^31 - 1, to the last unit. */
static void sums_that_might_leave_s32_are_refused(void **state)
{
	static const struct {
		int64_t k;
		int8_t w;
		int32_t zero_a, zero_w;
		int64_t bias;
		bool taken;
	} cases[] = {
		{ 33025, 127, 0, -128, 0, true },        /* 33025 * 255 * 255 = 2147450625  */
		{ 33026, 127, 0, -128, 0, false },
		{ 33025, 127, 255, -128, 33022, true },  /* 2147450625 + 33022 = 2^31 - 1   */
		{ 33025, 127, 255, -128, 33023, false },
		{ 33025, 127, 0, -128, -33022, true },
		{ 33025, 127, 0, -128, -33023, false },
		{ 65536, -128, 0, 0, (1 << 23) - 1, true },      /* 65536 * 255 * 128 + ...  */
		{ 65536, -128, 0, 0, 1 << 23, false },
		{ 65536, -128, 128, 0, 1 << 23, true },  /* max|a - 128| is 128              */
		{ 1, 0, 0, 0, INT32_MAX, true },
		{ 1, 0, 0, 0, INT64_C(1) << 31, false },
		{ 1, 0, 0, 0, INT64_MIN, false },
		{ 1 << 20, 5, 0, 5, 0, true },           /* weights that are all zero        */
	};
	const struct qs_kernel *kernel;

	(void)state;
	for (size_t i = 0; (kernel = next_kernel(&i, QS_GEMM, QS_U8, QS_S32));)
		for (size_t c = 0; c < COUNT(cases); c++) {
			const char *says = prepare_says(kernel, cases[c].k, cases[c].w,
							cases[c].zero_a, cases[c].zero_w,
							cases[c].bias);

			if (cases[c].taken != !says)
				fail_msg("%s, case %zu: %s", kernel->name, c,
					 says ? says : "taken");
		}
}

/* Each fault alone makes an otherwise good task a refused one. */
static void spoil(struct qs_task *task, int fault)
{
	static const int32_t too_low = INT16_MIN - 1, too_high = UINT16_MAX + 1;
	struct qs_operand *code = task->op == QS_QUANTIZE ? &task->y : &task->a;

	switch (fault) {
	case 0: task->m = 0; break;
	case 1: task->k = 0; break;
	case 2: task->a.stride--; break;
	case 3: task->y.stride--; break;
	case 4: code->per = QS_PER_GROUP; code->group = 5; break;
	case 5: code->per = QS_PER_COLUMN; code->zero = &too_low; break;
	case 6: code->zero = &too_low; break;
	case 7: code->zero = &too_high; break;
	case 8: task->low = too_low; break;
	case 9: task->high = too_high; break;
	case 10: task->high = task->low - 1; break;
	case 11: task->round = QS_ROUNDS; break;
	case 12: code->scale = NULL; break;
	case 13: task->n = 0; break;
	case 14: task->w.stride--; break;
	case 15: task->w.per = QS_PER_COLUMN; break;
	case 16: task->y.scale = &(const float){ 1 }; break;
	case 17: task->w.zero = &too_low; break;
	case 18: task->n = INT64_C(1) << 31; task->y.stride = task->n; break;
	default: break;
	}
}

static void what_cannot_be_done_is_refused(void **state)
{
	static const struct {
		enum qs_op op;
		uint32_t faults;        /* that have a meaning for the operation     */
	} wanted[] = {
		{ QS_QUANTIZE, 0x1fff },
		{ QS_DEQUANTIZE, 0x10ff },
		{ QS_GEMM, 0x5e01f },
	};
	const struct qs_library *table = libraries.libraries[0].table;

	(void)state;
	for (size_t i = 0; i < table->count; i++)
		for (size_t op = 0; op < COUNT(wanted); op++)
			for (int fault = 0; fault < 19; fault++) {
				const struct qs_kernel *kernel = table->kernels[i];
				struct qs_task task;

				if (kernel->op != wanted[op].op ||
				    !(wanted[op].faults >> fault & 1))
					continue;
				task_plain(&task, kernel, 3, 4, 5);
				if (fault == 16 && task.y.scale)
					continue;        /* that is none of requantized results */
				assert_null(kernel->refuse(&task));
				spoil(&task, fault);
				if (!kernel->refuse(&task))
					fail_msg("%s takes a task with fault %d", kernel->name,
						 fault);
			}
}

/* The words of check_all, malloc'ed. */
static char *check_words(struct libraries *checked, const struct check_options *options,
			 struct check_counts *counts)
{
	struct error error = { 0 };
	FILE *file = fopen(scratch("check"), "w");

	assert_non_null(file);
	if (check_all(checked, options, file, counts, &error))
		fail_msg("%s", error.text);
	assert_int_equal(fclose(file), 0);
	return read_text(scratch("check"));
}

static void every_kernel_passes_the_check(void **state)
{
	const struct check_options options = { .seed = 7, .seconds = 300 };
	struct check_counts counts;
	char *words = check_words(&libraries, &options, &counts);

	(void)state;
	if (counts.failed)
		fail_msg("%s", words);
	assert_int_equal(counts.passed + counts.skipped, libraries.libraries[0].table->count);
	assert_int_equal(strncmp(words, "# seed 7\n", 9), 0);
	free(words);
}

/* The same seed draws the same cases; a smaller ISA skips, and says what lacks. */
static void a_mask_skips(void **state)
{
	const struct check_options options = { .seed = 1, .seconds = 300 };
	const struct qs_library *table = libraries.libraries[0].table;
	struct env none = env;
	struct check_counts counts;
	int references = 0;
	char *words;

	(void)state;
	for (size_t i = 0; i < table->count; i++)
		references += !table->kernels[i]->needs;
	none.cpu = 0;
	libraries.env = &none;
	words = check_words(&libraries, &options, &counts);
	libraries.env = &env;
	assert_int_equal(counts.failed, 0);
	assert_int_equal(counts.passed, references);
	assert_int_equal(counts.skipped, (int)table->count - references);
	assert_non_null(
		strstr(words, "ok - gemm_u8s8s32__avx512vnni # SKIP cpu lacks avx512vnni\n"));
	assert_non_null(strstr(words, "ok - quantize_f32u8__avx2 # SKIP cpu lacks avx2\n"));
	free(words);
}

static void the_check_finds_what_is_broken(void **state)
{
	static const struct {
		const char *file;
		int failed;
		const char *first, *second;      /* words of the two kernels' lines          */
	} cases[] = {
		{ "wrong", 2, "not ok - gemm_u8s8s32__wrong: m 1 n 1 k 1 ",
		  "run() said that it failed" },
		{ "outside", 2, "it wrote outside the rows of y",
		  "not ok - gemm_u8s8s32__misses: m 1 " },
		{ "crash", 2, "killed by signal 11", "killed by signal 11" },
		{ "hang", 2, "it took longer than 1 s", "it ended the process with status 0" },
		{ "good", 0, "ok - gemm_u8s8s32__good (", " refused: k above 32768" },
	};
	const struct check_options options = { .seed = 1, .seconds = 1,
					       .only = "gemm_u8s8s32__*" };

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct libraries with;
		struct check_counts counts;
		struct error error;
		struct env plain = env;
		char path[1024], *words;

		plain.cpu = 0;
		snprintf(path, sizeof path, "%s/tests/kernels/%s.so", build_dir(), cases[i].file);
		assert_int_equal(libraries_open(&with, &plain, &error), 0);
		if (libraries_add(&with, path, &error))
			fail_msg("%s", error.text);
		words = check_words(&with, &options, &counts);
		if (counts.failed != cases[i].failed || !strstr(words, cases[i].first) ||
		    !strstr(words, cases[i].second))
			fail_msg("%s: %s", cases[i].file, words);
		free(words);
		libraries_close(&with);
	}
}

static void the_command_checks(void **state)
{
	struct outcome_text good = run_shell("\"$QS\" check --seed 3 --isa ref --kernel "
					     "'gemm_u8s8s32__*'");
	struct outcome_text wrong = run_shell("\"$QS\" check --isa ref --kernel 'gemm_u8s8s32__*' "
					      "--kernels '%s/tests/kernels/wrong.so'", build_dir());

	(void)state;
	assert_int_equal(good.status, 0);
	assert_int_equal(strncmp(good.out, "# seed 3\n# isa ref\n", 19), 0);
	assert_null(strstr(good.out, "# isa avx2"));
	assert_int_equal(wrong.status, 1);
	assert_non_null(strstr(wrong.err, " kernels are not what the reference says"));
	outcome_free(&good);
	outcome_free(&wrong);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_reference_has_five_truths),
		cmocka_unit_test(quantize_is_true),
		cmocka_unit_test(dequantize_is_true),
		cmocka_unit_test(sums_of_codes_are_true),
		cmocka_unit_test(float_chains_are_true),
		cmocka_unit_test(not_a_number_gives_low),
		cmocka_unit_test(sums_that_might_leave_s32_are_refused),
		cmocka_unit_test(what_cannot_be_done_is_refused),
		cmocka_unit_test(every_kernel_passes_the_check),
		cmocka_unit_test(a_mask_skips),
		cmocka_unit_test(the_check_finds_what_is_broken),
		cmocka_unit_test(the_command_checks),
	};
	struct error error = { 0 };
	int failed;

	env = env_system();
	if (libraries_open(&libraries, &env, &error)) {
		fprintf(stderr, "%s\n", error.text);
		return 1;
	}
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	libraries_close(&libraries);
	return failed;
}

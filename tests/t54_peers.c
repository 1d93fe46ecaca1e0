/* SPDX-License-Identifier: MIT
 *
 * Other people's kernels: each adapter gives what the reference gives, within its claim, on the
 * tasks that it takes (all bits where it claims them), whole and cut for several threads; and what
 * it does not take it refuses with a word.  What is not there is skipped, loudly.
 */
#include "support.h"

#include "../harness/conv.h"
#include "../harness/measure/workload.h"

#define COUNT(array) (sizeof(array) / sizeof *(array))

static struct env env;
static struct libraries libraries;
static const struct qs_library *peers;

static int open_all(void **state)
{
	struct error error;

	(void)state;
	env = env_system();
	if (libraries_open(&libraries, &env, &error) || libraries_add_peers(&libraries, &error))
		fail_msg("%s", error.text);
	if (libraries.count > 1)
		peers = libraries.libraries[1].table;
	else
		printf("# SKIP no peers: %s\n", libraries.no_peers);
	return 0;
}

static int close_all(void **state)
{
	(void)state;
	libraries_close(&libraries);
	return 0;
}

static const struct qs_kernel *reference_of(const struct qs_kernel *kernel)
{
	char types[64];

	kernel_types(types, sizeof types, kernel);
	return kernel_reference(&libraries, kernel->op, types);
}

/* oneDNN's sums of 8-bit products saturate without VNNI. */
static bool may_be_wrong(const struct qs_kernel *kernel)
{
	return !strcmp(kernel->peer, "onednn") && kernel->w == QS_S8 &&
	       !(env.cpu & (QS_CPU_AVX512VNNI | QS_CPU_AVXVNNI));
}

/* What a race runs, with what the adapters tell apart. */
static struct workload_spec draw(const struct qs_kernel *kernel, int at)
{
	static const int64_t m[] = { 1, 2, 5, 64 }, n[] = { 1, 63, 100, 200 },
			     k[] = { 1, 7, 64, 301 };
	static const char *const convolutions[] = {
		"1x5x5x8-16k3s1p1", "2x9x7x16-32k3s2p0x1x1x0", "1x8x8x64-40k1s1p0",
		"1x7x7x24-24k3s1p1g24", "1x9x9x12-8k3x1s1p2d2g4", "1x12x12x3-20k5s2p2",
	};
	struct workload_spec spec =
		workload_usual(kernel, m[at % 4], op_is_product(kernel->op) ? n[at / 4 % 4] : 1,
			       k[at / 16 % 4], (uint64_t)at + 1);

	spec.threads = at % 3 == 2 ? 3 : 1;
	spec.bias = op_is_product(kernel->op) && at % 5;
	spec.guard = at % 2 ? GUARD_AFTER : GUARD_BEFORE;
	spec.over_read = kernel->over_read;
	spec.w.per_row = kernel_per(kernel, &(int64_t){ 0 }) == QS_PER_ROW;
	if (kernel->op == QS_CONV2D)
		assert_true(conv_parse(&spec.conv, convolutions[(size_t)at / 4 % COUNT(convolutions)]));
	if (at % 7 == 3)
		spec.a.zero = kernel->a == QS_U8 ? 200 : -100;
	if (at % 7 == 4 && kernel->y != QS_S32)
		spec.y.zero = kernel->y == QS_U8 ? 255 : 127;
	/* several zero points would be drawn, and no peer has them */
	if (kernel_per(kernel, &(int64_t){ 0 }) == QS_PER_COLUMN)
		spec.a.zero = spec.y.zero = WORKLOAD_NO_ZERO;
	if (kernel->y == QS_U8 || kernel->y == QS_S8)
		spec.requantize = QS_REQUANTIZE_FLOAT;
	return spec;
}

static void each_is_within_its_claim(void **state)
{
	(void)state;
	for (size_t i = 0; peers && i < peers->count; i++) {
		const struct qs_kernel *kernel = peers->kernels[i];
		const struct qs_kernel *reference = reference_of(kernel);
		int taken = 0, wrong = 0, builds = 0;

		if (!reference || kernel->needs & ~env.cpu) {
			printf("# SKIP %s: %s\n", kernel->name,
			       reference ? "not on this CPU" : "no reference of its types");
			continue;
		}
		for (int at = 0; at < 64; at++) {
			const struct workload_spec spec = draw(kernel, at);
			struct workload_difference difference;
			struct workload workload;
			struct error error;
			enum verdict verdict;
			char words[200];

			if (workload_make(&workload, &env, &spec, reference, &error))
				fail_msg("%s %d: %s", kernel->name, at, error.text);
			verdict = workload_check(&workload, kernel, at % 2 ? 77 : 0, &difference);
			workload_free(&workload);
			/* how its library was built is not the adapter's doing */
			const bool of_build = verdict == VERDICT_REFUSED && difference.reason &&
					      strstr(difference.reason, "built for one thread");

			taken += verdict != VERDICT_REFUSED || of_build;
			builds += of_build;
			wrong += verdict == VERDICT_WRONG;
			workload_describe(words, sizeof words, &difference);
			if (verdict == VERDICT_WRONG && !may_be_wrong(kernel))
				fail_msg("%s, case %d: %s", kernel->name, at, words);
			if (verdict == VERDICT_WITHIN && !kernel->claim_steps &&
			    !(kernel->claim_relative > 0))
				fail_msg("%s, case %d: within a claim of equal bits", kernel->name,
					 at);
		}
		if (taken < 48)
			fail_msg("%s takes %d of 64 tasks like those of a race", kernel->name,
				 taken);
		if (builds)
			printf("# SKIP %s: %d of 64 tasks, whose threads this build of its "
			       "library does not have\n", kernel->name, builds);
		if (wrong)
			printf("# %s: wrong in %d of %d tasks, as its own words say of a CPU "
			       "without VNNI\n", kernel->name, wrong, taken);
	}
}

enum fault {
	WEIGHTS_ZERO, ZEROS_OF_ROWS, PAD_A, PAD_Y, RNDNU, HALF_AWAY, CLAMP, SCALES_OF_ROWS,
	OTHER_BIAS, SIZE_0,
};

static const int32_t zeros[8] = { 1, 2, 3, 4, 5, 6, 7, 8 };
static const float scales[8] = { 1, 2, 3, 4, 5, 6, 7, 8 };
static const int64_t bias[8] = { 1 };
static const float bias_f32[8] = { 1 };

static void spoil(struct qs_task *task, enum fault fault)
{
	struct qs_operand *map = task->op == QS_QUANTIZE ? &task->y : &task->a;

	switch (fault) {
	case WEIGHTS_ZERO: task->w.zero = zeros; return;
	case ZEROS_OF_ROWS:
		map->zero = zeros;
		map->per = QS_PER_ROW;
		map->scale = map->scale ? scales : NULL;
		map->scales = task->m;
		return;
	case PAD_A: task->a.stride++; return;
	case PAD_Y: task->y.stride++; map->zero = zeros; return;
	case RNDNU: task->requantize = QS_REQUANTIZE_RNDNU; return;
	case HALF_AWAY: task->round = QS_HALF_AWAY; return;
	case CLAMP: task->low++; return;
	case SCALES_OF_ROWS:
		map->per = QS_PER_ROW;
		map->scale = scales;
		map->scales = task->m;
		return;
	case OTHER_BIAS:
		if (task->y.type == QS_F32)
			task->bias = bias;
		else
			task->bias_f32 = bias_f32;
		return;
	case SIZE_0: task->k = 0; return;
	}
}

static void what_is_not_done_is_refused(void **state)
{
	static const struct {
		const char *kernel;
		enum fault fault;
		const char *words;       /* NULL: it is taken                             */
	} cases[] = {
		{ "gemm_u8s8s32__onednn", WEIGHTS_ZERO, "weights without a zero point alone" },
		{ "gemm_u8s8s32__onednn", ZEROS_OF_ROWS, "one zero point for activations alone" },
		{ "gemm_u8s8s32__onednn", PAD_A, NULL },
		{ "gemm_u8s8s32__onednn", PAD_Y, NULL },
		{ "gemm_u8s8s32__onednn", OTHER_BIAS, "a bias of the other kind" },
		{ "gemm_u8s8s32__onednn", SIZE_0, "a size under 1" },
		{ "conv2d_u8s8s32__onednn", WEIGHTS_ZERO, "weights without a zero point alone" },
		{ "conv2d_u8s8s32__onednn", PAD_A, "tight strides alone" },
		{ "conv2d_u8s8s32__onednn", OTHER_BIAS, "a bias of the other kind" },
		{ "conv2d_u8s8s32__onednn", SIZE_0, "m, n and k are not those" },
		{ "conv2d_u8s8u8_channel__onednn", RNDNU, "ties to even, alone" },
		{ "conv2d_u8s8u8_channel__onednn", CLAMP, NULL },
		{ "conv2d_f32f32f32__onednn", OTHER_BIAS, "a bias of the other kind" },
		{ "conv2d_s8s8s8__xnnpack", WEIGHTS_ZERO, "none of s8 by s8" },
		{ "conv2d_u8s8u8__xnnpack", WEIGHTS_ZERO, NULL },
		{ "conv2d_s8s8s8_channel__xnnpack", PAD_A, NULL },
		{ "conv2d_f32f32f32__xnnpack", OTHER_BIAS, "a bias of the other kind" },
		{ "gemm_u8s8s32__onednn_inner", PAD_A, "tight strides alone" },
		{ "gemm_u8s8s32__onednn_inner", PAD_Y, "tight strides alone" },
		{ "gemm_s8s8s8_channel__onednn", RNDNU, "ties to even, alone" },
		{ "gemm_s8s8s8_channel__onednn", HALF_AWAY, "ties to even, alone" },
		{ "gemm_s8s8s8_channel__onednn", CLAMP, NULL },
		{ "gemm_f32f32f32__onednn", PAD_A, NULL },
		{ "gemm_f32f32f32__onednn", OTHER_BIAS, "a bias of the other kind" },
		{ "gemm_f32f32f32__onednn_inner", PAD_A, "tight strides alone" },
		{ "quantize_f32s8__onednn", HALF_AWAY, "ties to even alone" },
		{ "quantize_f32s8__onednn", CLAMP, "the whole code range alone" },
		{ "quantize_f32s8__onednn", SCALES_OF_ROWS, NULL },
		{ "quantize_f32s8__onednn", ZEROS_OF_ROWS, "one zero point alone" },
		{ "quantize_f32s8__onednn", PAD_A, NULL },
		{ "dequantize_s8f32__onednn", PAD_Y, "tight strides alone where" },
		{ "dequantize_s8f32__onednn", PAD_A, NULL },
		{ "dequantize_s8f32__onednn", SCALES_OF_ROWS, NULL },
		{ "gemm_s8s8s8__xnnpack", RNDNU, "ties to even, alone" },
		{ "gemm_s8s8s8__xnnpack", WEIGHTS_ZERO, "none of s8 by s8" },
		{ "gemm_u8s8u8__xnnpack", WEIGHTS_ZERO, NULL },
		{ "gemm_s8s8s8__xnnpack", CLAMP, NULL },
		{ "gemm_f32f32f32__xnnpack", PAD_Y, NULL },
		{ "gemm_f32f32f32__xnnpack", OTHER_BIAS, "a bias of the other kind" },
		{ "quantize_f32s8__xnnpack", HALF_AWAY, "ties to even alone" },
		{ "quantize_f32s8__xnnpack", SCALES_OF_ROWS, "one scale for the tensor alone" },
		{ "quantize_f32s8__xnnpack", CLAMP, NULL },
		{ "dequantize_u8f32__xnnpack", SCALES_OF_ROWS, "one scale for the tensor alone" },
		{ "gemm_f32f32f32__openblas", OTHER_BIAS, "a bias of the other kind" },
		{ "gemm_f32f32f32__openblas", PAD_Y, NULL },
		{ "gemm_u8s8s32__gemmlowp", OTHER_BIAS, "a bias of the other kind" },
		{ "gemm_u8s8s32__gemmlowp", ZEROS_OF_ROWS, NULL },
		{ "gemm_u8s8s32__gemmlowp", WEIGHTS_ZERO, NULL },
	};

	(void)state;
	for (size_t i = 0; peers && i < COUNT(cases); i++) {
		const struct qs_kernel *kernel =
			kernel_find(&libraries.libraries[1], cases[i].kernel);
		struct qs_task task;
		struct qs_conv none = { 0 }, conv;
		const char *refused;

		assert_true(conv_parse(&conv, "1x3x3x4-8k2s1p0"));
		if (!kernel) {
			printf("# SKIP %s is not in this build\n", cases[i].kernel);
			continue;
		}
		task_of_shape(&task, kernel, 4, 8, 8, kernel->op == QS_CONV2D ? &conv : &none);
		assert_null(kernel->refuse(&task));
		spoil(&task, cases[i].fault);
		refused = kernel->refuse(&task);
		if (!cases[i].words ? refused != NULL
				    : !refused || !strstr(refused, cases[i].words))
			fail_msg("%s with fault %d: %s", cases[i].kernel, cases[i].fault,
				 refused ? refused : "taken");
	}
}

/* Scales that a library cannot take are seen in prepare. */
static void scales_are_refused_when_seen(void **state)
{
	static const struct {
		const char *kernel;
		float scale;
		const char *words;
	} cases[] = {
		{ "quantize_f32s8__onednn", 1e-40f, "no normal float" },
		{ "quantize_f32s8__onednn", 1e38f, "no normal float" },
		{ "quantize_f32u8__xnnpack", 1e-40f, "XNNPACK calls these parameters invalid" },
		{ "quantize_f32u8__xnnpack", 1e38f, "no normal float" },
		{ "dequantize_s8f32__onednn", 1e-40f, "no normal float" },
		{ "gemm_s8s8s8__xnnpack", 0x1p-40f, "a scale outside [2^-32, 256)" },
		{ "gemm_s8s8s8__xnnpack", 256, "a scale outside [2^-32, 256)" },
		{ "gemm_s8s8s8__onednn", 1e-40f, "no normal float" },
	};

	(void)state;
	for (size_t i = 0; peers && i < COUNT(cases); i++) {
		const struct qs_kernel *kernel =
			kernel_find(&libraries.libraries[1], cases[i].kernel);
		static const int8_t w[16] = { 1 };
		const char *reason = NULL;
		struct qs_task task;
		void *prepared;
		size_t bytes;

		if (!kernel || kernel->needs & ~env.cpu) {
			printf("# SKIP %s\n", cases[i].kernel);
			continue;
		}
		task_plain(&task, kernel, 4, 4, 4);
		if (kernel->op == QS_QUANTIZE)
			task.y.scale = &cases[i].scale;
		else
			task.a.scale = &cases[i].scale;
		prepared = kernel->prepare(&task, w, &bytes, &reason);
		if (prepared || !reason || !strstr(reason, cases[i].words))
			fail_msg("%s takes a scale of %g, or says: %s", cases[i].kernel,
				 (double)cases[i].scale, reason ? reason : "nothing");
	}
}

/* Nothing but a whole name stands for XNNPACK's choice of instructions: what it uses it needs. */
static void what_cannot_be_masked_is_needed(void **state)
{
	(void)state;
	for (size_t i = 0; peers && i < peers->count; i++) {
		const struct qs_kernel *kernel = peers->kernels[i];

		assert_non_null(kernel->peer);
		assert_true(peer_is_known(kernel->peer));
		assert_true(kernel->needs & QS_CPU_AVX2);
		if (!strcmp(kernel->peer, "xnnpack"))
			assert_int_equal(kernel->needs & QS_CPU_AVX512BW,
					 cpu_features() & QS_CPU_AVX512BW);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_is_within_its_claim),
		cmocka_unit_test(what_is_not_done_is_refused),
		cmocka_unit_test(scales_are_refused_when_seen),
		cmocka_unit_test(what_cannot_be_masked_is_needed),
	};

	return cmocka_run_group_tests(tests, open_all, close_all);
}

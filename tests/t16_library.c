/* SPDX-License-Identifier: MIT
 *
 * Our own library: its table, who is the best, who is found, and what peers are told of a CPU.
 */
#include "opened_libraries.h"

#include "../harness/conv.h"

static void our_table_is_in_order(void **state)
{
	const struct qs_library *ours = libraries.libraries[0].table;
	const struct qs_conv none = { 0 };
	struct qs_conv conv, depthwise;
	const struct qs_kernel *reference = NULL;
	char before[64] = "", types[64];
	enum qs_op op = QS_OPS;

	(void)state;
	assert_string_equal(libraries.libraries[0].name, "quantsweep");
	assert_int_equal(strlen(libraries.libraries[0].hash), KEY_SIZE - 1);
	assert_true(conv_parse(&conv, "1x5x4x7-6k3s1p1"));
	assert_true(conv_parse(&depthwise, "1x5x4x6-6k3s1p1g6"));
	for (size_t i = 0; i < ours->count; i++) {
		const struct qs_kernel *kernel = ours->kernels[i];
		const bool begins = kernel_types(types, sizeof types, kernel) &&
				    (kernel->op != op || strcmp(types, before));
		struct qs_task task;

		/* each family together, its reference first and alone without needs */
		assert_int_equal(begins, !kernel->needs);
		assert_int_equal(!kernel->needs, !strcmp(kernel_isa(kernel), "ref"));
		if (begins)
			reference = kernel;
		assert_ptr_equal(kernel_reference(&libraries, kernel->op, types), reference);
		/* equal bits: ours claim nothing less */
		assert_int_equal(kernel->claim_steps, 0);
		assert_true(kernel->claim_relative == 0);
		task_of_shape(&task, kernel, 5, 6, 7, kernel->op == QS_CONV2D ? &conv : &none);
		/* a depthwise kernel takes the same with groups */
		if (kernel->op == QS_CONV2D && kernel->refuse(&task))
			task_plain_conv(&task, kernel, &depthwise);
		assert_null(kernel->refuse(&task));
		assert_int_equal(task.n, op_is_product(kernel->op) ? 6 : 1);
		assert_int_equal(task.y.stride, type_stride(kernel->y, task_width(&task)));
		strcpy(before, types);
		op = kernel->op;
	}
	assert_null(kernel_reference(&libraries, QS_GEMM, "u8u8s32"));
	assert_null(kernel_find(&libraries.libraries[0], "gemm_u8s8s32"));
}

static void best_is_the_last_that_runs(void **state)
{
	static const struct {
		uint64_t cpu;
		const char *best;
	} cases[] = {
		{ 0, "gemm_u8s8s32__ref" },
		{ QS_CPU_AVX2, "gemm_u8s8s32__avx2" },
		{ QS_CPU_AVX2 | QS_CPU_AVX512BW, "gemm_u8s8s32__avx512bw" },
		{ QS_CPU_AVX2 | QS_CPU_AVX512BW | QS_CPU_AVX512VNNI, "gemm_u8s8s32__avx512vnni" },
	};
	const struct qs_kernel *kernel = kernel_find(&libraries.libraries[0], "gemm_u8s8s32__ref");
	struct qs_task task;
	const char *reason;

	(void)state;
	task_plain(&task, kernel, 8, 8, 8);
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct env masked = env;

		masked.cpu = cases[i].cpu;
		libraries.env = &masked;
		kernel = kernel_best(&libraries, QS_GEMM, "u8s8s32", &task, &reason);
		libraries.env = &env;
		assert_non_null(kernel);
		assert_null(reason);
		assert_string_equal(kernel->name, cases[i].best);
	}
	task.a.per = QS_PER_GROUP;
	assert_null(kernel_best(&libraries, QS_GEMM, "u8s8s32", &task, &reason));
	assert_string_equal(reason, "groups or a scaled result");
	assert_null(kernel_best(&libraries, QS_GEMM, "s64s8s64", &task, &reason));
	assert_string_equal(reason, "no kernel of these types");
}

static void ours_is_found_or_missed_with_a_word(void **state)
{
	struct libraries other;
	struct error error;
	char path[1024];

	(void)state;
	setenv("QUANTSWEEP_KERNELS", scratch("nowhere.so"), 1);
	assert_int_equal(libraries_open(&other, &env, &error), -1);
	assert_int_equal(error.status, STATUS_MACHINE);
	assert_non_null(strstr(error.text, "nowhere.so"));
	snprintf(path, sizeof path, "%s/libquantsweep_kernels.so", build_dir());
	setenv("QUANTSWEEP_KERNELS", path, 1);
	assert_int_equal(libraries_open(&other, &env, &error), 0);
	assert_string_equal(other.libraries[0].path, path);
	libraries_close(&other);
	unsetenv("QUANTSWEEP_KERNELS");
}

/* Other people's libraries are told what --isa says, and to use one thread. */
static void a_masked_cpu_is_told_to_peers(void **state)
{
	static const struct {
		uint64_t cpu;
		const char *onednn, *openblas;
	} cases[] = {
		{ 0, "SSE41", "Nehalem" },
		{ QS_CPU_AVX2, "AVX2", "Haswell" },
		{ QS_CPU_AVX2 | QS_CPU_AVXVNNI, "AVX2_VNNI", "Haswell" },
		{ QS_CPU_AVX2 | QS_CPU_AVX512BW, "AVX512_CORE", "SkylakeX" },
		{ QS_CPU_AVX2 | QS_CPU_AVX512BW | QS_CPU_AVX512VNNI, "AVX512_CORE_VNNI",
		  "SkylakeX" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct libraries some;
		struct env masked = env;
		struct error error;

		if (!(cpu_features() & ~cases[i].cpu))
			continue;
		masked.cpu = cases[i].cpu;
		unsetenv("OPENBLAS_CORETYPE");
		assert_int_equal(libraries_open(&some, &masked, &error), 0);
		libraries_close(&some);
		assert_string_equal(getenv("OMP_NUM_THREADS"), "1");
		assert_string_equal(getenv("OPENBLAS_NUM_THREADS"), "1");
		assert_string_equal(getenv("DNNL_MAX_CPU_ISA"), cases[i].onednn);
		assert_string_equal(getenv("OPENBLAS_CORETYPE"), cases[i].openblas);
	}
	setenv("DNNL_MAX_CPU_ISA", "mine", 1);
	setenv("OPENBLAS_CORETYPE", "mine", 1);
	struct libraries some;
	struct error error;

	assert_int_equal(libraries_open(&some, &env, &error), 0);
	libraries_close(&some);
	assert_string_equal(getenv("DNNL_MAX_CPU_ISA"), "mine");
	assert_string_equal(getenv("OPENBLAS_CORETYPE"), "mine");
	unsetenv("DNNL_MAX_CPU_ISA");
	unsetenv("OPENBLAS_CORETYPE");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(our_table_is_in_order),
		cmocka_unit_test(best_is_the_last_that_runs),
		cmocka_unit_test(ours_is_found_or_missed_with_a_word),
		cmocka_unit_test(a_masked_cpu_is_told_to_peers),
	};

	return cmocka_run_group_tests(tests, open_ours, close_ours);
}

/* SPDX-License-Identifier: MIT
 *
 * The types of a recipe: which kernels' names they are looked for in, what is simulated alone.
 */
#include "planned.h"

#define A8 "a=int8.asymmetric.real.tensor.minmax.static half_even"
#define S8 "a=int8.symmetric.real.tensor.minmax.static half_even"
#define END " float all none s1"

/* Types hang on which kernels have names that tell of narrow codes. */
static void types_of_recipes(void **state)
{
	static const struct {
		const char *op, *y, *recipe, *types, *narrow; /* narrow NULL: the same        */
	} cases[] = {
		{ "gemm", NULL, "w=int8.symmetric.real.channel.minmax " A8 END, "u8s8s32", NULL },
		{ "gemm", NULL, "w=int8.asymmetric.real.tensor.mse "
		  "a=int8.symmetric.real.tensor.minmax.dynamic half_even" END, "s8s8s32", NULL },
		{ "gemm", NULL, "w=int8.symmetric.real.tensor.minmax a=int5.symmetric_unsigned."
		  "real.channel.minmax.static half_even" END, "u8s8s32", NULL },
		/* 4, 3 and 2 bits: their own width, else 4, else 8 */
		{ "gemm", NULL, "w=int4.symmetric.real.tensor.minmax " A8 END, "u8s8s32",
		  "u8s4f32_channel" },
		{ "gemm", NULL, "w=int4.symmetric.real.channel.minmax " S8 END, "s8s8s32", NULL },
		{ "gemm", NULL, "w=int3.asymmetric.real.channel.minmax " A8 END, "u8s8s32",
		  "u8s4f32_channel" },
		{ "gemm", NULL, "w=int2.symmetric.real.channel.minmax " A8 END, "u8s8s32",
		  "u8s2f32_channel" },
		{ "gemm", NULL, "w=int4.symmetric.real.group32.minmax " A8 END, "u8s8f32_g32",
		  "u8s4f32_g32" },
		{ "gemm", NULL, "w=int3.symmetric.real.group32.minmax " A8 END, "u8s8f32_g32",
		  "u8s3f32_g32" },
		{ "gemm", NULL, "w=int2.symmetric.real.group32.minmax " A8 END, "u8s8f32_g32",
		  "u8s4f32_g32" },
		{ "gemm", NULL, "w=int5.symmetric.real.group32.minmax " A8 END, "u8s8f32_g32",
		  NULL },
		{ "gemm", NULL, "w=int4.symmetric.real.group64.minmax " A8 END, "u8s8f32_g64",
		  NULL },
		/* 16 bits */
		{ "gemm", NULL, "w=int8.symmetric.real.tensor.minmax "
		  "a=int16.asymmetric.real.tensor.minmax.static half_even" END, "s16s8s64", NULL },
		{ "gemm", NULL, "w=int9.symmetric.real.tensor.minmax " S8 END, "s8s16s64", NULL },
		{ "gemm", "s32", "w=int8.symmetric.real.tensor.minmax "
		  "a=int16.symmetric.real.tensor.minmax.static half_even" END, "s16s8s64", NULL },
		/* floats */
		{ "gemm", NULL, "w=float a=float s1", "f32f32f32", NULL },
		{ "gemm", "f32", "w=float a=float s1", "f32f32f32", NULL },
		{ "gemm", NULL, "w=int8.symmetric.real.tensor.minmax a=float half_even" END,
		  "f32s8f32", NULL },
		{ "gemm", NULL, "w=float " A8 END, "u8f32f32", NULL },
		/* what the sums become */
		{ "gemm", "s32", "w=int4.symmetric.real.channel.minmax " A8 END, "u8s8s32", NULL },
		{ "gemm", "s8", "w=int8.symmetric.real.tensor.minmax " A8 END, "u8s8s8", NULL },
		{ "gemm", "u8", "w=int4.symmetric.real.channel.minmax " S8 END, "s8s8u8_channel",
		  NULL },
		{ "gemm", "s8", "w=int8.symmetric.real.group32.minmax " S8 END, "s8s8s8_g32",
		  NULL },
		{ "gemm", "f32", "w=int8.symmetric.real.tensor.minmax " A8 END, "u8s8f32_channel",
		  NULL },
		{ "gemm", "f32", "w=int4.symmetric.real.tensor.minmax " A8 END, "u8s8f32_channel",
		  "u8s4f32_channel" },
		{ "gemm", "f32", "w=int8.symmetric.real.group128.minmax " S8 END, "s8s8f32_g128",
		  NULL },
		/* simulated alone: scales that change within a sum of codes, or that are not known
		 * when it becomes a code */
		{ "gemm", NULL, "w=int8.symmetric.real.tensor.minmax "
		  "a=int8.asymmetric.real.group32.minmax.static half_even" END, "", NULL },
		{ "gemm", NULL, "w=int8.symmetric.real.channel(1).minmax " A8 END, "", NULL },
		{ "gemm", "s8", "w=int8.symmetric.real.tensor.minmax "
		  "a=int8.symmetric.real.channel.minmax.static half_even" END, "", NULL },
		{ "gemm", "s8", "w=int8.symmetric.real.tensor.minmax "
		  "a=int8.symmetric.real.tensor.minmax.dynamic half_even" END, "", NULL },
		/* operations on one operand */
		{ "quantize", NULL, A8 " s1", "f32u8", NULL },
		{ "quantize", NULL, "a=int4.symmetric.real.channel.minmax.static half_even s1",
		  "f32s8", "f32s4" },
		{ "quantize", NULL, "a=int3.asymmetric.real.tensor.minmax.static half_even s1",
		  "f32u8", NULL },
		{ "quantize", NULL, "a=int16.symmetric.real.channel.minmax.static half_even s1",
		  "f32s16", NULL },
		{ "quantize", NULL, "a=int9.asymmetric.real.channel.minmax.static half_even s1",
		  "f32u16", NULL },
		{ "quantize", NULL, "a=int8.symmetric.real.channel(1).minmax.static half_even s1",
		  "f32s8_channel", NULL },
		{ "quantize", NULL, "a=int8.symmetric.real.group32.minmax.static half_even s1",
		  "f32s8_g32", NULL },
		{ "dequantize", NULL, A8 " s1", "u8f32", NULL },
		{ "dequantize", NULL, S8 " s1", "s8f32", NULL },
		{ "dequantize", NULL, "a=int4.asymmetric.real.group64.minmax.static half_even s1",
		  "u8f32_g64", "u4f32_g64" },
		{ "dynamicquantize", NULL, "a=int8.asymmetric.real.tensor.minmax.dynamic half_even "
		  "s1", "f32u8", NULL },
		{ "requantize", NULL, S8 END, "s32s8", NULL },
		{ "requantize", NULL, "a=int8.asymmetric.real.channel(1).minmax.static half_even"
		  END, "s32u8_channel", NULL },
	};
	static const struct qs_kernel kernels[] = {
		{ .op = QS_GEMM, .name = "gemm_u8s4f32_channel__x" },
		{ .op = QS_GEMM, .name = "gemm_u8s2f32_channel__x" },
		{ .op = QS_GEMM, .name = "gemm_u8s4f32_g32__x" },
		{ .op = QS_GEMM, .name = "gemm_u8s3f32_g32__x" },
		{ .op = QS_QUANTIZE, .name = "quantize_f32s4__x" },
		{ .op = QS_DEQUANTIZE, .name = "dequantize_u4f32_g64__x" },
	};
	static const struct qs_kernel *const table[] = { &kernels[0], &kernels[1], &kernels[2],
							 &kernels[3], &kernels[4], &kernels[5] };
	const struct qs_library tables[] = { { .kernels = table, .count = 0 },
					     { .kernels = table, .count = 6 } };
	const struct env env = env_system();

	(void)state;
	for (size_t i = 0; i < 2 * sizeof cases / sizeof *cases; i++) {
		struct library library = { .table = &tables[i & 1] };
		const struct libraries libraries = { .libraries = &library, .count = 1 };
		const struct value *operation = value_find(operation_values, cases[i / 2].op);
		const struct value *y =
			cases[i / 2].y ? value_find(result_values, cases[i / 2].y) : NULL;
		const char *expected = i & 1 && cases[i / 2].narrow ? cases[i / 2].narrow
								    : cases[i / 2].types;
		struct recipe recipe;
		struct error error;
		char types[32];

		if (recipe_read(&recipe, &env, cases[i / 2].recipe, &error))
			fail_msg("%s", error.text);
		assert_int_equal(recipe_types(types, sizeof types, &libraries,
					      (const struct operation *)operation, y, &recipe),
				 strlen(expected));
		assert_string_equal(types, expected);
		/* a network's layers stay as they are, whatever kernels there are */
		if (!strcmp(operation->name, "gemm") && !y) {
			const struct subject network = { .kind = SUBJECT_NETWORK };

			subject_types(types, sizeof types, &libraries, &network, &recipe);
			assert_string_equal(types, cases[i / 2].types);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(types_of_recipes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

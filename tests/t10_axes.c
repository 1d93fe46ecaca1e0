/* SPDX-License-Identifier: MIT
 *
 * The tables of the axes: every row has its words, names are what a config and a label can hold,
 * and lookups find them.
 */
#include "support.h"

#include "../harness/axes/tables.h"

#include <ctype.h>

static void check_words(const struct axis *axis, const struct value *value)
{
	assert_true(value->name && *value->name);
	for (const char *c = value->name; *c; c++)
		if (!islower((unsigned char)*c) && !isdigit((unsigned char)*c) && *c != '_')
			fail_msg("%s: '%s' holds a '%c'", axis->name, value->name, *c);
	assert_true(value->summary && strlen(value->summary) >= 10);
	assert_true(strlen(value->summary) <= 130);
	assert_true(value->source && *value->source);
	assert_true(value->summary[strlen(value->summary) - 1] != '.');
	if (value->parameter) {
		assert_true(value->least < value->most);
		assert_true(value->standard <= value->most);
	} else {
		assert_false(value->needs_parameter);
	}
	assert_false(value->takes_patterns && value->parameter);
	assert_true(!value->pair || (value->needs_parameter && value->standard < 1));
	assert_true(value_stands_alone(value) ==
		    (!value->needs_parameter && !value->takes_patterns));
}

static void rows(void **state)
{
	(void)state;
	for (const struct axis *axis = axes; axis->name; axis++) {
		assert_true(axis->summary && *axis->summary);
		assert_non_null(*axis->values);
		assert_ptr_equal(axis_find(axis->name), axis);
		for (const struct value *const *v = axis->values; *v; v++) {
			check_words(axis, *v);
			/* names are unique, so a lookup gives this row */
			assert_ptr_equal(value_find(axis->values, (*v)->name), *v);
			assert_string_equal(value_nearest(axis->values, (*v)->name), (*v)->name);
		}
	}
}

static void unknown(void **state)
{
	(void)state;
	assert_null(axis_find("schemes"));
	assert_null(value_find(scheme_values, "Symmetric"));
	assert_string_equal(value_nearest(scheme_values, "asymetric"), "asymmetric");
	assert_string_equal(value_nearest(calibration_values, "percentil"), "percentile");
	assert_null(value_nearest(calibration_values, "something else"));
}

/* What stored results and configs name is there, in the order that `list` shows; more may stand
 * between. */
static void values(void **state)
{
	static const struct { const char *axis, *names; } expected[] = {
		{ "format", "int float " },
		{ "scheme", "symmetric symmetric_restricted symmetric_full symmetric_unsigned "
			    "asymmetric " },
		{ "scale", "real power_of_two " },
		{ "granularity", "tensor channel group " },
		{ "calibration", "minmax percentile mse entropy " },
		{ "range", "static dynamic " },
		{ "rounding", "half_even half_away " },
		{ "requantization", "float q31_double q31_single q31_ties_up rndnu shift " },
		{ "policy", "all skip_first_last skip_smaller_than skip_residual skip only " },
		{ "recovery", "none " },
		{ "op", "gemm quantize dequantize " },
		{ "measure", "error throughput " },
		{ "cache", "warm " },
		{ "isa", "ref avx2 avxvnni avx512bw avx512vnni neon neondot " },
	};

	(void)state;
	for (size_t i = 0; i < sizeof expected / sizeof *expected; i++) {
		const struct axis *axis = axis_find(expected[i].axis);
		const struct value *const *v;
		char names[256], *name;

		assert_non_null(axis);
		v = axis->values;
		strcpy(names, expected[i].names);
		for (name = strtok(names, " "); name; name = strtok(NULL, " ")) {
			while (*v && strcmp((*v)->name, name))
				v++;
			if (!*v)
				fail_msg("%s: '%s' is not there, or not in its place",
					 expected[i].axis, name);
		}
	}
}

static uint64_t features(const char *isa)
{
	return ((const struct isa *)value_find(isa_values, isa))->features;
}

static void isa_subsets(void **state)
{
	static const char *const pairs[][2] = {
		{ "ref", "avx2" }, { "avx2", "avxvnni" }, { "avx2", "avx512bw" },
		{ "avx512bw", "avx512vnni" }, { "ref", "neon" }, { "neon", "neondot" },
	};

	(void)state;
	assert_int_equal(features("ref"), 0);
	for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++) {
		assert_int_equal(features(pairs[i][0]) & ~features(pairs[i][1]), 0);
		assert_true(features(pairs[i][0]) != features(pairs[i][1]));
	}
	assert_true(features("avx512vnni") & QS_CPU_AVX512VNNI);
	assert_false(features("avx512vnni") & QS_CPU_AVXVNNI);
	assert_false(features("avx512vnni") & (QS_CPU_NEON | QS_CPU_NEONDOT));
}

/* Each mode of kernels/kernel.h has one name; a skip for scales comes with the shift alone. */
static void requantizations(void **state)
{
	static const char *const names[QS_REQUANTIZE_RULES] = {
		[QS_REQUANTIZE_FLOAT] = "float",
		[QS_REQUANTIZE_Q31_DOUBLE] = "q31_double",
		[QS_REQUANTIZE_Q31_SINGLE] = "q31_single",
		[QS_REQUANTIZE_Q31_TIES_UP] = "q31_ties_up",
		[QS_REQUANTIZE_RNDNU] = "rndnu",
		[QS_REQUANTIZE_SHIFT] = "shift",
	};
	int count = 0;

	(void)state;
	for (const struct value *const *v = requantization_values; *v; v++, count++) {
		const struct requantization *r = (const struct requantization *)*v;

		assert_string_equal((*v)->name, names[requantization_mode(*v)]);
		assert_true(r->needs_power_of_two == (r->mode == QS_REQUANTIZE_SHIFT));
	}
	assert_int_equal(count, QS_REQUANTIZE_RULES);
	assert_int_equal(requantization_mode(NULL), QS_REQUANTIZE_FLOAT);
}

static void policies(void **state)
{
	static const struct policy_layer first = { .name = "conv1", .first = true, .weighted = true,
						   .weight_bytes = 4096 };
	static const struct policy_layer last = { .name = "fc/2", .last = true, .weighted = true,
						  .weight_bytes = 40960 };
	static const struct policy_layer middle = { .name = "conv12", .weighted = true,
						    .weight_bytes = 4095 };
	static const struct policy_layer sum = { .name = "add;1", .residual = true };
	static const struct policy_layer pool = { .name = "pool" };
	static const struct policy_layer *const layers[] = { &first, &last, &middle, &sum, &pool };
	static const struct {
		const char *policy, *patterns;
		double parameter;
		const char *spared;      /* of each layer, 1: stays in float              */
	} cases[] = {
		{ "all", NULL, 0, "00000" },
		{ "skip_first_last", NULL, 0, "11000" },
		{ "skip_smaller_than", NULL, 1, "00000" },
		{ "skip_smaller_than", NULL, 4096, "00100" },
		{ "skip_smaller_than", NULL, 4097, "10100" },
		{ "skip_smaller_than", NULL, 1e9, "11100" },
		{ "skip_residual", NULL, 0, "00010" },
		{ "skip", "conv1", 0, "10000" },
		{ "skip", "conv*", 0, "10100" },
		{ "skip", "*2;conv1", 0, "11100" },
		{ "skip", "Conv1;con", 0, "00000" },
		{ "skip", "add?1", 0, "00010" },
		{ "skip", "[!a]*", 0, "11101" },
		{ "only", "conv1", 0, "01111" },
		{ "only", "conv1;f?/2", 0, "00111" },
		{ "only", "*", 0, "00000" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
		for (size_t j = 0; j < sizeof layers / sizeof *layers; j++) {
			const struct policy *policy =
				policy_of(value_find(policy_values, cases[i].policy));

			if (policy->spares(layers[j], cases[i].parameter, cases[i].patterns) !=
			    (cases[i].spared[j] == '1'))
				fail_msg("%s(%s) and %s", cases[i].policy,
					 cases[i].patterns ? cases[i].patterns : "",
					 layers[j]->name);
		}
}

static void patterns(void **state)
{
	char one[PATTERNS_MOST + 1];
	const char *rest = patterns_next("a*;b c;d", one);

	(void)state;
	assert_string_equal(one, "a*");
	rest = patterns_next(rest, one);
	assert_string_equal(one, "b c");
	assert_null(patterns_next(rest, one));
	assert_string_equal(one, "d");
	assert_true(patterns_match("x;a/**", "a/b/c"));
	assert_true(patterns_match("a*c", "a/b/c"));
	assert_false(patterns_match("x;y", "x;y"));
	assert_false(patterns_match(NULL, "x"));
}

static void printed(void **state)
{
	char *text = NULL;
	size_t size = 0;
	FILE *out = open_memstream(&text, &size);

	(void)state;
	axis_print(out, axis_find("calibration"));
	axis_print(out, axis_find("granularity"));
	axis_print(out, axis_find("policy"));
	fclose(out);
	for (const struct value *const *v = calibration_values; *v; v++) {
		assert_non_null(strstr(text, (*v)->name));
		assert_non_null(strstr(text, (*v)->summary));
		assert_non_null(strstr(text, (*v)->source));
	}
	assert_non_null(strstr(text, "{\"percentile\": P}, 50 to 100; 99.99 where left out\n"));
	assert_non_null(strstr(text, "{\"fixed\": [LOW, HIGH]}, two numbers, the lower one first, "
				     "-1e+15 to 1e+15; has to be given\n"));
	assert_non_null(strstr(text, "{\"group\": N}, a whole number, 1 to 2147483648; has to "
				     "be given\n"));
	assert_non_null(strstr(text, "{\"skip_smaller_than\": BYTES}, a whole number, 1 to "
				     "1073741824; has to be given\n"));
	assert_non_null(strstr(text, "{\"only\": [\"GLOB\", ...]}, at least one; a ';' in a name is "
				     "written ?\n"));
	assert_non_null(strstr(text, "{\"channel\": AXIS}, a whole number, 0 to 7\n"));
	free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(rows), cmocka_unit_test(unknown), cmocka_unit_test(values),
		cmocka_unit_test(isa_subsets), cmocka_unit_test(requantizations),
		cmocka_unit_test(policies), cmocka_unit_test(patterns), cmocka_unit_test(printed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

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
		{ "requantization", "float " },
		{ "policy", "all " },
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

static void printed(void **state)
{
	char *text = NULL;
	size_t size = 0;
	FILE *out = open_memstream(&text, &size);

	(void)state;
	axis_print(out, axis_find("calibration"));
	axis_print(out, axis_find("granularity"));
	fclose(out);
	for (const struct value *const *v = calibration_values; *v; v++) {
		assert_non_null(strstr(text, (*v)->name));
		assert_non_null(strstr(text, (*v)->summary));
		assert_non_null(strstr(text, (*v)->source));
	}
	assert_non_null(strstr(text, "{\"percentile\": P}, 50 to 100; 99.99 where left out\n"));
	assert_non_null(strstr(text, "{\"group\": N}, a whole number, 1 to 2147483648; always "
				     "written\n"));
	assert_non_null(strstr(text, "{\"channel\": AXIS}, a whole number, 0 to 7\n"));
	free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(rows), cmocka_unit_test(unknown), cmocka_unit_test(values),
		cmocka_unit_test(isa_subsets), cmocka_unit_test(printed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

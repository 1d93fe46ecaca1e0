/* SPDX-License-Identifier: MIT
 *
 * The transcendental functions: within 1 unit in the last place of 50-digit arithmetic, exact where
 * they must be, and the same bits from every compiler.
 */
#include "support.h"

#include "../harness/fixed_math.h"
#include "../harness/hash.h"
#include "../harness/random.h"

#include <math.h>

static const struct function {
	const char *name;
	double (*of)(double);
	double low, high;
	/* XXH3 of 20,000 results over [low, high], by gcc 12 and clang 14 of Debian 12: a guard
	 * against change alone */
	const char *pinned;
} functions[] = {
	{ "exp", fixed_exp, -700, 700, "ec9ceeb1c01544e65387af4ab655c387" },
	{ "log", fixed_log, 1e-6, 1e6, "0ae6a5360aaf22140e37de091e864f40" },
	{ "log2", fixed_log2, 1e-6, 1e6, "fb19ba51d50783d8756000cc62622a2f" },
	{ "log10", fixed_log10, 1e-6, 1e6, "07a47162f31402952b59c679f0a21365" },
	{ "sin", fixed_sin, -10, 10, "e8de55c395bbddda63ae0f2e65505e9f" },
	{ "cos", fixed_cos, -10, 10, "b779b3ddbe4e830da39dc5ebe00b40a3" },
	{ "tanh", fixed_tanh, -20, 20, "7319db0a2144c0e710fdea6ae17f9e89" },
};
enum { FUNCTIONS = sizeof functions / sizeof *functions };

static double ulp(double x)
{
	return nextafter(fabs(x), INFINITY) - fabs(x);
}

/* Truth: tests/golden/make/fixed_math.py. */
static void within_one_ulp(void **state)
{
	char path[1200], line[200], name[20], argument[60], value[60];
	int lines = 0;
	FILE *golden;

	(void)state;
	snprintf(path, sizeof path, "%s/tests/golden/fixed_math.csv", source_dir());
	golden = fopen(path, "r");
	assert_non_null(golden);
	while (fgets(line, sizeof line, golden)) {
		if (sscanf(line, "%19[^,],%59[^,],%59s", name, argument, value) != 3)
			continue;
		for (int f = 0; f < FUNCTIONS; f++) {
			const double want = strtod(value, NULL);

			if (strcmp(name, functions[f].name))
				continue;
			lines++;
			if (!(fabs(functions[f].of(strtod(argument, NULL)) - want) <= ulp(want)))
				fail_msg("%s", line);
		}
	}
	fclose(golden);
	assert_int_equal(lines, 25 * FUNCTIONS);
}

static void special_values(void **state)
{
	(void)state;
	assert_true(fixed_exp(0) == 1 && fixed_log(1) == 0 && fixed_cos(0) == 1);
	assert_true(fixed_sin(0) == 0 && fixed_log2(1024) == 10 && fixed_log10(1) == 0);
	assert_true(fixed_tanh(0) == 0 && fixed_tanh(INFINITY) == 1 && fixed_tanh(-30) == -1);
	assert_true(fixed_exp(-INFINITY) == 0 && isinf(fixed_exp(INFINITY)));
	assert_true(fixed_log(0) == -INFINITY && isnan(fixed_log(-1)) && isnan(fixed_exp(NAN)));
}

static void bits_are_pinned(void **state)
{
	enum { N = 20000 };
	static double results[N];
	char key[KEY_SIZE];
	int wrong = 0;

	(void)state;
	for (int f = 0; f < FUNCTIONS; f++) {
		const struct function *function = &functions[f];

		for (uint64_t i = 0; i < N; i++)
			results[i] = function->of(function->low + (function->high - function->low) *
									  random_uniform(1, 0, i));
		hash_bytes(key, results, sizeof results);
		if (strcmp(key, function->pinned)) {
			print_message("%s: the bits' key is %s\n", function->name, key);
			wrong++;
		}
	}
	assert_int_equal(wrong, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(within_one_ulp),
		cmocka_unit_test(special_values),
		cmocka_unit_test(bits_are_pinned),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

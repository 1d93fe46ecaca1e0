/* SPDX-License-Identifier: MIT
 *
 * Every generator: its values against a second implementation, its moments against theory, its
 * promises over the table, its bits pinned.
 */
#include "support.h"

#include "../datasets/layout.h"
#include "../datasets/statistics.h"
#include "../datasets/synthetic/generator.h"

#include <math.h>

enum { ROWS = 256, COLUMNS = 1024, N = ROWS * COLUMNS };

static float values[N];

static const struct generator *generator(const char *name)
{
	const struct value *value = value_find(synthetic_values, name);

	assert_non_null(value);
	return (const struct generator *)value;
}

/* Truth: tests/golden/make/synthetic.py; one rounding of float32 apart at most. */
static void values_against_python(void **state)
{
	char path[1200], line[200], name[40];
	unsigned long long seed;
	long rows, columns, index;
	float want;
	int lines = 0;
	FILE *golden;

	(void)state;
	snprintf(path, sizeof path, "%s/tests/golden/synthetic.csv", source_dir());
	golden = fopen(path, "r");
	assert_non_null(golden);
	while (fgets(line, sizeof line, golden)) {
		if (sscanf(line, "%39[^,],%llu,%ld,%ld,%ld,%g", name, &seed, &rows, &columns,
			   &index, &want) != 6)
			continue;
		generator(name)->fill(values, rows, columns, seed);
		if (!(fabsf(values[index] - want) <=
		      nextafterf(fabsf(want), INFINITY) - fabsf(want)))
			fail_msg("%s found %.9g", line, (double)values[index]);
		lines++;
	}
	fclose(golden);
	assert_int_equal(lines, 11 * 10);
}

/* An error of a mean is sqrt(variance / n), of a variance sqrt((fourth - variance^2) / n): 5 times
 * that is the bound.  Moments of SiLU(2 z) by numerical integration (numpy 2.4.6, 2.4 million
 * points over +-12). */
static void moments_against_theory(void **state)
{
	static const struct {
		const char *name;
		double mean, variance, fourth; /* central; fourth 0: it does not exist */
	} theory[] = {
		{ "gaussian", 0, 1, 3 },
		{ "laplace", 0, 2, 24 },
		{ "student_t", 0, 2, 0 },
		{ "uniform", 0, 1.0 / 3, 1.0 / 5 },
		{ "relu", 0.3989422804014327, 0.5 - 0.15915494309189535, 0.628234 },
		{ "skewed", 0.605705510, 1.391010702, 11.387428 },
		{ "sparse", 0, 0.1, 0.3 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof theory / sizeof *theory; i++) {
		const double variance = theory[i].variance;
		const struct tensor tensor = { .rows = ROWS, .columns = COLUMNS, .values = values };

		generator(theory[i].name)->fill(values, ROWS, COLUMNS, 1);
		const struct statistics s = tensor_statistics(&tensor);

		if (fabs(s.mean - theory[i].mean) > 5 * sqrt(variance / N))
			fail_msg("%s: mean %g", theory[i].name, s.mean);
		if (theory[i].fourth > 0 &&
		    fabs(s.deviation * s.deviation - variance) >
			    5 * sqrt((theory[i].fourth - variance * variance) / N))
			fail_msg("%s: variance %g", theory[i].name, s.deviation * s.deviation);
	}
}

static double share_of_zeros(void)
{
	int64_t zeros = 0;

	for (int64_t i = 0; i < N; i++)
		zeros += values[i] == 0;
	return (double)zeros / N;
}

static void tails_and_zeros(void **state)
{
	double sum = 0;

	(void)state;
	/* Student's t, 4 degrees of freedom: mean |x| = 1, variance of |x| = 2 - 1 */
	generator("student_t")->fill(values, ROWS, COLUMNS, 1);
	for (int64_t i = 0; i < N; i++)
		sum += fabs((double)values[i]);
	assert_true(fabs(sum / N - 1) < 5 * sqrt(1.0 / N));
	/* its 0.975 quantile is 2.776445 (any table of the distribution) */
	sum = 0;
	for (int64_t i = 0; i < N; i++)
		sum += values[i] > 2.776445f;
	assert_true(fabs(sum / N - 0.025) < 5 * sqrt(0.025 * 0.975 / N));
	generator("relu")->fill(values, ROWS, COLUMNS, 1);
	assert_true(fabs(share_of_zeros() - 0.5) < 5 * sqrt(0.25 / N));
	generator("sparse")->fill(values, ROWS, COLUMNS, 1);
	assert_true(fabs(share_of_zeros() - 0.9) < 5 * sqrt(0.09 / N));
	generator("skewed")->fill(values, ROWS, COLUMNS, 1);
	for (int64_t i = 0; i < N; i++) /* the least of x / (1 + exp(-x)) */
		assert_true(values[i] >= -0.27846455f);
}

static double row_rms(int64_t row, int64_t columns)
{
	double sum = 0;

	for (int64_t i = row * columns; i < (row + 1) * columns; i++)
		sum += (double)values[i] * (double)values[i];
	return sqrt(sum / (double)columns);
}

/* 1 % of the rows, rounded up, 20 to 60 times as loud: for every number of rows. */
static void outliers_are_loud(void **state)
{
	enum { WIDE = 256 }; /* the error of a row's rms is 1 / sqrt(2 * 256) = 4.4 %  */

	(void)state;
	for (int64_t rows = 1; rows <= 301; rows += rows < 4 ? 1 : 33) {
		int64_t loud = 0;

		generator("outliers")->fill(values, rows, WIDE, (uint64_t)rows);
		for (int64_t row = 0; row < rows; row++) {
			const double rms = row_rms(row, WIDE);

			loud += rms > 5;
			assert_true(rms > 5 ? rms > 20 * 0.75 && rms < 60 * 1.25
					    : rms > 0.75 && rms < 1.25);
		}
		assert_int_equal(loud, (rows + 99) / 100);
	}
}

static void channels_spread(void **state)
{
	enum { TALL = 4096, WIDE = 64 };
	double sum = 0, least = INFINITY, most = 0;

	(void)state;
	generator("channel_spread")->fill(values, TALL, WIDE, 1);
	for (int64_t row = 0; row < TALL; row++) {
		const double rms = row_rms(row, WIDE);

		sum += log(rms);
		least = rms < least ? rms : least;
		most = rms > most ? rms : most;
	}
	/* mean log scale -ln(100)/2, less 1/(2 * 64) for the log of a mean square; deviation of a
	 * row's log: ln(100)/sqrt(12) and 1/sqrt(128) */
	const double deviation = sqrt(log(100) * log(100) / 12 + 1.0 / 128);

	assert_true(fabs(sum / TALL + log(100) / 2 + 1.0 / 128) < 5 * deviation / sqrt(TALL));
	assert_true(least > 0.01 * 0.6 && least < 0.011 && most > 0.95 && most < 1.4);
}

/* What every row of the table promises. */
static void promises(void **state)
{
	static float again[N];
	int count = 0;

	(void)state;
	for (const struct value *const *value = synthetic_values; *value; value++, count++) {
		const struct generator *g = (const struct generator *)*value;
		const bool still = !g->stream;
		bool negative = false;

		assert_true(strlen(g->value.summary) > 5 && strlen(g->value.source) > 5);
		g->fill(values, ROWS, COLUMNS, 5);
		g->fill(again, ROWS, COLUMNS, 5);
		assert_memory_equal(values, again, sizeof values);
		for (int64_t i = 0; i < N; i++) {
			assert_true(isfinite(values[i]));
			negative |= values[i] < 0;
		}
		assert_int_equal(g->one_sided, !negative);
		g->fill(again, ROWS, COLUMNS, 6);
		assert_int_equal(memcmp(values, again, sizeof values) == 0, still);
		/* a vector and a scalar too */
		g->fill(again, 1, 7, 5);
		g->fill(again, 1, 1, 5);
		assert_true(isfinite(*again));
	}
	assert_true(count >= 11);
}

/* No two generators share numbers: the values of one say nothing of another's. */
static void generators_are_independent(void **state)
{
	static float other[N];

	(void)state;
	for (const struct value *const *a = synthetic_values; *a; a++)
		for (const struct value *const *b = synthetic_values; b < a; b++) {
			const uint64_t stream = ((const struct generator *)*a)->stream;

			assert_int_equal(stream % 16, 0);
			assert_true(!stream || stream != ((const struct generator *)*b)->stream);
			struct tensor x = { .rows = 64, .columns = 64, .values = values };
			struct tensor y = { .rows = 64, .columns = 64, .values = other };
			double product = 0;

			((const struct generator *)*a)->fill(values, 64, 64, 1);
			((const struct generator *)*b)->fill(other, 64, 64, 1);
			const struct statistics s = tensor_statistics(&x),
						t = tensor_statistics(&y);

			if (!s.varied || !t.varied)
				continue;
			for (int i = 0; i < 4096; i++)
				product +=
					((double)values[i] - s.mean) * ((double)other[i] - t.mean);
			assert_true(fabs(product / 4096 / s.deviation / t.deviation) < 5.0 / 64);
		}
}

/* The bits of [64][64] with seed 1: whoever changes one raises GENERATOR_VERSION too. */
static void bits_are_pinned(void **state)
{
	static const struct {
		const char *name, *key;
	} pinned[] = {
		{ "gaussian", "ffaa054a73c4e123dacb5559373b9e44" },
		{ "laplace", "9108b1d434dd3d19affb48a11041f51d" },
		{ "student_t", "7b606b0218209c1df68d5fb518c647da" },
		{ "uniform", "27076b19acc253fbfbc95a09b486ded4" },
		{ "relu", "065550a54b8e7b44cb8dde67c625792e" },
		{ "outliers", "fb3c039cf094542cb090def29ca8785b" },
		{ "channel_spread", "fc5913cb0153167552c851d8507c7f05" },
		{ "skewed", "9abdb3042801af2b84082968515a3207" },
		{ "sparse", "e61ebdc5bd18dc63058a45d11da5fe18" },
		{ "constant", "2111a235cadc893f07f029673ddff304" },
		{ "zero", "a21d459c03bf6c99b7ce04b81707a4d0" },
	};
	char key[KEY_SIZE];
	int wrong = GENERATOR_VERSION != 1;

	(void)state;
	for (size_t i = 0; i < sizeof pinned / sizeof *pinned; i++) {
		generator(pinned[i].name)->fill(values, 64, 64, 1);
		hash_bytes(key, values, 64 * 64 * sizeof *values);
		if (strcmp(key, pinned[i].key)) {
			print_message("%s: the bits' key is %s\n", pinned[i].name, key);
			wrong++;
		}
	}
	assert_int_equal(wrong, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(values_against_python),
		cmocka_unit_test(moments_against_theory),
		cmocka_unit_test(tails_and_zeros),
		cmocka_unit_test(outliers_are_loud),
		cmocka_unit_test(channels_spread),
		cmocka_unit_test(promises),
		cmocka_unit_test(generators_are_independent),
		cmocka_unit_test(bits_are_pinned),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

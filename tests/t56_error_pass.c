/* SPDX-License-Identifier: MIT
 *
 * The error pass: stretches of slices of every length, chunks that end within a slice, threads; each
 * against one slice after another.
 */
#include "support.h"

#include "../harness/axes/axis.h"
#include "../harness/measure/error_pass.h"
#include "../harness/random.h"

#include <math.h>

enum { LONGEST = 3 * CHUNK_VALUES + 77, CASES = 24 };

static float values[LONGEST], back[LONGEST];
static struct pass_grid grids[CASES][STRETCH_SLICES];

static void fill(void)
{
	for (int i = 0; i < LONGEST; i++) {
		const struct random4 r = random_at(5, 6, (uint64_t)i);

		values[i] = (float)(int32_t)r.word[0] * 1e-9F * (float)(r.word[1] % 7);
	}
	for (int c = 0; c < CASES; c++)
		for (int s = 0; s < STRETCH_SLICES; s++) {
			const int bits = 2 + c % 7;

			grids[c][s].scale = ldexpf(1 + (float)(s % 9) / 16, 1 - bits + s % 3);
			grids[c][s].grid = (struct grid){ (double)grids[c][s].scale, s % 4,
							  -(1 << (bits - 1)), (1 << (bits - 1)) - 1 };
		}
}

/* Slices as long as the table says, in turn, until the values or the room are used up. */
static void part(struct stretch *stretch, const int64_t *lengths)
{
	int64_t end = 0;

	*stretch = (struct stretch){ .values = values };
	for (int i = 0; end < LONGEST && stretch->slices < STRETCH_SLICES; i++) {
		const int64_t left = LONGEST - end, length = lengths[i % 4];

		end += length < left ? length : left;
		stretch->end[stretch->slices++] = end;
	}
}

static void case_set(struct pass_case *one, int c)
{
	one->format = format_of(value_find(format_values, c ? "int" : "float"));
	one->round = c % 2 ? QS_HALF_AWAY : QS_HALF_EVEN;
	one->grids = c ? grids[c] : NULL;
	one->left_out = c == 3;
}

/* The same, one slice after another, twice. */
static void by_hand(struct pass_case *one, const struct stretch *stretch, const struct env *env,
		    const struct value_bins *bins)
{
	static const struct pass_grid none;
	struct error error;

	for (int64_t s = 0, at = 0; s < 2 * stretch->slices; at = stretch->end[s++ % stretch->slices]) {
		const int64_t slice = s % stretch->slices, from = slice ? at : 0;
		const int64_t length = stretch->end[slice] - from;
		const struct pass_grid *grid = one->grids ? &one->grids[slice] : &none;

		one->format->simulate(values + from, length, &grid->grid, grid->scale, one->round,
				      back, &one->tally);
		error_sums_add(&one->sums, values + from, back, length, (double)grid->scale);
		assert_int_equal(error_shape_add(&one->shape, env, bins, values + from, back,
						 length, &error), 0);
	}
}

static void check(const struct pass_case *found, const struct pass_case *expected,
		  const struct value_bins *bins)
{
	struct error_numbers a, b;

	assert_memory_equal(&found->tally, &expected->tally, sizeof found->tally);
	assert_memory_equal(&found->sums, &expected->sums, sizeof found->sums);
	assert_true(error_sums_numbers(&found->sums, true, "x", &a));
	assert_true(error_sums_numbers(&expected->sums, true, "x", &b));
	error_shape_numbers(&found->shape, bins, &a);
	error_shape_numbers(&expected->shape, bins, &b);
	assert_true(a.abs_error_p95 == b.abs_error_p95 && a.abs_error_p999 == b.abs_error_p999 &&
		    a.kl_divergence == b.kl_divergence);
}

static void as_slice_by_slice(void **state)
{
	static const int64_t tables[][4] = { { LONGEST, 1, 1, 1 }, { 32, 32, 32, 32 },
					     { 4096, 4095, 1, 4097 }, { 9, 1, 100, 3 },
					     { CHUNK_VALUES + 1, 5, 2 * CHUNK_VALUES, 63 } };
	struct env env = env_system();
	struct stretch stretch;
	struct error error;

	(void)state;
	fill();
	for (size_t t = 0; t < sizeof tables / sizeof *tables; t++) {
		part(&stretch, tables[t]);
		for (int threads = 1; threads < 4; threads++) {
			struct error_pass pass;

			assert_int_equal(error_pass_new(&pass, &env, threads, CASES, values,
							LONGEST, &error), 0);
			for (int c = 0; c < CASES; c++)
				case_set(&pass.cases[c], c);
			assert_int_equal(error_pass_add(&pass, &stretch, &error), 0);
			assert_int_equal(error_pass_add(&pass, &stretch, &error), 0);
			for (int c = 0; c < CASES; c++) {
				struct pass_case expected = { 0 };

				case_set(&expected, c);
				if (!expected.left_out)
					by_hand(&expected, &stretch, &env, pass.bins);
				if (expected.sums.elements)
					check(&pass.cases[c], &expected, pass.bins);
				else
					assert_int_equal(pass.cases[c].sums.elements, 0);
				error_shape_free(&expected.shape, &env);
			}
			error_pass_free(&pass);
		}
	}
}

/* Nothing measured is no error; each allocation fails once. */
static void no_memory(void **state)
{
	int done = 0;

	(void)state;
	fill();
	for (long n = 0; !done; n++) {
		struct failing failing = { 0, n };
		const struct env env = env_failing(&failing);
		struct error_pass pass;
		struct stretch stretch = { .values = values };
		struct error error;
		int failed = error_pass_new(&pass, &env, 1, 2, values, 100, &error);

		if (!failed) {
			case_set(&pass.cases[0], 1);
			case_set(&pass.cases[1], 2);
			failed = error_pass_add(&pass, &stretch, &error);
			assert_int_equal(failed, 0);
			stretch.end[stretch.slices++] = 100;
			failed = error_pass_add(&pass, &stretch, &error);
		}
		done = !failed;
		error_pass_free(&pass);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(as_slice_by_slice),
		cmocka_unit_test(no_memory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: MIT
 *
 * Bins: the same bytes in any order, sums against integers of 128 bits, odd values, ranks looked at
 * closely against sorted ones, and how little rules lose on them.
 */
#include "support.h"

#include "../harness/calibrate/bins.h"
#include "../harness/calibrate/calibrate.h"
#include "../harness/calibrate/float_key.h"
#include "../harness/parallel.h"
#include "../harness/random.h"

#include <float.h>
#include <math.h>

__extension__ typedef __int128 wide;

enum { COUNT = 1 << 16, PARTS = 7 };
#define ROOM_FOR COUNT
#include "slice_room.h"

static float x[COUNT];

/* Every kind of finite float: any bits but those of exponent 255, and zeros of both signs. */
static void draw_hostile(void)
{
	for (int i = 0; i < COUNT; i++) {
		uint32_t bits = random_at(1, 2, (uint64_t)i).word[0];

		if ((bits >> 23 & 255) == 255)
			bits &= 0x807fffffU;
		if (i % 11 == 0)
			bits &= 0x80000000U;
		if (i % 13 == 0)
			bits &= 0x80000fffU;
		memcpy(&x[i], &bits, sizeof bits);
	}
	x[5] = FLT_MAX;
	x[6] = -FLT_MAX;
	x[7] = -FLT_TRUE_MIN;
}

/* Multiples of 2^-30 below 2^8 in magnitude, as Gauss has them: their sums fit into 128 bits. */
static void draw_bell(void)
{
	for (int i = 0; i < COUNT; i++)
		x[i] = (float)ldexp(rint(ldexp(random_normal(3, 4, (uint64_t)i) * 3, 30)), -30);
	x[9] = 0;
	x[10] = -0.0F;
}

static void add(struct bins *bins, const float *from, int64_t count)
{
	struct error error;

	assert_int_equal(bins_add(bins, from, count, &error), 0);
}

static void assert_same(const struct bins *a, const struct bins *b)
{
	assert_int_equal(a->count, b->count);
	assert_int_equal(a->least, b->least);
	assert_int_equal(a->greatest, b->greatest);
	assert_memory_equal(a->zeros, b->zeros, sizeof a->zeros);
	for (int i = 0; i < OCTAVES; i++) {
		assert_int_equal(!a->octave[i], !b->octave[i]);
		if (a->octave[i])
			assert_memory_equal(a->octave[i], b->octave[i], BINS_OCTAVE_BYTES);
	}
}

static int fill_part(void *self, size_t piece, int thread, struct error *error)
{
	struct bins *parts = self;
	const int64_t first = COUNT * (int64_t)piece / PARTS;

	(void)thread;
	return bins_add(&parts[piece], x + first, COUNT * (int64_t)(piece + 1) / PARTS - first,
			error);
}

static void test_any_order(void **state)
{
	struct bins whole = { .env = &env }, one = { .env = &env }, merged = { .env = &env };
	struct bins parts[PARTS];
	struct error error;

	(void)state;
	draw_hostile();
	add(&whole, x, COUNT);
	/* backwards, one by one */
	for (int i = COUNT; i-- > 0;)
		add(&one, x + i, 1);
	assert_same(&whole, &one);
	for (int jobs = 1; jobs <= 3; jobs += 2) {
		for (int i = 0; i < PARTS; i++)
			parts[i] = (struct bins){ .env = &env };
		assert_int_equal(parallel_for(&env, jobs, PARTS, fill_part, parts, &error), 0);
		for (int i = 0; i < PARTS; i++)
			assert_int_equal(bins_merge(&merged, &parts[i * 3 % PARTS], &error), 0);
		assert_same(&whole, &merged);
		for (int i = 0; i < PARTS; i++)
			bins_free(&parts[i]);
		bins_free(&merged);
	}
	bins_free(&whole);
	bins_free(&one);
}

static struct slice slice_of_bins(struct bins_room *room_of, const struct bins *bins,
				  const struct closer *closer)
{
	struct slice slice;
	struct error error;

	assert_int_equal(bins_slice(&slice, room_of, bins, closer, &error), 0);
	assert_true(slice.points >= 1 && slice.every == 1 && slice.through[0] == 0);
	assert_int_equal(slice.through[slice.points], slice.count);
	for (int64_t i = 0; i < slice.points; i++) {
		assert_true(i == 0 || float_key(slice.point[i - 1]) < float_key(slice.point[i]));
		assert_true(slice.through[i] < slice.through[i + 1]);
		assert_true(i % SUM_EVERY || slice.head[i / SUM_EVERY] == slice.point[i]);
	}
	return slice;
}

/* The points of a bin are the mean of its values, the prefixes their sums. */
static void test_exact_sums(void **state)
{
	struct bins bins = { .env = &env };
	struct bins_room bins_room = { .env = &env };
	wide sum = 0, squares = 0;
	int64_t at = 0;

	(void)state;
	draw_bell();
	add(&bins, x, COUNT);
	const struct slice binned = slice_of_bins(&bins_room, &bins, NULL);
	const struct slice sorted = slice_of(&room, x, COUNT);

	assert_true(binned.points < COUNT * 3 / 4);
	assert_true(binned.least == sorted.least && binned.greatest == sorted.greatest);
	assert_int_equal(slice_nonzero(&binned), COUNT - 2);
	for (int64_t i = 0; i < binned.points; i++) {
		const struct prefix *prefix = &binned.prefix[i + 1];
		const int64_t first = at;
		wide own = 0;

		for (; at < binned.through[i + 1]; at++) {
			const wide whole = (wide)ldexp((double)sorted.point[at], 30);

			own += whole;
			squares += whole * whole;
			assert_true(at == first || float_key(sorted.point[at]) >> BIN_LOW_BITS ==
							   float_key(sorted.point[first]) >>
								   BIN_LOW_BITS);
		}
		sum += own;
		assert_true((wide)ldexp(prefix->sum, 30) + (wide)ldexp(prefix->sum_rest, 30) ==
			    sum);
		assert_true((wide)ldexp(prefix->squares, 60) +
				    (wide)ldexp(prefix->squares_rest, 60) ==
			    squares);
		const double mean = ldexp((double)own, -30) / (double)(at - first);
		assert_true(fabs((double)binned.point[i] - mean) <=
			    (double)(nextafterf(fabsf(binned.point[i]), INFINITY) -
				     fabsf(binned.point[i])) * 0.5000001);
	}
	assert_int_equal(at, COUNT);
	bins_room_free(&bins_room);
	bins_free(&bins);
}

static const struct group {
	const char *what;
	float values[6];
	int64_t count, points;
	float first;            /* point */
} groups[] = {
	{ "one zero", { 0 }, 1, 1, 0 },
	{ "both zeros and what shares their bins",
	  { FLT_TRUE_MIN, 0, -0.0F, -FLT_TRUE_MIN, 3 * FLT_TRUE_MIN, 0 }, 6, 4, -FLT_TRUE_MIN },
	{ "equal ones", { 1.1F, 1.1F, 1.1F, 1.1F, 1.1F, 1.1F }, 6, 1, 1.1F },
	{ "equal ones below 0", { -1.1F, -1.1F, -1.1F }, 3, 1, -1.1F },
	{ "the ends", { -FLT_MAX, FLT_MAX, FLT_MAX }, 3, 2, -FLT_MAX },
	/* 1 and 1 + 2^-23: the mean's tie goes to the even one */
	{ "a tie down", { 0x1p0F, 0x1.000002p0F }, 2, 1, 0x1p0F },
	{ "a tie up", { -0x1.000002p0F, -0x1.000004p0F }, 2, 1, -0x1.000004p0F },
	{ "the greatest of a bin", { 0x1.001ffep0F, 0x1.001ffep0F }, 2, 1, 0x1.001ffep0F },
	/* 4,095 floats apart: the mean's tie, 2,047.5 of them, goes to the even one */
	{ "a bin's ends", { 0x1p0F, 0x1.001ffep0F }, 2, 1, 0x1.001p0F },
	{ "a bin and the next", { 0x1.001ffep0F, 0x1.002p0F }, 2, 2, 0x1.001ffep0F },
	{ "denormals of one bin", { 0x1p-149F, 0x3p-149F, 0x5p-149F }, 3, 1, 0x3p-149F },
};

static void test_odd_values(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof groups / sizeof *groups; i++) {
		const struct group *group = &groups[i];
		struct bins bins = { .env = &env };
		struct bins_room bins_room = { .env = &env };

		add(&bins, group->values, group->count);
		const struct slice slice = slice_of_bins(&bins_room, &bins, NULL);

		if (slice.points != group->points || slice.point[0] != group->first)
			fail_msg("%s: %lld points from %a", group->what, (long long)slice.points,
				 (double)slice.point[0]);
		bins_room_free(&bins_room);
		bins_free(&bins);
	}
}

/* The most values that are taken, all the greatest float of the bin of the largest low bits. */
static void test_fullest_bin(void **state)
{
	struct bins bins = { .env = &env };
	struct bins_room bins_room = { .env = &env };
	struct error error;
	const float value = 0x1.fffffep0F;
	const uint32_t key = float_key(value);
	const uint64_t most = (uint64_t)BINS_VALUES_MOST, low = BIN_FLOATS - 1;

	(void)state;
	add(&bins, &value, 1);
	bins.octave[key >> OCTAVE_BITS][key >> BIN_LOW_BITS & (OCTAVE_BINS - 1)] =
		(struct bin){ most - 1, low * (most - 1), low * low * (most - 1) };
	bins.count = BINS_VALUES_MOST - 1;
	add(&bins, &value, 1);
	assert_int_equal(bins_add(&bins, &value, 1, &error), -1);
	assert_non_null(strstr(error.text, "more than 2^38 values"));
	assert_int_equal(bins_merge(&bins, &bins, &error), -1);
	const struct slice slice = slice_of_bins(&bins_room, &bins, NULL);
	const wide whole = 0xffffff, squares = whole * whole * (wide)most;

	assert_true(slice.point[0] == value && slice.count == BINS_VALUES_MOST);
	assert_true((wide)ldexp(slice.prefix[1].sum, 23) + (wide)ldexp(slice.prefix[1].sum_rest, 23)
		    == whole * (wide)most);
	assert_true((wide)ldexp(slice.prefix[1].squares, 46) +
			    (wide)ldexp(slice.prefix[1].squares_rest, 46) == squares);
	bins_room_free(&bins_room);
	bins_free(&bins);
}

/* Ranks and magnitudes of ranks, once the bins that hold them were looked at. */
static void check_ranks(const struct bins *bins)
{
	enum { STEP = COUNT / 61 };
	struct bins_room bins_room = { .env = &env };
	struct closer closer = { .env = &env };
	struct error error;
	const struct slice rough = slice_of_bins(&bins_room, bins, NULL);

	for (int64_t rank = 1; rank <= COUNT; rank += STEP) {
		const double value = (double)slice_value_of_rank(&rough, rank);
		const double magnitude = (double)slice_magnitude_of_rank(&rough, rank);

		assert_int_equal(closer_ask(&closer, bins, value, &error), 0);
		assert_int_equal(closer_ask(&closer, bins, magnitude, &error), 0);
	}
	/* in two parts: the order does not matter */
	closer_add(&closer, x + COUNT / 3, COUNT - COUNT / 3);
	closer_add(&closer, x, COUNT / 3);
	const struct slice fine = slice_of_bins(&bins_room, bins, &closer);
	const struct slice sorted = slice_of(&room, x, COUNT);

	assert_int_equal(fine.count, COUNT);
	assert_int_equal(slice_nonzero(&fine), slice_nonzero(&sorted));
	for (int64_t rank = 1; rank <= COUNT; rank += STEP) {
		assert_true(slice_value_of_rank(&fine, rank) ==
			    slice_value_of_rank(&sorted, rank));
		assert_true(slice_magnitude_of_rank(&fine, rank) ==
			    slice_magnitude_of_rank(&sorted, rank));
	}
	bins_room_free(&bins_room);
	closer_free(&closer);
}

static void test_ranks(void **state)
{
	struct bins bins = { .env = &env };

	(void)state;
	draw_hostile();
	add(&bins, x, COUNT);
	check_ranks(&bins);
	bins_free(&bins);
	draw_bell();
	for (int i = 0; i < COUNT; i += 5)
		x[i] = 0;
	add(&bins, x, COUNT);
	check_ranks(&bins);
	bins_free(&bins);
}

/* An edge that cuts a bin.  Equal values stay together; of those from 1 to 1 + 2^-11 the mean is
 * 1 + 2^-12 and the deviation 0.7 * 2^-12, as of values spread from -0.22 to 2.22 of these. */
static void test_values_below(void **state)
{
	static const float values[] = { -0x1.001p0F, -0x1.001p0F, 0, 0x1p0F, 0x1.001p0F, 0x1.001p0F,
					0x1.001ffep0F, 2 };
	static const struct {
		double edge;
		int64_t below;
	} cases[] = {
		{ -2, 0 }, { -0x1.0018p0, 0 }, { -0x1.001p0, 0 }, { -0x1.0008p0, 2 }, { -1, 2 }, { 0, 2 }, { 0.5, 3 },
		{ 1, 3 }, { 0x1.0008p0, 4 }, { 0x1.001p0, 5 }, { 0x1.0018p0, 6 }, { 0x1.002p0, 7 },
		{ 1.5, 7 }, { 2, 7 }, { 3, 8 },
	};
	struct bins bins = { .env = &env };
	struct bins_room bins_room = { .env = &env };

	(void)state;
	add(&bins, values, 8);
	const struct slice slice = slice_of_bins(&bins_room, &bins, NULL);

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		const int64_t point = slice_first_from(&slice, cases[i].edge);

		if (slice_values_below(&slice, point, cases[i].edge) != cases[i].below)
			fail_msg("below %a: %lld", cases[i].edge,
				 (long long)slice_values_below(&slice, point, cases[i].edge));
	}
	const struct slice sorted = slice_of(&room, values, 8);

	assert_int_equal(slice_values_below(&sorted, slice_first_from(&sorted, 0x1.001p0), 0x1.001p0),
			 4);
	bins_room_free(&bins_room);
	bins_free(&bins);
}

static double squared_error_of(const struct calibration_task *task, struct range range)
{
	const struct grid grid = task->scheme->grid(range.low, range.high, task->bits, task->scale);
	static float back[COUNT];
	struct tally tally = { 0 };
	double sum = 0;

	format_of(value_find(format_values, "int"))->simulate(x, COUNT, &grid,
							      stored_scale(grid.scale),
							      QS_HALF_EVEN, back, &tally);
	for (int i = 0; i < COUNT; i++)
		sum += ((double)back[i] - (double)x[i]) * ((double)back[i] - (double)x[i]);
	return sum;
}

/* What a rule loses on bins against the sorted values, as a factor of the squared error. */
static void check_rule(const char *name, double most, const struct slice *binned,
		       const struct slice *sorted)
{
	const struct calibration *calibration = calibration_of(value_find(calibration_values, name));

	for (const struct value *const *scheme = scheme_values; *scheme; scheme++) {
		for (int bits = 2; bits <= 8; bits += 2) {
			struct calibration_task task = {
				.slice = sorted, .scheme = (const struct scheme *)*scheme,
				.scale = (const struct scale_rule *)value_find(scale_values, "real"),
				.bits = bits, .round = QS_HALF_EVEN,
				.parameter = calibration->value.standard,
			};

			if (task.scheme->needs_nonnegative)
				continue;
			const double exact = squared_error_of(&task, calibration->choose(&task));

			task.slice = binned;
			const double rough = squared_error_of(&task, calibration->choose(&task));

			if (rough > exact * most)
				fail_msg("%s %s %d: %g of %g", name, (*scheme)->name, bits, rough,
					 exact);
		}
	}
}

/* 0.001 dB; least divergence, whose candidates stand far apart and cost nearly the same, may take
 * another one: 1 dB. */
static void test_rules(void **state)
{
	struct bins bins = { .env = &env };
	struct bins_room bins_room = { .env = &env };

	(void)state;
	draw_bell();
	add(&bins, x, COUNT);
	const struct slice binned = slice_of_bins(&bins_room, &bins, NULL);
	const struct slice sorted = slice_of(&room, x, COUNT);

	check_rule("minmax", 1, &binned, &sorted);
	check_rule("mse", 1.00023, &binned, &sorted);
	check_rule("sigma", 1.00023, &binned, &sorted);
	check_rule("aciq_laplace", 1.00023, &binned, &sorted);
	check_rule("percentile", 1.00023, &binned, &sorted);
	check_rule("entropy", 1.259, &binned, &sorted);
	bins_room_free(&bins_room);
	bins_free(&bins);
}

static void test_no_memory(void **state)
{
	(void)state;
	draw_hostile();
	for (long fail_at = 0;; fail_at++) {
		struct failing failing = { .fail_at = fail_at };
		const struct env failing_env = env_failing(&failing);
		struct bins bins = { .env = &failing_env }, merged = { .env = &failing_env };
		struct closer closer = { .env = &failing_env };
		struct bins_room bins_room = { .env = &failing_env };
		struct slice slice;
		struct error error;
		const int failed = bins_add(&bins, x, 300, &error) ||
				   bins_merge(&merged, &bins, &error) ||
				   closer_ask(&closer, &merged, (double)x[1], &error) ||
				   bins_slice(&slice, &bins_room, &merged, &closer, &error);

		bins_room_free(&bins_room);
		closer_free(&closer);
		bins_free(&merged);
		bins_free(&bins);
		if (!failed)
			break;
		assert_int_equal(error.status, STATUS_MACHINE);
		assert_true(fail_at < 2000);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_any_order),  cmocka_unit_test(test_exact_sums),
		cmocka_unit_test(test_odd_values), cmocka_unit_test(test_fullest_bin),
		cmocka_unit_test(test_values_below), cmocka_unit_test(test_rules),
		cmocka_unit_test(test_ranks),	   cmocka_unit_test(test_no_memory),
	};

	return cmocka_run_group_tests(tests, setup_room, free_room);
}

/* SPDX-License-Identifier: MIT
 *
 * A slice against qsort, sums in long double and counting: at lengths beside those where the sort
 * and the blocks of prefix sums change.
 */
#include "support.h"

#include <float.h>
#include <math.h>

enum { MOST = 70001 };
#define ROOM_FOR MOST
#include "slice_room.h"

static float values[MOST], sorted[MOST], magnitude[MOST];

static const int64_t counts[] = { 1, 2, 3, 31, 63, 64, 65, 127, 128, 129, 1000, 65535, 65536, MOST };

static int by_value(const void *a, const void *b)
{
	const float x = *(const float *)a, y = *(const float *)b;

	return x != y ? (x > y) - (x < y) : !!signbit(y) - !!signbit(x);
}

/* Values of all sizes with zeros of both signs, denormals and FLT_MAX. */
static struct slice make(int64_t count, uint32_t seed)
{
	for (int64_t i = 0; i < count; i++) {
		const double wave = sin((double)i * 12.9898 + seed) * 43758.5453;

		values[i] = (float)ldexp(wave, (int)(i * 7 % 40) - 20);
		if (i % 11 == 3)
			values[i] = i % 2 ? 0.0F : -0.0F;
	}
	values[count / 2] = seed % 2 ? FLT_MAX : -FLT_TRUE_MIN;
	memcpy(sorted, values, (size_t)count * sizeof *values);
	qsort(sorted, (size_t)count, sizeof *sorted, by_value);
	for (int64_t i = 0; i < count; i++)
		magnitude[i] = fabsf(sorted[i]);
	qsort(magnitude, (size_t)count, sizeof *magnitude, by_value);
	return slice_of(&room, values, count);
}

static void sorts(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof counts / sizeof *counts; i++) {
		const int64_t count = counts[i];
		const struct slice slice = make(count, (uint32_t)i);
		const int64_t zeros = count - slice_nonzero(&slice);
		int64_t counted = 0;

		assert_int_equal(slice.count, count);
		assert_int_equal(slice.points, count);
		assert_memory_equal(slice.point, sorted, (size_t)count * sizeof *sorted);
		assert_true(slice.least == sorted[0] && slice.greatest == sorted[count - 1]);
		assert_true(slice_greatest_magnitude(&slice) == magnitude[count - 1]);
		for (int64_t j = 0; j < count; j++)
			counted += values[j] == 0;
		assert_int_equal(zeros, counted);
	}
}

/* The sums of some values are good to a double's digits beside a total that may be FLT_MAX^2, which
 * itself is good to 100 bits. */
static void check_sums(const struct slice *slice, int64_t first, int64_t last)
{
	const struct sums sums = slice_sums(slice, first, last);
	long double sum = 0, squares = 0, size = 0, all = 0;

	for (int64_t i = first; i < last; i++) {
		const long double x = (long double)sorted[i];

		sum += x;
		squares += x * x;
		size += fabsl(x);
	}
	assert_int_equal(sums.count, last - first);
	/* what lies between `first` and the block's begin is added and taken away again */
	for (int64_t i = first - first % SUM_EVERY; i < first; i++)
		size += fabsl((long double)sorted[i]);
	assert_true(fabsl((long double)sums.sum - sum) <= 1e-14L * size + 1e-30L * FLT_MAX);
	for (int64_t i = 0; i < slice->points; i++)
		all += (long double)sorted[i] * (long double)sorted[i];
	assert_true(fabsl((long double)sums.squares - squares) <=
		    1e-14L * (squares + (first ? size * size : 0)) + 1e-30L * all);
}

static void sums_up(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof counts / sizeof *counts; i++) {
		const int64_t count = counts[i];
		const struct slice slice = make(count, (uint32_t)(2 * i));

		for (int64_t first = 0; first < count; first += 1 + count / 9)
			for (int64_t last = first; last <= count; last += 1 + count / 7)
				check_sums(&slice, first, last);
		check_sums(&slice, 0, count);
	}
}

static void finds(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof counts / sizeof *counts; i++) {
		const int64_t count = counts[i], step = 1 + count / 50;
		const struct slice slice = make(count, (uint32_t)i);

		for (int64_t j = 0; j < count; j += step) {
			const double edge = (double)sorted[j], next = nextafter(edge, INFINITY);
			int64_t from = j, above = j;

			while (from > 0 && (double)sorted[from - 1] >= edge)
				from--;
			while (above < count && (double)sorted[above] <= edge)
				above++;
			assert_int_equal(slice_first_from(&slice, edge), from);
			assert_int_equal(slice_first_above(&slice, edge), above);
			assert_int_equal(slice_first_from(&slice, next), above);
			for (int64_t start = 0; start <= from; start += 1 + from / 5) {
				assert_int_equal(slice_next_from(&slice, start, edge), from);
				assert_int_equal(slice_next_above(&slice, start, edge), above);
			}
		}
		assert_int_equal(slice_first_from(&slice, INFINITY), count);
		assert_int_equal(slice_next_above(&slice, count, 0), count);
	}
}

static void ranks(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof counts / sizeof *counts; i++) {
		const int64_t count = counts[i], step = 1 + count / 60;
		const struct slice slice = make(count, (uint32_t)i);

		for (int64_t rank = 1; rank <= count; rank += step) {
			assert_true(slice_value_of_rank(&slice, rank) == sorted[rank - 1]);
			assert_true(slice_magnitude_of_rank(&slice, rank) == magnitude[rank - 1]);
		}
		assert_true(slice_magnitude_of_rank(&slice, count) == magnitude[count - 1]);
	}
}

/* Bins of 1, 2, 3 ... values at 1, 2, 3 ...: what is asked in points is answered in values. */
static void bins(void **state)
{
	static const float point[] = { 1, 2, 3, 4 }, head[] = { 1, INFINITY };
	static const int64_t through[] = { 0, 1, 3, 6, 10 };
	static const struct prefix prefix[] = {
		{ 0 }, { .sum = 1, .squares = 1 }, { .sum = 5, .squares = 9 },
		{ .sum = 14, .squares = 36 }, { .sum = 30, .squares = 100 },
	};
	uint64_t visits = 0;
	const struct slice slice = { .point = point, .head = head, .prefix = prefix,
				     .through = through, .points = 4, .every = 1, .count = 10,
				     .least = 1, .greatest = 4, .visits = &visits };
	const struct sums sums = slice_sums(&slice, 1, 3);

	(void)state;
	assert_true(sums.count == 5 && sums.sum == 13 && sums.squares == 35);
	assert_true(slice_value_of_rank(&slice, 3) == 2 && slice_value_of_rank(&slice, 4) == 3);
	assert_true(slice_magnitude_of_rank(&slice, 6) == 3);
	assert_true(slice_magnitude_of_rank(&slice, 7) == 4);
	assert_int_equal(slice_nonzero(&slice), 10);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sorts), cmocka_unit_test(sums_up), cmocka_unit_test(finds),
		cmocka_unit_test(ranks), cmocka_unit_test(bins),
	};

	return cmocka_run_group_tests(tests, setup_room, free_room);
}

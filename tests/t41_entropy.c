/* SPDX-License-Identifier: MIT
 *
 * entropy finds the least divergence of all its candidates: against a search of every candidate,
 * value by value, by the definition at the head of entropy.c and libm's log.  And: logarithms of
 * whole numbers, histograms.
 */
#include "support.h"

#include "../harness/calibrate/bins.h"
#include "../harness/calibrate/calibrate.h"
#include "../harness/calibrate/histogram.h"
#include "golden.h"

#include <math.h>

enum { MOST = 70000, BINS_MOST = 4096, FRACTIONS_MOST = 128 };

static struct env env;
static struct slice_room room;
static float values[MOST];

struct counted {
	double p[BINS_MOST];
	double total, base, width;
	int bins, levels;
};

static double magnitude_or(float x, bool magnitude)
{
	return magnitude ? fabs((double)x) : (double)x;
}

static void count(struct counted *counted, const float *x, int64_t n, bool magnitude)
{
	memset(counted->p, 0, sizeof counted->p);
	counted->total = 0;
	for (int64_t i = 0; i < n; i++) {
		const double value = magnitude_or(x[i], magnitude);
		int bin = 0;

		if (x[i] == 0)
			continue;
		/* the nearest guess, then the edges themselves */
		bin = (int)((value - counted->base) / counted->width);
		bin = bin < counted->bins ? bin : counted->bins - 1;
		while (bin > 0 && value < counted->base + bin * counted->width)
			bin--;
		while (bin < counted->bins - 1 &&
		       value >= counted->base + (bin + 1) * counted->width)
			bin++;
		counted->p[bin]++;
		counted->total++;
	}
}

static double divergence(const struct counted *counted, int first, int end)
{
	const int span = end - first;
	static double p[BINS_MOST];
	double sum = 0, spare = 0;

	memcpy(p, counted->p + first, (size_t)span * sizeof *p);
	for (int bin = 0; bin < first; bin++)
		p[0] += counted->p[bin];
	for (int bin = end; bin < counted->bins; bin++)
		p[span - 1] += counted->p[bin];
	for (int bin = 0; bin < span;) {
		const int begin = bin;
		double own = 0, filled = 0;

		for (; bin < span && bin * counted->levels / span == begin * counted->levels / span;
		     bin++) {
			own += counted->p[first + bin];
			filled += p[bin] > 0;
		}
		spare += filled > 1 ? filled - 1 : 0;
		for (int i = begin; i < bin; i++)
			if (p[i] > 0)
				sum += p[i] * log(p[i] / (own > 0 ? own / filled : 1));
	}
	return (sum - spare / 2) / counted->total;
}

static int fractions_of(const struct counted *counted, bool two)
{
	const double few = counted->total / counted->levels;
	const double wanted = two ? floor(sqrt(few)) : floor(few);
	const double least = two ? 6 : 32, most = two ? 64 : 128;

	return (int)fmin(fmax(wanted, least), most);
}

/* Every candidate's cost is at least that of `found` (its bounds, one of the candidates). */
static void check_least(const struct counted *counted, double low, double high, struct range found)
{
	const int n = fractions_of(counted, low < 0 && high > 0);
	double least = (double)INFINITY, of_found = (double)NAN;
	int candidates = 0;

	for (int i = n; i >= (low < 0 ? 1 : n); i--)
		for (int j = n; j >= (high > 0 ? 1 : n); j--) {
			const double below = low * (double)(i * i) / (double)(n * n);
			const double above = high * (double)(j * j) / (double)(n * n);
			const int first = (int)rint((below - counted->base) / counted->width);
			const int end = (int)rint((above - counted->base) / counted->width);

			if (end - first < counted->levels)
				continue;
			const double cost = divergence(counted, first, end);
			least = fmin(least, cost);
			if (below == found.low && above == found.high)
				of_found = cost;
			candidates++;
		}
	assert_true(candidates > 0);
	/* to a step of its costs; the acceptance is 1 % */
	if (!(of_found <= least + 0x1p-31))
		fail_msg("[%.9g, %.9g] costs %.12g, the least of %d candidates %.12g", found.low,
			 found.high, of_found, candidates, least);
}

static void check(const struct slice *slice, const float *x, int64_t n, const char *scheme,
		  int bits)
{
	const struct calibration_task task = {
		.slice = slice, .bits = bits,
		.scheme = (const struct scheme *)value_find(scheme_values, scheme),
		.scale = (const struct scale_rule *)value_find(scale_values, "real"),
	};
	const struct calibration *entropy = calibration_of(value_find(calibration_values,
								      "entropy"));
	const struct range widest = slice_range(slice, task.scheme);
	const bool magnitude = task.scheme->symmetric;
	static struct counted counted;

	if (calibration_refuses(entropy, &task))
		return;
	struct range found = entropy->choose(&task);
	const double low = magnitude ? 0 : widest.low;

	if (magnitude)
		found.low = 0;
	counted.levels = 1 << (task.scheme->unsigned_codes ? bits : bits - 1);
	counted.bins = slice_nonzero(slice) < 65536 ? (int)fmax(256, 8 * counted.levels) :
						      (int)fmax(2048, 16 * counted.levels);
	counted.base = low;
	counted.width = (widest.high - low) / counted.bins;
	assert_true(counted.bins <= BINS_MOST);
	count(&counted, x, n, magnitude);
	check_least(&counted, low, widest.high, found);
}

static void check_schemes(const struct slice *slice, const float *x, int64_t n, int bits)
{
	check(slice, x, n, "symmetric", bits);
	check(slice, x, n, "asymmetric", bits);
	if (!(slice->least < 0))
		check(slice, x, n, "symmetric_unsigned", bits);
}

static void least_of_all(void **state)
{
	static const char *const shapes[] = { "cubic", "spike", "positive", "negative", "shifted",
					      "heavy", "loud", "huge", "flat" };
	static const int bits[] = { 2, 3, 5, 8 };

	(void)state;
	for (uint32_t i = 0; i < 36; i++) {
		const int64_t n = i % 4 == 0 ? 600 : 5000;

		golden_wave(values, n, i, shapes[i % 9]);
		for (int64_t j = 0; j < n; j += 5)
			values[j] = i % 3 ? values[j] : 0;
		const struct slice slice = slice_of(&room, values, n);
		check_schemes(&slice, values, n, bits[i / 9]);
	}
}

/* From 65,536 values on the histogram is finer, and the planes are. */
static void least_of_many(void **state)
{
	static const char *const shapes[] = { "heavy", "loud", "positive", "cubic" };

	(void)state;
	for (uint32_t i = 0; i < 4; i++) {
		const int bits = i ? 2 * (int)i : 8;

		golden_wave(values, MOST, 40 + i, shapes[i]);
		const struct slice slice = slice_of(&room, values, MOST);
		check_schemes(&slice, values, MOST, bits);
	}
	golden_wave(values, 65535, 50, "heavy");
	const struct slice slice = slice_of(&room, values, 65535);
	check_schemes(&slice, values, 65535, 6);
}

/* Of values that each are a bin's only float, bins say the same. */
static void of_bins(void **state)
{
	struct bins bins = { .env = &env };
	struct bins_room of_bins = { .env = &env };
	struct slice slice;
	struct error error;

	(void)state;
	golden_wave(values, 20000, 60, "heavy");
	for (int i = 0; i < 20000; i++)
		values[i] = rintf(values[i] * 64) / 64;
	assert_int_equal(bins_add(&bins, values, 20000, &error), 0);
	assert_int_equal(bins_slice(&slice, &of_bins, &bins, NULL, &error), 0);
	for (int bits = 2; bits <= 8; bits += 2)
		check_schemes(&slice, values, 20000, bits);
	bins_room_free(&of_bins);
	bins_free(&bins);
}

static void logarithms(void **state)
{
	const struct logs *logs = logs_of_whole_numbers();

	(void)state;
	assert_true(log_of(logs, 0) == 0 && log_of(logs, 1) == 0);
	for (int64_t n = 2; n < (int64_t)1 << 52; n += n / 37 + 1)
		assert_near(log_of(logs, n), log((double)n), 1e-15);
	for (int64_t n = 2000; n < 10000; n++)
		assert_near(log_of(logs, n), log((double)n), 1e-15);
}

/* -0.5 is on an edge, 2 is the end; zeros are left out. */
static void histograms(void **state)
{
	static const float x[] = { -1, -0.75F, -0.5F, 0, -0.0F, 0.25F, 0.5F, 0.5F, 2 };
	const struct slice slice = slice_of(&room, x, 9);
	const struct histogram all = histogram_of(&slice, false, -1, 0.5, 6, slice.scratch);
	static const int64_t before[] = { 0, 2, 3, 4, 6, 6, 7 };
	static const uint32_t filled[] = { 0, 1, 2, 3, 4, 4, 5 };

	(void)state;
	for (int bin = 0; bin <= 6; bin++) {
		assert_int_equal(all.before[bin], before[bin]);
		assert_int_equal(all.filled[bin], filled[bin]);
	}
	assert_near(all.entropy[6], 4 * log(2), 1e-15);

	const struct histogram magnitudes = histogram_of(&slice, true, 0, 0.5, 4, slice.scratch);
	static const int64_t below[] = { 0, 1, 5, 6, 7 };

	for (int bin = 0; bin <= 4; bin++)
		assert_int_equal(magnitudes.before[bin], below[bin]);
	assert_near(magnitudes.entropy[4], 4 * log(4), 1e-15);
}

/* Nothing that is asked of a long slice reads it whole. */
static void visits(void **state)
{
	static const char *const quick[] = { "percentile", "percentile_one_sided", "sigma",
					     "aciq_gauss", "aciq_laplace" };

	(void)state;
	golden_wave(values, MOST, 70, "heavy");
	const struct slice slice = slice_of(&room, values, MOST);
	struct calibration_task task = {
		.slice = &slice, .bits = 4,
		.scheme = (const struct scheme *)value_find(scheme_values, "asymmetric"),
		.scale = (const struct scale_rule *)value_find(scale_values, "real"),
	};

	for (size_t i = 0; i < sizeof quick / sizeof *quick; i++) {
		const struct value *value = value_find(calibration_values, quick[i]);
		const uint64_t before = room.visits;

		task.parameter = value->standard;
		calibration_of(value)->choose(&task);
		assert_true(room.visits - before < 1000);
	}
	const uint64_t before = room.visits;
	calibration_of(value_find(calibration_values, "entropy"))->choose(&task);
	assert_true(room.visits - before > 0 && room.visits - before < MOST);
}

static int make_room(void **state)
{
	struct error error;

	(void)state;
	env = env_system();
	return slice_room_new(&room, &env, MOST, &error);
}

static int free_room(void **state)
{
	(void)state;
	slice_room_free(&room);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(least_of_all), cmocka_unit_test(least_of_many),
		cmocka_unit_test(of_bins),      cmocka_unit_test(logarithms),
		cmocka_unit_test(histograms),   cmocka_unit_test(visits),
	};

	return cmocka_run_group_tests(tests, make_room, free_room);
}

/* SPDX-License-Identifier: MIT
 *
 * tf_enhanced_as_in_aimet against the same rule written down plainly, as the C++ code has it: each
 * candidate in turn, each bucket in turn, nothing left out and nothing kept.  Scale and zero point
 * of both are equal in bits for every scheme and 2 to 16 bits, over random batches.
 */
#include "support.h"

#include "slices.h"

#include "../harness/calibrate/as_in.h"
#include "../harness/calibrate/observe.h"
#include "../harness/random.h"

#include <float.h>

enum { BUCKETS = 512 };

struct plain {
	bool begun;
	int batches;
	float left[BUCKETS], step;
	double share[BUCKETS];
};

struct choice {
	float delta;
	int offset;
	float cost;
	int weighed;
};

static void plain_add(struct plain *plain, const float *x, int64_t count)
{
	int64_t histogram[BUCKETS] = { 0 };

	if (!plain->begun) {
		float low = x[0], high = x[0];

		for (int64_t i = 0; i < count; i++) {
			low = fminf(low, x[i]);
			high = fmaxf(high, x[i]);
		}
		if (low == 0 && high == 0)
			return;
		if (low == high)
			high = fmaxf(high, low + 0.01F);
		const float centre = (high + low) / 2;

		low = centre - 3 * (centre - low);
		high = centre + 3 * (high - centre);
		for (int i = 0; i < BUCKETS; i++)
			plain->left[i] = low + (float)i * ((high - low) / BUCKETS);
		plain->step = (float)((double)plain->left[1] - (double)plain->left[0]);
		plain->begun = true;
	}
	for (int64_t i = 0; i < count; i++) {
		const float place = roundf(x[i] / plain->step - plain->left[0] / plain->step);

		if (place >= 0 && place < BUCKETS)
			histogram[(int)place]++;
	}
	for (int i = 0; i < BUCKETS; i++)
		plain->share[i] = (plain->share[i] * plain->batches +
				   (double)histogram[i] / (double)count) / (plain->batches + 1);
	plain->batches++;
}

static void add_square(float *sum, double share, float error)
{
	*sum = (float)((double)*sum + share * ((double)error * (double)error));
}

static void weigh(const struct plain *plain, float delta, int offset, float steps,
		  struct choice *best)
{
	const float low = delta * (float)offset, high = delta * steps + low;
	const float start = plain->left[0], half = plain->step / 2;
	const int first = (int)fminf(fmaxf(floorf((low - start) / plain->step), 0), BUCKETS - 1);
	const int last = (int)fminf(fmaxf(floorf((high - start) / plain->step), 0), BUCKETS - 1);
	const float least = start + (float)first * plain->step + half;
	const float greatest = start + (float)last * plain->step + half;
	float below = 0, above = 0, inside = 0;

	if (!(delta > 0))
		return;
	for (int i = 0; i < BUCKETS; i++) {
		const float x = start + (float)i * plain->step + half;

		if (i < first)
			add_square(&below, plain->share[i], x - least);
		if (i >= last)
			add_square(&above, plain->share[i], x - greatest);
		if (i >= first && i < last)
			add_square(&inside, plain->share[i],
				   x - delta * (roundf(x / delta - (float)offset) + (float)offset));
	}
	const float cost = 3 * (below + above) + inside;

	if (cost < best->cost)
		*best = (struct choice){ delta, offset, cost, best->weighed };
	best->weighed++;
}

static void weigh_asymmetric(const struct plain *plain, float low, float high, float steps,
			     struct choice *best)
{
	const float widest = (high - low) / steps;
	const int at = (int)roundf(low / widest);

	low = widest * (float)at;
	high = low + widest * steps;
	for (int i = 1; i <= 17; i++) {
		float delta = (float)i / 16 * widest;

		for (int j = 0; j < 21; j++) {
			const int offset = (int)((double)-steps + (double)steps / 20 * j);
			float least = delta * (float)offset, greatest = least + delta * steps;

			if (least < low && greatest > high)
				continue;
			least = fmaxf(low, least);
			greatest = fminf(high, greatest);
			delta = (greatest - least) / steps;
			if (delta > 0)
				weigh(plain, delta, (int)roundf(least / delta), steps, best);
		}
	}
	weigh(plain, widest, at, steps, best);
}

static struct choice plain_choose(const struct plain *plain, const struct calibration_task *task)
{
	const struct code_range codes = codes_of(task);
	const float steps = (float)((1 << task->bits) - 1);
	const float used = (float)(codes.high - codes.low);
	struct choice best = { .cost = FLT_MAX };
	int first = 0, last = BUCKETS - 1;

	while (first < BUCKETS - 1 && !(plain->share[first] > 0))
		first++;
	while (last > 0 && !(plain->share[last] > 0))
		last--;
	const float low = fminf(plain->left[plain->share[first] > 0 ? first : 0], 0);
	const float seen = fmaxf(plain->left[last > 0 ? last : BUCKETS - 1], 0);
	const float high = fmaxf(seen, low + 0.01F);

	if (!task->scheme->symmetric) {
		weigh_asymmetric(plain, low, high, steps, &best);
		return best;
	}
	for (float f = 0.01F; (double)f <= 1 + 0.01; f = (float)((double)f + 0.01)) {
		if (task->scheme->unsigned_codes)
			weigh(plain, f * (high / steps), 0, steps, &best);
		else
			weigh(plain, f * (2 * fmaxf(high, -low) / used), (int)floorf(-used / 2), steps,
			      &best);
	}
	return best;
}

static double number(uint32_t batch, int64_t i, int word)
{
	return (double)random_at(11, batch, (uint64_t)i).word[word] / 4294967296.0;
}

/* Bell, bell far out, one side, lattice, most of them 0, two values, a bell and another one. */
static int64_t fill(uint32_t batch)
{
	static const int64_t counts[] = { 1, 2, 7, 100, 1000, 4097 };
	const int64_t count = counts[(size_t)(number(batch, 0, 3) * 6)];
	const int shape = (int)(number(batch, 1, 3) * 8);
	const double factor = ldexp(1 + number(batch, 2, 3), (int)(number(batch, 3, 3) * 9) - 4);
	const double shift = number(batch, 4, 3) < 0.7 ? 0 : (number(batch, 5, 3) - 0.5) * 8;

	for (int64_t i = 0; i < count; i++) {
		const double bell = number(batch, i, 0) + number(batch, i, 1) +
				    number(batch, i, 2) - 1.5;
		const double x = shape == 0 ? bell * bell * bell : shape == 1 ? fabs(bell) :
				 shape == 2 ? -fabs(bell) : shape == 3 ? floor(bell * 4) / 4 :
				 shape == 4 ? (i % 9 ? 0 : bell) : shape == 5 ? (i % 3 ? 1 : -0.5) :
				 shape == 6 ? (i % 2 ? bell / 100 : bell + 2) : bell;

		values[i] = (float)(x * factor + shift);
	}
	return count;
}

static int compare(struct observing *observing, const struct plain *plain)
{
	int weighed = 0;

	for (int bits = 2; bits <= 16; bits++)
		for (const struct value *const *v = scheme_values; *v; v++) {
			struct rule rule = *observing->rule;

			rule.bits = bits;
			rule.scheme = *v;
			const struct chosen chosen = observing_choose_as(observing, &rule,
									 QS_HALF_EVEN);

			if (chosen.reason)
				continue;
			const struct calibration_task task = { .scheme = (const struct scheme *)*v,
							       .bits = bits };
			const struct choice expected = plain_choose(plain, &task);
			const int zero = task.scheme->symmetric ? 0 : -expected.offset;

			if (chosen.scale != expected.delta || chosen.grid.zero != zero)
				fail_msg("%s int%d: scale %a zero %d instead of %a %d", (*v)->name,
					 bits, (double)chosen.scale, (int)chosen.grid.zero,
					 (double)expected.delta, zero);
			weighed += expected.weighed;
		}
	return weighed;
}

/* After each batch of a few: what was kept of the tasks before must not serve those after it. */
static void as_if_plain(void **state)
{
	int64_t weighed = 0;

	(void)state;
	for (uint32_t i = 0; i < 60; i++) {
		const struct rule rule = {
			.calibration = &calibration_named("tf_enhanced_as_in_aimet")->value,
			.scheme = &scheme_named("symmetric")->value,
			.scale = &scale_named("real")->value, .bits = 8,
		};
		struct plain plain = { 0 };
		struct observing observing;
		struct error error;

		assert_int_equal(observing_new(&observing, &rule, QS_HALF_EVEN, &env, &error), 0);
		for (uint32_t batch = 0; batch < 1 + i % 3; batch++) {
			const int64_t count = fill(3 * i + batch);

			plain_add(&plain, values, count);
			assert_int_equal(observing_add(&observing, values, count, &error), 0);
			if (plain.begun)
				weighed += compare(&observing, &plain);
		}
		observing_free(&observing);
	}
	assert_true(weighed > 500000);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(as_if_plain) };

	return cmocka_run_group_tests(tests, setup_room, free_room);
}

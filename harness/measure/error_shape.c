/* SPDX-License-Identifier: MIT */
#include "error_shape.h"

#include "../fixed_math.h"

#include <math.h>
#include <string.h>

enum { UPPER_BITS = 1 << 16, SIGN = 1 << 15, INFINITE = 0x7f80 };

static uint32_t bits_of(float x)
{
	uint32_t bits;

	memcpy(&bits, &x, sizeof bits);
	return bits;
}

/* Upper 16 bits of floats in ascending order, from the least; both zeros have one place. */
static uint32_t upper_at(int place)
{
	return place < SIGN ? (uint32_t)(UPPER_BITS - 1 - place) : (uint32_t)(place - SIGN);
}

static void number_bins(struct value_bins *bins, uint64_t *upper, uint64_t count)
{
	uint64_t before = 0;
	uint8_t next = 0;

	/* -0 and what is as small are counted with +0, the next place */
	upper[0] += upper[SIGN];
	upper[SIGN] = 0;
	for (int place = 0; place < UPPER_BITS; place++) {
		const uint32_t bits = upper_at(place);
		const uint64_t here = upper[bits];

		if (!here)
			continue;
		next = (uint8_t)(VALUE_BINS * (2 * before + here) / (2 * count));
		bins->bin[bits] = next;
		bins->count[next] += here;
		before += here;
	}
	for (int place = UPPER_BITS - 1; place >= 0; place--) {
		const uint32_t bits = upper_at(place);

		if (upper[bits])
			next = bins->bin[bits];
		bins->bin[bits] = next;
	}
}

struct value_bins *value_bins_new(const struct env *env, const float *x, int64_t count,
				  struct error *error)
{
	struct value_bins *bins = env_new(env, 1, sizeof *bins, "a histogram", error);
	uint64_t *upper = env_new(env, UPPER_BITS, sizeof *upper, "a histogram", error);

	if (bins && upper) {
		for (int64_t i = 0; i < count; i++)
			upper[bits_of(x[i]) >> 16]++;
		number_bins(bins, upper, (uint64_t)count);
	} else {
		env_free(env, bins);
		bins = NULL;
	}
	env_free(env, upper);
	return bins;
}

static int count_sizes(struct error_shape *shape, const struct env *env, const float *x,
		       const float *back, int64_t count, struct error *error)
{
	for (int64_t i = 0; i < count; i++) {
		const uint32_t upper = bits_of(back[i] - x[i]) >> 16 & (SIGN - 1);
		uint64_t **page = &shape->pages[upper / SHAPE_PAGE];

		if (!*page) {
			*page = env_new(env, SHAPE_PAGE, sizeof **page, "a histogram", error);
			if (!*page)
				return -1;
		}
		(*page)[upper % SHAPE_PAGE]++;
	}
	return 0;
}

/* Neighbours go to counters of their own: one that is counted up twice in a row waits. */
static void count_values(struct error_shape *shape, const struct value_bins *bins,
			 const float *back, int64_t count)
{
	int64_t i = 0;

	for (; i + SHAPE_LANES <= count; i += SHAPE_LANES)
		for (int lane = 0; lane < SHAPE_LANES; lane++)
			shape->count[lane][bins->bin[bits_of(back[i + lane]) >> 16]]++;
	for (; i < count; i++)
		shape->count[0][bins->bin[bits_of(back[i]) >> 16]]++;
}

int error_shape_add(struct error_shape *shape, const struct env *env, const struct value_bins *bins,
		    const float *x, const float *back, int64_t count, struct error *error)
{
	count_values(shape, bins, back, count);
	return count_sizes(shape, env, x, back, count, error);
}

/* The least |error| of a bin of upper bits. */
static double edge_of(int upper)
{
	const int exponent = upper / SHAPE_PAGE, fraction = upper % SHAPE_PAGE;

	return exponent ? ldexp(SHAPE_PAGE + fraction, exponent - 134) : ldexp(fraction, -133);
}

/* The |error| that has `above` - 1 larger ones. */
static double error_of_rank(const struct error_shape *shape, uint64_t above, double max_abs)
{
	if (above <= 1)
		return max_abs;
	for (int upper = SIGN - 1; upper > 0; upper--) {
		const uint64_t *page = shape->pages[upper / SHAPE_PAGE];
		const uint64_t here = page ? page[upper % SHAPE_PAGE] : 0;

		if (above <= here && upper >= INFINITE)
			return max_abs;
		if (above <= here) {
			const double low = edge_of(upper), width = edge_of(upper + 1) - low;
			const double place = ((double)(here - above) + 0.5) / (double)here;

			return fmin(low + width * place, max_abs);
		}
		above -= here;
	}
	return 0;
}

/* Errors from the one of rank ceil(n * part / whole) on. */
static uint64_t ranks_from(int64_t elements, uint64_t part, uint64_t whole)
{
	const uint64_t n = (uint64_t)elements;

	return n - (n / whole * part + (n % whole * part + whole - 1) / whole) + 1;
}

static double kl_divergence(const struct error_shape *shape, const struct value_bins *bins,
			    double elements)
{
	double sum = 0;

	for (int i = 0; i < VALUE_BINS; i++) {
		const double p = (double)bins->count[i] / elements;
		uint64_t quantized = 0;
		double q;

		for (int lane = 0; lane < SHAPE_LANES; lane++)
			quantized += shape->count[lane][i];
		q = 0.99 * ((double)quantized / elements) + 0.01 * p;
		/* equal shares add nothing, not a rounding's rest */
		if (bins->count[i] && bins->count[i] != quantized)
			sum += p * fixed_log(p / q);
	}
	return fmax(sum, 0);
}

void error_shape_numbers(const struct error_shape *shape, const struct value_bins *bins,
			 struct error_numbers *numbers)
{
	const int64_t n = numbers->elements;
	const double max_abs = numbers->max_abs;

	numbers->abs_error_p95 = error_of_rank(shape, ranks_from(n, 95, 100), max_abs);
	numbers->abs_error_p999 = error_of_rank(shape, ranks_from(n, 999, 1000), max_abs);
	numbers->kl_divergence = kl_divergence(shape, bins, (double)n);
}

void error_shape_free(struct error_shape *shape, const struct env *env)
{
	for (int i = 0; i < SHAPE_PAGES; i++)
		env_free(env, shape->pages[i]);
	*shape = (struct error_shape){ 0 };
}

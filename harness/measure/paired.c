/* SPDX-License-Identifier: MIT
 *
 * The interval of a paired difference.
 *
 * Clopper and Pearson, "The use of confidence or fiducial limits illustrated in the case of the
 * binomial" (Biometrika 26, 1934): the lower limit of x of n is the p at which x or more are seen
 * with the chance that is left, the upper one of x is 1 - the lower one of n - x.  p is found by
 * bisection down to neighbouring doubles.  A tail is a quotient of sums of terms, relative to the
 * greatest one, each made from its neighbour by + - * / alone, so that no logarithm of a factorial
 * is needed and the bits are the same everywhere.  Within 1e-14 of the exact limits up to n = 2^20
 * (the largest error seen by tests/t53_paired.c is 2.3e-16).  About 10 sqrt(n) terms a tail and 60
 * tails a limit.
 */
#include "paired.h"

#include "../sums.h"

#include <math.h>

static const double share_tail = 0.02, rate_tail = 0.005; /* left on each side            */
static const double normal_quantile = 1.959964; /* of 0.975 */
/* of the greatest term: what is left out beyond is below 2^-50 of the sum */
static const double smallest_term = 0x1p-80;

/* The sum of the terms from `from` upwards (step 1) or downwards (step -1), where the term of
 * `mode` is 1; *passed gets those from `least` on alone. */
static double add_terms(int64_t n, double odds, int64_t mode, int step, int64_t least,
			double *passed)
{
	double term = 1, sum = 0;
	int64_t at = mode;

	while (term > smallest_term) {
		const double up = (double)(n - at) / (double)(at + 1) * odds;
		const double down = (double)at / ((double)(n - at + 1) * odds);

		/* the mode itself is counted on the way up */
		if (step > 0 || at != mode) {
			sum += term;
			*passed += at >= least ? term : 0;
		}
		term *= step > 0 ? up : down;
		at += step;
	}
	return sum;
}

/* The chance of `least` or more of n. */
static double upper_tail(int64_t least, int64_t n, double p)
{
	const int64_t mode = (int64_t)floor((double)(n + 1) * p);
	const int64_t start = mode < n ? mode : n;
	const double odds = p / (1 - p);
	double passed = 0;
	const double above = add_terms(n, odds, start, 1, least, &passed);
	const double below = add_terms(n, odds, start, -1, least, &passed);

	return passed / (above + below);
}

/* The p at which `count` or more of n are seen with the chance `tail`. */
static double lower_limit(int64_t count, int64_t n, double tail)
{
	double low = 0, high = 1;

	if (!count)
		return 0;
	for (;;) {
		const double middle = low + (high - low) / 2;

		if (middle <= low || middle >= high)
			return low;
		if (upper_tail(count, n, middle) < tail)
			low = middle;
		else
			high = middle;
	}
}

struct paired paired_counts(int64_t lost, int64_t gained, int64_t samples)
{
	const int64_t n = lost + gained;
	struct paired paired = { .lost = lost, .gained = gained };

	const double least = lower_limit(n, samples, rate_tail);
	const double most = 1 - lower_limit(samples - n, samples, rate_tail);
	const double low = 2 * lower_limit(gained, n, share_tail) - 1;
	const double high = 1 - 2 * lower_limit(lost, n, share_tail);

	paired.difference = (double)(gained - lost) / (double)samples;
	paired.low = low * (low < 0 ? most : least);
	paired.high = high * (high > 0 ? most : least);
	return paired;
}

struct paired paired_answers(const unsigned char *first, const unsigned char *second,
			     int64_t samples)
{
	int64_t lost = 0, gained = 0;

	for (int64_t i = 0; i < samples; i++) {
		lost += first[i] && !second[i];
		gained += !first[i] && second[i];
	}
	return paired_counts(lost, gained, samples);
}

struct paired paired_losses(const double *first, const double *second, int64_t samples)
{
	struct paired paired = { .low = (double)NAN, .high = (double)NAN };
	struct sum sum = { 0 }, squares = { 0 };

	if (!samples)
		return paired;
	for (int64_t i = 0; i < samples; i++)
		sum_add(&sum, second[i] - first[i]);
	const double mean = sum_total(&sum) / (double)samples;

	paired.difference = mean;
	if (samples < 2)
		return paired;
	for (int64_t i = 0; i < samples; i++) {
		const double off = second[i] - first[i] - mean;

		sum_add(&squares, off * off);
	}
	const double variance = sum_total(&squares) / (double)(samples - 1);
	const double half = normal_quantile * sqrt(variance / (double)samples);

	paired.low = mean - half;
	paired.high = mean + half;
	return paired;
}

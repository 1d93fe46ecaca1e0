/* SPDX-License-Identifier: MIT */
#include "bins.h"

#include "float_key.h"

#include <math.h>

_Static_assert(sizeof(struct bin) == 24, "a bin is 24 bytes");
_Static_assert(BINS_VALUES_MOST <= INT64_MAX >> 2 * BIN_LOW_BITS, "sums of squares fit");

static inline uint32_t bin_in_octave(uint32_t key)
{
	return key >> BIN_LOW_BITS & (OCTAVE_BINS - 1);
}

/* A magnitude's: a key's run the other way below 0. */
static inline uint32_t low_bits(uint32_t key)
{
	return (key & 0x80000000U ? key : ~key) & (BIN_FLOATS - 1);
}

static struct bin *octave_of(struct bins *bins, uint32_t octave, struct error *error)
{
	if (!bins->octave[octave])
		bins->octave[octave] = env_new(bins->env, OCTAVE_BINS, sizeof(struct bin),
					       "the bins of calibration values", error);
	return bins->octave[octave];
}

static int make_place(struct bins *bins, int64_t count, struct error *error)
{
	if (count > BINS_VALUES_MOST - bins->count)
		return fail(error, STATUS_FAILED, "more than 2^38 values are to be calibrated on "
			    "together: their sums would not be exact; take fewer samples");
	if (!bins->count) {
		bins->least = UINT32_MAX;
		bins->greatest = 0;
	}
	bins->count += count;
	return 0;
}

int bins_add(struct bins *bins, const float *values, int64_t count, struct error *error)
{
	uint64_t zeros[2] = { 0 };

	if (make_place(bins, count, error))
		return -1;
	uint32_t least = bins->least, greatest = bins->greatest;
	for (int64_t i = 0; i < count; i++) {
		const uint32_t key = float_key(values[i]), octave = key >> OCTAVE_BITS;
		const uint64_t low = low_bits(key);
		struct bin *bin = bins->octave[octave];

		if (!bin && !(bin = octave_of(bins, octave, error)))
			return -1;
		bin += bin_in_octave(key);
		bin->count++;
		bin->low += low;
		bin->low_squares += low * low;
		zeros[0] += key == float_key(0.0F);
		zeros[1] += key == float_key(-0.0F);
		least = key < least ? key : least;
		greatest = key > greatest ? key : greatest;
	}
	bins->zeros[0] += zeros[0];
	bins->zeros[1] += zeros[1];
	bins->least = least;
	bins->greatest = greatest;
	return 0;
}

int bins_merge(struct bins *bins, const struct bins *more, struct error *error)
{
	if (!more->count)
		return 0;
	if (make_place(bins, more->count, error))
		return -1;
	for (uint32_t octave = 0; octave < OCTAVES; octave++) {
		const struct bin *from = more->octave[octave];
		struct bin *bin = from ? octave_of(bins, octave, error) : NULL;

		if (from && !bin)
			return -1;
		for (int i = 0; from && i < OCTAVE_BINS; i++) {
			bin[i].count += from[i].count;
			bin[i].low += from[i].low;
			bin[i].low_squares += from[i].low_squares;
		}
	}
	bins->zeros[0] += more->zeros[0];
	bins->zeros[1] += more->zeros[1];
	bins->least = more->least < bins->least ? more->least : bins->least;
	bins->greatest = more->greatest > bins->greatest ? more->greatest : bins->greatest;
	return 0;
}

void bins_free(struct bins *bins)
{
	const struct env *env = bins->env;

	for (int octave = 0; env && octave < OCTAVES; octave++)
		env_free(env, bins->octave[octave]);
	*bins = (struct bins){ .env = env };
}

static int ask_for_key(struct closer *closer, const struct bins *bins, uint32_t key,
		       struct error *error)
{
	const struct env *env = closer->env;
	const uint32_t octave = key >> OCTAVE_BITS, bin = bin_in_octave(key);
	uint32_t *place = closer->place[octave];

	if (!bins->octave[octave] || !bins->octave[octave][bin].count || (place && place[bin]))
		return 0;
	if (!place)
		place = env_new(env, OCTAVE_BINS, sizeof *place, "bins to look at closely", error);
	closer->place[octave] = place;
	if (!place || env_grow(env, &closer->counts, &closer->capacity, closer->count,
			       sizeof *closer->counts, "bins to look at closely", error))
		return -1;
	place[bin] = (uint32_t)++closer->count;
	return 0;
}

int closer_ask(struct closer *closer, const struct bins *bins, double magnitude,
	       struct error *error)
{
	const float bound = (float)fabs(magnitude);

	return ask_for_key(closer, bins, float_key(bound), error) ||
			       ask_for_key(closer, bins, float_key(-bound), error)
		       ? -1
		       : 0;
}

void closer_add(struct closer *closer, const float *values, int64_t count)
{
	if (!closer->count)
		return;
	for (int64_t i = 0; i < count; i++) {
		const uint32_t key = float_key(values[i]);
		const uint32_t *place = closer->place[key >> OCTAVE_BITS];
		const uint32_t at = place ? place[bin_in_octave(key)] : 0;

		if (at)
			closer->counts[at - 1][low_bits(key)]++;
	}
}

void closer_free(struct closer *closer)
{
	const struct env *env = closer->env;

	for (int octave = 0; env && octave < OCTAVES; octave++)
		env_free(env, closer->place[octave]);
	if (env)
		env_free(env, closer->counts);
	*closer = (struct closer){ .env = env };
}

/* SPDX-License-Identifier: MIT
 *
 * A slice made of bins.
 *
 * With u the unit of a bin's last mantissa bit, 2^12 T its least magnitude in such units, n its
 * count, L and S the sums of its low bits and of their squares, its values add up to
 * (2^12 T n + L) u and their squares to (2^24 T^2 n + 2^13 T L + S) u^2.  T is below 2^12, so that
 * each of these terms is an integer below 2^63 times a power of 2, which two doubles hold exactly.
 */
#include "bins.h"

#include "float_key.h"
#include "pair_sum.h"

#include <math.h>
#include <string.h>

enum { LEAST_UNIT = -149, TOPS = OCTAVE_BINS };

/* Where points are put down. */
struct writer {
	struct bins_room *room;
	struct prefix prefix;
	size_t points;
	int64_t values;
};

static void add_whole(double *sum, double *rest, uint64_t n, double unit)
{
	*rest += pair_add(sum, (double)(n >> 32) * 0x1p32 * unit);
	*rest += pair_add(sum, (double)(n & UINT32_MAX) * unit);
}

/* Of a bin whose floats have magnitudes from this one on, as bits. */
static void add_sums(struct prefix *prefix, uint32_t magnitude, bool negative,
		     const struct bin *bin)
{
	const int exponent = (int)(magnitude >> OCTAVE_BITS);
	const double unit = ldexp(1, LEAST_UNIT + (exponent ? exponent - 1 : 0));
	const double sign = negative ? -unit : unit, low = 1 << BIN_LOW_BITS;
	const uint64_t top = (magnitude >> BIN_LOW_BITS & (TOPS - 1)) + (exponent ? TOPS : 0);

	add_whole(&prefix->sum, &prefix->sum_rest, top * bin->count, sign * low);
	add_whole(&prefix->sum, &prefix->sum_rest, bin->low, sign);
	add_whole(&prefix->squares, &prefix->squares_rest, top * top * bin->count,
		  unit * unit * low * low);
	add_whole(&prefix->squares, &prefix->squares_rest, 2 * top * bin->low, unit * unit * low);
	add_whole(&prefix->squares, &prefix->squares_rest, bin->low_squares, unit * unit);
}

/* One point: the mean of these values, half to even.  It is a float of the bin again. */
static void put(struct writer *writer, uint32_t magnitude, bool negative, const struct bin *bin)
{
	struct bins_room *room = writer->room;

	if (!bin->count)
		return;
	const uint64_t whole = bin->low / bin->count, twice = bin->low % bin->count * 2;
	const bool up = twice > bin->count || (twice == bin->count && (whole & 1));
	const uint32_t bits = magnitude + (uint32_t)whole + up;

	room->point[writer->points] = float_of_key(negative ? ~bits & 0x7fffffffU :
							      bits | 0x80000000U);
	add_sums(&writer->prefix, magnitude, negative, bin);
	writer->values += (int64_t)bin->count;
	writer->points++;
	room->prefix[writer->points] = writer->prefix;
	room->through[writer->points] = writer->values;
}

static void put_each(struct writer *writer, uint32_t magnitude, bool negative,
		     const uint64_t *counts)
{
	for (uint32_t i = 0; i < BIN_FLOATS; i++) {
		const uint64_t low = negative ? BIN_FLOATS - 1 - i : i, count = counts[low];

		put(writer, magnitude, negative,
		    &(struct bin){ count, count * low, count * low * low });
	}
}

/* Zeros stand between what shares their bins. */
static void put_with_zeros(struct writer *writer, bool negative, const struct bin *bin,
			   uint64_t zeros)
{
	const struct bin others = { bin->count - zeros, bin->low, bin->low_squares };
	const struct bin zero = { .count = zeros };

	put(writer, 0, negative, negative ? &others : &zero);
	put(writer, 0, negative, negative ? &zero : &others);
}

static const uint64_t *counts_of(const struct closer *closer, uint32_t octave, uint32_t bin)
{
	const uint32_t *place = closer ? closer->place[octave] : NULL;

	return place && place[bin] ? closer->counts[place[bin] - 1] : NULL;
}

static void put_octave(struct writer *writer, const struct bins *bins, uint32_t octave,
		       const struct closer *closer)
{
	for (uint32_t i = 0; i < OCTAVE_BINS; i++) {
		const struct bin *bin = &bins->octave[octave][i];
		const uint32_t key = octave << OCTAVE_BITS | i << BIN_LOW_BITS;
		const bool negative = !(key & 0x80000000U);
		const uint32_t magnitude =
			(negative ? ~key : key) & 0x7fffffffU & ~(uint32_t)(BIN_FLOATS - 1);
		const uint64_t *counts = counts_of(closer, octave, i);

		if (counts)
			put_each(writer, magnitude, negative, counts);
		else if (!magnitude)
			put_with_zeros(writer, negative, bin, bins->zeros[negative]);
		else
			put(writer, magnitude, negative, bin);
	}
}

static size_t count_points(const struct bins *bins, const struct closer *closer)
{
	size_t points = 2;      /* zeros */

	for (uint32_t octave = 0; octave < OCTAVES; octave++)
		for (uint32_t i = 0; bins->octave[octave] && i < OCTAVE_BINS; i++)
			points += bins->octave[octave][i].count > 0;
	for (size_t i = 0; closer && i < closer->count; i++)
		for (uint32_t low = 0; low < BIN_FLOATS; low++)
			points += closer->counts[i][low] > 0;
	return points;
}

static int make_room(struct bins_room *room, size_t points, struct error *error)
{
	static const char what[] = "a slice of bins";
	const struct env *env = room->env;

	if (room->capacity >= points)
		return 0;
	bins_room_free(room);
	room->point = env_new(env, points, sizeof *room->point, what, error);
	room->head = env_new(env, points / SUM_EVERY + 1, sizeof *room->head, what, error);
	room->through = env_new(env, points + 1, sizeof *room->through, what, error);
	room->prefix = env_new(env, points + 1, sizeof *room->prefix, what, error);
	room->scratch = env_new(env, SCRATCH_MOST, 1, what, error);
	if (!room->point || !room->head || !room->through || !room->prefix || !room->scratch)
		return -1;
	room->capacity = points;
	return 0;
}

int bins_slice(struct slice *slice, struct bins_room *room, const struct bins *bins,
	       const struct closer *closer, struct error *error)
{
	struct writer writer = { .room = room };

	if (make_room(room, count_points(bins, closer), error))
		return -1;
	room->through[0] = 0;
	room->prefix[0] = writer.prefix;
	for (uint32_t octave = 0; octave < OCTAVES; octave++)
		if (bins->octave[octave])
			put_octave(&writer, bins, octave, closer);
	for (size_t i = 0; i <= writer.points / SUM_EVERY; i++)
		room->head[i] = i * SUM_EVERY < writer.points ? room->point[i * SUM_EVERY] :
								 INFINITY;
	room->visits += writer.points;
	*slice = (struct slice){
		.point = room->point, .head = room->head, .prefix = room->prefix,
		.through = room->through, .points = (int64_t)writer.points, .every = 1,
		.count = bins->count, .least = float_of_key(bins->least),
		.greatest = float_of_key(bins->greatest), .scratch = room->scratch,
		.visits = &room->visits, .candidates = &room->candidates,
	};
	return 0;
}

void bins_room_free(struct bins_room *room)
{
	const struct env *env = room->env;
	const uint64_t visits = room->visits, candidates = room->candidates;

	if (!env)
		return;
	env_free(env, room->point);
	env_free(env, room->head);
	env_free(env, room->through);
	env_free(env, room->prefix);
	env_free(env, room->scratch);
	*room = (struct bins_room){ .env = env, .visits = visits, .candidates = candidates };
}

/* SPDX-License-Identifier: MIT
 *
 * A slice made ready: its values sorted, their magnitudes sorted, prefix sums.
 *
 * Short slices (groups) are sorted by insertion, long ones by four passes of counting on the bytes
 * of the float, so that a tensor in groups and a tensor whole cost about the same.  The order is
 * that of the bits (-0 before +0): total, so a slice does not depend on the order it came in.
 * Prefix sums are double, added in ascending order of the values.
 */
#include "calibrate.h"

#include <math.h>
#include <string.h>

enum { SHORT = 64 };            /* up to here insertion is faster                        */

/* A float's bits as a number that orders as the float does, and back. */
static uint32_t key_of(float x)
{
	uint32_t bits;

	memcpy(&bits, &x, sizeof bits);
	return bits & 0x80000000U ? ~bits : bits | 0x80000000U;
}

static float value_of(uint32_t key)
{
	const uint32_t bits = key & 0x80000000U ? key & 0x7fffffffU : ~key;
	float x;

	memcpy(&x, &bits, sizeof x);
	return x;
}

static void sort_short(uint32_t *keys, int64_t count)
{
	for (int64_t i = 1; i < count; i++) {
		const uint32_t key = keys[i];
		int64_t place = i;

		for (; place > 0 && keys[place - 1] > key; place--)
			keys[place] = keys[place - 1];
		keys[place] = key;
	}
}

static void sort_long(uint32_t *keys, uint32_t *other, int64_t count)
{
	for (int shift = 0; shift < 32; shift += 8) {
		int64_t start[257] = { 0 };
		uint32_t *const swap = keys;

		for (int64_t i = 0; i < count; i++)
			start[(keys[i] >> shift & 255) + 1]++;
		for (int i = 0; i < 256; i++)
			start[i + 1] += start[i];
		for (int64_t i = 0; i < count; i++)
			other[start[keys[i] >> shift & 255]++] = keys[i];
		keys = other;
		other = swap;
	}
}

/* |x| ascending, from the two ends of `sorted`. */
static void merge_magnitudes(const float *sorted, float *magnitude, int64_t count)
{
	int64_t low = 0, high = count - 1;

	for (int64_t place = count - 1; place >= 0; place--) {
		if (-sorted[low] > sorted[high])
			magnitude[place] = -sorted[low++];
		else
			magnitude[place] = fabsf(sorted[high--]);
	}
}

int slice_room_new(struct slice_room *room, const struct env *env, int64_t longest,
		   struct error *error)
{
	const size_t count = (size_t)longest;

	*room = (struct slice_room){ .env = env };
	room->sorted = env_new(env, count, sizeof(float), "a sorted slice", error);
	room->magnitude = env_new(env, count, sizeof(float), "a sorted slice", error);
	room->keys = env_new(env, count, sizeof(uint32_t), "a sorted slice", error);
	room->other = env_new(env, count, sizeof(uint32_t), "a sorted slice", error);
	room->sum = env_new(env, count + 1, sizeof(double), "prefix sums", error);
	room->sum_squares = env_new(env, count + 1, sizeof(double), "prefix sums", error);
	room->scratch_sums = env_new(env, count + 1, sizeof(double), "prefix sums", error);
	if (room->sorted && room->magnitude && room->keys && room->other && room->sum &&
	    room->sum_squares && room->scratch_sums)
		return 0;
	slice_room_free(room);
	return -1;
}

void slice_room_free(struct slice_room *room)
{
	if (!room->env)
		return;
	env_free(room->env, room->sorted);
	env_free(room->env, room->magnitude);
	env_free(room->env, room->keys);
	env_free(room->env, room->other);
	env_free(room->env, room->sum);
	env_free(room->env, room->sum_squares);
	env_free(room->env, room->scratch_sums);
	*room = (struct slice_room){ 0 };
}

struct slice slice_of(struct slice_room *room, const float *values, int64_t count)
{
	struct slice slice = { .sorted = room->sorted, .magnitude = room->magnitude,
			       .count = count, .sum = room->sum,
			       .sum_squares = room->sum_squares,
			       .scratch = { room->keys, room->other },
			       .scratch_sums = room->scratch_sums,
			       .visits = &room->visits };

	for (int64_t i = 0; i < count; i++)
		room->keys[i] = key_of(values[i]);
	if (count <= SHORT)
		sort_short(room->keys, count);
	else
		sort_long(room->keys, room->other, count);
	for (int64_t i = 0; i < count; i++)
		room->sorted[i] = value_of(room->keys[i]);
	merge_magnitudes(room->sorted, room->magnitude, count);
	room->sum[0] = room->sum_squares[0] = 0;
	for (int64_t i = 0; i < count; i++) {
		const double x = (double)room->sorted[i];

		room->sum[i + 1] = room->sum[i] + x;
		room->sum_squares[i + 1] = room->sum_squares[i] + x * x;
	}
	room->visits += (uint64_t)count;
	return slice;
}

struct range symmetric_range(const struct scheme *scheme, double bound)
{
	return (struct range){ .low = scheme->unsigned_codes ? 0 : -bound, .high = bound };
}

struct range slice_range(const struct slice *slice, const struct scheme *scheme)
{
	const double least = (double)slice->sorted[0];
	const double greatest = (double)slice->sorted[slice->count - 1];

	if (scheme->symmetric)
		return symmetric_range(scheme, (double)slice->magnitude[slice->count - 1]);
	return (struct range){ .low = least < 0 ? least : 0, .high = greatest > 0 ? greatest : 0 };
}

/* SPDX-License-Identifier: MIT
 *
 * A slice made ready: its values sorted, and asked.
 *
 * Short slices (groups) are sorted by insertion, long ones by passes of counting on digits of the
 * float's bits, so that a tensor in groups and a tensor whole cost about the same.  The order is
 * that of the bits (-0 before +0): total, so a slice does not depend on the order it came in.
 */
#include "slice.h"

#include "float_key.h"
#include "pair_sum.h"

#include <math.h>
#include <string.h>

enum { SHORT = 64 };            /* up to here insertion is faster                        */
enum { LONG = 1 << 16 };        /* from here on three wide digits are                    */

int slice_room_new(struct slice_room *room, const struct env *env, int64_t longest,
		   struct error *error)
{
	const size_t count = (size_t)longest, blocks = count / SUM_EVERY + 1;
	const size_t wanted = count < SCRATCH_MOST / 192 ? 192 * count : SCRATCH_MOST;
	const size_t scratch = wanted > SCRATCH_LEAST ? wanted : SCRATCH_LEAST;
	const size_t other = sizeof(uint32_t) * count > scratch ? count : scratch / 4 + 1;

	*room = (struct slice_room){ .env = env };
	room->sorted = env_new(env, count, sizeof *room->sorted, "a sorted slice", error);
	room->head = env_new(env, blocks, sizeof *room->head, "a sorted slice", error);
	room->other = env_new(env, other, sizeof *room->other, "a sorted slice", error);
	room->prefix = env_new(env, blocks + 1, sizeof *room->prefix, "prefix sums", error);
	if (room->sorted && room->head && room->other && room->prefix)
		return 0;
	slice_room_free(room);
	return -1;
}

void slice_room_free(struct slice_room *room)
{
	if (!room->env)
		return;
	env_free(room->env, room->sorted);
	env_free(room->env, room->head);
	env_free(room->env, room->other);
	env_free(room->env, room->prefix);
	*room = (struct slice_room){ 0 };
}

static void sort_short(const float *values, float *sorted, int64_t count)
{
	uint32_t keys[SHORT];

	for (int64_t i = 0; i < count; i++) {
		const uint32_t key = float_key(values[i]);
		int64_t place = i;

		for (; place > 0 && keys[place - 1] > key; place--)
			keys[place] = keys[place - 1];
		keys[place] = key;
	}
	for (int64_t i = 0; i < count; i++)
		sorted[i] = float_of_key(keys[i]);
}

struct digits {
	int passes, bits;
};

enum { DIGITS_MOST = 2048 };

static void first_pass(const float *values, int64_t count, uint32_t mask, uint32_t *start,
		       void *to)
{
	unsigned char *out = to;

	for (int64_t i = 0; i < count; i++) {
		const uint32_t key = float_key(values[i]);

		memcpy(out + 4 * (size_t)start[key & mask]++, &key, sizeof key);
	}
}

static void middle_pass(const void *from, int64_t count, int shift, uint32_t mask, uint32_t *start,
			void *to)
{
	const unsigned char *in = from;
	unsigned char *out = to;

	for (int64_t i = 0; i < count; i++) {
		uint32_t key;

		memcpy(&key, in + 4 * (size_t)i, sizeof key);
		memcpy(out + 4 * (size_t)start[key >> shift & mask]++, &key, sizeof key);
	}
}

static void last_pass(const uint32_t *keys, int64_t count, int shift, uint32_t mask,
		      uint32_t *start, float *sorted)
{
	for (int64_t i = 0; i < count; i++)
		sorted[start[keys[i] >> shift & mask]++] = float_of_key(keys[i]);
}

/* How many keys have each digit, then where each digit's first goes. */
static void count_digits(const float *values, int64_t count, struct digits digits,
			 uint32_t start[][DIGITS_MOST])
{
	const uint32_t mask = (1U << digits.bits) - 1;

	for (int pass = 0; pass < digits.passes; pass++)
		memset(start[pass], 0, sizeof(uint32_t) << digits.bits);
	for (int64_t i = 0; i < count; i++) {
		const uint32_t key = float_key(values[i]);

		for (int pass = 0; pass < digits.passes; pass++)
			start[pass][key >> pass * digits.bits & mask]++;
	}
	for (int pass = 0; pass < digits.passes; pass++) {
		uint32_t before = 0;

		for (uint32_t digit = 0; digit <= mask; digit++) {
			const uint32_t own = start[pass][digit];

			start[pass][digit] = before;
			before += own;
		}
	}
}

static void sort_long(const float *values, float *sorted, uint32_t *other, int64_t count)
{
	const struct digits digits = count < LONG ? (struct digits){ 4, 8 } :
						    (struct digits){ 3, 11 };
	const uint32_t mask = (1U << digits.bits) - 1;
	uint32_t start[4][DIGITS_MOST];

	count_digits(values, count, digits, start);
	if (digits.passes == 4) {
		first_pass(values, count, mask, start[0], other);
		middle_pass(other, count, 8, mask, start[1], sorted);
		middle_pass(sorted, count, 16, mask, start[2], other);
		last_pass(other, count, 24, mask, start[3], sorted);
	} else {
		first_pass(values, count, mask, start[0], sorted);
		middle_pass(sorted, count, 11, mask, start[1], other);
		last_pass(other, count, 22, mask, start[2], sorted);
	}
}

static inline void prefix_add(struct prefix *prefix, double sum, double squares)
{
	prefix->sum_rest += pair_add(&prefix->sum, sum);
	prefix->squares_rest += pair_add(&prefix->squares, squares);
}

/* Of points[count], at most SUM_EVERY of them: one chain, ascending. */
static inline void add_points(struct prefix *prefix, const float *points, int64_t count)
{
	double sum = 0, squares = 0;

	for (int64_t i = 0; i < count; i++) {
		const double x = (double)points[i];

		sum += x;
		squares += x * x;
	}
	prefix_add(prefix, sum, squares);
}

struct slice slice_of(struct slice_room *room, const float *values, int64_t count)
{
	const int64_t blocks = count / SUM_EVERY;
	struct prefix prefix = { 0 };

	if (count <= SHORT)
		sort_short(values, room->sorted, count);
	else
		sort_long(values, room->sorted, room->other, count);
	for (int64_t i = 0; i <= blocks; i++) {
		const int64_t place = i * SUM_EVERY;

		room->prefix[i] = prefix;
		room->head[i] = place < count ? room->sorted[place] : INFINITY;
		if (i < blocks)
			add_points(&prefix, room->sorted + place, SUM_EVERY);
	}
	room->visits += (uint64_t)count;
	room->memo.count = 0;
	room->memo.has_moments = false;
	return (struct slice){ .point = room->sorted, .head = room->head, .prefix = room->prefix,
			       .points = count, .every = SUM_EVERY, .count = count,
			       .least = room->sorted[0], .greatest = room->sorted[count - 1],
			       .values = values, .batch = count, .scratch = room->other,
			       .visits = &room->visits, .candidates = &room->candidates,
			       .memo = &room->memo };
}

/* SPDX-License-Identifier: MIT
 *
 * Packing for the route of int8_clipped.h: which weights are moved towards 0 by how much, what that
 * costs, and how the weights then lie in memory.
 */
#ifndef QS_INT8_CLIP_H
#define QS_INT8_CLIP_H

#include "int8_bytes.h"

enum { PAIR_MOST = 128, LANE_TOTAL = 255, CENTRE = 128, STRIP = STRIP_VECTORS * LANES,
       STRIPS = WIDTH / STRIP, ROW_BYTES = STRIP * QUAD, CLIPPED_MOST = 4 };

/* Numbers of steps, the likeliest first.  Beside the weights of more, 16 registers have no room for
 * what is multiplied. */
static const uint8_t clipped_steps[] = { 3, CLIPPED_MOST, 2 };

/* Costs, for a row and a vector of columns: of multiplying a quad, of widening a block and adding
 * it to the sums, of a rest; of a quad as words, and as those of level 1.  By times of weights of
 * several distributions on one CPU (Zen 5, 256 and 512 bits). */
enum { COST = 12, COST_BLOCK = 16, COST_REST = 24, COST_WORDS = 26, COST_LEVEL = 23 };

struct clipped_block {          /* `steps` quads of LANES columns                        */
	int8_t kept[LANES][CLIPPED_MOST * QUAD], rest[LANES][CLIPPED_MOST * QUAD];
	bool used[CLIPPED_MOST];  /* has rests                                             */
};

/* Of a pair of one sign its size; of another one no more than PAIR_MOST. */
static inline int pair_size(const int8_t *w)
{
	return abs(w[0] + w[1]);
}

static void pair_clip(int8_t *kept, int8_t *rest, int by)
{
	for (int i = 0; i < 2; i++) {
		const int size = abs(kept[i]), here = size < by ? size : by;
		const int move = kept[i] < 0 ? -here : here;

		kept[i] = (int8_t)(kept[i] - move);
		rest[i] = (int8_t)(rest[i] + move);
		by -= here;
	}
}

/* How much more can be taken off a pair. */
static int pair_room(const int8_t *kept, const int8_t *rest)
{
	const int size = abs(kept[0]) + abs(kept[1]), left = PAIR_MOST - pair_size(rest);

	return size < left ? size : left;
}

/* Takes off a lane what is `above` its bound, where the block has rests already if it can be.
 * false: rests would break theirs. */
static bool lane_clip(struct clipped_block *block, int column, int lane, int steps, int above)
{
	int8_t *kept = block->kept[column] + 2 * lane, *rest = block->rest[column] + 2 * lane;

	while (above > 0) {
		int best = 0, most = 0, by;

		for (int s = 0; s < steps; s++) {
			const int room = pair_room(kept + s * QUAD, rest + s * QUAD);
			const int value = room ? room + (block->used[s] ? 2 * PAIR_MOST : 0) : 0;

			best = value > most ? s : best;
			most = value > most ? value : most;
		}
		if (!most)
			return false;
		by = pair_room(kept + best * QUAD, rest + best * QUAD);
		by = by < above ? by : above;
		pair_clip(kept + best * QUAD, rest + best * QUAD, by);
		block->used[best] = true;
		above -= by;
	}
	return true;
}

/* The block of LANES columns from `column` on and of `steps` quads from `quad` on.  false: it
 * cannot be. */
static inline __attribute__((always_inline)) bool
block_clip_by(struct clipped_block *block, const struct qs_task *task, const int8_t *w,
	      int64_t column, int64_t quad, const int steps)
{
	const int64_t k = quad * QUAD, left = task->k - k;
	const int size = steps * QUAD;
	int total[LANES][2] = { { 0 } };

	memset(block, 0, sizeof *block);
	for (int n = 0; n < LANES && column + n < task->n && left > 0; n++) {
		const int8_t *from = w + (column + n) * task->w.stride + k;
		int8_t *kept = block->kept[n];

		if (left >= size)
			memcpy(kept, from, (size_t)size);
		else
			memcpy(kept, from, (size_t)left);
		for (int i = 0; i < size; i += 2) {
			const int above = pair_size(kept + i) - PAIR_MOST;

			if (above > 0) {
				pair_clip(kept + i, block->rest[n] + i, above);
				block->used[i / QUAD] = true;
			}
			total[n][i % QUAD / 2] += abs(kept[i]) + abs(kept[i + 1]);
		}
	}
	for (int n = 0; n < LANES; n++)
		for (int lane = 0; lane < 2; lane++)
			if (!lane_clip(block, n, lane, steps, total[n][lane] - LANE_TOTAL))
				return false;
	return true;
}

static bool block_clip(struct clipped_block *block, const struct qs_task *task, const int8_t *w,
		       int64_t column, int64_t quad, int steps)
{
	switch (steps) {
	case 2: return block_clip_by(block, task, w, column, quad, 2);
	case 3: return block_clip_by(block, task, w, column, quad, 3);
	default: return block_clip_by(block, task, w, column, quad, CLIPPED_MOST);
	}
}

/* A strip in one step of k: blocks of 1 + steps rows of ROW_BYTES, the first of them what lanes
 * begin with; then the rests, a vector each, of its first vector of columns, of its second ... */
struct clipped_part {
	const int8_t *w;
	const int32_t *at;      /* of each rest: bytes from a step's first code          */
	int64_t blocks, rests[STRIP_VECTORS];
};

static inline int64_t clipped_rests(const struct clipped_part *part)
{
	int64_t rests = 0;

	for (int v = 0; v < STRIP_VECTORS; v++)
		rests += part->rests[v];
	return rests;
}

static inline int64_t clipped_bytes(const struct clipped_part *part, int steps)
{
	return part->blocks * (1 + steps) * ROW_BYTES + clipped_rests(part) * LANES * QUAD;
}

/* Counts part->rests.  false: it cannot be, or they are more than `most`. */
static bool clipped_count(struct clipped_part *part, const struct qs_task *task, const int8_t *w,
			  int64_t strip, int64_t quad, int steps, int64_t most)
{
	memset(part->rests, 0, sizeof part->rests);
	for (int64_t i = 0; i < part->blocks * STRIP_VECTORS; i++) {
		const int v = (int)(i % STRIP_VECTORS);
		struct clipped_block block;

		if (!block_clip(&block, task, w, strip * STRIP + v * LANES,
				quad + i / STRIP_VECTORS * steps, steps))
			return false;
		for (int s = 0; s < steps; s++)
			part->rests[v] += block.used[s];
		if (clipped_rests(part) > most)
			return false;
	}
	return true;
}

/* The same block as it lies in memory; `start` of its columns gets what lanes begin with. */
static void block_pack(const struct clipped_block *block, int steps, int8_t *to, uint32_t *start)
{
	for (int n = 0; n < LANES; n++)
		for (int lane = 0; lane < 2; lane++) {
			int sum = 0;

			for (int s = 0; s < steps; s++) {
				const int8_t *pair = block->kept[n] + s * QUAD + 2 * lane;

				memcpy(to + (1 + s) * ROW_BYTES + n * QUAD + 2 * lane, pair, 2);
				sum += CENTRE * (pair[0] + pair[1]);
			}
			const int16_t begin = (int16_t)-sum;

			memcpy(to + n * QUAD + 2 * lane, &begin, sizeof begin);
			start[n] += (uint32_t)sum;
		}
}

/* What clipped_count counted, to memory of zeroes. */
static void clipped_pack(const struct clipped_part *part, const struct qs_task *task,
			 const int8_t *w, int64_t strip, int64_t quad, int steps, int8_t *to,
			 int32_t *at, uint32_t *start)
{
	int8_t *rest = to + part->blocks * (1 + steps) * ROW_BYTES;

	for (int64_t i = 0; i < part->blocks * STRIP_VECTORS; i++) {
		const int64_t v = i / part->blocks, in = i % part->blocks;
		struct clipped_block block;

		(void)block_clip(&block, task, w, strip * STRIP + v * LANES, quad + in * steps,
				 steps);
		block_pack(&block, steps, to + in * (1 + steps) * ROW_BYTES + v * LANES * QUAD,
			   start + v * LANES);
		for (int s = 0; s < steps; s++) {
			if (!block.used[s])
				continue;
			for (int n = 0; n < LANES; n++, rest += QUAD)
				memcpy(rest, block.rest[n] + s * QUAD, QUAD);
			*at++ = (int32_t)(in * steps + s) * QUAD;
		}
	}
}

/* Of a strip in `steps`: counts the rests of its parts.  What it costs, or above `most`. */
static int64_t clipped_cost(const struct bytes *p, const struct qs_task *task, const int8_t *w,
			    int64_t strip, int steps, int64_t most, struct clipped_part *parts)
{
	int64_t cost = 0;

	for (int64_t i = 0; i < bytes_depths(p); i++) {
		const int64_t quad = i * p->depth, left = p->quads - quad;
		const int64_t quads = left < p->depth ? left : p->depth;

		parts[i].blocks = (quads + steps - 1) / steps;
		cost += parts[i].blocks * (steps * COST + COST_BLOCK) * STRIP_VECTORS;
		if (cost > most || !clipped_count(&parts[i], task, w, strip, quad, steps,
						  (most - cost) / COST_REST))
			return most + 1;
		cost += clipped_rests(&parts[i]) * COST_REST;
	}
	return cost;
}

/* The cheapest steps of a strip and its parts; `trial` is as many.  What it costs, or above `most`:
 * it costs more. */
static int64_t clipped_choose(const struct bytes *p, const struct qs_task *task, const int8_t *w,
			      int64_t strip, int64_t most, uint8_t *steps,
			      struct clipped_part *parts, struct clipped_part *trial)
{
	const size_t size = (size_t)bytes_depths(p) * sizeof *parts;
	int64_t least = most + 1;

	for (size_t i = 0; i < sizeof clipped_steps / sizeof *clipped_steps; i++) {
		const int64_t cost = clipped_cost(p, task, w, strip, clipped_steps[i], least - 1,
						  trial);

		if (cost >= least)
			continue;
		least = cost;
		*steps = clipped_steps[i];
		memcpy(parts, trial, size);
	}
	return least;
}

#endif

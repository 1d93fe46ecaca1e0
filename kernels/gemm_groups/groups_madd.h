/* SPDX-License-Identifier: MIT
 *
 * Scaled gemms without VNNI, exact: the arithmetic, and how weights are packed.
 *
 * Weights lie in panels of `columns` channels, group after group: the codes, 32 k at a time (a
 * block), then the group's scales and, where any zero point is not 0, what corrects for them.
 * U = W + 2^(bits-1) are the codes as they are packed, unsigned; A' is A, of u8 A - 128.
 *
 * Codes of 4 bits or fewer.  vpmaddubsw adds two products U A' in 16 bits: at most 2 * 15 * 128
 * in magnitude, it does not saturate.  A lane of 16 bits begins at 2^(bits-1) sum A' and has such
 * pairs subtracted modulo 2^16, so after n products it is congruent to - sum A' W.  Each A' W lies
 * in -127 * 2^(bits-1) .. 128 * 2^(bits-1), so while n 2^(bits-1) <= 256 the lane's true value lies
 * in -32768 .. 32512 and the lane holds it.  That is why products are subtracted: their sum may be
 * 32768.  A lane takes every second pair, so n is half of a span of k: a span is 64 of 4 bits, 128
 * of 3, 256 of 2, or the group if that is shorter.  Then vpmaddwd by -1 widens two lanes to 32
 * bits.
 *
 * Codes of 8 bits, one row of a: A' = 16 H + L, -8 <= H <= 7 and 0 <= L <= 15, both by the way
 * above.  Pairs U L are at most 2 * 255 * 15; sums of n = 16 products L W lie in
 * -30720 .. 30480 and of H W in -16384 .. 16384: a span is 32.
 *
 * Codes of 8 bits, more rows: vpmaddwd of 16-bit numbers, zero points taken off (-255 .. 255).
 *
 * In the first two ways zero points cost one vpmaddwd a group: with a the zero point of A' and w
 * that of W, sum (A' - a)(W - w) = sum A' W - w sum A' - a sum (W - w), and of at most 128 k all
 * four fit 16 bits: |w|, |a| <= 128, |sum A'| <= 128 * 128, |sum (W - w)| <= 128 * 255 = 32640.
 */
#ifndef QS_GROUPS_MADD_H
#define QS_GROUPS_MADD_H

#include "../gemm/gemm_blocks.h"
#include "groups.h"

/* k goes in blocks of a panel, and in steps of at most DEPTH (16-bit numbers: DEPTH_WIDE; a single
 * row: DEPTH_ALONE) through copied rows of a, of which a unit has at most ROWS_MAX (WIDE_MAX). */
enum { BLOCK = 32, QUAD = 4, BLOCK_QUADS = BLOCK / QUAD, DEPTH = 768, STEP_BLOCKS = DEPTH / BLOCK,
       DEPTH_WIDE = 512, DEPTH_ALONE = 16384, ROWS_MAX = 96, WIDE_MAX = 48 };

struct groups_madd {
	struct qs_task task;
	int bits, columns;
	int span;               /* blocks                                                */
	bool channel, corrected;
	int64_t groups, group_blocks;   /* all groups of a panel take as much room       */
	int64_t panels, row_chunks, panel_chunks;
	int64_t depth;          /* of a step                                             */
	size_t block_bytes, group_bytes, panel_bytes;
	_Alignas(GEMM_LINE) uint8_t w[];
};

/* The zero point of A'. */
static inline int32_t groups_madd_zero(const struct qs_task *task, int64_t row)
{
	return gemm_zero(&task->a, row) - (task->a.type == QS_U8 ? 128 : 0);
}

static inline bool groups_madd_corrected(const struct qs_task *task)
{
	for (int64_t i = 0; i < task->a.scales; i++)
		if (groups_madd_zero(task, i))
			return true;
	for (int64_t i = 0; task->w.zero && i < task->w.scales; i++)
		if (task->w.zero[i])
			return true;
	return false;
}

/* Puts U, number k of a block, of one channel.  A line is a quad of each channel.  Of 4 bits a byte
 * holds two quads and of 2 four; of 3, eight quads lie in three lines: 0 .. 5 in the low 6 bits, 6
 * and 7 in the high 2 of the first two lines and, what is left, in those of the third. */
static inline void groups_madd_put(uint8_t *block, int bits, int columns, int k, unsigned code)
{
	const int q = k / QUAD, line = columns * QUAD;
	uint8_t *to = block + k % QUAD;

	if (bits == 8) {
		to[q * line] = (uint8_t)code;
	} else if (bits == 4) {
		to[q / 2 * line] |= (uint8_t)(code << q % 2 * 4);
	} else if (bits == 2) {
		to[q / 4 * line] |= (uint8_t)(code << q % 4 * 2);
	} else if (q < 6) {
		to[q % 3 * line] |= (uint8_t)(code << q / 3 * 3);
	} else {
		to[(q - 6) * line] |= (uint8_t)(code << 6);
		to[2 * line] |= (uint8_t)(code >> 2 << q);
	}
}

/* What follows a group's codes: scales, then corrections, one a channel. */
static inline void groups_madd_put_end(const struct groups_madd *p, uint8_t *end, float scale,
				       int32_t zero, int64_t sum)
{
	const size_t line = (size_t)p->columns * sizeof scale;
	const int32_t whole[] = { zero, (int32_t)(uint32_t)sum };
	const int16_t pair[] = { (int16_t)zero, (int16_t)sum };

	memcpy(end, &scale, sizeof scale);
	if (!p->corrected)
		return;
	if (p->channel) {
		memcpy(end + line, &whole[0], sizeof *whole);
		memcpy(end + 2 * line, &whole[1], sizeof *whole);
	} else {
		memcpy(end + line, pair, sizeof pair);
	}
}

static inline void groups_madd_pack(struct groups_madd *p, const uint8_t *row, int64_t n)
{
	const struct qs_task *task = &p->task;
	const int64_t length = groups_length(task), offset = groups_offset(task->w.type);
	uint8_t *group = p->w + (size_t)(n / p->columns) * p->panel_bytes + n % p->columns * QUAD;

	for (int64_t g = 0; g < p->groups; g++, group += p->group_bytes) {
		const int64_t from = g * length;
		const int64_t end = task->k - from < length ? task->k - from : length;
		const int32_t zero = groups_zero_w(task, n, g);
		int64_t sum = 0;

		for (int64_t k = 0; k < end; k++) {
			const int32_t code = groups_code(row, p->bits, from + k);

			groups_madd_put(group + (size_t)(k / BLOCK) * p->block_bytes, p->bits,
					p->columns, (int)(k % BLOCK), (unsigned)(code + offset));
			sum += code - zero;
		}
		groups_madd_put_end(p, group + (size_t)p->group_blocks * p->block_bytes,
				    groups_scale_w(task, n, g), zero, sum);
	}
}

/* Steps of k as equal as whole groups and spans allow. */
static inline int64_t groups_madd_depth(const struct groups_madd *p)
{
	const int64_t wide = p->bits == 8 ? DEPTH_WIDE : DEPTH;
	const int64_t most = p->task.m == 1 ? DEPTH_ALONE : wide;
	const int64_t steps = (p->task.k + most - 1) / most;
	const int64_t grain = p->span * BLOCK > GROUPS_LARGEST ? p->span * BLOCK : GROUPS_LARGEST;
	const int64_t even = (p->task.k + steps - 1) / steps;

	return (even + grain - 1) / grain * grain;
}

/* A unit is a chunk of rows by a chunk of panels; as few as give all threads equally much. */
static inline void groups_madd_cut(struct groups_madd *p)
{
	const int64_t most = p->bits == 8 ? WIDE_MAX : ROWS_MAX;
	int64_t chunks = 1;

	p->row_chunks = (p->task.m + most - 1) / most;
	while (p->row_chunks * chunks % p->task.threads && chunks < p->panels &&
	       p->row_chunks * chunks < 4 * (int64_t)p->task.threads)
		chunks++;
	p->panel_chunks = chunks;
}

static inline void *groups_madd_prepare(const struct qs_task *task, const void *w, size_t *bytes,
					const char **reason, int columns)
{
	const bool corrected = groups_madd_corrected(task);
	const bool channel = task->w.per != QS_PER_GROUP;
	const int64_t group_blocks = (groups_length(task) + BLOCK - 1) / BLOCK;
	const int bits = groups_bits(task->w.type);
	const size_t block = (size_t)(BLOCK * columns * bits / 8);
	const size_t ends = (size_t)columns * 4 * (corrected ? channel ? 3 : 2 : 1);
	const size_t group = (size_t)group_blocks * block + ends;
	const size_t panel = group * (size_t)groups_count(task);
	const int64_t panels = (task->n + columns - 1) / columns;
	struct groups_madd *p;

	*reason = groups_prove(task, w);
	if (*reason)
		return NULL;
	p = gemm_allocate(sizeof *p, (size_t)panels, panel);
	if (!p)
		return NULL;
	p->task = *task;
	p->bits = bits;
	p->columns = columns;
	p->span = bits == 8 ? 1 : 16 >> (bits - 1);
	p->channel = channel;
	p->corrected = corrected;
	p->groups = groups_count(task);
	p->group_blocks = group_blocks;
	p->panels = panels;
	p->block_bytes = block;
	p->group_bytes = group;
	p->panel_bytes = panel;
	p->depth = groups_madd_depth(p);
	groups_madd_cut(p);
	for (int64_t n = 0; n < task->n; n++)
		groups_madd_pack(p, groups_row(task, w, n), n);
	*bytes = panel * (size_t)panels;
	return p;
}

static inline int64_t groups_madd_units(const void *prepared)
{
	const struct groups_madd *p = prepared;

	return p->row_chunks * p->panel_chunks;
}

#endif

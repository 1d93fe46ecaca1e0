/* SPDX-License-Identifier: MIT
 *
 * How the VNNI kernels pack weights and cut their work.  The includer has defined LANES, the sums
 * of a vector: a vector of codes holds four neighbours along k (a quad) of LANES columns.
 *
 * The instruction takes one unsigned operand, which is the weight: code + offset (128, 8, 4 or 2),
 * and one signed, which is the activation: u8 codes are copied less 128, their zero point too.
 * With A and Z those, U the unsigned weights, z their zero points
 *
 *         sum (A - Z) (U - offset - z) = sum A U - (offset + z) sum A - Z sum (W - z)
 *
 * so all corrections are where the sums of a group begin (enum groups_start).  Padding is A = 0.
 *
 * Codes of fewer than 8 bits share bytes with those of other columns at the same k.  They are cut
 * out by a mask alone, without a shift: a field that begins at bit s gives sums 2^s times too
 * large, and its scale is packed 2^s times smaller.  That changes no bit, as products of floats and
 * their roundings to float do not hang on powers of two, unless a scale becomes denormal: then the
 * weights are packed as if they were s8.  A whole row's sums could leave s32, so those are shifted
 * back after each step of k, and their scales are as they are.
 *
 *         s8   2 vectors side by side
 *         s4   2 vectors in the nibbles of one
 *         s3   8 vectors in three: two fields of three bits in each; of the two bits left over the
 *              first two hold the upper two bits of vectors 6 and 7, the third their lowest bits
 *         s2   4 vectors in one
 *
 * A panel is that many columns.  Its memory is a record a group: codes (of s3 a plane for each of
 * the three), scales, and where sums begin.  A tile is two vectors of columns (a pair) of one panel
 * or of several, by some rows.
 */
#ifndef QS_GROUPS_PACKED_H
#define QS_GROUPS_PACKED_H

#include "../gemm/gemm_blocks.h"
#include "groups.h"

enum {
	QUAD = 4, BLOCK = 32, BLOCK_QUADS = BLOCK / QUAD,   /* k goes in whole blocks    */
	VECTOR = LANES * QUAD,                              /* bytes                     */
	PAIR = 2 * LANES,                                   /* columns of a tile         */
	DEPTH = 2048,                   /* a step of k: a multiple of all groups         */
	ROW = DEPTH + 64,               /* of the copied rows of a: no two meet in one set */
	BLOCKS_MAX = DEPTH / BLOCK,     /* and groups                                    */
	STARTS = 2,
	PACKED_CACHED = 768 * 1024,     /* of weights, for row blocks in turn            */
};

enum groups_start {             /* what a group's sums begin with, and what is packed for it */
	START_ROWS,             /* -offset sum A                                         */
	START_SUM,              /* the same + start, start = -Z sum W                    */
	START_PAIRS,            /* sum A * -(offset + z) + Z * -sum (W - z), by s16 pairs */
	START_CHANNEL,          /* 0: corrected at the end; offset + z, then sum (W - z) */
};

enum groups_fetch {             /* how two vectors of weights are got                    */
	FETCH_BYTES, FETCH_FIELDS, FETCH_TOP,
};

struct groups_pair {            /* one pair of columns within a panel                    */
	enum groups_fetch fetch;
	int plane;
	uint8_t mask[2];
	int shift[2];
	int starts;             /* which of STARTS                                       */
};

struct groups_layout {
	int32_t offset;         /* makes codes unsigned                                  */
	int planes, vectors;    /* vectors of a quad in a plane                          */
	int pairs;
	struct groups_pair pair[4];
};

static const struct groups_layout packed_s8 = { 128, 1, 2, 1, {
	{ FETCH_BYTES, 0, { 0 }, { 0 }, 0 },
} };
static const struct groups_layout packed_s4 = { 8, 1, 1, 1, {
	{ FETCH_FIELDS, 0, { 0x0f, 0xf0 }, { 0, 4 }, 0 },
} };
static const struct groups_layout packed_s3 = { 4, 3, 1, 4, {
	{ FETCH_FIELDS, 0, { 0x07, 0x38 }, { 0, 3 }, 0 },
	{ FETCH_FIELDS, 1, { 0x07, 0x38 }, { 0, 3 }, 0 },
	{ FETCH_FIELDS, 2, { 0x07, 0x38 }, { 0, 3 }, 0 },
	{ FETCH_TOP, 0, { 0xc0, 0x20 }, { 5, 5 }, 1 },
} };
static const struct groups_layout packed_s2 = { 2, 1, 1, 2, {
	{ FETCH_FIELDS, 0, { 0x03, 0x0c }, { 0, 2 }, 0 },
	{ FETCH_FIELDS, 0, { 0x30, 0xc0 }, { 4, 6 }, 1 },
} };

static inline const struct groups_layout *packed_layout(const struct qs_task *task)
{
	for (int64_t i = 0; task->w.per == QS_PER_GROUP && i < task->w.scales; i++)
		if (task->w.scale[i] < 0x1p-120F)        /* 2^-126, and 6 shifts */
			return &packed_s8;
	switch (task->w.type) {
	case QS_S4: return &packed_s4;
	case QS_S3: return &packed_s3;
	case QS_S2: return &packed_s2;
	default: return &packed_s8;
	}
}

struct prepared {
	struct qs_task task;
	const struct groups_layout *layout;
	enum groups_start start;
	int64_t groups, group_blocks;    /* of a row, of a group                         */
	int group_log;                   /* its logarithm; none of a channel             */
	int64_t columns, panels;         /* of a panel, of all                           */
	int64_t row_blocks, unit_panels;
	int64_t block_rows, more_rows;   /* the first more_rows blocks have one row more */
	size_t plane_bytes, codes, group_bytes, panel_bytes;     /* codes: of a group    */
	float *bias;                     /* [panels * columns]                           */
	/* of the sums of A of 8 blocks: those of the first and the last 4 groups twice each, times
	 * these factors, of which these bits */
	int32_t place[2][8], factor[STARTS][8], bits[8];
	_Alignas(GEMM_LINE) uint8_t w[]; /* [panels][groups] records, then the bias      */
};

/* Zero point of a's row as the instruction sees a. */
static inline int32_t packed_zero_a(const struct qs_task *task, int64_t m)
{
	return gemm_zero(&task->a, m) - (task->a.type == QS_U8 ? 128 : 0);
}

static inline enum groups_start packed_start(const struct qs_task *task)
{
	if (task->w.per == QS_PER_ROW)
		return START_CHANNEL;
	for (int64_t i = 0; task->w.zero && i < task->w.scales; i++)
		if (task->w.zero[i])
			return START_PAIRS;
	if (task->a.per == QS_PER_ROW && task->a.zero)
		return START_PAIRS;
	return packed_zero_a(task, 0) ? START_SUM : START_ROWS;
}

/* Puts the unsigned code of column c at k of a group into the group's record. */
static inline void packed_put(const struct prepared *p, uint8_t *record, int64_t c, int64_t k,
			      unsigned code)
{
	const int64_t vector = c / LANES, vectors = p->layout->vectors;
	const size_t plane = p->plane_bytes;
	uint8_t *to = record + k / QUAD * vectors * VECTOR + c % LANES * QUAD + k % QUAD;

	if (p->layout == &packed_s8)
		to[vector * VECTOR] = (uint8_t)code;
	else if (p->layout == &packed_s4)
		*to |= (uint8_t)(code << 4 * vector);
	else if (p->layout == &packed_s2)
		*to |= (uint8_t)(code << 2 * vector);
	else if (vector < 6)
		to[(size_t)vector / 2 * plane] |= (uint8_t)(code << 3 * (vector % 2));
	else {
		to[(size_t)(vector - 6) * plane] |= (uint8_t)(code >> 1 << 6);
		to[2 * plane] |= (uint8_t)((code & 1) << vector);
	}
}

/* The numbers behind the codes of group g of row n: scale, and where sums begin. */
static inline void packed_put_group(const struct prepared *p, uint8_t *record, int64_t n, int64_t g,
				    int32_t sum_w)
{
	const struct qs_task *task = &p->task;
	const int64_t c = n % p->columns;
	const int32_t offset = p->layout->offset + groups_zero_w(task, n, g);
	const int shift = p->layout->pair[c / PAIR].shift[c / LANES % 2];
	float *scale = (float *)(record + p->codes) + c;
	int32_t *start = (int32_t *)scale + p->columns;

	*scale = groups_scale_w(task, n, g);
	if (p->start != START_CHANNEL)
		*scale /= (float)(1 << shift);
	if (p->start == START_SUM) {
		*start = -packed_zero_a(task, 0) * sum_w * (1 << shift);
	} else if (p->start == START_PAIRS) {
		const uint32_t low = (uint32_t)(-offset * (1 << shift));
		const uint32_t high = (uint32_t)(-sum_w * (1 << shift));

		*start = (int32_t)((low & 0xffff) | high << 16);
	} else if (p->start == START_CHANNEL) {
		*start = offset;
		start[p->columns] = sum_w;
	}
}

static inline void packed_fill(struct prepared *p, const void *w)
{
	const struct qs_task *task = &p->task;
	const int bits = groups_bits(task->w.type);
	const int64_t length = groups_length(task);

	for (int64_t n = 0; n < task->n; n++) {
		const uint8_t *row = groups_row(task, w, n);
		uint8_t *panel = p->w + (size_t)(n / p->columns) * p->panel_bytes;

		for (int64_t g = 0; g < p->groups; g++) {
			const int64_t from = g * length;
			const int64_t end = from + length < task->k ? from + length : task->k;
			uint8_t *record = panel + (size_t)g * p->group_bytes;
			uint32_t sum = 0;

			for (int64_t k = from; k < end; k++) {
				const int32_t code = groups_code(row, bits, k);

				packed_put(p, record, n % p->columns, k - from,
					   (unsigned)(code + p->layout->offset));
				sum += (uint32_t)(code - groups_zero_w(task, n, g));
			}
			packed_put_group(p, record, n, g, (int32_t)sum);
		}
		if (task->bias_f32)
			p->bias[n] = task->bias_f32[n];
	}
}

/* How start_groups gets from sums of A to where sums begin: a pair's two vectors in turn. */
static inline void packed_factors(struct prepared *p)
{
	const bool pairs = p->start == START_PAIRS;

	for (int i = 0; i < 8; i++) {
		p->bits[i] = pairs ? 0xffff : -1;
		p->place[0][i] = (int32_t)(i / 2 * p->group_blocks % 8);
		p->place[1][i] = (int32_t)((4 + i / 2) * p->group_blocks % 8);
	}
	for (int i = 0; i < 8 * p->layout->pairs; i++) {
		const struct groups_pair *pair = &p->layout->pair[i / 8];

		p->factor[pair->starts][i % 8] =
			pairs ? 1 : -p->layout->offset * (1 << pair->shift[i % 2]);
	}
}

/* Rows of a tile are rows_max; a unit is a block of rows by panels that stay in the cache. */
static inline void packed_cut(struct prepared *p, int rows_max)
{
	const int64_t fit = (int64_t)(PACKED_CACHED / p->panel_bytes);
	const int64_t threads = p->task.threads > 1 ? p->task.threads : 1;
	int64_t parts;

	p->row_blocks = (p->task.m + rows_max - 1) / rows_max;
	p->block_rows = p->task.m / p->row_blocks;
	p->more_rows = p->task.m % p->row_blocks;
	parts = (threads + p->row_blocks - 1) / p->row_blocks;
	p->unit_panels = (p->panels + parts - 1) / parts;
	if (p->row_blocks > 1 && p->unit_panels > fit)
		p->unit_panels = fit > 1 ? fit : 1;
}

static inline void *packed_prepare(const struct qs_task *task, const void *w, size_t *bytes,
				   const char **reason, int rows_max)
{
	static const int extras[] = {
		[START_ROWS] = 1, [START_SUM] = 2, [START_PAIRS] = 2, [START_CHANNEL] = 3,
	};
	struct prepared head = { .task = *task, .layout = packed_layout(task),
				 .start = packed_start(task), .groups = groups_count(task) };
	struct prepared *p;

	*reason = groups_prove(task, w);
	if (*reason)
		return NULL;
	head.group_blocks = (groups_length(task) + BLOCK - 1) / BLOCK;
	while (head.start != START_CHANNEL && 1 << head.group_log < head.group_blocks)
		head.group_log++;
	head.columns = head.layout->pairs * PAIR;
	head.panels = (task->n + head.columns - 1) / head.columns;
	head.plane_bytes = (size_t)head.group_blocks * BLOCK_QUADS *
			   (size_t)head.layout->vectors * VECTOR;
	head.codes = (size_t)head.layout->planes * head.plane_bytes;
	head.group_bytes = head.codes +
			   (size_t)head.columns * (size_t)extras[head.start] * sizeof(float);
	if (__builtin_mul_overflow((size_t)head.groups, head.group_bytes, &head.panel_bytes))
		return NULL;
	packed_cut(&head, rows_max);
	p = gemm_allocate(sizeof *p, (size_t)head.panels,
			  head.panel_bytes + (size_t)head.columns * sizeof(float));
	if (!p)
		return NULL;
	*p = head;
	*bytes = (size_t)p->panels * p->panel_bytes;
	p->bias = (float *)(p->w + *bytes);
	packed_fill(p, w);
	packed_factors(p);
	return p;
}

static inline int64_t packed_units(const struct prepared *p)
{
	return p->row_blocks * ((p->panels + p->unit_panels - 1) / p->unit_panels);
}

/* Units are in the order of this: all row blocks by the first panels, then by the next ones. */
struct packed_unit {            /* rows [row, row + rows), panels [panel, panel_end)     */
	int64_t block, row, panel, panel_end;
	int rows;
};

static inline void packed_place(const struct prepared *p, struct packed_unit *unit)
{
	const int64_t more = unit->block < p->more_rows ? unit->block : p->more_rows;
	const int64_t end = unit->panel + p->unit_panels;

	unit->row = unit->block * p->block_rows + more;
	unit->rows = (int)(p->block_rows + (unit->block < p->more_rows));
	unit->panel_end = end < p->panels ? end : p->panels;
}

static inline struct packed_unit packed_unit(const struct prepared *p, int64_t i)
{
	struct packed_unit unit = { .block = i % p->row_blocks,
				    .panel = i / p->row_blocks * p->unit_panels };

	packed_place(p, &unit);
	return unit;
}

static inline void packed_next(const struct prepared *p, struct packed_unit *unit)
{
	if (++unit->block == p->row_blocks) {
		unit->block = 0;
		unit->panel = unit->panel_end;
	}
	packed_place(p, unit);
}

#endif

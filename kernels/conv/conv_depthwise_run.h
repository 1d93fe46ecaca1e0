/* SPDX-License-Identifier: MIT
 *
 * A unit of a depthwise convolution: some lines of y, or a piece of them.  Who includes this has
 * defined what conv_depthwise.h asks for, and
 *
 *         words_fill(p, words, at, rows, count)    words of WORD_ROWS rows of a, from element `at`
 *         depthwise_finish(p, block, y)    what becomes of a block of sums
 *         depthwise_as_codes(p)            whether sums go right to y
 *
 * and, if they may (DEPTHWISE_DIRECT),
 *
 *         struct vector_clip, vector_clip(p), vector_codes(clip, y, sums, column, codes)
 *                                          which do that to a strip
 *         vector_order(sums)               of a strip in planes: into the order of its columns
 */
#ifndef QS_CONV_DEPTHWISE_RUN_H
#define QS_CONV_DEPTHWISE_RUN_H

#include "conv_depthwise.h"

enum { FEW_TAPS = 3 };  /* of a kernel of 3 x 3 whose words hold its rows                */

static inline void words_fill(const struct depthwise *p, char *words, int64_t at,
			      const element_of_a *const rows[WORD_ROWS], int64_t count);

#if !DEPTHWISE_DIRECT
struct vector_clip {
	char none;
};

static inline struct vector_clip vector_clip(const struct depthwise *p)
{
	(void)p;
	return (struct vector_clip){ 0 };
}

#define vector_codes(clip, y, sums, column, codes) ((void)(y))
#define vector_order(sums) ((void)(sums))
#endif

struct depthwise_unit {
	int64_t image, line, lines, column, columns;
};

struct depthwise_block {        /* finished sums, or floats, of one line                 */
	const int32_t *sums;    /* rows of STRIP                                         */
	int64_t row, rows;      /* of y: each `block` positions behind the one before    */
	int64_t column, columns;         /* of a block                                   */
};

static void depthwise_finish(const struct depthwise *p, const struct depthwise_block *block,
			     void *y);

static inline struct depthwise_unit depthwise_unit_at(const struct depthwise *p, int64_t i)
{
	const struct depthwise_cut *cut = &p->cut;
	const int64_t groups = depthwise_ceil(cut->out_h, cut->lines);
	const int64_t line = i / cut->pieces % groups * cut->lines;
	const int64_t column = i % cut->pieces * cut->piece;

	return (struct depthwise_unit){
		.image = i / cut->pieces / groups, .line = line,
		.lines = cut->out_h - line < cut->lines ? cut->out_h - line : cut->lines,
		.column = column,
		.columns = cut->out_w - column < cut->piece ? cut->out_w - column : cut->piece,
	};
}

/* Each `step`-th position of a row; short copies in line, a call for each would cost more. */
static inline void depthwise_gather(const struct depthwise *p, element_of_a *to,
				    const element_of_a *from, int64_t count)
{
	enum { PIECE = 16 / (int)sizeof(element_of_a) };
	const int64_t channels = p->conv.channels, step = p->conv.stride_w * p->task.a.stride;

	for (int64_t i = 0; i < count; i++, to += channels, from += step) {
		int64_t at = 0;

		for (; at + PIECE <= channels; at += PIECE) {
			memcpy(to + at, from + at, PIECE * sizeof *to);
			/* or compilers make the loop a call */
			__asm__ volatile("");
		}
		for (; at < channels; at++)
			to[at] = from[at];
	}
}

struct depthwise_rows {         /* what a word's rows are filled from                    */
	const element_of_a *a;  /* the image                                             */
	int64_t y, step;        /* input row of the first, and from one to the next      */
	int64_t x;              /* input column of the first position                    */
	int64_t rows;           /* that count; the others are outside                    */
};

/* The words of one residue of input columns. */
static inline void depthwise_fill_phase(const struct depthwise *p, const struct depthwise_rows *r,
					int64_t positions, char *words, int64_t at)
{
	const struct qs_conv *c = &p->conv;
	const int64_t channels = c->channels, stride = c->stride_w;
	const int64_t before = r->x < 0 ? depthwise_ceil(-r->x, stride) : 0;
	const int64_t first = before < positions ? before : positions;
	const int64_t end = r->x < c->width ? depthwise_ceil(c->width - r->x, stride) : 0;
	const int64_t last = end < positions ? end : positions;
	const int64_t inside = last > first ? last - first : 0, after = positions - first - inside;
	const bool plain = stride == 1 && p->task.a.stride == channels;
	/* rows that do not meet in one set of the cache */
	const int64_t pitch = depthwise_ceil(inside * channels, GEMM_LINE) * GEMM_LINE + GEMM_LINE;
	element_of_a gathered[WORD_ROWS * (WORDS_BYTES_MOST / 4 + 2 * GEMM_LINE)];
	const element_of_a *outside[WORD_ROWS], *rows[WORD_ROWS];

	for (int i = 0; i < WORD_ROWS; i++) {
		const int64_t y = r->y + i * r->step;
		const element_of_a *row =
			r->a + (y * c->width + r->x + first * stride) * p->task.a.stride;

		outside[i] = rows[i] = p->outside;
		if (!inside || i >= r->rows || y < 0 || y >= c->height)
			continue;
		rows[i] = plain ? row : gathered + i * pitch;
		if (!plain)
			depthwise_gather(p, gathered + i * pitch, row, inside);
	}
	words_fill(p, words, at, outside, first * channels);
	words_fill(p, words, at + first * channels, rows, inside * channels);
	words_fill(p, words, at + (first + inside) * channels, outside, after * channels);
}

static inline void depthwise_fill(const struct depthwise *p, const struct depthwise_unit *u,
				  const void *a, char *words)
{
	const struct qs_conv *c = &p->conv;
	const int64_t image = u->image * c->height * c->width * p->task.a.stride;
	const int64_t positions = u->columns + c->dilation_w * (c->kernel_w - 1) / c->stride_w + 1;
	struct depthwise_rows r = { .a = (const element_of_a *)a + image, .step = c->dilation_h };

	for (int64_t row = 0; row < p->cut.row_words; row++)
		for (int64_t phase = 0; phase < c->stride_w; phase++) {
			const int64_t from = row * WORD_ROWS;

			r.y = u->line * c->stride_h - c->pad_top + from * c->dilation_h;
			r.x = u->column * c->stride_w - c->pad_left + phase;
			r.rows = p->cut.rows - from;
			depthwise_fill_phase(p, &r, positions, words,
					     (row * c->stride_w + phase) * p->cut.phase);
		}
}

/* Where the sums of some blocks go. */
struct depthwise_out {
	int32_t *sums;          /* [lines][HELD_BLOCKS][STRIP]; or                       */
	uint8_t *y;             /* right to codes, those of the first line               */
	int64_t block, line;    /* bytes of y from one to the next                       */
};

/* What the strips of a column share; copies, as a store of codes might change them in memory. */
struct depthwise_strip {
	const char *w;
	const int32_t *begin;
	const int64_t *offset;
	int64_t taps, column, block_bytes, pitch;
	bool planes;
	struct vector_clip clip;
	struct depthwise_out out;
};

/* A strip of `blocks` blocks side by side for `lines` lines; few: of FEW_TAPS taps. */
static inline __attribute__((always_inline)) void
depthwise_strip(const struct depthwise_strip *s, const char *words, int64_t block, const int blocks,
		const int lines, const enum depthwise_codes codes, const bool few)
{
	const int64_t taps = few ? FEW_TAPS : s->taps, pitch = s->pitch;
	const int64_t *offset = s->offset;
	const char *w = s->w;
	vector sum[BLOCKS][LINES_MOST][STRIP_VECTORS];

	GEMM_UNROLL
	for (int v = 0; v < STRIP_VECTORS; v++) {
		const vector begin = vector_load(s->begin + v * LANES_OF);

		GEMM_UNROLL
		for (int i = 0; i < blocks * lines; i++)
			sum[i / lines][i % lines][v] = begin;
	}
	for (int64_t tap = 0; tap < taps; tap++, w += lines * STRIP * 4) {
		const char *at = words + offset[tap];

		GEMM_UNROLL
		for (int v = 0; v < STRIP_VECTORS; v++) {
			vector weights[LINES_MOST];

			GEMM_UNROLL
			for (int line = 0; line < lines; line++) {
				weights[line] = vector_load(w + (line * STRIP_VECTORS + v) *
								 (int)sizeof(vector));
				/* one load for all blocks */
				if (blocks > 1)
					__asm__("" : "+v"(weights[line]));
			}
			GEMM_UNROLL
			for (int b = 0; b < blocks; b++) {
				const vector x = vector_load(at + b * s->block_bytes +
							     v * pitch);

				GEMM_UNROLL
				for (int line = 0; line < lines; line++)
					sum[b][line][v] =
						vector_dot(sum[b][line][v], x, weights[line]);
			}
		}
	}
	GEMM_UNROLL
	for (int b = 0; b < blocks; b++)
		GEMM_UNROLL
		for (int line = 0; line < lines; line++) {
			int32_t *sums =
				s->out.sums + (line * HELD_BLOCKS + block + b) * STRIP;
			uint8_t *const y = s->out.y + line * s->out.line +
					   (block + b) * s->out.block;

			if (codes) {
				vector_codes(&s->clip, y, sum[b][line], s->column, codes);
				continue;
			}
			if (s->planes)
				vector_order(sum[b][line]);
			GEMM_UNROLL
			for (int v = 0; v < STRIP_VECTORS; v++)
				vector_store(sums + v * LANES_OF, sum[b][line][v]);
		}
}

static inline __attribute__((always_inline)) void
depthwise_strips(const struct depthwise *p, const char *words, int64_t count, int64_t column,
		 const struct depthwise_out *out, const int lines, const enum depthwise_codes codes,
		 const bool few)
{
	const struct depthwise_strip s = {
		.w = p->w + column * p->taps * lines * 4, .begin = p->begin + column,
		.offset = p->offset, .taps = p->taps, .column = column,
		.block_bytes = p->cut.block * p->conv.channels * p->unit, .pitch = p->pitch,
		.planes = depthwise_in_planes(p), .clip = vector_clip(p), .out = *out,
	};
	const char *at = words + column * p->unit;
	int64_t b = 0;

	for (; b + BLOCKS <= count; b += BLOCKS)
		depthwise_strip(&s, at + b * s.block_bytes, b, BLOCKS, lines, codes, few);
	for (; b < count; b++)
		depthwise_strip(&s, at + b * s.block_bytes, b, 1, lines, codes, few);
}

/* Of blocks whose sums are there; the last may have fewer positions than a block. */
static inline void depthwise_finish_blocks(const struct depthwise *p,
					   const struct depthwise_unit *u, int64_t from,
					   int64_t count, int64_t column, const int32_t *sums,
					   void *y)
{
	const int64_t block = p->cut.block, channels = p->conv.channels;
	const int64_t columns = block * channels - column;
	const int64_t left = (u->columns - from * block) / block;
	const int64_t whole = left < count ? left : count;

	for (int64_t line = 0; line < u->lines; line++) {
		const int64_t row =
			(u->image * p->cut.out_h + u->line + line) * p->cut.out_w + u->column;
		struct depthwise_block done = {
			.sums = sums + line * HELD_BLOCKS * STRIP, .row = row + from * block,
			.rows = whole, .column = column,
			.columns = columns < STRIP ? columns : STRIP,
		};
		const int64_t rest = u->columns % block * channels - column;

		if (whole)
			depthwise_finish(p, &done, y);
		if (whole == count || rest <= 0)
			continue;
		done.sums += whole * STRIP;
		done.row += whole * block;
		done.rows = 1;
		done.columns = rest < STRIP ? rest : STRIP;
		depthwise_finish(p, &done, y);
	}
}

/* One body a number of lines and a kind of codes. */
static void depthwise_strips_of(const struct depthwise *p, const char *words, int64_t count,
				int64_t column, const struct depthwise_out *out,
				enum depthwise_codes codes)
{
#define STRIPS(codes)                                                                      \
	do {                                                                               \
		if (p->cut.lines == LINES_MOST && p->taps == FEW_TAPS)                     \
			depthwise_strips(p, words, count, column, out, LINES_MOST, codes, true); \
		else if (p->cut.lines == LINES_MOST)                                            \
			depthwise_strips(p, words, count, column, out, LINES_MOST, codes, false); \
		else                                                                       \
			depthwise_strips(p, words, count, column, out, 1, codes, false);          \
	} while (0)

	if (DEPTHWISE_DIRECT && codes == CODES_U8)
		STRIPS(CODES_U8);
	else if (DEPTHWISE_DIRECT && codes == CODES_S8)
		STRIPS(CODES_S8);
	else
		STRIPS(NO_CODES);
#undef STRIPS
}

/* Strips of blocks [from, from + count), at most HELD_BLOCKS where sums are put down. */
static inline void depthwise_blocks(const struct depthwise *p, const struct depthwise_unit *u,
				    const char *words, int64_t from, int64_t count,
				    enum depthwise_codes codes, void *y)
{
	_Alignas(GEMM_LINE) int32_t sums[LINES_MOST * HELD_BLOCKS * STRIP];
	const int64_t columns = p->cut.block * p->conv.channels;
	const int64_t stride = p->task.y.stride;
	const int64_t row = (u->image * p->cut.out_h + u->line) * p->cut.out_w + u->column;

	for (int64_t column = 0; column < columns; column += STRIP) {
		const bool whole = columns - column >= STRIP;
		const struct depthwise_out out = {
			.sums = sums, .block = p->cut.block * stride, .line = p->cut.out_w * stride,
			.y = (uint8_t *)y + (row + from * p->cut.block) * stride + column,
		};

		depthwise_strips_of(p, words + from * columns * p->unit, count, column, &out,
				    whole ? codes : NO_CODES);
		if (!codes || !whole)
			depthwise_finish_blocks(p, u, from, count, column, sums, y);
	}
}

static inline void depthwise_run_unit(const struct depthwise *p, const void *a, void *y,
				      int64_t index)
{
	const struct depthwise_unit u = depthwise_unit_at(p, index);
	_Alignas(GEMM_LINE) char words[WORDS_BYTES_MOST + GEMM_LINE * 4];
	const int64_t blocks = depthwise_ceil(u.columns, p->cut.block);
	const enum depthwise_codes as_codes =
		u.lines == p->cut.lines ? depthwise_as_codes(p) : NO_CODES;

	depthwise_fill(p, &u, a, words);
	for (int64_t from = 0; from < blocks;) {
		const int64_t left = blocks - from, whole = u.columns / p->cut.block - from;
		const enum depthwise_codes codes = whole > 0 ? as_codes : NO_CODES;
		const int64_t most = codes && whole < HELD_BLOCKS ? whole : HELD_BLOCKS;
		const int64_t count = left < most ? left : most;

		depthwise_blocks(p, &u, words, from, count, codes, y);
		from += count;
	}
}

#endif

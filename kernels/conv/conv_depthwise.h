/* SPDX-License-Identifier: MIT
 *
 * Depthwise convolutions, in which each channel has a kernel of its own.  One source for codes,
 * words of 16 bits and floats.
 *
 * The channels of neighbouring positions lie side by side, so a line of y is one row of numbers,
 * and a vector may hold the channels of several positions: of 32 channels 64 columns are two
 * positions.  Those columns are a block; weights and scales are laid out for one.  Of WORD_ROWS
 * input rows the elements at one place are put together in a word of 4 bytes: a multiplication of
 * words then takes so many taps of the kernel's height at once, and each word serves kernel_w
 * outputs of its line.  Where the rows of a word are enough for two lines of y, both are made from
 * it.  With a stride each residue of the input columns has rows of its own, so that outputs are
 * neighbours again.
 *
 * Who includes this has defined
 *
 *         vector, vector_load, vector_store, vector_dot   as conv_tiles_run.h asks for
 *         element_of_a            as a lies in memory
 *         WORD_ROWS               1, 2 or 4
 *         LINES_MOST              2; 1 where a tap of weight 0 is none (floats)
 *         BLOCKS                  blocks that go side by side: BLOCKS * lines * STRIP_VECTORS sums
 *                                 live in registers
 *         struct depthwise_epilogue
 */
#ifndef QS_CONV_DEPTHWISE_H
#define QS_CONV_DEPTHWISE_H

#include "../gemm/gemm_blocks.h"
#include "conv.h"

enum {
	LANES_OF = (int)(sizeof(vector) / 4), STRIP_VECTORS = 4, STRIP = STRIP_VECTORS * LANES_OF,
	BLOCK_COLUMNS = 64,     /* columns of a block are padded to a multiple of this   */
	BLOCK_MOST = 4096,      /* more columns are one position a block                 */
	PLANES = 4, LANE = 16,  /* elements of a plane's 16 bytes: 4 words of each       */
	WORDS_BYTES = 32 * 1024, WORDS_BYTES_MOST = 256 * 1024,  /* of a unit's words     */
	HELD_BLOCKS = 16        /* whose sums are finished together                      */
};

/* How sums become codes without being put down. */
enum depthwise_codes { NO_CODES, CODES_U8, CODES_S8 };

struct depthwise_cut {
	int64_t out_h, out_w;
	int64_t block;          /* positions of a block                                  */
	int64_t columns;        /* of it, with padding                                   */
	int64_t lines;          /* of y from the same words: 1 or 2                      */
	bool sparse;            /* row i of the words is kernel row i, not a neighbour   */
	int64_t rows, row_words;         /* input rows of a unit; words above each other */
	int64_t pieces, piece;  /* of a line; positions of one, at most                  */
	int64_t phase_positions, phase;  /* of a residue of input columns; words with the end */
};

struct depthwise {
	struct qs_task task;
	struct qs_conv conv;
	struct depthwise_cut cut;
	int64_t taps;           /* words of an output                                    */
	int64_t *offset;        /* [taps] in bytes, from the block's first word          */
	int64_t unit, pitch;    /* bytes from one element's word on: 4 and a vector, or, in
	                           planes, 1 and a plane: see depthwise_planes            */
	int64_t words;          /* of a unit                                             */
	char *w;                /* [columns / STRIP][taps][lines][STRIP] words           */
	int32_t *begin;         /* [columns] where sums begin                            */
	element_of_a *outside;  /* [phase] a's zero point                                */
	struct depthwise_epilogue epilogue;
	_Alignas(GEMM_LINE) char memory[];
};

static inline int64_t depthwise_ceil(int64_t a, int64_t b)
{
	return (a + b - 1) / b;
}

static inline int64_t depthwise_gcd(int64_t a, int64_t b)
{
	while (b) {
		const int64_t rest = a % b;

		a = b;
		b = rest;
	}
	return a;
}

/* Bytes of a unit's words for pieces of so many positions; a double, so that nothing overflows. */
static inline double depthwise_bytes(const struct depthwise_cut *cut, const struct qs_conv *c,
				     int64_t piece)
{
	const double across = (double)c->dilation_w * (double)(c->kernel_w - 1);
	const double positions = (double)piece + across / (double)c->stride_w + 1;

	return 4.0 * (double)cut->row_words * (double)c->stride_w *
	       (positions * (double)c->channels + BLOCK_COLUMNS);
}

/* Lines of y, and the rows they need: two where they cost no word more. */
static inline void depthwise_lines(struct depthwise_cut *cut, const struct qs_conv *c)
{
	cut->sparse = c->dilation_h != 1;
	cut->lines = 1;
	cut->rows = c->kernel_h;
	cut->row_words = depthwise_ceil(cut->rows, WORD_ROWS);
	if (LINES_MOST == 2 && !cut->sparse && cut->out_h > 1 &&
	    depthwise_ceil(c->kernel_h + c->stride_h, WORD_ROWS) == cut->row_words) {
		cut->lines = 2;
		cut->rows += c->stride_h;
	}
}

/* piece is 0 where a unit has no room for one block. */
static inline struct depthwise_cut depthwise_cut(const struct qs_task *task)
{
	const struct qs_conv *c = task->conv;
	const int64_t all = BLOCK_COLUMNS / depthwise_gcd(c->channels, BLOCK_COLUMNS);
	struct depthwise_cut cut = { .out_h = conv_out_height(c), .out_w = conv_out_width(c),
				     .block = 1 };

	if (task->y.stride == c->channels && all * c->channels <= BLOCK_MOST)
		cut.block = all;
	cut.columns = depthwise_ceil(cut.block * c->channels, BLOCK_COLUMNS) * BLOCK_COLUMNS;
	depthwise_lines(&cut, c);
	cut.piece = depthwise_ceil(cut.out_w, cut.block) * cut.block;
	while (cut.piece > cut.block && depthwise_bytes(&cut, c, cut.piece) > WORDS_BYTES)
		cut.piece = depthwise_ceil(cut.piece / cut.block, 2) * cut.block;
	if (depthwise_bytes(&cut, c, cut.piece) > WORDS_BYTES_MOST) {
		cut.piece = 0;
		return cut;
	}
	cut.pieces = depthwise_ceil(cut.out_w, cut.piece);
	cut.phase_positions =
		cut.piece + c->dilation_w * (c->kernel_w - 1) / c->stride_w + 1;
	cut.phase = cut.phase_positions * c->channels + BLOCK_COLUMNS;
	return cut;
}

static inline const char *depthwise_refuse(const struct qs_task *task)
{
	if (!conv_is_depthwise(task->conv))
		return "channels that are not each by themselves";
	return depthwise_cut(task).piece ? NULL : "a patch too large for a unit's words";
}

static inline int64_t depthwise_units(const struct depthwise *p)
{
	return p->conv.batch * depthwise_ceil(p->cut.out_h, p->cut.lines) * p->cut.pieces;
}

/* Where channels are a multiple of 16, words may lie in four planes: word i of each 16 is in plane
 * i / 4, so that rows are put together without a shuffle across 16 bytes, and sums packed into
 * codes are in order.  Column c of a strip of 64 then is in lane c / 16 * 4 + c % 4 of vector
 * c % 16 / 4. */
static inline void depthwise_planes(struct depthwise *p, bool planes)
{
	p->words = p->cut.row_words * p->conv.stride_w * p->cut.phase;
	p->unit = planes ? 1 : 4;
	p->pitch = planes ? depthwise_ceil(p->words, GEMM_LINE) * GEMM_LINE
			  : (int64_t)sizeof(vector);
}

static inline bool depthwise_in_planes(const struct depthwise *p)
{
	return p->unit == 1;
}

/* Where column `column` stands among a strip's sums. */
static inline int64_t depthwise_lane(const struct depthwise *p, int64_t column)
{
	const int64_t strip = column / STRIP * STRIP, in = column % STRIP;

	if (!depthwise_in_planes(p))
		return column;
	return strip + in % LANE / 4 * LANES_OF + in / LANE * 4 + in % 4;
}

/* Bytes of the arrays behind the epilogue's; false: an overflow. */
static inline bool depthwise_room(const struct depthwise *p, size_t *bytes)
{
	const size_t columns = (size_t)p->cut.columns, line = GEMM_LINE;
	const size_t phase = (size_t)p->cut.phase * sizeof(element_of_a);
	size_t w;

	if (__builtin_mul_overflow((size_t)p->taps, (size_t)p->cut.lines * 4, &w) ||
	    __builtin_mul_overflow(w, columns, &w) ||
	    __builtin_add_overflow(w, columns * 4 + phase + 3 * line, bytes))
		return false;
	return !__builtin_add_overflow(*bytes, (size_t)p->taps * sizeof *p->offset, bytes);
}

/* Lays the arrays out from `memory` on, and makes the offsets.  copies: how often the taps of all
 * words are gone through, with other weights each time. */
static inline void depthwise_place(struct depthwise *p, char *memory, int64_t copies)
{
	const struct qs_conv *c = &p->conv;
	const size_t columns = (size_t)p->cut.columns;
	const size_t w = (size_t)p->taps * (size_t)p->cut.lines * 4 * columns;
	int64_t at = 0;

	p->w = memory;
	p->begin = (int32_t *)(void *)(memory + w);
	p->offset = (int64_t *)(void *)(p->begin + columns);
	p->outside = (element_of_a *)(void *)(p->offset + p->taps);
	for (int64_t copy = 0; copy < copies; copy++)
		for (int64_t row = 0; row < p->cut.row_words; row++)
			for (int64_t j = 0; j < c->kernel_w; j++) {
				const int64_t x = j * c->dilation_w, phase = x % c->stride_w;

				p->offset[at++] =
					p->unit * ((row * c->stride_w + phase) * p->cut.phase +
						   x / c->stride_w * c->channels);
			}
}

/* Where the word of tap `tap` for `line` in column `column` of a block lies. */
static inline char *depthwise_weight(const struct depthwise *p, int64_t tap, int64_t line,
				     int64_t column)
{
	const int64_t strip = column / STRIP, in = depthwise_lane(p, column) % STRIP;

	return p->w + (((strip * p->taps + tap) * p->cut.lines + line) * STRIP + in) * 4;
}

/* The kernel row that row `row` of the words is for `line`; -1: none. */
static inline int64_t depthwise_kernel_row(const struct depthwise *p, int64_t row, int64_t line)
{
	const int64_t i = row - line * p->conv.stride_h;

	return i >= 0 && i < p->conv.kernel_h ? i : -1;
}

#endif

/* SPDX-License-Identifier: MIT
 *
 * Rows of a as the tiles of groups_madd.h want them: copied once a unit and step of k, with the
 * sums that its panels share.  Needs AVX2.
 */
#ifndef QS_GROUPS_MADD_ROWS_H
#define QS_GROUPS_MADD_ROWS_H

#include "groups_madd.h"

#include <immintrin.h>

/* A copied row is longer by a cache line: no two rows meet in one set of the cache. */
enum { ROW = DEPTH + 64, ROW_WIDE = DEPTH_WIDE + 32, CODES = ROWS_MAX * ROW };

struct groups_rows {
	union {                 /* codes are A'; of a single row with weights of 8 bits L, then
	                           H from DEPTH_ALONE on                                 */
		_Alignas(GEMM_LINE) int8_t codes[CODES];
		_Alignas(GEMM_LINE) int16_t wide[WIDE_MAX * ROW_WIDE];
	};
	/* Of a row block by block.  At the first block of a span, where its two lanes of 16 bits
	 * begin; at the first of a group, - sum A' and - zero, 16 bits each. */
	_Alignas(GEMM_LINE) int32_t begin[ROWS_MAX * STEP_BLOCKS];
	_Alignas(GEMM_LINE) int32_t factor[ROWS_MAX * STEP_BLOCKS];
	int32_t sum[ROWS_MAX];                   /* A' so far, modulo 2^32               */
};

enum { EIGHT = 8, HALF_BLOCKS = DEPTH_ALONE / BLOCK };

_Static_assert(2 * DEPTH_ALONE <= CODES, "a single row of two halves has room");
_Static_assert(2 * HALF_BLOCKS <= ROWS_MAX * STEP_BLOCKS, "and so have its sums");
_Static_assert(STEP_BLOCKS % EIGHT == 0, "blocks are summed eight at a time");

/* 32 codes of a, and `fill` past the end. */
static inline __m256i rows_load(const uint8_t *from, int64_t left, uint8_t fill)
{
	uint8_t edge[BLOCK];

	if (left >= BLOCK)
		return _mm256_loadu_si256((const __m256i *)from);
	memset(edge, fill, sizeof edge);
	if (left > 0)
		memcpy(edge, from, (size_t)left);
	return _mm256_loadu_si256((const __m256i *)edge);
}

/* Sums over 32 codes each: of the first two of each quad in the low halves of 32 bits, of the other
 * two in the high. */
static inline __m256i rows_sums(const __m256i codes[EIGHT])
{
	__m256i pairs[EIGHT], x[4], y[2];

	GEMM_UNROLL
	for (int i = 0; i < EIGHT; i++)
		pairs[i] = _mm256_maddubs_epi16(_mm256_set1_epi8(1), codes[i]);
	GEMM_UNROLL
	for (int i = 0; i < 4; i++)
		x[i] = _mm256_add_epi16(_mm256_unpacklo_epi32(pairs[2 * i], pairs[2 * i + 1]),
					_mm256_unpackhi_epi32(pairs[2 * i], pairs[2 * i + 1]));
	GEMM_UNROLL
	for (int i = 0; i < 2; i++)
		y[i] = _mm256_add_epi16(_mm256_unpacklo_epi64(x[2 * i], x[2 * i + 1]),
					_mm256_unpackhi_epi64(x[2 * i], x[2 * i + 1]));
	return _mm256_add_epi16(_mm256_permute2x128_si256(y[0], y[1], 0x20),
				_mm256_permute2x128_si256(y[0], y[1], 0x31));
}

/* Every first of `blocks` (1, 2, 4 or 8) neighbours gets the sum of all of them. */
static inline __m256i rows_neighbours_16(__m256i x, int64_t blocks)
{
	if (blocks > 1)
		x = _mm256_add_epi16(x, _mm256_srli_epi64(x, 32));
	if (blocks > 2)
		x = _mm256_add_epi16(x, _mm256_bsrli_epi128(x, 8));
	if (blocks > 4)
		x = _mm256_add_epi16(x, _mm256_permute2x128_si256(x, x, 0x81));
	return x;
}

static inline __m256i rows_neighbours_32(__m256i x, int64_t blocks)
{
	if (blocks > 1)
		x = _mm256_add_epi32(x, _mm256_srli_epi64(x, 32));
	if (blocks > 2)
		x = _mm256_add_epi32(x, _mm256_bsrli_epi128(x, 8));
	if (blocks > 4)
		x = _mm256_add_epi32(x, _mm256_permute2x128_si256(x, x, 0x81));
	return x;
}

/* Where spans begin, from sums of A' (or of L, or H). */
static inline void rows_begin(const struct groups_madd *p, int32_t *begin, __m256i sums)
{
	const int64_t span = p->span < p->group_blocks ? p->span : p->group_blocks;
	const __m256i scaled = _mm256_sll_epi16(sums, _mm_cvtsi32_si128(p->bits - 1));

	_mm256_store_si256((__m256i *)begin, rows_neighbours_16(scaled, span));
}

/* What groups are corrected by, from sums of A' in 32 bits; gives the sum of all. */
static inline int32_t rows_factor(const struct groups_madd *p, int32_t *factor, __m256i sums,
				  int32_t zero)
{
	const __m256i groups = rows_neighbours_32(sums, p->channel ? 1 : p->group_blocks);
	const __m256i less = _mm256_sub_epi32(_mm256_setzero_si256(), groups);
	const __m256i whole = rows_neighbours_32(sums, EIGHT);

	_mm256_store_si256((__m256i *)factor,
			   _mm256_blend_epi16(less, _mm256_set1_epi32(-zero * 0x10000), 0xaa));
	return _mm_cvtsi128_si32(_mm256_castsi256_si128(whole));
}

/* Codes for weights of 4 bits or fewer: `length` codes of row `row` become row i. */
static inline void rows_copy(const struct groups_madd *p, const uint8_t *from, int64_t length,
			     int64_t row, struct groups_rows *rows, int64_t i)
{
	const int32_t zero = groups_madd_zero(&p->task, row);
	const uint8_t turn = p->task.a.type == QS_U8 ? 0x80 : 0;
	const __m256i flip = _mm256_set1_epi8((char)turn), ones = _mm256_set1_epi16(1);
	int32_t *begin = rows->begin + i * STEP_BLOCKS, *factor = rows->factor + i * STEP_BLOCKS;
	int8_t *to = rows->codes + i * ROW;

	for (int64_t b = 0; b * BLOCK < length; b += EIGHT) {
		__m256i codes[EIGHT], sums;

		for (int j = 0; j < EIGHT; j++) {
			const int64_t at = (b + j) * BLOCK;

			codes[j] = _mm256_setzero_si256();
			if (at >= length)
				continue;
			codes[j] = _mm256_xor_si256(rows_load(from + at, length - at, turn), flip);
			_mm256_store_si256((__m256i *)(to + at), codes[j]);
		}
		sums = rows_sums(codes);
		rows_begin(p, begin + b, sums);
		if (p->corrected)
			rows->sum[i] += rows_factor(p, factor + b, _mm256_madd_epi16(sums, ones),
						    zero);
	}
}

/* A single row for weights of 8 bits: L and H. */
static inline void rows_split(const struct groups_madd *p, const uint8_t *from, int64_t length,
			      struct groups_rows *rows)
{
	const int32_t zero = groups_madd_zero(&p->task, 0);
	const uint8_t turn = p->task.a.type == QS_U8 ? 0x80 : 0;
	const __m256i flip = _mm256_set1_epi8((char)turn), nibble = _mm256_set1_epi8(15);
	const __m256i eight = _mm256_set1_epi8(8), ones = _mm256_set1_epi16(1);
	const __m256i sixteen = _mm256_set1_epi16(16);

	for (int64_t b = 0; b * BLOCK < length; b += EIGHT) {
		__m256i low[EIGHT], high[EIGHT], sums[2];

		for (int j = 0; j < EIGHT; j++) {
			const int64_t at = (b + j) * BLOCK;
			const __m256i codes = _mm256_xor_si256(
				rows_load(from + at, length - at, turn), flip);
			const __m256i top = _mm256_and_si256(_mm256_srli_epi16(codes, 4), nibble);

			low[j] = _mm256_and_si256(codes, nibble);
			high[j] = _mm256_sub_epi8(_mm256_xor_si256(top, eight), eight);
			_mm256_store_si256((__m256i *)(rows->codes + at), low[j]);
			_mm256_store_si256((__m256i *)(rows->codes + DEPTH_ALONE + at), high[j]);
		}
		sums[0] = rows_sums(low);
		sums[1] = rows_sums(high);
		rows_begin(p, rows->begin + b, sums[0]);
		rows_begin(p, rows->begin + HALF_BLOCKS + b, sums[1]);
		sums[0] = _mm256_add_epi32(_mm256_madd_epi16(sums[0], ones),
					   _mm256_madd_epi16(sums[1], sixteen));
		rows->sum[0] += rows_factor(p, rows->factor + b, sums[0], zero);
	}
}

/* 16-bit numbers for weights of 8 bits, zero point off.  Of each quad first the even and then the
 * odd two: so the weights widen without a shuffle. */
static inline void rows_widen(const struct groups_madd *p, const uint8_t *from, int64_t length,
			      int64_t row, struct groups_rows *rows, int64_t i)
{
	const int64_t blocks = (length + BLOCK - 1) / BLOCK;
	const int32_t zero = groups_madd_zero(&p->task, row);
	const uint8_t turn = p->task.a.type == QS_U8 ? 0x80 : 0;
	const __m256i flip = _mm256_set1_epi8((char)turn), off = _mm256_set1_epi16((int16_t)zero);
	const uint8_t nothing = (uint8_t)(zero ^ turn);
	int16_t *to = rows->wide + i * ROW_WIDE;

	for (int64_t b = 0; b < blocks; b++, to += BLOCK) {
		const __m256i codes = _mm256_xor_si256(
			rows_load(from + b * BLOCK, length - b * BLOCK, nothing), flip);
		const __m256i even = _mm256_sub_epi16(
			_mm256_srai_epi16(_mm256_slli_epi16(codes, 8), 8), off);
		const __m256i odd = _mm256_sub_epi16(_mm256_srai_epi16(codes, 8), off);
		const __m256i low = _mm256_unpacklo_epi32(even, odd);
		const __m256i high = _mm256_unpackhi_epi32(even, odd);

		_mm256_storeu_si256((__m256i *)to, _mm256_permute2x128_si256(low, high, 0x20));
		_mm256_storeu_si256((__m256i *)(to + BLOCK / 2),
				    _mm256_permute2x128_si256(low, high, 0x31));
	}
}

#endif

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
enum { ROW = DEPTH + 64, ROW_WIDE = DEPTH + 32, CODES = ROWS_MAX * ROW };

struct groups_rows {
	union {                 /* codes are A'; of a single row with weights of 8 bits L, then
	                           H from DEPTH_ALONE on                                 */
		_Alignas(GEMM_LINE) int8_t codes[CODES];
		_Alignas(GEMM_LINE) int16_t wide[WIDE_MAX * ROW_WIDE];
	};
	int32_t begin[ROWS_MAX * STEP_BLOCKS];   /* at a span's first block: of two lanes */
	int32_t factor[ROWS_MAX * STEP_BLOCKS];  /* of a group: - sum A', - zero: 16 bits each */
	int32_t sum[ROWS_MAX];                   /* A' so far, modulo 2^32               */
};

_Static_assert(2 * DEPTH_ALONE <= CODES, "a single row of two halves has room");
_Static_assert(2 * DEPTH_ALONE / BLOCK <= ROWS_MAX * STEP_BLOCKS, "and so have its sums");

/* 32 codes of a, and `fill` past the end. */
static inline __m256i rows_load(const uint8_t *from, int64_t left, uint8_t fill)
{
	uint8_t edge[BLOCK];

	if (left >= BLOCK)
		return _mm256_loadu_si256((const __m256i *)from);
	memset(edge, fill, sizeof edge);
	memcpy(edge, from, (size_t)left);
	return _mm256_loadu_si256((const __m256i *)edge);
}

/* Sums over 32 codes: of the first two of each quad in the low half, of the others in the high. */
static inline int32_t rows_sums(__m256i codes)
{
	const __m256i pairs = _mm256_maddubs_epi16(_mm256_set1_epi8(1), codes);
	const __m128i high = _mm256_extracti128_si256(pairs, 1);
	__m128i sum = _mm_add_epi16(_mm256_castsi256_si128(pairs), high);

	sum = _mm_add_epi16(sum, _mm_shuffle_epi32(sum, 0x4e));
	sum = _mm_add_epi16(sum, _mm_shuffle_epi32(sum, 0xb1));
	return _mm_cvtsi128_si32(sum);
}

static inline int32_t rows_pair(int32_t low, int32_t high)
{
	return (int32_t)((uint32_t)low & 0xffff) | (int32_t)((uint32_t)high << 16);
}

static inline int32_t rows_low(int32_t sums)
{
	return (int16_t)sums;
}

static inline int32_t rows_high(int32_t sums)
{
	return (int16_t)(sums >> 16);
}

/* begin and factor of a row from its blocks' sums, which begin[] holds; gives the sum of all. */
static inline int32_t rows_finish(const struct groups_madd *p, int32_t *begin, int32_t *factor,
				  int64_t blocks, int32_t zero)
{
	const int bits = p->bits;
	int32_t whole = 0;

	for (int64_t group = 0; group < blocks; group += p->group_blocks, factor++) {
		const int64_t left = blocks - group;
		const int64_t end = group + (left < p->group_blocks ? left : p->group_blocks);
		int32_t sum = 0;

		for (int64_t span = group; span < end; span += p->span) {
			int32_t low = 0, high = 0;

			for (int64_t i = span; i < end && i < span + p->span; i++) {
				low += rows_low(begin[i]);
				high += rows_high(begin[i]);
			}
			begin[span] = rows_pair((int32_t)((uint32_t)low << (bits - 1)),
						(int32_t)((uint32_t)high << (bits - 1)));
			sum += low + high;
		}
		*factor = rows_pair(-sum, -zero);
		whole += sum;
	}
	return whole;
}

/* Codes of weights of 4 bits or fewer: `length` codes of row `row` become row i. */
static inline void rows_copy(const struct groups_madd *p, const uint8_t *from, int64_t length,
			     int64_t row, struct groups_rows *rows, int64_t i)
{
	const int64_t blocks = (length + BLOCK - 1) / BLOCK;
	const uint8_t turn = p->task.a.type == QS_U8 ? 0x80 : 0;
	const __m256i flip = _mm256_set1_epi8((char)turn);
	int32_t *begin = rows->begin + i * STEP_BLOCKS;
	int8_t *to = rows->codes + i * ROW;

	for (int64_t b = 0; b < blocks; b++) {
		const __m256i codes = _mm256_xor_si256(
			rows_load(from + b * BLOCK, length - b * BLOCK, turn), flip);

		_mm256_storeu_si256((__m256i *)(to + b * BLOCK), codes);
		begin[b] = rows_sums(codes);
	}
	rows->sum[i] += rows_finish(p, begin, rows->factor + i * STEP_BLOCKS, blocks,
				    groups_madd_zero(&p->task, row));
}

/* A single row for weights of 8 bits: L and H. */
static inline void rows_split(const struct groups_madd *p, const uint8_t *from, int64_t length,
			      int64_t row, struct groups_rows *rows)
{
	const int64_t blocks = (length + BLOCK - 1) / BLOCK, half = DEPTH_ALONE / BLOCK;
	const uint8_t turn = p->task.a.type == QS_U8 ? 0x80 : 0;
	const __m256i flip = _mm256_set1_epi8((char)turn), nibble = _mm256_set1_epi8(15);
	const __m256i eight = _mm256_set1_epi8(8);

	for (int64_t b = 0; b < blocks; b++) {
		const __m256i codes = _mm256_xor_si256(
			rows_load(from + b * BLOCK, length - b * BLOCK, turn), flip);
		const __m256i low = _mm256_and_si256(codes, nibble);
		const __m256i bare = _mm256_and_si256(_mm256_srli_epi16(codes, 4), nibble);
		const __m256i high = _mm256_sub_epi8(_mm256_xor_si256(bare, eight), eight);

		_mm256_store_si256((__m256i *)(rows->codes + b * BLOCK), low);
		_mm256_store_si256((__m256i *)(rows->codes + DEPTH_ALONE + b * BLOCK), high);
		rows->begin[b] = rows_sums(low);
		rows->begin[half + b] = rows_sums(high);
	}
	for (int64_t b = 0, group = 0; b < blocks; group++) {
		int32_t sum = 0;

		for (int64_t i = 0; i < p->group_blocks && b < blocks; i++, b++) {
			const int32_t low = rows->begin[b], high = rows->begin[half + b];

			sum += rows_low(low) + rows_high(low);
			sum += 16 * (rows_low(high) + rows_high(high));
			rows->begin[b] = rows_pair(rows_low(low) * 128, rows_high(low) * 128);
			rows->begin[half + b] =
				rows_pair(rows_low(high) * 128, rows_high(high) * 128);
		}
		rows->factor[group] = rows_pair(-sum, -groups_madd_zero(&p->task, row));
		rows->sum[0] += sum;
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

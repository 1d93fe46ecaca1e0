/* SPDX-License-Identifier: MIT
 *
 * From sums to codes with AVX2, 8 columns a vector: equal to requantize.h for each s32 sum and each
 * scale.  requantize_columns.h says how.
 *
 * `mode`, `round` and `is_signed` are constants wherever these are inlined, so that no branch and
 * no unused vector is left; requantize_block_avx2 has the one switch.
 */
#ifndef QS_REQUANTIZE_AVX2_H
#define QS_REQUANTIZE_AVX2_H

#include "requantize_columns.h"

#include <immintrin.h>
#include <string.h>

/* 8 columns; only what the mode reads is set.  64-bit lanes are of the even and of the odd ones.
 * AVX2 shifts 64 bits right only as unsigned ones: start is 2^63 + 2^(shift - 1), and floor, what
 * the 2^63 has become, comes off afterwards. */
struct requantize_avx2 {
	__m256 scale, most;
	__m256i multiplier, multiplier_odd, shift, shift_odd, start, start_odd, floor, right, limit;
};

/* Low halves of even's 64-bit lanes, and of odd's. */
INLINE __m256i requantize_weave_avx2(__m256i even, __m256i odd)
{
	return _mm256_blend_epi32(even, _mm256_slli_epi64(odd, 32), 0xaa);
}

INLINE struct requantize_avx2 requantize_load_avx2(const struct requantize_columns *c,
						   int64_t column, enum qs_requantize mode)
{
	const __m256i low_half = _mm256_set1_epi64x(UINT32_MAX), one = _mm256_set1_epi64x(1);
	const __m256i top = _mm256_set1_epi64x(INT64_MIN);
	struct requantize_avx2 r;
	__m256i shift;

	if (mode == QS_REQUANTIZE_FLOAT) {
		r.scale = _mm256_loadu_ps(c->scale + column);
		r.most = _mm256_set1_ps((float)(c->high - c->zero));
		return r;
	}
	shift = _mm256_loadu_si256((const __m256i *)(c->shift + column));
	r.right = _mm256_loadu_si256((const __m256i *)(c->right + column));
	r.limit = _mm256_loadu_si256((const __m256i *)(c->limit + column));
	if (mode == QS_REQUANTIZE_SHIFT) {
		r.shift = shift;
		return r;
	}
	r.multiplier = _mm256_loadu_si256((const __m256i *)(c->multiplier + column));
	r.multiplier_odd = _mm256_srli_epi64(r.multiplier, 32);
	r.shift = _mm256_and_si256(shift, low_half);
	r.shift_odd = _mm256_srli_epi64(shift, 32);
	r.start = _mm256_or_si256(top, _mm256_srli_epi64(_mm256_sllv_epi64(one, r.shift), 1));
	r.start_odd =
		_mm256_or_si256(top, _mm256_srli_epi64(_mm256_sllv_epi64(one, r.shift_odd), 1));
	r.floor = requantize_weave_avx2(_mm256_srlv_epi64(top, r.shift),
					_mm256_srlv_epi64(top, r.shift_odd));
	return r;
}

/* roundf(q) as s32 for |q| < 2^23, INT32_MIN of a NaN and below that: adding the float below 1/2
 * before the fraction is cut reaches the next whole number from 1/2 on, exactly so. */
INLINE __m256i requantize_half_away_avx2(__m256 q)
{
	const __m256 sign = _mm256_set1_ps(-0.0F), half = _mm256_set1_ps(0x1.fffffep-2F);

	return _mm256_cvttps_epi32(
		_mm256_add_ps(q, _mm256_or_ps(_mm256_and_ps(q, sign), half)));
}

/* Greatest values end at `most`, which is whole; least ones at INT32_MIN. */
INLINE __m256i requantize_float_avx2(__m256i sum, const struct requantize_avx2 *r,
				     enum qs_round round)
{
	const __m256 q = _mm256_min_ps(_mm256_mul_ps(_mm256_cvtepi32_ps(sum), r->scale), r->most);

	return round == QS_HALF_AWAY ? requantize_half_away_avx2(q) : _mm256_cvtps_epi32(q);
}

/* v / 2^right: one is added to the floor where the rest is above a threshold, half less one for
 * ties upward.  Rest and threshold are unsigned. */
INLINE __m256i requantize_right_avx2(__m256i v, __m256i right, enum qs_requantize mode,
				     enum qs_round round)
{
	const __m256i ones = _mm256_set1_epi32(-1), sign = _mm256_set1_epi32(INT32_MIN);
	const __m256i mask = _mm256_andnot_si256(_mm256_sllv_epi32(ones, right), ones);
	const __m256i below = _mm256_srav_epi32(v, right);
	__m256i threshold = _mm256_srli_epi32(mask, 1), above;

	if (mode == QS_REQUANTIZE_SHIFT && round == QS_HALF_EVEN) /* an odd floor: as upward */
		threshold = _mm256_add_epi32(threshold,
					     _mm256_andnot_si256(below, _mm256_set1_epi32(1)));
	else if (mode != QS_REQUANTIZE_Q31_TIES_UP) /* below 0: one more */
		threshold = _mm256_add_epi32(threshold, _mm256_srli_epi32(v, 31));
	above = _mm256_cmpgt_epi32(_mm256_xor_si256(_mm256_and_si256(v, mask), sign),
				   _mm256_xor_si256(threshold, sign));
	return _mm256_sub_epi32(below, above);
}

/* round(sum * scale) of 8 sums, or another number of the same sign at least 2^19 from 0 where that
 * is: what requantize_store_* takes. */
INLINE __m256i requantize_value_avx2(__m256i sum, const struct requantize_avx2 *r,
				     enum qs_requantize mode, enum qs_round round)
{
	__m256i even, odd, v;

	if (mode == QS_REQUANTIZE_FLOAT)
		return requantize_float_avx2(sum, r, round);
	sum = _mm256_min_epi32(sum, r->limit);
	sum = _mm256_max_epi32(sum, _mm256_xor_si256(r->limit, _mm256_set1_epi32(-1)));
	if (mode == QS_REQUANTIZE_SHIFT)
		return requantize_right_avx2(_mm256_sllv_epi32(sum, r->shift), r->right, mode,
					     round);
	even = _mm256_mul_epi32(sum, r->multiplier);
	odd = _mm256_mul_epi32(_mm256_srli_epi64(sum, 32), r->multiplier_odd);
	even = _mm256_srlv_epi64(_mm256_add_epi64(even, r->start), r->shift);
	odd = _mm256_srlv_epi64(_mm256_add_epi64(odd, r->start_odd), r->shift_odd);
	v = _mm256_sub_epi32(requantize_weave_avx2(even, odd), r->floor);
	if (mode == QS_REQUANTIZE_Q31_DOUBLE || mode == QS_REQUANTIZE_Q31_TIES_UP)
		return requantize_right_avx2(v, r->right, mode, round);
	return v;
}

/* The clipped codes of 8 values, as s32. */
INLINE __m256i requantize_codes_avx2(__m256i value, const struct requantize_columns *c)
{
	const __m256i low = _mm256_set1_epi32(c->low - c->zero);
	const __m256i high = _mm256_set1_epi32(c->high - c->zero);

	value = _mm256_min_epi32(_mm256_max_epi32(value, low), high);
	return _mm256_add_epi32(value, _mm256_set1_epi32(c->zero));
}

/* The codes of 32 values.  Packing saturates, first to 16 bits, where the zero point is added, then
 * to the codes; a clamp inside them is one of bytes. */
INLINE __m256i requantize_pack_32_avx2(const __m256i value[4], const struct requantize_columns *c,
				       bool is_signed)
{
	const __m256i order = _mm256_setr_epi32(0, 4, 1, 5, 2, 6, 3, 7);
	const __m256i zero = _mm256_set1_epi16((int16_t)c->zero);
	const __m256i low = _mm256_set1_epi8((int8_t)(uint8_t)c->low);
	const __m256i high = _mm256_set1_epi8((int8_t)(uint8_t)c->high);
	const __m256i a = _mm256_adds_epi16(_mm256_packs_epi32(value[0], value[1]), zero);
	const __m256i b = _mm256_adds_epi16(_mm256_packs_epi32(value[2], value[3]), zero);
	__m256i codes = is_signed ? _mm256_packs_epi16(a, b) : _mm256_packus_epi16(a, b);

	codes = is_signed ? _mm256_min_epi8(_mm256_max_epi8(codes, low), high)
			  : _mm256_min_epu8(_mm256_max_epu8(codes, low), high);
	return _mm256_permutevar8x32_epi32(codes, order);
}

/* Stores the first `count` codes of 32 values, at least 1. */
INLINE void requantize_store_32_avx2(void *y, const __m256i value[4],
				     const struct requantize_columns *c, int64_t count,
				     bool is_signed)
{
	const __m256i codes = requantize_pack_32_avx2(value, c, is_signed);

	if (count >= 32)
		_mm256_storeu_si256((__m256i *)y, codes);
	else
		memcpy(y, &codes, (size_t)count);
}

/* The same of 8 and of 16 values. */
INLINE void requantize_store_8_avx2(void *y, __m256i value, const struct requantize_columns *c,
				    int64_t count, bool is_signed)
{
	const __m256i codes =
		requantize_pack_32_avx2((__m256i[4]){ value, value, value, value }, c, is_signed);

	if (count >= 8)
		_mm_storel_epi64((__m128i *)y, _mm256_castsi256_si128(codes));
	else
		memcpy(y, &codes, (size_t)count);
}

INLINE void requantize_store_16_avx2(void *y, const __m256i value[2],
				     const struct requantize_columns *c, int64_t count,
				     bool is_signed)
{
	const __m256i codes = requantize_pack_32_avx2(
		(__m256i[4]){ value[0], value[1], value[0], value[1] }, c, is_signed);

	if (count >= 16)
		_mm_storeu_si128((__m128i *)y, _mm256_castsi256_si128(codes));
	else
		memcpy(y, &codes, (size_t)count);
}

/* The first `count` of 8 sums, the others 0. */
INLINE __m256i requantize_sums_avx2(const int32_t *sums, int64_t count)
{
	const __m256i lane = _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7);

	if (count >= 8)
		return _mm256_loadu_si256((const __m256i *)sums);
	return _mm256_maskload_epi32(
		sums, _mm256_cmpgt_epi32(_mm256_set1_epi32(count > 0 ? (int)count : 0), lane));
}

/* A strip of `count` <= 32 columns from `at` on. */
INLINE void requantize_strip_avx2(const struct requantize_columns *c,
				  const struct requantize_block *block, int64_t at, int64_t count,
				  bool is_signed, enum qs_requantize mode, enum qs_round round)
{
	struct requantize_avx2 r[4];

	REQUANTIZE_UNROLL
	for (int i = 0; i < 4; i++)
		r[i] = requantize_load_avx2(c, block->column + at + 8 * i, mode);
	for (int64_t row = 0; row < block->rows; row++) {
		const int32_t *sums = block->sums + row * block->sum_stride + at;
		__m256i value[4];

		REQUANTIZE_UNROLL
		for (int i = 0; i < 4; i++)
			value[i] = requantize_value_avx2(
				requantize_sums_avx2(sums + 8 * i, count - 8 * i), &r[i], mode,
				round);
		requantize_store_32_avx2(block->y + row * block->y_stride + at, value, c, count,
					 is_signed);
	}
}

INLINE void requantize_block_mode_avx2(const struct requantize_columns *c,
				       const struct requantize_block *block, bool is_signed,
				       enum qs_requantize mode, enum qs_round round)
{
	const int64_t rest = block->columns % 32;
	int64_t at = 0;

	for (; at + 32 <= block->columns; at += 32)
		requantize_strip_avx2(c, block, at, 32, is_signed, mode, round);
	if (rest)
		requantize_strip_avx2(c, block, at, rest, is_signed, mode, round);
}

/* A block of any size, any mode; nothing outside it is read or written. */
INLINE void requantize_block_avx2(const struct requantize_columns *c,
				  const struct requantize_block *block, bool is_signed)
{
#define BLOCK(mode, round) requantize_block_mode_avx2(c, block, is_signed, mode, round)
	REQUANTIZE_BY_MODE(c, BLOCK);
#undef BLOCK
}

#endif

/* SPDX-License-Identifier: MIT
 *
 * From sums to codes with AVX-512 (F, BW), 16 columns a vector: equal to requantize.h for each s32
 * sum and each scale.  requantize_columns.h says how.
 *
 * `mode`, `round` and `is_signed` are constants wherever these are inlined, so that no branch and
 * no unused vector is left; requantize_block_avx512 has the one switch.  In the mode float 64 codes
 * take 25 instructions besides the loads of sums.
 */
#ifndef QS_REQUANTIZE_AVX512_H
#define QS_REQUANTIZE_AVX512_H

#include "requantize_columns.h"

#include <immintrin.h>

/* 16 columns; only what the mode reads is set.  64-bit lanes are of the even and of the odd ones.
 */
struct requantize_avx512 {
	__m512 scale, most;
	__m512i multiplier, multiplier_odd, shift, shift_odd, half, half_odd, right, limit;
};

INLINE struct requantize_avx512 requantize_load_avx512(const struct requantize_columns *c,
						       int64_t column, enum qs_requantize mode)
{
	const __m512i low_half = _mm512_set1_epi64(UINT32_MAX), one = _mm512_set1_epi64(1);
	struct requantize_avx512 r;
	__m512i shift;

	if (mode == QS_REQUANTIZE_FLOAT) {
		r.scale = _mm512_loadu_ps(c->scale + column);
		r.most = _mm512_set1_ps((float)(c->high - c->zero));
		return r;
	}
	shift = _mm512_loadu_si512(c->shift + column);
	r.right = _mm512_loadu_si512(c->right + column);
	r.limit = _mm512_loadu_si512(c->limit + column);
	if (mode == QS_REQUANTIZE_SHIFT) {
		r.shift = shift;
		return r;
	}
	r.multiplier = _mm512_loadu_si512(c->multiplier + column);
	r.multiplier_odd = _mm512_srli_epi64(r.multiplier, 32);
	r.shift = _mm512_and_si512(shift, low_half);
	r.shift_odd = _mm512_srli_epi64(shift, 32);
	r.half = _mm512_srli_epi64(_mm512_sllv_epi64(one, r.shift), 1);
	r.half_odd = _mm512_srli_epi64(_mm512_sllv_epi64(one, r.shift_odd), 1);
	return r;
}

/* roundf(q) as s32 for |q| < 2^23, INT32_MIN of a NaN and below that: adding the float below 1/2
 * before the fraction is cut reaches the next whole number from 1/2 on, exactly so. */
INLINE __m512i requantize_half_away_avx512(__m512 q)
{
	const __m512i sign = _mm512_set1_epi32(INT32_MIN);
	const __m512i half = _mm512_castps_si512(_mm512_set1_ps(0x1.fffffep-2F));
	/* (q & sign) | half */
	const __m512i step = _mm512_ternarylogic_epi32(_mm512_castps_si512(q), sign, half, 0xea);

	return _mm512_cvttps_epi32(_mm512_add_ps(q, _mm512_castsi512_ps(step)));
}

/* Greatest values end at `most`, which is whole; least ones at INT32_MIN. */
INLINE __m512i requantize_float_avx512(__m512i sum, const struct requantize_avx512 *r,
				       enum qs_round round)
{
	const __m512 q = _mm512_min_ps(_mm512_mul_ps(_mm512_cvtepi32_ps(sum), r->scale), r->most);

	return round == QS_HALF_AWAY ? requantize_half_away_avx512(q) : _mm512_cvtps_epi32(q);
}

/* v / 2^right: one is added to the floor where the rest is above a threshold, half less one for
 * ties upward. */
INLINE __m512i requantize_right_avx512(__m512i v, __m512i right, enum qs_requantize mode,
				       enum qs_round round)
{
	const __m512i ones = _mm512_set1_epi32(-1);
	const __m512i mask = _mm512_andnot_si512(_mm512_sllv_epi32(ones, right), ones);
	const __m512i below = _mm512_srav_epi32(v, right);
	__m512i threshold = _mm512_srli_epi32(mask, 1);

	if (mode == QS_REQUANTIZE_SHIFT && round == QS_HALF_EVEN) /* an odd floor: as upward */
		threshold = _mm512_add_epi32(threshold,
					     _mm512_andnot_si512(below, _mm512_set1_epi32(1)));
	else if (mode != QS_REQUANTIZE_Q31_TIES_UP) /* below 0: one more */
		threshold = _mm512_add_epi32(threshold, _mm512_srli_epi32(v, 31));
	return _mm512_mask_sub_epi32(
		below, _mm512_cmpgt_epu32_mask(_mm512_and_si512(v, mask), threshold), below, ones);
}

/* round(sum * scale) of 16 sums, or another number of the same sign at least 2^19 from 0 where that
 * is: what requantize_store_* takes. */
INLINE __m512i requantize_value_avx512(__m512i sum, const struct requantize_avx512 *r,
				       enum qs_requantize mode, enum qs_round round)
{
	__m512i even, odd, v;

	if (mode == QS_REQUANTIZE_FLOAT)
		return requantize_float_avx512(sum, r, round);
	sum = _mm512_min_epi32(sum, r->limit);
	sum = _mm512_max_epi32(sum, _mm512_xor_si512(r->limit, _mm512_set1_epi32(-1)));
	if (mode == QS_REQUANTIZE_SHIFT)
		return requantize_right_avx512(_mm512_sllv_epi32(sum, r->shift), r->right, mode,
					       round);
	even = _mm512_mul_epi32(sum, r->multiplier);
	odd = _mm512_mul_epi32(_mm512_srli_epi64(sum, 32), r->multiplier_odd);
	even = _mm512_srav_epi64(_mm512_add_epi64(even, r->half), r->shift);
	odd = _mm512_srav_epi64(_mm512_add_epi64(odd, r->half_odd), r->shift_odd);
	v = _mm512_mask_blend_epi32(0xaaaa, even, _mm512_slli_epi64(odd, 32));
	if (mode == QS_REQUANTIZE_Q31_DOUBLE || mode == QS_REQUANTIZE_Q31_TIES_UP)
		return requantize_right_avx512(v, r->right, mode, round);
	return v;
}

/* The clipped codes of 16 values, as s32. */
INLINE __m512i requantize_codes_avx512(__m512i value, const struct requantize_columns *c)
{
	const __m512i low = _mm512_set1_epi32(c->low - c->zero);
	const __m512i high = _mm512_set1_epi32(c->high - c->zero);

	value = _mm512_min_epi32(_mm512_max_epi32(value, low), high);
	return _mm512_add_epi32(value, _mm512_set1_epi32(c->zero));
}

/* Stores the codes of 16 values where `which` has a 1; s8 and u8 alike. */
INLINE void requantize_store_16_avx512(void *y, __m512i value, const struct requantize_columns *c,
				       __mmask16 which)
{
	_mm512_mask_cvtepi32_storeu_epi8(y, which, requantize_codes_avx512(value, c));
}

/* The same of 64.  Packing saturates, first to 16 bits, where the zero point is added, then to the
 * codes; a clamp inside them is one of bytes. */
INLINE void requantize_store_64_avx512(void *y, const __m512i value[4],
				       const struct requantize_columns *c, __mmask64 which,
				       bool is_signed)
{
	const __m512i order =
		_mm512_setr_epi32(0, 4, 8, 12, 1, 5, 9, 13, 2, 6, 10, 14, 3, 7, 11, 15);
	const __m512i zero = _mm512_set1_epi16((int16_t)c->zero);
	const __m512i low = _mm512_set1_epi8((int8_t)(uint8_t)c->low);
	const __m512i high = _mm512_set1_epi8((int8_t)(uint8_t)c->high);
	const __m512i a = _mm512_adds_epi16(_mm512_packs_epi32(value[0], value[1]), zero);
	const __m512i b = _mm512_adds_epi16(_mm512_packs_epi32(value[2], value[3]), zero);
	__m512i codes = is_signed ? _mm512_packs_epi16(a, b) : _mm512_packus_epi16(a, b);

	codes = is_signed ? _mm512_min_epi8(_mm512_max_epi8(codes, low), high)
			  : _mm512_min_epu8(_mm512_max_epu8(codes, low), high);
	_mm512_mask_storeu_epi8(y, which, _mm512_permutexvar_epi32(order, codes));
}

/* A strip of 64 columns from `at` on; those of `which`, which is all of them where `whole`. */
INLINE void requantize_strip_avx512(const struct requantize_columns *c,
				    const struct requantize_block *block, int64_t at,
				    __mmask64 which, bool whole, bool is_signed,
				    enum qs_requantize mode, enum qs_round round)
{
	/* copies: a store of codes might change *c and *block for all that a compiler knows */
	const struct requantize_columns clip = { .zero = c->zero, .low = c->low, .high = c->high };
	const int64_t rows = block->rows, sum_stride = block->sum_stride;
	const int64_t y_stride = block->y_stride;
	const int32_t *sums = block->sums + at;
	uint8_t *y = block->y + at;
	struct requantize_avx512 r[4];

	REQUANTIZE_UNROLL
	for (int i = 0; i < 4; i++)
		r[i] = requantize_load_avx512(c, block->column + at + 16 * i, mode);
	for (int64_t row = 0; row < rows; row++, sums += sum_stride, y += y_stride) {
		__m512i value[4];

		REQUANTIZE_UNROLL
		for (int i = 0; i < 4; i++) {
			const __mmask16 lanes = (__mmask16)(which >> 16 * i);
			const __m512i sum = whole ? _mm512_loadu_si512(sums + 16 * i)
						  : _mm512_maskz_loadu_epi32(lanes, sums + 16 * i);

			value[i] = requantize_value_avx512(sum, &r[i], mode, round);
		}
		requantize_store_64_avx512(y, value, &clip, whole ? UINT64_MAX : which, is_signed);
	}
}

INLINE void requantize_block_mode_avx512(const struct requantize_columns *c,
					 const struct requantize_block *block, bool is_signed,
					 enum qs_requantize mode, enum qs_round round)
{
	const int64_t rest = block->columns % 64;
	int64_t at = 0;

	for (; at + 64 <= block->columns; at += 64)
		requantize_strip_avx512(c, block, at, UINT64_MAX, true, is_signed, mode, round);
	if (rest)
		requantize_strip_avx512(c, block, at, (UINT64_C(1) << rest) - 1, false, is_signed,
					mode, round);
}

/* A block of any size, any mode; nothing outside it is read or written. */
INLINE void requantize_block_avx512(const struct requantize_columns *c,
				    const struct requantize_block *block, bool is_signed)
{
#define BLOCK(mode, round) requantize_block_mode_avx512(c, block, is_signed, mode, round)
	REQUANTIZE_BY_MODE(c, BLOCK);
#undef BLOCK
}

#endif

/* SPDX-License-Identifier: MIT
 *
 * Floats to codes with AVX-512, 64 at a time.  quantize_product.h proves the product that stands
 * for the division; here is the rest of the arithmetic.
 *
 * Of four vectors of quotients the conversion gives four of s32; packing saturates them to s16,
 * where the zero point is added with saturation, and then to bytes: all quotients beyond a type's
 * range are clipped on the way, so that only a narrower clamp needs work of its own.
 */
#include "quantize_product.h"

#include <immintrin.h>

enum { BLOCK = 64 };
typedef __m512i block_seen;

/* One block's maps.  Of codes of up to 8 bits zero[0] and [1] are s16 in the order that packing
 * gives, of s16 zero[0] .. [3] are s32. */
struct maps {
	__m512 scale[4], inverse[4], rest[4];
	__m512i zero[4];
};

/* roundf or rintf, to s32; INT32_MIN where that has no room or q is a NaN.  Adding the float below
 * a half, away from 0, lifts ties and what is beyond them over the next whole number, and nothing
 * else. */
INLINE __m512i to_whole(__m512 q, bool away)
{
	const __m512 sign = _mm512_set1_ps(-0.0F), half = _mm512_set1_ps(0x1.fffffep-2F);

	if (!away)
		return _mm512_cvtps_epi32(q);
	return _mm512_cvttps_epi32(_mm512_add_ps(q, _mm512_or_ps(_mm512_and_ps(q, sign), half)));
}

/* x / scale, clipped far outside every code; a NaN lies below all of them. */
INLINE __m512 divide(__m512 x, __m512 scale)
{
	const __m512 q = _mm512_min_ps(_mm512_set1_ps(0x1p30F), _mm512_div_ps(x, scale));

	return _mm512_max_ps(q, _mm512_set1_ps(-0x1p30F));
}

/* The first `left` lanes, of 64 bytes. */
INLINE __mmask64 lanes(int64_t left)
{
	return left < BLOCK ? (UINT64_C(1) << left) - 1 : UINT64_MAX;
}

INLINE void to_wholes(__m512i whole[4], const float *x, int64_t left, const struct maps *maps,
		      const struct how *how)
{
	for (int i = 0; i < 4; i++) {
		if (how->stream || how->ahead)
			elementwise_fetch(x + 16 * i, how->ahead);
		__m512 from =
			left >= BLOCK ? _mm512_loadu_ps(x + 16 * i)
				      : _mm512_maskz_loadu_ps((__mmask16)(lanes(left) >> 16 * i),
							      x + 16 * i);
		if (how->once)
			__asm__("" : "+v"(from));
		const __m512 q = how->divides
			? divide(from, maps->scale[i])
			: _mm512_fmadd_ps(from, maps->inverse[i],
					  _mm512_mul_ps(from, maps->rest[i]));

		whole[i] = to_whole(q, how->away);
	}
}

INLINE void store(uint8_t *y, __m512i codes, int64_t left, bool stream)
{
	if (left < BLOCK)
		_mm512_mask_storeu_epi8(y, lanes(left), codes);
	else if (stream)
		_mm512_stream_si512((__m512i *)y, codes);
	else
		_mm512_storeu_si512(y, codes);
}

/* 64 codes of 4 bits, one a byte, to 32 bytes. */
INLINE void store_nibbles(uint8_t *y, __m512i codes, int64_t left, bool stream)
{
	const __m512i single = _mm512_and_si512(codes, _mm512_set1_epi8(15));
	const __m512i low = left < BLOCK ? _mm512_maskz_mov_epi8(lanes(left), single) : single;
	const __m256i pairs =
		_mm512_cvtepi16_epi8(_mm512_or_si512(low, _mm512_srli_epi16(low, 4)));

	if (left < BLOCK)
		_mm256_mask_storeu_epi8(y, (__mmask32)lanes((left + 1) / 2), pairs);
	else if (stream)
		_mm256_stream_si256((__m256i *)y, pairs);
	else
		_mm256_storeu_si256((__m256i *)y, pairs);
}

INLINE void store_words(uint8_t *y, const __m512i whole[4], int64_t left,
			const struct maps *maps, const struct how *how)
{
	const __m512i order = _mm512_setr_epi64(0, 2, 4, 6, 1, 3, 5, 7);
	const __m512i low = _mm512_set1_epi16((int16_t)how->low);
	const __m512i high = _mm512_set1_epi16((int16_t)how->high);

	for (int i = 0; i < 2; i++) {
		__m512i codes = _mm512_packs_epi32(
			_mm512_add_epi32(whole[2 * i], maps->zero[2 * i]),
			_mm512_add_epi32(whole[2 * i + 1], maps->zero[2 * i + 1]));

		codes = _mm512_permutexvar_epi64(order, codes);
		if (how->narrow)
			codes = _mm512_max_epi16(_mm512_min_epi16(codes, high), low);
		if (left < BLOCK)
			_mm512_mask_storeu_epi16(y + 64 * i, (__mmask32)(lanes(left) >> 32 * i),
						 codes);
		else
			store(y + 64 * i, codes, left, how->stream);
	}
}

/* The codes of the block's first `left` elements.  Gives the least of `seen` and of what is above
 * it only where a quotient had no room: then a lane is the least there is. */
INLINE block_seen block(uint8_t *y, const float *x, int64_t left, const struct maps *maps,
		     const struct how *how, struct code code, block_seen seen)
{
	const __m512i order =
		_mm512_setr_epi32(0, 4, 8, 12, 1, 5, 9, 13, 2, 6, 10, 14, 3, 7, 11, 15);
	const __m512i low = _mm512_set1_epi8((int8_t)how->low);
	const __m512i high = _mm512_set1_epi8((int8_t)how->high);
	__m512i whole[4], codes;

	to_wholes(whole, x, left, maps, how);
	if (code.bits == 16) {
		store_words(y, whole, left, maps, how);
		return _mm512_min_epi32(
			seen, _mm512_min_epi32(_mm512_min_epi32(whole[0], whole[1]),
					       _mm512_min_epi32(whole[2], whole[3])));
	}
	const __m512i a = _mm512_packs_epi32(whole[0], whole[1]);
	const __m512i b = _mm512_packs_epi32(whole[2], whole[3]);
	const __m512i first = _mm512_adds_epi16(a, maps->zero[0]);
	const __m512i second = _mm512_adds_epi16(b, maps->zero[1]);

	codes = code.bits == 8 && !code.has_sign ? _mm512_packus_epi16(first, second)
						 : _mm512_packs_epi16(first, second);
	codes = _mm512_permutexvar_epi32(order, codes);
	if (how->narrow && (code.has_sign || code.bits == 4))
		codes = _mm512_max_epi8(_mm512_min_epi8(codes, high), low);
	else if (how->narrow)
		codes = _mm512_max_epu8(_mm512_min_epu8(codes, high), low);
	if (code.bits == 4)
		store_nibbles(y, codes, left, how->stream);
	else
		store(y, codes, left, how->stream);
	return _mm512_min_epi16(seen, _mm512_min_epi16(a, b));
}

INLINE bool overflowed(block_seen seen, struct code code)
{
	if (code.bits == 16)
		return _mm512_cmpeq_epi32_mask(seen, _mm512_set1_epi32(INT32_MIN));
	return _mm512_cmpeq_epi16_mask(seen, _mm512_set1_epi16(INT16_MIN));
}

/* The maps of the block's first and second half. */
INLINE void maps_of(struct maps *maps, const struct quantize_map *a, const struct quantize_map *b,
		    struct code code)
{
	for (int i = 0; i < 4; i++) {
		const struct quantize_map *map = i < 2 ? a : b;

		maps->scale[i] = _mm512_set1_ps(map->scale);
		maps->inverse[i] = _mm512_set1_ps(map->inverse);
		maps->rest[i] = _mm512_set1_ps(map->rest);
		maps->zero[i] = _mm512_set1_epi32(map->zero);
	}
	if (code.bits < 16) {
		maps->zero[0] = _mm512_set1_epi16((int16_t)a->zero);
		maps->zero[1] = _mm512_set1_epi16((int16_t)b->zero);
	}
}

/* As quantize_invert, to the bit.  Past the caches it is faster than two loads: maps of 1,024
 * columns that are 6 instead of 10 KiB leave more of L1 to what is fetched early, and the core does
 * not run so far ahead of memory. */
INLINE void invert(__m512 *inverse, __m512 *rest, __m512 scale)
{
	const __m512 one = _mm512_set1_ps(1);

	*inverse = _mm512_div_ps(one, scale);
	*rest = _mm512_mul_ps(_mm512_fnmadd_ps(scale, *inverse, one), *inverse);
}

/* The maps of columns[at] and of those that follow. */
INLINE void maps_of_columns(struct maps *maps, const struct quantize_columns *columns, int64_t at,
			    bool inverts, struct code code)
{
	const int16_t *const zero = columns->zero + at;

	for (int i = 0; i < 4; i++) {
		maps->scale[i] = _mm512_loadu_ps(columns->scale + at + 16 * i);
		if (inverts) {
			invert(&maps->inverse[i], &maps->rest[i],
			       _mm512_loadu_ps(columns->safe + at + 16 * i));
		} else {
			maps->inverse[i] = _mm512_loadu_ps(columns->inverse + at + 16 * i);
			maps->rest[i] = _mm512_loadu_ps(columns->rest + at + 16 * i);
		}
		if (code.bits == 16)
			maps->zero[i] = _mm512_cvtepi16_epi32(
				_mm256_loadu_si256((const __m256i *)(zero + 16 * i)));
		else if (i < 2)
			maps->zero[i] = _mm512_permutexvar_epi64(
				_mm512_setr_epi64(0, 4, 1, 5, 2, 6, 3, 7),
				_mm512_loadu_si512(zero + 32 * i));
	}
}

#include "quantize_loops.h"

QUANTIZE_KERNELS(avx512bw, QS_CPU_AVX2 | QS_CPU_AVX512BW, BLOCK, quantize_prepare,
		 quantize_units)

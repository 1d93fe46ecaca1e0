/* SPDX-License-Identifier: MIT
 *
 * Floats to codes with AVX2, 32 at a time.  quantize_product.h proves the product that stands for
 * the division; how saturation clips is said in quantize__avx512bw.c.
 */
#include "quantize_product.h"

#include <immintrin.h>

enum { BLOCK = 32 };
typedef __m256i block_seen;

/* One block's maps.  Of codes of up to 8 bits zero[0] and [1] are s16 in the order that packing
 * gives, of s16 zero[0] .. [3] are s32. */
struct maps {
	__m256 scale[4], inverse[4], rest[4];
	__m256i zero[4];
};

/* roundf or rintf, to s32; INT32_MIN where that has no room or q is a NaN.  Adding the float below
 * a half, away from 0, lifts ties and what is beyond them over the next whole number, and nothing
 * else. */
INLINE __m256i to_whole(__m256 q, bool away)
{
	const __m256 sign = _mm256_set1_ps(-0.0F), half = _mm256_set1_ps(0x1.fffffep-2F);

	if (!away)
		return _mm256_cvtps_epi32(q);
	return _mm256_cvttps_epi32(_mm256_add_ps(q, _mm256_or_ps(_mm256_and_ps(q, sign), half)));
}

/* x / scale, clipped far outside every code; a NaN lies below all of them. */
INLINE __m256 divide(__m256 x, __m256 scale)
{
	const __m256 q = _mm256_min_ps(_mm256_set1_ps(0x1p30F), _mm256_div_ps(x, scale));

	return _mm256_max_ps(q, _mm256_set1_ps(-0x1p30F));
}

INLINE void to_wholes(__m256i whole[4], const float *x, const struct maps *maps,
		      const struct how *how)
{
	for (int i = 0; i < 4; i++) {
		if (i % 2 == 0 && (how->stream || how->ahead))
			elementwise_fetch(x + 8 * i, how->ahead);
		__m256 from = _mm256_loadu_ps(x + 8 * i);

		if (how->once)
			__asm__("" : "+x"(from));
		const __m256 q = how->divides
			? divide(from, maps->scale[i])
			: _mm256_fmadd_ps(from, maps->inverse[i],
					  _mm256_mul_ps(from, maps->rest[i]));

		whole[i] = to_whole(q, how->away);
	}
}

INLINE void store(uint8_t *y, __m256i codes, bool stream)
{
	if (stream)
		_mm256_stream_si256((__m256i *)y, codes);
	else
		_mm256_storeu_si256((__m256i *)y, codes);
}

/* 32 codes of 4 bits, one a byte, to 16 bytes. */
INLINE void store_nibbles(uint8_t *y, __m256i codes, bool stream)
{
	const __m256i low = _mm256_and_si256(codes, _mm256_set1_epi8(15));
	const __m256i pairs = _mm256_and_si256(_mm256_or_si256(low, _mm256_srli_epi16(low, 4)),
					       _mm256_set1_epi16(UINT8_MAX));
	const __m256i bytes = _mm256_permute4x64_epi64(_mm256_packus_epi16(pairs, pairs), 0xd8);

	if (stream)
		_mm_stream_si128((__m128i *)y, _mm256_castsi256_si128(bytes));
	else
		_mm_storeu_si128((__m128i *)y, _mm256_castsi256_si128(bytes));
}

INLINE void store_words(uint8_t *y, const __m256i whole[4], const struct maps *maps,
			const struct how *how)
{
	const __m256i low = _mm256_set1_epi16((int16_t)how->low);
	const __m256i high = _mm256_set1_epi16((int16_t)how->high);

	for (int i = 0; i < 2; i++) {
		__m256i codes = _mm256_packs_epi32(
			_mm256_add_epi32(whole[2 * i], maps->zero[2 * i]),
			_mm256_add_epi32(whole[2 * i + 1], maps->zero[2 * i + 1]));

		codes = _mm256_permute4x64_epi64(codes, 0xd8);
		if (how->narrow)
			codes = _mm256_max_epi16(_mm256_min_epi16(codes, high), low);
		store(y + 32 * i, codes, how->stream);
	}
}

INLINE block_seen whole_block(uint8_t *y, const float *x, const struct maps *maps,
			      const struct how *how, struct code code, block_seen seen)
{
	const __m256i order = _mm256_setr_epi32(0, 4, 1, 5, 2, 6, 3, 7);
	const __m256i low = _mm256_set1_epi8((int8_t)how->low);
	const __m256i high = _mm256_set1_epi8((int8_t)how->high);
	__m256i whole[4], codes;

	to_wholes(whole, x, maps, how);
	if (code.bits == 16) {
		store_words(y, whole, maps, how);
		return _mm256_min_epi32(
			seen, _mm256_min_epi32(_mm256_min_epi32(whole[0], whole[1]),
					       _mm256_min_epi32(whole[2], whole[3])));
	}
	const __m256i a = _mm256_packs_epi32(whole[0], whole[1]);
	const __m256i b = _mm256_packs_epi32(whole[2], whole[3]);
	const __m256i first = _mm256_adds_epi16(a, maps->zero[0]);
	const __m256i second = _mm256_adds_epi16(b, maps->zero[1]);

	codes = code.bits == 8 && !code.has_sign ? _mm256_packus_epi16(first, second)
						 : _mm256_packs_epi16(first, second);
	codes = _mm256_permutevar8x32_epi32(codes, order);
	if (how->narrow && (code.has_sign || code.bits == 4))
		codes = _mm256_max_epi8(_mm256_min_epi8(codes, high), low);
	else if (how->narrow)
		codes = _mm256_max_epu8(_mm256_min_epu8(codes, high), low);
	if (code.bits == 4)
		store_nibbles(y, codes, how->stream);
	else
		store(y, codes, how->stream);
	return _mm256_min_epi16(seen, _mm256_min_epi16(a, b));
}

/* The codes of the block's first `left` elements.  Gives the least of `seen` and of the quotients:
 * where one had no room a lane is the least there is. */
INLINE block_seen block(uint8_t *y, const float *x, int64_t left, const struct maps *maps,
			const struct how *how, struct code code, block_seen seen)
{
	float from[BLOCK] = { 0 };
	uint8_t to[2 * BLOCK];
	struct how plain = *how;

	if (left >= BLOCK)
		return whole_block(y, x, maps, how, code, seen);
	plain.stream = false;
	memcpy(from, x, (size_t)left * sizeof *from);
	seen = whole_block(to, from, maps, &plain, code, seen);
	if (code.bits == 4 && left % 2)
		to[left / 2] &= 15;
	memcpy(y, to, (size_t)(left * code.bits + 7) / 8);
	return seen;
}

INLINE bool overflowed(block_seen seen, struct code code)
{
	const __m256i least = code.bits == 16
		? _mm256_cmpeq_epi32(seen, _mm256_set1_epi32(INT32_MIN))
		: _mm256_cmpeq_epi16(seen, _mm256_set1_epi16(INT16_MIN));

	return _mm256_movemask_epi8(least);
}

/* The maps of the block's first and second half. */
INLINE void maps_of(struct maps *maps, const struct quantize_map *a, const struct quantize_map *b,
		    struct code code)
{
	for (int i = 0; i < 4; i++) {
		const struct quantize_map *map = i < 2 ? a : b;

		maps->scale[i] = _mm256_set1_ps(map->scale);
		maps->inverse[i] = _mm256_set1_ps(map->inverse);
		maps->rest[i] = _mm256_set1_ps(map->rest);
		maps->zero[i] = _mm256_set1_epi32(map->zero);
	}
	if (code.bits < 16) {
		maps->zero[0] = _mm256_set1_epi16((int16_t)a->zero);
		maps->zero[1] = _mm256_set1_epi16((int16_t)b->zero);
	}
}

/* The maps of columns[at] and of those that follow. */
INLINE void maps_of_columns(struct maps *maps, const struct quantize_columns *columns, int64_t at,
			    bool inverts, struct code code)
{
	const int16_t *const zero = columns->zero + at;

	(void)inverts;          /* here divisions are slower than loads, past the caches too */
	for (int i = 0; i < 4; i++) {
		maps->scale[i] = _mm256_loadu_ps(columns->scale + at + 8 * i);
		maps->inverse[i] = _mm256_loadu_ps(columns->inverse + at + 8 * i);
		maps->rest[i] = _mm256_loadu_ps(columns->rest + at + 8 * i);
		if (code.bits == 16)
			maps->zero[i] = _mm256_cvtepi16_epi32(
				_mm_loadu_si128((const __m128i *)(zero + 8 * i)));
		else if (i < 2)
			maps->zero[i] = _mm256_permute4x64_epi64(
				_mm256_loadu_si256((const __m256i *)(zero + 16 * i)), 0xd8);
	}
}

#include "quantize_loops.h"

QUANTIZE_KERNELS(avx2, QS_CPU_AVX2, BLOCK, quantize_prepare, quantize_units)

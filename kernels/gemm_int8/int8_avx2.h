/* SPDX-License-Identifier: MIT
 *
 * Products of 8-bit codes with AVX2, exact at full range.  The routes are in int8_words.h,
 * int8_bytes.h and int8_clipped.h, the choice is in int8_run.h; they are compiled for each ISA from
 * these definitions:
 *
 *   vec, sums_vec, words_vec        a register; as unsigned 32-bit and 16-bit lanes that wrap
 *   LANES, WORDS                    how many of those it has
 *   ROWS                            of a tile of words, which has 2 vectors of channels: here 8
 *                                   registers of sums, 4 of w, 2 of a, 2 of what is multiplied
 *   TILE_ROWS, TILE_SPLIT_ROWS      the same of a tile of bytes on the narrow and the split route
 *   CLIPPED_TILE                    rows whose codes of a step of k stay in the first level cache,
 *                                   on the clipped route
 *   STRIP_VECTORS                   of channels there: their weights fill the registers
 *   v_load, v_store                 aligned to a register
 *   requantize                      a block of sums to codes
 */
#ifndef QS_INT8_AVX2_H
#define QS_INT8_AVX2_H

#include "../requantize_avx2.h"

#include <stdlib.h>

enum { LANES = 8, WORDS = 16 }; /* of a vector: sums, 16-bit words                       */
#define ROWS 4
enum { TILE_ROWS = 3, TILE_SPLIT_ROWS = 2, CLIPPED_TILE = 24, STRIP_VECTORS = 2 };

typedef __m256i vec;
typedef uint32_t sums_vec __attribute__((vector_size(32)));
typedef uint16_t words_vec __attribute__((vector_size(32)));

static inline vec v_zero(void) { return _mm256_setzero_si256(); }
static inline vec v_load(const void *from) { return _mm256_load_si256(from); }
static inline void v_store(void *to, vec x) { _mm256_store_si256(to, x); }
static inline vec v_add16(vec x, vec y) { return _mm256_add_epi16(x, y); }
static inline vec v_sub16(vec x, vec y) { return _mm256_sub_epi16(x, y); }
static inline vec v_add32(vec x, vec y) { return _mm256_add_epi32(x, y); }
static inline vec v_sub32(vec x, vec y) { return _mm256_sub_epi32(x, y); }
static inline vec v_madd(vec x, vec y) { return _mm256_madd_epi16(x, y); }
static inline vec v_maddubs(vec x, vec y) { return _mm256_maddubs_epi16(x, y); }
static inline vec v_all16(int16_t x) { return _mm256_set1_epi16(x); }

/* 32 bits in all lanes */
static inline vec v_all32(const void *from)
{
	int32_t x;

	memcpy(&x, from, sizeof x);
	return _mm256_set1_epi32(x);
}

static inline vec v_wide(const int8_t *from)
{
	return _mm256_cvtepi8_epi16(_mm_load_si128((const __m128i *)(const void *)from));
}

/* WORDS codes with their sign bit flipped or not, less their zero point; 0 from `count` on. */
static inline vec v_codes(const uint8_t *from, int64_t count, uint8_t flip, int32_t zero)
{
	uint8_t codes[WORDS];
	__m128i x;

	if (count < WORDS) {
		memset(codes, (uint8_t)zero ^ flip, sizeof codes);
		memcpy(codes, from, (size_t)count);
		from = codes;
	}
	x = _mm_xor_si128(_mm_loadu_si128((const __m128i *)(const void *)from),
			  _mm_set1_epi8((int8_t)flip));
	return _mm256_sub_epi16(_mm256_cvtepu8_epi16(x), _mm256_set1_epi16((int16_t)zero));
}

/* The sum of the 32-bit lanes. */
static inline int32_t v_total(vec x)
{
	__m128i y = _mm_add_epi32(_mm256_castsi256_si128(x), _mm256_extracti128_si256(x, 1));

	y = _mm_add_epi32(y, _mm_unpackhi_epi64(y, y));
	return _mm_cvtsi128_si32(_mm_add_epi32(y, _mm_shuffle_epi32(y, 1)));
}

static void requantize(const struct requantize_columns *c, const struct requantize_block *block,
		       bool is_signed)
{
	requantize_block_avx2(c, block, is_signed);
}

#include "int8_run.h"

#endif

/* SPDX-License-Identifier: MIT
 *
 * Products of 8-bit codes with AVX-512 BW, exact at full range: the routes of int8__avx2.c on
 * 512 bits.  A tile of words is 8 rows by 32 channels: 16 registers of sums, 4 of w, 2 of a, 2 of
 * what is multiplied.
 */
#include "../requantize_avx512.h"

#include <stdlib.h>
#include <string.h>

enum { LANES = 16, WORDS = 32 }; /* of a vector: sums, 16-bit words                      */
#define ROWS 8
enum { TILE_ROWS = 4, TILE_SPLIT_ROWS = 4, CLIPPED_TILE = 24, STRIP_VECTORS = 2 };

typedef __m512i vec;
typedef uint32_t sums_vec __attribute__((vector_size(64)));
typedef uint16_t words_vec __attribute__((vector_size(64)));

static inline vec v_zero(void) { return _mm512_setzero_si512(); }
static inline vec v_load(const void *from) { return _mm512_load_si512(from); }
static inline void v_store(void *to, vec x) { _mm512_store_si512(to, x); }
static inline vec v_add16(vec x, vec y) { return _mm512_add_epi16(x, y); }
static inline vec v_sub16(vec x, vec y) { return _mm512_sub_epi16(x, y); }
static inline vec v_add32(vec x, vec y) { return _mm512_add_epi32(x, y); }
static inline vec v_sub32(vec x, vec y) { return _mm512_sub_epi32(x, y); }
static inline vec v_madd(vec x, vec y) { return _mm512_madd_epi16(x, y); }
static inline vec v_maddubs(vec x, vec y) { return _mm512_maddubs_epi16(x, y); }
static inline vec v_all16(int16_t x) { return _mm512_set1_epi16(x); }
static inline int32_t v_total(vec x) { return _mm512_reduce_add_epi32(x); }

/* 32 bits in all lanes */
static inline vec v_all32(const void *from)
{
	int32_t x;

	memcpy(&x, from, sizeof x);
	return _mm512_set1_epi32(x);
}

static inline vec v_wide(const int8_t *from)
{
	return _mm512_cvtepi8_epi16(_mm256_load_si256((const __m256i *)(const void *)from));
}

/* WORDS codes with their sign bit flipped or not, less their zero point; 0 from `count` on. */
static inline vec v_codes(const uint8_t *from, int64_t count, uint8_t flip, int32_t zero)
{
	const __mmask32 lanes = count >= WORDS ? UINT32_MAX : (1U << count) - 1;
	const __m256i x = _mm256_xor_si256(_mm256_maskz_loadu_epi8(lanes, from),
					   _mm256_set1_epi8((int8_t)flip));

	return _mm512_maskz_sub_epi16(lanes, _mm512_cvtepu8_epi16(x),
				      _mm512_set1_epi16((int16_t)zero));
}

static void requantize(const struct requantize_columns *c, const struct requantize_block *block,
		       bool is_signed)
{
	requantize_block_avx512(c, block, is_signed);
}

#include "int8_run.h"

INT8_KERNELS(avx512bw, .needs = QS_CPU_AVX512BW, .tile_m = LEVEL_ROWS, .tile_n = WIDTH,
	     .tile_k = 128)

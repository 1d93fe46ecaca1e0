/* SPDX-License-Identifier: MIT
 *
 * Depthwise convolutions of 8-bit codes with AVX-512 VNNI: a word holds the codes of four input
 * rows, so that of a kernel of 3 x 3 two lines of y take 3 vpdpbusd each, where 9 products of 12
 * count.
 */
#include "../requantize_avx512.h"

#include "../gemm/gemm_blocks.h"

#include <string.h>

typedef int32_t vector __attribute__((vector_size(64)));
typedef uint8_t element_of_a;
typedef int8_t weight;

enum { WORD_ROWS = 4, LINES_MOST = 2, BLOCKS = 2, WEIGHT_LEAST = INT8_MIN, WEIGHT_MOST = INT8_MAX,
       WEIGHT_COPIES = 3, IS_CENTERED = 0 };

static inline vector vector_load(const void *from)
{
	return (vector)_mm512_loadu_si512(from);
}

static inline void vector_store(void *to, vector x)
{
	_mm512_storeu_si512(to, (__m512i)x);
}

static inline vector vector_dot(vector sum, vector a, vector w)
{
	return (vector)_mm512_dpbusd_epi32((__m512i)sum, (__m512i)a, (__m512i)w);
}

static void vector_requantize(const struct requantize_columns *c,
			      const struct requantize_block *block, bool is_signed)
{
	requantize_block_avx512(c, block, is_signed);
}

#define DEPTHWISE_DIRECT 1

#include "conv_int8_depthwise.h"

/* Four elements of each 16 in one vector, a plane's, the rows of an element in one word. */
static inline void words_in_planes(const struct depthwise *p, char *to,
				   const element_of_a *const rows[4], int64_t count)
{
	const __m512i flips = _mm512_set1_epi8((char)int8_flip(&p->task));

	for (int64_t i = 0; i < count; i += 64) {
		const __mmask64 left = count - i < 64 ? (UINT64_C(1) << (count - i)) - 1
						      : UINT64_MAX;
		__m512i row[4], ab[2], cd[2];

		for (int r = 0; r < 4; r++)
			row[r] = _mm512_xor_si512(
				_mm512_maskz_loadu_epi8(left, rows[r] + i), flips);
		ab[0] = _mm512_unpacklo_epi8(row[0], row[1]);
		ab[1] = _mm512_unpackhi_epi8(row[0], row[1]);
		cd[0] = _mm512_unpacklo_epi8(row[2], row[3]);
		cd[1] = _mm512_unpackhi_epi8(row[2], row[3]);
		for (int half = 0; half < 2; half++) {
			char *const at = to + i + 2 * half * p->pitch;

			_mm512_mask_storeu_epi8(at, left,
						_mm512_unpacklo_epi16(ab[half], cd[half]));
			_mm512_mask_storeu_epi8(at + p->pitch, left,
						_mm512_unpackhi_epi16(ab[half], cd[half]));
		}
	}
}

/* 16 words: the dwords of 4 rows are put beside each other, then each four transposed. */
static inline __m512i words_16(const element_of_a *const rows[4], int64_t at)
{
	const __m512i dwords = _mm512_setr_epi32(0, 4, 8, 12, 1, 5, 9, 13, 2, 6, 10, 14, 3, 7, 11,
						 15);
	const __m512i bytes = _mm512_broadcast_i32x4(
		_mm_setr_epi8(0, 4, 8, 12, 1, 5, 9, 13, 2, 6, 10, 14, 3, 7, 11, 15));
	__m128i row[4];

	for (int r = 0; r < 4; r++)
		row[r] = _mm_loadu_si128((const __m128i *)(const void *)(rows[r] + at));
	const __m256i low = _mm256_inserti128_si256(_mm256_castsi128_si256(row[0]), row[1], 1);
	const __m256i high = _mm256_inserti128_si256(_mm256_castsi128_si256(row[2]), row[3], 1);
	const __m512i all = _mm512_inserti64x4(_mm512_castsi256_si512(low), high, 1);

	return _mm512_shuffle_epi8(_mm512_permutexvar_epi32(dwords, all), bytes);
}

static inline void words_fill(const struct depthwise *p, char *words, int64_t at,
			      const element_of_a *const rows[4], int64_t count)
{
	const uint8_t flip = int8_flip(&p->task);
	const __m512i flips = _mm512_set1_epi8((char)flip);
	char *const to = words + at * p->unit;
	int64_t i = 0;

	if (depthwise_in_planes(p)) {
		words_in_planes(p, to, rows, count);
		return;
	}
	for (; i + LANE <= count; i += LANE)
		_mm512_storeu_si512(to + i * 4, _mm512_xor_si512(words_16(rows, i), flips));
	for (; i < count; i++)
		for (int row = 0; row < 4; row++)
			((uint8_t *)to)[i * 4 + row] = rows[row][i] ^ flip;
}

CONV_INT8_KERNELS(avx512vnni_depthwise,
		  .needs = QS_CPU_AVX2 | QS_CPU_AVX512BW | QS_CPU_AVX512VNNI, .tile_m = 2,
		  .tile_n = STRIP, .tile_k = WORD_ROWS)

/* SPDX-License-Identifier: MIT
 *
 * One-byte codes to floats with AVX2, signed or not: a kernel says which by a constant.
 */
#ifndef QS_DEQUANTIZE_AVX2_H
#define QS_DEQUANTIZE_AVX2_H

#include "dequantize.h"

#include <immintrin.h>
#include <stdbool.h>
#include <string.h>

static inline void dequantize_8(float *y, const uint8_t *codes, __m256 scale, __m256i zero,
				bool is_signed)
{
	const __m128i bytes = _mm_loadl_epi64((const __m128i *)codes);
	const __m256i wide = is_signed ? _mm256_cvtepi8_epi32(bytes) : _mm256_cvtepu8_epi32(bytes);
	const __m256 whole = _mm256_cvtepi32_ps(_mm256_sub_epi32(wide, zero));

	_mm256_storeu_ps(y, _mm256_mul_ps(whole, scale));
}

static inline __attribute__((always_inline)) void
dequantize_values_avx2(float *y, const uint8_t *codes, int64_t count, float scale, int32_t zero,
		       bool is_signed)
{
	const __m256 scales = _mm256_set1_ps(scale);
	const __m256i zeros = _mm256_set1_epi32(zero);
	int64_t i = 0;

	for (; i + 8 <= count; i += 8)
		dequantize_8(y + i, codes + i, scales, zeros, is_signed);
	if (i < count) {
		const size_t left = (size_t)(count - i);
		uint8_t last[8] = { 0 };
		float out[8];

		memcpy(last, codes + i, left);
		dequantize_8(out, last, scales, zeros, is_signed);
		memcpy(y + i, out, left * sizeof *out);
	}
}

#endif

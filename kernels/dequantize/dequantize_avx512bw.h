/* SPDX-License-Identifier: MIT
 *
 * One-byte codes to floats with AVX-512, signed or not: a kernel says which by a constant.
 */
#ifndef QS_DEQUANTIZE_AVX512BW_H
#define QS_DEQUANTIZE_AVX512BW_H

#include "dequantize.h"

#include <immintrin.h>
#include <stdbool.h>

static inline void dequantize_16(float *y, const uint8_t *codes, __mmask16 which, __m512 scale,
				 __m512i zero, bool is_signed)
{
	const __m128i bytes = _mm_maskz_loadu_epi8(which, codes);
	const __m512i wide = is_signed ? _mm512_cvtepi8_epi32(bytes) : _mm512_cvtepu8_epi32(bytes);
	const __m512 whole = _mm512_cvtepi32_ps(_mm512_sub_epi32(wide, zero));

	_mm512_mask_storeu_ps(y, which, _mm512_mul_ps(whole, scale));
}

static inline __attribute__((always_inline)) void
dequantize_values_avx512bw(float *y, const uint8_t *codes, int64_t count, float scale, int32_t zero,
			   bool is_signed)
{
	const __m512 scales = _mm512_set1_ps(scale);
	const __m512i zeros = _mm512_set1_epi32(zero);
	int64_t i = 0;

	for (; i + 16 <= count; i += 16)
		dequantize_16(y + i, codes + i, 0xffff, scales, zeros, is_signed);
	if (i < count)
		dequantize_16(y + i, codes + i, (__mmask16)((1u << (count - i)) - 1), scales, zeros,
			      is_signed);
}

#endif

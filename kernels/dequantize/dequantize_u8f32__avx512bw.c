/* SPDX-License-Identifier: MIT
 *
 * u8 codes to floats with AVX-512.
 */
#include "dequantize.h"

#include <immintrin.h>

static inline void values_16(float *y, const uint8_t *codes, __mmask16 which, __m512 scale,
			     __m512i zero)
{
	const __m512i wide = _mm512_cvtepu8_epi32(_mm_maskz_loadu_epi8(which, codes));
	const __m512 whole = _mm512_cvtepi32_ps(_mm512_sub_epi32(wide, zero));

	_mm512_mask_storeu_ps(y, which, _mm512_mul_ps(whole, scale));
}

static void values(float *y, const uint8_t *codes, int64_t count, float scale, int32_t zero)
{
	const __m512 scales = _mm512_set1_ps(scale);
	const __m512i zeros = _mm512_set1_epi32(zero);
	int64_t i = 0;

	for (; i + 16 <= count; i += 16)
		values_16(y + i, codes + i, 0xffff, scales, zeros);
	if (i < count)
		values_16(y + i, codes + i, (__mmask16)((1u << (count - i)) - 1), scales, zeros);
}

static int run(const void *prepared, const void *a, void *y, int64_t first, int64_t last)
{
	return dequantize_run(prepared, a, y, first, last, values);
}

const struct qs_kernel dequantize_u8f32__avx512bw = {
	.name = "dequantize_u8f32__avx512bw",
	.op = QS_DEQUANTIZE, .a = QS_U8, .y = QS_F32,
	.needs = QS_CPU_AVX2 | QS_CPU_AVX512BW,
	.tile_m = 1, .tile_n = 1, .tile_k = 16,
	.refuse = dequantize_refuse_u8, .prepare = dequantize_prepare, .units = dequantize_units,
	.run = run, .release = free,
};

/* SPDX-License-Identifier: MIT
 *
 * s8 codes to floats with AVX2.
 */
#include "dequantize.h"

#include <immintrin.h>
#include <string.h>

static inline void values_8(float *y, const uint8_t *codes, __m256 scale, __m256i zero)
{
	const __m256i wide = _mm256_cvtepi8_epi32(_mm_loadl_epi64((const __m128i *)codes));
	const __m256 whole = _mm256_cvtepi32_ps(_mm256_sub_epi32(wide, zero));

	_mm256_storeu_ps(y, _mm256_mul_ps(whole, scale));
}

static void values(float *y, const uint8_t *codes, int64_t count, float scale, int32_t zero)
{
	const __m256 scales = _mm256_set1_ps(scale);
	const __m256i zeros = _mm256_set1_epi32(zero);
	int64_t i = 0;

	for (; i + 8 <= count; i += 8)
		values_8(y + i, codes + i, scales, zeros);
	if (i < count) {
		const size_t left = (size_t)(count - i);
		uint8_t last[8] = { 0 };
		float out[8];

		memcpy(last, codes + i, left);
		values_8(out, last, scales, zeros);
		memcpy(y + i, out, left * sizeof *out);
	}
}

static int run(const void *prepared, const void *a, void *y, int64_t first, int64_t last)
{
	return dequantize_run(prepared, a, y, first, last, values);
}

const struct qs_kernel dequantize_s8f32__avx2 = {
	.name = "dequantize_s8f32__avx2",
	.op = QS_DEQUANTIZE, .a = QS_S8, .y = QS_F32,
	.needs = QS_CPU_AVX2,
	.tile_m = 1, .tile_n = 1, .tile_k = 8,
	.refuse = dequantize_refuse_s8, .prepare = dequantize_prepare, .units = dequantize_units,
	.run = run, .release = free,
};

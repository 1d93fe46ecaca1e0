/* SPDX-License-Identifier: MIT
 *
 * Sums of a depthwise convolution right to codes, on 512 bits: what requantize_strip_avx512 does to
 * one row in the mode float, with ties to even, where no value leaves s32 and nothing is clamped
 * but by packing: depthwise_is_plain.
 */
#ifndef QS_CONV_INT8_DEPTHWISE_512_H
#define QS_CONV_INT8_DEPTHWISE_512_H

/* Held in registers: a store of codes might change them in memory. */
struct vector_clip {
	__m512i zero;
	bool planes;
	const float *scale;
};

static inline struct vector_clip vector_clip(const struct depthwise *p)
{
	return (struct vector_clip){
		.zero = _mm512_set1_epi16((int16_t)p->epilogue.requantize.zero),
		.planes = depthwise_in_planes(p),
		.scale = p->epilogue.scale,
	};
}

static inline __attribute__((always_inline)) void
vector_codes(const struct vector_clip *clip, uint8_t *y,
	     const vector sum[STRIP_VECTORS], int64_t column, enum depthwise_codes kind)
{
	const __m512i order =
		_mm512_setr_epi32(0, 4, 8, 12, 1, 5, 9, 13, 2, 6, 10, 14, 3, 7, 11, 15);
	__m512i value[STRIP_VECTORS], a, b, codes;

	GEMM_UNROLL
	for (int v = 0; v < STRIP_VECTORS; v++) {
		const __m512 scale = _mm512_loadu_ps(clip->scale + column + v * LANES_OF);

		value[v] = _mm512_cvtps_epi32(
			_mm512_mul_ps(_mm512_cvtepi32_ps((__m512i)sum[v]), scale));
	}
	a = _mm512_adds_epi16(_mm512_packs_epi32(value[0], value[1]), clip->zero);
	b = _mm512_adds_epi16(_mm512_packs_epi32(value[2], value[3]), clip->zero);
	codes = kind == CODES_S8 ? _mm512_packs_epi16(a, b) : _mm512_packus_epi16(a, b);
	/* packing leaves sums of planes in order */
	if (!clip->planes)
		codes = _mm512_permutexvar_epi32(order, codes);
	_mm512_storeu_si512(y, codes);
}

/* 16 bytes of each: a transpose. */
static inline void vector_order(vector sum[STRIP_VECTORS])
{
	const __m512i a = (__m512i)sum[0], b = (__m512i)sum[1];
	const __m512i c = (__m512i)sum[2], d = (__m512i)sum[3];
	const __m512i ab_low = _mm512_shuffle_i32x4(a, b, 0x44);
	const __m512i ab_high = _mm512_shuffle_i32x4(a, b, 0xee);
	const __m512i cd_low = _mm512_shuffle_i32x4(c, d, 0x44);
	const __m512i cd_high = _mm512_shuffle_i32x4(c, d, 0xee);

	sum[0] = (vector)_mm512_shuffle_i32x4(ab_low, cd_low, 0x88);
	sum[1] = (vector)_mm512_shuffle_i32x4(ab_low, cd_low, 0xdd);
	sum[2] = (vector)_mm512_shuffle_i32x4(ab_high, cd_high, 0x88);
	sum[3] = (vector)_mm512_shuffle_i32x4(ab_high, cd_high, 0xdd);
}

#endif

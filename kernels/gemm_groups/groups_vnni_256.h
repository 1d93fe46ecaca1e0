/* SPDX-License-Identifier: MIT
 *
 * What groups_vnni.h asks for, on 256 bits; all but v_dot, which AVX-VNNI and AVX-512 VNNI encode
 * each in its own way, and the numbers of rows and streams.
 */
#ifndef QS_GROUPS_VNNI_256_H
#define QS_GROUPS_VNNI_256_H

enum { LANES = 8 };

#include "groups_packed.h"

#include <immintrin.h>

typedef uint32_t vi __attribute__((vector_size(32)));
typedef __m256 vf;
typedef int v_mask;             /* how many of the first lanes                           */

static inline vi v_load(const void *from) { return (vi)_mm256_load_si256(from); }
static inline vf v_load_f(const float *from) { return _mm256_load_ps(from); }
static inline vi v_set1(int32_t x) { return (vi)_mm256_set1_epi32(x); }
static inline vf v_set1_f(float x) { return _mm256_set1_ps(x); }
static inline vf v_zero(void) { return _mm256_setzero_ps(); }
static inline vi v_madd(vi a, vi b) { return (vi)_mm256_madd_epi16((__m256i)a, (__m256i)b); }
static inline vf v_float(vi a) { return _mm256_cvtepi32_ps((__m256i)a); }
static inline vf v_float_bits(vi a) { return _mm256_castsi256_ps((__m256i)a); }
static inline vi v_bits(vf a) { return (vi)_mm256_castps_si256(a); }
static inline vf v_fma(vf a, vf b, vf c) { return _mm256_fmadd_ps(a, b, c); }

static inline vi v_sra(vi a, int count)
{
	return (vi)_mm256_srav_epi32((__m256i)a, _mm256_set1_epi32(count));
}

static inline vi v_set1_quad(const int8_t *from)
{
	int32_t quad;

	memcpy(&quad, from, sizeof quad);
	return v_set1(quad);
}

/* The first `count` lanes; any count. */
static inline v_mask v_lanes(int64_t count)
{
	return (v_mask)(count < 0 ? 0 : count < LANES ? count : LANES);
}

static inline __m256i v_chosen(v_mask lanes)
{
	return _mm256_cmpgt_epi32(_mm256_set1_epi32(lanes),
				  _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7));
}

static inline vf v_load_some(const float *from, v_mask lanes)
{
	return _mm256_maskload_ps(from, v_chosen(lanes));
}

static inline void v_store_some(float *to, v_mask lanes, vf x)
{
	if (lanes == LANES)
		_mm256_storeu_ps(to, x);
	else
		_mm256_maskstore_ps(to, v_chosen(lanes), x);
}

/* Sums of the 32 codes of a block, from sums of 8 as unsigned codes: those are below 2^11, so four
 * fit into 64 bits side by side. */
static inline __m128i v_sums(const __m256i sad[4])
{
	const __m256i low = _mm256_or_si256(sad[0], _mm256_slli_epi64(sad[1], 16));
	const __m256i high = _mm256_or_si256(sad[2], _mm256_slli_epi64(sad[3], 16));
	const __m256i all = _mm256_or_si256(low, _mm256_slli_epi64(high, 32));
	__m128i s = _mm_add_epi64(_mm256_castsi256_si128(all), _mm256_extracti128_si256(all, 1));

	s = _mm_add_epi64(s, _mm_unpackhi_epi64(s, s));
	return _mm_sub_epi32(_mm_cvtepu16_epi32(s), _mm_set1_epi32(BLOCK * 128));
}

/* Copies `depth` codes with their bits `flip` turned over, then zeroes up to whole 128 codes; gives
 * the sum of each block. */
static inline void v_copy(int8_t *to, const uint8_t *from, int64_t depth, uint8_t flip,
			  int32_t *sums)
{
	const __m256i turn = _mm256_set1_epi8((char)flip), sign = _mm256_set1_epi8(INT8_MIN);

	for (int64_t k = 0; k < depth; k += 4 * BLOCK) {
		__m256i sad[4];

		for (int i = 0; i < 4; i++) {
			const int64_t at = k + i * BLOCK, left = depth - at;
			_Alignas(32) uint8_t last[BLOCK];
			__m256i codes;

			if (left < BLOCK) {
				memset(last, flip, sizeof last);
				memcpy(last, from + at, left > 0 ? (size_t)left : 0);
				codes = _mm256_load_si256((const __m256i *)last);
			} else {
				codes = _mm256_loadu_si256((const __m256i *)(from + at));
			}
			codes = _mm256_xor_si256(codes, turn);
			_mm256_store_si256((__m256i *)(to + at), codes);
			sad[i] = _mm256_sad_epu8(_mm256_xor_si256(codes, sign),
						 _mm256_setzero_si256());
		}
		_mm_storeu_si128((__m128i *)(sums + k / BLOCK), v_sums(sad));
	}
}

#endif

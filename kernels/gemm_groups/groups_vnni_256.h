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

/* Copies the first `count` of 32 codes with their bits `flip` turned over, zeroes the rest; gives
 * sums of 8 as unsigned codes.  Of no codes nothing is copied. */
static inline __m256i copy_some(int8_t *to, const uint8_t *from, int64_t count, uint8_t flip)
{
	const __m256i sign = _mm256_set1_epi8(INT8_MIN), zero = _mm256_setzero_si256();
	_Alignas(32) uint8_t last[BLOCK];
	__m256i codes = zero;

	if (count > 0) {
		const uint8_t *all = from;

		if (count < BLOCK) {
			memset(last, flip, sizeof last);
			all = memcpy(last, from, (size_t)count);
		}
		codes = _mm256_xor_si256(_mm256_loadu_si256((const __m256i *)all),
					 _mm256_set1_epi8((char)flip));
		_mm256_store_si256((__m256i *)to, codes);
	}
	return _mm256_sad_epu8(_mm256_xor_si256(codes, sign), zero);
}

/* Four blocks.  Sums of 8 are below 2^11, so four of them fit into 64 bits side by side. */
static inline __m128i copy_blocks(int8_t *to, const uint8_t *from, int64_t count, uint8_t flip)
{
	const __m256i s0 = copy_some(to, from, count, flip);
	const __m256i s1 = copy_some(to + 32, from + 32, count - 32, flip);
	const __m256i s2 = copy_some(to + 64, from + 64, count - 64, flip);
	const __m256i s3 = copy_some(to + 96, from + 96, count - 96, flip);
	const __m256i low = _mm256_or_si256(s0, _mm256_slli_epi64(s1, 16));
	const __m256i high = _mm256_or_si256(s2, _mm256_slli_epi64(s3, 16));
	const __m256i all = _mm256_or_si256(low, _mm256_slli_epi64(high, 32));
	__m128i s = _mm_add_epi64(_mm256_castsi256_si128(all), _mm256_extracti128_si256(all, 1));

	s = _mm_add_epi64(s, _mm_unpackhi_epi64(s, s));
	return _mm_sub_epi32(_mm_cvtepu16_epi32(s), _mm_set1_epi32(BLOCK * 128));
}

static inline __m256i v_copy(int8_t *to, const uint8_t *from, int64_t count, uint8_t flip)
{
	return _mm256_set_m128i(copy_blocks(to + 128, from + 128, count - 128, flip),
				copy_blocks(to, from, count, flip));
}

static inline vi v_dot(vi sum, vi u, vi s);

/* Sums of four neighbours of a block. */
static inline __m256i sum_some(const int8_t *from, int64_t count)
{
	const vi zero = v_set1(0);

	if (count <= 0)
		return (__m256i)zero;
	return (__m256i)v_dot(zero, v_set1(0x01010101),
			      (vi)_mm256_loadu_si256((const __m256i *)from));
}

/* Of neighbours in 16 bits. */
static inline __m256i sum_pairs(__m256i a)
{
	return _mm256_madd_epi16(a, _mm256_set1_epi16(1));
}

/* Four blocks: in either half their sums over that half. */
static inline __m256i sum_blocks(const int8_t *from, int64_t count)
{
	const __m256i s0 = sum_some(from, count);
	const __m256i s1 = sum_some(from + 32, count - 32);
	const __m256i s2 = sum_some(from + 64, count - 64);
	const __m256i s3 = sum_some(from + 96, count - 96);

	return sum_pairs(_mm256_packs_epi32(sum_pairs(_mm256_packs_epi32(s0, s1)),
					    sum_pairs(_mm256_packs_epi32(s2, s3))));
}

/* How many codes v_sums takes. */
static inline int64_t v_chunk(const int of_group)
{
	(void)of_group;
	return 8 * BLOCK;
}

/* Sums of groups of so many blocks, those beyond `count` codes are 0; count is whole blocks. */
INLINE __m256i v_sums(const int8_t *from, int64_t count, const int of_group)
{
	const __m256i low = sum_blocks(from, count), high = sum_blocks(from + 128, count - 128);
	__m256i sums = _mm256_add_epi32(_mm256_permute2x128_si256(low, high, 0x20),
					_mm256_permute2x128_si256(low, high, 0x31));

	for (int i = 1; i < of_group; i *= 2)
		sums = _mm256_permutevar8x32_epi32(_mm256_hadd_epi32(sums, sums),
						   _mm256_setr_epi32(0, 1, 4, 5, 2, 3, 6, 7));
	return sums;
}

/* The sum of `count` codes. */
static inline int32_t v_sum(const int8_t *from, int64_t count)
{
	__m256i sum = _mm256_setzero_si256();
	__m128i half;

	for (int64_t i = 0; i < count; i += BLOCK)
		sum = _mm256_add_epi32(sum, sum_some(from + i, BLOCK));
	half = _mm_add_epi32(_mm256_castsi256_si128(sum), _mm256_extracti128_si256(sum, 1));
	half = _mm_add_epi32(half, _mm_shuffle_epi32(half, 0x4e));
	half = _mm_add_epi32(half, _mm_shuffle_epi32(half, 0xb1));
	return _mm_cvtsi128_si32(half);
}

#endif

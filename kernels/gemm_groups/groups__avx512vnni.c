/* SPDX-License-Identifier: MIT
 *
 * Groups of weights with AVX-512 VNNI.  A tile is 6 rows by 32 columns: 12 sums and 12 float sums
 * leave 8 registers for weights, masks, shifts and the activation.
 */
enum { LANES = 16, ROWS = 6, STREAMS = 4, SUMS = 6 };

#include "groups_packed.h"

#include <immintrin.h>

typedef uint32_t vi __attribute__((vector_size(64)));
typedef __m512 vf;
typedef __mmask16 v_mask;

static inline vi v_load(const void *from) { return (vi)_mm512_load_si512(from); }
static inline vf v_load_f(const float *from) { return _mm512_load_ps(from); }
static inline vi v_set1(int32_t x) { return (vi)_mm512_set1_epi32(x); }
static inline vf v_set1_f(float x) { return _mm512_set1_ps(x); }
static inline vf v_zero(void) { return _mm512_setzero_ps(); }
static inline vi v_madd(vi a, vi b) { return (vi)_mm512_madd_epi16((__m512i)a, (__m512i)b); }
static inline vf v_float(vi a) { return _mm512_cvtepi32_ps((__m512i)a); }
static inline vf v_float_bits(vi a) { return _mm512_castsi512_ps((__m512i)a); }
static inline vi v_bits(vf a) { return (vi)_mm512_castps_si512(a); }
static inline vf v_fma(vf a, vf b, vf c) { return _mm512_fmadd_ps(a, b, c); }

static inline vi v_dot(vi sum, vi u, vi s)
{
	return (vi)_mm512_dpbusd_epi32((__m512i)sum, (__m512i)u, (__m512i)s);
}

static inline vi v_sra(vi a, int count)
{
	return (vi)_mm512_srav_epi32((__m512i)a, _mm512_set1_epi32(count));
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
	const int64_t some = count < 0 ? 0 : count;

	return (v_mask)((1U << (some < LANES ? some : LANES)) - 1);
}

static inline vf v_load_some(const float *from, v_mask lanes)
{
	return _mm512_maskz_loadu_ps(lanes, from);
}

static inline void v_store_some(float *to, v_mask lanes, vf x)
{
	_mm512_mask_storeu_ps(to, lanes, x);
}

/* Sums of the 32 codes of a block, from sums of 8 as unsigned codes: those are below 2^11, so four
 * fit into 64 bits side by side. */
static inline __m256i v_sums(const __m512i sad[4])
{
	const __m512i low = _mm512_or_si512(sad[0], _mm512_slli_epi64(sad[1], 16));
	const __m512i high = _mm512_or_si512(sad[2], _mm512_slli_epi64(sad[3], 16));
	__m512i s = _mm512_or_si512(low, _mm512_slli_epi64(high, 32));

	s = _mm512_add_epi64(s, _mm512_shuffle_i64x2(s, s, 0xb1));
	s = _mm512_add_epi64(s, _mm512_bsrli_epi128(s, 8));
	return _mm256_sub_epi32(
		_mm256_cvtepu16_epi32(_mm_unpacklo_epi16(_mm512_castsi512_si128(s),
							 _mm512_extracti32x4_epi32(s, 2))),
		_mm256_set1_epi32(BLOCK * 128));
}

/* Copies the codes of `lanes` with their bits `flip` turned over; the rest of 64 become 0.  Gives
 * sums of 8. */
static inline __m512i v_copy_some(int8_t *to, const uint8_t *from, __mmask64 lanes, __m512i flip)
{
	const __m512i codes = _mm512_xor_si512(_mm512_maskz_loadu_epi8(lanes, from), flip);
	const __m512i kept = _mm512_maskz_mov_epi8(lanes, codes);

	_mm512_store_si512(to, kept);
	return _mm512_sad_epu8(_mm512_xor_si512(kept, _mm512_set1_epi8(INT8_MIN)),
			       _mm512_setzero_si512());
}

/* Copies `depth` codes with their bits `flip` turned over, then zeroes up to whole 256 codes; gives
 * the sum of each block. */
static inline void v_copy(int8_t *to, const uint8_t *from, int64_t depth, uint8_t flip,
			  int32_t *sums)
{
	const __m512i turn = _mm512_set1_epi8((char)flip);

	for (int64_t k = 0; k < depth; k += 256) {
		__m512i sad[4];

		for (int i = 0; i < 4; i++) {
			const int64_t left = depth - k - 64 * i, some = left < 0 ? 0 : left;
			const __mmask64 all = UINT64_MAX;

			sad[i] = v_copy_some(to + k + 64 * i, from + k + 64 * i,
					     some < 64 ? (UINT64_C(1) << some) - 1 : all, turn);
		}
		_mm256_storeu_si256((__m256i *)(sums + k / BLOCK), v_sums(sad));
	}
}

#include "groups_vnni.h"

GROUPS_KERNELS(avx512vnni, .needs = QS_CPU_AVX2 | QS_CPU_AVX512BW | QS_CPU_AVX512VNNI,
	       .tile_m = ROWS, .tile_n = PAIR, .tile_k = BLOCK)

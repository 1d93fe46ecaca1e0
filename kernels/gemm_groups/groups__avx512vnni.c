/* SPDX-License-Identifier: MIT
 *
 * Groups of weights with AVX-512 VNNI.  A tile is 6 rows by 32 columns: 12 sums and 12 float sums
 * leave 8 registers for weights, masks, shifts and the activation.
 */
enum { LANES = 16, ROWS = 6, STREAMS = 4, SUMS = 6, SPILLED = 0 };

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

/* Copies 64 codes, of which those of `lanes` count, with their bits `flip` turned over; the rest
 * become 0.  Gives sums of 8 as unsigned codes. */
static inline __m512i copy_some(int8_t *to, const uint8_t *from, __mmask64 lanes, __m512i flip)
{
	const __m512i codes = _mm512_maskz_loadu_epi8(lanes, from);
	const __m512i kept = _mm512_maskz_mov_epi8(lanes, _mm512_xor_si512(codes, flip));

	_mm512_store_si512(to, kept);
	return _mm512_sad_epu8(_mm512_xor_si512(kept, _mm512_set1_epi8(INT8_MIN)),
			       _mm512_setzero_si512());
}

/* Sums of 8 are below 2^11, so four of them fit into 64 bits side by side. */
static inline __m256i v_copy(int8_t *to, const uint8_t *from, int64_t count, uint8_t flip)
{
	const __m512i turn = _mm512_set1_epi8((char)flip), none = _mm512_set1_epi64(8 * 128);
	__m512i s[4] = { none, none, none, none };

	for (int i = 0; i < 4; i++) {
		const int64_t left = count - 64 * i;

		if (left >= 64)
			s[i] = copy_some(to + 64 * i, from + 64 * i, UINT64_MAX, turn);
		else if (left > 0)
			s[i] = copy_some(to + 64 * i, from + 64 * i, (UINT64_C(1) << left) - 1,
					 turn);
	}
	s[0] = _mm512_or_si512(s[0], _mm512_slli_epi64(s[1], 16));
	s[2] = _mm512_or_si512(s[2], _mm512_slli_epi64(s[3], 16));
	s[0] = _mm512_or_si512(s[0], _mm512_slli_epi64(s[2], 32));
	s[0] = _mm512_add_epi64(s[0], _mm512_shuffle_i64x2(s[0], s[0], 0xb1));
	s[0] = _mm512_add_epi64(s[0], _mm512_bsrli_epi128(s[0], 8));
	return _mm256_sub_epi32(
		_mm256_cvtepu16_epi32(_mm_unpacklo_epi16(_mm512_castsi512_si128(s[0]),
							 _mm512_extracti32x4_epi32(s[0], 2))),
		_mm256_set1_epi32(BLOCK * 128));
}

/* Sums of four neighbours, in each lane; `count` may be more or less than there fit. */
static inline __m512i sum_quads(__m512i sum, const int8_t *from, int64_t count)
{
	__mmask64 lanes = UINT64_MAX;

	if (count <= 0)
		return sum;
	if (count < 64)
		lanes = (UINT64_C(1) << count) - 1;
	return _mm512_dpbusd_epi32(sum, _mm512_set1_epi8(1), _mm512_maskz_loadu_epi8(lanes, from));
}

/* Neighbours' sums of two vectors, which fit into 16 bits, to such of two of the one and two of the
 * other in turn. */
static inline __m512i sum_pairs(__m512i a, __m512i b)
{
	return _mm512_madd_epi16(_mm512_packs_epi32(a, b), _mm512_set1_epi16(1));
}

/* How many codes v_sums takes. */
static inline int64_t v_chunk(const int of_group)
{
	return of_group == 4 ? 512 : 256;
}

/* Sums of groups of so many blocks, those beyond `count` codes are 0; count is whole blocks. */
INLINE __m256i v_sums(const int8_t *from, int64_t count, const int of_group)
{
	const __m512i order = _mm512_setr_epi32(0, 8, 1, 9, 2, 10, 3, 11, 0, 0, 0, 0, 0, 0, 0, 0);
	const int step = of_group == 4 ? 128 : 64;
	__m512i s[4];

	if (count >= v_chunk(of_group))   /* nothing is to be asked then */
		count = v_chunk(of_group);
	for (int i = 0; i < 4; i++) {
		s[i] = sum_quads(_mm512_setzero_si512(), from + step * i, count - step * i);
		if (step == 128)
			s[i] = sum_quads(s[i], from + step * i + 64, count - step * i - 64);
	}
	s[0] = sum_pairs(sum_pairs(s[0], s[1]), sum_pairs(s[2], s[3]));
	s[0] = _mm512_add_epi32(s[0], _mm512_shuffle_i64x2(s[0], s[0], 0xb1));
	if (of_group > 1)
		return _mm256_add_epi32(_mm512_castsi512_si256(s[0]),
					_mm512_extracti64x4_epi64(s[0], 1));
	return _mm512_castsi512_si256(_mm512_permutexvar_epi32(order, s[0]));
}

/* The sum of `count` codes. */
static inline int32_t v_sum(const int8_t *from, int64_t count)
{
	__m512i sum = _mm512_setzero_si512();
	int64_t i = 0;

	for (; i + 64 <= count; i += 64)
		sum = _mm512_dpbusd_epi32(sum, _mm512_set1_epi8(1), _mm512_loadu_si512(from + i));
	if (i < count)
		sum = sum_quads(sum, from + i, count - i);
	return _mm512_reduce_add_epi32(sum);
}

#include "groups_vnni.h"

GROUPS_KERNELS(avx512vnni, .needs = QS_CPU_AVX2 | QS_CPU_AVX512BW | QS_CPU_AVX512VNNI,
	       .tile_m = ROWS, .tile_n = PAIR, .tile_k = BLOCK)

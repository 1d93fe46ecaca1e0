/* SPDX-License-Identifier: MIT
 *
 * Scaled gemms with AVX2; see groups_madd.h.  A tile of 6 rows by 16 channels has 12 registers of
 * sums.
 */
#include "groups_madd.h"

#include <immintrin.h>

enum { LANES = 8, ROWS = 6 };

typedef __m256i veci;
typedef __m256 vecf;

INLINE veci v_load(const void *from) { return _mm256_load_si256(from); }
INLINE void v_store(void *to, veci x) { _mm256_store_si256(to, x); }
INLINE veci v_broadcast(const void *from)
{
	int32_t one;

	memcpy(&one, from, sizeof one);
	return _mm256_set1_epi32(one);
}
INLINE veci v_set8(int x) { return _mm256_set1_epi8((char)x); }
INLINE veci v_set16(int x) { return _mm256_set1_epi16((int16_t)x); }
INLINE veci v_set32(int32_t x) { return _mm256_set1_epi32(x); }
INLINE veci v_madd(veci x, veci y) { return _mm256_madd_epi16(x, y); }
INLINE veci v_maddubs(veci x, veci y) { return _mm256_maddubs_epi16(x, y); }
INLINE vecf v_float(veci x) { return _mm256_cvtepi32_ps(x); }
INLINE vecf v_zero(void) { return _mm256_setzero_ps(); }
INLINE vecf v_set_float(float x) { return _mm256_set1_ps(x); }
INLINE vecf v_load_floats(const void *from) { return _mm256_loadu_ps(from); }
INLINE void v_store_floats(void *to, vecf x) { _mm256_storeu_ps(to, x); }
INLINE vecf v_fma(vecf x, vecf y, vecf z) { return _mm256_fmadd_ps(x, y, z); }

/* One body a number of rows: the sums then are registers. */
#define TILE_ROWS(tile, part, rows)                             \
	switch (rows) {                                         \
	case 1: tile(part, 1); break;                           \
	case 2: tile(part, 2); break;                           \
	case 3: tile(part, 3); break;                           \
	case 4: tile(part, 4); break;                           \
	case 5: tile(part, 5); break;                           \
	default: tile(part, ROWS); break;                       \
	}

#include "groups_madd_run.h"

GROUPS_KERNELS(avx2, .needs = QS_CPU_AVX2, .tile_m = ROWS, .tile_n = COLUMNS, .tile_k = DEPTH)

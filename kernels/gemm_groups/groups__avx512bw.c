/* SPDX-License-Identifier: MIT
 *
 * Scaled gemms with AVX-512 BW; see groups_madd.h.  A tile of 12 rows by 32 channels has 24
 * registers of sums.
 */
#include "groups_madd.h"

#include <immintrin.h>

enum { LANES = 16, ROWS = 12 };

typedef __m512i veci;
typedef __m512 vecf;

INLINE veci v_load(const void *from) { return _mm512_load_si512(from); }
INLINE void v_store(void *to, veci x) { _mm512_store_si512(to, x); }
INLINE veci v_broadcast(const void *from)
{
	int32_t one;

	memcpy(&one, from, sizeof one);
	return _mm512_set1_epi32(one);
}
INLINE veci v_set8(int x) { return _mm512_set1_epi8((char)x); }
INLINE veci v_set16(int x) { return _mm512_set1_epi16((int16_t)x); }
INLINE veci v_set32(int32_t x) { return _mm512_set1_epi32(x); }
INLINE veci v_madd(veci x, veci y) { return _mm512_madd_epi16(x, y); }
INLINE veci v_maddubs(veci x, veci y) { return _mm512_maddubs_epi16(x, y); }
INLINE vecf v_float(veci x) { return _mm512_cvtepi32_ps(x); }
INLINE vecf v_zero(void) { return _mm512_setzero_ps(); }
INLINE vecf v_set_float(float x) { return _mm512_set1_ps(x); }
INLINE vecf v_load_floats(const void *from) { return _mm512_loadu_ps(from); }
INLINE void v_store_floats(void *to, vecf x) { _mm512_storeu_ps(to, x); }
INLINE vecf v_fma(vecf x, vecf y, vecf z) { return _mm512_fmadd_ps(x, y, z); }

/* One body a number of rows: the sums then are registers. */
#define TILE_ROWS(tile, part, rows)                             \
	switch (rows) {                                         \
	case 1: tile(part, 1); break;                           \
	case 2: tile(part, 2); break;                           \
	case 3: tile(part, 3); break;                           \
	case 4: tile(part, 4); break;                           \
	case 5: tile(part, 5); break;                           \
	case 6: tile(part, 6); break;                           \
	case 7: tile(part, 7); break;                           \
	case 8: tile(part, 8); break;                           \
	case 9: tile(part, 9); break;                           \
	case 10: tile(part, 10); break;                         \
	case 11: tile(part, 11); break;                         \
	default: tile(part, ROWS); break;                       \
	}

#include "groups_madd_run.h"

GROUPS_KERNELS(avx512bw, .needs = QS_CPU_AVX2 | QS_CPU_AVX512BW, .tile_m = ROWS, .tile_n = COLUMNS,
	       .tile_k = DEPTH)

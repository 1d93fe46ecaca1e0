/* SPDX-License-Identifier: MIT
 *
 * Products of 8-bit codes with AVX-512 VNNI.  A tile is 6 rows by 64 columns: 24 sums, 10 loads for
 * 24 vpdpbusd.
 */
#include "int8_vnni_512.h"

enum { ROWS = 6, VECTORS = 4 };

#include "int8_vnni.h"

INT8_KERNELS(avx512vnni, .needs = QS_CPU_AVX2 | QS_CPU_AVX512BW | QS_CPU_AVX512VNNI, .tile_m = ROWS,
	     .tile_n = COLUMNS, .tile_k = QUAD)

/* SPDX-License-Identifier: MIT
 *
 * Float gemm with AVX2.
 */
#include "gemm_f32_256.h"

const struct qs_kernel gemm_f32f32f32__avx2 = {
	.name = "gemm_f32f32f32__avx2",
	.op = QS_GEMM, .a = QS_F32, .w = QS_F32, .y = QS_F32,
	.needs = QS_CPU_AVX2,
	.tile_m = ROWS, .tile_n = COLUMNS, .tile_k = GEMM_F32_DEPTH,
	.refuse = gemm_f32f32f32_refuse, .prepare = prepare, .units = gemm_f32_units, .run = run,
	.release = free,
};

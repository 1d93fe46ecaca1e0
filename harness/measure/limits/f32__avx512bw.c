/* SPDX-License-Identifier: MIT */
#include "limit.h"

#include <immintrin.h>

#define LOAD(i) __m512 sum##i = _mm512_load_ps((const float *)(const void *)operands->sums[i]);
#define STEP(i)                                                                                    \
	UNKNOWN_ZMM(a);                                                                            \
	sum##i = _mm512_fmadd_ps(a, b, sum##i);
#define STORE(i) _mm512_store_ps((float *)(void *)operands->sums[i], sum##i);

static void multiply(struct limit_operands *operands, int64_t rounds)
{
	const __m512 b = _mm512_load_ps((const float *)(const void *)operands->b);
	__m512 a = _mm512_load_ps((const float *)(const void *)operands->a);

	EACH_WIDE(LOAD)
	for (int64_t round = 0; round < rounds; round++) {
		EACH_WIDE(STEP)
	}
	EACH_WIDE(STORE)
}

const struct limit limit_f32__avx512bw = {
	.value = { .name = "f32__avx512bw",
		   .summary = "float32: vfmadd on 512 bits",
		   .source = "Intel 64 and IA-32 Architectures Software Developer's Manual, "
			     "VFMADD231PS" },
	.needs = QS_CPU_AVX2 | QS_CPU_AVX512BW,
	.kind = LIMIT_ARITHMETIC,
	.chains = CHAINS_WIDE,
	.lanes = 16,
	.macs = 1,
	.multiply = multiply,
};

/* SPDX-License-Identifier: MIT */
#include "limit.h"

#include <immintrin.h>

#define LOAD(i) __m256 sum##i = _mm256_load_ps((const float *)(const void *)operands->sums[i]);
#define STEP(i)                                                                                    \
	UNKNOWN_YMM(a);                                                                            \
	sum##i = _mm256_fmadd_ps(a, b, sum##i);
#define STORE(i) _mm256_store_ps((float *)(void *)operands->sums[i], sum##i);

static void multiply(struct limit_operands *operands, int64_t rounds)
{
	const __m256 b = _mm256_load_ps((const float *)(const void *)operands->b);
	__m256 a = _mm256_load_ps((const float *)(const void *)operands->a);

	EACH_CHAIN(LOAD)
	for (int64_t round = 0; round < rounds; round++) {
		EACH_CHAIN(STEP)
	}
	EACH_CHAIN(STORE)
}

const struct limit limit_f32__avx2 = {
	.value = { .name = "f32__avx2",
		   .summary = "float32: vfmadd on 256 bits",
		   .source = "Intel 64 and IA-32 Architectures Software Developer's Manual, "
			     "VFMADD231PS" },
	.needs = QS_CPU_AVX2,
	.kind = LIMIT_ARITHMETIC,
	.chains = CHAINS,
	.lanes = 8,
	.macs = 1,
	.multiply = multiply,
};

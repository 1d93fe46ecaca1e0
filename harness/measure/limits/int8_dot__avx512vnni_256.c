/* SPDX-License-Identifier: MIT */
#include "limit.h"

#include <immintrin.h>

#define LOAD(i)                                                                                    \
	__m256i sum##i = _mm256_load_si256((const __m256i *)(const void *)operands->sums[i]);
#define STEP(i)                                                                                    \
	UNKNOWN_ZMM(a);                                                                            \
	sum##i = _mm256_dpbusd_epi32(sum##i, a, b);
#define STORE(i) _mm256_store_si256((__m256i *)(void *)operands->sums[i], sum##i);

static void multiply(struct limit_operands *operands, int64_t rounds)
{
	const __m256i b = _mm256_load_si256((const __m256i *)(const void *)operands->b);
	__m256i a = _mm256_load_si256((const __m256i *)(const void *)operands->a);

	EACH_WIDE(LOAD)
	for (int64_t round = 0; round < rounds; round++) {
		EACH_WIDE(STEP)
	}
	EACH_WIDE(STORE)
}

const struct limit limit_int8_dot__avx512vnni_256 = {
	.value = { .name = "int8_dot__avx512vnni_256",
		   .summary = "the same by vpdpbusd of AVX-512 VNNI on 256 bits",
		   .source = "Intel 64 and IA-32 Architectures Software Developer's Manual, "
			     "VPDPBUSD" },
	.needs = QS_CPU_AVX2 | QS_CPU_AVX512BW | QS_CPU_AVX512VNNI,
	.kind = LIMIT_ARITHMETIC,
	.chains = CHAINS_WIDE,
	.lanes = 8,
	.macs = 4,
	.multiply = multiply,
};

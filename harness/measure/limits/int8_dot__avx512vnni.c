/* SPDX-License-Identifier: MIT */
#include "limit.h"

#include <immintrin.h>

#define LOAD(i)                                                                                    \
	__m512i sum##i = _mm512_load_si512((const __m512i *)(const void *)operands->sums[i]);
#define STEP(i)                                                                                    \
	UNKNOWN_ZMM(a);                                                                            \
	sum##i = _mm512_dpbusd_epi32(sum##i, a, b);
#define STORE(i) _mm512_store_si512((__m512i *)(void *)operands->sums[i], sum##i);

static void multiply(struct limit_operands *operands, int64_t rounds)
{
	const __m512i b = _mm512_load_si512((const __m512i *)(const void *)operands->b);
	__m512i a = _mm512_load_si512((const __m512i *)(const void *)operands->a);

	EACH_WIDE(LOAD)
	for (int64_t round = 0; round < rounds; round++) {
		EACH_WIDE(STEP)
	}
	EACH_WIDE(STORE)
}

const struct limit limit_int8_dot__avx512vnni = {
	.value = { .name = "int8_dot__avx512vnni",
		   .summary = "the same by vpdpbusd on 512 bits",
		   .source = "Intel 64 and IA-32 Architectures Software Developer's Manual, "
			     "VPDPBUSD" },
	.needs = QS_CPU_AVX2 | QS_CPU_AVX512BW | QS_CPU_AVX512VNNI,
	.kind = LIMIT_ARITHMETIC,
	.chains = CHAINS_WIDE,
	.lanes = 16,
	.macs = 4,
	.multiply = multiply,
};

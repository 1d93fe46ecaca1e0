/* SPDX-License-Identifier: MIT */
#include "limit.h"

#include <immintrin.h>

#define LOAD(i)                                                                                    \
	__m256i sum##i = _mm256_load_si256((const __m256i *)(const void *)operands->sums[i]);
#define STEP(i)                                                                                    \
	UNKNOWN_YMM(a);                                                                            \
	sum##i = _mm256_add_epi32(sum##i, _mm256_madd_epi16(_mm256_maddubs_epi16(a, b), ones));
#define STORE(i) _mm256_store_si256((__m256i *)(void *)operands->sums[i], sum##i);

static void multiply(struct limit_operands *operands, int64_t rounds)
{
	const __m256i ones = _mm256_set1_epi16(1);
	const __m256i b = _mm256_load_si256((const __m256i *)(const void *)operands->b);
	__m256i a = _mm256_load_si256((const __m256i *)(const void *)operands->a);

	EACH_CHAIN(LOAD)
	for (int64_t round = 0; round < rounds; round++) {
		EACH_CHAIN(STEP)
	}
	EACH_CHAIN(STORE)
}

const struct limit limit_int8_dot__avx2 = {
	.value = { .name = "int8_dot__avx2",
		   .summary = "u8 by s8, 4 products a sum of 32 bits: vpmaddubsw (which "
			      "saturates), vpmaddwd, vpaddd",
		   .source = "Intel 64 and IA-32 Architectures Software Developer's Manual, "
			     "VPMADDUBSW" },
	.needs = QS_CPU_AVX2,
	.kind = LIMIT_ARITHMETIC,
	.chains = CHAINS,
	.lanes = 8,
	.macs = 4,
	.multiply = multiply,
};

/* SPDX-License-Identifier: MIT */
#include "limit.h"

#include <immintrin.h>

enum { BYTES = 32 };

#define START(i) __m256i sum##i = _mm256_setzero_si256();
#define ADD(i)                                                                                     \
	sum##i = _mm256_add_epi32(                                                                 \
		sum##i,                                                                            \
		_mm256_load_si256((const __m256i *)(const void *)(from + at + BYTES * i)));        \
	UNKNOWN_YMM(sum##i);
#define SUM(i) all = _mm256_add_epi32(all, sum##i);

static uint32_t move(unsigned char *to, const unsigned char *from, int64_t bytes, int64_t passes)
{
	_Alignas(BYTES) uint32_t words[BYTES / 4];
	__m256i all = _mm256_setzero_si256();
	uint32_t sum = 0;

	(void)to;
	EACH_OF_8(START)
	for (int64_t pass = 0; pass < passes; pass++)
		for (int64_t at = 0; at < bytes; at += 8 * BYTES) {
			UNKNOWN_MEMORY(from);
			EACH_OF_8(ADD)
		}
	EACH_OF_8(SUM)
	_mm256_store_si256((__m256i *)(void *)words, all);
	for (int i = 0; i < BYTES / 4; i++)
		sum += words[i];
	return sum;
}

const struct limit limit_read__avx2 = {
	.value = { .name = "read__avx2",
		   .summary = "loads of 32 bytes",
		   .source = "Intel 64 and IA-32 Architectures Software Developer's Manual, "
			     "VMOVDQA" },
	.needs = QS_CPU_AVX2,
	.kind = LIMIT_READ,
	.move = move,
};

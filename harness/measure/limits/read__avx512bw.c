/* SPDX-License-Identifier: MIT */
#include "limit.h"

#include <immintrin.h>

enum { BYTES = 64 };

#define START(i) __m512i sum##i = _mm512_setzero_si512();
#define ADD(i)                                                                                     \
	sum##i = _mm512_add_epi32(                                                                 \
		sum##i,                                                                            \
		_mm512_load_si512((const __m512i *)(const void *)(from + at + BYTES * i)));        \
	UNKNOWN_ZMM(sum##i);
#define SUM(i) all = _mm512_add_epi32(all, sum##i);

static uint32_t move(unsigned char *to, const unsigned char *from, int64_t bytes, int64_t passes)
{
	_Alignas(BYTES) uint32_t words[BYTES / 4];
	__m512i all = _mm512_setzero_si512();
	uint32_t sum = 0;

	(void)to;
	EACH_OF_8(START)
	for (int64_t pass = 0; pass < passes; pass++)
		for (int64_t at = 0; at < bytes; at += 8 * BYTES) {
			UNKNOWN_MEMORY(from);
			EACH_OF_8(ADD)
		}
	EACH_OF_8(SUM)
	_mm512_store_si512((__m512i *)(void *)words, all);
	for (int i = 0; i < BYTES / 4; i++)
		sum += words[i];
	return sum;
}

const struct limit limit_read__avx512bw = {
	.value = { .name = "read__avx512bw",
		   .summary = "loads of 64 bytes",
		   .source = "Intel 64 and IA-32 Architectures Software Developer's Manual, "
			     "VMOVDQA64" },
	.needs = QS_CPU_AVX2 | QS_CPU_AVX512BW,
	.kind = LIMIT_READ,
	.move = move,
};

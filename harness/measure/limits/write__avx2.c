/* SPDX-License-Identifier: MIT */
#include "limit.h"

#include <immintrin.h>

static uint32_t move(unsigned char *to, const unsigned char *from, int64_t bytes, int64_t passes)
{
	enum { STORES = 16, BYTES = 32 };
	const __m256i value = _mm256_set1_epi8(LIMIT_BYTE);

	(void)from;
	for (int64_t pass = 0; pass < passes; pass++)
		for (int64_t at = 0; at < bytes; at += STORES * BYTES) {
			UNKNOWN_MEMORY(to);
			for (int i = 0; i < STORES; i++)
				_mm256_store_si256((__m256i *)(void *)(to + at + BYTES * i), value);
		}
	return 0;
}

const struct limit limit_write__avx2 = {
	.value = { .name = "write__avx2",
		   .summary = "stores of 32 bytes, through the caches",
		   .source = "Intel 64 and IA-32 Architectures Software Developer's Manual, "
			     "VMOVDQA" },
	.needs = QS_CPU_AVX2,
	.kind = LIMIT_WRITE,
	.move = move,
};

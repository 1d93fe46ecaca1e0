/* SPDX-License-Identifier: MIT */
#include "limit.h"

#include <immintrin.h>

static uint32_t move(unsigned char *to, const unsigned char *from, int64_t bytes, int64_t passes)
{
	enum { STORES = 4, BYTES = 32 };

	for (int64_t pass = 0; pass < passes; pass++)
		for (int64_t at = 0; at < bytes; at += STORES * BYTES) {
			UNKNOWN_MEMORY(to);
			for (int i = 0; i < STORES; i++)
				_mm256_stream_si256(
					(__m256i *)(void *)(to + at + BYTES * i),
					_mm256_load_si256(
						(const __m256i *)(const void *)(from + at +
										BYTES * i)));
		}
	_mm_sfence();
	return 0;
}

const struct limit limit_copy__avx2_stream = {
	.value = { .name = "copy__avx2_stream",
		   .summary = "the same on 32 bytes with stores past the caches: DRAM alone",
		   .source = "Intel 64 and IA-32 Architectures Software Developer's Manual, "
			     "VMOVNTDQ" },
	.needs = QS_CPU_AVX2,
	.kind = LIMIT_COPY,
	.move = move,
	.past_cache = true,
};

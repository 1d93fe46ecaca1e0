/* SPDX-License-Identifier: MIT */
#include "limit.h"

#include <immintrin.h>

static uint32_t move(unsigned char *to, const unsigned char *from, int64_t bytes, int64_t passes)
{
	enum { STORES = 4, BYTES = 64 };

	for (int64_t pass = 0; pass < passes; pass++)
		for (int64_t at = 0; at < bytes; at += STORES * BYTES) {
			UNKNOWN_MEMORY(to);
			for (int i = 0; i < STORES; i++)
				_mm512_store_si512(
					(__m512i *)(void *)(to + at + BYTES * i),
					_mm512_load_si512(
						(const __m512i *)(const void *)(from + at +
										BYTES * i)));
		}
	return 0;
}

const struct limit limit_copy__avx512bw = {
	.value = { .name = "copy__avx512bw",
		   .summary = "loads and stores of 64 bytes; read and written bytes both count",
		   .source = "Intel 64 and IA-32 Architectures Software Developer's Manual, "
			     "VMOVDQA64" },
	.needs = QS_CPU_AVX2 | QS_CPU_AVX512BW,
	.kind = LIMIT_COPY,
	.move = move,
};

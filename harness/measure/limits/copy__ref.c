/* SPDX-License-Identifier: MIT */
#include "limit.h"

#include <string.h>

static uint32_t move(unsigned char *to, const unsigned char *from, int64_t bytes, int64_t passes)
{
	uint64_t word;

	for (int64_t pass = 0; pass < passes; pass++)
		for (int64_t at = 0; at < bytes; at += (int64_t)sizeof word) {
			UNKNOWN_MEMORY(to);
			memcpy(&word, from + at, sizeof word);
			memcpy(to + at, &word, sizeof word);
		}
	return 0;
}

const struct limit limit_copy__ref = {
	.value = { .name = "copy__ref",
		   .summary = "loads and stores of 8 bytes; read and written bytes both count",
		   .source = "C11" },
	.kind = LIMIT_COPY,
	.move = move,
};

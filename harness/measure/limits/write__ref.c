/* SPDX-License-Identifier: MIT */
#include "limit.h"

#include <string.h>

static uint32_t move(unsigned char *to, const unsigned char *from, int64_t bytes, int64_t passes)
{
	uint64_t word;

	(void)from;
	memset(&word, LIMIT_BYTE, sizeof word);
	for (int64_t pass = 0; pass < passes; pass++)
		for (int64_t at = 0; at < bytes; at += (int64_t)sizeof word) {
			UNKNOWN_MEMORY(to);
			memcpy(to + at, &word, sizeof word);
		}
	return 0;
}

const struct limit limit_write__ref = {
	.value = { .name = "write__ref", .summary = "stores of 8 bytes", .source = "C11" },
	.kind = LIMIT_WRITE,
	.move = move,
};

/* SPDX-License-Identifier: MIT */
#include "limit.h"

#include <string.h>

static uint32_t move(unsigned char *to, const unsigned char *from, int64_t bytes, int64_t passes)
{
	uint64_t words[4];
	uint32_t sum = 0;

	(void)to;
	for (int64_t pass = 0; pass < passes; pass++)
		for (int64_t at = 0; at < bytes; at += (int64_t)sizeof words) {
			UNKNOWN_MEMORY(from);
			memcpy(words, from + at, sizeof words);
			for (int i = 0; i < 4; i++) {
				UNKNOWN_GENERAL(words[i]);
				sum += (uint32_t)words[i] + (uint32_t)(words[i] >> 32);
			}
		}
	return sum;
}

const struct limit limit_read__ref = {
	.value = { .name = "read__ref", .summary = "loads of 8 bytes", .source = "C11" },
	.kind = LIMIT_READ,
	.move = move,
};

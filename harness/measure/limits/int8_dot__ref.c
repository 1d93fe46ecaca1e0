/* SPDX-License-Identifier: MIT */
#include "limit.h"

#include <string.h>

#define LOAD(i)                                                                                    \
	uint32_t sum##i;                                                                           \
	memcpy(&sum##i, operands->sums[i], sizeof sum##i);
#define STEP(i)                                                                                    \
	UNKNOWN_GENERAL(a);                                                                        \
	sum##i += (uint32_t)(a * b);                                                               \
	UNKNOWN_GENERAL(sum##i);
#define STORE(i) memcpy(operands->sums[i], &sum##i, sizeof sum##i);

static void multiply(struct limit_operands *operands, int64_t rounds)
{
	uint8_t first;
	int8_t second;

	memcpy(&first, operands->a, sizeof first);
	memcpy(&second, operands->b, sizeof second);
	const int32_t b = second;
	int32_t a = first;

	EACH_OF_8(LOAD)
	for (int64_t round = 0; round < rounds; round++) {
		EACH_OF_8(STEP)
	}
	EACH_OF_8(STORE)
}

const struct limit limit_int8_dot__ref = {
	.value = { .name = "int8_dot__ref",
		   .summary = "u8 by s8, one product a sum of 32 bits",
		   .source = "C11" },
	.kind = LIMIT_ARITHMETIC,
	.chains = CHAINS_SCALAR,
	.lanes = 1,
	.macs = 1,
	.multiply = multiply,
};

/* SPDX-License-Identifier: MIT */
#include "limit.h"

#include <string.h>

#define LOAD(i)                                                                                    \
	float sum##i;                                                                              \
	memcpy(&sum##i, operands->sums[i], sizeof sum##i);
#define STEP(i)                                                                                    \
	UNKNOWN_FLOAT(a);                                                                          \
	sum##i += a * b;                                                                           \
	UNKNOWN_FLOAT(sum##i);
#define STORE(i) memcpy(operands->sums[i], &sum##i, sizeof sum##i);

static void multiply(struct limit_operands *operands, int64_t rounds)
{
	float first;
	float second;

	memcpy(&first, operands->a, sizeof first);
	memcpy(&second, operands->b, sizeof second);
	const float b = second;
	float a = first;

	EACH_OF_8(LOAD)
	for (int64_t round = 0; round < rounds; round++) {
		EACH_OF_8(STEP)
	}
	EACH_OF_8(STORE)
}

const struct limit limit_f32__ref = {
	.value = { .name = "f32__ref",
		   .summary = "float32: a product, then a sum",
		   .source = "C11" },
	.kind = LIMIT_ARITHMETIC,
	.chains = CHAINS_SCALAR,
	.lanes = 1,
	.macs = 1,
	.multiply = multiply,
};

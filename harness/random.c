/* SPDX-License-Identifier: MIT */
#include "random.h"

#include "fixed_math.h"

#include <math.h>

enum { ROUNDS = 10 };

/* Multipliers and Weyl constants of Philox-4x32 (the paper's table 2 and section 4.3). */
static const uint32_t multiply[2] = { 0xd2511f53, 0xcd9e8d57 };
static const uint32_t weyl[2] = { 0x9e3779b9, 0xbb67ae85 };

struct random4 random_at(uint64_t seed, uint64_t stream, uint64_t index)
{
	uint32_t key[2] = { (uint32_t)seed, (uint32_t)(seed >> 32) };
	struct random4 x = { { (uint32_t)index, (uint32_t)(index >> 32), (uint32_t)stream,
			       (uint32_t)(stream >> 32) } };

	for (int round = 0; round < ROUNDS; round++) {
		const uint64_t a = (uint64_t)multiply[0] * x.word[0];
		const uint64_t b = (uint64_t)multiply[1] * x.word[2];

		x = (struct random4){ { (uint32_t)(b >> 32) ^ x.word[1] ^ key[0], (uint32_t)b,
					(uint32_t)(a >> 32) ^ x.word[3] ^ key[1], (uint32_t)a } };
		key[0] += weyl[0];
		key[1] += weyl[1];
	}
	return x;
}

static double uniform_of(uint32_t high, uint32_t low)
{
	const uint64_t bits = ((uint64_t)high << 32 | low) >> 12;

	return ((double)bits + 0.5) * 0x1p-52;
}

double random_uniform(uint64_t seed, uint64_t stream, uint64_t index)
{
	const struct random4 x = random_at(seed, stream, index);

	return uniform_of(x.word[0], x.word[1]);
}

void random_uniform_pair(double out[2], uint64_t seed, uint64_t stream, uint64_t index)
{
	const struct random4 x = random_at(seed, stream, index);

	out[0] = uniform_of(x.word[0], x.word[1]);
	out[1] = uniform_of(x.word[2], x.word[3]);
}

double random_normal(uint64_t seed, uint64_t stream, uint64_t index)
{
	static const double two_pi = 6.283185307179586;
	double u[2];

	random_uniform_pair(u, seed, stream, index);
	return sqrt(-2 * fixed_log(u[0])) * fixed_cos(two_pi * u[1]);
}

void random_shuffle(size_t *items, size_t count, uint64_t seed, uint64_t stream, uint64_t *index)
{
	for (size_t i = count; i > 1; i--) {
		const uint64_t word = random_at(seed, stream, (*index)++).word[0];
		const size_t j = (size_t)(word * i >> 32);
		const size_t swap = items[i - 1];

		items[i - 1] = items[j];
		items[j] = swap;
	}
}

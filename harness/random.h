/* SPDX-License-Identifier: MIT
 *
 * Random numbers by counter: value i of a stream is a pure function of (seed, stream, i), so that
 * data do not depend on order, threads or machine.
 *
 * Philox-4x32-10 (Salmon, Moraes, Dror, Shaw: "Parallel random numbers: as easy as 1, 2, 3", SC11):
 * key = seed, counter = (i low, i high, stream low, stream high); checked against the paper's known
 * answers.
 */
#ifndef QS_RANDOM_H
#define QS_RANDOM_H

#include <stddef.h>
#include <stdint.h>

struct random4 {
	uint32_t word[4];
};

struct random4 random_at(uint64_t seed, uint64_t stream, uint64_t index);

/* Uniform in (0, 1): ((word0:word1 >> 12) + 0.5) * 2^-52, exact in double. */
double random_uniform(uint64_t seed, uint64_t stream, uint64_t index);
/* Two such, independent, of one counter; the first is random_uniform's. */
void random_uniform_pair(double out[2], uint64_t seed, uint64_t stream, uint64_t index);
/* Standard normal by Box and Muller on two uniforms of one counter, in double, by fixed_math. */
double random_normal(uint64_t seed, uint64_t stream, uint64_t index);

/* Puts the items in a drawn order (Fisher and Yates), from the counters *index on, which grows. */
void random_shuffle(size_t *items, size_t count, uint64_t seed, uint64_t stream, uint64_t *index);

#endif

/* SPDX-License-Identifier: MIT
 *
 * A generator makes a tensor of any shape from a seed; axis 0 is the channel.  Value i is a pure
 * function of (seed, shape, i): made in double by harness/fixed_math.h and rounded once to float,
 * so it is the same on every machine.  Values have no unit; most have a standard deviation near 1.
 *
 * Adding one is one file with one `const struct generator` and one line in generators.c.
 */
#ifndef QS_GENERATOR_H
#define QS_GENERATOR_H

#include "../../harness/axes/axis.h"
#include "../tensor.h"

#include <stdint.h>

/* Part of each synthetic tensor's content hash: raise it when any generator's values change. */
enum { GENERATOR_VERSION = 1 };

struct generator {
	struct value value;     /* source: the real-life tensor it stands for            */
	bool one_sided;         /* no value is below 0                                   */
	/* Of harness/random.h: a multiple of 16 that no other generator has, so that two tensors of
	 * one seed are independent; the low bits tell its quantities apart.  0: nothing random. */
	uint64_t stream;
	/* values[rows][columns], already allocated; rows and columns >= 1 */
	void (*fill)(float *values, int64_t rows, int64_t columns, uint64_t seed);
};

#endif

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

/* Part of each synthetic tensor's content hash: raise it when any generator's values change. */
enum { GENERATOR_VERSION = 1 };

/* The stream of a generator's numbers: its own, so that two tensors of one seed are independent.
 * The low bits tell several quantities of one generator apart. */
enum generator_stream {
	STREAM_GAUSSIAN = 0x10,
	STREAM_LAPLACE = 0x20,
	STREAM_STUDENT_T = 0x30,
	STREAM_UNIFORM = 0x40,
	STREAM_RELU = 0x50,
	STREAM_OUTLIERS = 0x60,
	STREAM_CHANNEL_SPREAD = 0x70,
	STREAM_SKEWED = 0x80,
	STREAM_SPARSE = 0x90
};

struct generator {
	struct value value;     /* source: the real-life tensor it stands for            */
	bool one_sided;         /* no value is below 0                                   */
	/* values[rows][columns], already allocated; rows and columns >= 1 */
	void (*fill)(float *values, int64_t rows, int64_t columns, uint64_t seed);
};

#endif

/* SPDX-License-Identifier: MIT
 *
 * A generator makes a tensor of any shape from a seed; axis 0 is the channel.  Value i is a pure
 * function of (seed, shape, i).
 */
#ifndef QS_GENERATOR_H
#define QS_GENERATOR_H

#include "../../harness/axes/axis.h"
#include "../tensor.h"

struct generator {
	struct value value;     /* source: the real-life tensor it stands for            */
	bool one_sided;         /* no value is below 0                                   */
	/* values[rows][columns], already allocated */
	void (*fill)(float *values, int64_t rows, int64_t columns, uint64_t seed);
};

#endif

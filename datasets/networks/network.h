/* SPDX-License-Identifier: MIT
 *
 * The embedded networks: trained by us, weights as an ONNX file that the build puts into the
 * program, data at any size from a seed.  datasets/networks/README.md tells how each was trained.
 *
 * Sample `index` of seed `seed` is a pure function of the two (random.h, fixed_math.h), the same on
 * every machine: `builtin:NAME` of a config needs no file.
 */
#ifndef QS_NETWORK_H
#define QS_NETWORK_H

#include "../../harness/axes/axis.h"

#include <stdint.h>

struct network {                /* a row of the table                                    */
	struct value value;
	const char *onnx;       /* the file's bytes, as embed_file() of CMakeLists.txt made them */
	const size_t *onnx_size;
	uint32_t version;       /* of the data: raised when a sample changes             */
	int classes;            /* 0: a regression                                       */
	int inputs, outputs;    /* elements of a sample; of a classifier outputs == classes */
	/* Fills x[inputs], NHWC order, and of a regression target[outputs].  Returns the class, of
	 * a regression 0. */
	int (*sample)(uint64_t seed, uint64_t index, float *x, float *target);
};

static inline const struct network *network_of(const struct value *value)
{
	return (const struct network *)value;
}

#endif

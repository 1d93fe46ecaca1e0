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

#include "../../harness/axes/tables.h"

#endif

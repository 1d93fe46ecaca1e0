/* SPDX-License-Identifier: MIT
 *
 * The workload of a race: what a recipe of its types stores, in random values.  Activations have a
 * zero point where their codes are unsigned, weights where the race says so, one beside each scale,
 * a product's codes have one.
 */
#ifndef QS_RACE_WORKLOAD_H
#define QS_RACE_WORKLOAD_H

#include "../plan.h"
#include "workload.h"

/* like: a kernel of the operation and types; a guest's types may differ from the race's. */
struct workload_spec race_workload(const struct qs_kernel *like, int64_t m, int64_t n, int64_t k,
				   uint64_t seed, int threads, const struct race_detail *detail);

#endif

/* SPDX-License-Identifier: MIT */
#include "race_workload.h"

#include "../axes/tables.h"

/* Within the codes of every width. */
enum { ZERO_POINT_OF_WEIGHTS = 1 };

struct workload_spec race_workload(const struct qs_kernel *like, int64_t m, int64_t n, int64_t k,
				   uint64_t seed, int threads, const struct race_detail *detail)
{
	const struct zero_points zeros = zero_points_of(like, detail);
	struct workload_spec spec = workload_usual(like, m, n, k, seed);

	if (!zeros.a)
		spec.a.zero = WORKLOAD_NO_ZERO;
	if (!zeros.y)
		spec.y.zero = WORKLOAD_NO_ZERO;
	if (zeros.w)
		spec.w.zero = ZERO_POINT_OF_WEIGHTS;
	spec.threads = threads;
	spec.w_bits = detail->w_bits;
	spec.w_values = detail->w_values;
	spec.requantize = requantization_mode(detail->requantization);
	return spec;
}

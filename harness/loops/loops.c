/* SPDX-License-Identifier: MIT */
#include "loops.h"

#include "../env.h"

#include <stdatomic.h>

const struct loops *const loops_table[] = {
	&loops_ref,
#if defined __x86_64__
	&loops_avx2,
	&loops_avx512bw,
#endif
	NULL
};

/* Asked once: CPUID takes its time in a virtual machine.  Two threads that ask at once find the
 * same. */
const struct loops *loops_best(void)
{
	static _Atomic(const struct loops *) chosen;
	const struct loops *best = atomic_load_explicit(&chosen, memory_order_acquire);

	if (best)
		return best;
	const uint64_t cpu = cpu_features();

	for (const struct loops *const *row = loops_table; *row; row++)
		if (!((*row)->needs & ~cpu))
			best = *row;
	atomic_store_explicit(&chosen, best, memory_order_release);
	return best;
}

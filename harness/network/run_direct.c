/* SPDX-License-Identifier: MIT
 *
 * Convolutions by a kernel of their own, sample by sample.
 */
#include "execute_parts.h"

#include <string.h>

/* What a kernel may read behind a sample's end is there: the next sample's, or, of the last one,
 * that of a copy. */
int run_convolution(const struct layer_run *run, const struct product *product, const void *a,
		    size_t a_size, void *y, size_t y_size, struct error *error)
{
	const struct qs_kernel *kernel = product->kernel;
	const size_t in = (size_t)run->in_edges[0]->elements * a_size;
	const size_t out = (size_t)run->out_edge->elements * y_size;
	const int64_t units = kernel->units(product->prepared);

	for (int64_t s = 0; s < run->batch; s++) {
		const unsigned char *from = (const unsigned char *)a + (size_t)s * in;

		if (kernel->over_read && s + 1 == run->batch)
			from = memcpy(run->room->patches, from, in);
		if (kernel->run(product->prepared, from, (unsigned char *)y + (size_t)s * out, 0,
				units))
			return fail(error, STATUS_MACHINE, "%s failed", kernel->name);
	}
	return 0;
}

/* SPDX-License-Identifier: MIT
 *
 * A kernel whose first output of each row is one too large, and one that fails once it is timed.
 */
#include "bad.h"

static int wrong(const void *self, const void *a, void *y, int64_t first, int64_t last)
{
	const struct prepared *prepared = self;
	const int status = run(self, a, y, first, last);

	for (int64_t i = first; i < last; i++)
		((int32_t *)y)[i * prepared->task.y.stride]++;
	return status;
}

static int fails_late(const void *self, const void *a, void *y, int64_t first, int64_t last)
{
	static int calls;

	return ++calls > GOOD_CALLS ? 7 : run(self, a, y, first, last);
}

BAD_LIBRARY(wrong, fails_late)

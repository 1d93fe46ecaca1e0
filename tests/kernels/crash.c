/* SPDX-License-Identifier: MIT
 *
 * Kernels that crash: at once, so in the check, and later, so while they are timed.
 */
#include "bad.h"

static int crash(const void *self, const void *a, void *y, int64_t first, int64_t last)
{
	int32_t *volatile nowhere = NULL;

	(void)self, (void)a, (void)y, (void)first, (void)last;
	return *nowhere;
}

static int crash_late(const void *self, const void *a, void *y, int64_t first, int64_t last)
{
	static int calls;

	return ++calls > GOOD_CALLS ? crash(self, a, y, first, last) : run(self, a, y, first, last);
}

BAD_LIBRARY(crash, crash_late)

/* SPDX-License-Identifier: MIT
 *
 * A kernel that never comes back, and one whose process goes away without a word.
 */
#include "bad.h"

#include <unistd.h>

static int hang(const void *self, const void *a, void *y, int64_t first, int64_t last)
{
	(void)self, (void)a, (void)y, (void)first, (void)last;
	while (pause())
		continue;
	return 0;
}

static int leave(const void *self, const void *a, void *y, int64_t first, int64_t last)
{
	(void)self, (void)a, (void)y, (void)first, (void)last;
	_exit(0);
}

BAD_LIBRARY(hang, leave)

/* SPDX-License-Identifier: MIT
 *
 * A kernel that prints to standard output and error like a user's debugging aid, which is harmless,
 * and one that writes to every descriptor it finds, which is not.
 */
#include "bad.h"

#include <stdio.h>
#include <unistd.h>

static int prints(const void *self, const void *a, void *y, int64_t first, int64_t last)
{
	printf("sample 0 0 1\n");
	fflush(stdout);
	fprintf(stderr, "units %lld to %lld\n", (long long)first, (long long)last);
	return run(self, a, y, first, last);
}

static int scribbles(const void *self, const void *a, void *y, int64_t first, int64_t last)
{
	for (int file = 1; file < 20; file++)
		if (write(file, "\001garbage\n", 9) < 0)
			continue;
	return run(self, a, y, first, last);
}

BAD_LIBRARY(prints, scribbles)

/* SPDX-License-Identifier: MIT
 *
 * A buffer between two pages that no one may touch; what lies between the buffer and those pages is
 * filled with a pattern, so that a write there is found too.
 */
#ifndef QS_GUARDED_H
#define QS_GUARDED_H

#include "../error.h"

#include <stdbool.h>

struct guarded {
	char *data;
	size_t bytes;
	char *inner;            /* the pages that may be touched                         */
	size_t inner_bytes;
};

enum { GUARD_PATTERN = 0xa5 };

/* at_end: the buffer and its `slack` bytes, which may be read, end at the guard page, less what
 * `align` (a power of two) takes; else the buffer begins behind one.  All is GUARD_PATTERN. */
int guarded_make(struct guarded *buffer, size_t bytes, size_t align, bool at_end, size_t slack,
		 struct error *error);
/* From now on a write faults. */
void guarded_freeze(const struct guarded *buffer);
/* All of [from, to) still is the pattern. */
bool guarded_untouched(const char *from, const char *to);
void guarded_free(struct guarded *buffer);

#endif

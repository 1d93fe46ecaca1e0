/* SPDX-License-Identifier: MIT
 *
 * What about this machine makes its times worth less: one table of what was seen, what it does to a
 * number, and what to do.
 */
#ifndef QS_MACHINE_WARNINGS_H
#define QS_MACHINE_WARNINGS_H

#include "../text.h"
#include "machine_limits.h"

struct machine_seen {
	const char *root;       /* "" on a real machine: before /proc and /sys           */
	double clock_s;         /* resolution of the clock                               */
	const struct machine_limits *limits;     /* NULL: none were measured             */
};

/* Appends a line for each row of the table that applies, "warning: SEEN: EFFECT; ADVICE"; how many.
 * What the system does not say is no warning. */
int machine_warnings(struct text *out, const struct machine_seen *seen);
/* Of the clock that times are taken from. */
double clock_resolution(void);

#endif

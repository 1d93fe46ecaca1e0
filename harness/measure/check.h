/* SPDX-License-Identifier: MIT
 *
 * Every kernel of every open library against our reference of the same operation and types, on
 * sizes that hang on the kernel's own tile: 1, one under, equal, one over, a prime.  Strides, zero
 * points, granularity, bias, rounding, clamp, guard side and the split of units are drawn from the
 * seed; random and extreme operands both.  Each kernel runs in a child process: a crash or a hang
 * is a failure that names its case.
 */
#ifndef QS_CHECK_H
#define QS_CHECK_H

#include "../library.h"

#include <stdio.h>

struct check_options {
	uint64_t seed;
	unsigned seconds;       /* a kernel that takes longer hangs; 0: wait for ever    */
	const char *only;       /* a glob on names: the others are left out; NULL: all   */
};

struct check_counts {
	int passed, failed, skipped;
	int peers_wrong;        /* not within their claim; none of them is in `failed`   */
};

/* Prints the seed, then a line a kernel: "ok - NAME", "not ok - NAME: CASE: y[1][4] is 7, reference
 * 8", "ok - NAME # SKIP why"; of other people's code that is wrong "peer wrong - NAME: 20 of 42
 * cases, first CASE: ...".  The ISAs that libraries->env->cpu holds are gone through from small to
 * large, each time with the CPU masked to that one, and `best` is asked under each mask.  -1 only
 * for trouble that is no kernel's. */
int check_all(struct libraries *libraries, const struct check_options *options, FILE *out,
	      struct check_counts *counts, struct error *error);

#endif

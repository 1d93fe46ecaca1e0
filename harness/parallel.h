/* SPDX-License-Identifier: MIT
 *
 * Independent pieces of work over threads.  The result must not depend on who does which piece.
 */
#ifndef QS_PARALLEL_H
#define QS_PARALLEL_H

#include "env.h"

/* One piece, on the thread `thread` (0 .. jobs-1, for scratch memory of its own).  -1 with *error
 * stops the rest as soon as can be. */
typedef int parallel_piece(void *self, size_t piece, int thread, struct error *error);

/* Does pieces 0 .. count-1 on at most `jobs` threads, the caller's included; returns when all have
 * ended.  -1: the error of the lowest piece seen to fail.  Fewer threads than asked for are
 * no error. */
int parallel_for(const struct env *env, int jobs, size_t count, parallel_piece *piece, void *self,
		 struct error *error);

#endif

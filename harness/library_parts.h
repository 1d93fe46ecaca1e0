/* SPDX-License-Identifier: MIT
 *
 * What the files of the host of kernel libraries share.
 */
#ifndef QS_LIBRARY_PARTS_H
#define QS_LIBRARY_PARTS_H

#include "library.h"

enum library_kind { LIBRARY_OURS, LIBRARY_PEERS, LIBRARY_USERS };

/* Loads, checks and appends one.  A user's has its file's name, the others their table's. */
int library_open(struct libraries *libraries, const char *path, enum library_kind kind,
		 struct error *error);
/* Sets what libraries of other people read as they are loaded: one thread each, and, where `cpu`
 * is less than this CPU has, no instruction beyond it (XNNPACK knows no such word: its kernels
 * say in `needs` what it will use). */
int library_environment(uint64_t cpu, struct error *error);

#endif

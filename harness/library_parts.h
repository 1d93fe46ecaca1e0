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
/* "./PATH" where it has no '/': such a name would be looked for in the system's folders. */
char *library_path(const struct env *env, const char *path, struct error *error);
/* Opens the file at library->path and gets its table, whatever it says; `path` is for messages. */
int library_open_table(struct library *library, const char *path, enum status status,
		       struct error *error);
/* Loads and checks it in a process of its own: -1 where that is refused, crashes, hangs or ends. */
int library_try(const struct env *env, const char *path, enum status status, struct error *error);
/* Sets what libraries of other people read as they are loaded: one thread each, and, where `cpu`
 * is less than this CPU has, no instruction beyond it (XNNPACK knows no such word: its kernels
 * say in `needs` what it will use). */
int library_environment(uint64_t cpu, struct error *error);

#endif

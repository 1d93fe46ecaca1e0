/* SPDX-License-Identifier: MIT
 *
 * A kernel library is judged before it is used: the file must be a whole shared object (the dynamic
 * linker maps a cut one and the process dies of SIGBUS), its table must speak this interface and be
 * sane.  What the code of a sane library does is its own matter; workers keep a crash from the run.
 */
#ifndef QS_LIBRARY_CHECK_H
#define QS_LIBRARY_CHECK_H

#include "../kernels/kernel.h"
#include "error.h"

enum { KERNEL_NAME_MAX = 100 };

int library_check_file(const char *path, enum status status, struct error *error);
int library_check_table(const struct qs_library *table, const char *path, enum status status,
			struct error *error);

#endif

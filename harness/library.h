/* SPDX-License-Identifier: MIT
 *
 * The host of kernel libraries: opens a shared object with the interface of kernels/kernel.h,
 * checks its table, and picks kernels.
 */
#ifndef QS_LIBRARY_H
#define QS_LIBRARY_H

#include "../kernels/kernel.h"
#include "env.h"
#include "hash.h"

#include <stdbool.h>

struct library {
	char *name;             /* quantsweep; a peer's; for a user's the file's name    */
	char *path;
	char hash[KEY_SIZE];    /* of the file: part of every timing key                 */
	const struct qs_library *table;
	void *handle;
};

struct libraries {
	const struct env *env;
	size_t count, capacity;
	struct library *libraries;       /* ours first                                   */
};

/* Opens ours, found beside the program (or at $QUANTSWEEP_KERNELS, for tests of two builds). */
int libraries_open(struct libraries *libraries, const struct env *env, struct error *error);
/* Opens one more, by path: --kernels PATH. */
int libraries_add(struct libraries *libraries, const char *path, struct error *error);
void libraries_close(struct libraries *libraries);

/* "u8s8s32", the part of a kernel's name between the first '_' and "__". */
int kernel_types(char *out, size_t size, const struct qs_kernel *kernel);
/* "avx2", the part behind "__". */
const char *kernel_isa(const struct qs_kernel *kernel);
/* The same operation and types (groups included), by name. */
bool kernel_has_types(const struct qs_kernel *kernel, enum qs_op op, const char *types);

/* The reference (needs == 0) of the same operation and types, from ours; NULL: there is none. */
const struct qs_kernel *kernel_reference(const struct libraries *libraries, enum qs_op op,
					 const char *types);
/* `best`: the last row of our table that has these types, that the CPU (env->cpu) runs and that
 * does not refuse the task.  Never a measured winner.  NULL: none; *reason says why. */
const struct qs_kernel *kernel_best(const struct libraries *libraries, enum qs_op op,
				    const char *types, const struct qs_task *task,
				    const char **reason);
/* Looks a kernel up by its full name; *library gets where it was found, may be NULL. */
const struct qs_kernel *kernel_find(const struct libraries *libraries, const char *name,
				    const struct library **library);

#endif

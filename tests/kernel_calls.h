/* SPDX-License-Identifier: MIT
 *
 * For tests of one family of kernels: our library, and a call of a kernel on whole operands.
 */
#ifndef QS_KERNEL_CALLS_H
#define QS_KERNEL_CALLS_H

#include "../harness/library.h"

static struct env calls_env;
static struct libraries calls_libraries;

static inline int calls_open(void **state)
{
	struct error error;

	(void)state;
	calls_env = env_system();
	if (libraries_open(&calls_libraries, &calls_env, &error))
		fail_msg("%s", error.text);
	return 0;
}

static inline int calls_close(void **state)
{
	(void)state;
	libraries_close(&calls_libraries);
	return 0;
}

/* The next kernel from *at on of an operation and types that this CPU runs; NULL: there is none. */
static inline const struct qs_kernel *calls_next(size_t *at, enum qs_op op, const char *types)
{
	const struct qs_library *table = calls_libraries.libraries[0].table;

	while (*at < table->count) {
		const struct qs_kernel *kernel = table->kernels[(*at)++];

		if (kernel_has_types(kernel, op, types) && !(kernel->needs & ~calls_env.cpu))
			return kernel;
	}
	return NULL;
}

/* Units run singly, the last one first. */
static inline void calls_run(const struct qs_kernel *kernel, const struct qs_task *task,
			     const void *a, const void *w, void *y)
{
	const char *reason = kernel->refuse(task);
	size_t bytes = 0;
	void *prepared = reason ? NULL : kernel->prepare(task, w, &bytes, &reason);

	if (!prepared)
		fail_msg("%s refuses: %s", kernel->name, reason ? reason : "no memory");
	for (int64_t unit = kernel->units(prepared); unit-- > 0;)
		assert_int_equal(kernel->run(prepared, a, y, unit, unit + 1), 0);
	kernel->release(prepared);
}

#endif

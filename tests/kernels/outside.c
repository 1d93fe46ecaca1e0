/* SPDX-License-Identifier: MIT
 *
 * A kernel that writes one element behind each row but the last, and one that leaves the last
 * element alone.
 */
#include "bad.h"

static int writes_past(const void *self, const void *a, void *y, int64_t first, int64_t last)
{
	const struct prepared *prepared = self;
	const struct qs_task *task = &prepared->task;
	const int status = run(self, a, y, first, last);

	for (int64_t i = first; i < last && i + 1 < task->m && task->y.stride > task->n; i++)
		((int32_t *)y)[i * task->y.stride + task->n] = 0;
	return status;
}

static int misses(const void *self, const void *a, void *y, int64_t first, int64_t last)
{
	const struct prepared *prepared = self;
	const struct qs_task *task = &prepared->task;
	int32_t *const at = (int32_t *)y + (task->m - 1) * task->y.stride + task->n - 1;
	const int32_t before = *at;
	const int status = run(self, a, y, first, last);

	*at = before;
	return status;
}

BAD_LIBRARY(writes_past, misses)

/* SPDX-License-Identifier: MIT
 *
 * Tasks that are made for a shape.
 */
#include "conv.h"
#include "library.h"

void task_plain_conv(struct qs_task *task, const struct qs_kernel *kernel,
		     const struct qs_conv *conv)
{
	int64_t m = 1, n = 1, k = 1;

	conv_sizes(conv, &m, &n, &k);
	task_plain(task, kernel, m, n, k);
	task->conv = conv;
	task->a.stride = conv->channels;
}

void task_of_shape(struct qs_task *task, const struct qs_kernel *kernel, int64_t m, int64_t n,
		   int64_t k, const struct qs_conv *conv)
{
	if (conv->batch)
		task_plain_conv(task, kernel, conv);
	else
		task_plain(task, kernel, m, n, k);
}

int64_t task_a_rows(const struct qs_task *task)
{
	return task->conv ? conv_positions(task->conv) : task->m;
}

int64_t task_a_columns(const struct qs_task *task)
{
	return task->conv ? task->conv->channels : task->k;
}

/* SPDX-License-Identifier: MIT
 *
 * What the kernels of a race are asked while it is planned: the task that it will time, but for its
 * data.
 */
#include "plan_parts.h"

static bool is_unsigned(enum qs_type type)
{
	return type == QS_U8 || type == QS_U4;
}

struct zero_points zero_points_of(const struct qs_kernel *kernel, const struct race_detail *detail)
{
	const bool has_range = kernel->op != QS_DYNAMIC_QUANTIZE; /* else each call finds its own */

	return (struct zero_points){
		.a = is_unsigned(kernel->a),
		.w = detail->w_zeros && op_is_product(kernel->op),
		.y = (has_range && is_unsigned(kernel->y)) ||
		     (op_is_product(kernel->op) && kernel->y == QS_S8),
	};
}

static int64_t most_scales(const struct qs_task *task)
{
	const int64_t counts[] = { task->w.scales, task->y.scales };
	int64_t most = task->a.scales;

	for (size_t i = 0; i < sizeof counts / sizeof *counts; i++)
		most = counts[i] > most ? counts[i] : most;
	return most;
}

int race_task_make(struct race_task *out, const struct env *env, const struct race_terms *terms,
		   const struct qs_kernel *kernel, struct error *error)
{
	const struct subject *subject = terms->subject;
	const struct zero_points zeros = zero_points_of(kernel, &terms->detail);
	struct qs_task *task = &out->task;

	task_of_shape(task, kernel, subject->m, subject->n, subject->k, &subject->conv);
	task->threads = terms->threads;
	task->requantize = requantization_mode(terms->detail.requantization);
	/* raw sums name no scales: those of weights are then a row's */
	if (op_is_product(kernel->op) && (kernel->y == QS_S32 || kernel->y == QS_S64)) {
		task->w.per = QS_PER_ROW;
		task->w.scales = task->n;
	}
	const size_t count = (size_t)most_scales(task);

	out->zeros = NULL;
	if (!zeros.a && !zeros.w && !zeros.y)
		return 0;
	out->zeros = env_new(env, count, sizeof *out->zeros, "zero points", error);
	if (!out->zeros)
		return -1;
	for (size_t i = 0; i < count; i++)
		out->zeros[i] = 1;
	task->a.zero = zeros.a ? out->zeros : NULL;
	task->w.zero = zeros.w ? out->zeros : NULL;
	task->y.zero = zeros.y ? out->zeros : NULL;
	return 0;
}

/* SPDX-License-Identifier: MIT */
#include "tensor.h"

#include "layout.h"

#include <stdio.h>

void tensor_free(struct tensor *tensor)
{
	if (tensor->env)
		env_free(tensor->env, tensor->values);
	*tensor = (struct tensor){ 0 };
}

void tensor_hash(char key[KEY_SIZE], const struct tensor *tensor)
{
	char values[KEY_SIZE], text[32 * (RANK_MAX + 4)];
	size_t used;

	hash_bytes(values, tensor->values,
		   (size_t)tensor->rows * (size_t)tensor->columns * sizeof *tensor->values);
	used = (size_t)snprintf(text, sizeof text, "%lldx%lld axis %d of",
				(long long)tensor->rows, (long long)tensor->columns, tensor->axis);
	for (int i = 0; i < tensor->rank; i++)
		used += (size_t)snprintf(text + used, sizeof text - used, " %lld/%d",
					 (long long)tensor->shape[i], tensor->order[i]);
	snprintf(text + used, sizeof text - used, " %s", values);
	hash_text(key, text);
}

int tensor_by_axis(struct tensor *out, const struct tensor *tensor, int axis, struct error *error)
{
	struct tensor made = *tensor;
	int64_t stride[RANK_MAX] = { 0 }, step = 1;
	int place = 1;

	if (axis < 0 || axis >= (tensor->rank ? tensor->rank : 1))
		return fail(error, STATUS_INPUT, "channel axis %d: the tensor has %d axes, counted "
			    "from 0", axis, tensor->rank);
	for (int i = tensor->rank - 1; i >= 0; i--) {
		stride[tensor->order[i]] = step;
		step *= tensor->shape[tensor->order[i]];
	}
	made.axis = axis;
	made.order[0] = axis;
	for (int i = 0; i < tensor->rank; i++)
		if (tensor->order[i] != axis)
			made.order[place++] = tensor->order[i];
	layout_rows(made.rank, made.shape, axis, &made.rows, &made.columns);
	made.values = env_new(made.env, (size_t)tensor->rows * (size_t)tensor->columns,
			      sizeof *made.values, "a tensor by another axis", error);
	if (!made.values)
		return -1;
	layout_copy(made.values, tensor->values, made.rank, made.shape, stride, made.order);
	*out = made;
	return 0;
}

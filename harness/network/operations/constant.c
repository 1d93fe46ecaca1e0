/* SPDX-License-Identifier: MIT
 *
 * Arithmetic of shapes and constants, done while the network is read: see folding.c.
 */
#include "../lowering.h"

#include <string.h>

static int lower(struct lowering *lowering)
{
	const struct lowered *input = lowering_edge(lowering, 0);
	struct lowered value = { .kind = LOWERED_CONSTANT, .rank = 1 };
	struct graph_value *made;

	if (!input)
		return -1;
	if (strcmp(lowering->node->type, "Shape"))
		return lowering_refuse(lowering, "its input is made by the network; it is done "
						 "with constants alone");
	value.shape[0] = input->rank;
	made = lowering_new_constant(lowering, 1, value.shape, false);
	if (!made)
		return -1;
	for (int i = 0; i < input->rank; i++)
		made->wholes[i] = lowering->batched && !i ? BATCH_SIZE : input->shape[i];
	value.constant = made;
	return lowering_set(lowering, &value);
}

const struct layer_operation layer_constant = {
	.value = { .name = "constant",
		   .summary = "Shape, Gather, Cast and views and arithmetic of constants, done "
			      "while the network is read",
		   .source = "Operators.md of the ONNX project" },
	.types = (const char *const[]){ "Shape", "Gather", "Cast", NULL },
	.lower = lower,
};

/* SPDX-License-Identifier: MIT
 *
 * Nodes that only change how their input is looked at.  An image stays in memory as it is,
 * [height][width][channels]; what is flattened and read by a product is put right in its weights.
 */
#include "../lowering.h"

#include <string.h>

/* The input under another shape is the node's output. */
static int pass(struct lowering *lowering, const struct lowered *input, const struct lowered *seen)
{
	struct lowered value = *seen;

	value.shared = input->shared || lowering->readers[lowering->node->inputs[0]] > 1;
	return lowering_set(lowering, &value);
}

static void flatten(struct lowered *value)
{
	value->rank = 1;
	value->shape[0] = value->dims.elements;
}

static int flatten_node(struct lowering *lowering, const struct lowered *input)
{
	struct lowered value = *input;
	int64_t axis = 1;

	if (input->kind != LOWERED_EDGE)
		return lowering_refuse(lowering, "its input is a constant; that is not computed");
	if (lowering_whole(lowering, "axis", &axis))
		return -1;
	if (axis != 1 && axis != -input->rank)
		return lowering_refuse(lowering, "it flattens at axis %lld; samples are parted at "
						 "axis 1",
				       (long long)axis);
	flatten(&value);
	return pass(lowering, input, &value);
}

/* A sample of `rank` axes: the same image, or one whose elements keep their order in memory. */
static int reshape_edge(struct lowering *lowering, const struct lowered *input, int rank,
			const int64_t *shape)
{
	struct lowered value = *input;
	const struct edge *dims = &input->dims;
	const bool same = rank == 3 && shape[0] == dims->channels && shape[1] == dims->height &&
			  shape[2] == dims->width;
	const bool straight = dims->channels == 1 || dims->height * dims->width == 1;

	if (rank == 1) {
		flatten(&value);
		return pass(lowering, input, &value);
	}
	if (rank != 3 || !(same || (straight && (shape[0] == 1 || shape[1] * shape[2] == 1))))
		return lowering_refuse(lowering, "it makes samples of another shape of %d axes; "
						 "vectors, and images of one channel, are made",
				       rank);
	value.rank = 3;
	memcpy(value.shape, shape, 3 * sizeof *shape);
	value.dims = (struct edge){ shape[1], shape[2], shape[0], dims->elements };
	/* no layer made the network's input: it is what it is taken for */
	if (!value.edge)
		lowering->layers->edges[0] = value.dims;
	return pass(lowering, input, &value);
}

/* Reshape's rule: 0 keeps an axis (unless allowzero), one -1 is what is left.  `from` is the shape
 * before with `elements`; false: it does not fit. */
static bool resolve(const int64_t *wanted, int rank, const int64_t *from, int from_rank,
		    int64_t elements, bool zeros_keep, int64_t *shape)
{
	int64_t known = 1;
	int open = -1;

	for (int i = 0; i < rank; i++) {
		shape[i] = wanted[i] == 0 && zeros_keep && i < from_rank ? from[i] : wanted[i];
		if (shape[i] == -1 && open < 0)
			open = i;
		else if (shape[i] < 1 || __builtin_mul_overflow(known, shape[i], &known))
			return false;
	}
	if (open >= 0)
		shape[open] = elements / known;
	return open >= 0 ? known * shape[open] == elements : known == elements;
}

static int reshape_node(struct lowering *lowering, const struct lowered *input)
{
	const struct lowered *target = lowering_input(lowering, 1);
	const bool edge = input->kind == LOWERED_EDGE;
	const int64_t *wanted;
	int64_t zeros = 0, shape[RANK_MAX], count;

	if (!target || lowering_whole(lowering, "allowzero", &zeros))
		return -1;
	if (target->kind != LOWERED_CONSTANT || !target->constant->wholes || target->rank != 1 ||
	    target->shape[0] < (edge ? 2 : 0) || target->shape[0] > RANK_MAX)
		return lowering_refuse(lowering, "its shape is no constant of whole numbers, or of "
						 "too few or more than %d axes",
				       RANK_MAX);
	wanted = target->constant->wholes;
	count = target->shape[0];
	/* a batch goes its own way: what is left of the shape is a sample's */
	if (edge && wanted[0] != -1 && wanted[0] != (zeros ? 1 : 0) && wanted[0] != 1 &&
	    wanted[0] != lowering->batch)
		return lowering_refuse(lowering, "its shape begins with %lld, which is not the "
						 "batch",
				       (long long)wanted[0]);
	wanted += edge;
	count -= edge;
	if (!resolve(wanted, (int)count, input->shape, input->rank,
		     edge ? input->dims.elements : input->constant->elements, !zeros, shape))
		return lowering_refuse(lowering, "its shape does not have the elements of its "
						 "input");
	if (edge)
		return reshape_edge(lowering, input, (int)count, shape);

	struct lowered value = *input;

	value.rank = (int)count;
	memcpy(value.shape, shape, sizeof shape);
	return pass(lowering, input, &value);
}

static int check_dropout(const struct lowering *lowering)
{
	const struct lowered *training;

	if (!lowering_has(lowering, 2))
		return 0;
	training = lowering_input(lowering, 2);
	if (!training)
		return -1;
	if (training->kind != LOWERED_CONSTANT || !training->constant->wholes ||
	    training->constant->elements != 1 || *training->constant->wholes)
		return lowering_refuse(lowering, "it drops values as in training");
	return 0;
}

static int lower(struct lowering *lowering)
{
	const struct lowered *input = lowering_input(lowering, 0);
	const char *type = lowering->node->type;

	if (!input)
		return -1;
	if (!strcmp(type, "Flatten"))
		return flatten_node(lowering, input);
	if (!strcmp(type, "Reshape"))
		return reshape_node(lowering, input);
	if (!strcmp(type, "Dropout") && check_dropout(lowering))
		return -1;
	return pass(lowering, input, input);
}

const struct layer_operation layer_view = {
	.value = { .name = "view",
		   .summary = "Flatten, Reshape, Identity, Dropout: nothing but another shape",
		   .source = "Operators.md of the ONNX project" },
	.types = (const char *const[]){ "Flatten", "Reshape", "Identity", "Dropout", NULL },
	.lower = lower,
};

/* SPDX-License-Identifier: MIT
 *
 * Nodes that only change how their input is looked at.  Nothing is moved here: an image stays in
 * memory as it is, [height][width][channels]; what is flattened and read by a product is put right
 * in its weights, and where a layer needs another order, layer `move` comes before it.
 */
#include "../lowering.h"

#include <string.h>

static int flatten_node(struct lowering *lowering, struct lowered *value)
{
	int64_t axis = 1, shape[2] = { 1, 1 };

	if (lowering_whole(lowering, "axis", &axis))
		return -1;
	if (axis < -value->rank || axis > value->rank ||
	    (lowering->batched && (axis < 0 ? axis + value->rank : axis) != 1))
		return lowering_refuse(lowering, "it flattens at axis %lld of %d%s",
				       (long long)axis, value->rank,
				       lowering->batched ? "; samples are parted at axis 1" : "");
	axis += axis < 0 ? value->rank : 0;
	for (int i = 0; i < value->rank; i++)
		shape[i >= axis] *= value->shape[i];
	return lowering_reshape(lowering, value, 2, shape);
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

static int reshape_node(struct lowering *lowering, struct lowered *value)
{
	const struct lowered *target = lowering_wholes_of(lowering, 1);
	const int batch = lowering->batched;
	int64_t zeros = 0, shape[RANK_MAX] = { 1 };

	if (!target || lowering_whole(lowering, "allowzero", &zeros))
		return -1;
	const int64_t *wanted = target->constant->wholes, count = target->constant->elements;

	if (target->rank != 1 || count < batch || count > RANK_MAX)
		return lowering_refuse(lowering, "its shape has %lld axes; %d to %d are made",
				       (long long)count, batch, RANK_MAX);
	/* a batch goes its own way: what is left of the shape is a sample's */
	if (batch && wanted[0] != -1 && wanted[0] != (zeros ? 1 : 0) && wanted[0] != 1 &&
	    wanted[0] != BATCH_SIZE && wanted[0] != lowering->batch)
		return lowering_refuse(lowering, "its shape begins with %lld, which is not the "
						 "batch",
				       (long long)wanted[0]);
	if (!resolve(wanted + batch, (int)count - batch, value->shape + batch,
		     value->rank - batch, lowered_elements(value), !zeros, shape + batch))
		return lowering_refuse(lowering, "its shape does not have the elements of its "
						 "input");
	return lowering_reshape(lowering, value, (int)count, shape);
}

static int transpose_node(struct lowering *lowering, struct lowered *value)
{
	const struct graph_attribute *attribute = graph_attribute(lowering->node, "perm");
	int64_t listed[RANK_MAX];
	int permutation[RANK_MAX];
	unsigned seen = 0;

	for (int i = 0; i < value->rank; i++)
		listed[i] = value->rank - 1 - i;
	if (attribute && lowering_wholes(lowering, "perm", listed, (size_t)value->rank))
		return -1;
	for (int i = 0; i < value->rank; i++) {
		if (listed[i] < 0 || listed[i] >= value->rank || seen & 1u << listed[i])
			return lowering_refuse(lowering, "its attribute 'perm' is no permutation "
							 "of %d axes", value->rank);
		seen |= 1u << listed[i];
		permutation[i] = (int)listed[i];
	}
	if (lowering->batched && permutation[0])
		return lowering_refuse(lowering, "it moves axis 0, the batch, which parts samples");
	lowered_transpose(value, permutation);
	return 0;
}

static int squeeze_node(struct lowering *lowering, struct lowered *value)
{
	int64_t listed[RANK_MAX], shape[RANK_MAX];
	unsigned gone = 0;
	int count, axis, rank = 0;

	if (lowering_list(lowering, "axes", 1, listed, RANK_MAX, &count))
		return -1;
	for (int i = lowering->batched; count < 0 && i < value->rank; i++)
		gone |= (unsigned)(value->shape[i] == 1) << i;
	for (int i = 0; i < count; i++) {
		if (lowering_axis(lowering, value->rank, listed[i], &axis))
			return -1;
		if (value->shape[axis] != 1)
			return lowering_refuse(lowering, "its axis %d has %lld numbers, not 1",
					       axis, (long long)value->shape[axis]);
		gone |= 1u << axis;
	}
	for (int i = 0; i < value->rank; i++)
		if (!(gone >> i & 1))
			shape[rank++] = value->shape[i];
	return lowering_reshape(lowering, value, rank, shape);
}

static int unsqueeze_node(struct lowering *lowering, struct lowered *value)
{
	int64_t listed[RANK_MAX], shape[RANK_MAX];
	unsigned new = 0;
	int count, axis, from = 0;

	if (lowering_list(lowering, "axes", 1, listed, RANK_MAX, &count))
		return -1;
	if (count < 0 || value->rank + count > RANK_MAX)
		return lowering_refuse(lowering, "it does not say its axes, or makes more than %d",
				       RANK_MAX);
	for (int i = 0; i < count; i++) {
		if (lowering_axis(lowering, value->rank + count, listed[i], &axis))
			return -1;
		if (new >> axis & 1)
			return lowering_refuse(lowering, "it names axis %d twice", axis);
		new |= 1u << axis;
	}
	for (int i = 0; i < value->rank + count; i++)
		shape[i] = new >> i & 1 ? 1 : value->shape[from++];
	return lowering_reshape(lowering, value, value->rank + count, shape);
}

/* b x b blocks of places and b * b channels: axes as the operation has them. */
static int depth_node(struct lowering *lowering, struct lowered *value)
{
	static const int to_space[2][6] = { { 0, 3, 4, 1, 5, 2 }, { 0, 1, 4, 2, 5, 3 } };
	static const int to_depth[6] = { 0, 3, 5, 1, 2, 4 };
	const struct graph_attribute *mode = graph_attribute(lowering->node, "mode");
	const bool by_column = mode && mode->text && !strcmp(mode->text, "CRD");
	const bool depth = !strcmp(lowering->node->type, "SpaceToDepth");
	const int64_t *from = value->shape;
	int64_t b = 0;

	if (lowering_whole(lowering, "blocksize", &b))
		return -1;
	if (value->rank != 4 || b < 1 || b > INT16_MAX ||
	    (depth ? from[2] % b || from[3] % b : from[1] % (b * b)))
		return lowering_refuse(lowering, "blocks of %lld do not part its input of %d axes",
				       (long long)b, value->rank);
	const int64_t blocks[6] = { from[0], from[1], from[2] / b, b, from[3] / b, b };
	const int64_t rows[6] = { from[0], b, b, from[1] / (b * b), from[2], from[3] };
	const int64_t columns[6] = { from[0], from[1] / (b * b), b, b, from[2], from[3] };
	const int64_t flat[4] = { from[0], from[1] * b * b, from[2] / b, from[3] / b };
	const int64_t wide[4] = { from[0], from[1] / (b * b), from[2] * b, from[3] * b };

	if (lowering_reshape(lowering, value, 6, depth ? blocks : by_column ? columns : rows))
		return -1;
	lowered_transpose(value, depth ? to_depth : to_space[by_column]);
	return lowering_reshape(lowering, value, 4, depth ? flat : wide);
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

static int identity_node(struct lowering *lowering, struct lowered *value)
{
	(void)value;
	return strcmp(lowering->node->type, "Dropout") ? 0 : check_dropout(lowering);
}

static const struct {
	const char *type;
	int (*look)(struct lowering *lowering, struct lowered *value);
	bool of_constants;      /* a constant lies as its last view saw it: none has to move */
} views[] = {
	{ "Flatten", flatten_node, true },       { "Reshape", reshape_node, true },
	{ "Transpose", transpose_node, true },   { "Squeeze", squeeze_node, true },
	{ "Unsqueeze", unsqueeze_node, true },   { "Identity", identity_node, true },
	{ "Dropout", identity_node, true },      { "DepthToSpace", depth_node, false },
	{ "SpaceToDepth", depth_node, false },
};
enum { VIEWS = sizeof views / sizeof *views };

static int look_at_constant(struct lowering *lowering, size_t view, const struct lowered *constant)
{
	const bool batched = lowering->batched;
	struct lowered value;
	int failed;

	if (!views[view].of_constants)
		return lowering_refuse(lowering, "its input is a constant; that is not computed");
	lowered_of_constant(&value, constant);
	lowering->batched = false;
	failed = views[view].look(lowering, &value);
	lowering->batched = batched;
	if (failed)
		return -1;
	if (views[view].look == transpose_node)
		return lowering_fold_view(lowering, constant, &value);

	struct lowered same = *constant;

	same.rank = value.rank;
	memcpy(same.shape, value.shape, sizeof same.shape);
	return lowering_set(lowering, &same);
}

static int lower(struct lowering *lowering)
{
	const struct lowered *input = lowering_input(lowering, 0);
	struct lowered value;
	size_t view = 0;

	if (!input)
		return -1;
	while (view < VIEWS - 1 && strcmp(views[view].type, lowering->node->type))
		view++;
	if (input->kind == LOWERED_CONSTANT)
		return look_at_constant(lowering, view, input);
	value = *input;
	return views[view].look(lowering, &value) ? -1 : lowering_pass(lowering, &value);
}

const struct layer_operation layer_view = {
	.value = { .name = "view",
		   .summary = "Flatten, Reshape, Transpose, Squeeze, Unsqueeze, DepthToSpace, "
			      "SpaceToDepth, Identity, Dropout: nothing is computed",
		   .source = "Operators.md of the ONNX project" },
	.types = (const char *const[]){ "Flatten", "Reshape", "Transpose", "Squeeze", "Unsqueeze",
					"DepthToSpace", "SpaceToDepth", "Identity", "Dropout",
					NULL },
	.lower = lower,
};

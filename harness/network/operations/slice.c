/* SPDX-License-Identifier: MIT
 *
 * Parts of an edge: nothing is moved before a layer needs it elsewhere.
 */
#include "../lowering.h"

#include <string.h>

enum { OUTPUTS_MOST = 64 };

/* The part of one axis, moved first where it cannot be cut out where it lies. */
static int cut(struct lowering *lowering, struct lowered *value, int axis, int64_t start,
	       int64_t step, int64_t count)
{
	struct lowered from;

	if (lowered_slice(value, axis, start, step, count))
		return 0;
	if (lowering_arrange(lowering, value, canonical_order(value->rank)))
		return -1;
	/* what lies in that order has one digit an axis */
	from = *value;
	lowered_dense(value, from.edge, from.rank, from.shape, canonical_order(from.rank));
	value->shared = from.shared;
	value->name = from.name;
	return lowered_slice(value, axis, start, step, count) ? 0 : -1;
}

struct bounds {
	int count;              /* -1: not given                                         */
	int64_t number[RANK_MAX];
};

static int read_bounds(const struct lowering *lowering, const char *name, size_t index, int wanted,
		       struct bounds *bounds)
{
	if (lowering_list(lowering, name, index, bounds->number, RANK_MAX, &bounds->count))
		return -1;
	if (wanted >= 0 && bounds->count != wanted && bounds->count != -1)
		return lowering_refuse(lowering, "it has %d %s for %d starts", bounds->count, name,
				       wanted);
	return 0;
}

/* Where a bound lies among `size` places, counted from the end where below 0. */
static int64_t bound(int64_t at, int64_t size, int64_t least, int64_t most)
{
	if (at < 0)
		at = at < -size ? least : at + size;
	return at < least ? least : at > most ? most : at;
}

static int slice_axis(struct lowering *lowering, struct lowered *value, int64_t which,
		      int64_t start, int64_t end, int64_t step)
{
	int64_t size, count, first, last;
	int axis;

	if (lowering_axis(lowering, value->rank, which, &axis))
		return -1;
	size = value->shape[axis];
	if (!step || step < -INT32_MAX || step > INT32_MAX)
		return lowering_refuse(lowering, "its step is %lld", (long long)step);
	first = step > 0 ? bound(start, size, 0, size) : bound(start, size, -1, size - 1);
	last = step > 0 ? bound(end, size, 0, size) : bound(end, size, -1, size - 1);
	count = step > 0 ? (last - first + step - 1) / step : (first - last - step - 1) / -step;
	if (count < 1)
		return lowering_refuse(lowering, "it leaves nothing of axis %d", axis);
	return cut(lowering, value, axis, first, step, count);
}

static int slice_value(struct lowering *lowering, struct lowered *value)
{
	struct bounds starts, ends, along, steps;

	if (read_bounds(lowering, "starts", 1, -1, &starts) ||
	    read_bounds(lowering, "ends", 2, starts.count, &ends) ||
	    read_bounds(lowering, "axes", 3, starts.count, &along) ||
	    read_bounds(lowering, "steps", 4, starts.count, &steps))
		return -1;
	if (starts.count < 0 || ends.count < 0 || starts.count > value->rank)
		return lowering_refuse(lowering, "it does not say where its part begins and ends, "
						 "or for more axes than there are");
	for (int i = 0; i < starts.count; i++)
		if (slice_axis(lowering, value, along.count < 0 ? i : along.number[i],
			       starts.number[i], ends.number[i],
			       steps.count < 0 ? 1 : steps.number[i]))
			return -1;
	return 0;
}

/* Sizes by attribute, input, or equal ones, the last of which may be smaller. */
static int read_sizes(const struct lowering *lowering, const struct lowered *value, int axis,
		      int64_t *sizes)
{
	const size_t outputs = lowering->node->output_count;
	const int64_t size = value->shape[axis];
	const int64_t each = (size + (int64_t)outputs - 1) / (int64_t)outputs;
	int64_t sum = 0;
	int count;

	if (outputs > OUTPUTS_MOST)
		return lowering_refuse(lowering, "it has %zu outputs; at most %d are computed",
				       outputs, OUTPUTS_MOST);
	if (lowering_list(lowering, "split", 1, sizes, OUTPUTS_MOST, &count))
		return -1;
	for (size_t i = 0; count < 0 && i < outputs; i++)
		sizes[i] = i + 1 < outputs ? each : size - each * ((int64_t)outputs - 1);
	for (size_t i = 0; i < outputs; i++) {
		if (sizes[i] < 1 || sizes[i] > size)
			return lowering_refuse(lowering, "one of its parts has %lld numbers",
					       (long long)sizes[i]);
		sum += sizes[i];
	}
	return sum == size && (count < 0 || (size_t)count == outputs) ? 0 :
	       lowering_refuse(lowering, "its parts have %lld numbers together, its input %lld",
			       (long long)sum, (long long)size);
}

static int split_node(struct lowering *lowering, const struct lowered *whole)
{
	const struct graph_node *node = lowering->node;
	int64_t sizes[OUTPUTS_MOST], start = 0, wanted = 0;
	int axis;

	if (lowering_whole(lowering, "axis", &wanted) ||
	    lowering_axis(lowering, whole->rank, wanted, &axis) ||
	    read_sizes(lowering, whole, axis, sizes))
		return -1;
	for (size_t i = 0; i < node->output_count; i++, start += sizes[i - 1]) {
		struct lowered part = *whole;

		if (node->outputs[i] == GRAPH_NONE)
			continue;
		if (cut(lowering, &part, axis, start, 1, sizes[i]))
			return -1;
		part.shared |= node->output_count > 1 || lowering->readers[node->inputs[0]] > 1;
		part.name = lowering->graph->values[node->outputs[i]].name;
		if (lowering_set_output(lowering, i, &part))
			return -1;
	}
	return 0;
}

static int slice_constant(struct lowering *lowering, const struct lowered *constant)
{
	const bool batched = lowering->batched;
	struct lowered value;
	int failed;

	lowered_of_constant(&value, constant);
	lowering->batched = false;
	failed = slice_value(lowering, &value);
	lowering->batched = batched;
	return failed ? -1 : lowering_fold_view(lowering, constant, &value);
}

static int lower(struct lowering *lowering)
{
	const bool slices = strcmp(lowering->node->type, "Split") != 0;
	const struct lowered *input = lowering_input(lowering, 0);
	struct lowered value;

	if (input && slices && input->kind == LOWERED_CONSTANT)
		return slice_constant(lowering, input);
	input = input ? lowering_edge(lowering, 0) : NULL;
	if (!input)
		return -1;
	value = *input;
	if (!slices)
		return split_node(lowering, &value);
	return slice_value(lowering, &value) ? -1 : lowering_pass(lowering, &value);
}

const struct layer_operation layer_slice = {
	.value = { .name = "slice",
		   .summary = "Slice and Split: parts along axes",
		   .source = "Operators.md of the ONNX project" },
	.types = (const char *const[]){ "Slice", "Split", NULL },
	.lower = lower,
};

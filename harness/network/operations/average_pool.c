/* SPDX-License-Identifier: MIT
 *
 * The mean of a window, or over height and width.
 */
#include "../run.h"
#include "../windows.h"

#include <string.h>

extern const struct layer_operation layer_average_pool;

static struct layer *add(struct lowering *lowering, const struct lowered *input, int64_t height,
			 int64_t width)
{
	struct layer *layer = lowering_add_image(lowering, &layer_average_pool, input->shape[1],
						 height, width);

	if (!layer)
		return NULL;
	layer->input_count = 1;
	layer->inputs[0] = input->edge;
	return layer;
}

static int lower_window(struct lowering *lowering)
{
	const struct lowered *input = lowering_image(lowering, 0);
	struct window window[2];
	struct layer *layer;
	int64_t count_pads = 0;

	if (!input || lowering_windows(lowering, input, NULL, window) ||
	    lowering_whole(lowering, "count_include_pad", &count_pads) ||
	    lowering_check_windows(lowering, window))
		return -1;
	layer = add(lowering, input, window_places(&window[0]), window_places(&window[1]));
	if (!layer)
		return -1;
	windows_write(window, &layer->conv);
	layer->count_pads = count_pads != 0;
	return 0;
}

static int lower_global(struct lowering *lowering)
{
	const struct lowered *input = lowering_image(lowering, 0);

	return input && add(lowering, input, 1, 1) ? 0 : -1;
}

/* Which axis of [1][.][.][.] is left over: those of the mean are the two others. */
static int find_kept(const struct lowering *lowering, const struct lowered *input, int *kept)
{
	int64_t listed[RANK_MAX];
	unsigned over = 0;
	int count, axis;

	if (lowering_list(lowering, "axes", 1, listed, RANK_MAX, &count))
		return -1;
	for (int i = 0; i < count; i++) {
		if (lowering_axis(lowering, input->rank, listed[i], &axis))
			return -1;
		over |= 1u << axis;
	}
	for (*kept = 1; *kept < 4; (*kept)++)
		if (input->rank == 4 && input->shape[0] == 1 && over == (14u & ~(1u << *kept)))
			return 0;
	return lowering_refuse(lowering, "it takes the mean over other axes than two of the last "
					 "three of an image, which is not computed");
}

static int lower_reduction(struct lowering *lowering)
{
	struct lowered *input = (struct lowered *)lowering_edge(lowering, 0), seen, output;
	int64_t keep = 1, shape[4] = { 1, 1, 1, 1 };
	int permutation[4] = { 0, 0, 0, 0 }, kept, at = 2;

	if (!input || find_kept(lowering, input, &kept) ||
	    lowering_whole(lowering, "keepdims", &keep))
		return -1;
	permutation[1] = kept;
	for (int axis = 1; axis < 4; axis++)
		if (axis != kept)
			permutation[at++] = axis;
	seen = *input;
	lowered_transpose(&seen, permutation);
	const struct lowered whole = *input;

	/* an image for a moment: of this node's input alone */
	*input = seen;
	const struct lowered *image = lowering_image(lowering, 0);
	const bool added = image && add(lowering, image, 1, 1);

	*input = whole;
	if (!added)
		return -1;
	output = lowering->values[lowering->node->outputs[0]];
	shape[keep ? kept : 1] = output.shape[1];
	if (lowering_reshape(lowering, &output, keep ? 4 : 2, shape))
		return -1;
	return lowering_set(lowering, &output);
}

static int lower(struct lowering *lowering)
{
	if (!strcmp(lowering->node->type, "ReduceMean"))
		return lower_reduction(lowering);
	return strcmp(lowering->node->type, "AveragePool") ? lower_global(lowering)
							   : lower_window(lowering);
}

const struct layer_operation layer_average_pool = {
	.value = { .name = "average_pool",
		   .summary = "AveragePool, GlobalAveragePool, ReduceMean over height and width",
		   .source = "Operators.md of the ONNX project" },
	.types = (const char *const[]){ "AveragePool", "GlobalAveragePool", "ReduceMean", NULL },
	.lower = lower,
	.run_float = run_average_pool_float,
	.run_integer = run_average_pool_integer,
	.prepare_integer = prepare_average_pool_integer,
};

/* SPDX-License-Identifier: MIT
 *
 * The largest value of a window, or of height and width: codes keep the grid of the input.
 */
#include "../run.h"
#include "../windows.h"

#include <string.h>

extern const struct layer_operation layer_max_pool;

static int lower(struct lowering *lowering)
{
	const bool global = !strcmp(lowering->node->type, "GlobalMaxPool");
	const struct lowered *input = lowering_image(lowering, 0);
	struct layers *layers = lowering->layers;
	struct window window[2];
	struct layer *layer;

	if (!input)
		return -1;
	if (!global && (lowering_windows(lowering, input, NULL, window) ||
			lowering_check_windows(lowering, window)))
		return -1;
	layer = lowering_add_image(lowering, &layer_max_pool, input->shape[1],
				   global ? 1 : window_places(&window[0]),
				   global ? 1 : window_places(&window[1]));
	if (!layer)
		return -1;
	layer->input_count = 1;
	layer->inputs[0] = input->edge;
	layers->grid_of[layers->count] = layers->grid_of[input->edge];
	if (!global)
		windows_write(window, &layer->conv);
	return 0;
}

const struct layer_operation layer_max_pool = {
	.value = { .name = "max_pool",
		   .summary = "MaxPool and GlobalMaxPool; codes stay on the grid of the input",
		   .source = "Operators.md of the ONNX project" },
	.types = (const char *const[]){ "MaxPool", "GlobalMaxPool", NULL },
	.lower = lower,
	.run_float = run_max_pool_float,
	.run_integer = run_max_pool_integer,
	.prepare_integer = prepare_max_pool_integer,
};

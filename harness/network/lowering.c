/* SPDX-License-Identifier: MIT */
#include "lowering.h"

#include "../../datasets/layout.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

int lowering_refuse(const struct lowering *lowering, const char *format, ...)
{
	char words[sizeof lowering->error->text];
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(words, sizeof words, format, arguments);
	va_end(arguments);
	return fail(lowering->error, STATUS_INPUT, "%s: node '%s' (%s): %s", lowering->graph->name,
		    lowering->node->name, lowering->node->type, words);
}

bool lowering_has(const struct lowering *lowering, size_t index)
{
	return index < lowering->node->input_count && lowering->node->inputs[index] != GRAPH_NONE;
}

static const char *input_name(const struct lowering *lowering, size_t index)
{
	return lowering->graph->values[lowering->node->inputs[index]].name;
}

const struct lowered *lowering_input(const struct lowering *lowering, size_t index)
{
	const struct lowered *value;

	if (!lowering_has(lowering, index)) {
		lowering_refuse(lowering, "it has no input %zu, which it needs", index);
		return NULL;
	}
	value = &lowering->values[lowering->node->inputs[index]];
	if (value->kind != LOWERED_NOT)
		return value;
	lowering_refuse(lowering, "it reads '%s', a further output of a node of which only the "
				  "first is computed",
			input_name(lowering, index));
	return NULL;
}

const struct lowered *lowering_edge(const struct lowering *lowering, size_t index)
{
	const struct lowered *value = lowering_input(lowering, index);

	if (value && value->kind != LOWERED_EDGE) {
		lowering_refuse(lowering, "its input '%s' is a constant; the network's input or "
					  "what a node makes of it is expected",
				input_name(lowering, index));
		return NULL;
	}
	return value;
}

const struct lowered *lowering_floats(const struct lowering *lowering, size_t index)
{
	const struct lowered *value = lowering_input(lowering, index);

	if (value && (value->kind != LOWERED_CONSTANT || !value->constant->floats)) {
		lowering_refuse(lowering, "its input '%s' is %s; a constant of floats is expected",
				input_name(lowering, index),
				value->kind == LOWERED_CONSTANT ? "one of whole numbers"
								: "made by the network");
		return NULL;
	}
	return value;
}

static int take_whole(const struct lowering *lowering, const char *name, double number,
		      int64_t *out)
{
	if (!(number >= INT32_MIN && number <= INT32_MAX) || number != rint(number))
		return lowering_refuse(lowering,
				       "its attribute '%s' is %g; a whole number of 32 bits is "
				       "expected",
				       name, number);
	*out = (int64_t)number;
	return 0;
}

int lowering_whole(const struct lowering *lowering, const char *name, int64_t *out)
{
	const struct graph_attribute *attribute = graph_attribute(lowering->node, name);

	return attribute ? take_whole(lowering, name, attribute->number, out) : 0;
}

int lowering_wholes(const struct lowering *lowering, const char *name, int64_t *out, size_t count)
{
	const struct graph_attribute *attribute = graph_attribute(lowering->node, name);

	if (!attribute)
		return 0;
	if (attribute->count != count)
		return lowering_refuse(lowering,
				       "its attribute '%s' has %zu numbers; %zu are expected", name,
				       attribute->count, count);
	for (size_t i = 0; i < count; i++)
		if (take_whole(lowering, name, attribute->numbers[i], &out[i]))
			return -1;
	return 0;
}

bool lowered_is_straight(const struct lowered *value)
{
	return value->rank == 1 &&
	       (value->dims.channels == 1 || value->dims.height * value->dims.width == 1);
}

int lowering_check_image(const struct lowering *lowering, const struct lowered *value)
{
	const struct edge *edge = &lowering->layers->edges[value->edge];

	if (value->rank == 3 && value->dims.channels == edge->channels &&
	    value->dims.height == edge->height)
		return 0;
	if (value->rank != 3)
		return lowering_refuse(lowering, "its input is a vector; an image is expected");
	return lowering_refuse(lowering, "its input is an image that was made of a vector, which "
					 "is computed for the network's input alone");
}

int lowering_set(struct lowering *lowering, const struct lowered *value)
{
	const struct graph_node *node = lowering->node;

	if (!node->output_count || node->outputs[0] == GRAPH_NONE)
		return lowering_refuse(lowering, "its first output is left out");
	lowering->values[node->outputs[0]] = *value;
	return 0;
}

struct layer *lowering_add(struct lowering *lowering, const struct layer_operation *operation,
			   int rank, int64_t height, int64_t width, int64_t channels)
{
	struct layers *layers = lowering->layers;
	struct layer *layer = &layers->layers[layers->count];
	const int64_t shape[] = { channels, height, width };
	struct lowered value = { .kind = LOWERED_EDGE, .rank = rank, .edge = layers->count + 1 };
	int64_t elements;

	if (!layout_elements(3, shape, &elements) || elements < 1 || elements > INT32_MAX) {
		lowering_refuse(lowering,
				"its output has %lld channels of %lld x %lld; 1 to 2^31 - 1 "
				"elements a sample are computed",
				(long long)channels, (long long)height, (long long)width);
		return NULL;
	}
	value.dims = (struct edge){ height, width, channels, elements };
	value.shape[0] = rank == 1 ? elements : channels;
	value.shape[1] = height;
	value.shape[2] = width;
	if (lowering_set(lowering, &value))
		return NULL;
	layer->name = env_copy_text(lowering->env, lowering->node->name, lowering->error);
	if (!layer->name)
		return NULL;
	layer->operation = operation;
	layers->edges[value.edge] = value.dims;
	layers->count++;
	return layer;
}

struct layer *lowering_before(const struct lowering *lowering, size_t index)
{
	const int input = lowering->node->inputs[index];
	const struct lowered *value = &lowering->values[input];

	if (value->kind != LOWERED_EDGE || !value->edge || value->shared ||
	    lowering->readers[input] > 1)
		return NULL;
	return &lowering->layers->layers[value->edge - 1];
}

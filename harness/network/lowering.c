/* SPDX-License-Identifier: MIT */
#include "lowering.h"

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

const struct lowered *lowering_wholes_of(const struct lowering *lowering, size_t index)
{
	const struct lowered *value = lowering_input(lowering, index);

	if (value && (value->kind != LOWERED_CONSTANT || !value->constant->wholes)) {
		lowering_refuse(lowering, "its input '%s' is not what is expected there, a "
					  "constant of whole numbers",
				input_name(lowering, index));
		return NULL;
	}
	return value;
}

bool lowering_is_constant(const struct lowering *lowering, size_t index)
{
	return lowering_has(lowering, index) &&
	       lowering->values[lowering->node->inputs[index]].kind == LOWERED_CONSTANT;
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

int lowering_list(const struct lowering *lowering, const char *name, size_t index, int64_t *out,
		  int most, int *count)
{
	const struct graph_attribute *attribute = graph_attribute(lowering->node, name);
	const struct lowered *input;

	*count = -1;
	if (attribute && attribute->count <= (size_t)most) {
		*count = (int)attribute->count;
		/* the end of an axis is often written as the greatest number there is */
		for (int i = 0; i < *count; i++)
			out[i] = attribute->numbers[i] >= 0x1p62 ? INT64_MAX :
				 attribute->numbers[i] > -0x1p62 ? (int64_t)attribute->numbers[i]
								 : -INT64_MAX;
		return 0;
	}
	if (attribute)
		return lowering_refuse(lowering, "its attribute '%s' has %zu numbers; at most %d "
						 "are expected", name, attribute->count, most);
	if (!lowering_has(lowering, index))
		return 0;
	input = lowering_wholes_of(lowering, index);
	if (!input)
		return -1;
	if (input->rank > 1 || input->constant->elements > most)
		return lowering_refuse(lowering, "its input '%s' has %d axes and %lld numbers; a "
						 "list of at most %d is expected",
				       input_name(lowering, index), input->rank,
				       (long long)input->constant->elements, most);
	*count = (int)input->constant->elements;
	memcpy(out, input->constant->wholes, (size_t)*count * sizeof *out);
	return 0;
}

int lowering_axis(const struct lowering *lowering, int rank, int64_t axis, int *out)
{
	if (axis < -rank || axis >= rank)
		return lowering_refuse(lowering, "it names the axis %lld of %d", (long long)axis,
				       rank);
	*out = (int)(axis < 0 ? axis + rank : axis);
	if (lowering->batched && !*out)
		return lowering_refuse(lowering, "it works along axis 0, the batch, which parts "
						 "samples");
	return 0;
}

int lowering_set_output(struct lowering *lowering, size_t index, const struct lowered *value)
{
	const struct graph_node *node = lowering->node;

	if (node->output_count <= index || node->outputs[index] == GRAPH_NONE)
		return index ? 0 : lowering_refuse(lowering, "its first output is left out");
	lowering->values[node->outputs[index]] = *value;
	return 0;
}

int lowering_set(struct lowering *lowering, const struct lowered *value)
{
	return lowering_set_output(lowering, 0, value);
}

int lowering_pass(struct lowering *lowering, const struct lowered *seen)
{
	struct lowered value = *seen;

	value.shared |= lowering->readers[lowering->node->inputs[0]] > 1;
	value.name = lowering->node->name;
	return lowering_set(lowering, &value);
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

struct layer *lowering_weighted_before(const struct lowering *lowering, size_t index)
{
	struct layer *layer = lowering_before(lowering, index);

	return layer && layer->weights.values && !layer->relu ? layer : NULL;
}

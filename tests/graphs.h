/* SPDX-License-Identifier: MIT
 *
 * Graphs as text, a statement each, parted by ';':
 *
 *         in x N 2 4 4; f w 3 2 1 1; i shape = 0 -1; Conv x w > y pads=0,0,0,0; out y
 *
 * in: an input with its shape, N for the batch.  f: a constant of floats with its shape, and after
 * '=' its values, else 1, 2, 3 ...  i: a vector of whole numbers.  out: an output.  All others are
 * nodes: operator, inputs ('-': left out), '>', outputs, attributes; a node has the name of its
 * first output.  An attribute is a number, a list with a comma in it, or a text.
 */
#ifndef QS_TEST_GRAPHS_H
#define QS_TEST_GRAPHS_H

#include "support.h"

#include "../harness/network/operation.h"

#include <ctype.h>

enum { HAND_VALUES = 64, HAND_NODES = 64, HAND_INPUTS = 16 };

static inline void *hand_new(struct graph *graph, size_t count, size_t size)
{
	struct error error;
	void *memory = env_new(graph->env, count, size, "a graph", &error);

	assert_non_null(memory);
	return memory;
}

static inline char *hand_text(struct graph *graph, const char *text)
{
	return strcpy(hand_new(graph, strlen(text) + 1, 1), text);
}

/* The value of that name, made where it is new. */
static inline struct graph_value *hand_value(struct graph *graph, const char *name)
{
	size_t i = 0;

	while (i < graph->value_count && strcmp(graph->values[i].name, name))
		i++;
	if (i == graph->value_count) {
		assert_true(i < HAND_VALUES);
		graph->values[i].name = hand_text(graph, name);
		graph->values[i].rank = -1;
		graph->value_count++;
	}
	return &graph->values[i];
}

static inline int hand_index(struct graph *graph, const char *name)
{
	return strcmp(name, "-") ? (int)(hand_value(graph, name) - graph->values) : GRAPH_NONE;
}

/* The numbers of the shape up to '=' or the end. */
static inline char *hand_shape(struct graph_value *value, char **rest)
{
	char *word;

	value->rank = 0;
	value->elements = 1;
	while ((word = strtok_r(NULL, " ", rest)) && strcmp(word, "=")) {
		value->shape[value->rank] = strcmp(word, "N") ? strtoll(word, NULL, 10) : -1;
		value->elements *= value->shape[value->rank++];
	}
	return word;
}

static inline void hand_attribute(struct graph *graph, struct graph_node *node, char *word)
{
	struct graph_attribute *attribute = &node->attributes[node->attribute_count++];
	char *text = strchr(word, '='), *rest;

	*text++ = '\0';
	attribute->name = hand_text(graph, word);
	if (strchr(text, ',')) {
		attribute->numbers = hand_new(graph, HAND_INPUTS, sizeof(double));
		for (word = strtok_r(text, ",", &rest); word; word = strtok_r(NULL, ",", &rest))
			attribute->numbers[attribute->count++] = strtod(word, NULL);
	} else if (isalpha((unsigned char)*text)) {
		attribute->text = hand_text(graph, text);
	} else {
		attribute->number = strtod(text, NULL);
	}
}

static inline void hand_node(struct graph *graph, const char *type, char **rest)
{
	struct graph_node *node = &graph->nodes[graph->node_count++];
	char *word;

	assert_true(graph->node_count < HAND_NODES);
	node->type = hand_text(graph, type);
	node->inputs = hand_new(graph, HAND_INPUTS, sizeof(int));
	node->outputs = hand_new(graph, HAND_INPUTS, sizeof(int));
	node->attributes = hand_new(graph, HAND_INPUTS, sizeof *node->attributes);
	while ((word = strtok_r(NULL, " ", rest)) && strcmp(word, ">"))
		node->inputs[node->input_count++] = hand_index(graph, word);
	while ((word = strtok_r(NULL, " ", rest))) {
		if (strchr(word, '=')) {
			hand_attribute(graph, node, word);
			continue;
		}
		if (!node->name && strcmp(word, "-"))
			node->name = hand_text(graph, word);
		node->outputs[node->output_count++] = hand_index(graph, word);
	}
	if (!node->name)
		node->name = hand_text(graph, type);
}

static inline void hand_statement(struct graph *graph, char *statement)
{
	char *rest, *word = strtok_r(statement, " ", &rest);
	struct graph_value *value;

	if (!strcmp(word, "in")) {
		value = hand_value(graph, strtok_r(NULL, " ", &rest));
		hand_shape(value, &rest);
		value->elements = 0;
		graph->inputs[graph->input_count++] = (int)(value - graph->values);
	} else if (!strcmp(word, "out")) {
		graph->outputs[graph->output_count++] =
			hand_index(graph, strtok_r(NULL, " ", &rest));
	} else if (!strcmp(word, "f")) {
		value = hand_value(graph, strtok_r(NULL, " ", &rest));
		const bool given = hand_shape(value, &rest);

		value->floats = hand_new(graph, (size_t)value->elements, sizeof(float));
		for (int64_t i = 0; i < value->elements; i++)
			value->floats[i] = given ? strtof(strtok_r(NULL, " ", &rest), NULL)
						 : (float)(i + 1);
	} else if (!strcmp(word, "i")) {
		value = hand_value(graph, strtok_r(NULL, " ", &rest));
		hand_shape(value, &rest);
		value->rank = 1;
		value->wholes = hand_new(graph, HAND_INPUTS, sizeof(int64_t));
		value->elements = 0;
		while ((word = strtok_r(NULL, " ", &rest)))
			value->wholes[value->elements++] = strtoll(word, NULL, 10);
		value->shape[0] = value->elements;
	} else {
		hand_node(graph, word, &rest);
	}
}

static inline void hand_graph(struct graph *graph, const struct env *env, const char *text)
{
	char *copy = strdup(text), *rest;

	*graph = (struct graph){ .env = env };
	graph->name = hand_text(graph, "hand");
	graph->opset = 17;
	graph->values = hand_new(graph, HAND_VALUES, sizeof *graph->values);
	graph->nodes = hand_new(graph, HAND_NODES, sizeof *graph->nodes);
	graph->inputs = hand_new(graph, HAND_INPUTS, sizeof(int));
	graph->outputs = hand_new(graph, HAND_INPUTS, sizeof(int));
	for (char *s = strtok_r(copy, ";", &rest); s; s = strtok_r(NULL, ";", &rest))
		hand_statement(graph, s);
	free(copy);
}

/* The layers of such a graph. */
static inline void hand_layers(struct layers *layers, const struct env *env, const char *text)
{
	struct graph graph;
	struct error error;

	hand_graph(&graph, env, text);
	if (layers_make(layers, &graph, env, &error))
		fail_msg("%s", error.text);
	graph_free(&graph);
}

#endif

/* SPDX-License-Identifier: MIT */
#include "graph.h"

#include <string.h>

static void free_node(const struct env *env, struct graph_node *node)
{
	for (size_t i = 0; i < node->attribute_count; i++) {
		env_free(env, node->attributes[i].name);
		env_free(env, node->attributes[i].text);
		env_free(env, node->attributes[i].numbers);
	}
	env_free(env, node->attributes);
	env_free(env, node->name);
	env_free(env, node->type);
	env_free(env, node->inputs);
	env_free(env, node->outputs);
}

void graph_free(struct graph *graph)
{
	const struct env *env = graph->env;

	if (!env)
		return;
	for (size_t i = 0; i < graph->value_count; i++) {
		env_free(env, graph->values[i].name);
		env_free(env, graph->values[i].floats);
		env_free(env, graph->values[i].wholes);
	}
	for (size_t i = 0; i < graph->node_count; i++)
		free_node(env, &graph->nodes[i]);
	env_free(env, graph->values);
	env_free(env, graph->nodes);
	env_free(env, graph->inputs);
	env_free(env, graph->outputs);
	env_free(env, graph->name);
	*graph = (struct graph){ 0 };
}

const struct graph_attribute *graph_attribute(const struct graph_node *node, const char *name)
{
	for (size_t i = 0; i < node->attribute_count; i++)
		if (!strcmp(node->attributes[i].name, name))
			return &node->attributes[i];
	return NULL;
}

/* SPDX-License-Identifier: MIT
 *
 * Makes an execution and runs its layers: inputs are brought into the form that the layer takes,
 * the row of the table of operations computes, the output's quantizer follows.
 */
#include "execute_parts.h"

#include "operation.h"

#include <stdarg.h>
#include <string.h>

int no_integer(struct layer_preparing *preparing, const char *format, ...)
{
	const size_t size = sizeof ((struct execution *)NULL)->no_integer;
	va_list arguments;
	int used;

	used = snprintf(preparing->no_integer, size, "layer '%.100s': ", preparing->layer->name);
	va_start(arguments, format);
	vsnprintf(preparing->no_integer + used, size - (size_t)used, format, arguments);
	va_end(arguments);
	return 0;
}

static bool has_weights(const struct layer *layer)
{
	return layer->weights.values != NULL;
}

/* Simulated weights and a bias on the grid s_a * s_w[n], where there is one. */
static int prepare_simulated(struct layer_preparing *preparing, struct error *error)
{
	const struct layer *layer = preparing->layer;
	const struct quantized_weights *w = preparing->weights;
	const struct quantizer *in = &preparing->prepared->in[0];
	const float *weights = w->simulated ? w->simulated : layer->weights.values;
	float *bias;
	int failed;

	if (!layer->bias || !w->simulated || !w->scales || w->group || in->dynamic ||
	    quantizer_is_float(in))
		return prepare_chain(preparing, weights, layer->bias, error);
	bias = env_new(preparing->env, (size_t)layer->weights.rows, sizeof *bias, "a bias", error);
	if (!bias)
		return -1;
	for (int64_t j = 0; j < layer->weights.rows; j++) {
		const double unit = (double)in->scale * (double)w->scales[j];

		bias[j] = (float)(rint((double)layer->bias[j] / unit) * unit);
	}
	failed = prepare_chain(preparing, weights, bias, error);
	env_free(preparing->env, bias);
	return failed;
}

/* What no operation can do in integers. */
static bool edges_allow_integer(struct layer_preparing *preparing)
{
	struct prepared_layer *p = preparing->prepared;
	const size_t count = preparing->layer->input_count;

	p->through_float = p->out.dynamic;
	for (size_t i = 0; i <= count; i++) {
		const struct quantizer *quantizer = i < count ? &p->in[i] : &p->out;

		if (quantizer_is_float(quantizer)) {
			no_integer(preparing, "its activations are float");
			return false;
		}
		if (!quantizer_has_u8(quantizer)) {
			no_integer(preparing, "its activations have %d bits; codes take at most 8",
				   quantizer->rule->bits);
			return false;
		}
		p->through_float |= quantizer->dynamic;
	}
	if (p->through_float && p->mode != QS_REQUANTIZE_FLOAT) {
		no_integer(preparing, "only the requantization float has a meaning with a range "
			   "for each sample");
		return false;
	}
	return true;
}

static int prepare_layer(struct execution *execution, const struct execution_spec *spec, size_t l,
			 struct error *error)
{
	const struct layer *layer = &spec->layers->layers[l];
	struct prepared_layer *p = &execution->prepared[l];
	struct layer_preparing preparing = {
		.env = execution->env, .libraries = spec->libraries, .layer = layer,
		.in_edge = &spec->layers->edges[layer->inputs[0]],
		.out_edge = &spec->layers->edges[l + 1], .weights = &spec->weights[l],
		.prepared = p, .no_integer = execution->no_integer,
	};

	p->island = spec->islands[l];
	p->mode = spec->modes[l];
	p->round = spec->round;
	p->out = spec->edges[layers_grid_of(spec->layers, l + 1)];
	for (size_t i = 0; i < layer->input_count; i++)
		p->in[i] = spec->edges[layers_grid_of(spec->layers, layer->inputs[i])];
	if (has_weights(layer))
		p->chunk = chunk_of(layer, preparing.out_edge, spec->batch);
	if (p->island) {
		execution->float_macs += layer->macs;
		return has_weights(layer) ? prepare_chain(&preparing, layer->weights.values,
							  layer->bias, error) : 0;
	}
	execution->integer_macs += layer->macs;
	if (has_weights(layer) && prepare_simulated(&preparing, error))
		return -1;
	if (*execution->no_integer || !edges_allow_integer(&preparing))
		return 0;
	if (!layer->operation->prepare_integer)
		return no_integer(&preparing, "it is computed in float alone");
	return layer->operation->prepare_integer(&preparing, error);
}

int execution_make(struct execution *execution, const struct env *env,
		   const struct execution_spec *spec, struct error *error)
{
	*execution = (struct execution){ .env = env, .layers = spec->layers,
					 .batch = spec->batch };
	execution->prepared = env_new(env, spec->layers->count, sizeof *execution->prepared,
				      "an execution", error);
	if (!execution->prepared)
		return -1;
	for (size_t l = 0; l < spec->layers->count; l++) {
		if (prepare_layer(execution, spec, l, error)) {
			execution_free(execution);
			return -1;
		}
	}
	return 0;
}

void execution_free(struct execution *execution)
{
	for (size_t l = 0; execution->prepared && l < execution->layers->count; l++)
		prepared_layer_free(execution->env, &execution->prepared[l]);
	if (execution->prepared)
		env_free(execution->env, execution->prepared);
	*execution = (struct execution){ 0 };
}

static struct layer_run run_of(const struct execution *execution, struct execution_room *room,
			       size_t layer, const struct edge_values *const *inputs,
			       struct edge_values *out, int64_t batch)
{
	const struct layers *layers = execution->layers;
	struct layer_run run = { .layer = &layers->layers[layer],
				 .prepared = &execution->prepared[layer], .room = room,
				 .out_edge = &layers->edges[layer + 1], .out = out,
				 .batch = batch };

	for (size_t i = 0; i < run.layer->input_count; i++) {
		run.in_edges[i] = &layers->edges[run.layer->inputs[i]];
		run.in[i] = inputs[i];
	}
	return run;
}

/* Who wrote an edge, for messages. */
static const char *writer(const struct layers *layers, size_t edge)
{
	return edge ? layers->layers[edge - 1].name : "input";
}

/* Codes become values. */
static void decode_inputs(struct layer_run *run)
{
	for (size_t i = 0; i < run->layer->input_count; i++) {
		if (run->in[i]->state != EDGE_CODED)
			continue;
		edge_decode(run->in[i], run->in_edges[i]->elements, run->batch,
			    &run->room->ready[i]);
		run->in[i] = &run->room->ready[i];
	}
}

int execution_float(const struct execution *execution, struct execution_room *room, size_t layer,
		    const struct edge_values *const *inputs, struct edge_values *out, int64_t batch,
		    struct error *error)
{
	struct layer_run run = run_of(execution, room, layer, inputs, out, batch);

	decode_inputs(&run);
	out->state = EDGE_RAW;
	return run.layer->operation->run_float(&run, error);
}

/* RAW inputs onto their grids. */
static int simulate_inputs(const struct execution *execution, struct layer_run *run,
			   struct error *error)
{
	decode_inputs(run);
	for (size_t i = 0; i < run->layer->input_count; i++) {
		const struct quantizer *quantizer = &run->prepared->in[i];

		if (run->in[i]->state != EDGE_RAW || quantizer_is_float(quantizer))
			continue;
		if (quantize_values(run->room, quantizer,
				    writer(execution->layers, run->layer->inputs[i]),
				    run->in[i]->values, run->in_edges[i]->elements, run->batch,
				    &run->room->ready[i], NULL, error))
			return -1;
		run->in[i] = &run->room->ready[i];
	}
	return 0;
}

/* The output holds some of its input's values: it has their grids. */
static void keep_grids(const struct layer_run *run, struct edge_values *out)
{
	memcpy(out->grids, run->in[0]->grids, (size_t)run->batch * sizeof *out->grids);
	out->state = run->in[0]->state;
}

int execution_simulated(const struct execution *execution, struct execution_room *room,
			size_t layer, const struct edge_values *const *inputs,
			struct edge_values *out, int64_t batch, struct tally *tally,
			struct error *error)
{
	struct layer_run run = run_of(execution, room, layer, inputs, out, batch);

	if (run.prepared->island)
		return execution_float(execution, room, layer, inputs, out, batch, error);
	out->state = EDGE_RAW;
	if (simulate_inputs(execution, &run, error) ||
	    run.layer->operation->run_float(&run, error))
		return -1;
	if (quantizer_is_float(&run.prepared->out))
		return 0;
	if (layer_shares_grid(execution->layers, layer)) {
		keep_grids(&run, out);
		return 0;
	}
	return quantize_values(room, &run.prepared->out, run.layer->name, out->values,
			       run.out_edge->elements, batch, out, tally, error);
}

static int encode_inputs(const struct execution *execution, struct layer_run *run,
			 struct error *error)
{
	for (size_t i = 0; i < run->layer->input_count; i++) {
		struct edge_values *ready = &run->room->ready[i];
		const int64_t elements = run->in_edges[i]->elements;

		if (run->in[i]->state == EDGE_CODED)
			continue;
		if (run->in[i]->state == EDGE_ON_GRID)
			edge_encode(run->in[i], elements, run->batch, ready);
		else if (quantize_codes(run->room, &run->prepared->in[i],
					writer(execution->layers, run->layer->inputs[i]),
					run->in[i]->values, elements, run->batch, ready, error))
			return -1;
		run->in[i] = ready;
	}
	return 0;
}

int execution_integer(const struct execution *execution, struct execution_room *room, size_t layer,
		      const struct edge_values *const *inputs, struct edge_values *out,
		      int64_t batch, struct error *error)
{
	struct layer_run run = run_of(execution, room, layer, inputs, out, batch);
	const struct prepared_layer *p = run.prepared;

	if (*execution->no_integer)
		return fail(error, STATUS_FAILED, "no integer execution: %s",
			    execution->no_integer);
	if (p->island)
		return execution_float(execution, room, layer, inputs, out, batch, error);
	if (encode_inputs(execution, &run, error) ||
	    run.layer->operation->run_integer(&run, error))
		return -1;
	if (layer_shares_grid(execution->layers, layer)) {
		keep_grids(&run, out);
		return 0;
	}
	if (p->through_float)
		return quantize_codes(room, &p->out, run.layer->name, out->values,
				      run.out_edge->elements, batch, out, error);
	set_grids(&p->out, &p->out.grid, p->out.scale, 0, batch, out);
	out->state = EDGE_CODED;
	return 0;
}

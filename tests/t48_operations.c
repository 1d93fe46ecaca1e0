/* SPDX-License-Identifier: MIT
 *
 * Operations in integers: codes worked out elsewhere; beside the simulated run with static and
 * dynamic ranges, in batches of any size; and what is only moved keeps its grids.
 */
#include "graphs.h"
#include "plain_layers.h"

#include <math.h>

enum { TEXT_MOST = 1 << 16, NUMBERS_MOST = 4096, EDGES_MOST = 16 };

/* A network under one recipe: 8 bits, activations asymmetric, weights symmetric a row. */
struct coded {
	struct env env;
	struct layers layers;
	struct libraries libraries;
	struct rule rule;
	struct quantizer *quantizers;
	struct quantized_weights *weights;
	bool *islands;
	enum qs_requantize *modes;
	struct execution execution;
	struct execution_room *room;
	struct edge_values *edges;
	int64_t batch;
};

static void coded_new(struct coded *c, int64_t batch)
{
	const size_t count = c->layers.count;
	struct error error;

	c->batch = batch;
	c->quantizers = calloc(count + 1, sizeof *c->quantizers);
	c->weights = calloc(count, sizeof *c->weights);
	c->islands = calloc(count, sizeof *c->islands);
	c->modes = calloc(count, sizeof *c->modes);
	c->edges = calloc(count + 1, sizeof *c->edges);
	c->rule = (struct rule){
		.bits = 8, .format = value_find(format_values, "int"),
		.scheme = value_find(scheme_values, "asymmetric"),
		.scale = value_find(scale_values, "real"),
		.granularity = { value_find(granularity_values, "tensor"), -1, 0 },
		.calibration = value_find(calibration_values, "minmax"),
	};
	assert_int_equal(libraries_open(&c->libraries, &c->env, &error), 0);
	for (size_t i = 0; i <= count; i++) {
		const size_t elements = (size_t)(batch * c->layers.edges[i].elements);

		c->edges[i].values = calloc(elements, sizeof(float));
		c->edges[i].codes = calloc(elements, 1);
		c->edges[i].grids = calloc((size_t)batch, sizeof(struct sample_grid));
	}
	for (size_t i = 0; i < count; i++)
		c->islands[i] = !c->layers.layers[i].operation->run_integer;
}

/* scale 0: one a row of the weights, else their codes are their values. */
static void coded_weights(struct coded *c, float scale)
{
	for (size_t l = 0; l < c->layers.count; l++) {
		const struct tensor *w = &c->layers.layers[l].weights;
		const int64_t count = w->rows * w->columns;
		float *simulated, *scales;
		int8_t *codes;

		if (!w->values)
			continue;
		simulated = calloc((size_t)count, sizeof *simulated);
		scales = calloc((size_t)w->rows, sizeof *scales);
		codes = calloc((size_t)count, 1);
		for (int64_t i = 0; i < count; i++) {
			const int64_t row = i / w->columns;
			float most = 0;

			for (int64_t j = 0; j < w->columns; j++)
				most = fmaxf(most, fabsf(w->values[row * w->columns + j]));
			scales[row] = scale != 0 ? scale : most / 127;
			codes[i] = (int8_t)lrintf(scale != 0 ? w->values[i]
							     : w->values[i] / scales[row]);
			simulated[i] = (float)codes[i] * scales[row];
		}
		c->weights[l] = (struct quantized_weights){
			simulated, codes, scales, calloc((size_t)w->rows, sizeof(int32_t)), 0 };
	}
}

static void coded_make(struct coded *c)
{
	const struct execution_spec spec = {
		.layers = &c->layers, .libraries = &c->libraries, .islands = c->islands,
		.edges = c->quantizers, .weights = c->weights, .modes = c->modes,
		.batch = c->batch,
	};
	struct error error;

	if (execution_make(&c->execution, &c->env, &spec, &error) ||
	    execution_room_new(&c->room, &c->env, &c->layers, c->batch, &error))
		fail_msg("%s", error.text);
	assert_string_equal(c->execution.no_integer, "");
}

static void coded_unmake(struct coded *c)
{
	execution_free(&c->execution);
	execution_room_free(c->room);
}

static void coded_free(struct coded *c)
{
	for (size_t i = 0; i <= c->layers.count; i++) {
		free(c->edges[i].values);
		free(c->edges[i].codes);
		free(c->edges[i].grids);
	}
	for (size_t l = 0; l < c->layers.count; l++) {
		free((void *)c->weights[l].simulated);
		free((void *)c->weights[l].codes);
		free((void *)c->weights[l].scales);
		free((void *)c->weights[l].zeros);
	}
	free(c->quantizers);
	free(c->weights);
	free(c->islands);
	free(c->modes);
	free(c->edges);
	libraries_close(&c->libraries);
	layers_free(&c->layers);
}

static void coded_run(struct coded *c, bool integer, int64_t samples)
{
	struct error error;

	for (size_t l = 0; l < c->layers.count; l++) {
		const struct layer *layer = &c->layers.layers[l];
		const struct edge_values *in[LAYER_INPUTS_MAX];
		int failed;

		for (size_t i = 0; i < layer->input_count; i++)
			in[i] = &c->edges[layer->inputs[i]];
		failed = integer ? execution_integer(&c->execution, c->room, l, in,
						     &c->edges[l + 1], samples, &error)
				 : execution_simulated(&c->execution, c->room, l, in,
						       &c->edges[l + 1], samples, NULL, &error);
		if (failed)
			fail_msg("%s", error.text);
	}
}

static int read_wholes(const char *text, float *out)
{
	int count = 0;
	char *end;

	for (long x = strtol(text, &end, 10); end != text; x = strtol(text, &end, 10)) {
		assert_true(count < NUMBERS_MOST);
		out[count++] = (float)x;
		text = end;
	}
	return count;
}

/* name;graph;grids;scale of weights;codes in;codes out */
static void check_line(char *line)
{
	static float x[NUMBERS_MOST], y[NUMBERS_MOST], turned[NUMBERS_MOST], found[NUMBERS_MOST];
	struct coded c = { .env = env_system() };
	char *rest, *name = strtok_r(line, ";", &rest), *graph = strtok_r(NULL, ";", &rest);
	char *grids = strtok_r(NULL, ";", &rest), *one;
	const float weight_scale = strtof(strtok_r(NULL, ";", &rest), NULL);
	const int inputs = read_wholes(strtok_r(NULL, ";", &rest), x);
	const int outputs = read_wholes(strtok_r(NULL, ";", &rest), y);
	size_t edges = 0;

	for (char *mark = graph; (mark = strchr(mark, '!'));)
		*mark = ';';
	hand_layers(&c.layers, &c.env, graph);
	coded_new(&c, 1);
	for (one = strtok_r(grids, ",", &rest); one; one = strtok_r(NULL, ",", &rest)) {
		char *end;
		const float scale = strtof(one, &end);

		if (edges > c.layers.count)
			fail_msg("%s: %zu layers", name, c.layers.count);
		c.quantizers[edges++] = (struct quantizer){
			.rule = &c.rule, .scale = scale,
			.grid = { (double)scale, (int32_t)strtol(end, NULL, 10), 0, 255 } };
	}
	assert_int_equal(edges, c.layers.count + 1);
	assert_int_equal(inputs, c.layers.edges[0].elements);
	if (outputs != c.layers.edges[c.layers.count].elements)
		fail_msg("%s: %lld numbers come out", name,
			 (long long)c.layers.edges[c.layers.count].elements);
	coded_weights(&c, weight_scale);
	coded_make(&c);
	edge_axes_put(&c.layers.input, x, turned);
	for (int i = 0; i < inputs; i++)
		c.edges[0].codes[i] = (uint8_t)turned[i];
	c.edges[0].grids[0] = (struct sample_grid){ c.quantizers[0].scale,
						    c.quantizers[0].grid.zero };
	c.edges[0].state = EDGE_CODED;
	coded_run(&c, true, 1);
	assert_int_equal(c.edges[c.layers.count].state, EDGE_CODED);
	for (int i = 0; i < outputs; i++)
		turned[i] = c.edges[c.layers.count].codes[i];
	edge_axes_take(&c.layers.output, turned, found);
	for (int i = 0; i < outputs; i++)
		if (found[i] != y[i])
			fail_msg("%s: code %d is %g, expected %g", name, i, (double)found[i],
				 (double)y[i]);
	coded_unmake(&c);
	coded_free(&c);
}

/* Truth: tests/golden/make/operations_integer.py. */
static void codes_by_definition(void **state)
{
	char path[1200], *line = NULL;
	size_t room = 0;
	int cases = 0;
	FILE *truth;

	(void)state;
	snprintf(path, sizeof path, "%s/tests/golden/operations_integer.csv", source_dir());
	truth = fopen(path, "r");
	assert_non_null(truth);
	for (; getline(&line, &room, truth) > 0; cases++)
		check_line(line);
	fclose(truth);
	free(line);
	assert_int_equal(cases, 30);
}

/* Grids by the range of each edge's float values, widened to hold 0; 9 samples. */
enum { SAMPLES = 9 };

static void choose_grids(struct coded *c, const float *x, bool dynamic)
{
	const size_t count = c->layers.count;
	bool *kept = calloc(count, sizeof *kept);
	struct error error;

	memcpy(kept, c->islands, count * sizeof *kept);
	memset(c->islands, true, count * sizeof *kept);
	coded_make(c);
	for (size_t i = 0; i < (size_t)(SAMPLES * c->layers.edges[0].elements); i++)
		c->edges[0].values[i] = x[i];
	for (size_t l = 0; l < count; l++) {
		const struct edge_values *in[LAYER_INPUTS_MAX];

		for (size_t i = 0; i < c->layers.layers[l].input_count; i++)
			in[i] = &c->edges[c->layers.layers[l].inputs[i]];
		assert_int_equal(execution_float(&c->execution, c->room, l, in, &c->edges[l + 1],
						 SAMPLES, &error), 0);
	}
	coded_unmake(c);
	memcpy(c->islands, kept, count * sizeof *kept);
	free(kept);
	for (size_t e = 0; e <= count; e++) {
		const float *values = c->edges[e].values;
		float low = 0, high = 1e-3F;

		for (int64_t i = 0; i < SAMPLES * c->layers.edges[e].elements; i++) {
			low = fminf(low, values[i]);
			high = fmaxf(high, values[i]);
		}
		const float scale = (high - low) / 255;

		c->quantizers[e] = (struct quantizer){ .rule = &c->rule, .dynamic = dynamic,
			.scale = scale,
			.grid = { (double)scale, (int32_t)lrintf(-low / scale), 0, 255 } };
	}
}

/* The largest step between integer and simulated outputs, each layer fed the simulated codes. */
static double local_gap(struct coded *c, struct edge_values *simulated)
{
	double most = 0;
	struct error error;

	for (size_t l = 0; l < c->layers.count; l++) {
		const struct layer *layer = &c->layers.layers[l];
		const struct edge_values *in[LAYER_INPUTS_MAX];
		const int64_t elements = c->layers.edges[l + 1].elements;

		if (c->islands[l])
			continue;
		for (size_t i = 0; i < layer->input_count; i++)
			in[i] = &simulated[layer->inputs[i]];
		assert_int_equal(execution_integer(&c->execution, c->room, l, in, &c->edges[l + 1],
						   SAMPLES, &error), 0);
		for (int64_t i = 0; i < SAMPLES * elements; i++) {
			const struct sample_grid *grid = &simulated[l + 1].grids[i / elements];
			const struct sample_grid *own = &c->edges[l + 1].grids[i / elements];
			const double x = (double)simulated[l + 1].values[i] / (double)grid->scale;
			const double y = (c->edges[l + 1].codes[i] - own->zero) *
					 (double)own->scale / (double)grid->scale;

			if (layer_shares_grid(&c->layers, l) && fabs(x - y) > 1e-3)
				fail_msg("%s: a moved code differs", layer->name);
			most = fmax(most, fabs(x - y));
		}
	}
	return most;
}

static void copy_edges(const struct coded *c, struct edge_values *to)
{
	for (size_t e = 0; e <= c->layers.count; e++) {
		const size_t count = (size_t)(SAMPLES * c->layers.edges[e].elements);

		to[e] = c->edges[e];
		to[e].values = malloc(count * sizeof(float));
		to[e].grids = malloc(SAMPLES * sizeof *to[e].grids);
		memcpy(to[e].values, c->edges[e].values, count * sizeof(float));
		memcpy(to[e].grids, c->edges[e].grids, SAMPLES * sizeof *to[e].grids);
	}
}

static void check_network(const char *path, bool dynamic)
{
	struct coded c = { .env = env_system() };
	struct edge_values simulated[EDGES_MOST];

	plain_layers(&c.layers, &c.env, path);
	const int64_t inputs = c.layers.edges[0].elements;
	const int64_t outputs = c.layers.edges[c.layers.count].elements;
	const bool is_float = !c.layers.layers[c.layers.count - 1].operation->run_integer;
	float *x = malloc((size_t)(SAMPLES * inputs) * sizeof *x);
	uint8_t *whole = malloc((size_t)(SAMPLES * outputs) * sizeof(float));

	assert_true(c.layers.count < EDGES_MOST);
	coded_new(&c, SAMPLES);
	coded_weights(&c, 0);
	for (int64_t i = 0; i < SAMPLES * inputs; i++)
		x[i] = (float)random_normal(5, 1, (uint64_t)i);
	choose_grids(&c, x, dynamic);
	coded_make(&c);
	memcpy(c.edges[0].values, x, (size_t)(SAMPLES * inputs) * sizeof *x);
	c.edges[0].state = EDGE_RAW;
	coded_run(&c, false, SAMPLES);
	copy_edges(&c, simulated);
	/* an integer run must not find what another has left behind */
	for (size_t e = 1; e <= c.layers.count; e++)
		memset(c.edges[e].values, 0x55, (size_t)(SAMPLES * c.layers.edges[e].elements) *
						sizeof(float));
	const double gap = local_gap(&c, simulated);

	if (gap > 1.01)
		fail_msg("%s: a local gap of %g steps", path, gap);
	/* the whole integer run, and again sample by sample */
	coded_run(&c, true, SAMPLES);
	memcpy(whole, is_float ? (uint8_t *)c.edges[c.layers.count].values
			       : c.edges[c.layers.count].codes,
	       (size_t)(SAMPLES * outputs) * (is_float ? sizeof(float) : 1));
	for (int64_t s = 0; s < SAMPLES; s++) {
		const size_t size = (size_t)outputs * (is_float ? sizeof(float) : 1);

		memcpy(c.edges[0].values, x + s * inputs, (size_t)inputs * sizeof *x);
		coded_run(&c, true, 1);
		if (memcmp(whole + (size_t)s * size, is_float ?
			   (uint8_t *)c.edges[c.layers.count].values :
			   c.edges[c.layers.count].codes, size))
			fail_msg("%s: sample %lld by itself differs", path, (long long)s);
	}
	for (size_t e = 0; e <= c.layers.count; e++) {
		free(simulated[e].values);
		free(simulated[e].grids);
	}
	coded_unmake(&c);
	coded_free(&c);
	free(x);
	free(whole);
}

static void beside_the_simulated_run(void **state)
{
	char folder[1100], path[1400];
	struct dirent *entry;
	int networks = 0;
	DIR *entries;

	(void)state;
	snprintf(folder, sizeof folder, "%s/tests/golden/operations", source_dir());
	entries = opendir(folder);
	assert_non_null(entries);
	while ((entry = readdir(entries))) {
		if (!strstr(entry->d_name, ".onnx"))
			continue;
		snprintf(path, sizeof path, "%s/%s", folder, entry->d_name);
		check_network(path, false);
		check_network(path, true);
		networks++;
	}
	closedir(entries);
	assert_true(networks >= 90);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(codes_by_definition),
		cmocka_unit_test(beside_the_simulated_run),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

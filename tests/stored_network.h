/* SPDX-License-Identifier: MIT
 *
 * A plan of networks made by hand, and made-up results for it: for the tests of what is stored.
 *
 * A classifier of three layers, judged by 8 samples: two recipes, one with a float island, and one
 * of them after another calibration, with a warning.  A regression of one layer under a recipe that
 * has no integer execution.
 */
#ifndef QS_STORED_NETWORK_H
#define QS_STORED_NETWORK_H

#include "stored.h"

#include "../datasets/networks/network.h"
#include "../harness/network/operation.h"

enum { NETWORK_SUBJECTS = 3, NETWORK_CELLS = 5, NETWORK_LAYERS = 3, NETWORK_SAMPLES = 8 };
enum { NET_INT8, NET_INT4, NET_ISLAND, NET_OTHER_DATA, NET_NO_INTEGER };

struct stored_networks {
	struct stored base;     /* its env, config, libraries, machine and run           */
	struct network networks[2];
	struct subject subjects[NETWORK_SUBJECTS];
	struct layer_operation operations[2];
	struct layer hand_layers[NETWORK_LAYERS];
	struct layers layers[NETWORK_SUBJECTS];
	struct accuracy_cell accuracies[NETWORK_CELLS];
	struct choice choices[NETWORK_CELLS];
	struct plan plan;
};

/* One cell's made-up numbers, to be changed by a test before they are put. */
struct stored_network_result {
	struct network_result result;
	struct layer_numbers layers[NETWORK_LAYERS];
	struct error_numbers weights[2];
	size_t weight_layers[2];
	unsigned char answers[RUN_KINDS];
	double losses[RUN_KINDS][NETWORK_SAMPLES];
};

static inline void stored_network_cell(struct stored_networks *stored, int index, size_t subject,
				       int weight_bits, int activation_bits)
{
	struct accuracy_cell *cell = &stored->accuracies[index];
	struct label label = { .subject = stored->subjects[subject].name };
	struct error error;

	cell->subject = subject;
	cell->cost = 1000;
	cell->recipe = (struct recipe){
		.weights = stored_rule("int", weight_bits, "symmetric", "channel", 0, "minmax"),
		.activations =
			stored_rule("int", activation_bits, "asymmetric", "tensor", 0, "minmax"),
		.rounding = value_find(rounding_values, "half_even"),
		.requantization = value_find(requantization_values, "float"),
		.policy = value_find(policy_values, "all"),
		.recovery = value_find(recovery_values, "none"),
		.seed = 1,
	};
	cell->recipe.activations.range = value_find(range_values, "static");
	label.recipe = cell->recipe;
	cell->label = label_write(&label, &stored->base.env, &error);
	assert_non_null(cell->label);
	hash_text(cell->key, cell->label);
	stored->choices[index] = (struct choice){ (size_t)index, NO_TIMING, NULL };
}

static inline void stored_network_subjects(struct stored_networks *stored)
{
	static const char onnx[] = "no network";
	static const size_t onnx_size = sizeof onnx;
	const struct data_spec plain = { .samples = 256, .seed = 1, .scale = 1 };
	const struct data_spec odd = { .samples = 16, .seed = 7, .scale = 0.25, .shift = 0.5,
				       .dropped = 1 << 3 | 1 << 7 };
	const struct data_spec evaluation = { .samples = NETWORK_SAMPLES, .seed = 2, .scale = 1 };

	stored->networks[0] = (struct network){ .value.name = "hand", .classes = 10,
						.onnx = onnx, .onnx_size = &onnx_size };
	stored->networks[1] = (struct network){ .value.name = "curve",
						.onnx = onnx, .onnx_size = &onnx_size };
	for (size_t i = 0; i < NETWORK_SUBJECTS; i++)
		stored->subjects[i] = (struct subject){
			.kind = SUBJECT_NETWORK, .m = 1, .n = 1, .k = 1, .elements = 264,
			.measure = MEASURE_ERROR | MEASURE_DRIFT | MEASURE_TASK,
			.network = &stored->networks[i == 2], .calibration = i == 1 ? odd : plain,
			.evaluation = evaluation,
		};
	stored->subjects[0].name = (char *)"builtin:hand:cal256:eval8";
	stored->subjects[1].name =
		(char *)"builtin:hand:cal16-seed7-scale0.25-shift0.5-drop3+7:eval8";
	stored->subjects[2].name = (char *)"builtin:curve:cal256:eval8";
}

static inline void stored_network_layers(struct stored_networks *stored)
{
	static const char *const names[] = { "conv1", "add", "fc" };

	stored->operations[0] = (struct layer_operation){ .value.name = "conv" };
	stored->operations[1] = (struct layer_operation){ .value.name = "add" };
	for (int i = 0; i < NETWORK_LAYERS; i++)
		stored->hand_layers[i] = (struct layer){ .name = (char *)names[i],
							 .operation = &stored->operations[i == 1] };
	for (int i = 0; i < NETWORK_SUBJECTS; i++)
		stored->layers[i] = (struct layers){ .env = &stored->base.env,
						     .count = i == 2 ? 1 : NETWORK_LAYERS,
						     .layers = stored->hand_layers };
}

/* The plan; nothing of it is measured yet. */
static inline void stored_networks_make(struct stored_networks *stored)
{
	memset(stored, 0, sizeof *stored);
	stored_make(&stored->base);
	stored_network_subjects(stored);
	stored_network_layers(stored);
	stored_network_cell(stored, NET_INT8, 0, 8, 8);
	stored_network_cell(stored, NET_INT4, 0, 4, 8);
	stored_network_cell(stored, NET_ISLAND, 0, 3, 8);
	stored_network_cell(stored, NET_OTHER_DATA, 1, 8, 8);
	stored_network_cell(stored, NET_NO_INTEGER, 2, 8, 16);
	stored->plan = (struct plan){
		.env = &stored->base.env, .config = &stored->base.config,
		.libraries = &stored->base.libraries,
		.subjects = { .env = &stored->base.env, .count = NETWORK_SUBJECTS,
			      .subjects = stored->subjects },
		.layers = stored->layers,
		.accuracy_count = NETWORK_CELLS, .accuracies = stored->accuracies,
		.choice_count = NETWORK_CELLS, .choices = stored->choices,
	};
}

static inline void stored_networks_forget(struct stored_networks *stored)
{
	for (int i = 0; i < NETWORK_CELLS; i++)
		stored->accuracies[i].outcome = OUTCOME_PLANNED;
}

static inline void stored_networks_free(struct stored_networks *stored)
{
	for (int i = 0; i < NETWORK_CELLS; i++)
		env_free(&stored->base.env, stored->accuracies[i].label);
	stored_free(&stored->base);
}

/* Every number tells its cell and its layer: layer i of cell c has cumulative 10 dB a layer less
 * than isolated.  NET_INT4 falls below 20 dB at `add`, and its worst layer alone is `fc`. */
static inline void stored_network_layer(struct layer_numbers *out, int cell, int layer)
{
	const bool integer = cell != NET_NO_INTEGER, island = cell == NET_ISLAND && !layer;
	const double db = (cell == NET_INT4 ? 30 : 50) - layer + 0.25 * cell;
	const double gap = integer ? layer : (double)NAN;

	*out = (struct layer_numbers){
		.island = island,
		.isolated_sqnr_db = island ? NAN : db,
		.isolated_relative_rmse = island ? NAN : 0.01 * (layer + 1),
		.rmse_over_step = island ? NAN : 0.28,
		.cumulative_sqnr_db = db - 10 * layer - 1,
		.cumulative_relative_rmse = 0.02 * (layer + 1),
		.cosine = 1 - 0.001 * (layer + 1),
		.max_abs = 0.5 + layer,
		.integer_sqnr_db = integer ? db - 10 * layer - 2 : NAN,
		.integer_relative_rmse = integer ? 0.03 * (layer + 1) : NAN,
		.activation_saturated_fraction = 0.125,
		.weight_saturated_fraction = layer == 1 ? NAN : 0.0625,
		.step_gap_local = integer ? 0 : NAN,
		.differing_fraction_local = integer ? 0 : NAN,
		.step_gap = gap,
		.differing_fraction = 0.001 * gap,
	};
}

static inline void stored_network_weight(struct error_numbers *out, const char *tensor, int cell,
					 int layer)
{
	*out = (struct error_numbers){
		.tensor = tensor, .elements = 90 + layer,
		.mse = 0.01 * (cell + 1), .rmse = 0.1, .rmse_over_step = 0.29,
		.sqnr_db = 33 + layer, .max_abs = 0.25, .mean_error = -0.001, .cosine = 0.99,
		.saturated_fraction = 0, .zero_fraction = 0.03125, .bytes = 100 + layer,
		.range_low = NAN, .range_high = NAN, .scale = NAN, .zero_point = NAN,
		.abs_error_p95 = 0.125, .abs_error_p999 = 0.1875, .bias_over_step = -0.0625,
		.kl_divergence = 0.375, .output_sqnr_db = 30 + layer,
		.output_relative_rmse = 0.03, .calibration_bound_db = NAN,
	};
}

/* The float run has samples 0 to 6 right; simulated loses three of them; integer loses two others and
 * gains sample 7. */
static inline void stored_network_answers(struct stored_network_result *made)
{
	const unsigned char answers[RUN_KINDS] = { 0x7f, 0x78, 0x9f };
	const double values[RUN_KINDS] = { 0.875, 0.5, 0.75 };

	memcpy(made->answers, answers, sizeof answers);
	for (int i = 0; i < RUN_KINDS; i++)
		made->result.task[i] = (struct task_numbers){
			.measured = true, .value = values[i], .difference = values[i] - values[0],
			.low = i ? -0.5 : 0, .high = i == RUN_INTEGER ? 0.25 : -0.0625,
			.counted = true, .lost = i ? 4 - i : 0, .gained = i == RUN_INTEGER,
			.samples = &made->answers[i], .samples_size = 1,
		};
}

static inline void stored_network_losses(struct stored_network_result *made)
{
	for (int i = 0; i <= RUN_SIMULATED; i++) {
		for (int j = 0; j < NETWORK_SAMPLES; j++)
			made->losses[i][j] = 0.25 * (i + 1) + 0.125 * j;
		made->result.task[i] = (struct task_numbers){
			.measured = true, .value = 0.6875 + 0.25 * i, .difference = 0.25 * i,
			.low = 0.125 * i, .high = 0.375 * i,
			.samples = (unsigned char *)made->losses[i],
			.samples_size = sizeof made->losses[i],
		};
	}
}

static inline void stored_network_result(struct stored_network_result *made, int cell)
{
	static const struct value top1 = { .name = "top1" }, mse = { .name = "mse" };
	const bool curve = cell == NET_NO_INTEGER, island = cell == NET_ISLAND;
	struct network_result *result = &made->result;

	memset(made, 0, sizeof *made);
	*result = (struct network_result){
		.outcome = OUTCOME_DONE, .metric = curve ? &mse : &top1,
		.samples = NETWORK_SAMPLES, .layer_count = curve ? 1 : NETWORK_LAYERS,
		.layers = made->layers, .weight_count = curve || island ? 1 : 2,
		.weights = made->weights, .weight_layers = made->weight_layers,
		.bytes = 1000 + cell, .integer_macs = island ? 300 : 400,
		.float_macs = island ? 100 : 0, .element_visits = 4096,
		.layer_runs = { 0, 24, 24, 24, 24 }, .seconds = 0.25,
	};
	for (size_t i = 0; i < result->layer_count; i++)
		stored_network_layer(&made->layers[i], cell, (int)i);
	stored_network_weight(&made->weights[0], island ? "fc.weight" : "conv1.weight", cell,
			      island ? 2 : 0);
	stored_network_weight(&made->weights[1], "fc.weight", cell, 2);
	made->weight_layers[0] = island ? 2 : 0;
	made->weight_layers[1] = 2;
	if (curve)
		stored_network_losses(made);
	else
		stored_network_answers(made);
	if (curve)
		strcpy(result->no_integer, "conv1: no kernel for activations of 16 bits");
	else
		hash_text(result->integer_hash, made->weights[0].tensor);
	if (cell == NET_OTHER_DATA)
		strcpy(result->warning, "3 samples calibrate and judge");
}

static inline void stored_networks_begin(struct stored_networks *stored, struct store *store)
{
	struct error error = { 0 };

	if (store_begin_run(store, &stored->base.run, &stored->plan, &error))
		fail_msg("%s", error.text);
}

static inline void stored_networks_put(struct stored_networks *stored, struct store *store)
{
	struct error error = { 0 };

	for (int i = 0; i < NETWORK_CELLS; i++) {
		struct stored_network_result made;

		stored_network_result(&made, i);
		if (stored->accuracies[i].outcome == OUTCOME_PLANNED &&
		    store_put_network(store, &stored->plan, (size_t)i, &made.result, &error))
			fail_msg("%s", error.text);
	}
}

/* A file with one whole run of networks in it. */
static inline void stored_networks_file(struct stored_networks *stored, const char *path)
{
	struct store *store = stored_open(&stored->base, path);

	stored_networks_begin(stored, store);
	stored_networks_put(stored, store);
	stored_end(store);
	store_close(store);
}

/* The same in a new file of the scratch folder, open. */
static inline struct store *stored_networks_run(struct stored_networks *stored, const char *name)
{
	const char *path = scratch(name);

	stored_networks_forget(stored);
	stored_networks_file(stored, path);
	return stored_open(&stored->base, path);
}

/* Queries, each with what it must give. */
#define EXPECT(store, cases) expect_rows(store, cases, sizeof(cases) / sizeof *(cases))

static inline void expect_rows(struct store *store, const char *const cases[][2], size_t count)
{
	for (size_t i = 0; i < count; i++)
		stored_expect(store, cases[i][0], cases[i][1]);
}

#endif

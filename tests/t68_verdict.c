/* SPDX-License-Identifier: MIT
 *
 * What is wrong is named: defects planted into the two embedded networks, their data and recipes,
 * each found by its rule at its layer, and no word about the networks as they are.
 */
#include "support.h"

#include "network_runs.h"

#include "../harness/measure/verdict_rules.h"
#include "../harness/network/operation.h"
#include "../harness/report/report.h"
#include "../harness/store/store.h"

#define SWEEP(granularity, activations, rest)                                                      \
	"{\"weights\":{\"bits\":8,\"scheme\":\"symmetric\",\"calibration\":\"minmax\","            \
	"\"granularity\":\"" granularity "\"},\"activations\":{\"bits\":8," activations              \
	",\"range\":\"static\"}" rest "}"
#define ASYMMETRIC "\"scheme\":\"asymmetric\",\"calibration\":\"minmax\""
#define USUAL SWEEP("channel", ASYMMETRIC, "")
#define DATA(calibration)                                                                          \
	"\"calibration_data\":{\"samples\":256" calibration                                        \
	"},\"evaluation_data\":{\"samples\":400}}"
#define ARM(calibration) "{\"network\":\"builtin:arm\"," DATA(calibration)
#define GLYPHS(calibration) "{\"network\":\"builtin:glyphs\"," DATA(calibration)

struct keeping {                /* a plan that is measured into a file                   */
	struct store *store;
	const struct plan *plan;
	struct error error;
	bool failed;
};

static int keep(void *self, size_t cell, const struct network_result *result)
{
	struct keeping *keeping = self;

	if (result->outcome != OUTCOME_DONE)
		fail_msg("%s: %s", keeping->plan->accuracies[cell].label, result->reason);
	if (!store_put_network(keeping->store, keeping->plan, cell, result, &keeping->error))
		return 0;
	keeping->failed = true;
	return -1;
}

static struct store *measure(struct runs *runs, const char *path)
{
	static const struct machine machine = { .id = "0123456789abcdef0123456789abcdef",
						.cpu = "a CPU", .features = "avx2",
						.kernel = "Linux 6", .cores = 4 };
	const struct run_info run = { .machine = &machine, .config_path = "x.json",
				      .config_text = "{}", .command = "quantsweep run x.json",
				      .jobs = 2 };
	const struct network_options options = { .jobs = 2, .memory = (size_t)1 << 30 };
	struct keeping keeping = { .plan = &runs->plan };
	struct error error;

	remove(path);
	if (store_open(&keeping.store, &runs->env, path, &error) ||
	    store_begin_run(keeping.store, &run, &runs->plan, &error))
		fail_msg("%s", error.text);
	if (network_measure(&runs->plan, 0, runs->plan.accuracy_count, &options, keep, NULL,
			    &keeping, &error))
		fail_msg("%s", error.text);
	if (keeping.failed)
		fail_msg("%s", keeping.error.text);
	return keeping.store;
}

/* rule at layer: sentence, of the one that is named first, and the others' rules and layers. */
static int take(void *self, const struct row *row)
{
	struct text *text = self;

	text_add(text, "%s%s at %s: %s", text->length ? "\n" : "", row->values[0], row->values[1],
		 row->values[2]);
	return 0;
}

static char *verdict_of(struct runs *runs, struct store *store)
{
	struct text text = { .env = &runs->env };
	struct error error;

	text_add(&text, "%s", "");
	if (store_query(store,
			"SELECT rule, layer, sentence FROM verdict WHERE layer_place = 1 "
			"ORDER BY label, place", NULL, 0, take, &text, &error))
		fail_msg("%s", error.text);
	return text_take(&text, &error);
}

typedef void planter(struct runs *runs);

static size_t layer_at(const struct runs *runs, const char *name)
{
	const struct layers *layers = &runs->plan.layers[0];

	for (size_t l = 0; l < layers->count; l++)
		if (!strcmp(layers->layers[l].name, name))
			return l;
	fail_msg("no layer '%s'", name);
	return 0;
}

static struct layer *layer_of(const struct runs *runs, const char *name)
{
	return &runs->plan.layers[0].layers[layer_at(runs, name)];
}

/* Rows of a layer's weights and their biases. */
static void scale_channel(struct layer *layer, int64_t channel, float factor)
{
	for (int64_t k = 0; k < layer->weights.columns; k++)
		layer->weights.values[channel * layer->weights.columns + k] *= factor;
	if (layer->bias)
		layer->bias[channel] *= factor;
}

/* What a layer makes of one channel of its input; of a convolution channels come last. */
static void scale_input(struct layer *layer, int64_t channel, float factor)
{
	const int64_t channels = layer->conv.channels;

	for (int64_t i = channel; i < layer->weights.rows * layer->weights.columns; i += channels)
		layer->weights.values[i] *= factor;
}

/* The next layer takes it back: the float network stays what it is. */
static void channel_times_200(struct runs *runs)
{
	scale_channel(layer_of(runs, "block1_conv1"), 3, 200);
	scale_input(layer_of(runs, "block1_conv2"), 3, 1 / 200.0F);
}

static void constant_weights(struct runs *runs)
{
	struct layer *layer = layer_of(runs, "fc4");

	for (int64_t i = 0; i < layer->weights.rows * layer->weights.columns; i++)
		layer->weights.values[i] = 0.01F;
}

/* Next to no weights beside a bias of the usual size. */
static void bias_without_weights(struct runs *runs)
{
	struct layer *layer = layer_of(runs, "fc6");

	for (int64_t k = 0; k < layer->weights.columns; k++)
		layer->weights.values[k] *= 1e-9F;
	layer->bias[0] = 1;
}

/* A weight of 2,000 on an input that is always 0: it sets the channel's step alone. */
static void weight_on_nothing(struct runs *runs)
{
	struct layer *before = layer_of(runs, "fc3"), *layer = layer_of(runs, "fc4");

	for (int64_t k = 0; k < before->weights.columns; k++)
		before->weights.values[k] = 0;
	before->bias[0] = -1;
	layer->weights.values[0] = 2000;
}

static const struct network *whole;      /* whose samples are altered                     */

static void alter_samples(struct runs *runs, const struct network *altered)
{
	whole = runs->plan.subjects.subjects[0].network;
	runs->plan.subjects.subjects[0].network = altered;
}

/* Layers belong to the network that they were made of. */
static void planted_end(struct runs *runs)
{
	if (whole)
		runs->plan.subjects.subjects[0].network = whole;
	whole = NULL;
	runs_free(runs);
}

static int sample_zeros(uint64_t seed, uint64_t index, float *x, float *target)
{
	const int class = whole->sample(seed, index, x, target);

	for (int i = 0; seed == CALIBRATION_SEED && i < whole->inputs; i++)
		x[i] = 0;
	return class;
}

static int sample_outlier(uint64_t seed, uint64_t index, float *x, float *target)
{
	const int class = whole->sample(seed, index, x, target);

	if (seed == CALIBRATION_SEED && index == 17)
		x[1] = 100;
	return class;
}

static struct network altered;

static void calibrate_on_zeros(struct runs *runs)
{
	altered = *runs->plan.subjects.subjects[0].network;
	altered.sample = sample_zeros;
	alter_samples(runs, &altered);
}

static void one_outlier(struct runs *runs)
{
	altered = *runs->plan.subjects.subjects[0].network;
	altered.sample = sample_outlier;
	alter_samples(runs, &altered);
}

/* The first kernel of bytes with the wrong zero point of its input, where it has `broken_n`
 * outputs; no other kernel of bytes. */
static const struct qs_kernel *sound;
static int64_t broken_n;
static int32_t wrong_zero;      /* read while the kernel runs                            */

static void *prepare_broken(const struct qs_task *task, const void *w, size_t *bytes,
			    const char **reason)
{
	struct qs_task changed = *task;

	if (task->n == broken_n) {
		wrong_zero = task->a.zero ? *task->a.zero + 9 : 9;
		changed.a.zero = &wrong_zero;
	}
	return sound->prepare(&changed, w, bytes, reason);
}

static void wrong_zero_point(struct runs *runs)
{
	static struct qs_kernel broken;
	static const struct qs_kernel *kernels[256];
	static struct qs_library library;
	const struct qs_library *ours = runs->libraries.libraries[0].table;
	size_t count = 0;

	for (size_t i = 0; i < ours->count; i++) {
		const struct qs_kernel *kernel = ours->kernels[i];

		if (!strcmp(kernel->name, "gemm_u8s8s32__ref")) {
			sound = kernel;
			broken = *kernel;
			broken.prepare = prepare_broken;
			kernel = &broken;
		}
		if (kernel == &broken || kernel->a == QS_F32)
			kernels[count++] = kernel;
		assert_true(count < 256);
	}
	assert_non_null(sound);
	broken_n = 2;
	library = *ours;
	library.count = count;
	library.kernels = kernels;
	runs->libraries.libraries[0].table = &library;
}

static const struct {
	const char *subject, *sweep;
	planter *plant;
	const char *rule, *layer, *words;
} defects[] = {
	/* one channel times 200, one scale for all */
	{ GLYPHS(""),
	  SWEEP("tensor", ASYMMETRIC, ""), channel_times_200,
	  "weight_spread", "block1_conv1", "quantize them per channel" },
	/* the same with a scale for each row of weights: its output is left */
	{ GLYPHS(""), USUAL, channel_times_200, "activation_spread", "block1_conv1",
	  "differ by" },
	/* calibration samples a tenth of those that are judged */
	{ ARM(",\"scale\":0.1"), USUAL, NULL, "calibration_narrow", "input", "10 times as far" },
	{ GLYPHS(",\"scale\":0.1"), USUAL, NULL, "calibration_narrow", "input", "is cut off" },
	/* 0..255 for 0..1 */
	{ GLYPHS(",\"scale\":255"), USUAL, NULL, "calibration_wide", "input",
	  "preprocessed as those that are judged" },
	{ ARM(""), USUAL, calibrate_on_zeros, "calibration_constant", "input", "one value, 0" },
	{ ARM(""), USUAL, one_outlier, "outlier", "input", "percentile or mse" },
	/* a range that clips */
	{ GLYPHS(""), SWEEP("channel", "\"scheme\":\"asymmetric\",\"calibration\":{\"percentile\":99}",
			    ""), NULL,
	  "saturated", "conv1", "clip less" },
	/* a zero point in the middle of codes that have no sign */
	{ ARM(""), SWEEP("channel", "\"scheme\":\"symmetric\",\"calibration\":\"minmax\"", ""), NULL,
	  "sign_unused", "fc1", "no value of fc1 is below 0" },
	/* requantization that rounds twice, for the simulation's once */
	{ GLYPHS(""), SWEEP("channel", ASYMMETRIC, ",\"requantization\":\"q31_double\""), NULL,
	  "requantized", "pool", "rounding of the requantization (q31_double)" },
	{ ARM(""), USUAL, wrong_zero_point, "integer_wrong", "fc9", "which is no rounding" },
	/* two bits, in one layer */
	{ GLYPHS(""),
	  "{\"weights\":{\"bits\":2,\"scheme\":\"symmetric\",\"granularity\":\"channel\"},"
	  "\"activations\":{\"bits\":8},\"policy\":{\"only\":[\"block2_conv1\"]}}", NULL,
	  "weight_coarse", "block2_conv1", "2 bits leave the weights of block2_conv1" },
	{ ARM(""), USUAL, constant_weights, "weights_constant", "fc4",
	  "the weights of fc4 are constant" },
	{ ARM(""), USUAL, bias_without_weights, "bias_overflow", "fc6",
	  "does not fit in 32 bits" },
	{ ARM(""), USUAL, weight_on_nothing, "bias_coarse", "fc4", "by up to" },
	{ ARM(""),
	  "{\"weights\":{\"bits\":8},\"activations\":{\"bits\":3}}", NULL,
	  "input_coarse", "input", "the error enters at the input" },
};

static void planted(void **state)
{
	size_t wrong = 0;

	(void)state;
	for (size_t i = 0; i < sizeof defects / sizeof *defects; i++) {
		char expected[128];
		struct runs runs;
		struct store *store;
		char *verdict;

		runs_plan(&runs, UINT64_MAX, defects[i].subject, defects[i].sweep);
		assert_int_equal(runs.plan.accuracy_count, 1);
		if (defects[i].plant)
			defects[i].plant(&runs);
		store = measure(&runs, scratch("planted.db"));
		verdict = verdict_of(&runs, store);
		snprintf(expected, sizeof expected, "%s at %s", defects[i].rule,
			 defects[i].layer);
		print_message("# %s\n", verdict);
		if (strncmp(verdict, expected, strlen(expected)) ||
		    !strstr(verdict, defects[i].words)) {
			print_error("expected '%s' with '%s'\n", expected, defects[i].words);
			wrong++;
		}
		env_free(&runs.env, verdict);
		store_close(store);
		planted_end(&runs);
	}
	assert_int_equal(wrong, 0);
}

static void healthy(void **state)
{
	static const char *const subjects[] = { ARM(""), GLYPHS("") };
	static const char *const sweeps[] = {
		"{}", USUAL, SWEEP("tensor", ASYMMETRIC, ""),
		SWEEP("channel", "\"scheme\":\"asymmetric\",\"calibration\":\"mse\"", ""),
		SWEEP("channel", ASYMMETRIC, ",\"requantization\":[\"q31_single\",\"rndnu\"]"),
		"{\"weights\":{\"bits\":\"float\"},\"activations\":{\"bits\":\"float\"}}",
	};

	(void)state;
	for (size_t i = 0; i < sizeof subjects / sizeof *subjects; i++)
		for (size_t j = 0; j < sizeof sweeps / sizeof *sweeps; j++) {
			struct runs runs;
			struct store *store;
			char *verdict;

			runs_plan(&runs, UINT64_MAX, subjects[i], sweeps[j]);
			store = measure(&runs, scratch("healthy.db"));
			verdict = verdict_of(&runs, store);
			assert_string_equal(verdict, "");
			env_free(&runs.env, verdict);
			store_close(store);
			planted_end(&runs);
		}
}

/* A recipe of the same file that does better is named with what it wins. */
static void another_recipe(void **state)
{
	struct runs runs;
	struct store *store;
	struct error error;
	struct text text;

	(void)state;
	runs_plan(&runs, UINT64_MAX, ARM(""),
		  SWEEP("channel", "\"scheme\":\"asymmetric\",\"calibration\":[\"minmax\","
				   "{\"percentile\":99.9}]", ""));
	one_outlier(&runs);
	store = measure(&runs, scratch("another.db"));
	text = (struct text){ .env = &runs.env };
	if (store_query(store,
			"SELECT rule, layer, advice FROM verdict WHERE layer_place = 1 AND "
			"label LIKE '%minmax.static%'", NULL, 0, take, &text, &error))
		fail_msg("%s", error.text);
	if (strncmp(text.bytes, "outlier at input: percentile(99.9) wins ", 40) ||
	    strtod(text.bytes + 40, NULL) < 3)
		fail_msg("%s", text.bytes);
	text_free(&text);
	store_close(store);
	planted_end(&runs);
}

/* What a terminal shows: the view's sentence, in lines of 100 columns at most. */
static void in_the_terminal(void **state)
{
	const char *path = scratch("summary.txt");
	FILE *out = fopen(path, "w");
	struct runs runs;
	struct store *store;
	struct error error;
	char *text;

	(void)state;
	runs_plan(&runs, UINT64_MAX, GLYPHS(""), SWEEP("tensor", ASYMMETRIC, ""));
	channel_times_200(&runs);
	store = measure(&runs, scratch("terminal.db"));
	if (summary_print(out, store, &runs.env, NULL, NULL, &error))
		fail_msg("%s", error.text);
	fclose(out);
	text = read_text(path);
	assert_non_null(strstr(text, "\n  glyphs   block1_conv1  weight_spread\n"
				     "      the weights of block1_conv1 share one scale, and "));
	for (const char *line = strstr(text, "What is wrong"), *end; *line; line = end + 1) {
		end = line + strcspn(line, "\n");
		if (end - line > 100 && !strstr(line, "again: "))
			fail_msg("%.*s", (int)(end - line), line);
	}
	free(text);
	store_close(store);
	planted_end(&runs);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(planted),
		cmocka_unit_test(healthy),
		cmocka_unit_test(another_recipe),
		cmocka_unit_test(in_the_terminal),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: MIT
 *
 * A network and its data from files against the same network and the same samples embedded: every
 * number is the same, whatever file the samples come from.
 */
#include "support.h"

#include "network_runs.h"

#include "../datasets/networks/network.h"

enum { CALIBRATION = 48, EVALUATION = 120 };

static const char sweep[] = "{\"weights\":{\"bits\":[2,8]},\"activations\":{\"bits\":8}},"
			    "{\"weights\":{\"bits\":8},\"activations\":{\"bits\":8,"
			    "\"range\":\"dynamic\"}},{}";

/* A .npy of float32 (or of int64) values by its shape's text. */
static void write_npy(const char *path, const char *type, const char *shape, const void *values,
		      size_t size)
{
	char head[128] = "\x93NUMPY\x01";
	FILE *file = fopen(path, "wb");

	snprintf(head + 10, sizeof head - 10, "{'descr': '%s', 'fortran_order': False, 'shape': %s, }",
		 type, shape);
	for (size_t i = 10 + strlen(head + 10); i < sizeof head; i++)
		head[i] = ' ';
	head[6] = 1;
	head[7] = 0;
	head[8] = sizeof head - 10;
	head[9] = 0;
	head[sizeof head - 1] = '\n';
	assert_non_null(file);
	assert_int_equal(fwrite(head, 1, sizeof head, file), sizeof head);
	assert_int_equal(fwrite(values, 1, size, file), size);
	fclose(file);
}

/* Samples as the generator draws them: x.npy, and y.npy with what is right. */
static void write_samples(const struct network *network, const char *name, uint64_t seed, int count)
{
	const size_t inputs = (size_t)network->inputs, outputs = (size_t)network->outputs;
	float *x = calloc((size_t)count * inputs, sizeof *x);
	float *target = calloc((size_t)count * outputs, sizeof *target);
	int64_t *classes = calloc((size_t)count, sizeof *classes);
	char shape[64], path[1200];

	for (int i = 0; i < count; i++)
		classes[i] = network->sample(seed, (uint64_t)i, x + (size_t)i * inputs,
					     target + (size_t)i * outputs);
	snprintf(path, sizeof path, "%s/%s_x.npy", scratch_dir(), name);
	if (network->classes)
		snprintf(shape, sizeof shape, "(%d, 16, 16)", count);
	else
		snprintf(shape, sizeof shape, "(%d, %zu)", count, inputs);
	write_npy(path, "<f4", shape, x, (size_t)count * inputs * sizeof *x);
	snprintf(path, sizeof path, "%s/%s_y.npy", scratch_dir(), name);
	if (network->classes) {
		snprintf(shape, sizeof shape, "(%d,)", count);
		write_npy(path, "<i8", shape, classes, (size_t)count * sizeof *classes);
	} else {
		snprintf(shape, sizeof shape, "(%d, %zu)", count, outputs);
		write_npy(path, "<f4", shape, target, (size_t)count * outputs * sizeof *target);
	}
	free(x);
	free(target);
	free(classes);
}

static void measure(struct runs *runs, const char *subject)
{
	const struct network_options options = { .jobs = 2, .memory = 1 << 28 };
	struct error error;

	runs_plan(runs, ~UINT64_C(0), subject, sweep);
	if (runs_measure(runs, &options, &error))
		fail_msg("%s", error.text);
}

static void same_number(double a, double b)
{
	assert_true(a == b || (isnan(a) && isnan(b)));
}

static void same_task(const struct task_numbers *a, const struct task_numbers *b)
{
	assert_int_equal(a->measured, b->measured);
	same_number(a->value, b->value);
	same_number(a->difference, b->difference);
	same_number(a->low, b->low);
	same_number(a->high, b->high);
	assert_int_equal(a->lost, b->lost);
	assert_int_equal(a->gained, b->gained);
	assert_int_equal(a->samples_size, b->samples_size);
	assert_memory_equal(a->samples, b->samples, a->samples_size);
}

static void same_results(const struct runs *a, const struct runs *b)
{
	assert_int_equal(a->plan.accuracy_count, b->plan.accuracy_count);
	assert_true(a->plan.accuracy_count >= 4);
	for (size_t i = 0; i < a->plan.accuracy_count; i++) {
		const struct network_result *x = &a->cells[i].result, *y = &b->cells[i].result;

		assert_int_equal(x->outcome, OUTCOME_DONE);
		assert_int_equal(y->outcome, OUTCOME_DONE);
		assert_ptr_equal(x->metric, y->metric);
		assert_string_equal(x->integer_hash, y->integer_hash);
		assert_string_equal(x->warning, y->warning);
		/* one sees the content of files, the other the words of a generator */
		assert_string_not_equal(a->plan.accuracies[i].key, b->plan.accuracies[i].key);
		for (int run = 0; run < RUN_KINDS; run++)
			same_task(&x->task[run], &y->task[run]);
		for (size_t l = 0; l < x->layer_count; l++) {
			same_number(x->layers[l].isolated_sqnr_db, y->layers[l].isolated_sqnr_db);
			same_number(x->layers[l].cumulative_sqnr_db,
				    y->layers[l].cumulative_sqnr_db);
		}
	}
}

/* The subject of files: where they are, and the keys that tell what is right. */
static void compare(const char *name, const char *truth)
{
	const struct network *network = network_of(value_find(network_values, name));
	char embedded[300], files[4000];
	struct runs a, b;

	write_samples(network, "calibration", CALIBRATION_SEED, CALIBRATION);
	write_samples(network, "evaluation", EVALUATION_SEED, EVALUATION);
	snprintf(embedded, sizeof embedded,
		 "{\"network\":\"builtin:%s\",\"calibration_data\":{\"samples\":%d},"
		 "\"evaluation_data\":{\"samples\":%d}}", name, CALIBRATION, EVALUATION);
	snprintf(files, sizeof files,
		 "{\"network\":\"%s/datasets/networks/%s.onnx\",\"calibration_data\":{\"file\":"
		 "\"%s/calibration_x.npy\"},\"evaluation_data\":{\"file\":\"%s/evaluation_x.npy\","
		 "\"%s\":\"%s/evaluation_y.npy\"}}",
		 source_dir(), name, scratch_dir(), scratch_dir(), truth, scratch_dir());
	measure(&a, embedded);
	measure(&b, files);
	same_results(&a, &b);
	runs_free(&a);
	runs_free(&b);
}

static void a_classifier(void **state)
{
	(void)state;
	compare("glyphs", "labels");
}

static void a_regression(void **state)
{
	(void)state;
	compare("arm", "target");
}

/* The same network, once a metric, in one plan; float agrees with itself. */
static void other_metrics(void **state)
{
	static const struct {
		const char *metric;
		double of_float;
	} cases[] = { { "agreement", 1 }, { "mse_to_float", 0 }, { "top5", -1 }, { "top1", -1 } };
	char subject[4000], *at = subject;
	struct runs runs;

	(void)state;
	for (size_t i = 0; i < 4; i++)
		at += snprintf(at, (size_t)(subject + sizeof subject - at),
			       "%s{\"network\":\"builtin:glyphs\",\"metric\":\"%s\",\"calibration_"
			       "data\":{\"samples\":32},\"evaluation_data\":{\"samples\":100}}",
			       i ? "," : "", cases[i].metric);
	measure(&runs, subject);
	assert_int_equal(runs.plan.subjects.count, 4);
	for (size_t i = 0; i < runs.plan.accuracy_count; i++) {
		const size_t subject_index = runs.plan.accuracies[i].subject;
		const struct network_result *result = &runs.cells[i].result;
		const struct task_numbers *task = &result->task[RUN_FLOAT];

		assert_string_equal(result->metric->name, cases[subject_index].metric);
		assert_non_null(strstr(runs.plan.subjects.subjects[subject_index].name,
				       cases[subject_index].metric));
		if (cases[subject_index].of_float >= 0)
			assert_true(task->value == cases[subject_index].of_float);
		else
			assert_true(task->value > 0.5 && task->value <= 1);
		/* what a run of 2 bits loses it loses under each name */
		if (runs.plan.accuracies[i].recipe.weights.bits == 2 &&
		    !strcmp(result->metric->name, "agreement"))
			assert_true(result->task[RUN_SIMULATED].lost > 0 &&
				    !result->task[RUN_SIMULATED].gained);
	}
	runs_free(&runs);
}

/* Evaluated on its calibration data, and that is said. */
static void without_evaluation_data(void **state)
{
	char files[2000];
	struct runs runs;

	(void)state;
	write_samples(network_of(value_find(network_values, "glyphs")), "calibration",
		      CALIBRATION_SEED, CALIBRATION);
	snprintf(files, sizeof files,
		 "{\"network\":\"%s/datasets/networks/glyphs.onnx\",\"calibration_data\":{\"file\":"
		 "\"%s/calibration_x.npy\"}}", source_dir(), scratch_dir());
	measure(&runs, files);
	for (size_t i = 0; i < runs.plan.accuracy_count; i++) {
		const struct network_result *result = &runs.cells[i].result;
		const struct range_rule *range =
			(const struct range_rule *)runs.plan.accuracies[i].recipe.activations.range;

		assert_string_equal(result->metric->name, "agreement");
		assert_int_equal(result->samples, CALIBRATION);
		if (range && !range->per_sample)
			assert_non_null(strstr(result->warning, "48 of 48 evaluation samples are "
								"calibration samples too"));
	}
	runs_free(&runs);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_classifier),
		cmocka_unit_test(a_regression),
		cmocka_unit_test(other_metrics),
		cmocka_unit_test(without_evaluation_data),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

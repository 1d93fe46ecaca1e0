/* SPDX-License-Identifier: MIT
 *
 * configs/examples/real-networks.json, where its files are: it is planned whole, and in float each
 * network gives what other programs got from the same data.
 */
#include "support.h"

#include "network_runs.h"

/* Published accuracies are of all 10,000 images of a test set, of which the data here are a half or
 * less: 0.3 points to either side for digits.  What was counted by ONNX Runtime 1.20.1 on the same
 * images is the same but for one sample. */
static const struct {
	const char *network;
	const char *metric;
	int64_t samples;
	double least, most;
} truths[] = {
	{ "onnx/mnist_8/model.onnx", "top1", 5000, 0.9861, 0.9921 },
	{ "onnx/wonnx_opt_mnist.onnx", "top1", 5000, 0.9861, 0.9921 },
	{ "onnx/mnist_fc_256x4.onnx", "top1", 5000, 0.9734, 0.9794 },
	{ "onnx/mnist_convnet_avgpool.onnx", "top1", 5000, 0.9765, 0.9825 },
	{ "onnx/burn_mnist.onnx", "top1", 5000, 0.9886, 0.9946 },
	{ "onnx/resnet8_fp32.onnx", "top1", 2000, 1527 / 2000.0, 1529 / 2000.0 },
	/* 69.28 %, 58.02 % and 68.70 % of 10,000; 2,000 of them have a standard error of 1.1 points */
	{ "onnx/cifar10_medium.onnx", "top1", 2000, 0.6728, 0.7128 },
	{ "onnx/cifar_base_kw.onnx", "top1", 2000, 0.5602, 0.6002 },
	{ "onnx/cifar_resnet_2b.onnx", "top1", 2000, 0.667, 0.707 },
	{ "onnx/resnet8_fp32.onnx", "top1", 50, 45 / 50.0, 47 / 50.0 },
	{ "onnx/kws_dscnn_fp32.onnx", "top1", 500, 452 / 500.0, 454 / 500.0 },
	/* the published score is 9.70710781 */
	{ "onnx/ad01_fp32.onnx", "mse", 196, 9.7070, 9.7072 },
	/* (1e-5 of the largest output)^2 */
	{ "onnx/acasxu_1_1.onnx", "mse", 1000, 0, 1e-10 },
	{ "onnx/acasxu_3_3.onnx", "mse", 1000, 0, 1e-10 },
	{ "onnx/acasxu_5_9.onnx", "mse", 1000, 0, 1e-10 },
	{ "onnx/lindex_deep.onnx", "mse", 1001, 0, 1e-10 },
	{ "onnx/super_resolution_10/model.onnx", "psnr", 1, 100, 159.6 },
};
enum { TRUTHS = sizeof truths / sizeof *truths };

/* The config's subjects with another sweep, or with its own (NULL). */
static void read_study(struct runs *runs, const char *sweep)
{
	const struct plan_options options = { .data = shared_data(), .machine = "m" };
	struct error error;
	char path[1200], json[12000], *text;
	size_t subjects;

	snprintf(path, sizeof path, "%s/configs/examples/real-networks.json", source_dir());
	text = read_text(path);
	assert_non_null(text);
	subjects = (size_t)(strstr(text, "\"sweep\"") - text);
	snprintf(json, sizeof json, "%.*s%s", sweep ? (int)subjects : (int)strlen(text), text,
		 sweep ? sweep : "");
	*runs = (struct runs){ .env = env_system() };
	if (libraries_open(&runs->libraries, &runs->env, &error) ||
	    config_parse(&runs->config, &runs->env, "x.json", json, strlen(json), &error) ||
	    plan_make(&runs->plan, &runs->config, &runs->libraries, &options, &error))
		fail_msg("%s", error.text);
	runs->cells = calloc(runs->plan.accuracy_count + 1, sizeof *runs->cells);
	assert_non_null(runs->cells);
	free(text);
}

static bool no_data(void)
{
	if (shared_data())
		return false;
	printf("# no files of real networks: skipped\n");
	return true;
}

static void the_example_is_planned(void **state)
{
	struct runs runs;

	(void)state;
	if (no_data())
		return;
	read_study(&runs, NULL);
	assert_int_equal(runs.plan.subjects.count, TRUTHS);
	assert_int_equal(runs.plan.accuracy_count, 4 * TRUTHS);
	assert_int_equal(runs.plan.skip_count, 0);
	runs_free(&runs);
}

static void float_gives_the_known_numbers(void **state)
{
	const struct network_options options = { .jobs = 2, .memory = 1 << 29 };
	struct error error;
	struct runs runs;

	(void)state;
	if (no_data())
		return;
	read_study(&runs, "\"sweep\": {}, \"measure\": [\"task\"] }");
	if (runs_measure(&runs, &options, &error))
		fail_msg("%s", error.text);
	assert_int_equal(runs.plan.accuracy_count, TRUTHS);
	for (size_t i = 0; i < TRUTHS; i++) {
		const struct subject *subject =
			&runs.plan.subjects.subjects[runs.plan.accuracies[i].subject];
		const struct network_result *result = &runs.cells[i].result;
		const double value = result->task[RUN_FLOAT].value;

		assert_string_equal(subject->network->path, truths[i].network);
		assert_int_equal(result->outcome, OUTCOME_DONE);
		assert_string_equal(result->metric->name, truths[i].metric);
		assert_int_equal(result->samples, truths[i].samples);
		if (!(value >= truths[i].least && value <= truths[i].most))
			fail_msg("%s: %.9g, expected %.9g to %.9g", subject->name, value,
				 truths[i].least, truths[i].most);
	}
	runs_free(&runs);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_example_is_planned),
		cmocka_unit_test(float_gives_the_known_numbers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

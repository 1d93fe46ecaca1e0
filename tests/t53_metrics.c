/* SPDX-License-Identifier: MIT
 *
 * Metrics against scikit-learn's, by hand where numbers are equal, and which one is taken where
 * none is named.
 */
#include "support.h"

#include "golden.h"

#include "../harness/measure/metrics/metric.h"

enum { VALUES_MOST = 256 };

static const struct metric *metric_named(const char *name)
{
	const struct value *value = value_find(metric_values, name);

	if (!value)
		fail_msg("no metric '%s'", name);
	return metric_of(value);
}

static int64_t floats_of(const char *text, float *out)
{
	double numbers[GOLDEN_VALUES];
	const int64_t count = golden_numbers(text, numbers);

	assert_true(count <= VALUES_MOST);
	for (int64_t i = 0; i < count; i++)
		out[i] = (float)numbers[i];
	return count;
}

static void near(const char *metric, double got, const char *expected)
{
	const double want = strtod(expected, NULL);

	if (isnan(want) ? !isnan(got) : !(fabs(got - want) <= 1e-12 * fmax(1, fabs(want))))
		fail_msg("%s: %.17g, expected %s", metric, got, expected);
}

struct scored {                 /* a line of metrics.csv                                 */
	const struct metric *metric;
	int64_t outputs, samples;
	double peak, classes[VALUES_MOST];
	float target[VALUES_MOST], reference[VALUES_MOST];
	bool has_target;
};

static void score_all(const struct scored *line, const float *output, double *scores)
{
	for (int64_t s = 0; s < line->samples; s++) {
		const int64_t at = s * line->outputs;
		const struct metric_truth truth = {
			.class_index = (int32_t)line->classes[s], .peak = line->peak,
			.target = line->has_target ? line->target + at : NULL,
			.reference = line->reference + at,
		};

		scores[s] = line->metric->score(output + at, line->outputs, &truth);
	}
}

/* metric,outputs,peak,classes,target,reference,output,value,difference,low,high */
static void check_line(char *const *fields)
{
	static struct scored line;
	const struct env env = env_system();
	float output[VALUES_MOST];
	double scores[VALUES_MOST], others[VALUES_MOST], sum = 0;
	int32_t classes[VALUES_MOST];
	struct metric_summary summary;
	struct error error;

	line = (struct scored){ .metric = metric_named(fields[0]),
				.outputs = strtoll(fields[1], NULL, 10),
				.peak = strtod(fields[2], NULL) };
	golden_numbers(fields[3], line.classes);
	line.has_target = floats_of(fields[4], line.target) > 0;
	floats_of(fields[5], line.reference);
	line.samples = floats_of(fields[6], output) / line.outputs;
	score_all(&line, output, scores);
	if (!line.metric->summarize) {
		for (int64_t s = 0; s < line.samples; s++)
			sum += scores[s];
		near(fields[0], sum / (double)line.samples, fields[7]);
		return;
	}
	score_all(&line, line.reference, others);
	for (int64_t s = 0; s < line.samples; s++)
		classes[s] = (int32_t)line.classes[s];
	if (line.metric->summarize(&env, others, scores, classes, line.samples, &summary, &error))
		fail_msg("%s", error.text);
	near(fields[0], summary.value, fields[7]);
	near(fields[0], summary.difference, fields[8]);
	near(fields[0], summary.low, fields[9]);
	near(fields[0], summary.high, fields[10]);
	if (line.metric->summarize(&env, NULL, scores, classes, line.samples, &summary, &error))
		fail_msg("%s", error.text);
	near(fields[0], summary.value, fields[7]);
	assert_true(isnan(summary.difference) && isnan(summary.low) && isnan(summary.high));
}

/* tests/golden/make/metrics.py */
static void others_say_the_same(void **state)
{
	(void)state;
	assert_int_equal(golden_lines("metrics.csv", check_line), 23);
}

/* Of equal outputs the first is the greater. */
static void equal_outputs(void **state)
{
	static const float output[] = { -1, 3, 3, 2, 0, 0, 0, 0 };
	static const struct {
		const char *metric;
		int32_t class_index;
		double score;
	} cases[] = {
		{ "top1", 1, 1 }, { "top1", 2, 0 }, { "top5", 2, 1 }, { "top5", 3, 1 },
		{ "top5", 4, 1 }, { "top5", 5, 1 }, { "top5", 6, 0 }, { "top5", 0, 0 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		const struct metric_truth truth = { .class_index = cases[i].class_index };

		if (metric_named(cases[i].metric)->score(output, 8, &truth) != cases[i].score)
			fail_msg("case %zu", i);
	}
	const float other[] = { 0, 5, 5, 5, 5, 5, 5, 5 };

	assert_true(metric_named("agreement")->score(output, 8, &(struct metric_truth){
				.reference = other }) == 1);
}

/* (0 + 4 + 0 + 9) / 4; 10 log10(4 / 3.25); an output without error; 1e-30 of peak^2. */
static void losses_by_hand(void **state)
{
	static const float output[] = { -1, 3, 3, 2 }, target[] = { -1, 1, 3, 5 };
	static const float small[] = { 0, 0, 0, 2e-15F }, zeros[4];
	const struct metric *mse = metric_named("mse"), *psnr = metric_named("psnr");
	const struct metric_truth truth = { .target = target, .peak = 2 };

	(void)state;
	assert_true(mse->score(output, 4, &truth) == 13 / 4.0);
	assert_true(metric_named("mse_to_float")->score(output, 4, &(struct metric_truth){
				.reference = target }) == 13 / 4.0);
	assert_true(fabs(psnr->score(output, 4, &truth) - 0.90176630349) < 1e-9);
	assert_true(fabs(psnr->score(target, 4, &truth) - 159.545897701910) < 1e-9);
	assert_true(fabs(psnr->score(small, 4, &(struct metric_truth){ .target = zeros,
								     .peak = 1 }) -
			 159.545897701910) < 1e-9);
}

static const char *auc_of(const int32_t *classes, int64_t samples)
{
	static const double scores[] = { 1, 2, 3 };
	static struct error error;
	const struct env env = env_system();
	struct metric_summary summary;

	*error.text = '\0';
	metric_named("auc")->summarize(&env, NULL, scores, classes, samples, &summary, &error);
	return error.text;
}

static void auc_needs_two_classes(void **state)
{
	(void)state;
	assert_string_equal(auc_of((int32_t[]){ 0, 1, 1 }, 3), "");
	assert_string_equal(auc_of((int32_t[]){ 1, 1, 1 }, 3),
			    "auc: all 3 samples have class 1; it needs some of class 0 and some of "
			    "class 1");
	assert_string_equal(auc_of((int32_t[]){ 0, 0, 0 }, 3),
			    "auc: all 3 samples have class 0; it needs some of class 0 and some of "
			    "class 1");
	assert_string_equal(auc_of((int32_t[]){ 0, 2, 1 }, 3),
			    "auc: sample 1 has class 2; it tells class 1 from class 0 alone");
}

static void what_fits(void **state)
{
	static const struct {
		unsigned has;
		bool is_class;
		const char *metric;
	} cases[] = {
		{ METRIC_CLASSES, true, "top1" },
		{ METRIC_CLASSES, false, "mse_to_float" },
		{ METRIC_CLASSES | METRIC_TARGETS, true, "top1" },
		{ METRIC_CLASSES | METRIC_TARGETS, false, "mse" },
		{ METRIC_TARGETS, true, "mse" },
		{ 0, true, "agreement" },
		{ 0, false, "mse_to_float" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
		assert_string_equal(metric_choose(cases[i].has, cases[i].is_class)->value.name,
				    cases[i].metric);
}

static void what_does_not(void **state)
{
	static const struct {
		const char *metric;
		int64_t outputs;
		unsigned has;
		bool refused;
	} cases[] = {
		{ "top1", 10, METRIC_TARGETS, true },  { "top1", 10, METRIC_CLASSES, false },
		{ "top5", 5, METRIC_CLASSES, true },   { "top5", 6, METRIC_CLASSES, false },
		{ "mse", 5, METRIC_CLASSES, true },    { "psnr", 5, 0, true },
		{ "psnr", 5, METRIC_TARGETS, false },  { "auc", 3, METRIC_CLASSES, true },
		{ "auc", 2, METRIC_CLASSES, false },   { "auc", 1, METRIC_TARGETS, true },
		{ "agreement", 1, 0, false },          { "mse_to_float", 1, 0, false },
		{ "auc", 640, METRIC_CLASSES | METRIC_TARGETS, false },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
		if (!!metric_refuse(metric_named(cases[i].metric), cases[i].outputs,
				    cases[i].has) != cases[i].refused)
			fail_msg("case %zu", i);
}

static void memory_may_run_out(void **state)
{
	static const double scores[] = { 1, 2, 3 };
	static const int32_t classes[] = { 0, 1, 1 };
	struct failing failing = { .fail_at = 0 };
	int failed;

	(void)state;
	do {
		const struct env env = env_failing(&failing);
		struct metric_summary summary;
		struct error error = { 0 };

		failing.calls = 0;
		failed = metric_named("auc")->summarize(&env, scores, scores, classes, 3, &summary,
							&error);
		if (failed)
			assert_int_equal(error.status, STATUS_MACHINE);
		failing.fail_at++;
	} while (failed);
	assert_int_equal(failing.fail_at, 4);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(others_say_the_same), cmocka_unit_test(equal_outputs),
		cmocka_unit_test(losses_by_hand),      cmocka_unit_test(auc_needs_two_classes),
		cmocka_unit_test(what_fits),           cmocka_unit_test(what_does_not),
		cmocka_unit_test(memory_may_run_out),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

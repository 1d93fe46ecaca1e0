/* SPDX-License-Identifier: MIT
 *
 * What is stored of channels, ranges and biases: numbers by hand of an input that is made for it, and
 * of the biases of a layer; the same for any batch and number of threads.
 */
#include "support.h"

#include "network_runs.h"

#define SUBJECT                                                                                    \
	"{\"network\":\"builtin:arm\",\"calibration_data\":{\"samples\":2000},"                    \
	"\"evaluation_data\":{\"samples\":50}}"
#define SWEEP "{\"weights\":{\"bits\":8},\"activations\":{\"bits\":[8,4]}}"

enum { LAYERS = 9 };

struct facts {                  /* of one cell                                           */
	struct layer_numbers layers[LAYERS];
	struct range_numbers ranges[LAYERS + 1];
};

static const struct network *whole;

/* Channels: from -15 to -10, 0.25 to 0.5 by steps, one value, and what it was with a tail. */
static int made_sample(uint64_t seed, uint64_t index, float *x, float *target)
{
	const int class = whole->sample(seed, index, x, target);

	x[0] = -15 + 5 * (float)(index % 2);
	x[1] = 0.25F + 0.05F * (float)(index % 6);
	x[2] = -2;
	x[3] = seed == CALIBRATION_SEED && index == 3 ? 100 : 1.5F * (float)(index % 3) - 1.5F;
	return class;
}

static int take_facts(void *self, size_t cell, const struct network_result *result)
{
	struct facts *facts = (struct facts *)self + cell;

	assert_int_equal(result->outcome, OUTCOME_DONE);
	assert_int_equal(result->layer_count, LAYERS);
	memcpy(facts->layers, result->layers, sizeof facts->layers);
	memcpy(facts->ranges, result->ranges, sizeof facts->ranges);
	return 0;
}

static void measure(struct runs *runs, struct facts *facts, int jobs, int64_t batch)
{
	const struct network_options options = { .jobs = jobs, .memory = (size_t)1 << 30,
						 .batch = batch };
	struct error error;

	if (network_measure(&runs->plan, 0, runs->plan.accuracy_count, &options, take_facts, NULL,
			    facts, &error))
		fail_msg("%s", error.text);
}

static void plan(struct runs *runs, struct network *altered)
{
	runs_plan(runs, UINT64_MAX, SUBJECT, SWEEP);
	assert_int_equal(runs->plan.accuracy_count, 2);
	whole = runs->plan.subjects.subjects[0].network;
	*altered = *whole;
	altered->sample = made_sample;
	runs->plan.subjects.subjects[0].network = altered;
}

/* Layers belong to the network that they were made of. */
static void plan_end(struct runs *runs)
{
	runs->plan.subjects.subjects[0].network = whole;
	runs_free(runs);
}

static void expect(const char *what, double found, double expected)
{
	if (!(fabs(found - expected) <= 1e-6 * fabs(expected)))
		fail_msg("%s is %.9g, expected %.9g", what, found, expected);
}

static void of_the_input(void **state)
{
	struct facts facts[2];
	struct network altered;
	struct runs runs;
	const struct range_numbers *input = &facts[0].ranges[0];

	(void)state;
	plan(&runs, &altered);
	measure(&runs, facts, 2, 0);
	assert_true(input->measured);
	/* sizes 15, 0.5, 2, 1.5: of four the second, 1.5, is the middle */
	expect("spread", input->channel_spread, 10);
	expect("dead", input->dead_fraction, 0.25);
	expect("seen_low", input->seen_low, -15);
	expect("seen_high", input->seen_high, 1.5);
	expect("calibrated_low", input->calibrated_low, -15);
	expect("calibrated_high", input->calibrated_high, 100);
	/* one of 8,000 values is 100: 99.9 % are within 15 */
	expect("bulk", input->calibrated_bulk, 15);
	expect("range_low", input->range_low, -15);
	expect("range_high", input->range_high, 100);
	expect("step", input->step, 115 / 255.0);
	expect("step", facts[1].ranges[0].step, 115 / 15.0);
	assert_true(input->saturated_fraction <= 0);
	plan_end(&runs);
}

/* 10 log10 of signal over errors of the input's own rounding, by another way through its samples. */
static void of_its_quantizer(void **state)
{
	struct facts facts[2];
	struct network altered;
	struct runs runs;
	const struct range_numbers *input = &facts[1].ranges[0];
	double signal = 0, errors = 0, zero;
	float target[2], x[4];

	(void)state;
	plan(&runs, &altered);
	measure(&runs, facts, 1, 7);
	zero = rint(15 / input->step);
	for (uint64_t s = 0; s < 50; s++) {
		made_sample(EVALUATION_SEED, s, x, target);
		for (int i = 0; i < 4; i++) {
			const double code = fmin(15, fmax(0, rint((double)x[i] / input->step) + zero));
			const double error = (code - zero) * input->step - (double)x[i];

			signal += (double)x[i] * (double)x[i];
			errors += error * error;
		}
	}
	expect("sqnr_db", input->sqnr_db, 10 * log10(signal / errors));
	plan_end(&runs);
}

/* Symmetric weights by channel: their step is max |w| / 127. */
static void of_biases(void **state)
{
	struct facts facts[2];
	struct network altered;
	struct runs runs;

	(void)state;
	plan(&runs, &altered);
	measure(&runs, facts, 2, 0);
	for (int l = 0; l < LAYERS; l++) {
		const struct layer *layer = &runs.plan.layers[0].layers[l];
		const int64_t rows = layer->weights.rows, columns = layer->weights.columns;
		double units = 0, error = 0;

		for (int64_t n = 0; n < rows; n++) {
			double size = 0, unit, here;

			for (int64_t k = 0; k < columns; k++)
				size = fmax(size, fabs((double)layer->weights.values[n * columns + k]));
			unit = (double)(float)(size / 127) * facts[0].ranges[l].step;
			here = rint((double)layer->bias[n] / unit);
			units = fmax(units, fabs(here));
			error = fmax(error, fabs(here * unit - (double)layer->bias[n]));
		}
		expect("bias_units", facts[0].layers[l].bias_units, units);
		expect("bias_error_steps", facts[0].layers[l].bias_error_steps,
		       error / facts[0].ranges[l + 1].step);
	}
	plan_end(&runs);
}

static bool same(double a, double b)
{
	return a == b || (isnan(a) && isnan(b));
}

static void of_any_batch(void **state)
{
	static const struct {
		int jobs;
		int64_t batch;
	} ways[] = { { 1, 1 }, { 1, 50 }, { 3, 7 } };
	struct facts first[2], facts[2];
	struct network altered;
	struct runs runs;

	(void)state;
	plan(&runs, &altered);
	measure(&runs, first, 2, 0);
	for (size_t w = 0; w < sizeof ways / sizeof *ways; w++) {
		measure(&runs, facts, ways[w].jobs, ways[w].batch);
		for (int c = 0; c < 2; c++) {
			for (int e = 0; e <= LAYERS; e++) {
				const struct range_numbers *a = &first[c].ranges[e];
				const struct range_numbers *b = &facts[c].ranges[e];

				assert_true(same(a->seen_low, b->seen_low) &&
					    same(a->seen_high, b->seen_high) &&
					    same(a->saturated_fraction, b->saturated_fraction) &&
					    same(a->sqnr_db, b->sqnr_db) &&
					    same(a->channel_spread, b->channel_spread) &&
					    same(a->dead_fraction, b->dead_fraction) &&
					    same(a->calibrated_bulk, b->calibrated_bulk));
			}
			for (int l = 0; l < LAYERS; l++)
				assert_true(same(first[c].layers[l].bias_units,
						 facts[c].layers[l].bias_units) &&
					    same(first[c].layers[l].bias_error_steps,
						 facts[c].layers[l].bias_error_steps));
		}
	}
	plan_end(&runs);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(of_the_input),
		cmocka_unit_test(of_its_quantizer),
		cmocka_unit_test(of_biases),
		cmocka_unit_test(of_any_batch),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

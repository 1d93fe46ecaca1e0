/* SPDX-License-Identifier: MIT
 *
 * The figures of studies that real users begin with and end with: of one tensor and one rule, and of
 * every calibration there is.
 */
#include "reported.h"

#include "../harness/axes/tables.h"

#include <string.h>

/* Every calibration in one study: seven where each has a colour, all where each has a place. */
static void many_calibrations(void **state)
{
	FILE *file = fopen(scratch("rules.json"), "w");
	const char *mark = "[";
	struct outcome_text outcome;
	char *few, *all;
	size_t rules = 0;

	(void)state;
	assert_non_null(file);
	fputs("{ \"name\": \"rules\", \"measure\": \"error\", \"subjects\": [{ \"tensor\": "
	      "\"synthetic:student_t\", \"shape\": [8, 512] }], \"sweep\": { \"weights\": { "
	      "\"bits\": 4, \"granularity\": \"tensor\", \"calibration\": ", file);
	for (size_t i = 0; calibration_values[i]; i++)
		if (value_stands_alone(calibration_values[i])) {
			fprintf(file, "%s\"%s\"", mark, calibration_values[i]->name);
			mark = ", ";
		}
	fputs("] } } }\n", file);
	fclose(file);
	if (!has_gnuplot())
		return;
	outcome = run_shell("$QS run rules.json --store rules.db --progress none && $QS plot rules.db "
			    "--out rules --figure clipping --figure saturated_against_zeroed "
			    "--figure calibration_by_distribution");
	if (outcome.status)
		fail_msg("%s", outcome.err);
	outcome_free(&outcome);
	few = read_text(scratch("rules/clipping.svg"));
	all = read_text(scratch("rules/calibration_by_distribution.svg"));
	assert_non_null(few);
	assert_non_null(all);
	for (size_t i = 0; calibration_values[i]; i++)
		if (value_stands_alone(calibration_values[i])) {
			rules += strstr(few, calibration_values[i]->name) != NULL;
			assert_non_null(strstr(all, calibration_values[i]->name));
		}
	assert_non_null(strstr(few, "minmax"));
	assert_null(strstr(few, "_as_in_"));
	assert_in_range(rules, 7, 8);   /* percentile is the beginning of another name */
	free(few);
	free(all);
	few = read_text(scratch("rules/saturated_against_zeroed.svg"));
	assert_non_null(few);
	assert_null(strstr(few, "_as_in_"));
	free(few);
}

/* What has one of each: a block of one row, nothing that is clipped, points in one line. */
static void small_studies(void **state)
{
#define TENSOR "[{ \"tensor\": \"synthetic:gaussian\", \"shape\": [8, 64] }]"
	static const struct {
		const char *subjects, *sweep, *measure;
		int drawn;
	} studies[] = {
		{ TENSOR, "{ \"weights\": { \"granularity\": \"tensor\" } }", "\"error\"", 5 },
		{ TENSOR, "{ \"weights\": { \"granularity\": \"tensor\", \"calibration\": "
		  "[\"minmax\", \"mse\"] } }", "\"error\"", 6 },
		{ "[{ \"tensor\": \"synthetic:constant\", \"shape\": [8] }]",
		  "{ \"weights\": { \"calibration\": [\"minmax\", \"mse\"] } }", "\"error\"", 0 },
		{ "[{ \"network\": \"builtin:arm\", \"evaluation_data\": { \"samples\": 20 } }]",
		  "{ \"weights\": {}, \"activations\": {}, \"policy\": [\"all\", "
		  "\"skip_first_last\"] }", "[\"task\", \"throughput\"]", 4 },
	};

	(void)state;
	if (!has_gnuplot())
		return;
	for (size_t i = 0; i < sizeof studies / sizeof *studies; i++) {
		FILE *file = fopen(scratch("small.json"), "w");
		struct outcome_text outcome;
		int drawn = 0;

		assert_non_null(file);
		fprintf(file, "{ \"name\": \"small\", \"subjects\": %s, \"sweep\": %s, "
			"\"measure\": %s }\n", studies[i].subjects, studies[i].sweep,
			studies[i].measure);
		fclose(file);
		outcome = run_shell("rm -f small.db* && $QS run small.json --store small.db --launches 1 "
				    "--no-limits --progress none >small.txt && $QS report small.db "
				    "--out small.html && $QS plot small.db --out small");
		if (outcome.status)
			fail_msg("study %zu: %s", i, outcome.err);
		for (const char *line = outcome.out; (line = strstr(line, "drew ")); line++)
			drawn++;
		assert_int_equal(drawn, studies[i].drawn);
		outcome_free(&outcome);
	}
	/* the last: each way to run the network, by its types and what else is its own */
	char *svg = read_text(scratch("small/throughput_by_kernel.svg"));
	char *told = read_text(scratch("small.txt"));

	assert_non_null(svg);
	assert_non_null(strstr(svg, "network arm"));
	assert_non_null(strstr(svg, "best u8s8s32 skip_first_last"));
	assert_non_null(strstr(svg, "best f32f32f32"));
	assert_non_null(told);
	assert_non_null(strstr(told, "network arm, skip_first_last"));
	free(told);
	free(svg);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(many_calibrations),
		cmocka_unit_test(small_studies),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: MIT
 *
 * Races of networks: which recipes share one, what they are called, what they must hold and move,
 * and whole launches in real workers: who has times, what the layers add up to, and that a run which
 * differs from that of the reference kernels has none.  How fast anything is is not asserted.
 */
#include "planned.h"

#include "../harness/measure/race_spec.h"
#include "../harness/text.h"

#include <math.h>

#define TIMES "\"measure\":\"throughput\""

static const struct race *only_race(const struct plan *plan)
{
	if (plan->race_count != 1)
		fail_msg("%zu races", plan->race_count);
	return plan->races;
}

static const struct timing_cell *find_cell(const struct plan *plan, const struct race *race,
					   const char *name)
{
	const struct timing_cell *cell = find_runner(plan, race, name);

	if (!cell)
		fail_msg("race %s has no %s", race->name, name);
	return cell;
}

static void recipes_of_one_race(void **state)
{
	struct fixture f;

	(void)state;
	plan(&f, ARM ",{\"network\":\"builtin:arm\",\"calibration_data\":{\"samples\":7}}",
	     "{\"weights\":{\"bits\":[3,8],\"granularity\":[\"tensor\",\"channel\"],"
	     "\"calibration\":[\"minmax\",\"mse\"],\"scale\":[\"real\",\"power_of_two\"]},"
	     "\"activations\":{\"bits\":[6,8],\"calibration\":[\"minmax\",\"mse\"]},"
	     "\"rounding\":[\"half_even\",\"half_away\"]}", "");
	const struct race *race = only_race(&f.plan);

	assert_string_equal(race->name, "network:builtin:arm:u8s8s32 t1 b1 warm");
	assert_int_equal(race->count, 3);
	assert_int_equal(f.plan.choice_count, 2 * 128);
	for (size_t i = 0; i < f.plan.choice_count; i++) {
		const struct timing_cell *cell = &f.plan.timings[f.plan.choices[i].timing];

		assert_string_equal(cell->kernel->name, "network_u8s8s32__best");
		assert_false(cell->guest);
	}
	assert_true(find_cell(&f.plan, race, "network_u8s8s32__ref")->guest);
	assert_true(find_cell(&f.plan, race, "network_f32f32f32__best")->guest);
	assert_string_equal(find_cell(&f.plan, race, "network_f32f32f32__best")->label,
			    "network:builtin:arm:f32f32f32 | best t1 b1 warm");
	fixture_free(&f);
}

/* Each of these is a race of its own, beside that of the plain recipe. */
static void races_of_their_own(void **state)
{
	static const struct {
		const char *weights, *activations, *more, *name;
	} cases[] = {
		{ "", "\"range\":\"dynamic\"", "",
		  "network:builtin:arm:u8s8s32:dynamic t1 b1 warm" },
		{ "", "\"scheme\":\"symmetric\"", "", "network:builtin:arm:s8s8s32 t1 b1 warm" },
		{ "\"scheme\":\"asymmetric\"", "", "",
		  "network:builtin:arm:u8s8s32 t1 b1 warm zeros" },
		{ "\"granularity\":{\"group\":16}", "", "",
		  "network:builtin:arm:u8s8f32_g16 t1 b1 warm" },
		{ "", "", ",\"requantization\":\"rndnu\"",
		  "network:builtin:arm:u8s8s32 t1 b1 warm rndnu" },
		{ "", "", ",\"policy\":\"skip_first_last\"",
		  "network:builtin:arm:u8s8s32:skip_first_last t1 b1 warm" },
		{ "", "", ",\"policy\":{\"skip\":[\"fc2\",\"fc1\"]}",
		  "network:builtin:arm:u8s8s32:skip(fc1;fc2) t1 b1 warm" },
		{ "", "", ",\"batch\":8", "network:builtin:arm:u8s8s32 t1 b8 warm" },
		{ "", "", ",\"threads\":2", "network:builtin:arm:u8s8s32 t2 b1 warm" },
		{ "\"bits\":\"float\"", "\"bits\":\"float\"", "",
		  "network:builtin:arm:f32f32f32 t1 b1 warm" },
	};
	const size_t count = sizeof cases / sizeof *cases;
	char keys[sizeof cases / sizeof *cases][KEY_SIZE], sweep[400];

	(void)state;
	for (size_t i = 0; i < count; i++) {
		struct fixture f;

		snprintf(sweep, sizeof sweep, "{\"weights\":{%s},\"activations\":{%s}%s}",
			 cases[i].weights, cases[i].activations, cases[i].more);
		plan(&f, ARM, sweep, TIMES);
		assert_string_equal(only_race(&f.plan)->name, cases[i].name);
		memcpy(keys[i], f.plan.timings->key, KEY_SIZE);
		for (size_t j = 0; j < i; j++)
			assert_string_not_equal(keys[i], keys[j]);
		fixture_free(&f);
	}
}

static void the_key_is_of_network_and_machine(void **state)
{
	static const char sweep[] = "{\"weights\":{},\"activations\":{}}";
	const struct plan_options other = { .machine = "n" };
	struct error error;
	struct fixture a, b, c;

	(void)state;
	plan(&a, ARM, sweep, TIMES);
	plan(&b, GLYPHS, sweep, TIMES);
	if (make(&c, ARM, sweep, TIMES, &other, &error))
		fail_msg("%s", error.text);
	assert_string_not_equal(a.plan.timings->key, b.plan.timings->key);
	assert_string_not_equal(a.plan.timings->key, c.plan.timings->key);
	assert_string_not_equal(only_race(&a.plan)->content, only_race(&b.plan)->content);
	fixture_free(&a);
	fixture_free(&b);
	fixture_free(&c);
}

static void words_and_what_they_cannot(void **state)
{
	struct fixture f;

	(void)state;
	plan(&f, ARM,
	     "{\"weights\":{},\"activations\":{},"
	     "\"kernel\":[\"best\",\"ref\",\"avx2\",\"avx512bw\",\"gemm*\"]}", "");
	const struct race *race = only_race(&f.plan);

	assert_int_equal(race->count, 4);
	assert_false(find_cell(&f.plan, race, "network_u8s8s32__ref")->guest);
	assert_int_equal(f.plan.choice_count, 3);
	assert_int_equal(f.plan.skip_count, 2);
	assert_string_equal(f.plan.skips[0].reason, "the CPU lacks avx512bw");
	assert_string_equal(f.plan.skips[1].reason,
			    "a network is timed with 'best' or an instruction set");
	fixture_free(&f);
}

/* No integer kernels run these: a row without times, with the reason. */
static void recipes_without_times(void **state)
{
	static const struct {
		const char *sweep, *reason;
	} cases[] = {
		{ "{\"weights\":{}}", "*are float: *simulated alone" },
		{ "{\"activations\":{}}", "*are float: *simulated alone" },
		{ "{\"weights\":{\"bits\":9},\"activations\":{}}", "*more than 8 bits*" },
		{ "{\"weights\":{},\"activations\":{\"bits\":16}}", "*more than 8 bits*" },
		{ "{\"weights\":{\"granularity\":{\"channel\":1}},\"activations\":{}}",
		  "scales along the reduction*" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct fixture f;

		plan(&f, ARM, cases[i].sweep, "");
		assert_int_equal(f.plan.race_count, 0);
		assert_int_equal(f.plan.choice_count, 1);
		assert_true(f.plan.choices->timing == NO_TIMING);
		if (!glob_match(cases[i].reason, f.plan.choices->skip, false))
			fail_msg("%s: %s", cases[i].sweep, f.plan.choices->skip);
		fixture_free(&f);
	}
}

/* glyphs, elements of a sample: input 256, conv1 3072 (read by block1_conv1 and block1_skip), then
 * 1024 an edge of block 1 and 512 of the others.  The most lives while block1_conv2 or block1_skip
 * runs: 3072 + 1024 + 1024.  Weights: 9 * 12 + 9 * 12 * 16 + ..., counted by numpy of the file. */
static void work_by_hand(void **state)
{
	static const struct {
		const char *sweep;
		int64_t integers, floats;
	} cases[] = {
		{ "{\"weights\":{},\"activations\":{}}", 5120, 4 * 5120 },
		{ "{\"weights\":{},\"activations\":{},\"batch\":8}", 8 * 5120, 8 * 4 * 5120 },
		/* conv1 is floats and block1_skip reads codes: 4 * 3072 + 3072 + 1024 + 1024 */
		{ "{\"weights\":{},\"activations\":{},\"policy\":\"skip_first_last\"}", 17408,
		  4 * 5120 },
		/* conv1 reads 4 * 256 + 256, writes 3072 and, before they are codes, 4 * 3072 */
		{ "{\"weights\":{},\"activations\":{\"range\":\"dynamic\"}}", 16640, 4 * 5120 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct fixture f;

		plan(&f, GLYPHS, cases[i].sweep, TIMES);
		const struct race *race = only_race(&f.plan);

		assert_int_equal(race->in_integers.peak_bytes, cases[i].integers);
		assert_int_equal(race->in_floats.peak_bytes, cases[i].floats);
		fixture_free(&f);
	}
}

/* Nine layers: 4 * 48 + 7 * 48 * 48 + 48 * 2 weights, 8 * 48 + 2 outputs. */
static void bytes_by_hand(void **state)
{
	const int64_t weights = 4 * 48 + 7 * 48 * 48 + 48 * 2, outputs = 8 * 48 + 2;
	struct fixture f;

	(void)state;
	plan(&f, ARM, "{\"weights\":{},\"activations\":{},\"batch\":3}", TIMES);
	const struct race *race = only_race(&f.plan);

	assert_int_equal(race->in_floats.weight_bytes, 4 * (weights + outputs));
	assert_int_equal(race->in_integers.weight_bytes, weights + 8 * outputs);
	assert_int_equal(race->in_floats.bytes,
			 race->in_floats.weight_bytes + 3 * 4 * (4 + 2 * 8 * 48 + 2));
	assert_int_equal(race->in_integers.bytes,
			 race->in_integers.weight_bytes + 3 * (4 * 4 + 2 * 8 * 48 + 2));
	assert_true(race->k == weights);
	fixture_free(&f);
}

/* ---- launches ---- */

struct launched {
	struct fixture f;
	struct launch_result *result;
};

static void launch(struct launched *l, const char *subject, const char *sweep)
{
	static char program[512];
	const struct race_options options = { .program = program, .seed = 5, .repetitions = 3,
					      .repetition_ms = 1, .time_limit_s = 60 };
	struct error error;

	snprintf(program, sizeof program, "%s/quantsweep", build_dir());
	plan(&l->f, subject, sweep, TIMES);
	l->result = calloc(1, sizeof *l->result);
	assert_non_null(l->result);
	if (race_launch(&l->f.plan, only_race(&l->f.plan), &options, l->result, &error))
		fail_msg("%s", error.text);
}

static void launched_free(struct launched *l)
{
	launch_result_free(&l->f.env, l->result);
	free(l->result);
	fixture_free(&l->f);
}

static int index_of(const struct launched *l, const char *name)
{
	const struct race *race = l->f.plan.races;

	return (int)(find_cell(&l->f.plan, race, name) - l->f.plan.timings - (long)race->first);
}

static void expect_timed(const struct launched *l, const char *name)
{
	const struct race *race = l->f.plan.races;
	const int i = index_of(l, name);
	const struct runner_result *r = &l->result->runner[i];
	double sum = 0, most = 0;

	if (r->verdict != VERDICT_EXACT || r->samples != 3)
		fail_msg("%s: verdict %d, %d samples, '%s'", name, (int)r->verdict, r->samples,
			 r->reason);
	for (size_t layer = 0; layer < race->layers->count; layer++) {
		const double ns = l->result->layer_ns[(size_t)i * race->layers->count + layer];

		assert_true(ns > 0);
		sum += ns;
	}
	/* they are those of one repetition, and no more than it; how much less hangs on what else
	 * the machine does */
	for (int s = 0; s < r->samples; s++)
		most = fmax(most, r->sample_ns[s]);
	if (!(sum < 1.01 * most))
		fail_msg("%s: layers %g, whole at most %g", name, sum, most);
}

static void every_way_is_the_references(void **state)
{
	static const struct {
		const char *subject, *sweep, *types;
	} cases[] = {
		{ GLYPHS, "{\"weights\":{},\"activations\":{}}", "u8s8s32" },
		{ GLYPHS, "{\"weights\":{},\"activations\":{},\"batch\":5,\"threads\":2}",
		  "u8s8s32" },
		{ ARM, "{\"weights\":{},\"activations\":{},\"batch\":[1],\"threads\":3}",
		  "u8s8s32" },
		{ GLYPHS, "{\"weights\":{},\"activations\":{\"range\":\"dynamic\"},\"batch\":3}",
		  "u8s8s32" },
		{ GLYPHS, "{\"weights\":{\"granularity\":{\"group\":16}},\"activations\":{}}",
		  "u8s8f32_g16" },
		{ GLYPHS, "{\"weights\":{\"scheme\":\"asymmetric\"},\"activations\":"
			  "{\"scheme\":\"symmetric\"},\"requantization\":\"rndnu\"}", "s8s8s32" },
		{ GLYPHS, "{\"weights\":{\"scale\":\"power_of_two\"},\"activations\":"
			  "{\"scale\":\"power_of_two\"},\"requantization\":\"shift\","
			  "\"policy\":\"skip_first_last\"}", "u8s8s32" },
		{ ARM, "{\"weights\":{},\"activations\":{},\"requantization\":\"q31_double\","
		       "\"batch\":40}", "u8s8s32" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct launched l;
		char best[64], ref[64];

		snprintf(best, sizeof best, "network_%s__best", cases[i].types);
		snprintf(ref, sizeof ref, "network_%s__ref", cases[i].types);
		launch(&l, cases[i].subject, cases[i].sweep);
		expect_timed(&l, best);
		expect_timed(&l, ref);
		expect_timed(&l, "network_f32f32f32__best");
		const struct runner_result *r = &l.result->runner[index_of(&l, best)];

		assert_true(r->ratio_to_float > 0 && r->ratio_to_reference > 0);
		launched_free(&l);
	}
}

static void floats_race_with_themselves(void **state)
{
	struct launched l;

	(void)state;
	launch(&l, ARM, "{\"weights\":{\"bits\":\"float\"},\"batch\":4}");
	assert_int_equal(l.f.plan.races->count, 2);
	expect_timed(&l, "network_f32f32f32__best");
	expect_timed(&l, "network_f32f32f32__ref");
	assert_true(l.result->runner[index_of(&l, "network_f32f32f32__best")].ratio_to_float == 1);
	launched_free(&l);
}

/* The wrong kernel is the last of the table: `best` takes it, the reference does not. */
static void a_wrong_run_has_no_speed(void **state)
{
	char path[512];
	struct launched l;

	(void)state;
	if (!(env_system().cpu & QS_CPU_AVX2)) {
		print_message("no AVX2 here: skipped\n");
		return;
	}
	snprintf(path, sizeof path, "%s/libquantsweep_kernels.so", build_dir());
	setenv("QS_OUR_KERNELS", path, 1);
	snprintf(path, sizeof path, "%s/tests/kernels/wrong_among_ours.so", build_dir());
	setenv("QUANTSWEEP_KERNELS", path, 1);
	launch(&l, ARM, "{\"weights\":{},\"activations\":{}}");
	unsetenv("QUANTSWEEP_KERNELS");
	const struct runner_result *r = &l.result->runner[index_of(&l, "network_u8s8s32__best")];

	if (r->verdict != VERDICT_WRONG || r->samples ||
	    !glob_match("* of 9 layers differ from the reference kernels' run, 'fc1' is the first",
			r->reason, false))
		fail_msg("verdict %d, %d samples, '%s'", (int)r->verdict, r->samples, r->reason);
	assert_true(r->wrong_fraction > 0 && r->wrong_fraction <= 1 && isnan(r->median_ns));
	assert_true(isnan(l.result->layer_ns[(size_t)index_of(&l, "network_u8s8s32__best") * 9]));
	expect_timed(&l, "network_u8s8s32__ref");
	expect_timed(&l, "network_f32f32f32__best");
	launched_free(&l);
}

/* What a worker of a network is told, and what it says to lines that are wrong. */
static void the_worker_reads_a_network(void **state)
{
	static const char head[] =
		"quantsweep-race 1\ncpu 1\nop network\nshape 1 1 1\nthreads 1\nbatch 2\nseed 1\n"
		"repetitions 1\nms 1\nduel 0\nhandicap 0\nrequantize float\nzeros 0\nw_bits 8\nw_values uniform\n";
	static const char rest[] = "library 0123456789abcdef0123456789abcdef /k.so\n"
				   "runner 0 network_u8s8s32__best\nend\n";
	static const struct {
		const char *network, *wrong;
	} cases[] = {
		{ "network 0123456789abcdef0123456789abcdef builtin:arm\nrecipe w=float\n", NULL },
		{ "network 0123 builtin:arm\nrecipe w=float\n", "'network HASH NAME'" },
		{ "network 0123456789abcdef0123456789abcdef \nrecipe w=float\n",
		  "'network HASH NAME'" },
		{ "network 0123456789abcdef0123456789abcdef builtin:arm\n", "'recipe'" },
		{ "", "'network HASH NAME'" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		char text[1200];
		struct race_spec spec;
		struct error error;

		snprintf(text, sizeof text, "%s%s%s", head, cases[i].network, rest);
		const int failed = race_spec_read(&spec, text, &error);

		if (!failed != !cases[i].wrong)
			fail_msg("%s: %d", cases[i].network, failed);
		if (failed && !strstr(error.text, cases[i].wrong))
			fail_msg("%s", error.text);
		if (failed)
			continue;
		assert_string_equal(spec.network, "builtin:arm");
		assert_string_equal(spec.recipe, "w=float");
		assert_true(spec.op == RUN_OF_NETWORK);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(recipes_of_one_race),
		cmocka_unit_test(races_of_their_own),
		cmocka_unit_test(the_key_is_of_network_and_machine),
		cmocka_unit_test(words_and_what_they_cannot),
		cmocka_unit_test(recipes_without_times),
		cmocka_unit_test(work_by_hand),
		cmocka_unit_test(bytes_by_hand),
		cmocka_unit_test(every_way_is_the_references),
		cmocka_unit_test(floats_race_with_themselves),
		cmocka_unit_test(a_wrong_run_has_no_speed),
		cmocka_unit_test(the_worker_reads_a_network),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

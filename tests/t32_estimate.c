/* SPDX-License-Identifier: MIT
 *
 * How long a plan takes: the trial's rate on a false clock, how subjects spread over jobs, what is
 * reused, races by their repetitions, and durations in words.
 */
#include "support.h"

#include "../harness/estimate.h"

#include <math.h>

/* Each look at the clock moves it on. */
struct stepping {
	uint64_t now, step, looks;
};

static uint64_t stepping_now(const struct env *env)
{
	struct stepping *clock = env->self;

	clock->looks++;
	return clock->now += clock->step;
}

static struct env env_stepping(struct stepping *clock)
{
	struct env env = env_system();

	env.now_ns = stepping_now;
	env.self = clock;
	return env;
}

/* A block of 4096 elements ends with one look, so blocks of 1 ms are 4,096,000 elements a second.
 */
static void the_trial_takes_a_quarter_second(void **state)
{
	struct stepping clock = { .step = 1000000 };
	struct env env = env_stepping(&clock);
	struct error error;
	double rate;

	(void)state;
	assert_int_equal(trial_rate(&env, &rate, &error), 0);
	assert_true(rate == 4096000);
	assert_int_equal(clock.looks, 1 + 250);
	clock = (struct stepping){ .step = 7000000 };
	assert_int_equal(trial_rate(&env, &rate, &error), 0);
	assert_true(fabs(rate - 4096 / 0.007) < 1e-6);
	assert_int_equal(clock.looks, 1 + 36);
	/* a block that takes longer than all of the trial */
	clock = (struct stepping){ .step = 2000000000 };
	assert_int_equal(trial_rate(&env, &rate, &error), 0);
	assert_true(rate == 2048);
	assert_int_equal(clock.looks, 2);
}

static void a_clock_that_stands_still(void **state)
{
	uint64_t now = 5;
	const struct env env = env_with_clock(&now);
	struct error error;
	double rate;

	(void)state;
	assert_int_equal(trial_rate(&env, &rate, &error), -1);
	assert_int_equal(error.status, STATUS_MACHINE);
	assert_int_equal(strncmp(error.text, "the clock stands still", 22), 0);
}

static void the_trial_on_this_machine(void **state)
{
	const struct env env = env_system();
	const uint64_t start = env.now_ns(&env);
	struct error error;
	double rate;

	(void)state;
	assert_int_equal(trial_rate(&env, &rate, &error), 0);
	assert_true(rate > 1e5);
	assert_true(env.now_ns(&env) - start >= 250000000 || rate > 4e9);
}

enum { SUBJECTS = 5, CELLS = 8 };

struct fixture {
	struct env env;
	struct subject subjects[SUBJECTS];
	struct accuracy_cell cells[CELLS];
	struct race races[2];
	struct timing_cell timings[5];
	struct plan plan;
};

static const struct qs_kernel reference = { .name = "gemm_u8s8s32__ref" };
static const struct qs_kernel fast = { .name = "gemm_u8s8s32__avx2", .needs = QS_CPU_AVX2 };

static void fixture_new(struct fixture *f)
{
	static const size_t subject_of[CELLS] = { 0, 0, 1, 2, 2, 3, 4, 4 };
	static const double costs[CELLS] = { 10, 20, 50, 20, 20, 5, 1, 4 };

	*f = (struct fixture){ .env = env_system() };
	for (int i = 0; i < CELLS; i++)
		f->cells[i] = (struct accuracy_cell){ .subject = subject_of[i], .cost = costs[i] };
	f->races[0] = (struct race){ .m = 4, .n = 8, .k = 16, .first = 0, .count = 3,
				     .launches = 1 };
	f->races[1] = (struct race){ .m = 1000, .n = 1000, .k = 1000, .first = 3, .count = 2,
				     .launches = 7, .launched = 2 };
	for (int i = 0; i < 5; i++)
		f->timings[i] = (struct timing_cell){ .race = i >= 3,
						      .kernel = i % 3 ? &fast : &reference };
	f->plan = (struct plan){ .env = &f->env,
				 .subjects = { .count = SUBJECTS, .subjects = f->subjects },
				 .accuracy_count = CELLS,
				 .accuracies = f->cells,
				 .race_count = 2,
				 .races = f->races,
				 .timing_count = 5,
				 .timings = f->timings };
}

/* Subjects cost 30, 50, 40, 5, 5: one job takes all; two 50+5+5 | 40+30; three 50 | 40+5 | 30+5. */
static void subjects_spread_over_jobs(void **state)
{
	static const struct {
		int jobs;
		double seconds;
	} cases[] = { { 1, 130 }, { 2, 70 }, { 3, 50 }, { 4, 50 }, { 1024, 50 } };
	struct fixture f;

	(void)state;
	fixture_new(&f);
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		const struct estimate estimate = estimate_plan(&f.plan, 2, cases[i].jobs);

		if (estimate.accuracy_seconds != cases[i].seconds / 2)
			fail_msg("%d jobs: %g s", cases[i].jobs, estimate.accuracy_seconds);
		assert_int_equal(estimate.accuracy_cells, CELLS);
		assert_int_equal(estimate.races, 2);
	}
}

static void what_is_reused_costs_nothing(void **state)
{
	struct fixture f;
	struct estimate estimate;
	double race;

	(void)state;
	fixture_new(&f);
	race = race_cost_seconds(&f.plan, &f.races[0]);
	f.cells[2].outcome = OUTCOME_REUSED;
	f.cells[7].outcome = OUTCOME_REUSED;
	f.timings[3].outcome = f.timings[4].outcome = OUTCOME_REUSED;
	estimate = estimate_plan(&f.plan, 1, 1);
	assert_true(estimate.accuracy_seconds == 76);
	assert_int_equal(estimate.accuracy_cells, 6);
	assert_int_equal(estimate.races, 1);
	assert_true(estimate.race_seconds == race);
	for (int i = 0; i < CELLS; i++)
		f.cells[i].outcome = OUTCOME_REUSED;
	for (int i = 0; i < 5; i++)
		f.timings[i].outcome = OUTCOME_REUSED;
	estimate = estimate_plan(&f.plan, 1, 4);
	assert_true(estimate.accuracy_seconds == 0);
	assert_true(estimate.race_seconds == 0);
}

/* Of the second race two of seven launches are stored, of the first none of one. */
static void launches_that_are_stored_cost_nothing(void **state)
{
	struct fixture f;
	struct estimate estimate;

	(void)state;
	fixture_new(&f);
	estimate = estimate_plan(&f.plan, 1, 1);
	assert_int_equal(estimate.launches, 6);
	assert_true(estimate.race_seconds == race_cost_seconds(&f.plan, &f.races[0]) +
						     5 * race_cost_seconds(&f.plan, &f.races[1]));
}

/* Short calls: 9 repetitions of 10 ms a runner and some to find the number of calls.  Long ones: of
 * one call each. */
static void races_cost_their_repetitions(void **state)
{
	struct fixture f;
	double small, large;

	(void)state;
	fixture_new(&f);
	small = race_cost_seconds(&f.plan, &f.races[0]);
	large = race_cost_seconds(&f.plan, &f.races[1]);
	assert_true(small > 3 * REPETITIONS * REPETITION_MS * 1e-3);
	assert_true(small < 3 * 20 * REPETITION_MS * 1e-3 + 0.5);
	/* 10^9 multiply-adds of the reference take far longer than 10 ms */
	assert_true(large > REPETITIONS * 0.1);
	f.races[0].count = 2;
	assert_true(race_cost_seconds(&f.plan, &f.races[0]) < small);
}

static double cost_of(const struct subject *subject, const char *recipe)
{
	const struct env env = env_system();
	struct recipe r;
	struct error error = { 0 };

	if (recipe_read(&r, &env, recipe, &error))
		fail_msg("%s", error.text);
	return cell_cost(subject, NULL, &r);
}

static void costs_of_cells(void **state)
{
	const struct subject tensor = { .kind = SUBJECT_TENSOR,
					.w = { .rows = 64, .columns = 512 } };
	const struct subject twice = { .kind = SUBJECT_TENSOR,
				       .w = { .rows = 128, .columns = 512 } };
	const struct subject small = { .kind = SUBJECT_OP,
				       .operation = (const struct operation *)value_find(
					       operation_values, "gemm"),
				       .m = 8,
				       .n = 16,
				       .k = 32,
				       .a = { .rows = 8, .columns = 32 },
				       .w = { .rows = 16, .columns = 32 } };
	static const char minmax[] = "w=int8.symmetric.real.tensor.minmax half_even s1";
	static const char mse[] = "w=int8.symmetric.real.tensor.mse half_even s1";
	static const char both[] =
		"w=int8.symmetric.real.tensor.mse "
		"a=int8.asymmetric.real.tensor.minmax.static half_even float all none s1";
	struct subject large = small;

	(void)state;
	assert_true(cost_of(&tensor, "w=float s1") > 0);
	assert_true(cost_of(&tensor, minmax) > cost_of(&tensor, "w=float s1"));
	assert_true(cost_of(&tensor, mse) > cost_of(&tensor, minmax));
	assert_true(cost_of(&tensor, "w=int8.asymmetric.real.tensor.mse half_even s1") >
		    cost_of(&tensor, mse));
	/* twice the elements, twice the work */
	assert_true(cost_of(&twice, mse) == 2 * cost_of(&tensor, mse));
	/* 512 values are too few for entropy of 10 bits, which is then refused, not searched */
	assert_true(cost_of(&tensor, "w=int10.symmetric.real.channel.entropy half_even s1") ==
		    cost_of(&tensor, "w=int10.symmetric.real.channel.minmax half_even s1"));
	assert_true(cost_of(&tensor, "w=int8.symmetric.real.channel.entropy half_even s1") >
		    cost_of(&tensor, "w=int8.symmetric.real.channel.minmax half_even s1"));
	large.n *= 10;
	assert_true(cost_of(&large, both) > cost_of(&small, both));
	/* a calibration of any name has a cost */
	for (const struct value *const *value = calibration_values; *value; value++) {
		const struct env env = env_system();
		struct recipe recipe;
		struct error error;

		assert_int_equal(recipe_read(&recipe, &env, minmax, &error), 0);
		recipe.weights.calibration = *value;
		assert_true(cell_cost(&tensor, NULL, &recipe) > 0);
	}
}

/* Two layers of 100 multiplications between edges of 8, 20 and 4 values. */
struct small_network {
	float values[1];
	struct layer layers[2];
	struct edge edges[3];
	struct layers all;
	struct subject subject;
};

static void small_network_new(struct small_network *network)
{
	*network = (struct small_network){ .edges = { { .elements = 8 }, { .elements = 20 },
						      { .elements = 4 } } };
	for (int i = 0; i < 2; i++)
		network->layers[i] = (struct layer){
			.macs = 100,
			.weights = { .values = network->values, .rows = 10, .columns = 10 }
		};
	network->all = (struct layers){ .count = 2, .layers = network->layers,
					.edges = network->edges };
	network->subject = (struct subject){ .kind = SUBJECT_NETWORK,
					     .calibration = { .samples = 64 },
					     .evaluation = { .samples = 1000 } };
}

static double network_cost(struct small_network *network, const char *recipe)
{
	const struct env env = env_system();
	struct recipe r;
	struct error error = { 0 };

	if (recipe_read(&r, &env, recipe, &error))
		fail_msg("%s", error.text);
	return cell_cost(&network->subject, &network->all, &r);
}

static void costs_of_networks(void **state)
{
	static const char whole[] =
		"w=int8.symmetric.real.channel.minmax "
		"a=int8.asymmetric.real.tensor.minmax.static half_even float all none s1";
	static const char dynamic[] =
		"w=int8.symmetric.real.channel.minmax "
		"a=int8.asymmetric.real.tensor.minmax.dynamic half_even float all none s1";
	static const char wide[] =
		"w=int8.symmetric.real.channel.minmax "
		"a=int16.asymmetric.real.tensor.minmax.static half_even float all none s1";
	static const char grouped[] =
		"w=int8.symmetric.real.group5.minmax "
		"a=int8.asymmetric.real.tensor.minmax.static half_even float all none s1";
	static const char shifted[] =
		"w=int8.symmetric.real.channel.minmax "
		"a=int8.asymmetric.real.tensor.minmax.static half_even q31_double all none s1";
	struct small_network small, twice;

	(void)state;
	small_network_new(&small);
	small_network_new(&twice);
	twice.subject.evaluation.samples = 2000;
	assert_true(network_cost(&small, "w=float a=float s1") > 0);
	/* only codes of 8 bits have an integer run and its local gap */
	assert_true(network_cost(&small, whole) > network_cost(&small, wide));
	assert_true(network_cost(&small, wide) > network_cost(&small, "w=float a=float s1"));
	assert_true(network_cost(&small, dynamic) > network_cost(&small, whole));
	assert_true(network_cost(&small, grouped) > network_cost(&small, whole));
	assert_true(network_cost(&small, shifted) > network_cost(&small, whole));
	assert_true(network_cost(&twice, whole) > 1.8 * network_cost(&small, whole));
	assert_true(network_shared_cost(&twice.subject, &twice.all) >
		    network_shared_cost(&small.subject, &small.all));
}

/* Jobs work inside a network: what its cells share is cut by them, the cells are dealt to them, and
 * all of it stands behind what the other subjects take. */
static void networks_follow_one_another(void **state)
{
	struct small_network small;
	struct layers layers[SUBJECTS];
	struct fixture f;

	(void)state;
	fixture_new(&f);
	small_network_new(&small);
	const double shared = network_shared_cost(&small.subject, &small.all);

	for (int i = 0; i < SUBJECTS; i++)
		layers[i] = small.all;
	f.plan.layers = layers;
	f.subjects[2] = small.subject;
	/* the others: 30, 50, 5, 5 */
	assert_true(estimate_plan(&f.plan, 1, 1).accuracy_seconds == 90 + (40 + shared));
	assert_true(estimate_plan(&f.plan, 1, 2).accuracy_seconds == 50 + (20 + shared / 2));
	/* two cells keep no more than two jobs busy */
	assert_true(estimate_plan(&f.plan, 1, 4).accuracy_seconds == 50 + (20 + shared / 4));
	f.cells[3].outcome = OUTCOME_REUSED;
	assert_true(estimate_plan(&f.plan, 1, 2).accuracy_seconds == 50 + (20 + shared / 2));
	f.cells[4].outcome = OUTCOME_REUSED;
	assert_true(estimate_plan(&f.plan, 1, 2).accuracy_seconds == 50);
}

static void durations_in_words(void **state)
{
	static const struct {
		double seconds;
		const char *words;
	} cases[] = {
		{ 0, "less than 1 s" },   { 0.94, "less than 1 s" }, { 1, "1 s" },
		{ 38.4, "38 s" },         { 89.4, "89 s" },          { 90, "2 min" },
		{ 240, "4 min" },         { 5380, "1 h 30 min" },    { 4800, "80 min" },
		{ 7200, "2 h 0 min" },    { 7169, "1 h 59 min" },    { 90000, "25 h 0 min" },
		{ NAN, "less than 1 s" },
	};
	char out[32];

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		const int length = print_duration(out, sizeof out, cases[i].seconds);

		assert_string_equal(out, cases[i].words);
		assert_int_equal(length, strlen(out));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_trial_takes_a_quarter_second),
		cmocka_unit_test(a_clock_that_stands_still),
		cmocka_unit_test(the_trial_on_this_machine),
		cmocka_unit_test(subjects_spread_over_jobs),
		cmocka_unit_test(what_is_reused_costs_nothing),
		cmocka_unit_test(races_cost_their_repetitions),
		cmocka_unit_test(launches_that_are_stored_cost_nothing),
		cmocka_unit_test(costs_of_cells),
		cmocka_unit_test(costs_of_networks),
		cmocka_unit_test(networks_follow_one_another),
		cmocka_unit_test(durations_in_words),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

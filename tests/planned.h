/* SPDX-License-Identifier: MIT
 *
 * A plan of a config that a test writes in three parts, and what a test finds in it.
 */
#ifndef QS_TEST_PLANNED_H
#define QS_TEST_PLANNED_H

#include "support.h"

#include "../harness/plan.h"

struct fixture {
	struct env env;
	struct libraries libraries;
	struct config config;
	struct plan plan;
};

#define TENSOR "{\"tensor\":\"synthetic:gaussian\",\"shape\":[8,64]}"
#define RELU "{\"tensor\":\"synthetic:relu\",\"shape\":[8,64],\"as\":\"activations\"}"
#define GEMM "{\"op\":\"gemm\",\"m\":4,\"n\":8,\"k\":16}"
#define ARM "{\"network\":\"builtin:arm\"}"
#define GLYPHS "{\"network\":\"builtin:glyphs\"}"
#define NO_TIMES "\"measure\":[\"error\",\"drift\",\"task\"]"

/* A config of subjects, sweep and further keys, on a CPU with AVX2 and nothing newer: kernels are
 * asked whether they refuse, and that must not need more than the CPU under the test has. */
static inline int make(struct fixture *f, const char *subjects, const char *sweep, const char *more,
		       const struct plan_options *options, struct error *error)
{
	char json[4000];

	*f = (struct fixture){ .env = env_system() };
	f->env.cpu = QS_CPU_AVX2;
	snprintf(json, sizeof json, "{\"name\":\"x\",\"subjects\":[%s],\n\"sweep\":%s%s%s}",
		 subjects, sweep, *more ? "," : "", more);
	if (libraries_open(&f->libraries, &f->env, error))
		fail_msg("%s", error->text);
	if (config_parse(&f->config, &f->env, "x.json", json, strlen(json), error))
		fail_msg("%s", error->text);
	return plan_make(&f->plan, &f->config, &f->libraries, options, error);
}

static inline void plan(struct fixture *f, const char *subjects, const char *sweep,
			const char *more)
{
	struct error error;

	if (make(f, subjects, sweep, more, &(struct plan_options){ .machine = "m" }, &error))
		fail_msg("%s", error.text);
}

/* A sweep of 8 widths and 100 groups of weights, and what `rest` says: too many combinations. */
static inline void long_sweep(char *sweep, size_t size, const char *rest)
{
	size_t length = (size_t)snprintf(sweep, size, "{\"weights\":{\"bits\":[2,3,4,5,6,7,8,9],"
						      "\"granularity\":[");

	for (int i = 1; i <= 100; i++)
		length += (size_t)snprintf(sweep + length, size - length, "%s{\"group\":%d}",
					   i > 1 ? "," : "", i);
	snprintf(sweep + length, size - length,
		 "],\"calibration\":[\"minmax\",\"mse\"]},"
		 "\"activations\":{\"bits\":[2,3,4,5,6,7,8,9],\"scheme\":[\"symmetric\","
		 "\"asymmetric\"],%s", rest);
}

static inline void fixture_free(struct fixture *f)
{
	plan_free(&f->plan);
	config_free(&f->config);
	libraries_close(&f->libraries);
}

static inline bool has_label(const struct plan *plan, const char *label)
{
	for (size_t i = 0; i < plan->accuracy_count; i++)
		if (!strcmp(plan->accuracies[i].label, label))
			return true;
	return false;
}

static inline void assert_label(const struct plan *plan, const char *label)
{
	if (has_label(plan, label))
		return;
	for (size_t i = 0; i < plan->accuracy_count && i < 20; i++)
		print_message("# %s\n", plan->accuracies[i].label);
	fail_msg("no cell '%s'", label);
}

static inline const struct skip *find_skip(const struct plan *plan, const char *label)
{
	for (size_t i = 0; i < plan->skip_count; i++)
		if (!strcmp(plan->skips[i].label, label))
			return &plan->skips[i];
	return NULL;
}

static inline void assert_skip(const struct plan *plan, const char *label, const char *reason)
{
	const struct skip *skip = find_skip(plan, label);

	for (size_t i = 0; !skip && i < plan->skip_count; i++)
		print_message("# %s: %s\n", plan->skips[i].label, plan->skips[i].reason);
	if (!skip)
		fail_msg("no skip '%s'", label);
	if (strcmp(skip->reason, reason))
		fail_msg("'%s' is skipped for '%s', not '%s'", label, skip->reason, reason);
}

static inline const struct race *find_race(const struct plan *plan, const char *name)
{
	for (size_t i = 0; i < plan->race_count; i++)
		if (!strcmp(plan->races[i].name, name))
			return &plan->races[i];
	fail_msg("no race '%s'", name);
	return NULL;
}

static inline const struct timing_cell *find_runner(const struct plan *plan,
						    const struct race *race, const char *kernel)
{
	for (size_t i = race->first; i < race->first + race->count; i++)
		if (!strcmp(plan->timings[i].kernel->name, kernel))
			return &plan->timings[i];
	return NULL;
}

/* Each timing cell lies in its race's part, each choice names a timing cell of its own types. */
static inline void assert_whole(const struct plan *plan)
{
	size_t next = 0;

	for (size_t i = 0; i < plan->race_count; i++) {
		assert_int_equal(plan->races[i].first, next);
		for (; next < plan->races[i].first + plan->races[i].count; next++)
			assert_int_equal(plan->timings[next].race, i);
	}
	assert_int_equal(next, plan->timing_count);
	for (size_t i = 0; i < plan->choice_count; i++) {
		const struct choice *choice = &plan->choices[i];

		if (choice->timing == NO_TIMING)
			continue;
		const struct timing_cell *timing = &plan->timings[choice->timing];
		const struct accuracy_cell *cell = &plan->accuracies[choice->accuracy];
		char types[32];

		recipe_types(types, sizeof types, plan->libraries,
			     plan->subjects.subjects[cell->subject].operation,
			     plan->subjects.subjects[cell->subject].y, &cell->recipe);
		assert_true(kernel_has_types(timing->kernel,
					     plan->races[timing->race].operation->op, types));
		assert_string_equal(types, plan->races[timing->race].types);
	}
}

/* Config and plan with each allocation failing once: nothing but the machine's status. */
static inline void plan_without_memory(const char *json)
{
	const struct env env = env_system();
	struct failing failing = { .fail_at = 0 };
	struct libraries libraries;
	int failed;

	assert_int_equal(libraries_open(&libraries, &env, &(struct error){ 0 }), 0);
	do {
		struct env failing_env = env_failing(&failing);
		struct config config;
		struct plan plan;
		struct error error = { 0 };

		failing.calls = 0;
		failed = config_parse(&config, &failing_env, "x.json", json, strlen(json), &error);
		if (!failed) {
			failed = plan_make(&plan, &config, &libraries, &(struct plan_options){ 0 },
					   &error);
			if (!failed)
				plan_free(&plan);
			config_free(&config);
		}
		if (failed && error.status != STATUS_MACHINE)
			fail_msg("allocation %ld: %s", failing.fail_at, error.text);
		failing.fail_at++;
	} while (failed);
	assert_true(failing.fail_at > 150);
	libraries_close(&libraries);
}

#endif

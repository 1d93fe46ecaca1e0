/* SPDX-License-Identifier: MIT
 *
 * A plan of a config that a test writes in three parts.
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

static inline void plan(struct fixture *f, const char *subjects, const char *sweep, const char *more)
{
	struct error error;

	if (make(f, subjects, sweep, more, &(struct plan_options){ .machine = "m" }, &error))
		fail_msg("%s", error.text);
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

#endif

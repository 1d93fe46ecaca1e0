/* SPDX-License-Identifier: MIT
 *
 * quantsweep gate: is anything worse than it was?
 */
#include "command.h"

#include "../gate/gate.h"

#include <stdlib.h>
#include <string.h>

extern const struct command command_gate;

static const struct option options[] = {
	{ "--baseline", "CSV",
	  "compare DB's accuracy rows with this file; worse or missing rows fail", false },
	{ "--remake", "CSV", "write this file from DB", false },
	{ "--tolerance", "R", "relative change that still counts as equal (default 0: every bit)",
	  false },
	{ 0 }
};
enum { BASELINE, REMAKE, TOLERANCE };

struct request {
	const char *baseline, *remake, *store;
	double tolerance;
};

static int read_tolerance(const char *value, double *tolerance, struct error *error)
{
	char *end;

	*tolerance = strtod(value, &end);
	if (end == value || *end || !(*tolerance >= 0) || *tolerance >= 1)
		return fail(error, STATUS_INPUT,
			    "--tolerance '%s': expected a number from 0 to below 1, like "
			    "0.01 for 1 %%",
			    value);
	return 0;
}

static int read_request(struct request *request, int argc, char **argv, struct error *error)
{
	struct option_walk walk = { .command = &command_gate, .argc = argc, .argv = argv };
	bool has_tolerance = false;
	const char *value;
	int option;

	while ((option = option_next(&walk, &value, error)) != OPTION_END) {
		if (option == OPTION_WRONG)
			return -1;
		if (option == OPTION_WORD &&
		    option_word(&command_gate, "database", &request->store, value, error))
			return -1;
		if (option == BASELINE)
			request->baseline = value;
		else if (option == REMAKE)
			request->remake = value;
		else if (option == TOLERANCE &&
			 read_tolerance(value, &request->tolerance, error))
			return -1;
		has_tolerance |= option == TOLERANCE;
	}
	if (!request->baseline == !request->remake)
		return fail(error, STATUS_INPUT,
			    "gate: give --baseline CSV to compare, or --remake CSV to "
			    "write%s",
			    request->baseline ? ", not both" : "");
	if (!request->store)
		return fail(error, STATUS_INPUT,
			    "gate: no database was given: quantsweep gate %s CSV DB",
			    request->baseline ? "--baseline" : "--remake");
	if (request->remake && has_tolerance)
		return fail(error, STATUS_INPUT, "gate: --tolerance goes with --baseline alone");
	return 0;
}

struct latest_run {
	const struct env *env;
	char *config, *data, *name;
	struct error error;
};

static int keep_run(void *self, const struct row *row)
{
	struct latest_run *run = self;

	run->config = env_copy_text(run->env, row->values[0], &run->error);
	run->name = env_copy_text(run->env, row->values[1], &run->error);
	if (row->values[2])
		run->data = env_copy_text(run->env, row->values[2], &run->error);
	return 0;
}

static int conclude(const struct findings *findings, const struct request *request,
		    struct error *error)
{
	const size_t worse = findings->verdicts[ROW_WORSE],
		     missing = findings->verdicts[ROW_MISSING];

	if (!worse && !missing)
		return 0;
	return fail(error, STATUS_FAILED,
		    "%zu rows are worse than %s and %zu are missing; where that is "
		    "meant, `quantsweep gate --remake %s %s` takes it over",
		    worse, request->baseline, missing, request->baseline, request->store);
}

static int compare(const struct request *request, struct store *store, const struct env *env,
		   const struct baseline *measured, struct error *error)
{
	static const char sql[] =
		"SELECT config, name, data FROM run ORDER BY run_number DESC LIMIT 1";
	struct latest_run run = { .env = env };
	struct findings findings = { 0 };
	struct baseline baseline;
	int failed;

	if (baseline_read(&baseline, env, request->baseline, error))
		return -1;
	failed = gate_compare(&findings, &baseline, measured, request->tolerance, error);
	if (!failed)
		failed = store_query(store, sql, NULL, 0, keep_run, &run, error);
	const struct gate_words words = { request->baseline, request->store, run.config, run.data,
					  run.name };

	if (!failed)
		failed = gate_report(stdout, &findings, &baseline, measured, &words, error);
	if (!failed)
		failed = conclude(&findings, request, error);
	env_free(env, run.config);
	env_free(env, run.data);
	env_free(env, run.name);
	findings_free(&findings);
	baseline_free(&baseline);
	return failed;
}

static int remake(const struct request *request, const struct baseline *measured,
		  struct error *error)
{
	if (!measured->count)
		return fail(error, STATUS_INPUT,
			    "%s: no accuracy row is stored; `quantsweep run CONFIG "
			    "--store %s` measures some",
			    request->store, request->store);
	if (baseline_write(measured, request->remake, error))
		return -1;
	printf("%zu rows of %s written to %s (arithmetic version %d)\n", measured->count,
	       request->store, request->remake, measured->arithmetic);
	return 0;
}

static int run_gate(const struct env *env, int argc, char **argv, struct error *error)
{
	struct request request = { 0 };
	struct baseline measured = { 0 };
	struct store *store = NULL;
	int failed = read_request(&request, argc, argv, error);

	if (!failed)
		failed = store_open_read(&store, env, request.store, error);
	if (!failed)
		failed = baseline_load(&measured, store, env, error);
	if (!failed)
		failed = request.remake ? remake(&request, &measured, error)
					: compare(&request, store, env, &measured, error);
	baseline_free(&measured);
	store_close(store);
	return failed;
}

const struct command command_gate = {
	.name = "gate",
	.synopsis = "--baseline CSV [--tolerance R] DB | --remake CSV DB",
	.summary = "compare stored accuracy with a baseline under version control",
	.options = options,
	.notes = "A row is worse when one of its numbers is; a better one passes and says that the "
		 "baseline is stale;\na missing one fails, a new one is listed.  Exit status 1: "
		 "something "
		 "is worse or missing.",
	.run = run_gate,
};

/* SPDX-License-Identifier: MIT
 *
 * gate --baseline and --remake: stored accuracy against a file under version control.
 */
#include "gate.h"

#include "../gate/gate.h"

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

static int conclude(const struct findings *findings, const struct gate_request *request,
		    struct error *error)
{
	const size_t worse = findings->verdicts[ROW_WORSE],
		     missing = findings->verdicts[ROW_MISSING];

	if (!worse && !missing)
		return 0;
	return fail(error, STATUS_FAILED,
		    "%zu rows are worse than %s and %zu are missing; where that is "
		    "meant, `quantsweep gate --remake %s %s` takes it over",
		    worse, request->subject, missing, request->subject, request->word);
}

static int compare(const struct gate_request *request, struct store *store, const struct env *env,
		   const struct baseline *measured, struct error *error)
{
	static const char sql[] =
		"SELECT config, name, data FROM run ORDER BY run_number DESC LIMIT 1";
	struct latest_run run = { .env = env };
	struct findings findings = { 0 };
	struct baseline baseline;
	int failed;

	if (baseline_read(&baseline, env, request->subject, error))
		return -1;
	failed = gate_compare(&findings, &baseline, measured, request->tolerance, error);
	if (!failed)
		failed = store_query(store, sql, NULL, 0, keep_run, &run, error);
	const struct gate_words words = { request->subject, request->word, run.config, run.data,
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

static int remake(const struct gate_request *request, const struct baseline *measured,
		  struct error *error)
{
	if (!measured->count)
		return fail(error, STATUS_INPUT,
			    "%s: no accuracy row is stored; `quantsweep run CONFIG "
			    "--store %s` measures some",
			    request->word, request->word);
	if (baseline_write(measured, request->subject, error))
		return -1;
	printf("%zu rows of %s written to %s (arithmetic version %d)\n", measured->count,
	       request->word, request->subject, measured->arithmetic);
	return 0;
}

int gate_baseline(const struct gate_request *request, const struct env *env, struct error *error)
{
	struct baseline measured = { 0 };
	struct store *store = NULL;
	int failed = store_open_read(&store, env, request->word, error);

	if (!failed)
		failed = baseline_load(&measured, store, env, error);
	if (!failed)
		failed = request->mode == GATE_REMAKE
				 ? remake(request, &measured, error)
				 : compare(request, store, env, &measured, error);
	baseline_free(&measured);
	store_close(store);
	return failed;
}

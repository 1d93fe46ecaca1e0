/* SPDX-License-Identifier: MIT
 *
 * The limits that the races' shares of a roof need, once a machine and number of threads: a launch
 * of them before each round of the races' launches, so that both have met the machine in the same
 * states, and of both the best launch counts.
 */
#include "run.h"

int run_limits_open(struct run *run, struct error *error)
{
	run->limits = env_new(run->env, (size_t)run->lacking.count, sizeof *run->limits,
			      "the machine's limits", error);
	if (!run->limits)
		return -1;
	for (int i = 0; i < run->lacking.count; i++) {
		const struct limits_options options = lacking_options(&run->lacking.lacking[i]);

		if (limits_plan(&run->limits[i], run->env, &options, NULL, error))
			return -1;
	}
	return 0;
}

void run_limits_close(struct run *run)
{
	for (int i = 0; run->limits && i < run->lacking.count; i++)
		if (run->limits[i].env)
			limits_free(&run->limits[i]);
	env_free(run->env, run->limits);
	run->limits = NULL;
}

int run_limits(struct run *run, struct error *error)
{
	for (int i = 0; i < run->lacking.count && !*run->stop; i++) {
		struct limits_options options = lacking_options(&run->lacking.lacking[i]);
		char label[80];

		options.program = run->program;
		options.stop = run->stop;
		snprintf(label, sizeof label, "the machine's limits with %d thread%s",
			 options.threads, options.threads == 1 ? "" : "s");
		progress_show(run->progress, label);
		if (limits_launch(&run->limits[i], &options, error) ||
		    store_put_limits(run->store, run->machine, &run->limits[i], error))
			return -1;
		progress_advance(run->progress, limits_launch_seconds(&options), label);
	}
	return 0;
}

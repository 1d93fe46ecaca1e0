/* SPDX-License-Identifier: MIT
 *
 * The limits that the races' shares of a roof need, before the races: short, and once a machine and
 * number of threads.
 */
#include "run.h"

int run_limits(struct run *run, struct error *error)
{
	for (int i = 0; i < run->lacking.count && !*run->stop; i++) {
		struct limits_options options = lacking_options(&run->lacking.lacking[i]);
		struct machine_limits limits;
		char label[80];
		int failed;

		options.program = run->program;
		options.stop = run->stop;
		snprintf(label, sizeof label, "the machine's limits with %d thread%s",
			 options.threads, options.threads == 1 ? "" : "s");
		progress_show(run->progress, label);
		if (limits_measure(&limits, run->env, &options, error))
			return -1;
		failed = store_put_limits(run->store, run->machine, &limits, error);
		limits_free(&limits);
		if (failed)
			return -1;
		progress_advance(run->progress, limits_seconds(&options), label);
	}
	return 0;
}

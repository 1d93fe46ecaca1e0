/* SPDX-License-Identifier: MIT
 *
 * The hidden command that `run` starts for each race.
 */
#include "../measure/race.h"
#include "command.h"

static int worker_run(const struct env *env, int argc, char **argv, struct error *error)
{
	if (argc > 1)
		return fail(error, STATUS_INPUT,
			    "worker: '%s' was given, no argument was expected; a worker "
			    "is started by `quantsweep run`",
			    argv[1]);
	return worker_main(env, error);
}

const struct command command_worker = {
	.name = "worker",
	.synopsis = "< RACE",
	.summary = "checks and times one race in this process (started by run)",
	.hidden = true,
	.run = worker_run,
};

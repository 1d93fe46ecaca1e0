/* SPDX-License-Identifier: MIT
 *
 * The hidden command that `run` starts for each race, and `limits` for the machine's limits.
 */
#include "../measure/machine_limits.h"
#include "../measure/race.h"
#include "command.h"

#include <string.h>

static int worker_run(const struct env *env, int argc, char **argv, struct error *error)
{
	if (argc == 2 && !strcmp(argv[1], "limits"))
		return limits_worker(env, error);
	if (argc > 1)
		return fail(error, STATUS_INPUT,
			    "worker: '%s' was given, no argument was expected; a worker "
			    "is started by `quantsweep run`",
			    argv[1]);
	return worker_main(env, error);
}

const struct command command_worker = {
	.name = "worker",
	.synopsis = "[limits] < RACE",
	.summary = "checks and times one race in this process (started by run)",
	.hidden = true,
	.run = worker_run,
};

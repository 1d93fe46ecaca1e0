/* SPDX-License-Identifier: MIT
 *
 * The commands, in the order of --help: add your line here, nowhere else.
 */
#include "command.h"

#define COMMANDS(X) \
	X(run)      \
	X(plan)     \
	X(show)     \
	X(plot)     \
	X(report)   \
	X(gate)     \
	X(check)    \
	X(bench)    \
	X(limits)   \
	X(inspect)  \
	X(list)     \
	X(choosing) \
	X(worker)

#define DECLARE(n) extern const struct command command_##n;
COMMANDS(DECLARE)

#define POINT(n) &command_##n,
const struct command *const commands[] = { COMMANDS(POINT) NULL };

/* SPDX-License-Identifier: MIT
 *
 * quantsweep gate: is anything worse than it was?
 */
#include "gate.h"

#include "../quote.h"

#include <stdlib.h>
#include <string.h>

extern const struct command command_gate;

enum {
	BASELINE,
	REMAKE,
	TOLERANCE,
	AGAINST,
	STORED,
	DATA,
	STORE,
	ONLY,
	ISA,
	SEED,
	MAX_REGRESS,
	BUDGET,
	INCONCLUSIVE,
	ACCEPTED,
	HANDICAP,
	MARKDOWN,
	JUNIT,
	JSON,
	PROGRESS
};

static const struct option options[] = {
	[BASELINE] = { "--baseline", "CSV",
		       "compare DB's accuracy rows with this file; worse or missing rows fail",
		       false },
	[REMAKE] = { "--remake", "CSV", "write this file from DB", false },
	[TOLERANCE] = { "--tolerance", "R",
			"relative change that still counts as equal (default 0: every bit)",
			false },
	[AGAINST] = { "--against", "LIBRARY",
		      "time our kernels of CONFIG in turn with this older library's", false },
	[STORED] = { "--stored", "OLD.db",
		     "compare least times stored in DB with those in this file, where they carry "
		     "it",
		     false },
	[DATA] = { "--data", "DIR", "where CONFIG's relative paths are looked up", false },
	[STORE] = { "--store", "DB", "the result file (default: results/NAME.db)", false },
	[ONLY] = { "--only", "FILTER", "only these rows: COLUMN=GLOB,COLUMN>=NUMBER,...", true },
	[ISA] = { "--isa", "NAME", "use no newer instructions than these (`quantsweep list isa`)",
		  false },
	[SEED] = { "--seed", "N", "of the operands, the order and the coins (default 1)", false },
	[MAX_REGRESS] = { "--max-regress", "PERCENT",
			  "a slowdown up to this is none (default 1; with --stored 2)", false },
	[BUDGET] = { "--budget", "SECONDS",
		     "what is not decided by then is inconclusive (default: no limit)", false },
	[INCONCLUSIVE] = { "--inconclusive", "HOW",
			   "pass (the default) or fail: exit with status 3", false },
	[ACCEPTED] = { "--accepted", "CSV", "slowdowns that are accepted on purpose", false },
	[HANDICAP] = { "--handicap", "P",
		       "test the gate: P per mille of the new kernel's units run twice", false },
	[MARKDOWN] = { "--markdown", "FILE", "write the rows for a pull request's comment", false },
	[JUNIT] = { "--junit", "FILE", "write them as JUnit XML", false },
	[JSON] = { "--json", "FILE", "write them as one JSON object", false },
	[PROGRESS] = { "--progress", "HOW", "auto, bar, plain or none (default auto)", false },
	{ 0 }
};

#define BIT(option) (1u << (option))

static const struct mode {
	int option, others; /* that it goes with                                     */
	const char *what, *usage;
} modes[GATE_MODES] = {
	[GATE_BASELINE] = { BASELINE, BIT(TOLERANCE), "database", "--baseline CSV DB" },
	[GATE_REMAKE] = { REMAKE, 0, "database", "--remake CSV DB" },
	[GATE_AGAINST] = { AGAINST,
			   BIT(DATA) | BIT(STORE) | BIT(ONLY) | BIT(ISA) | BIT(SEED) |
				   BIT(MAX_REGRESS) | BIT(BUDGET) | BIT(INCONCLUSIVE) |
				   BIT(ACCEPTED) | BIT(HANDICAP) | BIT(MARKDOWN) | BIT(JUNIT) |
				   BIT(JSON) | BIT(PROGRESS),
			   "config", "--against LIBRARY CONFIG" },
	[GATE_STORED] = { STORED,
			  BIT(MAX_REGRESS) | BIT(INCONCLUSIVE) | BIT(MARKDOWN) | BIT(JUNIT) |
				  BIT(JSON),
			  "database", "--stored OLD.db DB" },
};

static int read_number(const char *option, const char *value, double least, double most,
		       const char *expected, double *number, struct error *error)
{
	char *end;

	*number = strtod(value, &end);
	if (end == value || *end || !(*number >= least) || !(*number <= most))
		return fail(error, STATUS_INPUT, "%s '%s': expected %s", option, value, expected);
	return 0;
}

static int read_percent(const char *value, double *fraction, struct error *error)
{
	if (read_number("--max-regress", value, 0.1, 100, "a number of percent from 0.1 to 100",
			fraction, error))
		return -1;
	*fraction /= 100;
	return 0;
}

static int read_inconclusive(const char *value, bool *fails, struct error *error)
{
	*fails = !strcmp(value, "fail");
	if (!*fails && strcmp(value, "pass"))
		return fail(error, STATUS_INPUT, "--inconclusive '%s': expected pass or fail",
			    value);
	return 0;
}

static int read_handicap(const char *value, int *handicap, struct error *error)
{
	long long number;

	if (option_whole("--handicap", value, 1, 1000, &number, error))
		return -1;
	*handicap = (int)number;
	return 0;
}

/* An option that belongs to --against and that `run` has too. */
static int take_study_option(struct gate_request *request, int option, const char *value,
			     struct error *error)
{
	static const int of_study[] = { [DATA] = STUDY_DATA,
					[STORE] = STUDY_STORE,
					[ONLY] = STUDY_ONLY,
					[ISA] = STUDY_ISA,
					[SEED] = STUDY_SEED };

	return study_take_option(&request->study, of_study[option], value, error);
}

static int take_option(struct gate_request *request, int option, const char *value,
		       struct error *error)
{
	const char **const texts[] = { [ACCEPTED] = &request->accepted,
				       [MARKDOWN] = &request->markdown,
				       [JUNIT] = &request->junit,
				       [JSON] = &request->json };

	switch (option) {
	case TOLERANCE:
		return read_number("--tolerance", value, 0, 0.999999999,
				   "a number from 0 to below 1, like 0.01 for 1 %",
				   &request->tolerance, error);
	case MAX_REGRESS:
		return read_percent(value, &request->max_regress, error);
	case BUDGET:
		return read_number("--budget", value, 0.01, 1e7, "a number of seconds from 0.01",
				   &request->budget_s, error);
	case INCONCLUSIVE:
		return read_inconclusive(value, &request->inconclusive_fails, error);
	case HANDICAP:
		return read_handicap(value, &request->handicap, error);
	case PROGRESS:
		return progress_mode_read(&request->progress, value, error);
	case ACCEPTED:
	case MARKDOWN:
	case JUNIT:
	case JSON:
		*texts[option] = value;
		return 0;
	default:
		return take_study_option(request, option, value, error);
	}
}

static int which_mode(int option)
{
	int mode = 0;

	while (mode < GATE_MODES && modes[mode].option != option)
		mode++;
	return mode;
}

/* Stored times carry less than times taken in turn. */
static int check_max_regress(struct gate_request *request, bool given, struct error *error)
{
	if (!given)
		request->max_regress = request->mode == GATE_STORED ? 0.02 : 0.01;
	if (request->mode != GATE_STORED || request->max_regress >= 0.02)
		return 0;
	return fail(error, STATUS_INPUT,
		    "--max-regress: stored times cannot tell less than 2 %%; give 2 or more, or "
		    "use --against");
}

/* One mode, its word, and no option that goes with another one. */
static int check_request(struct gate_request *request, unsigned seen, struct error *error)
{
	const struct mode *mode = &modes[request->mode];

	if (request->mode == GATE_MODES)
		return fail(error, STATUS_INPUT,
			    "gate: give --baseline CSV to compare, --remake CSV to write, "
			    "--against LIBRARY to time, or --stored OLD.db to compare times");
	for (int option = 0; options[option].name; option++)
		if (seen >> option & 1 && option != mode->option &&
		    !(BIT(option) & (unsigned)mode->others))
			return fail(error, STATUS_INPUT, "gate: %s does not go with %s",
				    options[option].name, options[mode->option].name);
	if (!request->word)
		return fail(error, STATUS_INPUT, "gate: no %s was given: quantsweep gate %s",
			    mode->what, mode->usage);
	request->study.config = request->word;
	return check_max_regress(request, seen & BIT(MAX_REGRESS), error);
}

static int read_request(struct gate_request *request, const struct env *env, int argc, char **argv,
			struct error *error)
{
	struct option_walk walk = { .command = &command_gate, .argc = argc, .argv = argv };
	const char *value;
	unsigned seen = 0;
	int option;

	*request = (struct gate_request){ .mode = GATE_MODES,
					  .study = study_request_start(env),
					  .progress = PROGRESS_AUTO };
	while ((option = option_next(&walk, &value, error)) != OPTION_END) {
		if (option == OPTION_WRONG)
			return -1;
		if (option == OPTION_WORD) {
			if (option_word(&command_gate, "database or config", &request->word, value,
					error))
				return -1;
			continue;
		}
		seen |= BIT(option);
		if (which_mode(option) == GATE_MODES) {
			if (take_option(request, option, value, error))
				return -1;
		} else if (request->mode == GATE_MODES) {
			request->mode = (enum gate_mode)which_mode(option);
			request->subject = value;
		}
	}
	request->command = command_as_typed(env, argc, argv, error);
	return request->command ? check_request(request, seen, error) : -1;
}

static int run_gate(const struct env *env, int argc, char **argv, struct error *error)
{
	struct gate_request request;
	int failed = read_request(&request, env, argc, argv, error);

	if (!failed && request.mode == GATE_AGAINST)
		failed = gate_against(&request, error);
	else if (!failed && request.mode == GATE_STORED)
		failed = gate_stored(&request, env, error);
	else if (!failed)
		failed = gate_baseline(&request, env, error);
	env_free(env, request.command);
	study_request_free(&request.study);
	return failed;
}

const struct command command_gate = {
	.name = "gate",
	.synopsis = "--baseline CSV DB | --remake CSV DB | --against LIBRARY CONFIG | --stored "
		    "OLD.db DB",
	.summary = "compare accuracy with a baseline, speed with an older library",
	.options = options,
	.notes = "--baseline: a row is worse when one of its numbers is; a better one passes and "
		 "says that the\nbaseline is stale; a missing one fails, a new one is listed.\n"
		 "--against: single calls of both kernels of a name in turn, in fresh processes, "
		 "until each is\ndecided; regressed where two decisions say so.  A kernel that one "
		 "side lacks fails nothing.\n"
		 "--stored: least times over 5 launches or more, of kernels within the "
		 "second-level cache, on\nthis machine; everything else is refused with its "
		 "reason and fails nothing.\n"
		 "Exit status 1: something is worse, missing, regressed or wrong.",
	.run = run_gate,
};

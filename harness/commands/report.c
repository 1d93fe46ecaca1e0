/* SPDX-License-Identifier: MIT
 *
 * quantsweep report: a result file as one HTML file.
 */
#include "command.h"

#include "../report/report.h"

extern const struct command command_report;

static const struct option options[] = {
	{ "--out", "FILE", "the report (default: DB with .html in place of .db)", false },
	{ 0 }
};
enum { OUT };

static int read_request(const char **database, const char **out, int argc, char **argv,
			struct error *error)
{
	struct option_walk walk = { .command = &command_report, .argc = argc, .argv = argv };
	const char *value;

	for (int option; (option = option_next(&walk, &value, error)) != OPTION_END;) {
		if (option == OPTION_WRONG)
			return -1;
		if (option == OUT)
			*out = value;
		else if (option_word(&command_report, "database", database, value, error))
			return -1;
	}
	if (!*database)
		return fail(error, STATUS_INPUT,
			    "report: no database was given: quantsweep report DB");
	return 0;
}

static int report(const struct env *env, int argc, char **argv, struct error *error)
{
	const char *database = NULL, *out = NULL;
	struct store *store;
	char *path;
	int result;

	if (read_request(&database, &out, argc, argv, error) ||
	    store_open_read(&store, env, database, error))
		return -1;
	path = out ? env_copy_text(env, out, error) : report_path(env, database, ".html", error);
	result = path ? report_write(store, env, database, path, error) : -1;
	if (!result)
		printf("wrote %s\n", path);
	env_free(env, path);
	store_close(store);
	return result;
}

const struct command command_report = {
	.name = "report",
	.synopsis = "DB [--out FILE]",
	.summary = "one self-contained HTML file",
	.options = options,
	.notes = "The summary, each figure, the table of choices, skips, warnings, runs and "
		 "machines; it opens\nwithout a network.",
	.run = report,
};

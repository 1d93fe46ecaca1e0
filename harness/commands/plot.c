/* SPDX-License-Identifier: MIT
 *
 * quantsweep plot: figures of a result file.
 */
#include "command.h"

#include "../report/report.h"

extern const struct command command_plot;

static const struct option options[] = {
	{ "--out", "DIR", "folder for the pictures (default: beside DB, NAME.figures)", false },
	{ "--figure", "NAME", "draw this one alone (default: all in plots/)", true },
	{ "--format", "svg|png", "kind of picture (default svg)", false },
	{ 0 }
};
enum { OUT, FIGURE, FORMAT };

enum { FIGURES_MAX = 64 };

struct request {
	const char *database, *out, *format;
	const char *figures[FIGURES_MAX];
	size_t figure_count;
};

static int read_request(struct request *request, int argc, char **argv, struct error *error)
{
	struct option_walk walk = { .command = &command_plot, .argc = argc, .argv = argv };
	const char *value;

	for (int option; (option = option_next(&walk, &value, error)) != OPTION_END;) {
		if (option == OPTION_WRONG)
			return -1;
		if (option == OUT)
			request->out = value;
		else if (option == FORMAT)
			request->format = value;
		else if (option == FIGURE && request->figure_count == FIGURES_MAX)
			return fail(error, STATUS_INPUT, "--figure: at most %d names", FIGURES_MAX);
		else if (option == FIGURE)
			request->figures[request->figure_count++] = value;
		else if (option_word(&command_plot, "database", &request->database, value, error))
			return -1;
	}
	if (!request->database)
		return fail(error, STATUS_INPUT,
			    "plot: no database was given: quantsweep plot DB");
	return 0;
}

static int plot(const struct env *env, int argc, char **argv, struct error *error)
{
	struct request request = { .format = "svg" };
	struct store *store;
	char *folder;
	int result;

	if (read_request(&request, argc, argv, error) ||
	    store_open_read(&store, env, request.database, error))
		return -1;
	folder = request.out ? env_copy_text(env, request.out, error)
			     : report_path(env, request.database, ".figures", error);
	const struct plots_options what = { .folder = folder,
					    .figures = request.figures,
					    .figure_count = request.figure_count,
					    .format = request.format,
					    .say = stdout };

	result = folder ? plots_draw(store, env, &what, error) : -1;
	env_free(env, folder);
	store_close(store);
	return result;
}

const struct command command_plot = {
	.name = "plot",
	.synopsis = "DB [--out DIR] [--figure NAME] [--format svg|png]",
	.summary = "figures by gnuplot",
	.options = options,
	.notes = "Each figure is plots/NAME.sql (what to draw) beside plots/NAME.gp (how): change "
		 "one or add\none without touching C.  QUANTSWEEP_PLOTS names another folder.",
	.run = plot,
};

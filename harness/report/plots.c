/* SPDX-License-Identifier: MIT */
#include "figures.h"

#include "../files.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

char *report_path(const struct env *env, const char *database, const char *ending,
		  struct error *error)
{
	const size_t length = strlen(database);
	const int stem =
		(int)(length > 3 && !strcmp(database + length - 3, ".db") ? length - 3 : length);

	return env_print(env, error, "%.*s%s", stem, database, ending);
}

/* gnuplot writes beside the picture, which then changes at once or not at all. */
static int draw_one(const struct figures *figures, const struct figure *figure, struct store *store,
		    const struct workshop *workshop, const struct plots_options *options,
		    struct error *error)
{
	const struct env *env = figures->env;
	char *out =
		env_print(env, error, "%s/%s.%s", options->folder, figure->name, options->format);
	char *part = env_print(env, error, "%s/.%s.%s.part", options->folder, figure->name,
			       options->format);
	const struct drawing drawing = { options->format, part, true };
	size_t rows = 0;
	int result = -1;

	if (out && part)
		result = figure_draw(figures, figure, store, workshop, &drawing, &rows, error);
	if (!result && rows && rename(part, out))
		result = fail(error, STATUS_MACHINE, "cannot write %s: %s", out, strerror(errno));
	if (result && part)
		unlink(part);
	if (!result && !rows)
		unlink(out); /* an older picture of other data */
	if (!result && options->say && rows)
		fprintf(options->say, "drew %s\n", out);
	else if (!result && options->say)
		fprintf(options->say, "no figure %s: %s\n", figure->name, figure->empty);
	env_free(env, out);
	env_free(env, part);
	return result;
}

static int make_folder(const struct env *env, const char *folder, struct error *error)
{
	char *inside = env_print(env, error, "%s/", folder);
	const int result = inside ? folders_make(env, inside, error) : -1;

	env_free(env, inside);
	return result;
}

static int draw_named(const struct figures *figures, struct store *store,
		      const struct workshop *workshop, const struct plots_options *options,
		      struct error *error)
{
	const size_t count = options->figure_count ? options->figure_count : figures->count;

	/* all names are known before anything is drawn */
	for (size_t i = 0; i < options->figure_count; i++)
		if (!figures_find(figures, options->figures[i], error))
			return -1;
	if (make_folder(figures->env, options->folder, error))
		return -1;
	for (size_t i = 0; i < count; i++) {
		const struct figure *figure = &figures->figures[i];

		if (options->figure_count)
			figure = figures_find(figures, options->figures[i], error);
		if (draw_one(figures, figure, store, workshop, options, error))
			return -1;
	}
	return 0;
}

int plots_draw(struct store *store, const struct env *env, const struct plots_options *options,
	       struct error *error)
{
	struct figures figures;
	struct workshop workshop;
	int result;

	if (strcmp(options->format, "svg") && strcmp(options->format, "png"))
		return fail(error, STATUS_INPUT, "--format '%s': expected svg or png",
			    options->format);
	if (figures_open(&figures, env, error))
		return -1;
	result = workshop_open(&workshop, error);
	if (!result) {
		result = draw_named(&figures, store, &workshop, options, error);
		workshop_close(&workshop);
	}
	figures_free(&figures);
	return result;
}

/* SPDX-License-Identifier: MIT */
#include "figures.h"

#include "../files.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { FILE_LIMIT = 64 << 20 };

char *read_whole(const struct env *env, const char *path, struct error *error)
{
	size_t length;

	return file_read(env, path, FILE_LIMIT, &length, error);
}

/* Where the figures are: the user's word, else beside the build folder of this executable. */
static char *find_folder(const struct env *env, struct error *error)
{
	const char *named = getenv("QUANTSWEEP_PLOTS");
	char program[4096];
	ssize_t length;

	if (named && *named)
		return env_copy_text(env, named, error);
	length = readlink("/proc/self/exe", program, sizeof program - 1);
	if (length > 0) {
		program[length] = '\0';
		for (int up = 0; up < 2 && strrchr(program, '/'); up++)
			*strrchr(program, '/') = '\0';
		char *folder = env_print(env, error, "%s/plots", program);

		if (!folder || !access(folder, R_OK))
			return folder;
		env_free(env, folder);
	}
	fail(error, STATUS_MACHINE,
	     "no folder of figures beside this program; set QUANTSWEEP_PLOTS to "
	     "the folder `plots` of quantsweep's sources");
	return NULL;
}

/* The comment lines at the head of a file, without their marks: the first into *first, the others
 * as one paragraph into *others. */
static int read_head(const struct env *env, const char *file, char **first, char **others,
		     struct error *error)
{
	struct text paragraph = { .env = env };
	const char *line = file;

	*first = NULL;
	for (; *line == '#'; line = *line ? line + 1 : line) {
		const size_t length = strcspn(line, "\n");
		const char *words = line + 1 + strspn(line + 1, " ");
		const int count = (int)(line + length - words);

		if (count > 0 && !*first)
			*first = env_print(env, error, "%.*s", count, words);
		else if (count > 0)
			text_add(&paragraph, "%s%.*s", paragraph.length ? " " : "", count, words);
		line += length;
	}
	if (!*first)
		*first = env_copy_text(env, "", error);
	*others = text_take(&paragraph, error);
	return *first && *others ? 0 : -1;
}

/* The words behind "-- empty:" in the SQL. */
static char *read_empty(const struct env *env, const char *sql, struct error *error)
{
	static const char mark[] = "-- empty:";
	const char *found = strstr(sql, mark);

	if (!found)
		return env_copy_text(env, "its query gives no rows", error);
	found += sizeof mark - 1;
	found += strspn(found, " ");
	return env_print(env, error, "%.*s", (int)strcspn(found, "\n"), found);
}

static int read_figure(struct figures *figures, const char *name, size_t length,
		       struct error *error)
{
	const struct env *env = figures->env;
	struct figure *figure;
	char *script;
	int result;

	if (env_grow(env, &figures->figures, &figures->capacity, figures->count,
		     sizeof *figures->figures, "the figures", error))
		return -1;
	figure = &figures->figures[figures->count++];
	*figure = (struct figure){ 0 };
	figure->name = env_print(env, error, "%.*s", (int)length, name);
	if (!figure->name)
		return -1;
	figure->sql_path = env_print(env, error, "%s/%s.sql", figures->folder, figure->name);
	figure->script_path = env_print(env, error, "%s/%s.gp", figures->folder, figure->name);
	if (!figure->sql_path || !figure->script_path)
		return -1;
	figure->sql = read_whole(env, figure->sql_path, error);
	if (!figure->sql)
		return -1;
	if (access(figure->script_path, R_OK))
		return fail(error, STATUS_INPUT,
			    "%s has no %s.gp beside it; write one or take the .sql away",
			    figure->sql_path, figure->name);
	script = read_whole(env, figure->script_path, error);
	if (!script)
		return -1;
	figure->empty = read_empty(env, figure->sql, error);
	result = read_head(env, script, &figure->question, &figure->reading, error);
	env_free(env, script);
	return figure->empty ? result : -1;
}

static int by_name(const void *a, const void *b)
{
	return strcmp(((const struct figure *)a)->name, ((const struct figure *)b)->name);
}

static int read_folder(struct figures *figures, DIR *folder, struct error *error)
{
	for (const struct dirent *entry; (entry = readdir(folder));) {
		const size_t length = strlen(entry->d_name);

		if (length > 4 && entry->d_name[0] != '.' &&
		    !strcmp(entry->d_name + length - 4, ".sql") &&
		    read_figure(figures, entry->d_name, length - 4, error))
			return -1;
	}
	if (figures->count)
		qsort(figures->figures, figures->count, sizeof *figures->figures, by_name);
	return 0;
}

int figures_open(struct figures *figures, const struct env *env, struct error *error)
{
	DIR *folder;
	int result;

	*figures = (struct figures){ .env = env };
	figures->folder = find_folder(env, error);
	if (!figures->folder)
		return -1;
	folder = opendir(figures->folder);
	if (!folder) {
		fail(error, STATUS_INPUT, "%s: %s; QUANTSWEEP_PLOTS names the folder of figures",
		     figures->folder, strerror(errno));
		figures_free(figures);
		return -1;
	}
	result = read_folder(figures, folder, error);
	closedir(folder);
	if (!result && !figures->count)
		result = fail(error, STATUS_INPUT,
			      "%s holds no figure: no NAME.sql beside a NAME.gp", figures->folder);
	if (result)
		figures_free(figures);
	return result;
}

void figures_free(struct figures *figures)
{
	for (size_t i = 0; i < figures->count; i++) {
		struct figure *figure = &figures->figures[i];

		env_free(figures->env, figure->name);
		env_free(figures->env, figure->sql_path);
		env_free(figures->env, figure->script_path);
		env_free(figures->env, figure->sql);
		env_free(figures->env, figure->question);
		env_free(figures->env, figure->reading);
		env_free(figures->env, figure->empty);
	}
	env_free(figures->env, figures->figures);
	env_free(figures->env, figures->folder);
	*figures = (struct figures){ .env = figures->env };
}

/* An unknown name, answered with the nearest or with all. */
static void no_figure(const struct figures *figures, const char *name, struct error *error)
{
	enum { MOST = 200 };
	const char *names[MOST] = { NULL };
	struct text known = { .env = figures->env };
	size_t count = 0;

	text_add(&known, "%s holds ", figures->folder);
	for (; count < figures->count && count < MOST; count++) {
		names[count] = figures->figures[count].name;
		text_add(&known, "%s%s", count ? ", " : "", names[count]);
	}
	fail_unknown(error, nearest_name(name, names, count),
		     count && !known.failed ? known.bytes : "there is none in the folder of plots",
		     "unknown figure '%s'", name);
	text_free(&known);
}

const struct figure *figures_find(const struct figures *figures, const char *name,
				  struct error *error)
{
	for (size_t i = 0; i < figures->count; i++)
		if (!strcmp(figures->figures[i].name, name))
			return &figures->figures[i];
	no_figure(figures, name, error);
	return NULL;
}

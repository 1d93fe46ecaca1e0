/* SPDX-License-Identifier: MIT
 *
 * The one place that starts gnuplot: without a shell, without the user's start file, with nothing
 * on its standard input.
 */
#include "figures.h"

#include "words.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum { SCRIPTS_MAX = 8 };

static int start(const char *const *scripts, size_t count, const char *complaints, pid_t *child)
{
	const char *words[SCRIPTS_MAX + 3] = { "gnuplot", "-d" };
	char *arguments[SCRIPTS_MAX + 3];
	posix_spawn_file_actions_t actions;
	int code = posix_spawn_file_actions_init(&actions);

	for (size_t i = 0; i < count; i++)
		words[2 + i] = scripts[i];
	/* posix_spawn takes char *const * and changes nothing */
	memcpy(arguments, words, sizeof arguments);
	if (code)
		return code;
	code = posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
	if (!code)
		code = posix_spawn_file_actions_addopen(&actions, 1, "/dev/null", O_WRONLY, 0);
	if (!code)
		code = posix_spawn_file_actions_addopen(&actions, 2, complaints,
							O_WRONLY | O_CREAT | O_TRUNC, 0600);
	if (!code)
		code = posix_spawnp(child, "gnuplot", &actions, NULL, arguments, environ);
	posix_spawn_file_actions_destroy(&actions);
	return code;
}

/* gnuplot's own words: it shows the line, a caret, and last what is wrong. */
static int fail_script(const struct env *env, const char *script, const char *complaints,
		       struct error *error)
{
	struct error unread;
	char *said = read_whole(env, complaints, &unread);
	struct text words = { .env = env };
	const char *last = "it says nothing";

	for (char *line = said ? strtok(said, "\n") : NULL; line; line = strtok(NULL, "\n"))
		if (strspn(line, " \t^") < strlen(line))
			last = line;
	add_plain(&words, last);
	fail(error, STATUS_INPUT, "%s: gnuplot cannot draw it: %s", script,
	     words.bytes ? words.bytes : "");
	text_free(&words);
	env_free(env, said);
	return -1;
}

/* gnuplot on these scripts, one after the other; what it complains of goes to `complaints`.
 * STATUS_MACHINE where there is no gnuplot, STATUS_INPUT with its words where it fails. */
static int gnuplot_run(const struct env *env, const char *const *scripts, size_t count,
		       const char *complaints, struct error *error)
{
	pid_t child;
	int status = 0;
	const int code = start(scripts, count, complaints, &child);

	if (code == ENOENT)
		return fail(error, STATUS_MACHINE,
			    "figures are drawn by gnuplot, which is not installed; "
			    "on Debian: apt-get install gnuplot-nox");
	if (code)
		return fail(error, STATUS_MACHINE, "gnuplot cannot be started: %s", strerror(code));
	while (waitpid(child, &status, 0) < 0)
		if (errno != EINTR)
			return fail(error, STATUS_MACHINE, "gnuplot was lost: %s", strerror(errno));
	if (WIFSIGNALED(status))
		return fail(error, STATUS_MACHINE,
			    "gnuplot was killed by signal %d while it drew %s", WTERMSIG(status),
			    scripts[count - 1]);
	if (WEXITSTATUS(status))
		return fail_script(env, scripts[count - 1], complaints, error);
	return 0;
}

int workshop_open(struct workshop *workshop, struct error *error)
{
	const char *base = getenv("TMPDIR");
	const int length = snprintf(workshop->folder, sizeof workshop->folder,
				    "%s/quantsweep-XXXXXX", base && *base ? base : "/tmp");

	if (length < 0 || (size_t)length >= sizeof workshop->folder)
		return fail(error, STATUS_MACHINE, "TMPDIR is a path of %d bytes, too long",
			    length);
	if (!mkdtemp(workshop->folder))
		return fail(error, STATUS_MACHINE, "cannot make a folder for figures in %s: %s",
			    base && *base ? base : "/tmp", strerror(errno));
	return 0;
}

static int remove_entry(const char *path, const struct stat *about, int kind, struct FTW *place)
{
	(void)about;
	(void)kind;
	(void)place;
	return remove(path);
}

void workshop_close(struct workshop *workshop)
{
	nftw(workshop->folder, remove_entry, 4, FTW_DEPTH | FTW_PHYS);
}

static int draw_rows(const struct figures *figures, const struct figure *figure,
		     const struct workshop *workshop, const char *start_path, struct error *error)
{
	const struct env *env = figures->env;
	char *style = env_print(env, error, "%s/style.gp", figures->folder);
	char *complaints = env_print(env, error, "%s/complaints", workshop->folder);
	int result = -1;

	if (style && complaints) {
		const bool has_style = !access(style, R_OK);
		const char *scripts[3] = { start_path, has_style ? style : figure->script_path,
					   figure->script_path };

		result = gnuplot_run(env, scripts, has_style ? 3 : 2, complaints, error);
	}
	env_free(env, style);
	env_free(env, complaints);
	return result;
}

/* gnuplot does not say that a disk was full: whether the picture has its end. */
static bool has_end(const char *path, const char *format)
{
	const char *const end = !strcmp(format, "svg") ? "</svg>" : "IEND";
	char last[16] = "";
	FILE *file = fopen(path, "rb");
	size_t got = 0;

	if (!file)
		return false;
	if (!fseek(file, -(long)sizeof last, SEEK_END))
		got = fread(last, 1, sizeof last, file);
	fclose(file);
	return memmem(last, got, end, strlen(end));
}

int figure_draw(const struct figures *figures, const struct figure *figure, struct store *store,
		const struct workshop *workshop, const struct drawing *drawing, size_t *rows,
		struct error *error)
{
	const struct env *env = figures->env;
	char *data = env_print(env, error, "%s/%s.tsv", workshop->folder, figure->name);
	char *start_path = env_print(env, error, "%s/start.gp", workshop->folder);
	int result = -1;

	*rows = 0;
	if (data && start_path)
		result = figure_write_data(figure, store, env, drawing, data, start_path, rows,
					   error);
	if (!result && *rows)
		result = draw_rows(figures, figure, workshop, start_path, error);
	if (!result && *rows && access(drawing->out, R_OK))
		result = fail(error, STATUS_INPUT,
			      "%s drew nothing; it must call `eval canvas(WIDTH, "
			      "HEIGHT)` and plot",
			      figure->script_path);
	if (!result && *rows && !has_end(drawing->out, drawing->format))
		result = fail(error, STATUS_MACHINE,
			      "%s: gnuplot left the picture without its end; is "
			      "the disk full?",
			      drawing->out);
	env_free(env, data);
	env_free(env, start_path);
	return result;
}

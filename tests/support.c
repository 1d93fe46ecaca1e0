/* SPDX-License-Identifier: MIT */
#include "support.h"

#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static char scratch_path[256];

const char *source_dir(void)
{
	const char *path = getenv("QS_SOURCE");

	return path ? path : "..";
}

const char *build_dir(void)
{
	const char *path = getenv("QS_BUILD");

	return path ? path : ".";
}

const char *shared_data(void)
{
	static char path[1024];

	snprintf(path, sizeof path, "%s/../shared/data", source_dir());
	return access(path, R_OK) ? NULL : path;
}

static void scratch_remove(void)
{
	char command[sizeof scratch_path + 16];

	snprintf(command, sizeof command, "rm -rf '%s'", scratch_path);
	if (system(command))
		fprintf(stderr, "# could not remove %s\n", scratch_path);
}

const char *scratch_dir(void)
{
	if (!*scratch_path) {
		const char *base = getenv("TMPDIR");

		snprintf(scratch_path, sizeof scratch_path, "%s/qs-test-XXXXXX", base ? base : "/tmp");
		if (!mkdtemp(scratch_path)) {
			perror(scratch_path);
			exit(1);
		}
		atexit(scratch_remove);
	}
	return scratch_path;
}

const char *scratch(const char *name)
{
	static char paths[8][512];
	static unsigned next;
	char *path = paths[next++ % 8];

	snprintf(path, sizeof *paths, "%s/%s", scratch_dir(), name);
	return path;
}

void write_file(const char *path, const void *bytes, size_t count)
{
	FILE *file = fopen(path, "wb");

	assert_non_null(file);
	assert_int_equal(fwrite(bytes, 1, count, file), count);
	assert_int_equal(fclose(file), 0);
}

char *read_text(const char *path)
{
	FILE *file = fopen(path, "rb");
	size_t count = 0, room = 1 << 16;
	char *text;

	if (!file)
		return NULL;
	text = malloc(room);
	for (;;) {
		count += fread(text + count, 1, room - 1 - count, file);
		if (count < room - 1)
			break;
		text = realloc(text, room *= 2);
	}
	text[count] = '\0';
	fclose(file);
	return text;
}

struct outcome_text run_shell(const char *format, ...)
{
	struct outcome_text outcome;
	char command[8192], whole[10000], out[300], err[300];
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(command, sizeof command, format, arguments);
	va_end(arguments);
	snprintf(out, sizeof out, "%s/.out", scratch_dir());
	snprintf(err, sizeof err, "%s/.err", scratch_dir());
	snprintf(whole, sizeof whole, "cd '%s' && export QS='%s/quantsweep' && { %s ; } >'%s' 2>'%s' </dev/null",
		 scratch_dir(), build_dir(), command, out, err);
	const int status = system(whole);
	outcome.status = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
	outcome.out = read_text(out);
	outcome.err = read_text(err);
	return outcome;
}

void outcome_free(struct outcome_text *outcome)
{
	free(outcome->out);
	free(outcome->err);
	*outcome = (struct outcome_text){ 0 };
}

static void *failing_resize(const struct env *env, void *old, size_t bytes)
{
	struct failing *state = env->self;

	if (!bytes) {
		free(old);
		return NULL;
	}
	if (state->fail_at >= 0 && state->calls++ >= state->fail_at)
		return NULL;
	return realloc(old, bytes);
}

struct env env_failing(struct failing *state)
{
	struct env env = env_system();

	env.resize = failing_resize;
	env.self = state;
	return env;
}

static uint64_t false_now(const struct env *env)
{
	return *(const uint64_t *)env->self;
}

struct env env_with_clock(uint64_t *now_ns)
{
	struct env env = env_system();

	env.now_ns = false_now;
	env.self = now_ns;
	return env;
}

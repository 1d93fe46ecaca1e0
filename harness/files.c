/* SPDX-License-Identifier: MIT */
#include "files.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static int read_all(const struct env *env, FILE *file, const char *path, size_t most, char **bytes,
		    size_t *length, struct error *error)
{
	size_t capacity = 0, count;

	do {
		if (env_grow(env, bytes, &capacity, *length + 4096, 1, path, error))
			return -1;
		/* room for the NUL is left */
		count = fread(*bytes + *length, 1, capacity - *length - 1, file);
		*length += count;
	} while (count && *length <= most);
	if (ferror(file))
		return fail(error, STATUS_INPUT, "%s: cannot be read: %s", path, strerror(errno));
	if (*length > most)
		return fail(error, STATUS_INPUT, "%s: found more than %zu bytes, too large", path,
			    most);
	(*bytes)[*length] = '\0';
	return 0;
}

char *file_read(const struct env *env, const char *path, size_t most, size_t *length,
		struct error *error)
{
	FILE *file = fopen(path, "rbe");
	char *bytes = NULL;

	*length = 0;
	if (!file) {
		fail(error, STATUS_INPUT, "%s: cannot be read: %s", path, strerror(errno));
		return NULL;
	}
	if (read_all(env, file, path, most, &bytes, length, error)) {
		env_free(env, bytes);
		bytes = NULL;
	}
	fclose(file);
	return bytes;
}

static int cannot_write(const char *path, struct error *error)
{
	return fail(error, STATUS_MACHINE, "%s: cannot be written: %s; what was there stays", path,
		    strerror(errno));
}

/* A link stays: its target is replaced.  What is no regular file stays too, and is written to. */
static int choose_names(struct new_file *file, struct error *error)
{
	char target[PATH_MAX];
	struct stat found;

	if (!stat(file->path, &found) && !S_ISREG(found.st_mode) && !S_ISDIR(found.st_mode))
		return 0;
	file->target =
		env_copy_text(file->env, realpath(file->path, target) ? target : file->path, error);
	if (!file->target)
		return -1;
	file->beside = env_print(file->env, error, "%s.new-%ld", file->target, (long)getpid());
	return file->beside ? 0 : -1;
}

static int free_names(struct new_file *file, int result)
{
	env_free(file->env, file->target);
	env_free(file->env, file->beside);
	return result;
}

int file_begin(struct new_file *file, const struct env *env, const char *path, struct error *error)
{
	*file = (struct new_file){ .env = env, .path = path };
	if (choose_names(file, error))
		return free_names(file, -1);
	file->out = fopen(file->beside ? file->beside : path, "wbe");
	return file->out ? 0 : free_names(file, cannot_write(path, error));
}

int file_end(struct new_file *file, struct error *error)
{
	int failed = fflush(file->out) || ferror(file->out) ||
		     (file->beside && fsync(fileno(file->out)));

	if (fclose(file->out))
		failed = 1;
	if (failed || (file->beside && rename(file->beside, file->target))) {
		failed = cannot_write(file->path, error);
		if (file->beside)
			unlink(file->beside);
	}
	return free_names(file, failed);
}

int file_write(const struct env *env, const char *path, const char *bytes, size_t count,
	       struct error *error)
{
	struct new_file file;

	if (file_begin(&file, env, path, error))
		return -1;
	/* a short write is an error of the stream, which file_end finds */
	(void)fwrite(bytes, 1, count, file.out);
	return file_end(&file, error);
}

int folders_make(const struct env *env, const char *path, struct error *error)
{
	char *folder = env_copy_text(env, path, error);
	int failed = 0;

	if (!folder)
		return -1;
	for (char *slash = *folder ? strchr(folder + 1, '/') : NULL; slash && !failed;
	     slash = strchr(slash + 1, '/')) {
		*slash = '\0';
		if (mkdir(folder, 0777) && errno != EEXIST)
			failed = fail(error, STATUS_MACHINE,
				      "%s: the folder '%s' cannot be made: %s", path, folder,
				      strerror(errno));
		*slash = '/';
	}
	env_free(env, folder);
	return failed;
}

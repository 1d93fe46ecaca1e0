/* SPDX-License-Identifier: MIT */
#include "paths.h"

#include "readers/reader.h"
#include "../harness/text.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct folder {                 /* one that the walk is in                               */
	DIR *entries;
	size_t name_length;     /* of walk.name, up to and with its '/'                  */
	dev_t device;
	ino_t inode;
};

struct walk {
	struct paths *paths;
	const char *data, *pattern;
	int levels;             /* folders below the first that can match                */
	size_t looked_at;
	struct folder stack[PATHS_DEPTH_MOST];
	int depth;
	struct text name;       /* of the entry, relative to data                        */
	struct error *error;
};

bool path_is_glob(const char *pattern)
{
	return strpbrk(pattern, "*?[") != NULL;
}

char *path_join(const struct env *env, const char *data, const char *name, struct error *error)
{
	if (*name == '/' || !data || !*data)
		return env_copy_text(env, name, error);
	return env_print(env, error, "%s%s%s", data, data[strlen(data) - 1] == '/' ? "" : "/",
			 name);
}

static int add_name(struct paths *paths, const char *name, struct error *error)
{
	if (env_grow(paths->env, &paths->names, &paths->capacity, paths->count,
		     sizeof *paths->names, "the list of files", error))
		return -1;
	paths->names[paths->count] = env_copy_text(paths->env, name, error);
	return paths->names[paths->count++] ? 0 : -1;
}

/* Opens the folder `descriptor` (taken over) and puts it on the stack. */
static int enter(struct walk *walk, int descriptor, const struct stat *stat)
{
	struct folder *folder = &walk->stack[walk->depth];

	if (walk->depth == PATHS_DEPTH_MOST) {
		close(descriptor);
		return fail(walk->error, STATUS_INPUT, "'%s': folders nested deeper than %d at %s",
			    walk->pattern, PATHS_DEPTH_MOST, walk->name.bytes);
	}
	*folder = (struct folder){ .entries = fdopendir(descriptor),
				   .name_length = walk->name.length,
				   .device = stat->st_dev, .inode = stat->st_ino };
	if (!folder->entries) {
		close(descriptor);
		return fail_memory(walk->error, sizeof *folder, "a folder's entries");
	}
	walk->depth++;
	return 0;
}

static int enter_subfolder(struct walk *walk, int parent, const char *entry,
			   const struct stat *stat)
{
	int descriptor;

	for (int i = 0; i < walk->depth; i++)
		if (walk->stack[i].device == stat->st_dev && walk->stack[i].inode == stat->st_ino)
			return 0;
	if (walk->depth > walk->levels)
		return 0;
	descriptor = openat(parent, entry, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (descriptor < 0)
		return fail(walk->error, STATUS_INPUT, "'%s': the folder %s cannot be read: %s",
			    walk->pattern, walk->name.bytes, strerror(errno));
	text_add(&walk->name, "/");
	return enter(walk, descriptor, stat);
}

static void cut(struct text *text, size_t length)
{
	text->length = length;
	if (text->bytes)
		text->bytes[length] = '\0';
}

/* One entry of the innermost folder. */
static int visit(struct walk *walk, const char *entry)
{
	struct folder *folder = &walk->stack[walk->depth - 1];
	struct stat stat;

	if (*entry == '.')
		return 0;
	if (++walk->looked_at > PATHS_ENTRIES_MOST)
		return fail(walk->error, STATUS_INPUT,
			    "'%s': more than %d files and folders to look at; name a smaller "
			    "folder",
			    walk->pattern, PATHS_ENTRIES_MOST);
	cut(&walk->name, folder->name_length);
	text_add(&walk->name, "%s", entry);
	if (walk->name.failed)
		return fail_memory(walk->error, walk->name.length, "a path");
	/* a link that leads nowhere, or a file that has just gone */
	if (fstatat(dirfd(folder->entries), entry, &stat, 0))
		return 0;
	if (S_ISDIR(stat.st_mode))
		return enter_subfolder(walk, dirfd(folder->entries), entry, &stat);
	if (!S_ISREG(stat.st_mode) || !glob_match(walk->pattern, walk->name.bytes, true))
		return 0;
	const struct reader *reader = reader_find(entry);

	if (!reader || reader->samples) {
		walk->paths->others++;
		return 0;
	}
	return add_name(walk->paths, walk->name.bytes, walk->error);
}

/* The first folder: what stands before the first component with a glob in it. */
static int enter_first(struct walk *walk)
{
	const char *glob = strpbrk(walk->pattern, "*?["), *start = glob;
	struct stat stat;
	char *path;
	int descriptor, status;

	while (start > walk->pattern && start[-1] != '/')
		start--;
	for (const char *c = start; *c; c++)
		walk->levels += *c == '/';
	if (strstr(start, "**"))
		walk->levels = PATHS_DEPTH_MOST;
	text_add_bytes(&walk->name, walk->pattern, (size_t)(start - walk->pattern));
	if (walk->name.failed)
		return fail_memory(walk->error, strlen(walk->pattern), "a path");
	path = path_join(walk->paths->env, walk->data, walk->name.bytes, walk->error);
	if (!path)
		return -1;
	descriptor = open(*path ? path : ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (descriptor < 0 && errno != ENOENT && errno != ENOTDIR)
		status = fail(walk->error, STATUS_INPUT, "'%s': the folder %s cannot be read: %s",
			      walk->pattern, path, strerror(errno));
	else
		status = descriptor < 0 || fstat(descriptor, &stat)
				 ? 0
				 : enter(walk, descriptor, &stat);
	env_free(walk->paths->env, path);
	return status;
}

static int by_bytes(const void *a, const void *b)
{
	const char *const *x = a, *const *y = b;

	return strcmp(*x, *y);
}

static int walk_all(struct walk *walk)
{
	int status = enter_first(walk);

	while (!status && walk->depth) {
		const struct dirent *entry = readdir(walk->stack[walk->depth - 1].entries);

		if (entry)
			status = visit(walk, entry->d_name);
		else
			closedir(walk->stack[--walk->depth].entries);
	}
	while (walk->depth)
		closedir(walk->stack[--walk->depth].entries);
	text_free(&walk->name);
	return status;
}

int paths_find(struct paths *paths, const struct env *env, const char *data, const char *pattern,
	       struct error *error)
{
	struct walk walk = { .paths = paths, .data = data, .pattern = pattern,
			     .name = { .env = env }, .error = error };
	struct stat stat;
	char *path = path_join(env, data, pattern, error);
	int status = 0;

	*paths = (struct paths){ .env = env };
	if (!path)
		return -1;
	if (!lstat(path, &stat))
		status = add_name(paths, pattern, error);
	else if (path_is_glob(pattern))
		status = walk_all(&walk);
	env_free(env, path);
	if (status)
		paths_free(paths);
	else if (paths->count)
		qsort(paths->names, paths->count, sizeof *paths->names, by_bytes);
	return status;
}

void paths_free(struct paths *paths)
{
	for (size_t i = 0; i < paths->count; i++)
		env_free(paths->env, paths->names[i]);
	if (paths->env)
		env_free(paths->env, paths->names);
	*paths = (struct paths){ 0 };
}

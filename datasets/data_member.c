/* SPDX-License-Identifier: MIT */
#include "data_member.h"

#include "../harness/text.h"
#include "paths.h"
#include "readers/csv.h"

#include <string.h>

extern const struct reader reader_csv;

static int find(struct data_member *member, const char *name, struct error *error)
{
	const struct tensor_file *file = &member->file;
	const char **names;

	member->column = -1;
	member->info = file->tensors;
	if (!file->count)
		return fail(error, STATUS_INPUT, "%s: holds no tensor", file->path);
	if (!name)
		return 0;
	if (file->reader == &reader_csv) {
		member->column = csv_find_column(file, name, error);
		return member->column < 0 ? -1 : 0;
	}
	for (size_t i = 0; i < file->count; i++)
		if (!strcmp(file->tensors[i].name, name)) {
			member->info = &file->tensors[i];
			return 0;
		}
	names = env_new(file->env, file->count, sizeof *names, "names", error);
	if (!names)
		return -1;
	for (size_t i = 0; i < file->count; i++)
		names[i] = file->tensors[i].name;
	fail_unknown(error, nearest_name(name, names, file->count),
		     "`quantsweep inspect` lists all", "%s: no array '%s'", file->path, name);
	env_free(file->env, names);
	return -1;
}

int data_member_open(struct data_member *member, const struct env *env, const char *folder,
		     const char *name, struct error *error)
{
	const char *hash = strchr(name, '#');
	const int length = hash ? (int)(hash - name) : (int)strlen(name);
	char *file = env_print(env, error, "%.*s", length, name);
	char *path = file ? path_join(env, folder, file, error) : NULL;
	int failed;

	env_free(env, file);
	if (!path)
		return -1;
	failed = tensor_file_open(&member->file, env, path, error);
	if (!failed && find(member, hash ? hash + 1 : NULL, error)) {
		tensor_file_close(&member->file);
		failed = -1;
	}
	env_free(env, path);
	return failed;
}

void data_member_close(struct data_member *member)
{
	tensor_file_close(&member->file);
}

int64_t data_member_column(const struct data_member *member, const char *name, struct error *error)
{
	const int64_t columns = member->info->shape[1];
	int64_t number = 0;
	const char *c = name;

	if (member->file.reader == &reader_csv)
		return csv_find_column(&member->file, name, error);
	for (; *c >= '0' && *c <= '9' && number < columns; c++)
		number = number * 10 + (*c - '0');
	if (!*c && number < columns)
		return number;
	return fail(error, STATUS_INPUT, "%s: no column '%s' among its %lld, counted from 0",
		    member->file.path, name, (long long)columns);
}

int data_member_values(const struct data_member *member, int64_t first, int64_t count, double *out,
		       struct error *error)
{
	return tensor_file_values(&member->file, member->info, first, count, out, error);
}

int64_t data_member_lines(const struct data_member *member)
{
	return member->column < 0 ? member->info->elements : member->info->shape[0];
}

int data_member_line(const struct data_member *member, int64_t index, double *out,
		     struct error *error)
{
	const int64_t place =
		member->column < 0 ? index : index * member->info->shape[1] + member->column;

	return data_member_values(member, place, 1, out, error);
}

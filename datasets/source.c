/* SPDX-License-Identifier: MIT
 *
 * One tensor by its source: made by a generator or read from a file; and patterns of sources.
 */
#include "subject.h"

#include "../harness/text.h"
#include "layout.h"
#include "paths.h"
#include "readers/reader.h"
#include "synthetic/generator.h"

#include <stdlib.h>
#include <string.h>

static const char synthetic_prefix[] = "synthetic:";

void source_free(struct source *source, const struct env *env)
{
	env_free(env, source->name);
	env_free(env, source->path);
	env_free(env, source->member);
	*source = (struct source){ 0 };
}

void sources_free(struct sources *sources)
{
	if (!sources->env)
		return;
	for (size_t i = 0; i < sources->count; i++)
		source_free(&sources->sources[i], sources->env);
	env_free(sources->env, sources->sources);
	env_free(sources->env, sources->reason);
	*sources = (struct sources){ 0 };
}

static struct source *add_source(struct sources *sources, struct error *error)
{
	if (env_grow(sources->env, &sources->sources, &sources->capacity, sources->count,
		     sizeof *sources->sources, "the list of tensors", error))
		return NULL;
	sources->sources[sources->count] = (struct source){ 0 };
	return &sources->sources[sources->count++];
}

static int add_synthetic(struct sources *sources, const char *name, int rank, const int64_t *shape,
			 struct error *error)
{
	static const int64_t standard[] = { 256, 1024 };
	const struct value *value = value_find(synthetic_values, name);
	struct text text = { .env = sources->env };
	struct source *source;
	int64_t elements;

	if (!value)
		return fail_unknown(error, value_nearest(synthetic_values, name),
				    "`quantsweep list synthetic` shows all",
				    "unknown generator '%s'", name);
	shape = rank ? shape : standard;
	rank = rank ? rank : 2;
	if (!layout_elements(rank, shape, &elements) || elements < 1 || elements > INT64_C(1) << 31)
		return fail(error, STATUS_INPUT, "synthetic:%s: its shape has no or more than 2^31 "
			    "elements", name);
	source = add_source(sources, error);
	if (!source)
		return -1;
	source->generator = value;
	source->rank = rank;
	memcpy(source->shape, shape, sizeof *shape * (size_t)rank);
	layout_rows(rank, shape, 0, &source->rows, &source->columns);
	text_add(&text, "%s%s", synthetic_prefix, name);
	for (int i = 0; i < rank; i++)
		text_add(&text, "%c%lld", i ? 'x' : ':', (long long)shape[i]);
	source->name = text_take(&text, error);
	return source->name ? 0 : -1;
}

/* The tensor is read here once for its hash, while its file is open. */
static int hash_member(struct source *source, const struct tensor_file *file,
		       const struct tensor_info *info, struct error *error)
{
	struct tensor tensor;

	if (tensor_file_load(file, info, &tensor, error))
		return -1;
	tensor_hash(source->hash, &tensor);
	tensor_free(&tensor);
	return 0;
}

static int add_member(struct sources *sources, const struct tensor_file *file, const char *path,
		      const struct tensor_info *info, struct error *error)
{
	struct source *source = add_source(sources, error);

	if (!source)
		return -1;
	source->name = file->reader->single
			       ? env_copy_text(sources->env, path, error)
			       : env_print(sources->env, error, "%s#%s", path, info->name);
	source->path = env_copy_text(sources->env, file->path, error);
	source->member = env_copy_text(sources->env, info->name, error);
	source->rank = info->rank;
	memcpy(source->shape, info->shape, sizeof source->shape);
	source->axis = info->axis;
	source->rows = info->rows;
	source->columns = info->columns;
	if (!source->name || !source->path || !source->member)
		return -1;
	return hash_member(source, file, info, error);
}

static const struct tensor_info *find_member(const struct tensor_file *file, const char *name)
{
	for (size_t i = 0; i < file->count; i++)
		if (!strcmp(file->tensors[i].name, name))
			return &file->tensors[i];
	return NULL;
}

/* The file's tensors that `member` names; NULL: all weights. */
static int add_members(struct sources *sources, const struct tensor_file *file, const char *path,
		       const char *member, struct error *error)
{
	const struct tensor_info *exact = member ? find_member(file, member) : NULL;

	if (exact)
		return exact->floating && exact->elements
			       ? add_member(sources, file, path, exact, error)
			       : 0;
	for (size_t i = 0; i < file->count; i++)
		if (file->tensors[i].weight &&
		    (!member || glob_match(member, file->tensors[i].name, false)) &&
		    add_member(sources, file, path, &file->tensors[i], error))
			return -1;
	return 0;
}

/* Why one file gave nothing: the tensor is no float, or its name is near to another one. */
static char *no_member(const struct tensor_file *file, const char *member, struct error *error)
{
	const struct tensor_info *exact = member ? find_member(file, member) : NULL;
	const char **names, *near = NULL;
	char *reason;

	if (exact || (file->count == 1 && !member))
		return env_print(file->env, error,
				 "%s: tensor '%s' is %s; only floating tensors are quantized",
				 file->path, exact ? exact->name : file->tensors->name,
				 exact && exact->floating ? "empty"
				 : exact                  ? exact->type
							  : file->tensors->type);
	if (!member || path_is_glob(member))
		return env_print(file->env, error,
				 "%s: none of its %zu tensors is a floating weight%s%s", file->path,
				 file->count, member ? " whose name matches " : "",
				 member ? member : "");
	names = env_new(file->env, file->count, sizeof *names, "names", error);
	if (!names)
		return NULL;
	for (size_t i = 0; i < file->count; i++)
		names[i] = file->tensors[i].name;
	near = nearest_name(member, names, file->count);
	reason = env_print(file->env, error,
			   "%s: no tensor '%s'%s%s%s; `quantsweep inspect` lists all", file->path,
			   member, near ? "; did you mean '" : "", near ? near : "",
			   near ? "'?" : "");
	env_free(file->env, names);
	return reason;
}

static int add_file(struct sources *sources, const char *data, const char *path, const char *member,
		    bool alone, struct error *error)
{
	char *full = path_join(sources->env, data, path, error);
	struct tensor_file file;
	int status;

	if (!full)
		return -1;
	status = tensor_file_open(&file, sources->env, full, error);
	env_free(sources->env, full);
	if (status)
		return -1;
	status = add_members(sources, &file, path, member, error);
	if (!status && !sources->count && alone) {
		sources->reason = no_member(&file, member, error);
		status = sources->reason ? 0 : -1;
	}
	tensor_file_close(&file);
	return status;
}

static int no_source(struct sources *sources, const struct paths *paths, const char *path,
		     const char *data, struct error *error)
{
	char known[200];

	reader_suffixes(known, sizeof known, false);
	if (paths->count)
		sources->reason = env_print(sources->env, error,
					    "'%s' matches %zu files; none has a floating weight "
					    "of that name",
					    path, paths->count);
	else if (paths->others)
		sources->reason = env_print(sources->env, error,
					    "'%s' matches %zu files, none of them %s",
					    path, paths->others, known);
	else
		sources->reason = env_print(sources->env, error, "no file '%s' in %s", path,
					    data && *data ? data : ".");
	return sources->reason ? 0 : -1;
}

static int find_files(struct sources *sources, const char *data, const char *path,
		      const char *member, struct error *error)
{
	struct paths paths;
	int status = 0;

	if (paths_find(&paths, sources->env, data, path, error))
		return -1;
	for (size_t i = 0; i < paths.count && !status; i++)
		status = add_file(sources, data, paths.names[i], member, paths.count == 1, error);
	if (!status && !sources->count && !sources->reason)
		status = no_source(sources, &paths, path, data, error);
	paths_free(&paths);
	return status;
}

/* The path's part of the pattern, without "./" in front and without the data folder. */
static char *label_path(const struct env *env, const char *data, const char *pattern,
			struct error *error)
{
	const size_t length = data ? strlen(data) : 0;
	char *path, *hash;

	while (!strncmp(pattern, "./", 2))
		pattern += 2;
	if (length && *data == '/' && !strncmp(pattern, data, length) &&
	    (pattern[length] == '/' || data[length - 1] == '/'))
		for (pattern += length; *pattern == '/'; pattern++)
			;
	path = env_copy_text(env, pattern, error);
	hash = path ? strchr(path, '#') : NULL;
	if (hash)
		*hash = '\0';
	return path;
}

static int by_name(const void *a, const void *b)
{
	const struct source *x = a, *y = b;

	return strcmp(x->name, y->name);
}

int sources_find(struct sources *sources, const struct env *env, const char *data,
		 const char *pattern, int rank, const int64_t *shape, struct error *error)
{
	const size_t prefix = sizeof synthetic_prefix - 1;
	const char *hash = strchr(pattern, '#');
	char *path;
	int status;

	*sources = (struct sources){ .env = env };
	if (!strncmp(pattern, synthetic_prefix, prefix)) {
		status = add_synthetic(sources, pattern + prefix, rank, shape, error);
	} else {
		path = label_path(env, data, pattern, error);
		status = path ? find_files(sources, data, path, hash ? hash + 1 : NULL, error) : -1;
		env_free(env, path);
	}
	if (status)
		sources_free(sources);
	else if (sources->count)
		qsort(sources->sources, sources->count, sizeof *sources->sources, by_name);
	return status;
}

static int load_synthetic(const struct source *source, const struct env *env, uint64_t seed,
			  struct tensor *out, struct error *error)
{
	const struct generator *generator = (const struct generator *)source->generator;
	struct tensor tensor = { .env = env, .rank = source->rank, .rows = source->rows,
				 .columns = source->columns };

	memcpy(tensor.shape, source->shape, sizeof tensor.shape);
	layout_order(tensor.order, tensor.rank, 0);
	tensor.values = env_new(env, (size_t)tensor.rows * (size_t)tensor.columns,
				sizeof *tensor.values, source->name, error);
	if (!tensor.values)
		return -1;
	generator->fill(tensor.values, tensor.rows, tensor.columns, seed ^ source->draw);
	*out = tensor;
	return 0;
}

static int check_content(const struct source *source, struct tensor *tensor, struct error *error)
{
	char hash[KEY_SIZE];

	if (!*source->hash)
		return 0;
	tensor_hash(hash, tensor);
	if (!strcmp(hash, source->hash))
		return 0;
	tensor_free(tensor);
	return fail(error, STATUS_INPUT,
		    "%s: tensor '%s' has changed since the plan was made; start again when the "
		    "file is at rest",
		    source->path, source->member);
}

int source_load(const struct source *source, const struct env *env, uint64_t seed,
		struct tensor *out, struct error *error)
{
	const struct tensor_info *info;
	struct tensor_file file;
	int status;

	if (source->generator)
		return load_synthetic(source, env, seed, out, error);
	if (tensor_file_open(&file, env, source->path, error))
		return -1;
	info = find_member(&file, source->member);
	status = info ? tensor_file_load(&file, info, out, error)
		      : fail(error, STATUS_INPUT,
			     "%s: tensor '%s' has gone since the plan was made; start again when "
			     "the file is at rest",
			     source->path, source->member);
	tensor_file_close(&file);
	return status ? status : check_content(source, out, error);
}

int source_hash(char key[KEY_SIZE], const struct source *source, const struct env *env,
		struct error *error)
{
	struct tensor tensor;
	char *text;

	if (*source->hash) {
		memcpy(key, source->hash, KEY_SIZE);
		return 0;
	}
	if (!source->generator) {
		if (source_load(source, env, 0, &tensor, error))
			return -1;
		tensor_hash(key, &tensor);
		tensor_free(&tensor);
		return 0;
	}
	text = env_print(env, error, "%s draw %llu version %d", source->name,
			 (unsigned long long)source->draw, GENERATOR_VERSION);
	if (!text)
		return -1;
	hash_text(key, text);
	env_free(env, text);
	return 0;
}

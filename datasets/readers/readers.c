/* SPDX-License-Identifier: MIT
 *
 * The table of readers (add your line here and your file beside it, nowhere else) and what they
 * share: mapping the file, finding the reader by its suffix, refusing what is no float.
 */
#include "element.h"

#include "../layout.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#define READERS(X)                                                                                 \
	X(npy)                                                                                     \
	X(npz)                                                                                     \
	X(safetensors)                                                                             \
	X(onnx)                                                                                    \
	X(idx)                                                                                     \
	X(csv)                                                                                     \
	X(tensorproto)                                                                             \
	X(raw)

enum { READERS_MOST = 32 }; /* suffixes in a sentence */

#define DECLARE(name) extern const struct reader reader_##name;
READERS(DECLARE)

#define POINT(name) &reader_##name.value,
const struct value *const reader_values[] = { READERS(POINT) NULL };

static bool ends_in(const char *path, const char *suffix)
{
	const size_t length = strlen(path), end = suffix ? strlen(suffix) : length;

	return length > end && !strcmp(path + length - end, suffix);
}

const struct reader *reader_find(const char *path)
{
	for (const struct value *const *value = reader_values; *value; value++) {
		const struct reader *reader = (const struct reader *)*value;

		if (ends_in(path, reader->suffix) || ends_in(path, reader->other_suffix))
			return reader;
	}
	return NULL;
}

void reader_suffixes(char *out, size_t size, bool samples)
{
	const char *known[READERS_MOST];
	size_t count = 0, used = 0;

	*out = '\0';
	for (const struct value *const *value = reader_values; *value; value++) {
		const struct reader *reader = (const struct reader *)*value;

		if (samples ? !reader->values : reader->samples)
			continue;
		known[count++] = reader->suffix;
		if (reader->other_suffix)
			known[count++] = reader->other_suffix;
	}
	for (size_t i = 0; i < count && used < size; i++)
		used += (size_t)snprintf(out + used, size - used, "%s%s",
					 !i              ? ""
					 : i + 1 < count ? ", "
							 : " or ",
					 known[i]);
}

int tensor_file_open_bytes(struct tensor_file *file, const struct env *env,
			   const struct reader *reader, const char *path,
			   const unsigned char *bytes, size_t size, struct error *error)
{
	*file = (struct tensor_file){ .env = env, .reader = reader, .bytes = bytes, .size = size };
	file->path = env_copy_text(env, path, error);
	if (file->path && !reader->open(file, error))
		return 0;
	tensor_file_close(file);
	return -1;
}

/* Maps a regular file that is not empty. */
static int map_file(const char *path, const unsigned char **bytes, size_t *size,
		    struct error *error)
{
	const int descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	struct stat stat = { 0 };
	void *map;

	if (descriptor < 0)
		return fail(error, STATUS_INPUT, "%s: cannot be read: %s", path, strerror(errno));
	if (fstat(descriptor, &stat) || !S_ISREG(stat.st_mode) || stat.st_size <= 0) {
		close(descriptor);
		return fail(error, STATUS_INPUT, "%s: %s", path,
			    S_ISREG(stat.st_mode) ? "is empty" : "is not a regular file");
	}
	map = mmap(NULL, (size_t)stat.st_size, PROT_READ, MAP_PRIVATE, descriptor, 0);
	close(descriptor);
	if (map == MAP_FAILED)
		return fail(error, STATUS_MACHINE, "%s: cannot be mapped into memory: %s", path,
			    strerror(errno));
	*bytes = map;
	*size = (size_t)stat.st_size;
	return 0;
}

int tensor_file_open(struct tensor_file *file, const struct env *env, const char *path,
		     struct error *error)
{
	const struct reader *reader = reader_find(path);
	const unsigned char *bytes = NULL;
	size_t size = 0;

	if (!reader) {
		char known[200];

		reader_suffixes(known, sizeof known, false);
		return fail(error, STATUS_INPUT,
			    "%s: no reader for such a file; its name must end in %s", path, known);
	}
	if (map_file(path, &bytes, &size, error))
		return -1;
	if (tensor_file_open_bytes(file, env, reader, path, bytes, size, error)) {
		munmap((void *)(uintptr_t)bytes, size);
		return -1;
	}
	file->mapped = true;
	return 0;
}

/* The load of readers that know values alone. */
static int load_values(const struct tensor_file *file, const struct tensor_info *info,
		       struct tensor *out, struct error *error)
{
	enum { PIECE = 1024 };
	const struct env *env = file->env;
	float *values = env_new(env, (size_t)info->elements, sizeof *values, info->name, error);
	int64_t stride[RANK_MAX];
	double piece[PIECE];

	if (!values)
		return -1;
	for (int64_t at = 0; at < info->elements; at += PIECE) {
		const int64_t left = info->elements - at, count = left < PIECE ? left : PIECE;

		if (file->reader->values(file, info, at, count, piece, error)) {
			env_free(env, values);
			return -1;
		}
		for (int64_t i = 0; i < count; i++)
			values[at + i] = (float)piece[i];
	}
	layout_strides(stride, info->rank, info->shape, false);
	return tensor_from_values(out, file, info, values, stride, error);
}

int tensor_file_load(const struct tensor_file *file, const struct tensor_info *info,
		     struct tensor *out, struct error *error)
{
	if (!info->floating)
		return fail(error, STATUS_INPUT,
			    "%s: tensor '%s' is of type %s; only floating tensors (float16, "
			    "bfloat16, float32, float64) are quantized",
			    file->path, info->name, info->type);
	if (info->refusal)
		return fail(error, STATUS_INPUT, "%s: tensor '%s' %s", file->path, info->name,
			    info->refusal);
	if (!info->elements)
		return fail(error, STATUS_INPUT,
			    "%s: tensor '%s' has no elements: one of its axes is 0", file->path,
			    info->name);
	return file->reader->load ? file->reader->load(file, info, out, error)
				  : load_values(file, info, out, error);
}

int tensor_file_values(const struct tensor_file *file, const struct tensor_info *info,
		       int64_t first, int64_t count, double *out, struct error *error)
{
	const struct element *element = element_find(info->type);
	char known[200];

	reader_suffixes(known, sizeof known, true);
	if (!file->reader->values)
		return fail(error, STATUS_INPUT,
			    "%s: no samples are read from such a file; they are from %s",
			    file->path, known);
	if (element->kind == ELEMENT_OTHER)
		return fail(error, STATUS_INPUT,
			    "%s: tensor '%s' is of type %s, which is no number", file->path,
			    info->name, info->type);
	return file->reader->values(file, info, first, count, out, error);
}

void tensor_file_close(struct tensor_file *file)
{
	if (!file->env)
		return;
	if (file->reader->close)
		file->reader->close(file);
	for (size_t i = 0; i < file->count; i++) {
		env_free(file->env, file->tensors[i].name);
		env_free(file->env, file->tensors[i].refusal);
		env_free(file->env, file->tensors[i].extra);
	}
	env_free(file->env, file->tensors);
	env_free(file->env, file->summary);
	env_free(file->env, file->path);
	if (file->mapped)
		munmap((void *)(uintptr_t)file->bytes, file->size);
	*file = (struct tensor_file){ 0 };
}

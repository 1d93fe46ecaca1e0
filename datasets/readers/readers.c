/* SPDX-License-Identifier: MIT
 *
 * The table of readers (add your line here and your file beside it, nowhere else) and what they
 * share: mapping the file, finding the reader by its suffix, refusing what is no float.
 */
#include "element.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#define READERS(X)     \
	X(npy)         \
	X(safetensors) \
	X(onnx)

#define DECLARE(name) extern const struct reader reader_##name;
READERS(DECLARE)

#define POINT(name) &reader_##name.value,
const struct value *const reader_values[] = { READERS(POINT) NULL };

const struct reader *reader_find(const char *path)
{
	const size_t length = strlen(path);

	for (const struct value *const *value = reader_values; *value; value++) {
		const struct reader *reader = (const struct reader *)*value;
		const size_t suffix = strlen(reader->suffix);

		if (length > suffix && !strcmp(path + length - suffix, reader->suffix))
			return reader;
	}
	return NULL;
}

void reader_suffixes(char *out, size_t size)
{
	size_t used = 0;

	*out = '\0';
	for (const struct value *const *value = reader_values; *value && used < size; value++)
		used += (size_t)snprintf(out + used, size - used, "%s%s",
					 value == reader_values ? "" : value[1] ? ", " : " or ",
					 ((const struct reader *)*value)->suffix);
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

		reader_suffixes(known, sizeof known);
		return fail(error, STATUS_INPUT,
			    "%s: no reader for such a file; its name must end in %s",
			    path, known);
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
			    "%s: tensor '%s' has no elements: one of its axes is 0",
			    file->path, info->name);
	return file->reader->load(file, info, out, error);
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

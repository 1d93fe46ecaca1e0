/* SPDX-License-Identifier: MIT
 *
 * What the tests of readers share: opening bytes in memory, garbage with its sentence, truncation
 * and byte flips.  Bytes are copied to a block of exactly their size, so that the address sanitizer
 * sees a read behind the end.
 */
#ifndef QS_TEST_FILES_H
#define QS_TEST_FILES_H

#include "support.h"

#include "../datasets/readers/reader.h"
#include "../harness/random.h"
#include "../harness/text.h"

#include <dirent.h>

static inline unsigned char *read_bytes(const char *path, size_t *size)
{
	FILE *file = fopen(path, "rb");
	unsigned char *bytes = malloc(1 << 24);

	assert_non_null(file);
	*size = fread(bytes, 1, 1 << 24, file);
	fclose(file);
	return realloc(bytes, *size ? *size : 1);
}

/* zlib's CRC-32 of the values' bytes, as the truth scripts print it. */
static inline uint32_t values_crc32(const struct tensor *tensor)
{
	const unsigned char *bytes = (const unsigned char *)tensor->values;
	const size_t count = (size_t)(tensor->rows * tensor->columns) * sizeof *tensor->values;
	uint32_t crc = 0xffffffff;

	for (size_t i = 0; i < count; i++) {
		crc ^= bytes[i];
		for (int bit = 0; bit < 8; bit++)
			crc = crc >> 1 ^ (crc & 1 ? 0xedb88320 : 0);
	}
	return ~crc;
}

/* Every number of a tensor in C order. */
static inline int read_values(const struct tensor_file *file, const struct tensor_info *info,
			      struct error *error)
{
	double piece[7];

	for (int64_t at = 0; at < info->elements; at += 7) {
		const int64_t left = info->elements - at;

		if (tensor_file_values(file, info, at, left < 7 ? left : 7, piece, error))
			return -1;
	}
	return 0;
}

/* Opens, loads every floating tensor and reads every number, closes.  The sentence's status; 0: all
 * is well. */
static inline enum status open_and_load(const struct env *env, const struct reader *reader,
					const unsigned char *bytes, size_t size)
{
	unsigned char *exact = malloc(size ? size : 1);
	struct tensor_file file;
	struct tensor tensor;
	struct error error = { 0 };
	enum status status = STATUS_DONE;

	memcpy(exact, bytes, size);
	if (tensor_file_open_bytes(&file, env, reader, "bytes", exact, size, &error)) {
		status = error.status;
	} else {
		for (size_t i = 0; i < file.count; i++) {
			if (!tensor_file_load(&file, &file.tensors[i], &tensor, &error))
				tensor_free(&tensor);
			else if (error.status != STATUS_INPUT)
				status = error.status;
			if (reader->values && !file.tensors[i].refusal &&
			    read_values(&file, &file.tensors[i], &error) &&
			    error.status != STATUS_INPUT)
				status = error.status;
		}
		tensor_file_close(&file);
	}
	free(exact);
	return status;
}

/* Every file of tests/garbage/KIND/ with the reader's suffix gives status 2 and its sentence. */
static inline int check_garbage(const char *kind, const struct reader *reader)
{
	const struct env env = env_system();
	struct tensor_file file;
	struct dirent *entry;
	struct error error;
	char folder[1000], path[1500], *expect;
	int cases = 0;
	DIR *entries;

	snprintf(folder, sizeof folder, "%s/tests/garbage/%s", source_dir(), kind);
	entries = opendir(folder);
	assert_non_null(entries);
	while ((entry = readdir(entries))) {
		char *suffix = strrchr(entry->d_name, '.');

		if (!suffix || strcmp(suffix, reader->suffix))
			continue;
		snprintf(path, sizeof path, "%s/%.*s.expect", folder, (int)(suffix - entry->d_name),
			 entry->d_name);
		expect = read_text(path);
		assert_non_null(expect);
		expect[strcspn(expect, "\n")] = '\0';
		snprintf(path, sizeof path, "%s/%s", folder, entry->d_name);
		if (!tensor_file_open(&file, &env, path, &error))
			fail_msg("%s was opened", path);
		assert_int_equal(error.status, STATUS_INPUT);
		if (!glob_match(expect, error.text, false))
			fail_msg("%s\nexpected %s", error.text, expect);
		free(expect);
		cases++;
	}
	closedir(entries);
	return cases;
}

/* A good file cut at every length gets an answer (where cuts_show: a refusal), and so do `flips`
 * copies with one to four bytes changed, half of the changes in the first `head` bytes. */
static inline void hammer(const struct reader *reader, const char *path, bool cuts_show,
			  size_t head, int flips)
{
	const struct env env = env_system();
	size_t size;
	unsigned char *bytes = read_bytes(path, &size);

	assert_int_equal(open_and_load(&env, reader, bytes, size), STATUS_DONE);
	for (size_t length = 0; length < size; length++) {
		const enum status status = open_and_load(&env, reader, bytes, length);

		assert_true(status == STATUS_INPUT || (!cuts_show && status == STATUS_DONE));
	}
	head = head < size ? head : size;
	for (int flip = 0; flip < flips; flip++) {
		const struct random4 count = random_at(1, 0, (uint64_t)flip);
		unsigned char old[4];
		size_t place[4];
		const unsigned changes = 1 + count.word[0] % 4;

		for (unsigned i = 0; i < changes; i++) {
			const struct random4 x = random_at(1, 1 + i, (uint64_t)flip);

			place[i] = x.word[0] % (x.word[1] & 1 ? head : size);
			old[i] = bytes[place[i]];
			bytes[place[i]] =
				(unsigned char)(x.word[2] & 1 ? x.word[3]
							      : old[i] ^ 1u << x.word[3] % 8);
		}
		const enum status status = open_and_load(&env, reader, bytes, size);

		assert_true(status == STATUS_DONE || status == STATUS_INPUT);
		for (unsigned i = changes; i-- > 0;)
			bytes[place[i]] = old[i];
	}
	free(bytes);
}

/* Every allocation in turn fails: status 4 and no leak. */
static inline void starve(const struct reader *reader, const char *path)
{
	struct failing failing = { .fail_at = -1 };
	const struct env env = env_failing(&failing);
	size_t size;
	unsigned char *bytes = read_bytes(path, &size);
	enum status status = STATUS_MACHINE;

	for (long at = 0; status != STATUS_DONE; at++) {
		failing = (struct failing){ .fail_at = at };
		status = open_and_load(&env, reader, bytes, size);
		assert_true(status == STATUS_DONE || status == STATUS_MACHINE);
		assert_true(at < 5000);
	}
	free(bytes);
}

#endif

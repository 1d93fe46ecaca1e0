/* SPDX-License-Identifier: MIT
 *
 * Whole files: read with a limit, written so that no half of one is ever seen.
 */
#ifndef QS_FILES_H
#define QS_FILES_H

#include "env.h"

#include <stdio.h>

/* The file's bytes and a NUL behind them, for the caller to free; NULL with *error (STATUS_INPUT)
 * where it cannot be read or has more than `most` bytes (a device has no end). */
char *file_read(const struct env *env, const char *path, size_t most, size_t *length,
		struct error *error);

/* A file that is written under another name and put in its place at the end.  A symbolic link stays
 * one, and what is no regular file (/dev/stdout, a pipe) is written to, not replaced. */
struct new_file {
	const struct env *env;
	const char *path;       /* the caller's, valid until file_end                    */
	char *target, *beside;  /* the end of a link's chain and its new name, or NULL   */
	FILE *out;              /* write here; errors are asked for at the end           */
};

/* Failures are STATUS_MACHINE; after -1 there is nothing to end. */
int file_begin(struct new_file *file, const struct env *env, const char *path,
	       struct error *error);
/* Puts the file in its place.  Where that fails what was there stays, and nothing is left beside
 * it. */
int file_end(struct new_file *file, struct error *error);
/* Both at once. */
int file_write(const struct env *env, const char *path, const char *bytes, size_t count,
	       struct error *error);

/* Makes the folders that lead to PATH, all before its last '/', where they are not there yet. */
int folders_make(const struct env *env, const char *path, struct error *error);

#endif

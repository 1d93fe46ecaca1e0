/* SPDX-License-Identifier: MIT
 *
 * Words: a growing text, escapes of labels, globs, and the nearest known name.
 */
#ifndef QS_TEXT_H
#define QS_TEXT_H

#include "env.h"

#include <stdbool.h>
#include <stddef.h>

/* A text that grows.  Running out of memory is remembered in `failed`, so that a writer of many
 * pieces asks once, at the end: text_take. */
struct text {
	const struct env *env;
	char *bytes;            /* NUL-ended once something was added                    */
	size_t length, capacity;
	bool failed;
};

void text_add(struct text *text, const char *format, ...) __attribute__((format(printf, 2, 3)));
void text_add_bytes(struct text *text, const char *bytes, size_t count);
/* The text, now the caller's (env_free), or NULL with *error where memory ran out. */
char *text_take(struct text *text, struct error *error);
void text_free(struct text *text);

/* Appends `name` with everything that a label or a filter would read otherwise as %XX: space
 * = | , % * ? [ ] ( ) and control characters. */
void text_add_escaped(struct text *text, const char *name);
/* The same into out[size]; returns the number of characters, as snprintf. */
int print_escaped(char *out, size_t size, const char *name);
/* The inverse, in place; false where a % is not followed by two hex digits. */
bool text_unescape(char *name);

/* Copies what fits; control characters become '?', so that a line stays one. */
void copy_one_line(char *out, size_t size, const char *from);

/* Shell glob over the whole of `name`: * ? [a-z] [!a-z].  `path`: * and ? stop at '/', and ** does
 * not.  No recursion deeper than the number of stars in the pattern. */
bool glob_match(const char *pattern, const char *name, bool path);

/* Edit distance (insert, delete, replace, swap of neighbours), at most `limit` + 1. */
size_t edit_distance(const char *a, const char *b, size_t limit);
/* The nearest name, or NULL when none is within a third of the length (at least 2). */
const char *nearest_name(const char *name, const char *const *names, size_t count);

/* The shortest of %.15g, %.16g, %.17g that reads back as the same double. */
void print_double(char out[32], double value);

#endif

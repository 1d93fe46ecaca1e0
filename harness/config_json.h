/* SPDX-License-Identifier: MIT
 *
 * Inside the config reader alone: a JSON document whose values know their line and their key.
 *
 * The scan comes first.  It is strict (RFC 8259), does not recurse and bounds what cJSON gets to
 * see: depth, number of values, length and size of numbers, valid UTF-8.  So whatever cJSON then
 * refuses is for want of memory, and the lines the scan noted belong to cJSON's values one by one,
 * in document order.
 */
#ifndef QS_CONFIG_JSON_H
#define QS_CONFIG_JSON_H

#include "env.h"

#include <cJSON.h>
#include <stdbool.h>

enum {
	JSON_BYTES_MOST = 16 << 20,
	JSON_DEPTH_MOST = 64,
	JSON_VALUES_MOST = 1 << 18,
	JSON_NUMBER_MOST = 63   /* characters: cJSON reads no longer ones                */
};

struct json_lines {             /* lines[i]: of value i in document order                */
	const struct env *env;
	size_t count, capacity;
	int *lines;
};

/* Checks that the text is UTF-8 without a NUL, comments included, and blanks what JSON has not but
 * a config may: a byte order mark and full-line // comments.  Every byte keeps its place. */
int json_prepare(char *text, size_t length, const char *path, struct error *error);
/* Checks the whole text; fills `lines`, which the caller frees also on -1. */
int json_scan(struct json_lines *lines, const char *path, const char *text, size_t length,
	      struct error *error);

struct json_place {
	const cJSON *item;
	int line;
};

struct document {
	const struct env *env;
	const char *path;       /* of the file, for messages; the caller's               */
	cJSON *root;
	size_t count;
	struct json_place *places;       /* sorted by address                            */
};

int document_open(struct document *document, const struct env *env, const char *path,
		  const char *json, size_t length, struct error *error);
void document_close(struct document *document);
int document_line(const struct document *document, const cJSON *item);
/* FILE:LINE: KEY: sentence; status STATUS_INPUT; returns -1. */
int document_fail(const struct document *document, const cJSON *item, struct error *error,
		  const char *format, ...) __attribute__((format(printf, 4, 5)));
/* "'abc'", "8", "a list": what was found, for a sentence. */
const char *document_found(char out[64], const cJSON *item);

struct json_key {
	const char *name;
	bool required;
};
/* The item is an object with these keys alone (ended by a NULL name), none doubled.  what: "a
 * sweep block". */
int document_keys(const struct document *document, const cJSON *item, const struct json_key *keys,
		  const char *what, struct error *error);
const cJSON *document_get(const cJSON *item, const char *key);
/* A whole number in [least, most]. */
int document_whole(const struct document *document, const cJSON *item, double least, double most,
		   double *number, struct error *error);
/* A string that is not empty. */
int document_string(const struct document *document, const cJSON *item, const char *what,
		    struct error *error);

#endif

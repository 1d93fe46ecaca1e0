/* SPDX-License-Identifier: MIT
 *
 * The patterns of a value: a list of globs becomes one text with one spelling.
 */
#include "config_parts.h"

#include "text.h"

#include <stdlib.h>
#include <string.h>

static int by_bytes(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static int read_one(const struct config_reader *reader, const cJSON *item)
{
	if (document_string(reader->document, item, "a glob on the names of layers", reader->error))
		return -1;
	if (strchr(item->valuestring, ';'))
		return document_fail(reader->document, item, reader->error,
				     "found '%.60s', expected a glob without ';'; a '?' fits it",
				     item->valuestring);
	return 0;
}

/* Sorts. */
static char *join(const struct config_reader *reader, const char **globs, size_t count)
{
	struct text text = { .env = reader->env };

	qsort(globs, count, sizeof *globs, by_bytes);
	for (size_t i = 0; i < count; i++)
		if (!i || strcmp(globs[i - 1], globs[i]))
			text_add(&text, "%s%s", i ? ";" : "", globs[i]);
	return text_take(&text, reader->error);
}

static char *read_all(const struct config_reader *reader, const cJSON *item, const char **globs)
{
	size_t count = 0;
	char *patterns;

	for (const cJSON *e = list_first(item); e; e = list_next(item, e)) {
		if (read_one(reader, e))
			return NULL;
		globs[count++] = e->valuestring;
	}
	patterns = join(reader, globs, count);
	if (!patterns || strlen(patterns) <= PATTERNS_MOST)
		return patterns;
	document_fail(reader->document, item, reader->error,
		      "globs of %zu bytes, expected at most %d; shorten them by stars",
		      strlen(patterns), PATTERNS_MOST);
	env_free(reader->env, patterns);
	return NULL;
}

char *patterns_read(const struct config_reader *reader, const cJSON *item)
{
	const char **globs;
	char *patterns;

	if (list_check(reader, item))
		return NULL;
	globs = env_new(reader->env, AXIS_VALUES_MOST, sizeof *globs, "patterns", reader->error);
	if (!globs)
		return NULL;
	patterns = read_all(reader, item, globs);
	env_free(reader->env, globs);
	return patterns;
}

/* SPDX-License-Identifier: MIT
 *
 * cJSON's values beside the lines that the scan noted: sentences that name a value's line and
 * key.
 */
#include "config_json.h"

#include "text.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { KEY_SHOWN = 40, KEYS_MOST = 48 };

/* cJSON's values in document order get the scan's lines.  Depth is bounded by the scan. */
static void place(struct document *document, const cJSON *item, const struct json_lines *lines)
{
	if (document->count == lines->count)
		return;
	document->places[document->count] =
		(struct json_place){ item, lines->lines[document->count] };
	document->count++;
	for (const cJSON *child = item->child; child; child = child->next)
		place(document, child, lines);
}

static int by_address(const void *a, const void *b)
{
	const uintptr_t left = (uintptr_t)((const struct json_place *)a)->item;
	const uintptr_t right = (uintptr_t)((const struct json_place *)b)->item;

	return (left > right) - (left < right);
}

static int parse(struct document *document, const struct json_lines *lines, const char *text,
		 size_t length, struct error *error)
{
	document->places = env_new(document->env, lines->count, sizeof *document->places,
				   "the lines of a config", error);
	if (!document->places)
		return -1;
	document->root = cJSON_ParseWithLength(text, length);
	if (!document->root)
		return fail_memory(error, length, "the values of a config");
	place(document, document->root, lines);
	qsort(document->places, document->count, sizeof *document->places, by_address);
	return 0;
}

int document_open(struct document *document, const struct env *env, const char *path,
		  const char *json, size_t length, struct error *error)
{
	struct json_lines lines = { .env = env };
	char *text;
	int failed;

	*document = (struct document){ .env = env, .path = path };
	if (length > JSON_BYTES_MOST)
		return fail(error, STATUS_INPUT, "%s: a config of more than %d MiB", path,
			    JSON_BYTES_MOST >> 20);
	text = env_new(env, length + 1, 1, "a config", error);
	if (!text)
		return -1;
	memcpy(text, json, length);
	failed = json_prepare(text, length, path, error) ||
		 json_scan(&lines, path, text, length, error) ||
		 parse(document, &lines, text, length, error);
	env_free(env, lines.lines);
	env_free(env, text);
	if (failed)
		document_close(document);
	return failed ? -1 : 0;
}

void document_close(struct document *document)
{
	cJSON_Delete(document->root);
	env_free(document->env, document->places);
	*document = (struct document){ 0 };
}

int document_line(const struct document *document, const cJSON *item)
{
	const struct json_place key = { item, 0 };
	const struct json_place *found =
		bsearch(&key, document->places, document->count, sizeof key, by_address);

	return found ? found->line : 0;
}

/* Writes the way from `from` to `item`, like sweep.weights.bits[2]; false where it is not below. */
static bool write_key(char *out, size_t size, const cJSON *from, const cJSON *item)
{
	const size_t length = strlen(out);
	int index = 0;

	if (from == item)
		return true;
	for (const cJSON *child = from->child; child; child = child->next, index++) {
		if (cJSON_IsArray(from))
			snprintf(out + length, size - length, "[%d]", index);
		else
			snprintf(out + length, size - length, "%s%.*s", length ? "." : "",
				 KEY_SHOWN, child->string);
		if (write_key(out, size, child, item))
			return true;
	}
	out[length] = '\0';
	return false;
}

int document_fail(const struct document *document, const cJSON *item, struct error *error,
		  const char *format, ...)
{
	char sentence[600], key[300] = "";
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(sentence, sizeof sentence, format, arguments);
	va_end(arguments);
	write_key(key, sizeof key, document->root, item);
	return fail(error, STATUS_INPUT, "%s:%d: %s%s%s", document->path,
		    document_line(document, item), key, *key ? ": " : "", sentence);
}

const char *document_found(char out[64], const cJSON *item)
{
	char number[32];

	if (cJSON_IsString(item)) {
		snprintf(out, 64, "'%.50s'", item->valuestring);
	} else if (cJSON_IsNumber(item)) {
		print_double(number, item->valuedouble);
		snprintf(out, 64, "%s", number);
	} else {
		snprintf(out, 64, "%s",
			 cJSON_IsArray(item)    ? "a list"
			 : cJSON_IsObject(item) ? "an object"
			 : cJSON_IsTrue(item)   ? "true"
			 : cJSON_IsFalse(item)  ? "false"
						: "null");
	}
	return out;
}

static int unknown_key(const struct document *document, const cJSON *item,
		       const struct json_key *keys, const char *what, struct error *error)
{
	const char *names[KEYS_MOST];
	char known[450];
	const char *nearest = NULL;
	size_t count = 0, length;

	length = (size_t)snprintf(known, sizeof known, "known are ");
	for (const struct json_key *k = keys; k->name && count < KEYS_MOST; k++) {
		length += (size_t)snprintf(known + length, sizeof known - length, "%s%s",
					   count ? ", " : "", k->name);
		names[count++] = k->name;
	}
	/* any letter is near to any other one */
	if (strlen(item->string) > 1)
		nearest = nearest_name(item->string, names, count);
	fail_unknown(error, nearest, known, "unknown key '%.*s'%s%s", KEY_SHOWN, item->string,
		     nearest ? "" : " in ", nearest ? "" : what);
	return document_fail(document, item, error, "%s", error->text);
}

int document_keys(const struct document *document, const cJSON *item, const struct json_key *keys,
		  const char *what, struct error *error)
{
	bool seen[KEYS_MOST] = { false };
	char found[64];

	if (!cJSON_IsObject(item))
		return document_fail(document, item, error, "found %s, expected %s: { ... }",
				     document_found(found, item), what);
	for (const cJSON *child = item->child; child; child = child->next) {
		size_t i = 0;

		while (keys[i].name && strcmp(keys[i].name, child->string))
			i++;
		if (!keys[i].name)
			return unknown_key(document, child, keys, what, error);
		if (seen[i])
			return document_fail(document, child, error,
					     "key '%s' stands twice in %s; merge "
					     "them or take one out",
					     child->string, what);
		seen[i] = true;
	}
	for (size_t i = 0; keys[i].name; i++)
		if (keys[i].required && !seen[i])
			return document_fail(document, item, error, "key '%s' is missing in %s",
					     keys[i].name, what);
	return 0;
}

const cJSON *document_get(const cJSON *item, const char *key)
{
	return cJSON_GetObjectItemCaseSensitive(item, key);
}

int document_whole(const struct document *document, const cJSON *item, double least, double most,
		   double *number, struct error *error)
{
	char found[64];

	*number = cJSON_IsNumber(item) ? item->valuedouble : NAN;
	if (*number >= least && *number <= most && *number == floor(*number))
		return 0;
	return document_fail(document, item, error,
			     "found %s, expected a whole number from %.0f to %.0f",
			     document_found(found, item), least, most);
}

int document_string(const struct document *document, const cJSON *item, const char *what,
		    struct error *error)
{
	char found[64];

	if (cJSON_IsString(item) && *item->valuestring)
		return 0;
	return document_fail(document, item, error, "found %s, expected %s",
			     document_found(found, item), what);
}

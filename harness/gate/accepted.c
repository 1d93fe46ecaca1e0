/* SPDX-License-Identifier: MIT */
#include "accepted.h"

#include "../files.h"
#include "../fixed_math.h"
#include "../quote.h"

#include <stdlib.h>
#include <string.h>

enum { BYTES_MOST = 1 << 24, ALLOWED_MOST = 1000 };
/* Percent: less says nothing, and of very little a logarithm is 0. */
#define ALLOWED_LEAST 0.01
enum { LABEL, METRIC, ALLOWED, COMMIT, REASON, COLUMNS };

static const char *const columns[COLUMNS] = {
	[LABEL] = "label",   [METRIC] = "metric", [ALLOWED] = "allowed",
	[COMMIT] = "commit", [REASON] = "reason",
};

struct reader {
	struct accepted *accepted;
	const char *path;
	size_t line;
	char *fields[COLUMNS]; /* of the current line, each with room for the whole file */
	struct error *error;
};

static int wrong(const struct reader *reader, const char *what)
{
	return fail(reader->error, STATUS_INPUT, "%s:%zu: %s", reader->path, reader->line, what);
}

static int read_fields(struct reader *reader, const char *at, const char *stop)
{
	bool more = true;

	for (int i = 0; i < COLUMNS; i++) {
		const char *fault;

		if (!more)
			return fail(reader->error, STATUS_INPUT,
				    "%s:%zu: has %d fields, expected "
				    "label,metric,allowed,commit,reason",
				    reader->path, reader->line, i);
		fault = csv_take(&at, stop, reader->fields[i], &more);
		if (fault)
			return wrong(reader, fault);
	}
	return more ? wrong(reader,
			    "has more than 5 fields; a reason with a comma stands in quotes")
		    : 0;
}

static int check_head(const struct reader *reader)
{
	for (int i = 0; i < COLUMNS; i++)
		if (strcmp(reader->fields[i], columns[i]))
			return fail(
				reader->error, STATUS_INPUT,
				"%s:%zu: column %d is '%.40s', expected '%s'; the first line is "
				"label,metric,allowed,commit,reason",
				reader->path, reader->line, i + 1, reader->fields[i], columns[i]);
	return 0;
}

/* "3%" or "2.5%". */
static int read_allowed(const struct reader *reader, double *allowed)
{
	const char *text = reader->fields[ALLOWED];
	const size_t digits = strspn(text, "0123456789.");
	char *end = NULL;
	double percent = 0;

	if (digits)
		percent = strtod(text, &end);
	if (!digits || end != text + digits || strcmp(end, "%") || !(percent >= ALLOWED_LEAST) ||
	    percent > ALLOWED_MOST)
		return fail(reader->error, STATUS_INPUT,
			    "%s:%zu: allowed is '%.40s', expected a slowdown from %g%% to %d%%, "
			    "like 3%%",
			    reader->path, reader->line, text, ALLOWED_LEAST, ALLOWED_MOST);
	*allowed = fixed_log(1 + percent / 100);
	return 0;
}

static int check_commit(const struct reader *reader)
{
	const char *text = reader->fields[COMMIT];
	const size_t length = strlen(text);

	if (length >= 7 && length <= 64 && strspn(text, "0123456789abcdef") == length)
		return 0;
	return fail(reader->error, STATUS_INPUT,
		    "%s:%zu: commit is '%.70s', expected the 7 to 64 hexadecimal digits of the one "
		    "that brought the slowdown",
		    reader->path, reader->line, text);
}

static int add_entry(struct reader *reader)
{
	struct accepted *accepted = reader->accepted;
	const struct env *env = accepted->env;
	struct accepted_entry entry = { .line = reader->line };

	for (size_t i = 0; i < accepted->count; i++)
		if (!strcmp(accepted->entries[i].label, reader->fields[LABEL]))
			return fail(reader->error, STATUS_INPUT,
				    "%s:%zu: the label '%.200s' stands in line %zu too",
				    reader->path, reader->line, reader->fields[LABEL],
				    accepted->entries[i].line);
	if (!*reader->fields[LABEL])
		return wrong(reader, "the label is empty");
	if (strcmp(reader->fields[METRIC], "time"))
		return fail(reader->error, STATUS_INPUT, "%s:%zu: metric is '%.40s', expected time",
			    reader->path, reader->line, reader->fields[METRIC]);
	if (read_allowed(reader, &entry.allowed) || check_commit(reader))
		return -1;
	if (!reader->fields[REASON][strspn(reader->fields[REASON], " \t")])
		return wrong(reader, "there is no reason; say why the slowdown is accepted");
	if (env_grow(env, &accepted->entries, &accepted->capacity, accepted->count, sizeof entry,
		     "the accepted slowdowns", reader->error))
		return -1;
	entry.label = env_copy_text(env, reader->fields[LABEL], reader->error);
	if (entry.label)
		entry.commit = env_copy_text(env, reader->fields[COMMIT], reader->error);
	if (entry.commit)
		entry.reason = env_copy_text(env, reader->fields[REASON], reader->error);
	accepted->entries[accepted->count++] = entry;
	return entry.reason ? 0 : -1;
}

static int read_lines(struct reader *reader, const char *bytes, size_t length)
{
	const char *at = bytes, *const end = bytes + length;

	for (reader->line = 1; at < end || reader->line == 1; reader->line++) {
		const char *newline = at < end ? memchr(at, '\n', (size_t)(end - at)) : NULL;
		const char *stop = newline ? newline : end;

		if (stop > at && stop[-1] == '\r')
			stop--;
		if (read_fields(reader, at, stop) ||
		    (reader->line == 1 ? check_head(reader) : add_entry(reader)))
			return -1;
		at = newline ? newline + 1 : end;
	}
	return 0;
}

int accepted_parse(struct accepted *accepted, const struct env *env, const char *path,
		   const char *bytes, size_t length, struct error *error)
{
	struct reader reader = { .accepted = accepted, .path = path, .line = 1, .error = error };
	char *room;
	int failed;

	*accepted = (struct accepted){ .env = env };
	if (length && memchr(bytes, '\0', length))
		return wrong(&reader, "a byte 0 is in the file, so it is no text");
	room = env_new(env, COLUMNS, length + 1, "the accepted slowdowns", error);
	if (!room)
		return -1;
	for (size_t i = 0; i < COLUMNS; i++)
		reader.fields[i] = room + i * (length + 1);
	failed = read_lines(&reader, bytes, length);
	env_free(env, room);
	if (failed)
		accepted_free(accepted);
	return failed;
}

int accepted_read(struct accepted *accepted, const struct env *env, const char *path,
		  struct error *error)
{
	size_t length;
	char *bytes = file_read(env, path, BYTES_MOST, &length, error);
	int failed;

	*accepted = (struct accepted){ .env = env };
	if (!bytes)
		return -1;
	failed = accepted_parse(accepted, env, path, bytes, length, error);
	env_free(env, bytes);
	return failed;
}

const struct accepted_entry *accepted_find(struct accepted *accepted, const char *label)
{
	for (size_t i = 0; i < accepted->count; i++) {
		if (strcmp(accepted->entries[i].label, label))
			continue;
		accepted->entries[i].used = true;
		return &accepted->entries[i];
	}
	return NULL;
}

void accepted_free(struct accepted *accepted)
{
	for (size_t i = 0; i < accepted->count; i++) {
		env_free(accepted->env, accepted->entries[i].label);
		env_free(accepted->env, accepted->entries[i].commit);
		env_free(accepted->env, accepted->entries[i].reason);
	}
	if (accepted->env)
		env_free(accepted->env, accepted->entries);
	*accepted = (struct accepted){ .env = accepted->env };
}

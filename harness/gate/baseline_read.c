/* SPDX-License-Identifier: MIT */
#include "baseline.h"

#include "../files.h"
#include "../quote.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { COLUMNS_MAX = COLUMNS + 3, BYTES_MAX = 1 << 28 };
enum { COLUMN_LABEL = -1, COLUMN_TENSOR = -2, COLUMN_HASH = -3 };

static const char head[] = "# quantsweep baseline: arithmetic version ";

struct reader {
	struct baseline *baseline;
	const char *path, *at, *end;
	size_t line; /* of `at`, from 1 */
	char *field; /* room for the longest field */
	int columns, meaning[COLUMNS_MAX]; /* of gate_columns, or COLUMN_... */
	struct error *error;
};

static int wrong(struct reader *reader, const char *what)
{
	return fail(reader->error, STATUS_INPUT,
		    "%s:%zu: %s; `quantsweep gate --remake` writes a whole "
		    "file",
		    reader->path, reader->line, what);
}

/* Length of the line at `at`, without its end; *next gets the start of the next. */
static size_t line_length(const struct reader *reader, const char **next)
{
	const size_t room = (size_t)(reader->end - reader->at);
	const char *newline = memchr(reader->at, '\n', room);
	size_t length = newline ? (size_t)(newline - reader->at) : room;

	*next = newline ? newline + 1 : reader->end;
	if (length && reader->at[length - 1] == '\r')
		length--;
	return length;
}

static int take_field(struct reader *reader, const char *stop, bool *more)
{
	const char *fault = csv_take(&reader->at, stop, reader->field, more);

	return fault ? wrong(reader, fault) : 0;
}

static int read_head(struct reader *reader)
{
	const char *next;
	const size_t length = line_length(reader, &next), known = sizeof head - 1;
	char number[12];

	if (length <= known || length - known >= sizeof number || memcmp(reader->at, head, known))
		return fail(reader->error, STATUS_INPUT,
			    "%s:1: expected '%sN'; choose a file that "
			    "`quantsweep gate --remake` wrote",
			    reader->path, head);
	memcpy(number, reader->at + known, length - known);
	number[length - known] = '\0';
	if (number[strspn(number, "0123456789")] || strlen(number) > 6)
		return wrong(reader, "the arithmetic version is no number");
	reader->baseline->arithmetic = atoi(number);
	reader->at = next;
	reader->line++;
	return 0;
}

static int unknown_column(struct reader *reader)
{
	const char *names[COLUMNS + 1];

	for (size_t i = 0; i < COLUMNS; i++)
		names[i] = gate_columns[i].name;
	names[COLUMNS] = hash_column;
	return fail_unknown(reader->error, nearest_name(reader->field, names, COLUMNS + 1),
			    "`quantsweep gate --remake` writes the known ones",
			    "%s:%zu: unknown column '%s'", reader->path, reader->line,
			    reader->field);
}

static int take_column(struct reader *reader, bool *has, int meaning)
{
	if (*has)
		return wrong(reader, "a column stands twice");
	*has = true;
	reader->meaning[reader->columns++] = meaning;
	return 0;
}

static int read_column_name(struct reader *reader)
{
	struct baseline *baseline = reader->baseline;

	if (reader->columns < 2) {
		if (strcmp(reader->field, reader->columns ? "tensor" : "label"))
			return wrong(reader, "the first two columns must be 'label' and 'tensor'");
		reader->meaning[reader->columns] = reader->columns ? COLUMN_TENSOR : COLUMN_LABEL;
		reader->columns++;
		return 0;
	}
	if (!strcmp(reader->field, hash_column))
		return take_column(reader, &baseline->has_hash, COLUMN_HASH);
	for (int i = 0; i < COLUMNS; i++)
		if (!strcmp(reader->field, gate_columns[i].name))
			return take_column(reader, &baseline->has[i], i);
	return unknown_column(reader);
}

static int read_columns(struct reader *reader)
{
	const char *next;
	const char *stop = reader->at + line_length(reader, &next);
	bool more = true;

	while (more)
		if (take_field(reader, stop, &more) || read_column_name(reader))
			return -1;
	if (reader->columns < 3)
		return wrong(reader, "no column of numbers is there");
	reader->at = next;
	reader->line++;
	return 0;
}

static int read_value(struct reader *reader, const struct gate_column *column, double *value)
{
	char *end;

	*value = NAN;
	if (!*reader->field)
		return 0;
	*value = strtod(reader->field, &end);
	if (*end || isnan(*value) || strspn(reader->field, " \t"))
		return fail(reader->error, STATUS_INPUT, "%s:%zu: %s: '%.60s' is no number",
			    reader->path, reader->line, column->name, reader->field);
	return 0;
}

static int read_text(struct reader *reader, char **out)
{
	if (!*reader->field)
		return wrong(reader, "a label or a tensor is empty");
	*out = env_copy_text(reader->baseline->env, reader->field, reader->error);
	return *out ? 0 : -1;
}

static int read_field(struct reader *reader, struct baseline_row *row, int meaning)
{
	if (meaning == COLUMN_LABEL)
		return read_text(reader, &row->label);
	if (meaning == COLUMN_TENSOR)
		return read_text(reader, &row->tensor);
	if (meaning == COLUMN_HASH)
		return *reader->field ? read_text(reader, &row->hash) : 0;
	return read_value(reader, &gate_columns[meaning], &row->value[meaning]);
}

static int read_row(struct reader *reader, const char *stop)
{
	struct baseline *baseline = reader->baseline;
	struct baseline_row *row;
	bool more = true;
	int column = 0;

	if (env_grow(baseline->env, &baseline->rows, &baseline->capacity, baseline->count,
		     sizeof *baseline->rows, "the baseline", reader->error))
		return -1;
	row = &baseline->rows[baseline->count++];
	*row = (struct baseline_row){ .line = reader->line };
	for (int i = 0; i < COLUMNS; i++)
		row->value[i] = NAN;
	for (; more; column++) {
		if (column == reader->columns)
			return wrong(reader, "the row has more fields than the header");
		if (take_field(reader, stop, &more) ||
		    read_field(reader, row, reader->meaning[column]))
			return -1;
	}
	return column == reader->columns
		       ? 0
		       : wrong(reader, "the row has fewer fields than the header");
}

static int read_rows(struct reader *reader)
{
	struct baseline *baseline = reader->baseline;

	while (reader->at < reader->end) {
		const char *next;
		const char *stop = reader->at + line_length(reader, &next);

		if (read_row(reader, stop))
			return -1;
		reader->at = next;
		reader->line++;
	}
	if (baseline->count)
		qsort(baseline->rows, baseline->count, sizeof *baseline->rows, baseline_order);
	for (size_t i = 1; i < baseline->count; i++) {
		const struct baseline_row *row = &baseline->rows[i];

		if (!baseline_order(row - 1, row))
			return fail(reader->error, STATUS_INPUT,
				    "%s:%zu: the row '%.200s' of tensor '%.40s' "
				    "stands in line %zu too",
				    reader->path,
				    row->line > row[-1].line ? row->line : row[-1].line, row->label,
				    row->tensor,
				    row->line > row[-1].line ? row[-1].line : row->line);
	}
	return 0;
}

int baseline_parse(struct baseline *baseline, const struct env *env, const char *path,
		   const char *bytes, size_t length, struct error *error)
{
	struct reader reader = { .baseline = baseline,
				 .path = path,
				 .at = bytes,
				 .end = bytes + length,
				 .line = 1,
				 .error = error };
	int failed;

	*baseline = (struct baseline){ .env = env };
	if (length && memchr(bytes, '\0', length))
		return wrong(&reader, "a byte 0 is in the file, so it is no text");
	reader.field = env_new(env, length + 1, 1, "the baseline", error);
	if (!reader.field)
		return -1;
	failed = read_head(&reader) || read_columns(&reader) || read_rows(&reader);
	env_free(env, reader.field);
	if (failed)
		baseline_free(baseline);
	return failed ? -1 : 0;
}

int baseline_read(struct baseline *baseline, const struct env *env, const char *path,
		  struct error *error)
{
	size_t length;
	char *bytes = file_read(env, path, BYTES_MAX, &length, error);
	int failed;

	*baseline = (struct baseline){ .env = env };
	if (!bytes) {
		const struct error why = *error;

		return fail(error, why.status, "%s; `quantsweep gate --remake %s DB` makes one",
			    why.text, path);
	}
	failed = baseline_parse(baseline, env, path, bytes, length, error);
	env_free(env, bytes);
	return failed;
}

/* SPDX-License-Identifier: MIT
 *
 * Comma-separated numbers: a table of rows and columns.
 *
 * Fields are parted by commas, or, where the first line has none, by semicolons or tabs; spaces
 * around a field and one pair of double quotes are taken off.  A first line without any number is a
 * header that names the columns; empty lines are passed over; all lines have as many fields.  A
 * number is decimal, as JSON writes it (also with a leading + or . or a trailing .).  A column with
 * a field that is no number can be passed by, not read.
 */
#include "csv.h"

#include "element.h"

#include "../../harness/text.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { NUMBER_MOST = 63, COLUMNS_MOST = 1 << 20 };

struct field {
	const char *at;
	size_t length;
};

struct csv {
	char separator;
	int64_t columns, rows;
	double *values; /* [rows][columns]; NaN: no number                       */
	size_t count, capacity;
	int64_t *wrong; /* [columns] the line of the first field that is no number; 0: none */
	char **names;   /* [columns]; NULL: there is no header                   */
};

struct lines { /* a walk over the file                                  */
	const char *at, *end;
	int64_t line; /* of the one taken last, from 1                         */
	char separator;
	bool more; /* the line at hand has a field left                     */
};

static bool is_space(char c)
{
	return c == ' ' || c == '\t' || c == '\r';
}

/* The end of the line that begins at `at`. */
static const char *line_end(const char *at, const char *end)
{
	const char *newline = memchr(at, '\n', (size_t)(end - at));

	return newline ? newline : end;
}

/* Moves to the next line that is not empty. */
static bool next_line(struct lines *lines)
{
	while (lines->at < lines->end) {
		const char *end = line_end(lines->at, lines->end), *at = lines->at;

		lines->line++;
		while (at < end && is_space(*at))
			at++;
		if (at < end) {
			lines->more = true;
			return true;
		}
		lines->at = end < lines->end ? end + 1 : end;
	}
	return false;
}

/* Spaces around it, and quotes, are left out; a tab may be the separator. */
static struct field trim(const char *at, const char *end)
{
	while (at < end && is_space(*at))
		at++;
	while (end > at && is_space(end[-1]))
		end--;
	if (end - at > 1 && *at == '"' && end[-1] == '"') {
		at++;
		end--;
	}
	return (struct field){ at, (size_t)(end - at) };
}

/* The next field of the line at hand, which has one more. */
static struct field next_field(struct lines *lines)
{
	const char *start = lines->at, *at = start;
	bool quoted = false;

	while (at < lines->end && *at != '\n' && (quoted || *at != lines->separator)) {
		quoted ^= *at == '"';
		at++;
	}
	lines->more = at < lines->end && *at == lines->separator;
	lines->at = at < lines->end ? at + 1 : at;
	return trim(start, at);
}

/* [+-] digits [. digits] [e [+-] digits], at least one digit before the e. */
static bool is_number(const char *c)
{
	int digits = 0;

	c += *c == '+' || *c == '-';
	for (; *c >= '0' && *c <= '9'; c++)
		digits++;
	if (*c == '.')
		for (c++; *c >= '0' && *c <= '9'; c++)
			digits++;
	if (!digits)
		return false;
	if (*c == 'e' || *c == 'E') {
		c++;
		c += *c == '+' || *c == '-';
		if (*c < '0' || *c > '9')
			return false;
		while (*c >= '0' && *c <= '9')
			c++;
	}
	return !*c;
}

/* NaN: it is none, or beyond a double. */
static double field_number(const struct field *field)
{
	char text[NUMBER_MOST + 1];
	double value;

	if (field->length > NUMBER_MOST || memchr(field->at, 0, field->length))
		return (double)NAN;
	memcpy(text, field->at, field->length);
	text[field->length] = '\0';
	if (!is_number(text))
		return (double)NAN;
	value = strtod(text, NULL);
	return isfinite(value) ? value : (double)NAN;
}

static char find_separator(const struct lines *lines)
{
	static const char separators[] = { ',', ';', '\t' };
	const char *end = line_end(lines->at, lines->end);

	for (size_t i = 0; i < sizeof separators; i++)
		if (memchr(lines->at, separators[i], (size_t)(end - lines->at)))
			return separators[i];
	return ',';
}

/* Counts the first line's columns and says whether it names them. */
static int read_first(struct tensor_file *file, struct csv *csv, struct lines *lines,
		      struct error *error)
{
	const struct lines start = *lines;
	bool header = true;

	while (lines->more) {
		const struct field field = next_field(lines);

		header &= isnan(field_number(&field));
		csv->columns++;
	}
	if (csv->columns > COLUMNS_MOST)
		return fail(error, STATUS_INPUT, "%s: has %lld columns; at most %d are read",
			    file->path, (long long)csv->columns, COLUMNS_MOST);
	csv->wrong = env_new(file->env, (size_t)csv->columns, sizeof *csv->wrong, "columns", error);
	if (!csv->wrong)
		return -1;
	if (!header) {
		*lines = start;
		return 0;
	}
	*lines = start;
	csv->names = env_new(file->env, (size_t)csv->columns, sizeof *csv->names, "columns", error);
	for (int64_t i = 0; csv->names && i < csv->columns; i++) {
		const struct field field = next_field(lines);

		csv->names[i] =
			env_print(file->env, error, "%.*s",
				  (int)(field.length < 1000 ? field.length : 1000), field.at);
		if (!csv->names[i])
			return -1;
	}
	return csv->names ? 0 : -1;
}

static int read_row(struct tensor_file *file, struct csv *csv, struct lines *lines,
		    struct error *error)
{
	int64_t column = 0;

	for (; lines->more && column <= csv->columns; column++) {
		const struct field field = next_field(lines);
		const double value = field_number(&field);

		if (column == csv->columns)
			continue;
		if (isnan(value) && !csv->wrong[column])
			csv->wrong[column] = lines->line;
		if (env_grow(file->env, &csv->values, &csv->capacity, csv->count,
			     sizeof *csv->values, "the numbers of a .csv file", error))
			return -1;
		csv->values[csv->count++] = value;
	}
	if (column != csv->columns)
		return fail(error, STATUS_INPUT,
			    "%s:%lld: has %s %lld fields, expected %lld as in "
			    "the first line",
			    file->path, (long long)lines->line,
			    column < csv->columns ? "only" : "more than",
			    (long long)(column < csv->columns ? column : csv->columns),
			    (long long)csv->columns);
	csv->rows++;
	return 0;
}

static int read_table(struct tensor_file *file, struct csv *csv, struct error *error)
{
	static const char mark[] = "\xef\xbb\xbf";
	const char *start = (const char *)file->bytes;
	struct lines lines = { .at = start, .end = start + file->size };

	if (file->size >= 3 && !memcmp(start, mark, 3))
		lines.at += 3;
	if (!next_line(&lines))
		return fail(error, STATUS_INPUT, "%s: holds no line with a number", file->path);
	csv->separator = lines.separator = find_separator(&lines);
	if (read_first(file, csv, &lines, error))
		return -1;
	/* without a header the walk stands before the first row still */
	if (!csv->names && read_row(file, csv, &lines, error))
		return -1;
	while (next_line(&lines))
		if (read_row(file, csv, &lines, error))
			return -1;
	return csv->rows ? 0
			 : fail(error, STATUS_INPUT, "%s: holds no line with a number", file->path);
}

static int csv_open(struct tensor_file *file, struct error *error)
{
	struct csv *csv = env_new(file->env, 1, sizeof *csv, "a .csv file", error);
	struct tensor_info *info;

	file->self = csv;
	if (!csv || read_table(file, csv, error))
		return -1;
	info = tensor_file_add_only(file, element_find("float64"), 2,
				    (const int64_t[]){ csv->rows, csv->columns }, error);
	if (!info)
		return -1;
	info->weight = true;
	for (int64_t i = 0; i < csv->columns && !info->refusal; i++)
		if (csv->wrong[i]) {
			info->refusal = env_print(file->env, error,
						  "has no number in column %lld "
						  "of line %lld",
						  (long long)i, (long long)csv->wrong[i]);
			if (!info->refusal)
				return -1;
		}
	file->summary =
		env_print(file->env, error, "CSV, %lld rows, %lld columns%s", (long long)csv->rows,
			  (long long)csv->columns, csv->names ? " with a header" : "");
	return file->summary ? 0 : -1;
}

static int csv_values(const struct tensor_file *file, const struct tensor_info *info, int64_t first,
		      int64_t count, double *out, struct error *error)
{
	const struct csv *csv = file->self;

	(void)info;
	for (int64_t i = 0; i < count; i++) {
		const int64_t column = (first + i) % csv->columns;

		out[i] = csv->values[first + i];
		if (isnan(out[i]))
			return fail(error, STATUS_INPUT,
				    "%s:%lld: column %lld%s%s%s holds no number", file->path,
				    (long long)csv->wrong[column], (long long)column,
				    csv->names ? ", '" : "", csv->names ? csv->names[column] : "",
				    csv->names ? "'," : "");
	}
	return 0;
}

int64_t csv_find_column(const struct tensor_file *file, const char *name, struct error *error)
{
	const struct csv *csv = file->self;
	int64_t number = 0;
	const char *c = name;

	for (int64_t i = 0; csv->names && i < csv->columns; i++)
		if (!strcmp(csv->names[i], name))
			return i;
	for (; *c >= '0' && *c <= '9' && number < csv->columns; c++)
		number = number * 10 + (*c - '0');
	if (*name && !*c && number < csv->columns)
		return number;
	return fail_unknown(error,
			    csv->names ? nearest_name(name, (const char *const *)csv->names,
						      (size_t)csv->columns)
				       : NULL,
			    "columns are counted from 0, or named by a header",
			    "%s: no column '%s' "
			    "among its %lld",
			    file->path, name, (long long)csv->columns);
}

static void csv_close(struct tensor_file *file)
{
	struct csv *csv = file->self;

	if (!csv)
		return;
	for (int64_t i = 0; csv->names && i < csv->columns; i++)
		env_free(file->env, csv->names[i]);
	env_free(file->env, csv->names);
	env_free(file->env, csv->wrong);
	env_free(file->env, csv->values);
	env_free(file->env, csv);
}

const struct reader reader_csv = {
	.value = { .name = "csv",
		   .summary = "a table of numbers, a sample a line; a header may name the columns",
		   .source = "RFC 4180, without quotes inside quotes or lines inside a field" },
	.suffix = ".csv",
	.single = true,
	.samples = true,
	.open = csv_open,
	.values = csv_values,
	.close = csv_close,
};

/* SPDX-License-Identifier: MIT
 *
 * The rows of a figure's query as gnuplot reads them, and the names it needs to know: see
 * plots/README.md.
 */
#include "figures.h"

#include "../files.h"

#include "words.h"

#include <errno.h>
#include <string.h>

/* What one walk over the rows keeps. */
struct blocks {
	const struct env *env;
	struct error *error;
	FILE *file;
	int leading;       /* leading columns that part the rows into blocks        */
	int panel, series; /* their places; -1: there is none                       */
	size_t rows, count, capacity;
	char *(*names)[2]; /* [count] panel and series of each block                */
	struct text line;
	bool failed; /* memory: *error is filled                              */
};

/* Leading columns named panel or series, in either order. */
static void find_leading(struct blocks *blocks, const struct row *row)
{
	blocks->panel = blocks->series = -1;
	for (int i = 0; i < row->columns && i < 2; i++) {
		if (!strcmp(row->names[i], "panel") && blocks->panel < 0)
			blocks->panel = i;
		else if (!strcmp(row->names[i], "series") && blocks->series < 0)
			blocks->series = i;
		else
			break;
		blocks->leading = i + 1;
	}
}

static const char *value_at(const struct row *row, int column)
{
	return column < 0 || !row->values[column] ? "" : row->values[column];
}

static bool same_block(const struct blocks *blocks, const struct row *row)
{
	char **last = blocks->count ? blocks->names[blocks->count - 1] : NULL;

	return last && !strcmp(last[0], value_at(row, blocks->panel)) &&
	       !strcmp(last[1], value_at(row, blocks->series));
}

static void write_line(struct blocks *blocks, const struct row *row, const char *const *values)
{
	blocks->line.length = 0;
	for (int i = 0; i < row->columns; i++) {
		if (i)
			text_add(&blocks->line, "\t");
		if (!values[i])
			text_add(&blocks->line, "?");
		else /* gnuplot reads on behind an empty cell */
			add_cell(&blocks->line, *values[i] ? values[i] : " ");
	}
	text_add(&blocks->line, "\n");
	if (!blocks->line.failed)
		fwrite(blocks->line.bytes, 1, blocks->line.length, blocks->file);
}

static int begin_block(struct blocks *blocks, const struct row *row)
{
	char **names;

	if (env_grow(blocks->env, &blocks->names, &blocks->capacity, blocks->count,
		     sizeof *blocks->names, "a figure's series", blocks->error))
		return -1;
	names = blocks->names[blocks->count++];
	names[0] = env_copy_text(blocks->env, value_at(row, blocks->panel), blocks->error);
	names[1] = env_copy_text(blocks->env, value_at(row, blocks->series), blocks->error);
	if (!names[0] || !names[1])
		return -1;
	if (blocks->count > 1)
		fputs("\n\n", blocks->file);
	write_line(blocks, row, row->names);
	return 0;
}

static int take_row(void *self, const struct row *row)
{
	struct blocks *blocks = self;

	if (!blocks->rows)
		find_leading(blocks, row);
	if (!same_block(blocks, row) && begin_block(blocks, row)) {
		blocks->failed = true;
		return -1;
	}
	write_line(blocks, row, row->values);
	blocks->rows++;
	return 0;
}

/* NAME[i]: the different texts of one kind in order of appearance, or all of them. */
static void add_array(struct text *out, const char *name, const struct blocks *blocks, int which,
		      bool once)
{
	size_t count = 0;
	struct text items = { .env = out->env };

	for (size_t i = 0; i < blocks->count; i++) {
		bool seen = false;

		for (size_t j = 0; once && j < i && !seen; j++)
			seen = !strcmp(blocks->names[i][which], blocks->names[j][which]);
		if (seen)
			continue;
		text_add(&items, "%s[%zu] = ", name, ++count);
		add_gnuplot(&items, blocks->names[i][which]);
		text_add(&items, "\n");
	}
	text_add(out, "array %s[%zu]\n%s", name, count ? count : 1, items.bytes ? items.bytes : "");
	if (once)
		text_add(out, "%s = %zu\n", which ? "SERIES_COUNT" : "PANELS", count);
	out->failed |= items.failed;
	text_free(&items);
}

/* FIRST[p] and LAST[p]: the blocks of panel p, which follow each other. */
static void add_spans(struct text *out, const struct blocks *blocks)
{
	struct text items = { .env = out->env };
	size_t panel = 0;

	for (size_t i = 0; i < blocks->count; i++) {
		if (!i || strcmp(blocks->names[i][0], blocks->names[i - 1][0]))
			text_add(&items, "FIRST[%zu] = %zu\n", ++panel, i + 1);
		text_add(&items, "LAST[%zu] = %zu\n", panel, i + 1);
	}
	text_add(out, "array FIRST[%zu]\narray LAST[%zu]\n%s", panel, panel,
		 items.bytes ? items.bytes : "");
	out->failed |= items.failed;
	text_free(&items);
}

static int write_start(const struct figure *figure, const struct blocks *blocks,
		       const struct drawing *drawing, const char *data_path, const char *start_path,
		       struct error *error)
{
	struct text out = { .env = blocks->env };
	char *bytes;
	int result;

	text_add(&out, "DATA = ");
	add_gnuplot(&out, data_path);
	text_add(&out, "\nOUT = ");
	add_gnuplot(&out, drawing->out);
	text_add(&out, "\nFORMAT = '%s'\nQUESTION = ", drawing->format);
	add_gnuplot(&out, drawing->titled ? figure->question : "");
	text_add(&out, "\nROWS = %zu\nBLOCKS = %zu\n", blocks->rows, blocks->count);
	add_array(&out, "BLOCK_PANEL", blocks, 0, false);
	add_array(&out, "BLOCK_SERIES", blocks, 1, false);
	add_array(&out, "PANEL", blocks, 0, true);
	add_array(&out, "SERIES", blocks, 1, true);
	add_spans(&out, blocks);
	const size_t length = out.length;

	bytes = text_take(&out, error);
	if (!bytes)
		return -1;
	result = file_write(blocks->env, start_path, bytes, length, error);
	env_free(blocks->env, bytes);
	return result;
}

static int write_rows(struct blocks *blocks, const struct figure *figure, struct store *store,
		      const char *data_path, struct error *error)
{
	blocks->file = fopen(data_path, "wb");
	if (!blocks->file)
		return fail(error, STATUS_MACHINE, "cannot write %s: %s", data_path,
			    strerror(errno));
	int result = store_query(store, figure->sql, NULL, 0, take_row, blocks, error);
	const bool wrong = ferror(blocks->file) != 0;

	if (result && error->status == STATUS_INPUT)
		fail_prefix(error, "%s: ", figure->sql_path);
	if (blocks->failed)
		result = -1;
	if (!result && blocks->line.failed)
		result = fail_memory(error, blocks->line.length, "a figure's data");
	if (fclose(blocks->file) | wrong && !result)
		result = fail(error, STATUS_MACHINE, "cannot write %s: %s", data_path,
			      strerror(errno));
	return result;
}

int figure_write_data(const struct figure *figure, struct store *store, const struct env *env,
		      const struct drawing *drawing, const char *data_path, const char *start_path,
		      size_t *rows, struct error *error)
{
	struct blocks blocks = { .env = env, .error = error, .line.env = env };
	int result = write_rows(&blocks, figure, store, data_path, error);

	*rows = blocks.rows;
	if (!result && *rows)
		result = write_start(figure, &blocks, drawing, data_path, start_path, error);
	for (size_t i = 0; i < blocks.count; i++) {
		env_free(env, blocks.names[i][0]);
		env_free(env, blocks.names[i][1]);
	}
	env_free(env, blocks.names);
	text_free(&blocks.line);
	return result;
}

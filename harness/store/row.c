/* SPDX-License-Identifier: MIT
 *
 * Rows of deterministic numbers: stored once, and compared with what is found again.
 */
#include "store_internal.h"

#include <string.h>

static bool same_value(const struct field *field, sqlite3_stmt *stored, int column)
{
	switch (field->type) {
	case CELL_INTEGER:
		return sqlite3_column_type(stored, column) == SQLITE_INTEGER &&
		       sqlite3_column_int64(stored, column) == field->whole;
	case CELL_REAL:
		return sqlite3_column_type(stored, column) == SQLITE_FLOAT &&
		       sqlite3_column_double(stored, column) == field->real;
	case CELL_TEXT:
		return sqlite3_column_type(stored, column) == SQLITE_TEXT &&
		       !strcmp((const char *)sqlite3_column_text(stored, column), field->text);
	default:
		return sqlite3_column_type(stored, column) == SQLITE_NULL;
	}
}

static const char *print_field(char out[32], const struct field *field)
{
	if (field->type == CELL_TEXT)
		return field->text;
	if (field->type == CELL_REAL)
		print_double(out, field->real);
	else if (field->type == CELL_INTEGER)
		snprintf(out, 32, "%lld", (long long)field->whole);
	else
		return "NULL";
	return out;
}

static const char *print_stored(char out[32], sqlite3_stmt *stored, int column)
{
	if (sqlite3_column_type(stored, column) == SQLITE_NULL)
		return "NULL";
	if (sqlite3_column_type(stored, column) != SQLITE_FLOAT)
		return (const char *)sqlite3_column_text(stored, column);
	print_double(out, sqlite3_column_double(stored, column));
	return out;
}

static int compare_row(struct store *store, const struct stored_row *row, struct error *error)
{
	sqlite3_stmt *stored = store_bind(store, row->get, row->fields, row->keys, error);
	char new[32], old[32];
	int code, result = 0;

	if (!stored)
		return -1;
	code = sqlite3_step(stored);
	if (code != SQLITE_ROW)
		result = fail_sqlite(store->db, code, store->path, error);
	for (int i = row->keys; i < row->compared && !result; i++)
		if (!same_value(&row->fields[i], stored, i))
			result = fail(error, STATUS_FAILED,
				      "%s: %s of %s '%s' was stored as %s and is now %s; the "
				      "stored row stays: one of the two builds or inputs is not "
				      "what its key says",
				      row->label, row->fields[i].name, row->what, row->name,
				      print_stored(old, stored, i),
				      print_field(new, &row->fields[i]));
	sqlite3_reset(stored);
	return result;
}

int store_put_row(struct store *store, const struct stored_row *row, struct error *error)
{
	if (store_run(store, row->put, row->fields, row->count, error))
		return -1;
	return sqlite3_changes(store->db) ? 0 : compare_row(store, row, error);
}

int store_count_rows(struct store *store, const char *key, int *count, struct error *error)
{
	const struct field fields[] = { field_text("cell_key", key) };
	sqlite3_stmt *statement = store_bind(store, COUNT_ROWS, fields, 1, error);
	int code;

	if (!statement)
		return -1;
	code = sqlite3_step(statement);
	*count = sqlite3_column_int(statement, 0);
	sqlite3_reset(statement);
	return code == SQLITE_ROW ? 0 : fail_sqlite(store->db, code, store->path, error);
}

int store_check_count(struct store *store, const struct accuracy_cell *cell, int before, int given,
		      struct error *error)
{
	int after;

	if (store_count_rows(store, cell->key, &after, error))
		return -1;
	if (before && (before != given || before != after))
		return fail(error, STATUS_FAILED,
			    "%s: was stored with %d rows and now has %d; the stored rows stay",
			    cell->label, before, before != given ? given : after);
	return 0;
}

const char *outcome_word(enum outcome outcome)
{
	return outcome == OUTCOME_DONE ? "done" : outcome == OUTCOME_SKIPPED ? "skipped" : "failed";
}

int store_check_not_stored(struct store *store, const struct accuracy_cell *cell,
			   enum outcome outcome, const char *reason, struct error *error)
{
	int count;

	if (store_count_rows(store, cell->key, &count, error))
		return -1;
	return !count ? 0
		      : fail(error, STATUS_FAILED,
			     "%s: has stored numbers and is now %s (%s); the stored row stays",
			     cell->label, outcome_word(outcome), reason);
}

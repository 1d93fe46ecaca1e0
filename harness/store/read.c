/* SPDX-License-Identifier: MIT
 *
 * Reading: the promised views, any SELECT, and filters as SQL.
 */
#include "store_internal.h"

#include <string.h>

const char *const store_views[] = {
	"choice", "error", "drift", "task", "network", "throughput", "layers", "gate", "skip",
	"failed", "warning", "planned", "histogram", "run", "machine", "sensitivity", "limit",
	"trend", "peers", "verdict", "ranges", "calibration", "calibration_tried", NULL
};

/* matches(GLOB, VALUE) as --only understands it: NULL where the value is. */
static void sql_matches(sqlite3_context *context, int count, sqlite3_value **values)
{
	const char *glob = (const char *)sqlite3_value_text(values[0]), *value;
	char number[32];

	(void)count;
	if (!glob || sqlite3_value_type(values[1]) == SQLITE_NULL)
		return;
	if (sqlite3_value_type(values[1]) == SQLITE_FLOAT) {
		print_double(number, sqlite3_value_double(values[1]));
		value = number;
	} else {
		value = (const char *)sqlite3_value_text(values[1]);
	}
	if (value)
		sqlite3_result_int(context, glob_match(glob, value, false));
	else
		sqlite3_result_error_nomem(context);
}

int add_functions(struct store *store, struct error *error)
{
	static const bool ends[] = { false, true };
	static const struct {
		const char *name;
		int arguments;
		void (*call)(sqlite3_context *context, int count, sqlite3_value **values);
		const bool *high;
	} functions[] = {
		{ "matches", 2, sql_matches, NULL },
		{ "paired_low", 3, sql_paired, &ends[0] },
		{ "paired_high", 3, sql_paired, &ends[1] },
	};

	for (size_t i = 0; i < sizeof functions / sizeof *functions; i++) {
		const int code = sqlite3_create_function_v2(
			store->db, functions[i].name, functions[i].arguments,
			SQLITE_UTF8 | SQLITE_DETERMINISTIC | SQLITE_DIRECTONLY,
			(void *)functions[i].high, functions[i].call, NULL, NULL, NULL);

		if (code != SQLITE_OK)
			return fail_sqlite(store->db, code, store->path, error);
	}
	return 0;
}

/* SQL that is wrong is the user's; a file that is damaged is the machine's. */
static int fail_query(struct store *store, int code, struct error *error)
{
	switch (code & 0xff) {
	case SQLITE_ERROR:
	case SQLITE_RANGE:
	case SQLITE_MISMATCH:
	case SQLITE_TOOBIG:
	case SQLITE_AUTH:
		return fail(error, STATUS_INPUT, "%s: the query is wrong: %s", store->path,
			    sqlite3_errmsg(store->db));
	default:
		return fail_sqlite(store->db, code, store->path, error);
	}
}

/* One SELECT and nothing behind it. */
static int prepare_select(struct store *store, const char *sql, sqlite3_stmt **statement,
			  struct error *error)
{
	sqlite3_stmt *more = NULL;
	const char *rest;
	int code = sqlite3_prepare_v2(store->db, sql, -1, statement, &rest);

	if (code != SQLITE_OK)
		return fail_query(store, code, error);
	if (!*statement)
		return fail(error, STATUS_INPUT, "%s: the query is empty; write a SELECT",
			    store->path);
	code = sqlite3_prepare_v2(store->db, rest, -1, &more, NULL);
	sqlite3_finalize(more);
	if (code == SQLITE_OK && !more && sqlite3_stmt_readonly(*statement))
		return 0;
	sqlite3_finalize(*statement);
	return fail(error, STATUS_INPUT,
		    "%s: the query is not one SELECT; write one statement that only "
		    "reads",
		    store->path);
}

/* A row as texts; the numbers' texts live in `numbers`. */
static int fetch_row(sqlite3_stmt *statement, int columns, const char **values,
		     enum cell_type *types, char (*numbers)[32])
{
	for (int i = 0; i < columns; i++) {
		const int type = sqlite3_column_type(statement, i);

		values[i] = NULL;
		types[i] = type == SQLITE_NULL      ? CELL_NULL
			   : type == SQLITE_INTEGER ? CELL_INTEGER
			   : type == SQLITE_FLOAT   ? CELL_REAL
						    : CELL_TEXT;
		if (type == SQLITE_NULL)
			continue;
		if (type == SQLITE_FLOAT) {
			print_double(numbers[i], sqlite3_column_double(statement, i));
			values[i] = numbers[i];
			continue;
		}
		values[i] = (const char *)sqlite3_column_text(statement, i);
		if (!values[i])
			return SQLITE_NOMEM;
	}
	return SQLITE_ROW;
}

struct columns {
	const char **names, **values;
	enum cell_type *types;
	char (*numbers)[32];
};

static void columns_free(const struct env *env, struct columns *columns)
{
	env_free(env, columns->names);
	env_free(env, columns->values);
	env_free(env, columns->types);
	env_free(env, columns->numbers);
}

static int columns_new(struct columns *columns, const struct env *env, int count,
		       struct error *error)
{
	const size_t n = (size_t)count;

	*columns = (struct columns){ 0 };
	columns->names = env_new(env, n, sizeof *columns->names, "a row", error);
	if (columns->names)
		columns->values = env_new(env, n, sizeof *columns->values, "a row", error);
	if (columns->values)
		columns->types = env_new(env, n, sizeof *columns->types, "a row", error);
	if (columns->types)
		columns->numbers = env_new(env, n, sizeof *columns->numbers, "a row", error);
	if (columns->numbers)
		return 0;
	columns_free(env, columns);
	return -1;
}

int store_query(struct store *store, const char *sql, const char *const *parameters,
		int parameter_count, store_row *each, void *self, struct error *error)
{
	sqlite3_stmt *statement;
	struct columns columns;
	int code = SQLITE_OK, count;

	if (prepare_select(store, sql, &statement, error))
		return -1;
	count = sqlite3_column_count(statement);
	if (columns_new(&columns, store->env, count, error)) {
		sqlite3_finalize(statement);
		return -1;
	}
	for (int i = 0; i < parameter_count && code == SQLITE_OK; i++)
		code = sqlite3_bind_text(statement, i + 1, parameters[i], -1, SQLITE_STATIC);
	for (int i = 0; i < count; i++)
		columns.names[i] = sqlite3_column_name(statement, i);
	const struct row row = { count, columns.names, columns.values, columns.types };

	if (code == SQLITE_OK)
		code = sqlite3_step(statement);
	while (code == SQLITE_ROW) {
		code = fetch_row(statement, count, columns.values, columns.types, columns.numbers);
		if (code != SQLITE_ROW)
			break;
		if (each(self, &row)) {
			code = SQLITE_DONE;
			break;
		}
		code = sqlite3_step(statement);
	}
	if (code != SQLITE_DONE)
		fail_query(store, code, error);
	columns_free(store->env, &columns);
	sqlite3_finalize(statement);
	return code == SQLITE_DONE ? 0 : -1;
}

/* Checks a column's name against the statement's columns. */
static int check_column(sqlite3_stmt *statement, const char *view, const char *column,
			struct error *error)
{
	enum { MOST = 200 };
	const char *names[MOST];
	size_t count = 0;

	for (int i = 0; i < sqlite3_column_count(statement) && count < MOST; i++) {
		names[count] = sqlite3_column_name(statement, i);
		if (!strcmp(names[count++], column))
			return 0;
	}
	return fail_unknown(error, nearest_name(column, names, count),
			    "`--json --limit 1` shows those it has", "view '%s' has no column '%s'",
			    view, column);
}

int store_check_column(struct store *store, const char *view, const char *column,
		       struct error *error)
{
	struct text sql = { .env = store->env };
	sqlite3_stmt *statement;
	char *select;
	int code, result;

	text_add(&sql, "SELECT * FROM \"%s\" LIMIT 0", view);
	select = text_take(&sql, error);
	if (!select)
		return -1;
	code = sqlite3_prepare_v2(store->db, select, -1, &statement, NULL);
	env_free(store->env, select);
	if (code != SQLITE_OK)
		return fail_query(store, code, error);
	result = check_column(statement, view, column, error);
	sqlite3_finalize(statement);
	return result;
}

static int add_term(struct text *sql, const struct filter_term *term, const char **bind, int room,
		    int *count, struct error *error)
{
	static const char *const signs[] = {
		[COMPARE_LT] = "<", [COMPARE_LE] = "<=", [COMPARE_GT] = ">", [COMPARE_GE] = ">="
	};
	char number[32];

	if (term->compare > COMPARE_NOT_GLOB) {
		print_double(number, term->number);
		text_add(sql, "typeof(\"%s\") IN ('integer', 'real') AND \"%s\" %s %s",
			 term->column, term->column, signs[term->compare], number);
		return 0;
	}
	if (*count == room)
		return fail(error, STATUS_INPUT, "too many filters; at most %d globs at once",
			    room);
	bind[(*count)++] = term->pattern;
	text_add(sql, "%smatches(?%d, \"%s\")", term->compare == COMPARE_NOT_GLOB ? "NOT " : "",
		 *count, term->column);
	return 0;
}

int store_where(struct store *store, const char *view, const struct filter *filter,
		struct text *sql, const char **bind, int bind_room, int *bind_count,
		struct error *error)
{
	for (size_t i = 0; i < filter->count; i++) {
		const struct filter_term *term = &filter->terms[i];

		if (store_check_column(store, view, term->column, error))
			return -1;
		if (!i)
			text_add(sql, " WHERE (");
		else
			text_add(sql, "%s", term->group == term[-1].group ? " AND " : ") OR (");
		if (add_term(sql, term, bind, bind_room, bind_count, error))
			return -1;
	}
	if (filter->count)
		text_add(sql, ")");
	return 0;
}

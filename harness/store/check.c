/* SPDX-License-Identifier: MIT
 *
 * Is a file one of ours, of this version, and whole?  Asked before anything is written to it.
 */
#include "store_internal.h"

#include <ctype.h>
#include <string.h>

/* A file up to this size is read whole at each opening; damage in a larger one is found when it is
 * met. */
static const long long SMALL_FILE = 64ll << 20;

/* One number of a PRAGMA or a SELECT. */
static int read_whole(sqlite3 *db, const char *path, const char *sql, sqlite3_int64 *out,
		      struct error *error)
{
	sqlite3_stmt *statement;
	int code = sqlite3_prepare_v2(db, sql, -1, &statement, NULL);

	*out = 0;
	if (code == SQLITE_OK) {
		code = sqlite3_step(statement);
		*out = sqlite3_column_int64(statement, 0);
		sqlite3_finalize(statement);
	}
	return code == SQLITE_ROW ? 0 : fail_sqlite(db, code, path, error);
}

static int check_identity(sqlite3 *db, const char *path, struct error *error)
{
	sqlite3_int64 application, version, objects;

	if (read_whole(db, path, "SELECT count(*) FROM sqlite_schema", &objects, error) ||
	    read_whole(db, path, "PRAGMA application_id", &application, error) ||
	    read_whole(db, path, "PRAGMA user_version", &version, error))
		return -1;
	if (application != STORE_APPLICATION)
		return fail(error, STATUS_MACHINE,
			    "%s: is a database of another program (application_id "
			    "%lld, expected %d); choose another file",
			    path, (long long)application, STORE_APPLICATION);
	if (version != STORE_VERSION)
		return fail(error, STATUS_MACHINE,
			    "%s: has the schema of %s quantsweep (user_version "
			    "%lld, expected %d); %s",
			    path, version > STORE_VERSION ? "a newer" : "an older",
			    (long long)version, STORE_VERSION,
			    version > STORE_VERSION ? "use that one" : "measure into a new file");
	return 0;
}

/* The next character of a statement; white space and comments together are one space. */
static char next_of_sql(const char **sql)
{
	const char *at = *sql;
	bool space = false;

	for (;;) {
		if (isspace((unsigned char)*at))
			at++;
		else if (at[0] == '-' && at[1] == '-')
			at += strcspn(at, "\n");
		else
			break;
		space = true;
	}
	if (!space && *at)
		*sql = at + 1;
	else
		*sql = at;
	return space ? ' ' : *at;
}

static bool same_sql(const char *a, const char *b)
{
	char of_a, of_b;

	do {
		of_a = next_of_sql(&a);
		of_b = next_of_sql(&b);
	} while (of_a == of_b && of_a);
	return of_a == of_b;
}

/* Each table, index and view of ours must be there, word for word; others may follow, but nothing
 * that acts by itself. */
static int compare_schemas(sqlite3 *db, sqlite3 *ours, const char *path, struct error *error)
{
	static const char by_name[] = "SELECT sql FROM sqlite_schema WHERE type = ?1 AND name = ?2";
	sqlite3_stmt *wanted = NULL, *found = NULL;
	sqlite3_int64 triggers;
	int code = sqlite3_prepare_v2(ours,
				      "SELECT type, name, sql FROM sqlite_schema "
				      "WHERE sql IS NOT NULL",
				      -1, &wanted, NULL);
	int result = code == SQLITE_OK ? 0 : fail_sqlite(ours, code, path, error);

	if (!result && (code = sqlite3_prepare_v2(db, by_name, -1, &found, NULL)) != SQLITE_OK)
		result = fail_sqlite(db, code, path, error);
	while (!result && sqlite3_step(wanted) == SQLITE_ROW) {
		const char *type = (const char *)sqlite3_column_text(wanted, 0);
		const char *name = (const char *)sqlite3_column_text(wanted, 1);

		sqlite3_reset(found);
		sqlite3_bind_text(found, 1, type, -1, SQLITE_STATIC);
		sqlite3_bind_text(found, 2, name, -1, SQLITE_STATIC);
		code = sqlite3_step(found);
		if (code != SQLITE_ROW && code != SQLITE_DONE)
			result = fail_sqlite(db, code, path, error);
		else if (code == SQLITE_DONE)
			result = fail(error, STATUS_MACHINE,
				      "%s: the database is damaged: %s '%s' is "
				      "missing; put it aside and run again",
				      path, type, name);
		else if (sqlite3_column_type(found, 0) != SQLITE_TEXT ||
			 !same_sql((const char *)sqlite3_column_text(found, 0),
				   (const char *)sqlite3_column_text(wanted, 2)))
			result = fail(
				error, STATUS_MACHINE,
				"%s: the database is damaged or not ours: %s "
				"'%s' is not that of this quantsweep; put it aside and run again",
				path, type, name);
	}
	sqlite3_finalize(wanted);
	sqlite3_finalize(found);
	if (result ||
	    read_whole(db, path, "SELECT count(*) FROM sqlite_schema WHERE type = 'trigger'",
		       &triggers, error))
		return -1;
	return !triggers ? 0
			 : fail(error, STATUS_MACHINE,
				"%s: has %lld triggers, and quantsweep makes "
				"none; drop them, or choose another file",
				path, (long long)triggers);
}

static int check_schema(sqlite3 *db, const char *path, struct error *error)
{
	sqlite3 *ours;
	int code = sqlite3_open_v2(":memory:", &ours, SQLITE_OPEN_READWRITE | SQLITE_OPEN_MEMORY,
				   NULL);
	int result;

	if (code == SQLITE_OK)
		code = sqlite3_exec(ours, embedded_schema, NULL, NULL, NULL);
	result = code == SQLITE_OK ? compare_schemas(db, ours, path, error)
				   : fail_sqlite(ours, code, "results/schema.sql", error);
	sqlite3_close(ours);
	return result;
}

/* The first complaint of SQLite's own check of pages, order and types. */
static int check_pages(sqlite3 *db, const char *path, struct error *error)
{
	sqlite3_stmt *statement;
	int code = sqlite3_prepare_v2(db, "PRAGMA quick_check(1)", -1, &statement, NULL),
	    result = 0;

	if (code != SQLITE_OK)
		return fail_sqlite(db, code, path, error);
	code = sqlite3_step(statement);
	if (code != SQLITE_ROW)
		result = fail_sqlite(db, code, path, error);
	else if (strcmp((const char *)sqlite3_column_text(statement, 0), "ok"))
		result = fail(error, STATUS_MACHINE,
			      "%s: the database is damaged (%s); put it aside and run "
			      "again, or take back a copy",
			      path, sqlite3_column_text(statement, 0));
	sqlite3_finalize(statement);
	return result;
}

int check_database(sqlite3 *db, const char *path, long long bytes, struct error *error)
{
	if (check_identity(db, path, error) || check_schema(db, path, error))
		return -1;
	return bytes <= SMALL_FILE ? check_pages(db, path, error) : 0;
}

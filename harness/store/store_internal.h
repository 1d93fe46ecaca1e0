/* SPDX-License-Identifier: MIT
 *
 * What the files of this folder share: the open database and the few words they speak to SQLite.
 */
#ifndef QS_STORE_INTERNAL_H
#define QS_STORE_INTERNAL_H

#include "store.h"

#include <sqlite3.h>

/* PRAGMA application_id and user_version of results/schema.sql; a test compares. */
enum { STORE_APPLICATION = 0x71737765, STORE_VERSION = 1 };

/* Statements of the writer, prepared at their first use and kept. */
enum statement {
	PUT_MACHINE, PUT_RUN, PUT_CELL, PUT_TIMING_CELL, PUT_SKIP_CELL, PUT_PLANNED, PUT_CHOICE,
	PUT_ACCURACY, PUT_HISTOGRAM, PUT_LAUNCH, SET_OUTCOME, END_RUN, GET_ACCURACY,
	COUNT_ACCURACY, GET_LAUNCHES, STATEMENTS
};

struct store {
	const struct env *env;
	sqlite3 *db;
	char *path;                      /* as the user wrote it: for messages            */
	sqlite3_stmt *statements[STATEMENTS];
	char run_id[KEY_SIZE];
	sqlite3_int64 run_number;        /* 0: no run was begun                           */
};

extern const char embedded_schema[];     /* results/schema.sql                           */

/* Turns the last error of `db` (or `code` where db is NULL) into a sentence with `path`. */
int fail_sqlite(sqlite3 *db, int code, const char *path, struct error *error);
int store_exec(struct store *store, const char *sql, struct error *error);
/* Is this open database ours, of this version, whole?  `bytes`: the file's size (a small one is
 * read whole). */
int check_database(sqlite3 *db, const char *path, long long bytes, struct error *error);
/* The function matches(GLOB, VALUE) for filters. */
int add_functions(struct store *store, struct error *error);

/* One row to write, or to compare with the stored one. */
struct field {
	const char *name;                /* the column                                    */
	enum cell_type type;
	double real;
	sqlite3_int64 whole;
	const char *text;
};

static inline struct field field_text(const char *name, const char *text)
{
	return (struct field){ .name = name, .type = text ? CELL_TEXT : CELL_NULL, .text = text };
}

static inline struct field field_whole(const char *name, long long whole)
{
	return (struct field){ .name = name, .type = CELL_INTEGER, .whole = whole };
}

/* A NaN is NULL. */
static inline struct field field_real(const char *name, double real)
{
	const enum cell_type type = real == real ? CELL_REAL : CELL_NULL;

	return (struct field){ .name = name, .type = type, .real = real };
}

static inline struct field field_null(const char *name)
{
	return (struct field){ .name = name };
}

/* The statement, ready, with fields bound to ?1, ?2, ...; NULL with *error. */
sqlite3_stmt *store_bind(struct store *store, enum statement which, const struct field *fields,
			 int count, struct error *error);
/* Binds and runs a statement that gives no rows. */
int store_run(struct store *store, enum statement which, const struct field *fields, int count,
	      struct error *error);
/* PUT_PLANNED or SET_OUTCOME of a cell of this run; a reason of "" is none. */
int store_outcome(struct store *store, enum statement which, const char *key, const char *race,
		  const char *outcome, const char *reason, struct error *error);
/* Rows of `accuracy` that a cell has. */
int store_count_accuracy(struct store *store, const char *key, int *count, struct error *error);
/* BEGIN IMMEDIATE; COMMIT, or ROLLBACK where result is not 0.  Returns result, or -1 where the
 * commit failed. */
int store_begin(struct store *store, struct error *error);
int store_commit(struct store *store, int result, struct error *error);

#endif

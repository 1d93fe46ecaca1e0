/* SPDX-License-Identifier: MIT
 *
 * What the files of this folder share: the open database and the few words they speak to SQLite.
 */
#ifndef QS_STORE_INTERNAL_H
#define QS_STORE_INTERNAL_H

#include "store.h"

#include <math.h>
#include <sqlite3.h>

/* PRAGMA application_id and user_version of results/schema.sql; a test compares. */
enum { STORE_APPLICATION = 0x71737765, STORE_VERSION = 6 };

/* Statements of the writer, prepared at their first use and kept. */
enum statement {
	PUT_MACHINE, PUT_RUN, PUT_CELL, PUT_TIMING_CELL, PUT_SKIP_CELL, PUT_PLANNED, PUT_CHOICE,
	PUT_ACCURACY, PUT_NETWORK, PUT_LAYER, PUT_RANGE, PUT_TASK, PUT_SAMPLES, PUT_HISTOGRAM,
	PUT_LAUNCH, PUT_LAYER_TIME,
	PUT_SENSITIVITY_RUN, PUT_SENSITIVITY_PART, PUT_SENSITIVITY_LAYER,
	PUT_WARNING, PUT_DUEL, PUT_VERDICT, PUT_LIMIT, DROP_LIMIT, COUNT_LIMITS,
	SET_OUTCOME, END_RUN, GET_ACCURACY, GET_NETWORK, GET_LAYER, GET_RANGE, GET_TASK,
	GET_SENSITIVITY_RUN, GET_SENSITIVITY_PART, GET_SENSITIVITY_LAYER, MOST_SENSITIVITY,
	COUNT_ROWS, GET_LAUNCHES, STATEMENTS
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
/* Opens `path` with SQLITE_OPEN_* flags and with nothing in it trusted: no triggers, no extensions,
 * no attached files, limits on texts.  immutable: the file is read as it lies, without locks, and
 * nothing is made beside it.  -1 leaves *db NULL. */
int open_database(sqlite3 **db, const char *path, int flags, bool immutable, struct error *error);
/* check_database of what the file will be once the journal beside it is carried out: asked of a
 * copy, which needs the right to write into the folder.  The file stays as it is. */
int check_unfinished(const struct env *env, const char *path, long long bytes,
		     struct error *error);
/* The function matches(GLOB, VALUE) for filters. */
int add_functions(struct store *store, struct error *error);
/* The temporary view `verdict`; before the connection is made one that only reads. */
int add_verdict(struct store *store, struct error *error);
void sql_paired(sqlite3_context *context, int count, sqlite3_value **values);

/* One row to write, or to compare with the stored one. */
struct field {
	const char *name;                /* the column                                    */
	enum cell_type type;
	double real;
	sqlite3_int64 whole;
	const char *text;
	size_t blob;                     /* of text, which is bytes then; 0: a text       */
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

/* A count that came as a double. */
static inline struct field field_count(const char *name, double count)
{
	const enum cell_type type = count == count ? CELL_INTEGER : CELL_NULL;

	return (struct field){ .name = name, .type = type, .whole = type ? llrint(count) : 0 };
}

static inline struct field field_blob(const char *name, const void *bytes, size_t size)
{
	return (struct field){ .name = name, .type = CELL_TEXT, .text = bytes, .blob = size };
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
/* The parts of a run's first transaction: machine and run (its number is then the store's), and a
 * timing cell with its line of the plan. */
int store_put_run(struct store *store, const struct run_info *run, const struct plan *plan,
		  struct error *error);
int store_put_timing_cell(struct store *store, const struct plan *plan, const struct run_info *run,
			  const struct timing_cell *cell, struct error *error);
/* Draws or takes over the run_id. */
int store_take_run_id(struct store *store, const struct run_info *run, struct error *error);
/* The machine's row, new or as it is now. */
int store_put_machine(struct store *store, const struct machine *machine, struct error *error);
/* Rows of numbers that an accuracy cell has. */
int store_count_rows(struct store *store, const char *key, int *count, struct error *error);

/* A row of deterministic numbers. */
struct stored_row {
	enum statement put, get;         /* get: all its columns, in the fields' order    */
	const char *label, *what, *name; /* for the message: of the cell, "tensor", "a"   */
	const struct field *fields;
	int keys, compared, count;       /* fields: [0, keys) find the row, [keys, compared) must
					  * be the same, the rest is the first one's     */
};
/* Inserts it; one that is there must hold the same numbers, and it stays. */
int store_put_row(struct store *store, const struct stored_row *row, struct error *error);
/* A row of table `accuracy`; layer -1: the subject is no network. */
int store_put_error(struct store *store, const struct accuracy_cell *cell, int layer,
		    const char *operand, const struct error_numbers *numbers, const char *warning,
		    struct error *error);
/* Rows of the sensitivity_* tables, of a network's cell that has them. */
int store_put_sensitivity(struct store *store, const struct accuracy_cell *cell,
			  const struct layers *layers, const struct network_result *result,
			  struct error *error);
/* A cell that had `before` rows (0: none) must have been given as many, and no other ones. */
int store_check_count(struct store *store, const struct accuracy_cell *cell, int before, int given,
		      struct error *error);
/* What was measured once and cannot be now is another result: 0 where the cell has no numbers. */
int store_check_not_stored(struct store *store, const struct accuracy_cell *cell,
			   enum outcome outcome, const char *reason, struct error *error);
/* As the columns `outcome` say it. */
const char *outcome_word(enum outcome outcome);
/* BEGIN IMMEDIATE; COMMIT, or ROLLBACK where result is not 0.  Returns result, or -1 where the
 * commit failed. */
int store_begin(struct store *store, struct error *error);
int store_commit(struct store *store, int result, struct error *error);

#endif

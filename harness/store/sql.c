/* SPDX-License-Identifier: MIT
 *
 * The words that the store speaks to SQLite: errors as sentences, statements, transactions.
 */
#include "store_internal.h"

/* An insert is written from the names of its fields, so that a column stands in one place; what
 * happens to a row that is there already: */
enum conflict { CONFLICT_FAILS, CONFLICT_KEEPS, CONFLICT_UPDATES };

static const struct words {
	const char *table; /* an insert; else sql */
	enum conflict conflict;
	int keys; /* leading fields that an update leaves alone */
	const char *sql;
} words[STATEMENTS] = {
	[PUT_MACHINE] = { .table = "machine", .conflict = CONFLICT_UPDATES, .keys = 1 },
	[PUT_RUN] = { .table = "run" },
	[PUT_CELL] = { .table = "cell", .conflict = CONFLICT_UPDATES, .keys = 1 },
	[PUT_TIMING_CELL] = { .table = "cell", .conflict = CONFLICT_UPDATES, .keys = 1 },
	[PUT_SKIP_CELL] = { .sql = "INSERT INTO cell (cell_key, kind, label, run_number, "
				   "arithmetic) "
				   "VALUES (?1, 'skip', ?2, ?3, ?4) ON CONFLICT DO UPDATE "
				   "SET run_number = excluded.run_number" },
	[PUT_PLANNED] = { .table = "planned_cell", .conflict = CONFLICT_KEEPS },
	[PUT_CHOICE] = { .table = "choice_row", .conflict = CONFLICT_UPDATES, .keys = 2 },
	[PUT_ACCURACY] = { .table = "accuracy", .conflict = CONFLICT_KEEPS },
	[PUT_NETWORK] = { .table = "network_run", .conflict = CONFLICT_KEEPS },
	[PUT_LAYER] = { .table = "layer", .conflict = CONFLICT_KEEPS },
	[PUT_RANGE] = { .table = "calibrated_range", .conflict = CONFLICT_KEEPS },
	[PUT_TASK] = { .table = "task_value", .conflict = CONFLICT_KEEPS },
	[PUT_SAMPLES] = { .table = "sample_values", .conflict = CONFLICT_KEEPS },
	[PUT_SENSITIVITY_RUN] = { .table = "sensitivity_run", .conflict = CONFLICT_KEEPS },
	[PUT_SENSITIVITY_PART] = { .table = "sensitivity_part", .conflict = CONFLICT_KEEPS },
	[PUT_SENSITIVITY_LAYER] = { .table = "sensitivity_layer", .conflict = CONFLICT_KEEPS },
	[PUT_HISTOGRAM] = { .table = "histogram_bins", .conflict = CONFLICT_UPDATES, .keys = 3 },
	[PUT_LAUNCH] = { .table = "launch" },
	[PUT_LAYER_TIME] = { .table = "layer_time" },
	[PUT_WARNING] = { .table = "time_warning", .conflict = CONFLICT_UPDATES, .keys = 4 },
	[PUT_DUEL] = { .table = "duel" },
	[PUT_VERDICT] = { .table = "speed_verdict" },
	[PUT_LIMIT] = { .table = "machine_limit" },
	[DROP_LIMIT] = { .sql = "DELETE FROM machine_limit "
				"WHERE machine_id = ?1 AND threads = ?2 AND name = ?3" },
	[COUNT_LIMITS] = { .sql = "SELECT count(*) FROM machine_limit "
				  "WHERE machine_id = ?1 AND threads = ?2 AND CASE WHEN ?3 IS NULL "
				  "THEN kind <> 'read_loop' "
				  "ELSE kind = 'read_loop' AND working_set = ?3 END" },
	[SET_OUTCOME] = { .sql = "UPDATE planned_cell SET outcome = ?4, reason = ?5 "
				 "WHERE run_number = ?1 AND cell_key = ?2 AND race = ?3 "
				 "AND (race = '' OR outcome <> 'failed')" },
	[END_RUN] = { .sql = "UPDATE run SET state = ?2, seconds = ?3, accuracy_seconds = ?4, "
			     "race_seconds = ?5, accuracy_cost = ?6, element_visits = ?7, "
			     "layer_runs = ?8 WHERE run_number = ?1" },
	[GET_ACCURACY] = { .sql = "SELECT * FROM accuracy WHERE cell_key = ?1 AND layer_index = ?2 "
				  "AND tensor = ?3 AND execution = ?4" },
	[GET_NETWORK] = { .sql = "SELECT * FROM network_run WHERE cell_key = ?1" },
	[GET_LAYER] = { .sql = "SELECT * FROM layer WHERE cell_key = ?1 AND layer_index = ?2" },
	[GET_RANGE] = { .sql = "SELECT * FROM calibrated_range "
			       "WHERE cell_key = ?1 AND layer_index = ?2" },
	[GET_TASK] = { .sql = "SELECT * FROM task_value WHERE cell_key = ?1 AND metric = ?2 "
			      "AND execution = ?3" },
	[GET_SENSITIVITY_RUN] = { .sql = "SELECT * FROM sensitivity_run WHERE cell_key = ?1 "
					 "AND samples = ?2" },
	[GET_SENSITIVITY_PART] = { .sql = "SELECT * FROM sensitivity_part WHERE cell_key = ?1 "
					  "AND samples = ?2 AND part = ?3" },
	[GET_SENSITIVITY_LAYER] = { .sql = "SELECT * FROM sensitivity_layer WHERE cell_key = ?1 "
					   "AND samples = ?2 AND part = ?3 AND layer_index = ?4" },
	[MOST_SENSITIVITY] = { .sql = "SELECT coalesce(max(samples), 0) FROM sensitivity_run "
				      "WHERE cell_key = ?1" },
	[COUNT_ROWS] = { .sql = "SELECT (SELECT count(*) FROM accuracy WHERE cell_key = ?1) + "
				"(SELECT count(*) FROM network_run WHERE cell_key = ?1) + "
				"(SELECT count(*) FROM layer WHERE cell_key = ?1) + "
				"(SELECT count(*) FROM calibrated_range WHERE cell_key = ?1) + "
				"(SELECT count(*) FROM task_value WHERE cell_key = ?1)" },
	/* a peer may be wrong, or refuse what it is given: that is known then, too */
	[GET_LAUNCHES] = { .sql = "SELECT set_number, count(*), "
				  "sum(verdict NOT IN ('exact', 'within') AND NOT (verdict <> "
				  "'not_run' AND EXISTS (SELECT 1 FROM cell c WHERE c.cell_key = "
				  "?1 AND c.peer IS NOT NULL))) FROM launch "
				  "WHERE cell_key = ?1 AND race = ?2 GROUP BY set_number "
				  "ORDER BY set_number DESC LIMIT 1" },
};

static void insert_sql(struct text *sql, const struct words *how, const struct field *fields,
		       int count)
{
	text_add(sql, "INSERT INTO %s (", how->table);
	for (int i = 0; i < count; i++)
		text_add(sql, "%s\"%s\"", i ? ", " : "", fields[i].name);
	text_add(sql, ") VALUES (");
	for (int i = 0; i < count; i++)
		text_add(sql, "%s?%d", i ? ", " : "", i + 1);
	text_add(sql, ")");
	if (how->conflict == CONFLICT_KEEPS)
		text_add(sql, " ON CONFLICT DO NOTHING");
	if (how->conflict == CONFLICT_UPDATES)
		text_add(sql, " ON CONFLICT DO UPDATE SET ");
	for (int i = how->keys; i < count && how->conflict == CONFLICT_UPDATES; i++)
		text_add(sql, "%s\"%s\" = excluded.\"%s\"", i > how->keys ? ", " : "",
			 fields[i].name, fields[i].name);
}

static int prepare(struct store *store, enum statement which, const struct field *fields, int count,
		   struct error *error)
{
	const struct words *how = &words[which];
	struct text sql = { .env = store->env };
	char *built;
	int code;

	if (how->sql)
		text_add(&sql, "%s", how->sql);
	else
		insert_sql(&sql, how, fields, count);
	built = text_take(&sql, error);
	if (!built)
		return -1;
	code = sqlite3_prepare_v3(store->db, built, -1, SQLITE_PREPARE_PERSISTENT,
				  &store->statements[which], NULL);
	env_free(store->env, built);
	return code == SQLITE_OK ? 0 : fail_sqlite(store->db, code, store->path, error);
}

int fail_sqlite(sqlite3 *db, int code, const char *path, struct error *error)
{
	const char *why = db ? sqlite3_errmsg(db) : sqlite3_errstr(code);

	switch (code & 0xff) {
	case SQLITE_NOTADB:
		return fail(error, STATUS_MACHINE,
			    "%s: is not a database (%s); choose another file", path, why);
	case SQLITE_CORRUPT:
		return fail(error, STATUS_MACHINE,
			    "%s: the database is damaged (%s); put it aside and "
			    "run again, or take back a copy",
			    path, why);
	case SQLITE_FULL:
		return fail(error, STATUS_MACHINE,
			    "%s: the disk is full; free space and run again: what "
			    "is stored stays",
			    path);
	case SQLITE_BUSY:
	case SQLITE_LOCKED:
		return fail(error, STATUS_MACHINE,
			    "%s: another process holds the database; wait until it "
			    "has ended and run again",
			    path);
	case SQLITE_CANTOPEN:
	case SQLITE_READONLY:
	case SQLITE_PERM:
		return fail(error, STATUS_MACHINE,
			    "%s: cannot be opened or written (%s); check the rights "
			    "on the file and its folder",
			    path, why);
	case SQLITE_NOMEM:
		return fail(error, STATUS_MACHINE,
			    "%s: no memory for the database; close other programs", path);
	case SQLITE_IOERR:
		return fail(error, STATUS_MACHINE,
			    "%s: reading or writing failed (%s); check the disk: "
			    "what is stored stays",
			    path, why);
	default:
		return fail(error, STATUS_MACHINE, "%s: the database refused (%s)", path, why);
	}
}

int store_exec(struct store *store, const char *sql, struct error *error)
{
	const int code = sqlite3_exec(store->db, sql, NULL, NULL, NULL);

	return code == SQLITE_OK ? 0 : fail_sqlite(store->db, code, store->path, error);
}

static int bind_field(sqlite3_stmt *statement, int index, const struct field *field)
{
	switch (field->type) {
	case CELL_INTEGER:
		return sqlite3_bind_int64(statement, index, field->whole);
	case CELL_REAL:
		return sqlite3_bind_double(statement, index, field->real);
	case CELL_TEXT:
		if (field->blob)
			return sqlite3_bind_blob64(statement, index, field->text, field->blob,
						   SQLITE_TRANSIENT);
		return sqlite3_bind_text(statement, index, field->text, -1, SQLITE_TRANSIENT);
	default:
		return sqlite3_bind_null(statement, index);
	}
}

sqlite3_stmt *store_bind(struct store *store, enum statement which, const struct field *fields,
			 int count, struct error *error)
{
	int code = SQLITE_OK;

	if (!store->statements[which] && prepare(store, which, fields, count, error))
		return NULL;
	sqlite3_reset(store->statements[which]);
	for (int i = 0; i < count && code == SQLITE_OK; i++)
		code = bind_field(store->statements[which], i + 1, &fields[i]);
	if (code == SQLITE_OK)
		return store->statements[which];
	fail_sqlite(store->db, code, store->path, error);
	return NULL;
}

int store_run(struct store *store, enum statement which, const struct field *fields, int count,
	      struct error *error)
{
	sqlite3_stmt *statement = store_bind(store, which, fields, count, error);
	int code;

	if (!statement)
		return -1;
	code = sqlite3_step(statement);
	sqlite3_reset(statement);
	return code == SQLITE_DONE ? 0 : fail_sqlite(store->db, code, store->path, error);
}

int store_outcome(struct store *store, enum statement which, const char *key, const char *race,
		  const char *outcome, const char *reason, struct error *error)
{
	const struct field fields[] = {
		field_whole("run_number", store->run_number),
		field_text("cell_key", key),
		field_text("race", race),
		field_text("outcome", outcome),
		field_text("reason", reason && *reason ? reason : NULL),
	};

	return store_run(store, which, fields, sizeof fields / sizeof *fields, error);
}

int store_begin(struct store *store, struct error *error)
{
	return store_exec(store, "BEGIN IMMEDIATE", error);
}

int store_commit(struct store *store, int result, struct error *error)
{
	if (!result && store_exec(store, "COMMIT", error))
		result = -1;
	/* some errors (a full disk) have rolled back already */
	if (result && !sqlite3_get_autocommit(store->db))
		sqlite3_exec(store->db, "ROLLBACK", NULL, NULL, NULL);
	return result;
}

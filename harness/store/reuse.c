/* SPDX-License-Identifier: MIT
 *
 * What earlier runs leave to a new one: cells that need not be measured again, and how fast this
 * machine is.
 */
#include "store_internal.h"

#include "../network/sensitivity.h"

/* The latest launches of a timing cell in a race that belong together. */
struct launch_set {
	sqlite3_int64 number;   /* 0: there is none, or not all of its launches are good  */
	int launches;
};

static int good_set(struct store *store, const char *key, const char *race, struct launch_set *set,
		    struct error *error)
{
	const struct field fields[] = { field_text("cell_key", key), field_text("race", race) };
	sqlite3_stmt *statement = store_bind(store, GET_LAUNCHES, fields, 2, error);
	int code;

	if (!statement)
		return -1;
	code = sqlite3_step(statement);
	*set = (struct launch_set){ 0 };
	if (code == SQLITE_ROW && !sqlite3_column_int(statement, 2))
		*set = (struct launch_set){ sqlite3_column_int64(statement, 0),
					    sqlite3_column_int(statement, 1) };
	sqlite3_reset(statement);
	return code == SQLITE_ROW || code == SQLITE_DONE
		       ? 0
		       : fail_sqlite(store->db, code, store->path, error);
}

/* A ratio lives within a launch, so all cells of a race have one set, or are timed anew. */
static int mark_race(struct store *store, struct plan *plan, struct race *race, struct error *error)
{
	struct launch_set first = { 0 };

	race->launched = 0;
	race->set_number = 0;
	for (size_t i = race->first; i < race->first + race->count; i++) {
		struct launch_set set;

		if (good_set(store, plan->timings[i].key, race->name, &set, error))
			return -1;
		if (i == race->first)
			first = set;
		if (!set.number || set.number != first.number || set.launches != first.launches)
			return 0;
	}
	race->launched = first.launches;
	race->set_number = first.number;
	for (size_t i = race->first; i < race->first + race->count; i++)
		if (race->launched >= race->launches)
			plan->timings[i].outcome = OUTCOME_REUSED;
	return 0;
}

/* Is sensitivity wanted of the cell, and stored of fewer samples or not at all? */
static int lacks_sensitivity(struct store *store, const struct plan *plan,
			     const struct accuracy_cell *cell, bool *lacks, struct error *error)
{
	const struct subject *subject = &plan->subjects.subjects[cell->subject];
	const struct field fields[] = { field_text("cell_key", cell->key) };
	sqlite3_stmt *statement;
	int code;

	*lacks = false;
	if (!(subject->measure & MEASURE_SENSITIVITY))
		return 0;
	statement = store_bind(store, MOST_SENSITIVITY, fields, 1, error);
	if (!statement)
		return -1;
	code = sqlite3_step(statement);
	*lacks = sqlite3_column_int64(statement, 0) <
		 sensitivity_samples(&plan->layers[cell->subject], subject->sensitivity_samples,
				     subject->evaluation.samples);
	sqlite3_reset(statement);
	return code == SQLITE_ROW ? 0 : fail_sqlite(store->db, code, store->path, error);
}

int store_mark_reused(struct store *store, struct plan *plan, struct error *error)
{
	for (size_t i = 0; i < plan->accuracy_count; i++) {
		bool lacks;
		int rows;

		if (store_count_rows(store, plan->accuracies[i].key, &rows, error) ||
		    lacks_sensitivity(store, plan, &plan->accuracies[i], &lacks, error))
			return -1;
		if (rows > 0 && !lacks)
			plan->accuracies[i].outcome = OUTCOME_REUSED;
	}
	for (size_t i = 0; i < plan->race_count; i++)
		if (mark_race(store, plan, &plan->races[i], error))
			return -1;
	return 0;
}

int store_rate(struct store *store, const char *machine_id, double *accuracy_rate,
	       struct error *error)
{
	/* too short a run tells of its start alone */
	static const char sql[] =
		"SELECT sum(accuracy_cost) / sum(accuracy_seconds * jobs) FROM "
		"(SELECT * FROM run WHERE machine_id = ?1 AND accuracy_seconds > 0.1 "
		"AND accuracy_cost > 0 ORDER BY run_number DESC LIMIT 5)";
	sqlite3_stmt *statement;
	int code = sqlite3_prepare_v2(store->db, sql, -1, &statement, NULL);

	*accuracy_rate = 0;
	if (code != SQLITE_OK)
		return fail_sqlite(store->db, code, store->path, error);
	sqlite3_bind_text(statement, 1, machine_id, -1, SQLITE_STATIC);
	code = sqlite3_step(statement);
	*accuracy_rate = sqlite3_column_double(statement, 0);
	sqlite3_finalize(statement);
	return code == SQLITE_ROW ? 0 : fail_sqlite(store->db, code, store->path, error);
}

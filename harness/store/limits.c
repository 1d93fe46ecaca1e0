/* SPDX-License-Identifier: MIT
 *
 * The machine's limits: those that were measured take the place of what was stored under their
 * names, in one transaction.
 */
#include "store_internal.h"

#include <time.h>

static const char *const level_names[MEMORY_LEVELS] = { "l1", "l2", "l3", "dram" };

static int put_limit(struct store *store, const struct machine *machine,
		     const struct machine_limits *limits, const struct limit_result *result,
		     struct error *error)
{
	const bool arithmetic = result->level < 0, loop = result->level == READ_LOOP;
	char kind[24] = "read_loop";

	if (!loop)
		limit_thing(kind, sizeof kind, result->limit);
	const struct field fields[] = {
		field_text("machine_id", machine->id),
		field_whole("threads", limits->threads),
		field_text("name", result->name),
		field_text("loop", result->limit->value.name),
		field_text("kind", kind),
		field_text("level", arithmetic || loop ? NULL : level_names[result->level]),
		field_real("value", result->value),
		field_text("unit", limit_unit(result->limit)),
		field_whole("launches", result->launches),
		field_real("spread", result->spread),
		arithmetic ? field_null("working_set") : field_whole("working_set", result->bytes),
		result->capacity ? field_whole("capacity", result->capacity)
				 : field_null("capacity"),
		field_whole("quick", limits->quick),
		field_whole("measured", (long long)time(NULL)),
		store->run_number ? field_whole("run_number", store->run_number)
				  : field_null("run_number"),
	};

	return store_run(store, PUT_LIMIT, fields, sizeof fields / sizeof *fields, error);
}

/* What was stored under a name that is measured anew. */
static int drop_limit(struct store *store, const struct machine *machine,
		      const struct machine_limits *limits, const struct limit_result *result,
		      struct error *error)
{
	const struct field key[] = { field_text("machine_id", machine->id),
				     field_whole("threads", limits->threads),
				     field_text("name", result->name) };

	return store_run(store, DROP_LIMIT, key, 3, error);
}

int store_put_limits(struct store *store, const struct machine *machine,
		     const struct machine_limits *limits, struct error *error)
{
	int failed;

	if (store_begin(store, error))
		return -1;
	failed = store_put_machine(store, machine, error);
	for (size_t i = 0; i < limits->count && !failed; i++)
		failed = drop_limit(store, machine, limits, &limits->results[i], error);
	for (size_t i = 0; i < limits->count && !failed; i++)
		if (limits->results[i].launches && !*limits->results[i].reason)
			failed = put_limit(store, machine, limits, &limits->results[i], error);
	return store_commit(store, failed ? -1 : 0, error);
}

int store_has_limits(struct store *store, const char *machine_id, int threads, int64_t read_bytes,
		     bool *has, struct error *error)
{
	const struct field key[] = { field_text("machine_id", machine_id),
				     field_whole("threads", threads),
				     read_bytes ? field_whole("working_set", read_bytes)
						: field_null("working_set") };
	sqlite3_stmt *statement = store_bind(store, COUNT_LIMITS, key, 3, error);
	int code;

	if (!statement)
		return -1;
	code = sqlite3_step(statement);
	*has = code == SQLITE_ROW && sqlite3_column_int(statement, 0) > 0;
	sqlite3_reset(statement);
	return code == SQLITE_ROW ? 0 : fail_sqlite(store->db, code, store->path, error);
}

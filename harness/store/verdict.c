/* SPDX-License-Identifier: MIT
 *
 * The view `verdict` of an open file: temporary, for the rules are this program's, not the file's.
 */
#include "store_internal.h"

#include "../measure/verdict_rules.h"

int add_verdict(struct store *store, struct error *error)
{
	struct text sql = { .env = store->env };
	char *statement;
	int result;

	verdict_view(&sql);
	statement = text_take(&sql, error);
	if (!statement)
		return -1;
	result = store_exec(store, statement, error);
	env_free(store->env, statement);
	return result;
}

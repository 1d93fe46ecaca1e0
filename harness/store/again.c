/* SPDX-License-Identifier: MIT */
#include "store.h"

#include "../quote.h"

#include <string.h>

/* Is `store` the file that `run` would take by itself, results/NAME.db? */
static bool is_own_store(const char *store, const char *name)
{
	static const char folder[] = "results/";
	const size_t length = name ? strlen(name) : 0;

	if (!strncmp(store, "./", 2))
		store += 2;
	if (!name || strncmp(store, folder, sizeof folder - 1))
		return false;
	store += sizeof folder - 1;
	return !strncmp(store, name, length) && !strcmp(store + length, ".db");
}

void store_again(struct text *out, const struct again *again)
{
	text_add(out, "quantsweep run ");
	text_add_shell(out, again->config, "");
	if (again->data) {
		text_add(out, " --data ");
		text_add_shell(out, again->data, "");
	}
	if (again->store && !is_own_store(again->store, again->config_name)) {
		text_add(out, " --store ");
		text_add_shell(out, again->store, "");
	}
	text_add(out, " --again --only ");
	text_add_shell(out, "label=", again->label);
}

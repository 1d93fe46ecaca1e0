/* SPDX-License-Identifier: MIT */
#include "lacking_limits.h"

static bool is_listed(const struct lacking_limits *lacking, int threads)
{
	for (int i = 0; i < lacking->count; i++)
		if (lacking->threads[i] == threads)
			return true;
	return false;
}

int lacking_limits(struct lacking_limits *lacking, const struct plan *plan, struct store *store,
		   const char *machine_id, struct error *error)
{
	lacking->count = 0;
	for (size_t i = 0; i < plan->race_count; i++) {
		const int threads = plan->races[i].threads;
		bool has = false;

		if (!race_is_planned(plan, &plan->races[i]) || is_listed(lacking, threads) ||
		    lacking->count == LACKING_MOST)
			continue;
		if (store && store_has_limits(store, machine_id, threads, &has, error))
			return -1;
		if (!has)
			lacking->threads[lacking->count++] = threads;
	}
	return 0;
}

double lacking_seconds(const struct lacking_limits *lacking)
{
	return lacking->count * limits_seconds(true);
}

/* SPDX-License-Identifier: MIT */
#include "lacking_limits.h"

/* That of the race's threads, new where there is none; NULL: there is no room. */
static struct lacking *of_threads(struct lacking_limits *lacking, int threads)
{
	for (int i = 0; i < lacking->count; i++)
		if (lacking->lacking[i].threads == threads)
			return &lacking->lacking[i];
	if (lacking->count == LACKING_MOST)
		return NULL;
	lacking->lacking[lacking->count] = (struct lacking){ .threads = threads };
	return &lacking->lacking[lacking->count++];
}

static bool is_listed(const struct lacking *lacking, int64_t bytes)
{
	for (int i = 0; i < lacking->read_count; i++)
		if (lacking->reads[i] == bytes)
			return true;
	return false;
}

/* The read loops of a race with one row, a size for each type of weights. */
static int add_reads(struct lacking *lacking, const struct plan *plan, const struct race *race,
		     struct store *store, const char *machine_id, struct error *error)
{
	if (race->m != 1 || race_is_of_network(race))
		return 0;
	for (size_t i = race->first; i < race->first + race->count; i++) {
		const int64_t bytes = race_weight_bytes(race, plan->timings[i].kernel);
		bool has = false;

		if (bytes < 2 * MOVE_STEP * lacking->threads ||
		    is_listed(lacking, bytes) || lacking->read_count == READ_LOOPS_MOST)
			continue;
		if (store &&
		    store_has_limits(store, machine_id, lacking->threads, bytes, &has, error))
			return -1;
		if (!has)
			lacking->reads[lacking->read_count++] = bytes;
	}
	return 0;
}

static bool is_lacking(const struct lacking *lacking)
{
	return lacking->all || lacking->read_count;
}

int lacking_limits(struct lacking_limits *lacking, const struct plan *plan, struct store *store,
		   const char *machine_id, struct error *error)
{
	int kept = 0;

	lacking->count = lacking->rounds = 0;
	for (size_t i = 0; i < plan->race_count; i++) {
		const struct race *race = &plan->races[i];
		const int rounds = race->launches - race->launched;
		struct lacking *one =
			race_is_planned(plan, race) ? of_threads(lacking, race->threads) : NULL;

		if (one && rounds > lacking->rounds)
			lacking->rounds = rounds;
		if (one && add_reads(one, plan, race, store, machine_id, error))
			return -1;
	}
	for (int i = 0; i < lacking->count; i++) {
		struct lacking *one = &lacking->lacking[i];
		bool has = false;

		if (store && store_has_limits(store, machine_id, one->threads, 0, &has, error))
			return -1;
		one->all = !has;
		if (is_lacking(one))
			lacking->lacking[kept++] = *one;
	}
	lacking->count = kept;
	return 0;
}

struct limits_options lacking_options(const struct lacking *lacking)
{
	return (struct limits_options){ .threads = lacking->threads,
					.quick = true,
					.reads_alone = !lacking->all,
					.read_count = lacking->read_count,
					.reads = lacking->reads };
}

double lacking_seconds(const struct lacking_limits *lacking)
{
	double seconds = 0;

	for (int i = 0; i < lacking->count; i++) {
		const struct limits_options options = lacking_options(&lacking->lacking[i]);

		seconds += lacking->rounds * limits_launch_seconds(&options);
	}
	return seconds;
}

/* SPDX-License-Identifier: MIT */
#include "floors.h"

#include "../fixed_math.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { LAUNCHES_LEAST = 5, SPREAD_LEAST_S = 10 };

struct floor_row {
	char *label, *race, *kernel, *types, *cache;
	int threads, wrong; /* wrong: launches whose check failed                    */
	long long work_bytes;
	struct floor_evidence evidence;
};

struct floors {
	const struct env *env;
	size_t count, capacity;
	struct floor_row *rows; /* by race and label                                     */
	struct error *error;
	bool failed;
};

bool floors_refused(char *why, size_t size, const struct floor_evidence *old,
		    const struct floor_evidence *new, const struct floor_conditions *conditions,
		    long long work_bytes, int threads, const char *cache)
{
	const int launches = old->launches < new->launches ? old->launches : new->launches;
	const int reached = old->reached < new->reached ? old->reached : new->reached;
	const double spread = fmin(old->spread_s, new->spread_s);

	if (strcmp(old->machine, new->machine))
		snprintf(why, size, "the two were measured on different machines");
	else if (strcmp(old->machine, conditions->machine))
		snprintf(why, size, "measured on another machine, whose caches are not known here");
	else if (strcmp(old->build, new->build))
		snprintf(why, size, "built by %.60s and by %.60s", old->build, new->build);
	else if (threads != 1 || strcmp(cache, "warm"))
		snprintf(why, size, "only one thread and a warm cache can be compared");
	else if (work_bytes > (long long)conditions->cache_bytes)
		snprintf(why, size,
			 "its working set of %lld bytes exceeds the second-level cache of %zu: "
			 "stored times of it cannot be told apart",
			 work_bytes, conditions->cache_bytes);
	else if (launches < LAUNCHES_LEAST)
		snprintf(why, size, "%d launches, at least %d on each side are needed", launches,
			 LAUNCHES_LEAST);
	else if (!(spread >= SPREAD_LEAST_S))
		snprintf(why, size, "launches within %.1f s, at least %d s on each side are needed",
			 spread, SPREAD_LEAST_S);
	else if (reached < LAUNCHES_LEAST)
		snprintf(why, size,
			 "%d launches reach the least time within 2 %%, at least %d on each side "
			 "are "
			 "needed: the machine was busy",
			 reached, LAUNCHES_LEAST);
	else
		return false;
	return true;
}

enum {
	TEXT_LABEL,
	TEXT_RACE,
	TEXT_KERNEL,
	TEXT_TYPES,
	TEXT_CACHE,
	TEXT_MACHINE,
	TEXT_BUILD,
	TEXTS,
	THREADS = TEXTS,
	WORK_BYTES,
	LAUNCHED,
	REACHED,
	WRONG,
	LEAST,
	SPREAD
};

/* The latest library of each label, with all its launches in whatever run.  A build is that of the
 * last run that made one of them. */
static const char floors_sql[] =
	"SELECT f.label, f.race, f.kernel, f.types, f.cache, f.machine_id, "
	"r.compiler || ' ' || r.build, f.threads, coalesce(f.work_bytes, 0), f.launches, "
	"f.reached, f.wrong, f.lowest, f.spread_s FROM (SELECT l.*, "
	"max(l.made_by) AS last_run, count(l.least_ns) AS launches, "
	"coalesce(sum(l.least_ns <= 1.02 * l.lowest), 0) AS reached, "
	"sum(l.verdict = 'wrong') AS wrong, max(l.ended) - min(l.ended) AS spread_s FROM ("
	"SELECT c.*, l.race, l.run_number AS made_by, l.verdict, l.least_ns, l.ended, "
	"min(l.least_ns) OVER (PARTITION BY l.cell_key, l.race) AS lowest "
	"FROM launch l JOIN cell c ON c.cell_key = l.cell_key WHERE NOT l.guest AND NOT EXISTS ("
	"SELECT 1 FROM cell n JOIN launch m ON m.cell_key = n.cell_key WHERE n.label = c.label "
	"AND m.race = l.race AND n.machine_id = c.machine_id AND n.run_number > c.run_number)) l "
	"GROUP BY l.cell_key, l.race) f JOIN run r ON r.run_number = f.last_run "
	"ORDER BY f.race, f.label, f.run_number";

static int take_row(void *self, const struct row *row)
{
	struct floors *floors = self;
	const char *const *values = row->values;
	struct floor_row *new;

	floors->failed = true;
	if (env_grow(floors->env, &floors->rows, &floors->capacity, floors->count,
		     sizeof *floors->rows, "the floors", floors->error))
		return -1;
	new = &floors->rows[floors->count++];
	*new = (struct floor_row){
		.threads = atoi(values[THREADS]),
		.wrong = atoi(values[WRONG]),
		.work_bytes = atoll(values[WORK_BYTES]),
		.evidence = { .launches = atoi(values[LAUNCHED]),
			      .reached = atoi(values[REACHED]),
			      .least_ns = values[LEAST] ? strtod(values[LEAST], NULL) : NAN,
			      .spread_s = values[SPREAD] ? strtod(values[SPREAD], NULL) : 0 },
	};
	char **const texts[TEXTS] = { &new->label,         &new->race,  &new->kernel,
				      &new->types,         &new->cache, &new->evidence.machine,
				      &new->evidence.build };

	for (int i = 0; i < TEXTS; i++) {
		*texts[i] = env_copy_text(floors->env, values[i] ? values[i] : "", floors->error);
		if (!*texts[i])
			return -1;
	}
	floors->failed = false;
	return 0;
}

static void floors_clear(struct floors *floors)
{
	for (size_t i = 0; i < floors->count; i++) {
		const struct floor_row *row = &floors->rows[i];
		char *const texts[] = { row->label,         row->race,  row->kernel,
					row->types,         row->cache, row->evidence.machine,
					row->evidence.build };

		for (size_t t = 0; t < sizeof texts / sizeof *texts; t++)
			env_free(floors->env, texts[t]);
	}
	env_free(floors->env, floors->rows);
}

static int read_floors(struct floors *floors, const struct env *env, struct store *store,
		       struct error *error)
{
	*floors = (struct floors){ .env = env, .error = error };
	return store_query(store, floors_sql, NULL, 0, take_row, floors, error) || floors->failed
		       ? -1
		       : 0;
}

static int row_order(const struct floor_row *a, const struct floor_row *b)
{
	const int by_race = strcmp(a->race, b->race);

	return by_race ? by_race : strcmp(a->label, b->label);
}

/* One of the two may be NULL. */
static int add_row(struct speed_report *report, const struct env *env, const struct floor_row *old,
		   const struct floor_row *new, const struct floor_conditions *conditions,
		   struct error *error)
{
	const struct floor_row *any = new ? new : old;
	struct speed_row *row = &report->rows[report->count++];
	double change;

	*row = (struct speed_row){ .word = new ? WORD_NEW : WORD_GONE };
	row->effect = (struct center){ NAN, NAN, NAN };
	row->label = env_copy_text(env, any->label, error);
	row->kernel = row->kernel_copy = env_copy_text(env, any->kernel, error);
	row->task = env_print(env, error, "%.*s %s", (int)strcspn(any->label, " "), any->label,
			      any->types);
	if (!row->label || !row->task || !row->kernel)
		return -1;
	if (!old || !new)
		return 0;
	if (new->wrong) {
		row->word = WORD_WRONG;
		return 0;
	}
	if (floors_refused(row->note, sizeof row->note, &old->evidence, &new->evidence, conditions,
			   any->work_bytes, any->threads, any->cache)) {
		row->word = WORD_REFUSED;
		return 0;
	}
	row->launches[0] = new->evidence.launches;
	row->old_ns = old->evidence.least_ns;
	row->new_ns = new->evidence.least_ns;
	change = row->new_ns / row->old_ns;
	row->effect.median = fixed_log(change);
	row->word = change > 1 + report->max_regress         ? WORD_REGRESSED
		    : change < 1 / (1 + report->max_regress) ? WORD_IMPROVED
							     : WORD_UNCHANGED;
	snprintf(row->note, sizeof row->note, "floors of %d and %d launches",
		 old->evidence.launches, new->evidence.launches);
	return 0;
}

/* Both are sorted: one walk through both. */
static int merge(struct speed_report *report, const struct env *env, const struct floors *old,
		 const struct floors *new, const struct floor_conditions *conditions,
		 struct error *error)
{
	size_t i = 0, j = 0;

	report->rows =
		env_new(env, old->count + new->count, sizeof *report->rows, "the floors", error);
	if (!report->rows)
		return -1;
	while (i < old->count || j < new->count) {
		const struct floor_row *a = i < old->count ? &old->rows[i] : NULL;
		const struct floor_row *b = j < new->count ? &new->rows[j] : NULL;
		const int order = !a ? 1 : !b ? -1 : row_order(a, b);

		if (add_row(report, env, order <= 0 ? a : NULL, order >= 0 ? b : NULL, conditions,
			    error))
			return -1;
		report->launches += order >= 0 ? (size_t)b->evidence.launches : 0;
		i += order <= 0;
		j += order >= 0;
	}
	return 0;
}

int floors_compare(struct speed_report *report, const struct env *env, struct store *old,
		   struct store *new, const struct floor_conditions *conditions,
		   struct error *error)
{
	struct floors before, now = { .env = env };
	int failed = read_floors(&before, env, old, error) || read_floors(&now, env, new, error) ||
		     merge(report, env, &before, &now, conditions, error);

	floors_clear(&before);
	floors_clear(&now);
	if (failed) {
		floors_free(report, env);
		return -1;
	}
	speed_report_sort(report);
	return 0;
}

void floors_free(struct speed_report *report, const struct env *env)
{
	for (size_t i = 0; i < report->count; i++) {
		env_free(env, report->rows[i].label);
		env_free(env, report->rows[i].task);
		env_free(env, report->rows[i].kernel_copy);
	}
	env_free(env, report->rows);
	report->rows = NULL;
	report->count = 0;
}

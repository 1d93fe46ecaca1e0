/* SPDX-License-Identifier: MIT
 *
 * Races: which kernels of an op's types are timed together, and which rows of `choice` they fill.
 */
#include "plan_parts.h"

#include <string.h>

/* The race's runner for the kernel; one that is there is no guest any more once it is asked for. */
static int add_runner(struct maker *maker, size_t race, const struct race_terms *terms,
		      const struct pick *pick, bool guest, size_t *timing)
{
	struct plan *plan = maker->plan;
	char key[KEY_SIZE];
	bool is_new;

	*timing = plan->timing_count;
	if (timing_key(maker, key, terms, pick) ||
	    env_grow(plan->env, &plan->timings, &plan->timing_capacity, plan->timing_count,
		     sizeof *plan->timings, "the timing cells", maker->error) ||
	    key_index_put(&maker->timings, plan->env, key, timing, &is_new, maker->error))
		return -1;
	if (!is_new) {
		plan->timings[*timing].guest &= guest;
		plan->timings[*timing].named |= pick->named;
		return 0;
	}
	if (plan->races[race].count == RUNNERS_MAX)
		return fail(maker->error, STATUS_INPUT,
			    "race %s has more than %d kernels; name fewer with "
			    "\"kernel\"",
			    plan->races[race].name, RUNNERS_MAX);
	struct timing_cell cell = {
		.race = race, .kernel = pick->kernel, .library = pick->library, .guest = guest,
		.named = pick->named
	};

	memcpy(cell.key, key, sizeof key);
	cell.label = runner_label(plan->env, terms, pick->kernel, maker->error);
	if (!cell.label)
		return -1;
	plan->races[race].count++;
	plan->timings[plan->timing_count++] = cell;
	return 0;
}

static int new_race(struct maker *maker, const struct race_terms *terms, char *name)
{
	struct plan *plan = maker->plan;
	const char *reason;

	if (env_grow(plan->env, &plan->races, &plan->race_capacity, plan->race_count,
		     sizeof *plan->races, "the races", maker->error)) {
		env_free(plan->env, name);
		return -1;
	}
	struct race *race = &plan->races[plan->race_count++];

	*race = (struct race){ .name = name,
			       .operation = terms->subject->operation,
			       .m = terms->subject->m,
			       .n = terms->subject->n,
			       .k = terms->subject->k,
			       .conv = terms->subject->conv,
			       .threads = terms->threads,
			       .batch = terms->batch,
			       .cache = terms->cache,
			       .detail = terms->detail,
			       .launches = maker->options->launches ? maker->options->launches
								    : LAUNCHES };
	snprintf(race->types, sizeof race->types, "%s", terms->types);
	if (terms->network)
		return race_of_network(maker, race, terms);
	return best_of_race(&race->best, plan->env, plan->libraries, terms, &reason, maker->error);
}

static int add_guests(struct maker *maker, size_t race, const struct race_terms *terms)
{
	const struct env *env = maker->plan->env;
	struct picks guests = { 0 };
	size_t timing;
	const struct libraries *libraries = maker->plan->libraries;
	int failed = terms->network ? network_guests_pick(&guests, maker, terms)
				    : guests_pick(&guests, env, libraries, terms, maker->error);

	for (size_t i = 0; !failed && i < guests.count; i++)
		if (guests.picks[i].kernel && !*guests.picks[i].reason)
			failed = add_runner(maker, race, terms, &guests.picks[i], true, &timing);
	env_free(env, guests.picks);
	return failed;
}

static int find_race(struct maker *maker, const struct race_terms *terms, size_t *race)
{
	struct plan *plan = maker->plan;
	char *name = race_name(plan->env, terms, maker->error);
	char key[KEY_SIZE];
	bool is_new;

	if (!name)
		return -1;
	hash_text(key, name);
	*race = plan->race_count;
	const int failed =
		key_index_put(&maker->races, plan->env, key, race, &is_new, maker->error);

	if (failed || !is_new) {
		env_free(plan->env, name);
		return failed;
	}
	return new_race(maker, terms, name) || add_guests(maker, *race, terms) ? -1 : 0;
}

/* Of a subject without numbers of error the timing cell's own: there is no other cell. */
static char *row_label(const struct env *env, const struct plan_row *row, const char *timing_words,
		       struct error *error)
{
	if (row->subject->measure == MEASURE_THROUGHPUT)
		return env_copy_text(env, timing_words, error);
	return env_print(env, error, "%s%s", row->label, strstr(timing_words, " | "));
}

int add_timed_row(struct maker *maker, const struct plan_row *recipe_row,
		  const struct race_terms *terms, const struct pick *pick, bool guest)
{
	const struct env *env = maker->plan->env;
	struct plan_row row = *recipe_row;
	char *timing_words = runner_label(env, terms, pick->kernel, maker->error),
	     *label = NULL;
	char key[KEY_SIZE];
	size_t race, timing;
	int wanted = -1;

	if (timing_words)
		label = row_label(env, &row, timing_words, maker->error);
	if (label && !timing_key(maker, key, terms, pick)) {
		row.label = label;
		row.timing_key = key;
		row.kernel = runner_name(pick->kernel);
		row.library = library_of_kernel(pick->library, pick->kernel);
		row.threads = terms->threads;
		row.batch = terms->batch;
		wanted = row_is_wanted(maker, &row);
	}
	row.label = recipe_row->label;
	if (wanted > 0 &&
	    (find_race(maker, terms, &race) ||
	     add_runner(maker, race, terms, pick, guest, &timing) ||
	     add_choice(maker, &row, timing, NULL)))
		wanted = -1;
	env_free(env, timing_words);
	env_free(env, label);
	return wanted;
}

int add_timing_skip(struct maker *maker, const struct plan_row *recipe_row,
		    const struct race_terms *terms, const char *kernel, const char *reason)
{
	const struct env *env = maker->plan->env;
	struct plan_row row = *recipe_row;
	char *words = timing_label(env, terms, kernel, maker->error), *label = NULL;
	int wanted = -1;

	if (words)
		label = row_label(env, &row, words, maker->error);
	if (label) {
		row.label = label;
		row.kernel = kernel;
		row.threads = terms->threads;
		row.batch = terms->batch;
		wanted = row_is_wanted(maker, &row);
	}
	if (wanted > 0 && add_skip(maker, words, reason))
		wanted = -1;
	env_free(env, words);
	env_free(env, label);
	return wanted < 0 ? -1 : 0;
}

/* The name of what a word did not get: `avx2` of gemm and f32f32f32 is gemm_f32f32f32__avx2. */
static void missing_name(char out[128], const struct race_terms *terms, const char *word)
{
	if (value_find(isa_values, word) || !strcmp(word, "best"))
		snprintf(out, 128, "%s_%s__%s", terms->subject->operation->value.name, terms->types,
			 word);
	else
		snprintf(out, 128, "%.127s", word);
}

/* The reference races with whatever was asked for, and has its row too. */
static int add_reference(struct maker *maker, const struct plan_row *row,
			 const struct race_terms *terms, const struct picks *picks,
			 struct timed_rows *outcome)
{
	const struct libraries *libraries = maker->plan->libraries;
	const struct pick reference = {
		.kernel = kernel_reference(libraries, terms->subject->operation->op, terms->types),
		.library = &libraries->libraries[0],
	};
	int result;

	for (size_t i = 0; i < picks->count; i++)
		if (picks->picks[i].kernel == reference.kernel)
			return 0;
	result = add_timed_row(maker, row, terms, &reference, true);
	outcome->rows += result > 0;
	return result;
}

/* All kernel words for one race. */
static int add_words(struct maker *maker, const struct plan_row *row,
		     const struct race_terms *terms, struct timed_rows *outcome)
{
	const struct env *env = maker->plan->env;
	const struct libraries *libraries = maker->plan->libraries;
	const struct setting_list *words = &maker->sweep->kernel;
	struct picks picks = { 0 };
	size_t asked = 0;
	int result = 0;

	for (size_t i = 0; result >= 0 && i < words->count; i++) {
		const size_t before = picks.count;

		result = kernel_word_pick(&picks, env, libraries, words->settings[i].text, terms,
					  maker->error);
		for (size_t j = before; result >= 0 && j < picks.count; j++) {
			const struct pick *pick = &picks.picks[j];
			char name[128];

			if (!*pick->reason) {
				asked++;
				result = add_timed_row(maker, row, terms, pick, false);
				outcome->rows += result > 0;
				continue;
			}
			missing_name(name, terms,
				     pick->kernel ? pick->kernel->name : words->settings[i].text);
			result = add_timing_skip(maker, row, terms, name, pick->reason);
			if (!*outcome->reason)
				memcpy(outcome->reason, pick->reason, sizeof pick->reason);
		}
	}
	if (result >= 0 && asked)
		result = add_reference(maker, row, terms, &picks, outcome);
	env_free(env, picks.picks);
	return result < 0 ? -1 : 0;
}

/* Why no kernel could ever run the types, or "". */
static void refuse_types(char out[128], const struct maker *maker, const struct plan_row *row)
{
	const struct operation *operation = row->subject->operation;

	*out = '\0';
	if (!*row->types && makes_codes(row->subject))
		snprintf(out, 128,
			 "sums of rows or groups that have scales of their own become no codes, no "
			 "kernel has them");
	else if (!*row->types)
		snprintf(out, 128,
			 "group scales on activations and scales along the reduction are "
			 "simulated, no kernel has them");
	else if (!types_have_kernel(maker->plan->libraries, operation->op, row->types))
		snprintf(out, 128, "no kernel takes %s_%s", operation->value.name, row->types);
}

/* How the row's task differs from the usual one of its types. */
static struct race_detail detail_of(const struct plan_row *row)
{
	const struct subject *subject = row->subject;
	const struct rule *weights = &row->recipe->weights;
	const struct value *mode = row->recipe->requantization;

	return (struct race_detail){
		.requantization =
			makes_codes(subject) && mode != *requantization_values ? mode : NULL,
		.w_zeros = !rule_is_float(weights) &&
			   ((const struct scheme *)weights->scheme)->stores_zero,
		.w_bits = subject->w_bits,
		.w_values = subject->w_values,
	};
}

int add_untimed_row(struct maker *maker, struct plan_row *row, size_t before, const char *reason)
{
	/* excluded rows count without it */
	const size_t excluded = maker->plan->excluded;
	const int wanted = row_is_wanted(maker, row);

	if (wanted <= 0) {
		maker->plan->excluded = excluded > before ? excluded : maker->plan->excluded;
		return wanted;
	}
	return add_choice(maker, row, NO_TIMING, *reason ? reason : NULL);
}

int expand_timing(struct maker *maker, struct plan_row *row)
{
	const struct sweep *sweep = maker->sweep;
	const size_t before = maker->plan->excluded;
	struct timed_rows outcome = { 0 };

	refuse_types(outcome.reason, maker, row);
	const bool refused = *outcome.reason;

	for (size_t t = 0; t < sweep->threads.count; t++)
		for (size_t c = 0; c < sweep->cache.count; c++) {
			/* an op has no batch: its m is it */
			const struct race_terms terms = {
				.subject = row->subject,
				.types = row->types,
				.batch = 1,
				.threads = (int)sweep->threads.settings[t].number,
				.cache = sweep->cache.settings[c].value,
				.detail = detail_of(row),
			};
			char name[128];

			snprintf(name, sizeof name, "%s_%s", row->subject->operation->value.name,
				 *row->types ? row->types : "simulated");
			if (refused ? add_timing_skip(maker, row, &terms, name, outcome.reason)
				    : add_words(maker, row, &terms, &outcome))
				return -1;
		}
	if (outcome.rows)
		return 0;
	return add_untimed_row(maker, row, before, outcome.reason);
}

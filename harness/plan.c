/* SPDX-License-Identifier: MIT
 *
 * The plan as a whole: subjects and sweeps into rows, rows into cells, what is left out and why.
 */
#include "plan_parts.h"

#include "estimate.h"
#include "text.h"

#include <string.h>

enum { DYNAMIC_HEAD = 8 };      /* bytes of a row's scale and zero point                 */

int row_is_wanted(struct maker *maker, struct plan_row *row)
{
	const struct filter *exclude = &maker->plan->config->exclude, *only = maker->options->only;
	const struct filter *of_block = &maker->sweep->only;
	const char *unknown = "";
	int excluded = 0, chosen = 1;

	if (of_block->count)
		chosen = filter_match(of_block, row_lookup, row, &unknown);
	if (chosen > 0 && exclude->count)
		excluded = filter_match(exclude, row_lookup, row, &unknown);
	if (chosen > 0 && !excluded && only)
		chosen = filter_match(only, row_lookup, row, &unknown);
	if (excluded < 0 || chosen < 0)
		return fail(maker->error, STATUS_INPUT, "unknown column '%s' in a filter", unknown);
	maker->plan->excluded += (size_t)excluded;
	return !excluded && chosen;
}

static int check_size(struct maker *maker)
{
	const struct plan *plan = maker->plan;

	if (plan->choice_count + plan->skip_count < PLAN_CELLS_MOST)
		return 0;
	return fail(maker->error, STATUS_INPUT,
		    "%s: the plan has more than %d rows; take values out, or "
		    "split the config",
		    plan->config->path, PLAN_CELLS_MOST);
}

static int find_accuracy(struct maker *maker, const struct plan_row *row, size_t *place)
{
	struct plan *plan = maker->plan;
	struct accuracy_cell *cell;
	bool is_new;

	*place = plan->accuracy_count;
	if (env_grow(plan->env, &plan->accuracies, &plan->accuracy_capacity, plan->accuracy_count,
		     sizeof *plan->accuracies, "the accuracy cells", maker->error) ||
	    key_index_put(&maker->accuracies, plan->env, row->accuracy_key, place, &is_new,
			  maker->error))
		return -1;
	if (!is_new)
		return 0;
	cell = &plan->accuracies[plan->accuracy_count];
	*cell = (struct accuracy_cell){ .subject = maker->subject,
					.recipe = *row->recipe,
					.cost = cell_cost(row->subject,
							  &plan->layers[maker->subject],
							  row->recipe) };
	memcpy(cell->key, row->accuracy_key, sizeof cell->key);
	cell->label = env_copy_text(plan->env, row->label, maker->error);
	if (!cell->label)
		return -1;
	plan->accuracy_count++;
	return 0;
}

/* A cell is its content: two tensors of the same values are one cell, under the first one's name.
 */
static int say_same(struct maker *maker, const struct accuracy_cell *cell)
{
	const struct plan *plan = maker->plan;
	struct text text = { .env = plan->env };
	char *label, *reason;
	int failed;

	text_add_escaped(&text, plan->subjects.subjects[maker->subject].name);
	label = text_take(&text, maker->error);
	if (!label)
		return -1;
	reason = env_print(plan->env, maker->error, "the same values as %s, measured there",
			   plan->subjects.subjects[cell->subject].name);
	failed = !reason || add_skip(maker, label, reason);
	env_free(plan->env, label);
	env_free(plan->env, reason);
	return failed ? -1 : 0;
}

int add_choice(struct maker *maker, const struct plan_row *row, size_t timing, const char *skip)
{
	struct plan *plan = maker->plan;
	struct choice choice = { .timing = timing };
	char pair[2 * KEY_SIZE], key[KEY_SIZE];
	size_t place = plan->choice_count;
	bool is_new;

	/* a network's error, drift and task are one cell */
	if (!(row->subject->measure & (MEASURE_ERROR | MEASURE_DRIFT | MEASURE_TASK |
				     MEASURE_SENSITIVITY)))
		return 0;
	snprintf(pair, sizeof pair, "%s %s", row->accuracy_key,
		 timing == NO_TIMING ? "" : plan->timings[timing].key);
	hash_text(key, pair);
	if (check_size(maker) || find_accuracy(maker, row, &choice.accuracy))
		return -1;
	if (plan->accuracies[choice.accuracy].subject != maker->subject)
		return say_same(maker, &plan->accuracies[choice.accuracy]);
	if (env_grow(plan->env, &plan->choices, &plan->choice_capacity, plan->choice_count,
		     sizeof *plan->choices, "the plan's rows", maker->error) ||
	    key_index_put(&maker->choices, plan->env, key, &place, &is_new, maker->error))
		return -1;
	if (!is_new)
		return 0;
	if (skip) {
		choice.skip = env_copy_text(plan->env, skip, maker->error);
		if (!choice.skip)
			return -1;
	}
	plan->choices[plan->choice_count++] = choice;
	return 0;
}

int add_skip(struct maker *maker, const char *label, const char *reason)
{
	struct plan *plan = maker->plan;
	struct text text = { .env = plan->env };
	size_t place = plan->skip_count;
	struct skip *skip;
	bool is_new;
	char *words, key[KEY_SIZE];

	text_add(&text, "skip %s: %s", label, reason);
	words = text_take(&text, maker->error);
	if (!words)
		return -1;
	hash_text(key, words);
	env_free(plan->env, words);
	if (check_size(maker) ||
	    env_grow(plan->env, &plan->skips, &plan->skip_capacity, plan->skip_count,
		     sizeof *plan->skips, "the skips", maker->error) ||
	    key_index_put(&maker->skips, plan->env, key, &place, &is_new, maker->error))
		return -1;
	if (!is_new)
		return 0;
	skip = &plan->skips[plan->skip_count++];
	*skip = (struct skip){ 0 };
	memcpy(skip->key, key, sizeof key);
	skip->label = env_copy_text(plan->env, label, maker->error);
	skip->reason = env_copy_text(plan->env, reason, maker->error);
	return skip->label && skip->reason ? 0 : -1;
}

static int add_missing(struct maker *maker)
{
	const struct subjects *subjects = &maker->plan->subjects;

	for (size_t i = 0; i < subjects->missing_count; i++) {
		struct text text = { .env = maker->plan->env };
		char *label;
		int failed;

		text_add_escaped(&text, subjects->missing[i].name);
		label = text_take(&text, maker->error);
		failed = !label || add_skip(maker, label, subjects->missing[i].reason);
		env_free(maker->plan->env, label);
		if (failed)
			return -1;
	}
	return 0;
}

/* Kernel names are known only now that the libraries are open. */
static int check_kernel_words(struct maker *maker)
{
	const struct config *config = maker->plan->config;

	for (size_t i = 0; i < config->sweep_count; i++) {
		const struct setting_list *words = &config->sweeps[i].kernel;

		for (size_t j = 0; j < words->count; j++)
			if (kernel_word_check(maker->plan->libraries, words->settings[j].text,
					      maker->error))
				return fail_prefix(maker->error,
						   "%s:%d: sweep.kernel: ", config->path,
						   words->settings[j].line);
	}
	return 0;
}

static int expand_all(struct maker *maker)
{
	const struct plan *plan = maker->plan;

	for (maker->subject = 0; maker->subject < plan->subjects.count; maker->subject++) {
		const struct subject *subject = &plan->subjects.subjects[maker->subject];

		if (!subject->measure)
			continue;
		if (subject_hash(maker->content, subject, plan->env, maker->error))
			return -1;
		for (size_t i = 0; i < plan->config->sweep_count; i++) {
			maker->sweep = &plan->config->sweeps[i];
			if (expand(maker))
				return -1;
		}
	}
	return 0;
}

static void maker_free(struct maker *maker)
{
	struct key_index *const indices[] = { &maker->accuracies, &maker->races, &maker->timings,
					      &maker->choices, &maker->skips };

	for (size_t i = 0; i < sizeof indices / sizeof *indices; i++)
		key_index_free(indices[i], maker->plan->env);
}

int plan_make(struct plan *plan, const struct config *config, const struct libraries *libraries,
	      const struct plan_options *options, struct error *error)
{
	struct maker maker = { .plan = plan, .options = options, .error = error };
	int failed;

	*plan = (struct plan){ .env = config->env, .config = config, .libraries = libraries };
	if (options->only && filter_check(options->only, error))
		return fail_prefix(error, "--only: ");
	failed = check_kernel_words(&maker) ||
		 subjects_open(&plan->subjects, config,
			       options->data ? options->data : config->folder, error) ||
		 add_missing(&maker) || networks_open(&maker) || expand_all(&maker) ||
		 order_plan(&maker);
	maker_free(&maker);
	if (failed)
		plan_free(plan);
	return failed ? -1 : 0;
}

bool race_is_planned(const struct plan *plan, const struct race *race)
{
	for (size_t i = race->first; i < race->first + race->count; i++)
		if (plan->timings[i].outcome == OUTCOME_PLANNED)
			return true;
	return false;
}

/* Codes, a row of them whole bytes. */
static int64_t code_bytes(int64_t rows, int64_t columns, enum qs_type type)
{
	return rows * ((columns * type_bits(type) + 7) / 8);
}

/* Scales that a kernel's types name; 0: none. */
static int64_t count_scales(const struct qs_kernel *kernel, int64_t rows, int64_t columns)
{
	int64_t group;
	const enum qs_per per = kernel_per(kernel, &group);

	return per == QS_PER_TENSOR ? 0 : operand_scales(per, group, rows, columns);
}

int64_t race_weight_bytes(const struct race *race, const struct qs_kernel *kernel)
{
	const bool raw = kernel->y == QS_S32 || kernel->y == QS_S64;

	if (race_is_of_network(race))
		return network_work_of(race, kernel)->weight_bytes;
	if (!op_is_product(kernel->op))
		return 0;
	const int64_t scales = count_scales(kernel, race->n, race->k);
	const int64_t zeros = !race->detail.w_zeros || kernel->w == QS_F32 ? 0
			      : raw					   ? race->n
									   : scales;

	return code_bytes(race->n, race->k, kernel->w) + scales * (int64_t)sizeof(float) + zeros;
}

int64_t race_bytes(const struct race *race, const struct qs_kernel *kernel)
{
	const bool product = op_is_product(kernel->op);
	const int64_t a = code_bytes(shape_a_rows(race->m, &race->conv),
				     shape_a_columns(race->k, &race->conv), kernel->a);
	const int64_t y = code_bytes(race->m, product ? race->n : race->k, kernel->y);

	if (race_is_of_network(race))
		return network_work_of(race, kernel)->bytes;
	if (product)
		return a + race_weight_bytes(race, kernel) + y;
	return a + y + count_scales(kernel, race->m, race->k) * (int64_t)sizeof(float) +
	       (kernel->op == QS_DYNAMIC_QUANTIZE ? race->m * DYNAMIC_HEAD : 0);
}

void plan_free(struct plan *plan)
{
	const struct env *env = plan->env;

	if (!env)
		return;
	for (size_t i = 0; i < plan->accuracy_count; i++)
		env_free(env, plan->accuracies[i].label);
	for (size_t i = 0; i < plan->timing_count; i++)
		env_free(env, plan->timings[i].label);
	for (size_t i = 0; i < plan->race_count; i++)
		env_free(env, plan->races[i].name);
	for (size_t i = 0; i < plan->choice_count; i++)
		env_free(env, plan->choices[i].skip);
	for (size_t i = 0; i < plan->skip_count; i++) {
		env_free(env, plan->skips[i].label);
		env_free(env, plan->skips[i].reason);
	}
	env_free(env, plan->accuracies);
	env_free(env, plan->timings);
	env_free(env, plan->races);
	env_free(env, plan->choices);
	env_free(env, plan->skips);
	while (plan->network_runners) {
		struct network_runner *next = plan->network_runners->next;

		env_free(env, plan->network_runners);
		plan->network_runners = next;
	}
	networks_close(plan);
	subjects_free(&plan->subjects);
	*plan = (struct plan){ 0 };
}

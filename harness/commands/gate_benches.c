/* SPDX-License-Identifier: MIT */
#include "gate_benches.h"

#include "../quote.h"

#include <math.h>
#include <string.h>

static bool is_gated(const struct plan *plan, const struct timing_cell *cell)
{
	const struct race *race = &plan->races[cell->race];

	return !race_is_of_network(race) && race->threads == 1 && race->cache &&
	       !strcmp(race->cache->name, "warm");
}

static bool is_asked(const struct plan *plan, const struct timing_cell *cell)
{
	return !cell->guest && cell->library == &plan->libraries->libraries[0];
}

/* quantsweep gate --against LIBRARY CONFIG ... --only 'label=...' */
static char *again_command(const struct gate_request *request, const struct env *env,
			   const char *label, struct error *error)
{
	const struct study_request *study = &request->study;
	const struct {
		const char *name, *value;
	} texts[] = { { "--data", study->data },
		      { "--store", study->store },
		      { "--isa", study->isa },
		      { "--accepted", request->accepted } };
	struct text text = { .env = env };

	text_add(&text, "quantsweep gate --against ");
	text_add_shell(&text, request->subject, "");
	text_add(&text, " ");
	text_add_shell(&text, request->word, "");
	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
		if (!texts[i].value)
			continue;
		text_add(&text, " %s ", texts[i].name);
		text_add_shell(&text, texts[i].value, "");
	}
	if (request->max_regress != 0.01)
		text_add(&text, " --max-regress %g", 100 * request->max_regress);
	if (request->handicap)
		text_add(&text, " --handicap %d", request->handicap);
	text_add(&text, " --only ");
	text_add_shell(&text, "label=", label);
	return text_take(&text, error);
}

/* Any row of `choice` that asked for the cell: --only finds the cell by it. */
static const struct choice *choice_of(const struct plan *plan, size_t timing)
{
	for (size_t i = 0; i < plan->choice_count; i++)
		if (plan->choices[i].timing == timing)
			return &plan->choices[i];
	return NULL;
}

struct making {
	struct gate_benches *benches;
	struct speed_report *report;
	const struct gate_request *request;
	const struct plan *plan;
	const struct library *old;
	struct accepted *accepted;
	struct error *error;
};

/* A row of a cell, without its verdict; what is allocated is the report's also on -1. */
static int start_row(struct making *making, struct speed_row *row, const struct timing_cell *cell)
{
	const struct plan *plan = making->plan;
	const struct env *env = plan->env;
	const struct choice *choice = choice_of(plan, (size_t)(cell - plan->timings));
	const char *bar = strstr(cell->label, " | ");
	char *label;

	*row = (struct speed_row){ .kernel = cell->kernel->name,
				   .cell_key = cell->key,
				   .race = plan->races[cell->race].name };
	row->label = env_copy_text(env, cell->label, making->error);
	row->task = env_print(env, making->error, "%.*s %s", (int)(bar - cell->label), cell->label,
			      plan->races[cell->race].types);
	if (!row->label || !row->task)
		return -1;
	if (making->accepted)
		row->accepted = accepted_find(making->accepted, row->label);
	if (!choice)
		return 0;
	label = choice_label(plan, choice, making->error);
	if (!label)
		return -1;
	row->again = again_command(making->request, env, label, making->error);
	env_free(env, label);
	return row->again ? 0 : -1;
}

static int add_cell(struct making *making, const struct timing_cell *cell)
{
	struct gate_benches *benches = making->benches;
	const struct race *race = &making->plan->races[cell->race];
	struct speed_row *row = &making->report->rows[making->report->count++];
	struct gate_pair *pair = &benches->pairs[benches->count];

	if (start_row(making, row, cell))
		return -1;
	benches->cells[benches->cell_count++] = (size_t)(cell - making->plan->timings);
	if (!kernel_find(making->old, cell->kernel->name)) {
		row->word = WORD_NEW;
		snprintf(row->note, sizeof row->note, "the older library has no such kernel");
		return 0;
	}
	*pair = (struct gate_pair){
		.cell = cell,
		.row = row,
		.task = { .old = making->old,
			  .new = cell->library,
			  .kernel = cell->kernel,
			  .m = race->m,
			  .n = race->n,
			  .k = race->k,
			  .conv = race->conv,
			  .detail = race->detail,
			  .handicap = making->request->handicap },
	};
	benches->speed[benches->count++] =
		(struct speed_bench){ .label = row->label,
				      .allowed = row->accepted ? row->accepted->allowed : 0 };
	return 0;
}

static bool has_operation(const struct plan *plan, enum qs_op op)
{
	for (size_t i = 0; i < plan->subjects.count; i++) {
		const struct subject *subject = &plan->subjects.subjects[i];

		if (subject->operation && subject->operation->op == op)
			return true;
	}
	return false;
}

/* Where --only picks rows, what it did not pick is not gone. */
static bool is_gone(const struct making *making, const struct qs_kernel *kernel)
{
	const struct plan *plan = making->plan;

	return !making->request->study.only.count && has_operation(plan, kernel->op) &&
	       !(kernel->needs & ~plan->env->cpu) &&
	       !kernel_find(&plan->libraries->libraries[0], kernel->name);
}

static int add_gone(struct making *making, const struct qs_kernel *kernel)
{
	struct speed_row *row = &making->report->rows[making->report->count++];

	*row = (struct speed_row){ .word = WORD_GONE, .kernel = kernel->name };
	row->label = env_copy_text(making->plan->env, kernel->name, making->error);
	return row->label ? 0 : -1;
}

static int make_room(struct making *making)
{
	struct gate_benches *benches = making->benches;
	const struct plan *plan = making->plan;
	const struct env *env = plan->env;
	size_t cells = 0;

	for (size_t i = 0; i < plan->timing_count; i++) {
		const bool asked = is_asked(plan, &plan->timings[i]);

		cells += asked && is_gated(plan, &plan->timings[i]);
		benches->others += asked && !is_gated(plan, &plan->timings[i]);
	}
	benches->cells = env_new(env, cells, sizeof *benches->cells, "the benches", making->error);
	benches->pairs = env_new(env, cells, sizeof *benches->pairs, "the benches", making->error);
	benches->speed = env_new(env, cells, sizeof *benches->speed, "the benches", making->error);
	making->report->rows = env_new(env, cells + making->old->table->count,
				       sizeof *making->report->rows, "the benches", making->error);
	return benches->cells && benches->pairs && benches->speed && making->report->rows ? 0 : -1;
}

int gate_benches_make(struct gate_benches *benches, struct speed_report *report,
		      const struct gate_request *request, const struct plan *plan,
		      const struct library *old, struct accepted *accepted, struct error *error)
{
	struct making making = { benches, report, request, plan, old, accepted, error };
	int failed;

	*benches = (struct gate_benches){ .env = plan->env };
	failed = make_room(&making);
	for (size_t i = 0; i < plan->timing_count && !failed; i++)
		if (is_asked(plan, &plan->timings[i]) && is_gated(plan, &plan->timings[i]))
			failed = add_cell(&making, &plan->timings[i]);
	for (size_t i = 0; i < old->table->count && !failed; i++)
		if (is_gone(&making, old->table->kernels[i]))
			failed = add_gone(&making, old->table->kernels[i]);
	if (failed)
		gate_benches_free(benches, report);
	return failed;
}

/* A kernel that only one side has right is new or gone; a new one that is wrong has no speed. */
static enum speed_word troubled_word(const struct gate_pair *pair)
{
	if (pair->blame == DUEL_WORKER)
		return WORD_INCONCLUSIVE;
	if (pair->blame == DUEL_OLD)
		return WORD_NEW;
	return pair->verdict == VERDICT_REFUSED ? WORD_GONE : WORD_WRONG;
}

/* What the rule says of r less the allowance, in words of r itself: what is within the allowance
 * and slower is accepted, and not being slower at all is no improvement. */
static enum speed_word judged_word(const struct speed_row *row, enum speed_verdict verdict,
				   const struct decision_rule *rule)
{
	switch (verdict) {
	case SPEED_REGRESSED:
		return WORD_REGRESSED;
	case SPEED_UNCHANGED:
	case SPEED_IMPROVED:
		if (!row->accepted)
			return verdict == SPEED_IMPROVED ? WORD_IMPROVED : WORD_UNCHANGED;
		if (row->effect.median > rule->tau_fail)
			return WORD_ACCEPTED;
		return verdict == SPEED_IMPROVED && row->effect.high < -rule->tau_fail
			       ? WORD_IMPROVED
			       : WORD_UNCHANGED;
	default:
		return WORD_INCONCLUSIVE;
	}
}

static void say_note(struct speed_row *row, const struct speed_bench *bench)
{
	const struct accepted_entry *entry = row->accepted;
	char allowance[200] = "";

	if (entry && row->word == WORD_ACCEPTED)
		snprintf(allowance, sizeof allowance, "%.3g %% are accepted: %.150s",
			 speed_percent(entry->allowed), entry->reason);
	else if (entry && row->word == WORD_REGRESSED)
		snprintf(allowance, sizeof allowance, "more than the %.3g %% that are accepted",
			 speed_percent(entry->allowed));
	else if (entry)
		snprintf(allowance, sizeof allowance,
			 "the %.3g %% that are accepted are not needed",
			 speed_percent(entry->allowed));
	snprintf(row->note, sizeof row->note, "%s%s%s", bench->note ? bench->note : "",
		 bench->note && *allowance ? "; " : "", allowance);
}

static void finish(struct gate_pair *pair, const struct speed_bench *bench,
		   const struct decision_rule *rule)
{
	const int which = bench->decisions[1].count > 0;
	const struct decision *decision = &bench->decisions[which];
	struct speed_row *row = pair->row;

	row->seconds = pair->seconds;
	row->launches[0] = bench->decisions[0].count;
	row->launches[1] = bench->decisions[1].count;
	if (decision->count) {
		row->effect = center_of(decision->r, decision->count);
		row->effect.median += bench->allowed;
		row->effect.low += bench->allowed;
		row->effect.high += bench->allowed;
		row->old_ns = center_of(pair->old_ns[which], decision->count).median;
		row->new_ns = center_of(pair->new_ns[which], decision->count).median;
	}
	if (*bench->trouble) {
		row->word = troubled_word(pair);
		snprintf(row->note, sizeof row->note, "%s", bench->trouble);
		return;
	}
	row->word = judged_word(row, bench->verdict, rule);
	say_note(row, bench);
}

void gate_benches_finish(const struct gate_benches *benches, const struct decision_rule *rule)
{
	for (size_t i = 0; i < benches->count; i++)
		finish(&benches->pairs[i], &benches->speed[i], rule);
}

void gate_row_stored(struct stored_verdict *out, const struct speed_report *report,
		     const struct speed_row *row)
{
	const bool there = speed_row_is_measured(row);

	*out = (struct stored_verdict){
		.label = row->label,
		.cell_key = row->cell_key,
		.race = row->race,
		.verdict = speed_word_name(row->word),
		.note = *row->note ? row->note : NULL,
		.command = row->again,
		.change = there ? speed_percent(row->effect.median) / 100 : NAN,
		.change_low = there ? speed_percent(row->effect.low) / 100 : NAN,
		.change_high = there ? speed_percent(row->effect.high) / 100 : NAN,
		.old_ns = there ? row->old_ns : NAN,
		.new_ns = there ? row->new_ns : NAN,
		.launches = row->launches[0],
		.confirming_launches = row->launches[1],
		.handicap = report->handicap,
		.max_regress = report->max_regress,
		.allowed = row->accepted ? speed_percent(row->accepted->allowed) / 100 : NAN,
		.outcome = row->word == WORD_WRONG ? OUTCOME_FAILED
			   : there                 ? OUTCOME_DONE
						   : OUTCOME_SKIPPED,
	};
}

void gate_benches_free(struct gate_benches *benches, struct speed_report *report)
{
	const struct env *env = benches->env;

	for (size_t i = 0; env && i < report->count; i++) {
		env_free(env, report->rows[i].label);
		env_free(env, report->rows[i].task);
		env_free(env, report->rows[i].again);
	}
	if (env) {
		env_free(env, report->rows);
		env_free(env, benches->cells);
		env_free(env, benches->pairs);
		env_free(env, benches->speed);
	}
	report->rows = NULL;
	report->count = 0;
	*benches = (struct gate_benches){ 0 };
}

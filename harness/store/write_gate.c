/* SPDX-License-Identifier: MIT
 *
 * What the speed gate brings: its run, each launch as it comes, each verdict at the end.
 */
#include "store_internal.h"

int store_begin_gate(struct store *store, const struct run_info *run, const struct plan *plan,
		     const size_t *timings, size_t count, struct error *error)
{
	int result;

	if (store_take_run_id(store, run, error) || store_begin(store, error))
		return -1;
	result = store_put_run(store, run, plan, error);
	for (size_t i = 0; i < count && !result; i++)
		result = store_put_timing_cell(store, plan, run, &plan->timings[timings[i]], error);
	result = store_commit(store, result, error);
	if (result)
		store->run_number = 0;
	return result;
}

int store_put_duel(struct store *store, const struct stored_duel *duel, struct error *error)
{
	const struct duel_launch *launched = duel->launched;
	const struct duel_result *found = &launched->result;
	const struct field fields[] = {
		field_whole("run_number", store->run_number),
		field_text("cell_key", duel->cell_key),
		field_whole("decision", duel->decision),
		field_whole("launch", duel->launch),
		field_real("started", duel->started),
		field_whole("handicap", duel->handicap),
		field_real("r", found->r),
		field_real("e1", found->e1),
		field_real("e2", found->e2),
		field_real("e3", found->e3),
		field_real("old_least_ns", found->a.least_ns),
		field_real("old_tenth_ns", found->a.tenth_ns),
		field_real("old_median_ns", found->a.median_ns),
		field_real("new_least_ns", found->b.least_ns),
		field_real("new_tenth_ns", found->b.tenth_ns),
		field_real("new_median_ns", found->b.median_ns),
		field_whole("calls", found->calls),
		field_whole("preempted", found->preempted),
		launched->cpu < 0 ? field_null("cpu") : field_whole("cpu", launched->cpu),
		field_text("old_hash", duel->old_hash),
		field_text("new_hash", duel->new_hash),
	};

	return store_run(store, PUT_DUEL, fields, sizeof fields / sizeof *fields, error);
}

int store_put_verdict(struct store *store, const struct stored_verdict *verdict,
		      struct error *error)
{
	const struct field fields[] = {
		field_whole("run_number", store->run_number),
		field_text("label", verdict->label),
		field_text("cell_key", verdict->cell_key),
		field_text("verdict", verdict->verdict),
		field_real("change", verdict->change),
		field_real("change_low", verdict->change_low),
		field_real("change_high", verdict->change_high),
		field_real("old_ns", verdict->old_ns),
		field_real("new_ns", verdict->new_ns),
		field_whole("launches", verdict->launches),
		field_whole("confirming_launches", verdict->confirming_launches),
		field_real("max_regress", verdict->max_regress),
		field_real("allowed", verdict->allowed),
		field_whole("handicap", verdict->handicap),
		field_text("note", verdict->note),
		field_text("command", verdict->command),
	};
	int result;

	if (store_begin(store, error))
		return -1;
	result = store_run(store, PUT_VERDICT, fields, sizeof fields / sizeof *fields, error);
	if (!result && verdict->cell_key)
		result = store_outcome(store, SET_OUTCOME, verdict->cell_key, verdict->race,
				       outcome_word(verdict->outcome),
				       verdict->outcome == OUTCOME_DONE ? NULL : verdict->note,
				       error);
	return store_commit(store, result, error);
}

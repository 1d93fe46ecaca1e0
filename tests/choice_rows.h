/* SPDX-License-Identifier: MIT
 *
 * The columns of a row of `choice` that a plan knows, through the lookup that filters use.
 */
#ifndef QS_CHOICE_ROWS_H
#define QS_CHOICE_ROWS_H

#include "../harness/plan_parts.h"

#include <string.h>

struct choice_row {
	const struct plan *plan;
	const struct choice *choice;
	char buffer[POLICY_NAME_SIZE], types[TYPES_SIZE]; /* choice_lookup's own                */
	const char *label;      /* of this row                                           */
};

/* See filter_lookup; self is a struct choice_row. */
static inline int choice_lookup(void *self, const char *column, const char **value)
{
	struct choice_row *choice_row = self;
	const struct plan *plan = choice_row->plan;
	const struct choice *choice = choice_row->choice;
	const struct accuracy_cell *cell = &plan->accuracies[choice->accuracy];
	const struct subject *subject = &plan->subjects.subjects[cell->subject];
	struct plan_row row = { .subject = subject,
				.recipe = &cell->recipe,
				.accuracy_key = cell->key,
				.label = choice_row->label };
	int found;

	subject_types(choice_row->types, sizeof choice_row->types, plan->libraries, subject,
		      &cell->recipe);
	row.types = choice_row->types;
	if (choice->timing != NO_TIMING) {
		const struct timing_cell *timing = &plan->timings[choice->timing];
		const struct race *race = &plan->races[timing->race];

		row.timing_key = timing->key;
		row.kernel = runner_name(timing->kernel);
		row.library = library_of_kernel(timing->library, timing->kernel);
		row.threads = race->threads;
		row.batch = race->batch;
	}
	found = row_lookup(&row, column, value);
	if (*value == row.buffer) {
		memcpy(choice_row->buffer, row.buffer, sizeof choice_row->buffer);
		*value = choice_row->buffer;
	}
	return found;
}

#endif

/* SPDX-License-Identifier: MIT
 *
 * A calibration with an observer, given values batch after batch, in the order in which they come.
 *
 * Memory is the observer's state alone: nothing of a batch is kept.
 */
#ifndef QS_OBSERVE_H
#define QS_OBSERVE_H

#include "calibrate.h"

struct observing {
	const struct rule *rule;
	const struct env *env;
	struct calibration_task task;
	void *state;            /* of the observer; 0 bytes before the first batch       */
	int64_t count, nonzero; /* of values so far                                      */
	float least;
};

/* The rule's calibration has an observer.  -1: no memory; then there is nothing to free. */
int observing_new(struct observing *observing, const struct rule *rule, enum qs_round round,
		  const struct env *env, struct error *error);
/* One more batch of finite values; none is no batch.  -1: no memory. */
int observing_add(struct observing *observing, const float *values, int64_t count,
		  struct error *error);
/* The first and only values: all of a slice, in batches of slice->batch. */
int observing_add_slice(struct observing *observing, const struct slice *slice,
			struct error *error);
/* After at least one batch. */
struct chosen observing_choose(const struct observing *observing);
/* Whether what was observed for one of these rules serves the other too. */
bool observed_alike(const struct rule *a, const struct rule *b);
/* The same of such a rule. */
struct chosen observing_choose_as(const struct observing *observing, const struct rule *rule,
				  enum qs_round round);
void observing_free(struct observing *observing);

#endif

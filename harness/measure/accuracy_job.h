/* SPDX-License-Identifier: MIT
 *
 * What the files of accuracy_measure share: the planned cells of one subject and one seed.
 */
#ifndef QS_ACCURACY_JOB_H
#define QS_ACCURACY_JOB_H

#include "operand.h"

struct accuracy_job {
	const struct plan *plan;
	const struct subject *subject;
	uint64_t seed;
	int threads;
	size_t first;           /* cell first + i has results[i]                         */
	struct accuracy_result *results; /* PLANNED: not measured yet                    */
	size_t count;
	size_t *cells;          /* [count] indices into plan->accuracies                 */
	struct histogram *histograms;
	int *histogram_count;
	accuracy_done *done;
	void *self;
	bool stopped;           /* done asked for it                                     */
};

/* Loads a tensor and checks it.  0; 1: the job's cells have failed with the reason and were passed
 * to done; -1: no memory. */
int job_load(struct accuracy_job *job, const struct source *source, struct tensor *tensor,
	     struct error *error);
/* Passes a measured cell on; true: stop. */
bool job_done(struct accuracy_job *job, size_t cell);
void histogram_fill(struct histogram *histogram, const struct tensor *tensor, const char *name);
/* A case of one of the recipe's two rules, with its rounding and batch. */
void case_of(struct operand_case *one, const struct recipe *recipe, const struct rule *rule);

/* The cells of an op subject (accuracy_op.c).  0, or -1: no memory. */
int op_job(struct accuracy_job *job, struct error *error);

#endif

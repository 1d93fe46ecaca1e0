/* SPDX-License-Identifier: MIT
 *
 * Which kernels the speed gate compares: the plan's timing cells of our library that were asked
 * for, with one thread and warm caches, each beside the older library's kernel of the same name.
 */
#ifndef QS_GATE_BENCHES_H
#define QS_GATE_BENCHES_H

#include "../gate/speed.h"
#include "../measure/duel_launch.h"
#include "gate.h"

struct gate_pair {              /* a kernel that both have                               */
	const struct timing_cell *cell;
	struct duel_task task;
	struct speed_row *row;
	enum duel_blame blame;  /* of speed_bench.trouble                                */
	enum verdict verdict;
	double old_ns[2][LAUNCHES_MOST], new_ns[2][LAUNCHES_MOST];       /* medians      */
	int launches;
	double seconds;         /* of all its launches                                   */
};

struct gate_benches {
	const struct env *env;
	size_t cell_count;
	size_t *cells;          /* timing cells of the plan that are gated, new ones too  */
	size_t count;
	struct gate_pair *pairs;
	struct speed_bench *speed;       /* [count], of the pairs                        */
	size_t others;          /* asked-for cells with more threads or cold caches      */
};

/* Fills also the report's rows: one a pair, still without its verdict, and those of kernels that
 * one side alone has.  Plan, library and accepted must outlive both. */
int gate_benches_make(struct gate_benches *benches, struct speed_report *report,
		      const struct gate_request *request, const struct plan *plan,
		      const struct library *old, struct accepted *accepted, struct error *error);
/* The rows of the pairs get what speed_decide found. */
void gate_benches_finish(const struct gate_benches *benches, const struct decision_rule *rule);
/* A row as the store keeps it; the row must outlive it. */
void gate_row_stored(struct stored_verdict *out, const struct speed_report *report,
		     const struct speed_row *row);
void gate_benches_free(struct gate_benches *benches, struct speed_report *report);

#endif

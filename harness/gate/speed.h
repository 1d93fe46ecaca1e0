/* SPDX-License-Identifier: MIT
 *
 * Many decisions in rounds: each round is one launch of every bench that is still open, in an order
 * drawn anew, so that whatever the machine does meanwhile falls on all of them.  When the first
 * decisions have fallen, each that says REGRESSED is taken once more from new launches.
 */
#ifndef QS_SPEED_H
#define QS_SPEED_H

#include "../env.h"
#include "decision.h"

struct speed_bench {
	const char *label;
	double allowed;         /* log of the slowdown that is accepted on purpose; taken off r */
	/* filled in: */
	struct decision decisions[2];    /* the second where the first is REGRESSED      */
	enum speed_verdict verdict;      /* of both                                      */
	char trouble[256];      /* it cannot be judged: why; "": it is                   */
	const char *note;       /* what else to say of the verdict; NULL: nothing         */
};

/* One launch: *r, or why this bench cannot be judged at all.  -1 ends everything. */
typedef int speed_launch(void *self, size_t bench, int decision, int launch, double *r,
			 char trouble[256], struct error *error);

struct speed_options {
	struct decision_rule rule;
	uint64_t seed;
	double budget_s;        /* 0: none; what is open when it is over is INCONCLUSIVE  */
	speed_launch *launch;
	/* After each launch: how many benches are still open, of which decision; may be NULL. */
	void (*tell)(void *self, size_t open, int decision);
	void *self;
};

int speed_decide(const struct env *env, struct speed_bench *benches, size_t count,
		 const struct speed_options *options, struct error *error);

#endif

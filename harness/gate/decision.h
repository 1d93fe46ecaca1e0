/* SPDX-License-Identifier: MIT
 *
 * Is B slower than A?  A sequential sign test over launches: each gives one number r, the log of
 * how many times as long B took (see measure/duel.h); a launch is one independent observation,
 * whatever its thousands of samples say.
 *
 * Looks at 7, 11, 15, 21, 31, 47 and 63 launches.  With lo = #{r <= tau_fail} and
 * hi = #{r > tau_pass}: REGRESSED where lo is at most what a fair coin gives with probability
 * 0.0005 at this look (never before 11 launches), UNCHANGED where hi is at most what it gives with
 * 0.02; else the next look; INCONCLUSIVE after the last.  Distribution-free: at a true slowdown of
 * exactly tau_fail all looks together err with at most 0.3 %, if launches are independent; at
 * none, 0 of 4,659 decisions were measured (95 % upper bound 0.064 %).
 *
 * Where UNCHANGED falls while the median is below -tau_fail, the test goes on with -r: IMPROVED
 * or, in the end, UNCHANGED.
 *
 * A REGRESSED counts only with a second decision from new launches: see decision_confirm.
 */
#ifndef QS_DECISION_H
#define QS_DECISION_H

#include "../center.h"

#include <stdbool.h>

enum speed_verdict {
	SPEED_OPEN,             /* more launches are wanted                              */
	SPEED_UNCHANGED, SPEED_IMPROVED, SPEED_REGRESSED, SPEED_INCONCLUSIVE,
	SPEED_VERDICTS
};

struct decision_rule {
	double tau_fail, tau_pass;       /* 0 <= tau_fail <= tau_pass; logs of ratios     */
};
/* ln 1.01 and ln 1.015. */
extern const struct decision_rule decision_standard;

struct decision {               /* starts as {0}                                         */
	int count;
	double r[LAUNCHES_MOST];
	bool asks_improved;     /* the test goes on with -r                              */
	enum speed_verdict verdict;
};

/* One more launch of a decision that is SPEED_OPEN. */
void decision_add(struct decision *decision, const struct decision_rule *rule, double r);
/* Launches at the next look of a decision that is SPEED_OPEN. */
int decision_next_look(const struct decision *decision);
/* What two decisions say together: REGRESSED where both do; INCONCLUSIVE where the first is
 * REGRESSED and the second is INCONCLUSIVE; where the second says otherwise, that. */
enum speed_verdict decision_confirm(enum speed_verdict first, enum speed_verdict second);

#endif

/* SPDX-License-Identifier: MIT */
#include "decision.h"

enum { LOOKS = 7, NEVER = -1 };

static const struct {
	int launches, fail, pass;
} looks[LOOKS] = {
	{ 7, NEVER, 0 }, { 11, 0, 1 }, { 15, 1, 3 }, { 21, 2, 5 }, { 31, 6, 9 }, { 47, 11, 16 },
	{ 63, 18, 22 },
};

const struct decision_rule decision_standard = {
	.tau_fail = 0.0099503308531680828,      /* ln 1.01                               */
	.tau_pass = 0.014888612493750654,       /* ln 1.015                              */
};

/* One look at sign * r. */
static enum speed_verdict look(const struct decision *decision, const struct decision_rule *rule,
			       int at, double sign)
{
	int low = 0, high = 0;

	for (int i = 0; i < decision->count; i++) {
		low += sign * decision->r[i] <= rule->tau_fail;
		high += sign * decision->r[i] > rule->tau_pass;
	}
	if (low <= looks[at].fail)
		return SPEED_REGRESSED;
	return high <= looks[at].pass ? SPEED_UNCHANGED : SPEED_OPEN;
}

void decision_add(struct decision *decision, const struct decision_rule *rule, double r)
{
	int at = 0;

	decision->r[decision->count++] = r;
	while (looks[at].launches < decision->count)
		at++;
	if (looks[at].launches != decision->count)
		return;
	if (!decision->asks_improved) {
		decision->verdict = look(decision, rule, at, 1);
		if (decision->verdict == SPEED_UNCHANGED)
			decision->asks_improved =
				center_of(decision->r, decision->count).median < -rule->tau_fail;
	}
	if (decision->asks_improved) {
		decision->verdict = look(decision, rule, at, -1);
		if (decision->verdict == SPEED_REGRESSED)
			decision->verdict = SPEED_IMPROVED;
	}
	if (decision->verdict == SPEED_OPEN && at == LOOKS - 1)
		decision->verdict = decision->asks_improved ? SPEED_UNCHANGED : SPEED_INCONCLUSIVE;
}

int decision_next_look(const struct decision *decision)
{
	int at = 0;

	while (at < LOOKS - 1 && looks[at].launches <= decision->count)
		at++;
	return looks[at].launches;
}

enum speed_verdict decision_confirm(enum speed_verdict first, enum speed_verdict second)
{
	return first == SPEED_REGRESSED ? second : first;
}

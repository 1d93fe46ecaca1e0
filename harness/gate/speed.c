/* SPDX-License-Identifier: MIT */
#include "speed.h"

#include "../random.h"

struct rounds {
	const struct env *env;
	struct speed_bench *benches;
	size_t count;
	const struct speed_options *options;
	size_t *open;           /* [count] benches without a verdict in this decision     */
	size_t open_count;
	uint64_t start, drawn;
	struct error *error;
};

static bool time_is_over(const struct rounds *rounds)
{
	const struct env *env = rounds->env;
	const double spent = (double)(env->now_ns(env) - rounds->start) * 1e-9;

	return rounds->options->budget_s > 0 && spent >= rounds->options->budget_s;
}

/* One launch of every open bench; those that are decided leave. */
static int one_round(struct rounds *rounds, int which)
{
	const struct speed_options *options = rounds->options;
	size_t kept = 0, at = 0;

	random_shuffle(rounds->open, rounds->open_count, options->seed, 0, &rounds->drawn);
	for (; at < rounds->open_count && !time_is_over(rounds); at++) {
		const size_t index = rounds->open[at];
		struct speed_bench *bench = &rounds->benches[index];
		struct decision *decision = &bench->decisions[which];
		double r = 0;

		if (options->launch(options->self, index, which, decision->count, &r,
				    bench->trouble, rounds->error))
			return -1;
		if (!*bench->trouble)
			decision_add(decision, &options->rule, r - bench->allowed);
		if (!*bench->trouble && decision->verdict == SPEED_OPEN)
			rounds->open[kept++] = index;
		if (options->tell)
			options->tell(options->self, kept + rounds->open_count - at - 1, which);
	}
	for (; at < rounds->open_count; at++)
		rounds->open[kept++] = rounds->open[at];
	rounds->open_count = kept;
	return 0;
}

static int all_rounds(struct rounds *rounds, int which)
{
	while (rounds->open_count && !time_is_over(rounds))
		if (one_round(rounds, which))
			return -1;
	for (size_t i = 0; i < rounds->open_count; i++) {
		struct speed_bench *bench = &rounds->benches[rounds->open[i]];

		bench->decisions[which].verdict = SPEED_INCONCLUSIVE;
		bench->note = which ? "slower once; no time was left to confirm it" :
				      "the time was over";
	}
	return 0;
}

static void conclude(struct speed_bench *bench)
{
	const enum speed_verdict first = bench->decisions[0].verdict;

	bench->verdict = decision_confirm(first, bench->decisions[1].verdict);
	if (first != SPEED_REGRESSED || bench->note)
		return;
	if (bench->verdict == SPEED_INCONCLUSIVE)
		bench->note = "slower once; the second decision could not tell";
	else if (bench->verdict != SPEED_REGRESSED)
		bench->note = "slower once; the second decision did not agree";
}

int speed_decide(const struct env *env, struct speed_bench *benches, size_t count,
		 const struct speed_options *options, struct error *error)
{
	struct rounds rounds = { .env = env, .benches = benches, .count = count,
				 .options = options, .start = env->now_ns(env), .error = error };
	int failed = 0;

	rounds.open = env_new(env, count, sizeof *rounds.open, "the benches", error);
	if (!rounds.open)
		return -1;
	for (int which = 0; which < 2 && !failed; which++) {
		rounds.open_count = 0;
		for (size_t i = 0; i < count; i++)
			if (!*benches[i].trouble &&
			    (!which || benches[i].decisions[0].verdict == SPEED_REGRESSED))
				rounds.open[rounds.open_count++] = i;
		failed = all_rounds(&rounds, which);
	}
	for (size_t i = 0; i < count && !failed; i++)
		if (!*benches[i].trouble)
			conclude(&benches[i]);
	env_free(env, rounds.open);
	return failed;
}

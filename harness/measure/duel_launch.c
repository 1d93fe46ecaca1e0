/* SPDX-License-Identifier: MIT */
#include "duel_launch.h"

#include "../random.h"
#include "race_process.h"

#include <string.h>

enum { TIME_LIMIT_S = 60 };

/* What the harness does to one side alone (who is prepared, called or opened first, where its call
 * lies) moves a call of 150 ns by 1 %, the same way in every launch; so a coin takes the sides. */
static int runner_of_new(const struct race_options *options)
{
	return (int)(random_at(options->seed, 3, 0).word[0] & 1);
}

static void make_spec(struct race_spec *spec, const struct env *env, const struct duel_task *task,
		      const struct race_options *options)
{
	const int new = runner_of_new(options);

	*spec = (struct race_spec){
		.cpu = env->cpu, .seed = options->seed, .op = task->kernel->op, .m = task->m,
		.n = task->n, .k = task->k, .conv = task->conv, .detail = task->detail,
		.threads = 1, .batch = 1,
		.repetitions = REPETITIONS, .repetition_ms = REPETITION_MS,
		.duel = task->only_check ? DUEL_CHECKED : DUEL_TIMED, .handicap = task->handicap,
		.library = { { task->new->hash, task->new->path },
			     { task->old->hash, task->old->path } },
		.library_count = 2,
		.runner = { { !new ? 0 : 1, task->kernel->name, false },
			    { new ? 0 : 1, task->kernel->name, false } },
		.runner_count = 2,
	};
}

/* Whose work it was when the worker died: a kernel that was checked; the reference is ours, so new.
 * While both are timed in turn it is not known: the new one, because the old one has served.  What
 * was killed from outside is nobody's, and neither is a clock that stands still. */
static enum duel_blame side_of_death(const struct race_spec *spec,
				     const struct worker_words *words, const struct worker_end *end)
{
	if (end->fate == FATE_SIGNALLED && (end->number == SIGKILL || end->number == SIGTERM))
		return DUEL_WORKER;
	switch (words->stage) {
	case STAGE_LIBRARY:
		return words->current ? DUEL_OLD : DUEL_NEW;
	case STAGE_REFERENCE:
		return DUEL_NEW;
	case STAGE_CHECK:
		return spec->runner[words->current].library ? DUEL_OLD : DUEL_NEW;
	case STAGE_TIME:
		return end->fate == FATE_EXITED && end->number == STATUS_MACHINE ? DUEL_WORKER
										 : DUEL_NEW;
	default:
		return DUEL_WORKER;
	}
}

static void judge(struct duel_launch *launch, const struct race_spec *spec,
		  const struct worker_words *words, const struct worker_end *end, double limit_s)
{
	if (words->stage != STAGE_DONE || *words->strange || end->fate != FATE_EXITED ||
	    end->number) {
		worker_death(launch->trouble, sizeof launch->trouble, spec, words, end, limit_s);
		launch->blame = side_of_death(spec, words, end);
		launch->verdict = VERDICT_NOT_RUN;
		return;
	}
	for (int i = 0; i < spec->runner_count; i++) {
		const struct runner_result *runner = &words->runner[i];
		const bool old = spec->runner[i].library;

		if (runner->verdict > VERDICT_WITHIN) {
			snprintf(launch->trouble, sizeof launch->trouble,
				 "the %s kernel: %s: %.200s", old ? "old" : "new",
				 verdict_name(runner->verdict), runner->reason);
			launch->blame = old ? DUEL_OLD : DUEL_NEW;
			launch->verdict = runner->verdict;
			return;
		}
	}
	launch->units = words->units;
	launch->result = spec->runner[0].library ? words->duel : duel_turned(&words->duel);
	if (!words->dueled && spec->duel == DUEL_TIMED)
		snprintf(launch->trouble, sizeof launch->trouble, "the worker timed nothing");
}

int duel_launch(const struct env *env, const struct duel_task *task,
		const struct race_options *options, struct duel_launch *launch,
		struct error *error)
{
	const double limit_s = options->time_limit_s > 0 ? options->time_limit_s : TIME_LIMIT_S;
	const uint64_t start = env->now_ns(env);
	struct text text = { .env = env };
	struct runner_result heard[2];
	struct worker_words words;
	struct worker_end end;
	struct race_spec spec;
	int failed;

	*launch = (struct duel_launch){ .cpu = -1, .blame = DUEL_WORKER };
	make_spec(&spec, env, task, options);
	failed = race_spec_write(&text, &spec, error);
	if (!failed && text.failed)
		failed = fail_memory(error, text.length, "a duel");
	worker_words_start(&words, heard, spec.runner_count, spec.library_count);
	if (!failed)
		failed = worker_process(env, options->program ? options->program : "/proc/self/exe",
					text.bytes, text.length, limit_s, options->stop, &words,
					&end, error);
	text_free(&text);
	if (failed)
		return -1;
	if (end.fate == FATE_STOPPED)
		return fail(error, STATUS_INTERRUPTED, "interrupted");
	launch->cpu = words.cpu;
	launch->seconds = (double)(env->now_ns(env) - start) * 1e-9;
	judge(launch, &spec, &words, &end, limit_s);
	return 0;
}

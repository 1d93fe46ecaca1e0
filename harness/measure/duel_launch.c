/* SPDX-License-Identifier: MIT */
#include "duel_launch.h"

#include "race_process.h"

#include <string.h>

enum { TIME_LIMIT_S = 60, OLD = 0, NEW = 1 };

static void make_spec(struct race_spec *spec, const struct env *env, const struct duel_task *task,
		      const struct race_options *options)
{
	*spec = (struct race_spec){
		.cpu = env->cpu, .seed = options->seed, .op = task->kernel->op, .m = task->m,
		.n = task->n, .k = task->k, .threads = 1, .batch = 1,
		.repetitions = REPETITIONS, .repetition_ms = REPETITION_MS,
		.duel = true, .handicap = task->handicap,
		.library = { { task->new->hash, task->new->path },
			     { task->old->hash, task->old->path } },
		.library_count = 2,
		.runner = { [OLD] = { 1, task->kernel->name }, [NEW] = { 0, task->kernel->name } },
		.runner_count = 2,
	};
}

static void judge(struct duel_launch *launch, const struct race_spec *spec,
		  const struct worker_words *words, const struct worker_end *end, double limit_s)
{
	static const char *const sides[] = { [OLD] = "old", [NEW] = "new" };

	if (words->stage != STAGE_DONE || *words->strange || end->fate != FATE_EXITED ||
	    end->number) {
		worker_death(launch->trouble, sizeof launch->trouble, spec, words, end, limit_s);
		return;
	}
	for (int side = OLD; side <= NEW; side++) {
		const struct runner_result *runner = &words->runner[side];

		if (runner->verdict > VERDICT_WITHIN) {
			snprintf(launch->trouble, sizeof launch->trouble,
				 "the %s kernel: %s: %.200s", sides[side],
				 verdict_name(runner->verdict), runner->reason);
			return;
		}
	}
	if (!words->dueled)
		snprintf(launch->trouble, sizeof launch->trouble, "the worker timed nothing");
	launch->result = words->duel;
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

	*launch = (struct duel_launch){ .cpu = -1 };
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

/* SPDX-License-Identifier: MIT
 *
 * How and when a worker died, in words.
 */
#include "race_process.h"

#include <string.h>

/* "was killed by signal 11 (Segmentation fault)" */
static void say_how(char *out, size_t size, const struct worker_words *words,
		    const struct worker_end *end, double limit_s)
{
	if (*words->strange)
		snprintf(out, size, "wrote '%s', which is no result,", words->strange);
	else if (end->fate == FATE_TIMED_OUT)
		snprintf(out, size, "took longer than %.0f s and was killed", limit_s);
	else if (end->fate == FATE_SIGNALLED)
		snprintf(out, size, "was killed by signal %d (%s)", end->number,
			 strsignal(end->number));
	else
		snprintf(out, size, "ended with status %d", end->number);
}

/* "while gemm_x__y was checked" */
static void say_when(char *out, size_t size, const struct race_spec *spec,
		     const struct worker_words *words)
{
	static const char *const what[] = {
		[STAGE_LIBRARY] = "was opened",	  [STAGE_REFERENCE] = "'s reference ran",
		[STAGE_CHECK] = "was checked",	  [STAGE_TIME] = "was timed",
	};
	const enum worker_stage stage = words->stage;

	if (stage == STAGE_START)
		snprintf(out, size, "before any kernel ran");
	else if (stage == STAGE_DONE)
		snprintf(out, size, "after its last result");
	else
		snprintf(out, size, "while %s%s%s",
			 stage == STAGE_LIBRARY ? spec->library[words->current].path :
						  spec->runner[words->current].kernel,
			 stage == STAGE_REFERENCE ? "" : " ", what[stage]);
}

void worker_death(char *out, size_t size, const struct race_spec *spec,
		  const struct worker_words *words, const struct worker_end *end, double limit_s)
{
	const char *last = end->last_words;
	char how[160], when[400];
	struct error error;

	say_how(how, sizeof how, words, end, limit_s);
	say_when(when, sizeof when, spec, words);
	fail(&error, STATUS_FAILED, "the worker %s %s%s%s%s", how, when, *last ? " (" : "", last,
	     *last ? ")" : "");
	snprintf(out, size, "%.*s", (int)size - 1, error.text);
}

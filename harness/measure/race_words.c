/* SPDX-License-Identifier: MIT */
#include "race_words.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static const char *const verdicts[] = {
	[VERDICT_EXACT] = "exact",	   [VERDICT_WITHIN] = "within",
	[VERDICT_WRONG] = "wrong",	   [VERDICT_REFUSED] = "refused",
	[VERDICT_NOT_RUN] = "not_run",
};

enum { VERDICTS = sizeof verdicts / sizeof *verdicts };

const char *verdict_name(enum verdict verdict)
{
	return (unsigned)verdict < VERDICTS ? verdicts[verdict] : NULL;
}

void worker_words_start(struct worker_words *words, struct runner_result *runner, int runners,
			int libraries)
{
	*words = (struct worker_words){ .runners = runners, .libraries = libraries,
					.runner = runner, .current = -1, .cpu = -1 };
	for (int i = 0; i < runners; i++)
		runner[i] = (struct runner_result){ .verdict = VERDICT_NOT_RUN };
}

/* A whole number from 0 to limit - 1 at *at, then a space or the line's end; -1: it is none. */
static int take_index(const char **at, int limit)
{
	char *end;
	long value;

	if (**at < '0' || **at > '9')
		return -1;
	value = strtol(*at, &end, 10);
	if (value >= limit || (*end && *end != ' '))
		return -1;
	*at = *end ? end + 1 : end;
	return (int)value;
}

/* A decimal number from least to most. */
static bool take_real(const char **at, double least, double most, double *out)
{
	const char *digits = **at == '-' ? *at + 1 : *at;
	char *end;

	if (*digits < '0' || *digits > '9')
		return false;
	*out = strtod(*at, &end);
	if (strspn(*at, "0123456789.e+-") != (size_t)(end - *at) || !(*out >= least) ||
	    !(*out <= most) || (*end && *end != ' '))
		return false;
	*at = *end ? end + 1 : end;
	return true;
}

static void copy_plain(char *out, size_t size, const char *text)
{
	size_t i = 0;

	for (; text[i] && i + 1 < size; i++)
		out[i] =
			(unsigned char)text[i] < 32 || (unsigned char)text[i] > 126 ? '?' : text[i];
	out[i] = '\0';
}

static bool hear_verdict(struct worker_words *words, const char *rest)
{
	const int i = take_index(&rest, words->runners);
	const size_t length = strcspn(rest, " ");
	struct runner_result *result;
	int v = 0;

	while (v < VERDICTS &&
	       (strlen(verdicts[v]) != length || strncmp(verdicts[v], rest, length)))
		v++;
	if (i < 0 || v == VERDICTS || !rest[length])
		return false;
	rest += length + 1;
	result = &words->runner[i];
	/* One verdict each: a second one could take the right to samples that are here. */
	if (result->verdict != VERDICT_NOT_RUN || *result->reason ||
	    !take_real(&rest, 0, 1, &result->wrong_fraction))
		return false;
	result->verdict = (enum verdict)v;
	copy_plain(result->reason, sizeof result->reason, rest);
	return true;
}

static bool hear_sample(struct worker_words *words, const char *rest)
{
	const int i = take_index(&rest, words->runners);
	const int order = take_index(&rest, RUNNERS_MAX * REPETITIONS);
	struct runner_result *result;
	double ns;

	if (i < 0 || order < 0 || !take_real(&rest, 0, 1e18, &ns) || *rest || !(ns > 0))
		return false;
	result = &words->runner[i];
	if (result->samples == REPETITIONS || result->verdict > VERDICT_WRONG)
		return false;
	if (!result->samples || order < result->order)
		result->order = order;
	result->sample_ns[result->samples++] = ns;
	return true;
}

static bool hear_layer(struct worker_words *words, const char *rest)
{
	const int i = take_index(&rest, words->runners), l = take_index(&rest, words->layers);
	double ns;

	if (i < 0 || l < 0 || !take_real(&rest, 0, 1e18, &ns) || *rest || !words->runner[i].samples)
		return false;
	words->layer_ns[i * words->layers + l] = ns;
	return true;
}

/* Logs of ratios, then times, then counts. */
static bool hear_duel(struct worker_words *words, const char *rest)
{
	struct duel_result *duel = &words->duel;
	double *const logs[] = { &duel->r, &duel->e1, &duel->e2, &duel->e3 };
	double *const times[] = { &duel->a.least_ns, &duel->a.tenth_ns, &duel->a.median_ns,
				  &duel->b.least_ns, &duel->b.tenth_ns, &duel->b.median_ns };
	double calls;

	for (size_t i = 0; i < sizeof logs / sizeof *logs; i++)
		if (!take_real(&rest, -100, 100, logs[i]))
			return false;
	for (size_t i = 0; i < sizeof times / sizeof *times; i++)
		if (!take_real(&rest, 0, 1e18, times[i]))
			return false;
	if (!take_real(&rest, 1, 1e15, &calls) || words->dueled)
		return false;
	duel->calls = (int64_t)calls;
	duel->preempted = take_index(&rest, 2 * DUEL_SAMPLES + 1);
	words->dueled = duel->preempted >= 0 && !*rest;
	return words->dueled;
}

static bool hear_units(struct worker_words *words, const char *rest)
{
	double units;

	if (!take_real(&rest, 1, 1e15, &units) || *rest)
		return false;
	words->units = (int64_t)units;
	return true;
}

static bool hear_stage(struct worker_words *words, enum worker_stage stage, const char *rest)
{
	const int i = take_index(&rest, stage == STAGE_LIBRARY ? words->libraries : words->runners);

	if (i < 0 || *rest)
		return false;
	words->stage = stage;
	words->current = i;
	return true;
}

static bool hear_cpu(struct worker_words *words, const char *rest)
{
	const bool none = !strcmp(rest, "-1");

	words->cpu = none ? -1 : take_index(&rest, 1 << 16);
	return none || (words->cpu >= 0 && !*rest);
}

static bool hear_line(struct worker_words *words, const char *line)
{
	static const struct {
		const char *key;
		enum worker_stage stage;
	} stages[] = {
		{ "library ", STAGE_LIBRARY }, { "reference ", STAGE_REFERENCE },
		{ "check ", STAGE_CHECK },     { "time ", STAGE_TIME },
	};

	if (words->stage == STAGE_DONE)
		return false;
	if (!strcmp(line, "done")) {
		words->stage = STAGE_DONE;
		words->current = -1;
		return true;
	}
	if (!strncmp(line, "cpu ", 4))
		return hear_cpu(words, line + 4);
	if (!strncmp(line, "verdict ", 8))
		return hear_verdict(words, line + 8);
	if (!strncmp(line, "sample ", 7))
		return hear_sample(words, line + 7);
	if (!strncmp(line, "layer ", 6))
		return hear_layer(words, line + 6);
	if (!strncmp(line, "units ", 6))
		return hear_units(words, line + 6);
	if (!strncmp(line, "duel ", 5))
		return hear_duel(words, line + 5);
	for (size_t i = 0; i < sizeof stages / sizeof *stages; i++) {
		const size_t length = strlen(stages[i].key);

		if (!strncmp(line, stages[i].key, length))
			return hear_stage(words, stages[i].stage, line + length);
	}
	return false;
}

void worker_words_hear(struct worker_words *words, const char *bytes, size_t count)
{
	for (size_t i = 0; i < count && !*words->strange; i++) {
		if (bytes[i] != '\n' && words->length + 1 < sizeof words->line) {
			words->line[words->length++] = bytes[i] ? bytes[i] : '?';
			continue;
		}
		words->line[words->length] = '\0';
		if (bytes[i] != '\n' || !hear_line(words, words->line))
			copy_plain(words->strange, sizeof words->strange,
				   *words->line ? words->line : "an empty line");
		words->length = 0;
	}
}

static int compare_doubles(const void *a, const void *b)
{
	const double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

void runners_finish(struct runner_result *runner, int count, int repetitions)
{
	for (int i = 0; i < count; i++) {
		struct runner_result *r = &runner[i];
		double sorted[REPETITIONS];
		const int half = r->samples / 2;

		r->median_ns = r->least_ns = NAN;
		r->ratio_to_reference = r->ratio_to_float = r->ratio_to_best_peer = NAN;
		const int wanted =
			r->samples && r->sample_ns[0] >= SLOW_CALL_MS * 1e6 ? 1 : repetitions;

		if (r->verdict == VERDICT_WRONG && r->samples < wanted)
			r->samples = 0;
		if (r->verdict <= VERDICT_WITHIN && r->samples < wanted) {
			r->verdict = VERDICT_NOT_RUN;
			r->samples = 0;
			snprintf(r->reason, sizeof r->reason,
				 "its run() gave an error while it was timed");
		}
		if (r->verdict == VERDICT_NOT_RUN && !*r->reason)
			snprintf(r->reason, sizeof r->reason, "the worker said nothing of it");
		if (!r->samples)
			continue;
		memcpy(sorted, r->sample_ns, (size_t)r->samples * sizeof *sorted);
		qsort(sorted, (size_t)r->samples, sizeof *sorted, compare_doubles);
		r->least_ns = sorted[0];
		r->median_ns =
			r->samples % 2 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2;
	}
}

/* Of a wrong runner that was timed: NaN, nobody is measured by it. */
static double trusted_ns(const struct runner_result *runner)
{
	return runner->verdict <= VERDICT_WITHIN ? runner->median_ns : (double)NAN;
}

void runners_compare(struct runner_result *runner, int count, int reference, int best_float,
		     const bool *peer)
{
	double of_peer = NAN;

	for (int i = 0; i < count; i++)
		if (peer[i])
			of_peer = fmin(of_peer, trusted_ns(&runner[i]));
	for (int i = 0; i < count; i++) {
		struct runner_result *r = &runner[i];

		/* A median is NaN without samples, and so is what is made of it. */
		r->ratio_to_reference =
			reference < 0 ? NAN : trusted_ns(&runner[reference]) / r->median_ns;
		r->ratio_to_float =
			best_float < 0 ? NAN : trusted_ns(&runner[best_float]) / r->median_ns;
		r->ratio_to_best_peer = of_peer / r->median_ns;
	}
}

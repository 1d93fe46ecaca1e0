/* SPDX-License-Identifier: MIT */
#include "gate.h"

#include "../measure/metrics/metric.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static double relative(double old, double new)
{
	if (old == 0 || isinf(old) || isinf(new))
		return INFINITY;
	return fabs(new - old) / fabs(old);
}

/* A number where none was, or none where one was. */
static int compare_absent(enum better better, bool now_absent, bool exact, double *size)
{
	*size = INFINITY;
	return now_absent && exact && better == BETTER_MORE ? 1 : -1;
}

int number_compare(enum better better, double old, double new, bool exact, double tolerance,
		   double *size)
{
	double a = old, b = new;

	*size = 0;
	if (isnan(old) && isnan(new))
		return 0;
	if (isnan(old) || isnan(new))
		return compare_absent(better, isnan(new), exact, size);
	if (better == BETTER_NEAR_ZERO) {
		a = fabs(old);
		b = fabs(new);
	}
	if (old == new)
		return 0;
	*size = relative(old, new);
	if (better == BETTER_NEVER)
		return -1;
	if (*size <= tolerance)
		return 0;
	/* the same magnitude with another sign is no gain */
	if (a == b)
		return -1;
	return (b < a) == (better != BETTER_MORE) ? 1 : -1;
}

enum better column_better(int column, const char *tensor)
{
	static const char task[] = "task:";
	const char *end = strrchr(tensor, ':');

	if (gate_columns[column].better != BETTER_BY_METRIC)
		return gate_columns[column].better;
	for (const struct value *const *value = metric_values; *value && end; value++) {
		const size_t length = strlen((*value)->name), known = sizeof task - 1;

		if (!strncmp(tensor, task, known) && tensor + known + length == end &&
		    !strncmp(tensor + known, (*value)->name, length))
			return metric_of(*value)->less ? BETTER_LESS : BETTER_MORE;
	}
	return BETTER_NEVER;
}

int column_compare(const struct finding *finding, int column, double tolerance, double *size)
{
	const char *error = gate_columns[column].error;
	bool exact = false;

	for (int i = 0; i < COLUMNS && error; i++)
		exact |= !strcmp(gate_columns[i].name, error) && finding->new->value[i] == 0;
	return number_compare(column_better(column, finding->new->tensor),
			      finding->old->value[column], finding->new->value[column], exact,
			      tolerance, size);
}

bool hash_equal(const struct baseline_row *a, const struct baseline_row *b)
{
	return a->hash && b->hash ? !strcmp(a->hash, b->hash) : !a->hash && !b->hash;
}

static void judge_row(struct finding *finding, const struct baseline *baseline, double tolerance)
{
	const bool other_hash = baseline->has_hash && !hash_equal(finding->old, finding->new);
	double worse = other_hash ? INFINITY : 0, better = 0;
	bool is_worse = other_hash, is_better = false;

	for (int i = 0; i < COLUMNS; i++) {
		double size;
		int change;

		if (!baseline->has[i])
			continue;
		change = column_compare(finding, i, tolerance, &size);
		is_worse |= change < 0;
		is_better |= change > 0;
		worse = change < 0 && size > worse ? size : worse;
		better = change > 0 && size > better ? size : better;
	}
	finding->verdict = is_worse ? ROW_WORSE : is_better ? ROW_BETTER : ROW_EQUAL;
	finding->size = is_worse ? worse : better;
}

static int add_finding(struct findings *findings, const struct finding *finding,
		       struct error *error)
{
	findings->verdicts[finding->verdict]++;
	if (finding->verdict == ROW_EQUAL)
		return 0;
	if (env_grow(findings->env, &findings->findings, &findings->capacity, findings->count,
		     sizeof *findings->findings, "the findings", error))
		return -1;
	findings->findings[findings->count++] = *finding;
	return 0;
}

static int worst_first(const void *a, const void *b)
{
	const struct finding *x = a, *y = b;

	if (x->verdict != y->verdict)
		return x->verdict < y->verdict ? -1 : 1;
	if (x->size != y->size)
		return x->size > y->size ? -1 : 1;
	return baseline_order(x->old ? x->old : x->new, y->old ? y->old : y->new);
}

int gate_compare(struct findings *findings, const struct baseline *baseline,
		 const struct baseline *measured, double tolerance, struct error *error)
{
	size_t i = 0, j = 0;

	*findings = (struct findings){ .env = baseline->env, .tolerance = tolerance };
	if (measured->count && measured->arithmetic != baseline->arithmetic)
		return fail(
			error, STATUS_INPUT,
			"the baseline has arithmetic version %d and the measured "
			"rows have %d, which do not compare; look at the change once, then write a "
			"new baseline with `quantsweep gate --remake`",
			baseline->arithmetic, measured->arithmetic);
	while (i < baseline->count || j < measured->count) {
		const struct baseline_row *old = i < baseline->count ? &baseline->rows[i] : NULL;
		const struct baseline_row *new = j < measured->count ? &measured->rows[j] : NULL;
		const int order = !old ? 1 : !new ? -1 : baseline_order(old, new);
		struct finding finding = { .verdict = order < 0 ? ROW_MISSING : ROW_NEW,
					   .old = order <= 0 ? old : NULL,
					   .new = order >= 0 ? new : NULL };

		if (!order)
			judge_row(&finding, baseline, tolerance);
		if (add_finding(findings, &finding, error)) {
			findings_free(findings);
			return -1;
		}
		i += order <= 0;
		j += order >= 0;
	}
	if (findings->count)
		qsort(findings->findings, findings->count, sizeof *findings->findings, worst_first);
	return 0;
}

void findings_free(struct findings *findings)
{
	if (findings->env)
		env_free(findings->env, findings->findings);
	*findings = (struct findings){ 0 };
}

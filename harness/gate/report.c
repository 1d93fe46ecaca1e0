/* SPDX-License-Identifier: MIT */
#include "gate.h"

#include <math.h>
#include <string.h>

/* Every regression is printed; of the rest so many that a person sees the kind. */
enum { SHOWN = 20 };

static const char *const verdict_words[ROW_VERDICTS] = { "WORSE", "MISSING", "BETTER", "NEW",
							 "EQUAL" };

static void print_number(FILE *out, double value)
{
	char text[32];

	if (isnan(value)) {
		fputs("none", out);
		return;
	}
	print_double(text, value);
	fputs(text, out);
}

/* One number that changed, and how. */
static void print_change(FILE *out, const struct finding *finding, int column, int change,
			 double size)
{
	const double old = finding->old->value[column], new = finding->new->value[column];
	const bool never = column_better(column, finding->new->tensor) == BETTER_NEVER;

	fprintf(out, "%s ", gate_columns[column].name);
	print_number(out, old);
	fputs(" -> ", out);
	print_number(out, new);
	fputs(" (", out);
	if (isfinite(size))
		fprintf(out, size < 10 ? "%+.3g %%, " : "%+.0f %%, ",
			100 * (new > old ? size : -size));
	fprintf(out, "%s)", never ? "must not change" : change < 0 ? "worse" : "better");
}

/* The numbers that changed, in one line. */
static void print_changes(FILE *out, const struct finding *finding, const struct baseline *baseline,
			  double tolerance)
{
	const char *before = "        ";

	for (int i = 0; i < COLUMNS; i++) {
		double size;
		const int change =
			baseline->has[i] ? column_compare(finding, i, tolerance, &size) : 0;

		if (!change)
			continue;
		fputs(before, out);
		print_change(out, finding, i, change, size);
		before = ", ";
	}
	if (baseline->has_hash && !hash_equal(finding->old, finding->new))
		fprintf(out, "%s%s %s -> %s (must not change)", before, hash_column,
			finding->old->hash ? finding->old->hash : "none",
			finding->new->hash ? finding->new->hash : "none");
	putc('\n', out);
}

/* Of a row that the store lacks only the baseline's label is known: an operation's choices have a
 * timing part behind it, and a network's float run is no cell. */
static int print_again(FILE *out, const struct finding *finding, const struct env *env,
		       const struct gate_words *words, struct error *error)
{
	const struct baseline_row *old = finding->old, *new = finding->new;
	const bool op = !new && strlen(old->tensor) == 1;
	struct text text = { .env = env };
	char *command, *label = NULL;

	if (!(new ? new->config : words->config) ||
	    (!new && !strncmp(old->tensor, "task:", 5) && strstr(old->tensor, ":float")))
		return 0;
	if (!new || !new->choice_label) {
		label = env_print(env, error, "%s%s", (new ? new : old)->label, op ? " | *" : "");
		if (!label)
			return -1;
	}
	store_again(&text,
		    &(struct again){ .config = new ? new->config : words->config,
				     .data = new ? new->data : words->data,
				     .config_name = new ? new->config_name : words->config_name,
				     .store = words->store,
				     .label = label ? label : new->choice_label });
	env_free(env, label);
	command = text_take(&text, error);
	if (!command)
		return -1;
	fprintf(out, "        %s\n", command);
	env_free(env, command);
	return 0;
}

/* A baseline of an earlier version, or one that somebody cut, compares less than there is. */
static void print_lacking(FILE *out, const struct baseline *baseline,
			  const struct baseline *measured, const struct gate_words *words)
{
	const char *before = " lacks the columns ";
	bool lacks = false;

	for (int i = 0; i <= COLUMNS; i++) {
		const bool hash = i == COLUMNS;

		if (hash ? baseline->has_hash || !measured->has_hash
			 : baseline->has[i] || !measured->has[i])
			continue;
		fprintf(out, "%s%s%s", lacks ? "" : words->baseline, before,
			hash ? hash_column : gate_columns[i].name);
		before = ", ";
		lacks = true;
	}
	if (lacks)
		fprintf(out,
			": they are not compared; `quantsweep gate --remake %s %s` writes them\n",
			words->baseline, words->store);
}

int gate_report(FILE *out, const struct findings *findings, const struct baseline *baseline,
		const struct baseline *measured, const struct gate_words *words,
		struct error *error)
{
	size_t shown[ROW_VERDICTS] = { 0 }, rows = 0;

	for (size_t i = 0; i < findings->count; i++) {
		const struct finding *finding = &findings->findings[i];
		const enum row_verdict verdict = finding->verdict;
		const struct baseline_row *row = finding->old ? finding->old : finding->new;

		if (verdict != ROW_WORSE && ++shown[verdict] > SHOWN) {
			if (shown[verdict] == SHOWN + 1)
				fprintf(out, "%-7s ... and %zu more\n", verdict_words[verdict],
					findings->verdicts[verdict] - SHOWN);
			continue;
		}
		fprintf(out, "%-7s %s [%s]\n", verdict_words[verdict], row->label, row->tensor);
		if (verdict == ROW_WORSE || verdict == ROW_BETTER)
			print_changes(out, finding, baseline, findings->tolerance);
		if (print_again(out, finding, findings->env, words, error))
			return -1;
	}
	for (int i = 0; i < ROW_VERDICTS; i++)
		rows += findings->verdicts[i];
	fprintf(out,
		"%zu rows: %zu worse, %zu missing, %zu better, %zu new, %zu equal (arithmetic "
		"version %d, tolerance %g)\n",
		rows, findings->verdicts[ROW_WORSE], findings->verdicts[ROW_MISSING],
		findings->verdicts[ROW_BETTER], findings->verdicts[ROW_NEW],
		findings->verdicts[ROW_EQUAL], baseline->arithmetic, findings->tolerance);
	print_lacking(out, baseline, measured, words);
	if (findings->verdicts[ROW_BETTER] || findings->verdicts[ROW_NEW])
		fprintf(out,
			"baseline is stale: `quantsweep gate --remake %s %s` takes over what is "
			"better "
			"or new\n",
			words->baseline, words->store);
	return 0;
}

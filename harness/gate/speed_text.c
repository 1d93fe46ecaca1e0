/* SPDX-License-Identifier: MIT */
#include "speed_report.h"

#include "../fixed_math.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static const char *const names[SPEED_WORDS] = {
	[WORD_REGRESSED] = "regressed",
	[WORD_WRONG] = "wrong",
	[WORD_INCONCLUSIVE] = "inconclusive",
	[WORD_ACCEPTED] = "accepted",
	[WORD_GONE] = "gone",
	[WORD_NEW] = "new",
	[WORD_IMPROVED] = "improved",
	[WORD_UNCHANGED] = "unchanged",
	[WORD_REFUSED] = "refused",
};

const char *speed_word_name(enum speed_word word)
{
	return names[word];
}

bool speed_word_fails(enum speed_word word)
{
	return word == WORD_REGRESSED || word == WORD_WRONG;
}

bool speed_row_is_measured(const struct speed_row *row)
{
	return row->launches[0] > 0 && row->word != WORD_WRONG;
}

double speed_percent(double r)
{
	return 100 * (fixed_exp(r) - 1);
}

static int worst_first(const void *a, const void *b)
{
	const struct speed_row *x = a, *y = b;

	if (x->word != y->word)
		return (x->word > y->word) - (x->word < y->word);
	if (x->effect.median > y->effect.median || x->effect.median < y->effect.median)
		return x->effect.median < y->effect.median ? 1 : -1;
	return strcmp(x->label, y->label);
}

void speed_report_sort(struct speed_report *report)
{
	memset(report->words, 0, sizeof report->words);
	for (size_t i = 0; i < report->count; i++)
		report->words[report->rows[i].word]++;
	if (report->count)
		qsort(report->rows, report->count, sizeof *report->rows, worst_first);
}

int speed_count_words(char *out, size_t size, const struct speed_report *report)
{
	size_t length = (size_t)snprintf(out, size, "%zu %s", report->count,
					 report->count == 1 ? "bench" : "benches");
	const char *before = ": ";

	for (int i = 0; i < SPEED_WORDS; i++) {
		if (!report->words[i])
			continue;
		length += (size_t)snprintf(out + (length < size ? length : size),
					   length < size ? size - length : 0, "%s%zu %s", before,
					   report->words[i], names[i]);
		before = ", ";
	}
	return (int)length;
}

int speed_print_time(char *out, size_t size, double ns)
{
	static const char *const units[] = { "ns", "us", "ms", "s" };
	int unit = 0;

	for (; ns >= 1000 && unit < 3; unit++)
		ns /= 1000;
	return snprintf(out, size, "%.4g %s", ns, units[unit]);
}

static void print_effect(FILE *out, const struct speed_row *row)
{
	char old[32], new[32];

	speed_print_time(old, sizeof old, row->old_ns);
	speed_print_time(new, sizeof new, row->new_ns);
	fprintf(out, "  %+.2f %%", speed_percent(row->effect.median));
	if (!isnan(row->effect.low))
		fprintf(out, " [%+.2f, %+.2f]", speed_percent(row->effect.low),
			speed_percent(row->effect.high));
	fprintf(out, ", %s -> %s, %d", old, new, row->launches[0]);
	if (row->launches[1])
		fprintf(out, " + %d", row->launches[1]);
	fputs(" launches", out);
}

static void print_unused(FILE *out, const struct speed_report *report)
{
	for (size_t i = 0; report->accepted && i < report->accepted->count; i++) {
		const struct accepted_entry *entry = &report->accepted->entries[i];

		if (!entry->used)
			fprintf(out, "unused: %s:%zu: no bench here is '%s'\n",
				report->accepted_path, entry->line, entry->label);
	}
}

void speed_print_text(FILE *out, const struct speed_report *report)
{
	char words[300];

	if (*report->warning)
		fprintf(out, "warning: %s\n", report->warning);
	for (size_t i = 0; i < report->count; i++) {
		const struct speed_row *row = &report->rows[i];
		const bool loud = row->word < WORD_ACCEPTED;
		char word[16];

		snprintf(word, sizeof word, "%s", names[row->word]);
		for (char *c = word; loud && *c; c++)
			*c = (char)(*c - 'a' + 'A');
		fprintf(out, "%-12s %s", word, row->label);
		if (speed_row_is_measured(row))
			print_effect(out, row);
		if (*row->note)
			fprintf(out, "%s%s", speed_row_is_measured(row) ? "; " : "  ", row->note);
		putc('\n', out);
		if (row->again)
			fprintf(out, "             %s\n", row->again);
	}
	print_unused(out, report);
	speed_count_words(words, sizeof words, report);
	fprintf(out, "%s (at most %g %% slower; %zu launches, %.0f s)\n", words,
		100 * report->max_regress, report->launches, report->seconds);
}

/* SPDX-License-Identifier: MIT */
#include "speed_report.h"

#include <math.h>
#include <string.h>

/* A cell of a table: a bar would end it, and what is no text is shown as '?'. */
static void print_cell(FILE *out, const char *text)
{
	for (; *text; text++) {
		if (*text == '|' || *text == '\\' || *text == '`' || *text == '<' || *text == '*')
			putc('\\', out);
		putc((unsigned char)*text < 32 ? '?' : *text, out);
	}
}

static void print_row(FILE *out, const struct speed_row *row)
{
	char old[32], new[32];

	fprintf(out, "| %s%s%s | `", speed_word_fails(row->word) ? "**" : "",
		speed_word_name(row->word), speed_word_fails(row->word) ? "**" : "");
	print_cell(out, row->kernel);
	fputs("` | ", out);
	print_cell(out, row->task ? row->task : "");
	fputs(" | ", out);
	if (speed_row_is_measured(row)) {
		speed_print_time(old, sizeof old, row->old_ns);
		speed_print_time(new, sizeof new, row->new_ns);
		fprintf(out, "%+.2f %% | ", speed_percent(row->effect.median));
		if (!isnan(row->effect.low))
			fprintf(out, "%+.2f .. %+.2f %%", speed_percent(row->effect.low),
				speed_percent(row->effect.high));
		fprintf(out, " | %s | %s | %d", old, new, row->launches[0]);
		if (row->launches[1])
			fprintf(out, " + %d", row->launches[1]);
		fputs(" | ", out);
	} else {
		fputs("| | | | | ", out);
	}
	print_cell(out, row->note);
	fputs(" |\n", out);
}

static void print_head(FILE *out)
{
	fputs("| verdict | kernel | task | time | interval | old | new | launches | note |\n"
	      "|---|---|---|---|---|---|---|---|---|\n",
	      out);
}

/* What is worth a look stands open, with the commands that repeat it. */
static bool is_open(const struct speed_row *row)
{
	return row->word != WORD_UNCHANGED && row->word != WORD_REFUSED;
}

static void print_commands(FILE *out, const struct speed_report *report)
{
	bool any = false;

	for (size_t i = 0; i < report->count; i++) {
		const struct speed_row *row = &report->rows[i];

		if (!row->again || row->word > WORD_INCONCLUSIVE)
			continue;
		fprintf(out, "%s%s\n", any ? "" : "\nOne alone again:\n\n```sh\n", row->again);
		any = true;
	}
	if (any)
		fputs("```\n", out);
}

void speed_print_markdown(FILE *out, const struct speed_report *report)
{
	size_t shown = 0, folded = 0;
	char words[300];

	speed_count_words(words, sizeof words, report);
	fprintf(out, "### Speed gate: %s\n\n", words);
	if (*report->warning) {
		fputs("Warning: ", out);
		print_cell(out, report->warning);
		fputs("\n\n", out);
	}
	for (size_t i = 0; i < report->count; i++) {
		if (!is_open(&report->rows[i])) {
			folded++;
			continue;
		}
		if (!shown++)
			print_head(out);
		print_row(out, &report->rows[i]);
	}
	print_commands(out, report);
	if (folded) {
		fprintf(out, "%s<details><summary>%zu more</summary>\n\n", shown ? "\n" : "",
			folded);
		print_head(out);
		for (size_t i = 0; i < report->count; i++)
			if (!is_open(&report->rows[i]))
				print_row(out, &report->rows[i]);
		fputs("\n</details>\n", out);
	}
	fprintf(out,
		"\n%zu launches in %.0f s; a slowdown above %g %% that two decisions agree on "
		"fails.\n",
		report->launches, report->seconds, 100 * report->max_regress);
}

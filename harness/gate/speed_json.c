/* SPDX-License-Identifier: MIT */
#include "speed_report.h"

#include "../quote.h"
#include "../text.h"

#include <math.h>

static void print_name(FILE *out, const char *before, const char *name)
{
	fputs(before, out);
	print_json_text(out, name);
	fputs(": ", out);
}

static void print_text(FILE *out, const char *before, const char *name, const char *value)
{
	print_name(out, before, name);
	if (value)
		print_json_text(out, value);
	else
		fputs("null", out);
}

static void print_real(FILE *out, const char *before, const char *name, double value, bool there)
{
	char number[32];

	print_name(out, before, name);
	print_double(number, value);
	fputs(there && !isnan(value) ? number : "null", out);
}

static void print_count(FILE *out, const char *before, const char *name, long long value)
{
	print_name(out, before, name);
	fprintf(out, "%lld", value);
}

static void print_row(FILE *out, const struct speed_row *row)
{
	const bool there = speed_row_is_measured(row);
	const struct accepted_entry *entry = row->accepted;

	print_text(out, "    {", "verdict", speed_word_name(row->word));
	print_text(out, ", ", "label", row->label);
	print_text(out, ", ", "kernel", row->kernel);
	print_text(out, ", ", "task", row->task);
	print_real(out, ",\n     ", "change", speed_percent(row->effect.median) / 100, there);
	print_real(out, ", ", "change_low", speed_percent(row->effect.low) / 100, there);
	print_real(out, ", ", "change_high", speed_percent(row->effect.high) / 100, there);
	print_real(out, ",\n     ", "old_ns", row->old_ns, there);
	print_real(out, ", ", "new_ns", row->new_ns, there);
	print_count(out, ", ", "launches", row->launches[0]);
	print_count(out, ", ", "confirming_launches", row->launches[1]);
	print_real(out, ",\n     ", "allowed", entry ? speed_percent(entry->allowed) / 100 : 0,
		   entry);
	print_text(out, ", ", "note", *row->note ? row->note : NULL);
	print_text(out, ", ", "command", row->again);
	putc('}', out);
}

void speed_print_json(FILE *out, const struct speed_report *report)
{
	const char *before = "\n    ";

	print_count(out, "{", "format", 1);
	print_text(out, ",\n  ", "config", report->config);
	print_text(out, ",\n  ", "library", report->library);
	print_text(out, ",\n  ", "old_hash", report->old_hash);
	print_text(out, ",\n  ", "new_hash", report->new_hash);
	print_text(out, ",\n  ", "run_id", report->run_id);
	print_text(out, ",\n  ", "warning", *report->warning ? report->warning : NULL);
	print_real(out, ",\n  ", "max_regress", report->max_regress, true);
	print_count(out, ",\n  ", "handicap_per_mille", report->handicap);
	print_real(out, ",\n  ", "seconds", report->seconds, true);
	print_count(out, ",\n  ", "launches", (long long)report->launches);
	print_name(out, ",\n  ", "counts");
	for (int i = 0; i < SPEED_WORDS; i++)
		print_count(out, i ? ", " : "{", speed_word_name((enum speed_word)i),
			    (long long)report->words[i]);
	print_name(out, "},\n  ", "unused");
	putc('[', out);
	for (size_t i = 0; report->accepted && i < report->accepted->count; i++) {
		if (report->accepted->entries[i].used)
			continue;
		fputs(before, out);
		print_json_text(out, report->accepted->entries[i].label);
		before = ",\n    ";
	}
	print_name(out, "],\n  ", "rows");
	for (size_t i = 0; i < report->count; i++) {
		fputs(i ? ",\n" : "[\n", out);
		print_row(out, &report->rows[i]);
	}
	fputs(report->count ? "\n  ]}\n" : "[]}\n", out);
}

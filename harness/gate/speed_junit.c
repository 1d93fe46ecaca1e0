/* SPDX-License-Identifier: MIT */
#include "speed_report.h"

#include "../quote.h"

#include <math.h>

/* Text or an attribute's value (XML 1.0): no control characters, and what is no UTF-8 is '?'. */
static void print_xml(FILE *out, const char *text)
{
	while (*text) {
		const size_t bytes = utf8_length(text, SIZE_MAX);

		if (!bytes || (unsigned char)*text < 32)
			putc('?', out);
		else if (*text == '&')
			fputs("&amp;", out);
		else if (*text == '<')
			fputs("&lt;", out);
		else if (*text == '>')
			fputs("&gt;", out);
		else if (*text == '"')
			fputs("&quot;", out);
		else
			fwrite(text, 1, bytes, out);
		text += bytes + !bytes;
	}
}

static void print_attribute(FILE *out, const char *name, const char *value)
{
	fprintf(out, " %s=\"", name);
	print_xml(out, value);
	putc('"', out);
}

static void say(char *out, size_t size, const struct speed_row *row)
{
	if (!speed_row_is_measured(row)) {
		snprintf(out, size, "%s", row->note);
		return;
	}
	if (isnan(row->effect.low)) {
		snprintf(out, size, "%+.2f %% of the time before; %s",
			 speed_percent(row->effect.median), row->note);
		return;
	}
	snprintf(out, size, "%+.2f %% [%+.2f, %+.2f] of the time before, %d launches%s%s",
		 speed_percent(row->effect.median), speed_percent(row->effect.low),
		 speed_percent(row->effect.high), row->launches[0] + row->launches[1],
		 *row->note ? "; " : "", row->note);
}

static bool is_skipped(enum speed_word word)
{
	return word == WORD_INCONCLUSIVE || word == WORD_GONE || word == WORD_NEW ||
	       word == WORD_REFUSED;
}

static void print_case(FILE *out, const struct speed_row *row)
{
	const bool fails = speed_word_fails(row->word);
	char words[600], message[640];

	say(words, sizeof words, row);
	snprintf(message, sizeof message, "%s%s%s", speed_word_name(row->word), *words ? ": " : "",
		 words);
	fputs("    <testcase", out);
	print_attribute(out, "classname", "quantsweep.gate");
	print_attribute(out, "name", row->label);
	fprintf(out, " time=\"%.3f\">\n", row->seconds);
	if (fails) {
		fputs("      <failure", out);
		print_attribute(out, "message", message);
		print_attribute(out, "type", speed_word_name(row->word));
		putc('>', out);
		print_xml(out, row->again ? row->again : "");
		fputs("</failure>\n", out);
	} else if (is_skipped(row->word)) {
		fputs("      <skipped", out);
		print_attribute(out, "message", message);
		fputs("/>\n", out);
	} else {
		fputs("      <system-out>", out);
		print_xml(out, message);
		fputs("</system-out>\n", out);
	}
	fputs("    </testcase>\n", out);
}

void speed_print_junit(FILE *out, const struct speed_report *report)
{
	size_t failures = 0, skipped = 0;

	for (size_t i = 0; i < report->count; i++) {
		failures += speed_word_fails(report->rows[i].word);
		skipped += is_skipped(report->rows[i].word);
	}
	fputs("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites>\n  <testsuite", out);
	print_attribute(out, "name", "quantsweep gate");
	fprintf(out,
		" tests=\"%zu\" failures=\"%zu\" errors=\"0\" skipped=\"%zu\" time=\"%.3f\">\n",
		report->count, failures, skipped, report->seconds);
	for (size_t i = 0; i < report->count; i++)
		print_case(out, &report->rows[i]);
	if (*report->warning) {
		fputs("    <system-out>", out);
		print_xml(out, report->warning);
		fputs("</system-out>\n", out);
	}
	fputs("  </testsuite>\n</testsuites>\n", out);
}

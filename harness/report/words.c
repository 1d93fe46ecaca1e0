/* SPDX-License-Identifier: MIT */
#include "words.h"

#include "../quote.h"

#include <stdio.h>

/* C0 and C1 controls, and what turns the direction of writing (U+202A..202E, U+2066..2069). */
static bool is_control(const unsigned char *at, size_t length)
{
	if (length == 1)
		return *at < 0x20 || *at == 0x7f;
	if (length == 2)
		return at[0] == 0xC2 && at[1] < 0xA0;
	return length == 3 && at[0] == 0xE2 &&
	       ((at[1] == 0x80 && at[2] >= 0xAA && at[2] <= 0xAE) ||
		(at[1] == 0x81 && at[2] >= 0xA6 && at[2] <= 0xA9));
}

typedef const char *replace_character(char c);

static void add_safe(struct text *out, const char *words, const char *control,
		     replace_character *replace)
{
	while (*words) {
		const size_t length = utf8_length(words, SIZE_MAX);
		const char *other = length == 1 ? replace(*words) : NULL;

		if (!length)
			text_add(out, "\xEF\xBF\xBD");
		else if (is_control((const unsigned char *)words, length))
			text_add(out, "%s", control);
		else if (other)
			text_add(out, "%s", other);
		else
			text_add_bytes(out, words, length);
		words += length ? length : 1;
	}
}

static const char *replace_none(char c)
{
	(void)c;
	return NULL;
}

static const char *replace_html(char c)
{
	return c == '&'    ? "&amp;"
	       : c == '<'  ? "&lt;"
	       : c == '>'  ? "&gt;"
	       : c == '"'  ? "&quot;"
	       : c == '\'' ? "&#39;"
			   : NULL;
}

static const char *replace_cell(char c)
{
	return c == '"' ? "'" : NULL;
}

static const char *replace_gnuplot(char c)
{
	return c == '\'' ? "''" : NULL;
}

void add_plain(struct text *out, const char *words)
{
	add_safe(out, words, " ", replace_none);
}

void add_html(struct text *out, const char *words)
{
	add_safe(out, words, "\xEF\xBF\xBD", replace_html);
}

void add_cell(struct text *out, const char *words)
{
	add_safe(out, words, " ", replace_cell);
}

void add_gnuplot(struct text *out, const char *words)
{
	text_add(out, "'");
	add_safe(out, words, " ", replace_gnuplot);
	text_add(out, "'");
}

void print_count(char out[32], long long count)
{
	char digits[32];
	const int length = snprintf(digits, sizeof digits, "%lld", count);
	int at = 0;

	for (int i = 0; i < length; i++) {
		const int left = length - i;

		if (i && left % 3 == 0 && digits[i - 1] != '-')
			out[at++] = ',';
		out[at++] = digits[i];
	}
	out[at] = '\0';
}

void print_time(char out[32], double ns)
{
	static const char *const units[] = { "ns", "µs", "ms", "s" };
	int unit = 0;

	for (; unit < 3 && ns >= 999.5; unit++)
		ns /= 1000;
	snprintf(out, 32, "%.*f %s", ns < 9.995 ? 2 : ns < 99.95 ? 1 : 0, ns, units[unit]);
}

/* SPDX-License-Identifier: MIT */
#include "quote.h"

#include <string.h>

size_t utf8_length(const char *bytes, size_t left)
{
	const unsigned char *at = (const unsigned char *)bytes;
	const size_t length = at[0] < 0x80   ? 1
			      : at[0] < 0xc2 ? 0
			      : at[0] < 0xe0 ? 2
			      : at[0] < 0xf0 ? 3
			      : at[0] < 0xf5 ? 4
					     : 0;

	if (!length || length > left)
		return 0;
	for (size_t i = 1; i < length; i++)
		if ((at[i] & 0xc0) != 0x80)
			return 0;
	if ((at[0] == 0xe0 && at[1] < 0xa0) || (at[0] == 0xed && at[1] > 0x9f) ||
	    (at[0] == 0xf0 && at[1] < 0x90) || (at[0] == 0xf4 && at[1] > 0x8f))
		return 0;
	return length;
}

size_t utf8_width(const char *text)
{
	size_t width = 0;

	for (; *text; text++)
		width += ((unsigned char)*text & 0xc0) != 0x80;
	return width;
}

static bool is_plain(const char *word)
{
	return !word[strspn(word, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
				  "_-./:,=+@%")];
}

static void add_inside_quotes(struct text *text, const char *word)
{
	for (; *word; word++)
		if (*word == '\'')
			text_add(text, "'\\''");
		else
			text_add_bytes(text, word, 1);
}

void text_add_shell(struct text *text, const char *head, const char *tail)
{
	if ((*head || *tail) && is_plain(head) && is_plain(tail)) {
		text_add(text, "%s%s", head, tail);
		return;
	}
	text_add(text, "'");
	add_inside_quotes(text, head);
	add_inside_quotes(text, tail);
	text_add(text, "'");
}

void print_csv_text(FILE *out, const char *value)
{
	if (*value && !strpbrk(value, ",\"\r\n")) {
		fputs(value, out);
		return;
	}
	putc('"', out);
	for (; *value; value++) {
		if (*value == '"')
			putc('"', out);
		putc(*value, out);
	}
	putc('"', out);
}

const char *csv_take(const char **from, const char *stop, char *out, bool *more)
{
	const char *at = *from;
	const bool quoted = at < stop && *at == '"';

	at += quoted;
	for (;; at++) {
		if (at == stop && quoted)
			return "a quoted field has no end on its line";
		if (at == stop || (!quoted && *at == ','))
			break;
		if (*at == '"') {
			if (!quoted)
				return "a quote stands inside a field that has none at its start";
			if (at + 1 == stop || at[1] != '"') {
				at++;
				break;
			}
			at++;
		}
		*out++ = *at;
	}
	*out = '\0';
	if (at < stop && *at != ',')
		return "something stands behind a quoted field";
	*more = at < stop;
	*from = at + *more;
	return NULL;
}

void print_json_text(FILE *out, const char *value)
{
	putc('"', out);
	while (*value) {
		const size_t length = utf8_length(value, SIZE_MAX);

		if (!length)
			fputs("\\ufffd", out);
		else if (*value == '"' || *value == '\\')
			fprintf(out, "\\%c", *value);
		else if (length == 1 && (unsigned char)*value < ' ')
			fprintf(out, "\\u%04x", (unsigned char)*value);
		else
			fwrite(value, 1, length, out);
		value += length ? length : 1;
	}
	putc('"', out);
}

/* SPDX-License-Identifier: MIT
 *
 * The strict scan of a config's text, before cJSON reads it.  Source: RFC 8259.
 */
#include "config_json.h"

#include "quote.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct scan {
	const char *path, *text;
	size_t length, at;
	int line;
	size_t depth;
	char open[JSON_DEPTH_MOST]; /* '{' or '[' of each level */
	struct json_lines *lines;
	struct error *error;
};

static bool is_comment(const char *line, const char *end)
{
	while (line < end && (*line == ' ' || *line == '\t'))
		line++;
	return end - line >= 2 && line[0] == '/' && line[1] == '/';
}

static int check_utf8(const char *path, const char *text, size_t length, struct error *error)
{
	int line = 1;

	for (size_t at = 0; at < length;) {
		const size_t step = utf8_length(text + at, length - at);

		if (!step || !text[at])
			return fail(error, STATUS_INPUT,
				    "%s:%d: found the byte 0x%02x, expected text in "
				    "UTF-8",
				    path, line, (unsigned char)text[at]);
		line += text[at] == '\n';
		at += step;
	}
	return 0;
}

int json_prepare(char *text, size_t length, const char *path, struct error *error)
{
	char *const end = text + length;

	if (check_utf8(path, text, length, error))
		return -1;
	if (length >= 3 && !memcmp(text, "\xef\xbb\xbf", 3))
		memset(text, ' ', 3);
	for (char *line = text; line < end;) {
		char *next = memchr(line, '\n', (size_t)(end - line));

		next = next ? next : end;
		if (is_comment(line, next))
			memset(line, ' ', (size_t)(next - line));
		line = next + 1;
	}
	return 0;
}

static int peek(const struct scan *scan)
{
	return scan->at < scan->length ? (unsigned char)scan->text[scan->at] : -1;
}

/* The word or character at this place, as a sentence quotes it. */
static const char *found(const struct scan *scan, char out[48])
{
	const char *at = scan->text + scan->at;
	const size_t left = scan->length - scan->at;
	size_t length = 0;

	while (length < left && length < 30 &&
	       ((at[length] >= 'a' && at[length] <= 'z') ||
		(at[length] >= 'A' && at[length] <= 'Z')))
		length++;
	if (!left)
		snprintf(out, 48, "the end of the file");
	else if (length)
		snprintf(out, 48, "'%.*s'", (int)length, at);
	else if (*at > ' ' && *at < 0x7f)
		snprintf(out, 48, "'%c'", *at);
	else
		snprintf(out, 48, "the byte 0x%02x", (unsigned char)*at);
	return out;
}

static int wrong(const struct scan *scan, const char *expected)
{
	char out[48];

	return fail(scan->error, STATUS_INPUT, "%s:%d: found %s, expected %s", scan->path,
		    scan->line, found(scan, out), expected);
}

static void skip_space(struct scan *scan)
{
	for (;; scan->at++) {
		const int c = peek(scan);

		if (c == '\n')
			scan->line++;
		else if (c != ' ' && c != '\t' && c != '\r')
			return;
	}
}

/* Four hex digits at this place as a number, or -1. */
static int hex4(const struct scan *scan)
{
	char digits[5] = { 0 };

	if (scan->length - scan->at < 4)
		return -1;
	memcpy(digits, scan->text + scan->at, 4);
	return strspn(digits, "0123456789abcdefABCDEF") == 4 ? (int)strtol(digits, NULL, 16) : -1;
}

/* Behind a backslash.  A surrogate must have its other half; U+0000 would end a C string. */
static int scan_escape(struct scan *scan)
{
	const int c = peek(scan);
	int code;

	if (c >= 0 && c && strchr("\"\\/bfnrt", c)) {
		scan->at++;
		return 0;
	}
	if (c != 'u')
		return wrong(scan, "one of \" \\ / b f n r t u behind a backslash");
	scan->at++;
	code = hex4(scan);
	if (code < 0)
		return wrong(scan, "four hex digits behind \\u");
	if (code == 0)
		return wrong(scan, "no \\u0000 in a text");
	scan->at += 4;
	if (code < 0xd800 || code > 0xdfff)
		return 0;
	if (code <= 0xdbff && scan->length - scan->at >= 6 &&
	    !memcmp(scan->text + scan->at, "\\u", 2)) {
		scan->at += 2;
		code = hex4(scan);
		scan->at += code >= 0xdc00 && code <= 0xdfff ? 4 : 0;
		if (code >= 0xdc00 && code <= 0xdfff)
			return 0;
	}
	return wrong(scan, "the other half of a surrogate pair");
}

static int scan_string(struct scan *scan)
{
	for (scan->at++;;) {
		const int c = peek(scan);

		if (c == '"') {
			scan->at++;
			return 0;
		}
		if (c < ' ')
			return wrong(scan, "'\"' at the end of a text, in its line");
		scan->at++;
		if (c == '\\' && scan_escape(scan))
			return -1;
	}
}

static size_t digits_at(const struct scan *scan, size_t at)
{
	size_t count = 0;

	while (at + count < scan->length && scan->text[at + count] >= '0' &&
	       scan->text[at + count] <= '9')
		count++;
	return count;
}

/* Every double above 2^53 is whole and may stand for several whole numbers. */
static int check_size(struct scan *scan, const char *digits, bool whole)
{
	static const double most = 9007199254740992.0;
	const double number = fabs(strtod(digits, NULL));
	unsigned long long exact = 0;

	errno = 0;
	if (whole)
		exact = strtoull(digits + (*digits == '-'), NULL, 10);
	if (number > most || errno || exact > (unsigned long long)most)
		return fail(scan->error, STATUS_INPUT,
			    "%s:%d: found %.40s, expected no number above 2^53 "
			    "(9007199254740992): larger ones are not exact",
			    scan->path, scan->line, digits);
	return 0;
}

/* -? (0 | [1-9][0-9]*) (. [0-9]+)? ([eE] [+-]? [0-9]+)? */
static int scan_number(struct scan *scan)
{
	const size_t start = scan->at;
	char digits[JSON_NUMBER_MOST + 1];
	size_t count;
	bool whole = true;

	scan->at += peek(scan) == '-';
	count = digits_at(scan, scan->at);
	if (!count || (count > 1 && peek(scan) == '0'))
		return wrong(scan, "a number without leading zeros, a digit first");
	scan->at += count;
	if (peek(scan) == '.') {
		whole = false;
		count = digits_at(scan, ++scan->at);
		if (!count)
			return wrong(scan, "digits behind the '.' of a number");
		scan->at += count;
	}
	if (peek(scan) == 'e' || peek(scan) == 'E') {
		whole = false;
		scan->at++;
		scan->at += peek(scan) == '+' || peek(scan) == '-';
		count = digits_at(scan, scan->at);
		if (!count)
			return wrong(scan, "digits in the exponent of a number");
		scan->at += count;
	}
	count = scan->at - start;
	if (count > JSON_NUMBER_MOST)
		return fail(scan->error, STATUS_INPUT,
			    "%s:%d: found a number of %zu characters, expected "
			    "at most %d",
			    scan->path, scan->line, count, JSON_NUMBER_MOST);
	memcpy(digits, scan->text + start, count);
	digits[count] = '\0';
	return check_size(scan, digits, whole);
}

static int scan_word(struct scan *scan)
{
	static const char *const words[] = { "true", "false", "null" };
	static const char expected[] =
		"a value: a \"text\", a number, true, false, null, '[' or '{'";

	for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
		const size_t length = strlen(words[i]);

		if (scan->length - scan->at >= length &&
		    !memcmp(scan->text + scan->at, words[i], length)) {
			scan->at += length;
			return 0;
		}
	}
	if (peek(scan) == ']' || peek(scan) == '}')
		return wrong(scan, "a value (is there a ',' too many before it?)");
	if (peek(scan) == '\'')
		return wrong(scan, "a value (texts stand in \"double quotes\")");
	return wrong(scan, expected);
}

static int push(struct scan *scan)
{
	if (scan->depth == JSON_DEPTH_MOST)
		return fail(scan->error, STATUS_INPUT,
			    "%s:%d: lists and objects nested deeper than %d", scan->path,
			    scan->line, JSON_DEPTH_MOST);
	scan->open[scan->depth++] = scan->text[scan->at++];
	skip_space(scan);
	return 0;
}

/* One value, or the opening of one.  *whole: it is complete. */
static int scan_value(struct scan *scan, bool *whole)
{
	const int c = peek(scan);

	if (scan->lines->count == JSON_VALUES_MOST)
		return fail(scan->error, STATUS_INPUT, "%s:%d: more than %d values in one config",
			    scan->path, scan->line, JSON_VALUES_MOST);
	if (env_grow(scan->lines->env, &scan->lines->lines, &scan->lines->capacity,
		     scan->lines->count, sizeof(int), "the lines of a config", scan->error))
		return -1;
	scan->lines->lines[scan->lines->count++] = scan->line;
	*whole = true;
	if (c == '{' || c == '[') {
		if (push(scan))
			return -1;
		*whole = peek(scan) == (c == '{' ? '}' : ']');
		scan->at += *whole;
		scan->depth -= *whole;
		return 0;
	}
	if (c == '"')
		return scan_string(scan);
	if (c == '-' || (c >= '0' && c <= '9'))
		return scan_number(scan);
	return scan_word(scan);
}

static int scan_key(struct scan *scan)
{
	skip_space(scan);
	if (peek(scan) != '"')
		return wrong(scan, peek(scan) == '}' ? "a key (is there a ',' too many before it?)"
						     : "a key in \"double quotes\"");
	if (scan_string(scan))
		return -1;
	skip_space(scan);
	if (peek(scan) != ':')
		return wrong(scan, "':' behind a key");
	scan->at++;
	return 0;
}

/* Behind a value: closes what ends here.  *more: another value follows. */
static int scan_end(struct scan *scan, bool *more)
{
	for (;;) {
		skip_space(scan);
		*more = false;
		if (!scan->depth) {
			if (peek(scan) == '/')
				return wrong(
					scan,
					"nothing here (a // comment stands alone on its line)");
			return scan->at == scan->length ? 0 : wrong(scan, "the end of the file");
		}
		const char open = scan->open[scan->depth - 1];
		const int c = peek(scan);

		if (c == ',') {
			scan->at++;
			*more = true;
			return 0;
		}
		if (c == '/')
			return wrong(scan,
				     "',' or a bracket (a // comment stands alone on its line)");
		if (c != (open == '{' ? '}' : ']'))
			return wrong(scan, open == '{' ? "',' or '}'" : "',' or ']'");
		scan->at++;
		scan->depth--;
	}
}

int json_scan(struct json_lines *lines, const char *path, const char *text, size_t length,
	      struct error *error)
{
	struct scan scan = { .path = path,
			     .text = text,
			     .length = length,
			     .line = 1,
			     .lines = lines,
			     .error = error };
	bool whole = false, more = true;

	while (more) {
		if (scan.depth && scan.open[scan.depth - 1] == '{' && scan_key(&scan))
			return -1;
		skip_space(&scan);
		if (scan_value(&scan, &whole))
			return -1;
		if (whole && scan_end(&scan, &more))
			return -1;
	}
	return 0;
}

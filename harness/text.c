/* SPDX-License-Identifier: MIT */
#include "text.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool text_room(struct text *text, size_t more)
{
	struct error error;

	if (!text->failed && env_grow(text->env, &text->bytes, &text->capacity, text->length + more,
				      1, "a text", &error))
		text->failed = true;
	return !text->failed;
}

void text_add_bytes(struct text *text, const char *bytes, size_t count)
{
	if (!text_room(text, count))
		return;
	memcpy(text->bytes + text->length, bytes, count);
	text->length += count;
	text->bytes[text->length] = '\0';
}

void text_add(struct text *text, const char *format, ...)
{
	va_list arguments, again;
	int length;

	va_start(arguments, format);
	va_copy(again, arguments);
	length = vsnprintf(NULL, 0, format, arguments);
	if (length < 0)
		text->failed = true;
	else if (text_room(text, (size_t)length)) {
		vsnprintf(text->bytes + text->length, (size_t)length + 1, format, again);
		text->length += (size_t)length;
	}
	va_end(again);
	va_end(arguments);
}

char *text_take(struct text *text, struct error *error)
{
	char *bytes;

	text_add_bytes(text, "", 0);
	bytes = text->bytes;
	if (text->failed) {
		fail_memory(error, text->length, "a text");
		text_free(text);
		return NULL;
	}
	*text = (struct text){ .env = text->env };
	return bytes;
}

void text_free(struct text *text)
{
	env_free(text->env, text->bytes);
	*text = (struct text){ .env = text->env };
}

/* One character as a label holds it: itself, or %XX. */
static void escape(char out[4], char c)
{
	const unsigned char byte = (unsigned char)c;
	const bool special = byte <= ' ' || byte == 0x7f || strchr("=|,%*?[]()", c);

	snprintf(out, 4, special ? "%%%02X" : "%c", byte);
}

void text_add_escaped(struct text *text, const char *name)
{
	char one[4];

	for (; *name; name++) {
		escape(one, *name);
		text_add_bytes(text, one, strlen(one));
	}
}

int print_escaped(char *out, size_t size, const char *name)
{
	char one[4];
	size_t length = 0;

	if (size)
		*out = '\0';
	for (; *name; name++) {
		escape(one, *name);
		if (length < size)
			snprintf(out + length, size - length, "%s", one);
		length += strlen(one);
	}
	return (int)length;
}

static int hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

bool text_unescape(char *name)
{
	char *out = name;

	for (const char *in = name; *in; in++, out++) {
		if (*in != '%') {
			*out = *in;
			continue;
		}
		const int high = hex_digit(in[1]), low = high < 0 ? -1 : hex_digit(in[2]);

		if (low < 0 || (high == 0 && low == 0))
			return false;
		*out = (char)(high << 4 | low);
		in += 2;
	}
	*out = '\0';
	return true;
}

/* Does `c` belong to the class that starts behind '['?  *end gets the place behind ']'; NULL where
 * the class has no end: then '[' stands for itself. */
static bool in_class(const char *p, char c, const char **end)
{
	const bool inverse = *p == '!' || *p == '^';
	bool found = false;

	p += inverse;
	for (const char *first = p; *p && (*p != ']' || p == first); p++) {
		char low = *p, high = low;

		if (p[1] == '-' && p[2] && p[2] != ']') {
			high = p[2];
			p += 2;
		}
		found |= low <= c && c <= high;
	}
	*end = *p ? p + 1 : NULL;
	return found != inverse;
}

/* One character of the pattern against one of the name; *next gets the place behind it. */
static bool match_one(const char *pattern, char c, bool path, const char **next)
{
	const char *end;

	*next = pattern + 1;
	if (*pattern == '?')
		return !(path && c == '/');
	if (*pattern == '[') {
		const bool found = in_class(pattern + 1, c, &end);

		if (end) {
			*next = end;
			return found && !(path && c == '/');
		}
	}
	return *pattern == c;
}

/* The place where a '**' that stands before a slash may start anew: behind the next '/'. */
static const char *next_folder(const char *name)
{
	const char *slash = strchr(name, '/');

	return slash ? slash + 1 : NULL;
}

/* Two kinds of star are remembered, the latest of each: a '**' passes '/', a '*' in a path does
 * not, and "**" with a slash behind it stands for any number of whole folders, none included.
 * When a '*' is stuck at a '/', the latest '**' takes more, so no recursion is needed and the cost
 * is at most O(pattern * name * name). */
bool glob_match(const char *pattern, const char *name, bool path)
{
	const char *star = NULL, *star_at = NULL, *deep = NULL, *deep_at = NULL, *next;
	bool folders = false;

	for (;;) {
		if (*pattern == '*') {
			const bool two = pattern[1] == '*';

			while (*pattern == '*')
				pattern++;
			if (path && !two) {
				star = pattern;
				star_at = name;
				continue;
			}
			folders = path && *pattern == '/';
			pattern += folders;
			deep = pattern;
			deep_at = name;
			star = NULL;
			continue;
		}
		if (*name && *pattern && match_one(pattern, *name, path, &next)) {
			pattern = next;
			name++;
			continue;
		}
		if (!*name && !*pattern)
			return true;
		if (star && *star_at && *star_at != '/') {
			pattern = star;
			name = ++star_at;
			continue;
		}
		if (!deep || !*deep_at)
			return false;
		deep_at = folders ? next_folder(deep_at) : deep_at + 1;
		if (!deep_at)
			return false;
		pattern = deep;
		name = deep_at;
		star = NULL;
	}
}

size_t edit_distance(const char *a, const char *b, size_t limit)
{
	enum { LONGEST = 63 };
	const size_t m = strlen(a), n = strlen(b);
	size_t rows[3][LONGEST + 1], *two_ago = rows[0], *ago = rows[1], *now = rows[2];

	if (m > LONGEST || n > LONGEST || (m > n ? m - n : n - m) > limit)
		return limit + 1;
	for (size_t j = 0; j <= n; j++) {
		two_ago[j] = limit + 1;
		ago[j] = j;
	}
	for (size_t i = 1; i <= m; i++) {
		now[0] = i;
		for (size_t j = 1; j <= n; j++) {
			size_t best = ago[j - 1] + (a[i - 1] != b[j - 1]);

			best = ago[j] + 1 < best ? ago[j] + 1 : best;
			best = now[j - 1] + 1 < best ? now[j - 1] + 1 : best;
			if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] &&
			    two_ago[j - 2] + 1 < best)
				best = two_ago[j - 2] + 1;
			now[j] = best;
		}
		size_t *oldest = two_ago;

		two_ago = ago;
		ago = now;
		now = oldest;
	}
	return ago[n] > limit ? limit + 1 : ago[n];
}

const char *nearest_name(const char *name, const char *const *names, size_t count)
{
	const size_t length = strlen(name);
	const char *best = NULL;
	size_t limit = length / 3 > 2 ? length / 3 : 2;

	/* a name of three letters is not near to another one of three */
	if (length <= 3)
		limit = 1;
	for (size_t i = 0; i < count; i++) {
		const size_t distance = edit_distance(name, names[i], limit);

		if (distance <= limit) {
			best = names[i];
			if (!distance)
				break;
			limit = distance - 1;
		}
	}
	return best;
}

void print_double(char out[32], double value)
{
	for (int digits = 15; digits <= 17; digits++) {
		snprintf(out, 32, "%.*g", digits, value);
		if (strtod(out, NULL) == value)
			return;
	}
}

void copy_one_line(char *out, size_t size, const char *from)
{
	size_t length = 0;

	for (; from[length] && length + 1 < size; length++)
		out[length] = (unsigned char)from[length] < ' ' || from[length] == 0x7f
			? '?'
			: from[length];
	out[length] = '\0';
}

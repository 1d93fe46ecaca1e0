/* SPDX-License-Identifier: MIT */
#include "limits_words.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define HEAD "quantsweep-limits 1"

/* The line at *next, which is cut off; NULL: there is none. */
static char *take_line(char **next)
{
	char *line = *next, *end = strchr(line, '\n');

	if (!end)
		return NULL;
	*end = '\0';
	*next = end + 1;
	return line;
}

/* A whole number that the text consists of. */
static bool whole_number(const char *text, long long least, long long most, long long *out)
{
	char *end;

	if (*text < '0' || *text > '9' || strlen(text) > 18)
		return false;
	*out = strtoll(text, &end, 10);
	return !*end && *out >= least && *out <= most;
}

static bool read_number(const char *line, const char *key, long long most, int *out)
{
	const size_t length = strlen(key);
	long long number;

	if (strncmp(line, key, length) || line[length] != ' ' ||
	    !whole_number(line + length + 1, 1, most, &number))
		return false;
	*out = (int)number;
	return true;
}

static bool read_loop(struct limits_spec *spec, char *line)
{
	struct limits_loop *loop = &spec->loop[spec->count];
	const struct value *value;
	long long bytes;
	char *space;

	if (strncmp(line, "loop ", 5) || spec->count == LIMITS_LOOPS_MOST)
		return false;
	line += 5;
	space = strchr(line, ' ');
	if (!space || !whole_number(space + 1, 0, 1ll << 42, &bytes))
		return false;
	*space = '\0';
	value = value_find(limit_values, line);
	*space = ' ';
	if (!value || (limit_of(value)->kind == LIMIT_ARITHMETIC) != !bytes)
		return false;
	*loop = (struct limits_loop){ limit_of(value), bytes };
	spec->count++;
	return true;
}

int limits_spec_read(struct limits_spec *spec, char *text, struct error *error)
{
	char *next = text, *line;
	int number = 0;

	*spec = (struct limits_spec){ 0 };
	while ((line = take_line(&next)) != NULL) {
		const int at = number++;
		bool good;

		if (at > 3 && !strcmp(line, "end") && spec->count && !*next)
			return 0;
		if (at == 0)
			good = !strcmp(line, HEAD);
		else if (at == 1)
			good = read_number(line, "threads", 1024, &spec->threads);
		else if (at == 2)
			good = read_number(line, "samples", 1000, &spec->samples);
		else if (at == 3)
			good = read_number(line, "us", 1000000, &spec->sample_us);
		else
			good = read_loop(spec, line);
		if (!good)
			return fail(error, STATUS_INPUT,
				    "standard input:%d: '%.60s' is no line of what a worker is "
				    "told; it is started by `quantsweep limits`",
				    number, line);
	}
	return fail(error, STATUS_INPUT,
		    "standard input:%d: ends without 'end'; a worker is started by `quantsweep "
		    "limits`",
		    number + 1);
}

void limits_words_start(struct limits_words *words, double *best, int count)
{
	*words = (struct limits_words){ .count = count, .best = best, .current = -1,
					.cpu = -1 };
	for (int i = 0; i < count; i++)
		best[i] = NAN;
}

static bool hear_best(struct limits_words *words, const char *rest)
{
	char *end;
	double rate;

	if (words->current < 0 || strtol(rest, &end, 10) != words->current || *end != ' ')
		return false;
	rest = end + 1;
	rate = strtod(rest, &end);
	if (strspn(rest, "0123456789.e+-") != strlen(rest) || end == rest || *end ||
	    !(rate > 0 && rate < 1e15))
		return false;
	words->best[words->current] = rate;
	words->current = -1;
	return true;
}

static bool hear_line(struct limits_words *words, const char *line)
{
	long long number;

	if (words->done)
		return false;
	if (!strncmp(line, "cpu ", 4)) {
		if (!strcmp(line + 4, "-1"))
			return true;
		words->cpu = whole_number(line + 4, 0, 1 << 20, &number) ? (int)number : -1;
		return words->cpu >= 0;
	}
	if (!strncmp(line, "start ", 6)) {
		if (words->current >= 0 ||
		    !whole_number(line + 6, 0, words->count - 1, &number))
			return false;
		words->current = (int)number;
		return true;
	}
	if (!strncmp(line, "best ", 5))
		return hear_best(words, line + 5);
	words->done = !strcmp(line, "done") && words->current < 0;
	return words->done;
}

void limits_words_hear(void *self, const char *bytes, size_t count)
{
	struct limits_words *words = self;

	for (size_t i = 0; i < count && !*words->strange; i++) {
		if (bytes[i] != '\n' && words->length + 1 < sizeof words->line) {
			words->line[words->length++] = bytes[i] >= 32 && bytes[i] < 127 ? bytes[i]
											: '?';
			continue;
		}
		words->line[words->length] = '\0';
		if (bytes[i] != '\n' || !hear_line(words, words->line))
			snprintf(words->strange, sizeof words->strange, "%.60s",
				 *words->line ? words->line : "an empty line");
		words->length = 0;
	}
}

/* SPDX-License-Identifier: MIT */
#include "race_spec.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define HEAD "quantsweep-race 1"

enum { ALL_BITS = 8, LEAST_BITS = 2 };

int race_spec_write(struct text *out, const struct race_spec *spec, struct error *error)
{
	char conv[CONV_TEXT_SIZE];

	text_add(out, HEAD "\ncpu %llx\nop %s\n", (unsigned long long)spec->cpu,
		 spec->network ? network_operation.value.name : op_name(spec->op));
	conv_print(conv, sizeof conv, &spec->conv);
	if (spec->op == QS_CONV2D)
		text_add(out, "conv %s\n", conv);
	else
		text_add(out, "shape %lld %lld %lld\n", (long long)spec->m, (long long)spec->n,
			 (long long)spec->k);
	text_add(out, "threads %d\nbatch %d\nseed %llu\nrepetitions %d\nms %d\n", spec->threads,
		 spec->batch, (unsigned long long)spec->seed, spec->repetitions,
		 spec->repetition_ms);
	text_add(out, "duel %d\nhandicap %d\n", spec->duel, spec->handicap);
	text_add(out, "requantize %s\nzeros %d\nw_bits %d\nw_values %s\n",
		 spec->detail.requantization ? spec->detail.requantization->name
					     : (*requantization_values)->name,
		 spec->detail.w_zeros, spec->detail.w_bits ? spec->detail.w_bits : ALL_BITS,
		 spec->detail.w_values ? spec->detail.w_values->name : (*weight_values)->name);
	if (spec->network && strchr(spec->network, '\n'))
		return fail(error, STATUS_INPUT,
			    "%s: a network's path may not hold a line's end; rename it",
			    spec->network);
	if (spec->network)
		text_add(out, "network %s %s\nrecipe %s\n", spec->content, spec->network,
			 spec->recipe);
	for (int i = 0; i < spec->library_count; i++) {
		if (strchr(spec->library[i].path, '\n'))
			return fail(error, STATUS_INPUT,
				    "%s: a kernel library's path may not hold a line's "
				    "end; rename it",
				    spec->library[i].path);
		text_add(out, "library %s %s\n", spec->library[i].hash, spec->library[i].path);
	}
	for (int i = 0; i < spec->runner_count; i++)
		text_add(out, "%s %d %s\n", spec->runner[i].named ? "named" : "runner",
			 spec->runner[i].library, spec->runner[i].kernel);
	text_add(out, "end\n");
	return 0;
}

struct lines {                  /* the text while it is cut                              */
	char *next;             /* the line after the current one                        */
	char *words;            /* what is left of the current line, behind its key      */
	int number;             /* of the current line, from 1                           */
};

static int wrong_line(const struct lines *lines, const char *found, const char *expected,
		      struct error *error)
{
	char shown[64];

	snprintf(shown, sizeof shown, "%.60s", found);
	for (char *c = shown; *c; c++)
		if ((unsigned char)*c < 32 || (unsigned char)*c > 126)
			*c = '?';
	return fail(error, STATUS_INPUT,
		    "worker's standard input:%d: '%s' was found, %s was expected; "
		    "a worker is started by `quantsweep run`, not by hand",
		    lines->number, shown, expected);
}

/* Goes to the next line; *words is the whole of it. */
static int next_line(struct lines *lines, const char *expected, struct error *error)
{
	char *end;

	lines->number++;
	lines->words = lines->next;
	end = strchr(lines->next, '\n');
	if (!end)
		return wrong_line(lines, lines->next, *lines->next ? "a line's end" : expected,
				  error);
	*end = '\0';
	lines->next = end + 1;
	return 0;
}

/* Whether the current line's key is `key`; if so, words go behind it. */
static bool take_key(struct lines *lines, const char *key)
{
	const size_t length = strlen(key);

	if (strncmp(lines->words, key, length) || lines->words[length] != ' ')
		return false;
	lines->words += length + 1;
	return true;
}

/* A whole number without a sign, up to a space or the line's end. */
static bool take_number(struct lines *lines, int base, uint64_t most, uint64_t *out)
{
	const char first = *lines->words;
	char *end;

	if (!((first >= '0' && first <= '9') || (base == 16 && first >= 'a' && first <= 'f')))
		return false;
	errno = 0;
	*out = strtoull(lines->words, &end, base);
	if (errno || *out > most || (*end && *end != ' '))
		return false;
	lines->words = *end ? end + 1 : end;
	return true;
}

/* A line of one key and one number. */
static int number_line(struct lines *lines, const char *key, int base, uint64_t least,
		       uint64_t most, uint64_t *out, struct error *error)
{
	char expected[96], *line;

	if (base == 16)
		snprintf(expected, sizeof expected, "'%s' and hexadecimal digits", key);
	else
		snprintf(expected, sizeof expected, "'%s' and a whole number from %llu to %llu",
			 key, (unsigned long long)least, (unsigned long long)most);
	if (next_line(lines, expected, error))
		return -1;
	line = lines->words;
	if (!take_key(lines, key) || !take_number(lines, base, most, out) || *out < least ||
	    *lines->words)
		return wrong_line(lines, line, expected, error);
	return 0;
}

static int read_conv(struct race_spec *spec, struct lines *lines, struct error *error)
{
	static const char expected[] = "'conv' and sizes as in 1x56x56x64-64k3s1p1";
	const char *line;

	if (next_line(lines, expected, error))
		return -1;
	line = lines->words;
	if (!take_key(lines, "conv") || !conv_parse(&spec->conv, lines->words))
		return wrong_line(lines, line, expected, error);
	conv_sizes(&spec->conv, &spec->m, &spec->n, &spec->k);
	return 0;
}

static int read_shape(struct race_spec *spec, struct lines *lines, struct error *error)
{
	const uint64_t most = UINT64_C(1) << 31;
	const char *line;
	uint64_t size[3];

	if (next_line(lines, "'shape M N K'", error))
		return -1;
	line = lines->words;
	if (!take_key(lines, "shape") || !take_number(lines, 10, most, &size[0]) ||
	    !take_number(lines, 10, most, &size[1]) || !take_number(lines, 10, most, &size[2]) ||
	    *lines->words || !size[0] || !size[1] || !size[2])
		return wrong_line(lines, line, "'shape M N K', each from 1 to 2147483648,", error);
	spec->m = (int64_t)size[0];
	spec->n = (int64_t)size[1];
	spec->k = (int64_t)size[2];
	return 0;
}

static int read_operation(struct race_spec *spec, struct lines *lines, struct error *error)
{
	const char *line;
	int op = 0;

	if (next_line(lines, "'op' and an operation", error))
		return -1;
	line = lines->words;
	if (!take_key(lines, "op"))
		return wrong_line(lines, line, "'op' and an operation", error);
	while (op < QS_OPS && strcmp(op_name((enum qs_op)op), lines->words))
		op++;
	if (op == QS_OPS && strcmp(lines->words, network_operation.value.name))
		return wrong_line(lines, line, "'op' and an operation", error);
	spec->op = (enum qs_op)op;
	return spec->op == QS_CONV2D ? read_conv(spec, lines, error)
				     : read_shape(spec, lines, error);
}

static int read_numbers(struct race_spec *spec, struct lines *lines, struct error *error)
{
	uint64_t threads, batch, repetitions, ms, duel, handicap;

	if (number_line(lines, "threads", 10, 1, 1024, &threads, error) ||
	    number_line(lines, "batch", 10, 1, 1 << 20, &batch, error) ||
	    number_line(lines, "seed", 10, 0, UINT64_MAX, &spec->seed, error) ||
	    number_line(lines, "repetitions", 10, 1, REPETITIONS, &repetitions, error) ||
	    number_line(lines, "ms", 10, 1, 60000, &ms, error) ||
	    number_line(lines, "duel", 10, 0, DUEL_CHECKED, &duel, error) ||
	    number_line(lines, "handicap", 10, 0, 1000, &handicap, error))
		return -1;
	spec->threads = (int)threads;
	spec->batch = (int)batch;
	spec->repetitions = (int)repetitions;
	spec->repetition_ms = (int)ms;
	spec->duel = (enum duel_kind)duel;
	spec->handicap = (int)handicap;
	return 0;
}

/* KEY and a name of the table; NULL: its first, which goes without saying. */
static int name_line(struct lines *lines, const char *key, const char *expected,
		     const struct value *const *values, const struct value **found,
		     struct error *error)
{
	const char *line;

	if (next_line(lines, expected, error))
		return -1;
	line = lines->words;
	*found = take_key(lines, key) ? value_find(values, lines->words) : NULL;
	if (!*found)
		return wrong_line(lines, line, expected, error);
	if (*found == *values)
		*found = NULL;
	return 0;
}

static int read_detail(struct race_detail *detail, struct lines *lines, struct error *error)
{
	uint64_t zeros, bits;

	if (name_line(lines, "requantize", "'requantize' and a rule of `quantsweep list`",
		      requantization_values, &detail->requantization, error) ||
	    number_line(lines, "zeros", 10, 0, 1, &zeros, error) ||
	    number_line(lines, "w_bits", 10, LEAST_BITS, ALL_BITS, &bits, error) ||
	    name_line(lines, "w_values", "'w_values' and one of `quantsweep list w_values`",
		      weight_values, &detail->w_values, error))
		return -1;
	detail->w_zeros = zeros;
	detail->w_bits = bits < ALL_BITS ? (int)bits : 0;
	return 0;
}

static bool is_hash(const char *text, size_t length)
{
	return length == KEY_SIZE - 1 && strspn(text, "0123456789abcdef") >= length;
}

/* The lines that a network has beyond an op. */
static int read_network(struct race_spec *spec, struct lines *lines, struct error *error)
{
	static const char expected[] = "'network HASH NAME'", wanted[] = "'recipe' and its text";
	char shown[80], *space;

	if (spec->op != RUN_OF_NETWORK)
		return 0;
	if (next_line(lines, expected, error))
		return -1;
	snprintf(shown, sizeof shown, "%.79s", lines->words);
	space = take_key(lines, "network") ? strchr(lines->words, ' ') : NULL;
	if (!space || !space[1] || !is_hash(lines->words, (size_t)(space - lines->words)))
		return wrong_line(lines, shown, expected, error);
	*space = '\0';
	spec->content = lines->words;
	spec->network = space + 1;
	if (next_line(lines, wanted, error))
		return -1;
	snprintf(shown, sizeof shown, "%.79s", lines->words);
	if (!take_key(lines, "recipe") || !*lines->words)
		return wrong_line(lines, shown, wanted, error);
	spec->recipe = lines->words;
	return 0;
}

/* The current line is a library's. */
static bool read_library(struct race_spec *spec, struct lines *lines)
{
	char *space = strchr(lines->words, ' ');

	if (!space || !space[1] || !is_hash(lines->words, (size_t)(space - lines->words)) ||
	    spec->library_count == SPEC_LIBRARIES_MAX)
		return false;
	*space = '\0';
	spec->library[spec->library_count++] = (struct spec_library){ lines->words, space + 1 };
	return true;
}

static bool read_runner(struct race_spec *spec, struct lines *lines, bool named)
{
	uint64_t library;

	if (!take_number(lines, 10, SPEC_LIBRARIES_MAX, &library) || !*lines->words ||
	    strchr(lines->words, ' ') || library >= (uint64_t)spec->library_count ||
	    spec->runner_count == RUNNERS_MAX)
		return false;
	spec->runner[spec->runner_count++] =
		(struct spec_runner){ (int)library, lines->words, named };
	return true;
}

static int read_lists(struct race_spec *spec, struct lines *lines, struct error *error)
{
	static const char expected[] =
		"'library HASH PATH', then 'runner LIBRARY KERNEL', then 'end'";

	for (;;) {
		char shown[80];
		bool good;

		if (next_line(lines, expected, error))
			return -1;
		snprintf(shown, sizeof shown, "%.79s", lines->words);
		if (!strcmp(lines->words, "end") &&
		    (spec->duel ? spec->runner_count == 2 : spec->runner_count > 0))
			return 0;
		if (!spec->runner_count && take_key(lines, "library"))
			good = read_library(spec, lines);
		else
			good = (take_key(lines, "runner") && read_runner(spec, lines, false)) ||
			       (take_key(lines, "named") && read_runner(spec, lines, true));
		if (!good)
			return wrong_line(lines, shown, expected, error);
	}
}

int race_spec_read(struct race_spec *spec, char *text, struct error *error)
{
	struct lines lines = { .next = text };

	*spec = (struct race_spec){ 0 };
	if (next_line(&lines, "'" HEAD "'", error))
		return -1;
	if (strcmp(lines.words, HEAD))
		return wrong_line(&lines, lines.words, "'" HEAD "'", error);
	if (number_line(&lines, "cpu", 16, 0, UINT64_MAX, &spec->cpu, error) ||
	    read_operation(spec, &lines, error) || read_numbers(spec, &lines, error) ||
	    read_detail(&spec->detail, &lines, error) || read_network(spec, &lines, error) ||
	    read_lists(spec, &lines, error))
		return -1;
	if (*lines.next) {
		lines.number++;
		return wrong_line(&lines, lines.next, "nothing more", error);
	}
	return 0;
}

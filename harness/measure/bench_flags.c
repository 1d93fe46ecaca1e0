/* SPDX-License-Identifier: MIT */
#include "bench_flags.h"

#include "../text.h"

#include <ctype.h>
#include <errno.h>
#include <math.h>
#include <regex.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct {
	const char *name, *argument;
	enum bench_flag_kind kind;
	double least, most;
} flags[] = {
#define ROW(flag, name, argument, kind, least, most, help) { name, argument, kind, least, most },
	BENCH_FLAGS(ROW)
#undef ROW
};

const char *const bench_context_keys[] = {
	[CONTEXT_QUANTSWEEP] = "quantsweep",
	[CONTEXT_RACE] = "race",
	[CONTEXT_LIBRARIES] = "libraries",
	[CONTEXT_CPU_FEATURES] = "cpu_features",
	[CONTEXT_SEED] = "seed",
};

static bool is_word_of(const char *word, const char *words)
{
	const size_t length = strlen(word);

	for (const char *at = words; at; at = strchr(at, '|')) {
		at += *at == '|';
		if (length && !strncmp(at, word, length) && (!at[length] || at[length] == '|'))
			return true;
	}
	return false;
}

int bench_flag_is_true(const char *value)
{
	return !value || is_word_of(value, "true|yes|on|1|t|y");
}

static int check_number(enum bench_flag flag, const char *value, struct error *error)
{
	const bool whole = flags[flag].kind == FLAG_WHOLE;
	double number;
	char *end;

	errno = 0;
	number = strtod(value, &end);
	if (end != value && !*end && !errno && strspn(value, "+-.0123456789eE") == strlen(value) &&
	    number >= flags[flag].least && number <= flags[flag].most &&
	    (!whole || strspn(value, "0123456789") == strlen(value)))
		return 0;
	return fail(error, STATUS_INPUT, "%s '%s': expected a %snumber from %g to %g",
		    flags[flag].name, value, whole ? "whole " : "", flags[flag].least,
		    flags[flag].most);
}

static int compile(regex_t *regex, const char *filter, struct error *error)
{
	const int code = regcomp(regex, filter, REG_EXTENDED | REG_NOSUB);
	char why[200];

	if (!code)
		return 0;
	regerror(code, regex, why, sizeof why);
	return fail(error, STATUS_INPUT,
		    "--benchmark_filter '%s': no POSIX extended regular expression: %s", filter,
		    why);
}

int bench_filter_takes(const char *filter, const char *name, struct error *error)
{
	const bool without = filter && *filter == '-';
	regex_t regex;
	int found;

	if (!filter || !strcmp(filter, "all"))
		return 1;
	if (compile(&regex, filter + without, error))
		return -1;
	found = !regexec(&regex, name, 0, NULL, 0);
	regfree(&regex);
	return found != without;
}

static bool is_key(const char *pair, size_t length, const char *key)
{
	return strlen(key) == length && !memcmp(pair, key, length);
}

static int check_context(const char *value, struct error *error)
{
	for (const char *pair = value; pair; pair = strchr(pair, ',')) {
		pair += *pair == ',' && pair != value;
		const size_t length = strcspn(pair, ",=");

		if (!length || pair[length] != '=' ||
		    strcspn(pair + length + 1, ",=") != strcspn(pair + length + 1, ","))
			return fail(error, STATUS_INPUT,
				    "--benchmark_context '%s': expected KEY=VALUE, more of them "
				    "behind commas",
				    value);
		for (int i = 0; i < BENCH_CONTEXT_COUNT; i++)
			if (is_key(pair, length, bench_context_keys[i]))
				return fail(error, STATUS_INPUT,
					    "--benchmark_context '%s': the context has a '%s' "
					    "already; choose another key",
					    value, bench_context_keys[i]);
		for (const char *other = value; other < pair; other += strcspn(other, ",") + 1)
			if (strcspn(other, "=") == length && !memcmp(other, pair, length))
				return fail(error, STATUS_INPUT,
					    "--benchmark_context '%s': '%.*s' stands there twice",
					    value, (int)length, pair);
	}
	return 0;
}

static int check_value(enum bench_flag flag, const char *value, struct error *error)
{
	switch (flags[flag].kind) {
	case FLAG_BOOL:
		if (bench_flag_is_true(value) || is_word_of(value, "false|no|off|0|f|n"))
			return 0;
		return fail(error, STATUS_INPUT, "%s '%s': expected true or false",
			    flags[flag].name, value);
	case FLAG_WHOLE:
	case FLAG_REAL:
		return check_number(flag, value, error);
	case FLAG_WORD:
		if (is_word_of(value, flags[flag].argument))
			return 0;
		return fail(error, STATUS_INPUT, "%s '%s': expected one of %s", flags[flag].name,
			    value, flags[flag].argument);
	case FLAG_REGEX:
		return bench_filter_takes(value, "", error) < 0 ? -1 : 0;
	case FLAG_CONTEXT:
		return check_context(value, error);
	default:
		return 0;
	}
}

char *bench_flag_text(const struct env *env, enum bench_flag flag, const char *value,
		      struct error *error)
{
	if (check_value(flag, value, error))
		return NULL;
	if (flags[flag].kind == FLAG_BOOL)
		value = bench_flag_is_true(value) ? "true" : "false";
	return env_print(env, error, "%s=%s", flags[flag].name, value);
}

int bench_environment_check(struct error *error)
{
	for (int i = 0; i < BENCH_FLAG_COUNT; i++) {
		char name[64];
		size_t length = 0;

		for (const char *c = flags[i].name + 2; *c && length < sizeof name - 1; c++)
			name[length++] = (char)toupper((unsigned char)*c);
		name[length] = '\0';
		if (!strncmp(name, "BENCHMARK_", 10) && getenv(name))
			return fail(error, STATUS_INPUT,
				    "%s is set in the environment; unset it and give %s instead",
				    name, flags[i].name);
	}
	return 0;
}

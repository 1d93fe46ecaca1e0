/* SPDX-License-Identifier: MIT */
#include "command.h"

#include "../axes/tables.h"
#include "../quote.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static int wrong_option(const struct command *command, const char *name, struct error *error)
{
	const char *names[64];
	char otherwise[80];
	size_t count = 0;

	for (const struct option *o = command->options; o && o->name && count < 63; o++)
		names[count++] = o->name;
	names[count++] = "--help";
	snprintf(otherwise, sizeof otherwise, "`quantsweep %s --help` lists the options",
		 command->name);
	fail_unknown(error, nearest_name(name, names, count), otherwise, "%s: unknown option '%s'",
		     command->name, name);
	return OPTION_WRONG;
}

static int take_argument(struct option_walk *walk, const struct option *option, const char *equals,
			 const char **value, struct error *error)
{
	const char *name = walk->command->name;

	*value = NULL;
	if (!option->argument) {
		if (!equals)
			return 0;
		return fail(error, STATUS_INPUT, "%s: option %s takes no value, found '%s'", name,
			    option->name, equals + 1);
	}
	if (!equals && *option->argument == '[')
		return 0;
	if (equals)
		*value = equals + 1;
	else if (walk->next < walk->argc)
		*value = walk->argv[walk->next++];
	if (!*value || !**value)
		return fail(error, STATUS_INPUT, "%s: option %s wants a value: %s %s", name,
			    option->name, option->name, option->argument);
	return 0;
}

int option_next(struct option_walk *walk, const char **value, struct error *error)
{
	const struct option *options = walk->command->options;
	const char *word, *equals;
	size_t length;

	if (!walk->next)
		walk->next = 1;
	if (walk->next >= walk->argc)
		return OPTION_END;
	word = walk->argv[walk->next++];
	if (!walk->words_only && !strcmp(word, "--")) {
		walk->words_only = true;
		return option_next(walk, value, error);
	}
	if (walk->words_only || word[0] != '-' || !word[1]) {
		*value = word;
		return OPTION_WORD;
	}
	equals = strchr(word, '=');
	length = equals ? (size_t)(equals - word) : strlen(word);
	for (int i = 0; options && options[i].name; i++) {
		if (strlen(options[i].name) != length || memcmp(options[i].name, word, length))
			continue;
		if (walk->seen >> i & 1 && !options[i].many) {
			fail(error, STATUS_INPUT, "%s: option %s is given twice; give it once",
			     walk->command->name, options[i].name);
			return OPTION_WRONG;
		}
		walk->seen |= 1ull << i;
		return take_argument(walk, &options[i], equals, value, error) ? OPTION_WRONG : i;
	}
	return wrong_option(walk->command, word, error);
}

int option_word(const struct command *command, const char *what, const char **place,
		const char *value, struct error *error)
{
	if (*place)
		return fail(error, STATUS_INPUT, "%s: one %s at a time, found '%s' and '%s'",
			    command->name, what, *place, value);
	*place = value;
	return 0;
}

int option_whole(const char *name, const char *value, long long least, long long most,
		 long long *out, struct error *error)
{
	char *end;

	errno = 0;
	*out = strtoll(value, &end, 10);
	if (errno || end == value || *end || *out < least || *out > most)
		return fail(error, STATUS_INPUT,
			    "%s '%s': expected a whole number from %lld to %lld", name, value,
			    least, most);
	return 0;
}

int option_isa(struct env *env, const char *name, struct error *error)
{
	const struct value *value = value_find(isa_values, name);
	const struct isa *isa = (const struct isa *)value;

	if (!value)
		return fail_unknown(error, value_nearest(isa_values, name),
				    "`quantsweep list isa` prints the known ones",
				    "--isa '%s': unknown", name);
	if (isa->features & ~env->cpu)
		return fail(error, STATUS_INPUT,
			    "--isa '%s': this CPU lacks it; choose one that `quantsweep list isa` "
			    "marks",
			    name);
	env->cpu &= isa->features;
	return 0;
}

char *command_as_typed(const struct env *env, int argc, char **argv, struct error *error)
{
	struct text text = { .env = env };

	text_add(&text, "quantsweep");
	for (int i = 0; i < argc; i++) {
		text_add(&text, " ");
		text_add_shell(&text, argv[i], "");
	}
	return text_take(&text, error);
}

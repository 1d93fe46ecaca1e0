/* SPDX-License-Identifier: MIT */
#include "store.h"

#include <string.h>

static void add_quoted(struct text *out, const char *text)
{
	for (const char *c = text; *c; c++)
		if (*c == '\'')
			text_add(out, "'\\''");
		else
			text_add_bytes(out, c, 1);
}

/* A word as a shell takes it back: in quotes where it holds more than plain characters. */
static void add_word(struct text *out, const char *option, const char *word)
{
	static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
				    "_-./:,=+@%";

	text_add(out, " %s", option);
	if (*word && !word[strspn(word, plain)]) {
		text_add(out, "%s", word);
		return;
	}
	text_add(out, "'");
	add_quoted(out, word);
	text_add(out, "'");
}

/* Is `store` the file that `run` would take by itself, results/NAME.db? */
static bool is_own_store(const char *store, const char *name)
{
	static const char folder[] = "results/";
	const size_t length = name ? strlen(name) : 0;

	if (!strncmp(store, "./", 2))
		store += 2;
	if (!name || strncmp(store, folder, sizeof folder - 1))
		return false;
	store += sizeof folder - 1;
	return !strncmp(store, name, length) && !strcmp(store + length, ".db");
}

void store_again(struct text *out, const struct again *again)
{
	text_add(out, "quantsweep run");
	add_word(out, "", again->config);
	if (again->data)
		add_word(out, "--data ", again->data);
	if (again->store && !is_own_store(again->store, again->config_name))
		add_word(out, "--store ", again->store);
	text_add(out, " --again --only 'label=");
	add_quoted(out, again->label);
	text_add(out, "'");
}

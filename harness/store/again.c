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

void store_again(struct text *out, const char *config, const char *data, const char *store,
		 const char *label)
{
	text_add(out, "quantsweep run");
	add_word(out, "", config);
	if (data)
		add_word(out, "--data ", data);
	if (store)
		add_word(out, "--store ", store);
	text_add(out, " --again --only 'label=");
	add_quoted(out, label);
	text_add(out, "'");
}

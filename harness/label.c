/* SPDX-License-Identifier: MIT
 *
 * Labels: one function writes them, one reads them back.
 */
#include "plan.h"

#include "text.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static const char bar[] = " | ";

static bool has_recipe(const struct label *label)
{
	return label->recipe.weights.format || label->recipe.activations.format;
}

static const char zeros[] = "zeros";

void race_detail_write(struct text *out, const struct race_detail *detail)
{
	if (detail->requantization)
		text_add(out, " %s", detail->requantization->name);
	if (detail->w_zeros)
		text_add(out, " %s", zeros);
}

char *label_write(const struct label *label, const struct env *env, struct error *error)
{
	struct text text = { .env = env };

	text_add_escaped(&text, label->subject);
	if (has_recipe(label)) {
		struct text recipe = { .env = env };

		recipe_write(&recipe, &label->recipe);
		text_add(&text, " %s", recipe.failed ? "" : recipe.bytes);
		text.failed |= recipe.failed;
		text_free(&recipe);
	}
	if (label->kernel) {
		text_add(&text, "%s", bar);
		text_add_escaped(&text, label->kernel);
		text_add(&text, " t%d b%d %s", label->threads, label->batch, label->cache->name);
		race_detail_write(&text, &label->detail);
	}
	return text_take(&text, error);
}

/* A copy of `length` bytes with its %XX undone. */
static char *read_name(const struct env *env, const char *label, const char *start, size_t length,
		       struct error *error)
{
	char *name = env_new(env, length + 1, 1, "a label", error);

	if (!name)
		return NULL;
	memcpy(name, start, length);
	if (length && text_unescape(name))
		return name;
	env_free(env, name);
	fail(error, STATUS_INPUT,
	     "label '%s': found '%.*s', expected a name, special characters as %%XX", label,
	     (int)(length < 60 ? length : 60), start);
	return NULL;
}

/* LETTER and a whole number without leading zeros from 1 to `most`; *at goes behind it and a
 * space. */
static int read_count(const char *label, const char **at, char letter, long most, int *count,
		      struct error *error)
{
	char *end = NULL;
	long number = 0;

	errno = 0;
	if (**at == letter && (*at)[1] >= '1' && (*at)[1] <= '9')
		number = strtol(*at + 1, &end, 10);
	if (number < 1 || number > most || errno || *end != ' ')
		return fail(error, STATUS_INPUT,
			    "label '%s': found '%.20s', expected %c and a number from "
			    "1 to %ld, as in %c1",
			    label, *at, letter, most, letter);
	*count = (int)number;
	*at = end + 1;
	return 0;
}

/* " WORD" where it stands at *at, which then goes behind it. */
static bool take_word(const char **at, const char *word)
{
	const size_t length = strlen(word);

	if (**at != ' ' || strncmp(*at + 1, word, length) ||
	    ((*at)[1 + length] && (*at)[1 + length] != ' '))
		return false;
	*at += 1 + length;
	return true;
}

/* What differs from the usual: a requantization but the first, "zeros". */
static int read_detail(struct race_detail *detail, const char *text, const char *at,
		       struct error *error)
{
	for (const struct value *const *v = requantization_values + 1;
	     *v && !detail->requantization; v++)
		if (take_word(&at, (*v)->name))
			detail->requantization = *v;
	detail->w_zeros = take_word(&at, zeros);
	if (*at)
		return fail(error, STATUS_INPUT,
			    "label '%s': found '%.40s', expected a requantization other than "
			    "'%s', '%s' behind it, or the end",
			    text, at, (*requantization_values)->name, zeros);
	return 0;
}

/* KERNEL t1 b1 warm rndnu zeros */
static int read_timing(struct label *label, const struct env *env, const char *text,
		       const char *timing, struct error *error)
{
	const size_t length = strcspn(timing, " ");
	const char *at = timing + length + (timing[length] == ' ');

	label->kernel = read_name(env, text, timing, length, error);
	if (!label->kernel || read_count(text, &at, 't', 1024, &label->threads, error) ||
	    read_count(text, &at, 'b', 65536, &label->batch, error))
		return -1;
	for (const struct value *const *v = cache_values; *v; v++)
		if (!strncmp(at, (*v)->name, strcspn(at, " ")) && !(*v)->name[strcspn(at, " ")])
			label->cache = *v;
	if (!label->cache)
		return fail(error, STATUS_INPUT,
			    "label '%s': unknown cache '%s'; `quantsweep list cache` "
			    "prints the known ones",
			    text, at);
	return read_detail(&label->detail, text, at + strlen(label->cache->name), error);
}

static int read_recipe(struct label *label, const struct env *env, const char *text,
		       const char *start, size_t length, struct error *error)
{
	char *recipe = env_new(env, length + 1, 1, "a label", error);
	int failed;

	if (!recipe)
		return -1;
	memcpy(recipe, start, length);
	failed = recipe_read(&label->recipe, env, recipe, error);
	env_free(env, recipe);
	return failed ? fail_prefix(error, "label '%s': ", text) : 0;
}

int label_read(struct label *label, const struct env *env, const char *text, struct error *error)
{
	const char *timing = strstr(text, bar);
	const size_t front = timing ? (size_t)(timing - text) : strlen(text);
	size_t name = strcspn(text, " ");
	int failed;

	*label = (struct label){ 0 };
	name = name < front ? name : front;
	label->subject = read_name(env, text, text, name, error);
	failed = !label->subject;
	if (!failed && name < front)
		failed = read_recipe(label, env, text, text + name + 1, front - name - 1, error);
	if (!failed && timing)
		failed = read_timing(label, env, text, timing + strlen(bar), error);
	if (!failed && !timing && name == front)
		failed = fail(error, STATUS_INPUT,
			      "label '%s': expected a recipe behind the subject, or "
			      "'%s' and a kernel",
			      text, bar);
	if (failed)
		label_free(label, env);
	return failed ? -1 : 0;
}

void label_free(struct label *label, const struct env *env)
{
	env_free(env, label->subject);
	env_free(env, label->kernel);
	recipe_free(&label->recipe, env);
	label->subject = label->kernel = NULL;
}

/* SPDX-License-Identifier: MIT
 *
 * One word of a recipe's text.
 */
#include "recipe_reader.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

int reader_take(struct recipe_reader *reader, const char *ends)
{
	size_t length = 0;
	bool inside = false;

	for (; reader->at[length]; length++) {
		const char c = reader->at[length];

		if (!inside && strchr(ends, c))
			break;
		inside = c == '(' || (inside && c != ')');
	}
	if (!length || length >= sizeof reader->word)
		return fail(reader->error, STATUS_INPUT,
			    "recipe '%s': found '%.*s' at character %zu, "
			    "expected a word of 1 to %d characters",
			    reader->text, (int)(length < 40 ? length : 40), reader->at,
			    (size_t)(reader->at - reader->text) + 1, POLICY_NAME_SIZE - 1);
	memcpy(reader->word, reader->at, length);
	reader->word[length] = '\0';
	reader->at += length;
	return 0;
}

static int unknown_word(struct recipe_reader *reader, const char *axis,
			const struct value *const *values, const char *name)
{
	char otherwise[80];

	snprintf(otherwise, sizeof otherwise, "`quantsweep list %s` prints the known ones", axis);
	return fail_unknown(reader->error, value_nearest(values, name), otherwise,
			    "recipe '%s': unknown %s '%s'", reader->text, axis, name);
}

int reader_value(struct recipe_reader *reader, const char *axis,
		      const struct value *const *values, const struct value **value)
{
	*value = value_find(values, reader->word);
	return *value ? 0 : unknown_word(reader, axis, values, reader->word);
}

int reader_whole(struct recipe_reader *reader, const char *digits, uint64_t most,
		      uint64_t *number)
{
	const size_t length = strlen(digits);

	errno = 0;
	*number = strtoull(digits, NULL, 10);
	if (!length || length != strspn(digits, "0123456789") || (*digits == '0' && length > 1) ||
	    errno || *number > most)
		return fail(reader->error, STATUS_INPUT,
			    "recipe '%s': found '%s', expected a whole number "
			    "from 0 to %llu",
			    reader->text, reader->word, (unsigned long long)most);
	return 0;
}

int reader_split(struct recipe_reader *reader, char **parameter)
{
	char *open = strchr(reader->word, '('), *close = strchr(reader->word, ')');

	*parameter = NULL;
	if (!open && !close)
		return 0;
	if (!open || !close || close < open || close[1])
		return fail(reader->error, STATUS_INPUT,
			    "recipe '%s': the brackets in '%s' do not close "
			    "at its end",
			    reader->text, reader->word);
	*open = *close = '\0';
	*parameter = open + 1;
	return 0;
}

int reader_number(struct recipe_reader *reader, const struct value *value, const char *text,
		       double *number)
{
	char *end;

	*number = strtod(text, &end);
	if (!*text || *end || text[strspn(text, "0123456789+-.e")] || !(*number >= value->least) ||
	    !(*number <= value->most))
		return fail(reader->error, STATUS_INPUT,
			    "recipe '%s': %s(%s): expected a number from %.10g to %.10g",
			    reader->text, value->name, text, value->least, value->most);
	*number += 0.0;          /* there is no -0 */
	if (value->whole && *number != floor(*number))
		return fail(reader->error, STATUS_INPUT,
			    "recipe '%s': %s: found %s, expected a whole number", reader->text,
			    value->name, text);
	return 0;
}

int reader_wrong_brackets(struct recipe_reader *reader, const char *axis,
			  const struct value *value, bool has)
{
	return fail(reader->error, STATUS_INPUT,
		    "recipe '%s': %s '%s' %s a parameter in brackets", reader->text, axis,
		    value->name, has ? "has not" : "needs");
}

int reader_spelling(struct recipe_reader *reader, const char *axis, const char *asked,
		    const char *written)
{
	return !strcmp(written, asked) ? 0
				       : fail(reader->error, STATUS_INPUT,
					      "recipe '%s': %s '%s' is spelled '%s'", reader->text,
					      axis, asked, written);
}

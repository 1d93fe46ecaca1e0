/* SPDX-License-Identifier: MIT
 *
 * What the files of recipe_read share: recipe_read.c (the whole, and the words behind the rules),
 * recipe_read_rule.c (one rule), recipe_read_word.c (one word: its end, its name, its numbers).
 */
#ifndef QS_RECIPE_READER_H
#define QS_RECIPE_READER_H

#include "recipe.h"

/* A reader walks the text; a part that it took is in `word`. */
struct recipe_reader {
	const struct env *env;
	const char *text, *at;
	char word[POLICY_NAME_SIZE];     /* the longest word of all                      */
	struct error *error;
};

/* Each returns 0, or -1 with a sentence.
 *
 * Takes the part up to a character of `ends` that is not inside brackets. */
int reader_take(struct recipe_reader *reader, const char *ends);
/* The value that the word names. */
int reader_value(struct recipe_reader *reader, const char *axis, const struct value *const *values,
		 const struct value **value);
/* Digits without sign, space or leading zero, so that one number has one spelling. */
int reader_whole(struct recipe_reader *reader, const char *digits, uint64_t most, uint64_t *number);
/* Splits `name(parameter)` of the word; *parameter is NULL where there are no brackets. */
int reader_split(struct recipe_reader *reader, char **parameter);
/* The number in the brackets behind a word that stands for `value`. */
int reader_number(struct recipe_reader *reader, const struct value *value, const char *text,
		  double *number);
/* Fails: a parameter that is there, or is not, against the table. */
int reader_wrong_brackets(struct recipe_reader *reader, const char *axis, const struct value *value,
			  bool has);
/* One value has one spelling: what was asked for is what is written. */
int reader_spelling(struct recipe_reader *reader, const char *axis, const char *asked,
		    const char *written);
/* FORMAT, or FORMAT.SCHEME.SCALE.GRANULARITY.CALIBRATION, of activations also .RANGE */
int reader_rule(struct recipe_reader *reader, struct rule *rule, bool has_range);

#endif

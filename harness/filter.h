/* SPDX-License-Identifier: MIT
 *
 * FILTER of --only, --where and "exclude": COLUMN=GLOB, also != and, on numbers, < <= > >=, joined
 * by ',' (and); a repeated option is "or".  Columns are those of view `choice`, or `label`.
 *
 * Spaces around a column, a sign and a whole pattern do not count.  A ',' inside a name is written
 * '?' or, in a label, %2C.
 */
#ifndef QS_FILTER_H
#define QS_FILTER_H

#include "env.h"

#include <stdbool.h>

enum compare { COMPARE_GLOB, COMPARE_NOT_GLOB, COMPARE_LT, COMPARE_LE, COMPARE_GT, COMPARE_GE };

struct filter_term {
	char *column;
	enum compare compare;
	char *pattern;          /* the text right of the sign                            */
	double number;          /* of < <= > >=                                          */
	size_t group;           /* terms of one group are joined by "and", groups by "or" */
};

struct filter {                 /* empty: everything matches                             */
	const struct env *env;
	size_t count, capacity, groups;
	struct filter_term *terms;
};

/* Parses one FILTER and adds it as a new "or" group.  The sentence quotes it and says what was
 * expected; the column's name is not checked here. */
int filter_add(struct filter *filter, const struct env *env, const char *text,
	       struct error *error);
void filter_free(struct filter *filter);

/* The promised columns of view `choice`, those of a network's data, and `label`, ended by a NULL
 * name. */
struct filter_column {
	const char *name;
	bool measured;          /* known only after measuring                            */
};
extern const struct filter_column filter_columns[];

/* Every column of the filter is one that a plan knows before it measures; an unknown one is
 * answered with the nearest.  The sentence has no place in it: see fail_prefix. */
int filter_check(const struct filter *filter, struct error *error);

/* A column's value as text (NULL: the column is NULL), or -1 where there is no such column. */
typedef int filter_lookup(void *self, const char *column, const char **value);
/* 1 matches, 0 does not, -1 unknown column (*unknown names it).  NULL matches nothing, not even
 * !=, as in SQL; nor does a text that is no number match < <= > >=. */
int filter_match(const struct filter *filter, filter_lookup *lookup, void *self,
		 const char **unknown);

#endif

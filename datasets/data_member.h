/* SPDX-License-Identifier: MIT
 *
 * One array of a file, as the config names it: PATH, or PATH#NAME, where NAME is a member or, of a
 * table, a column.  Without a name it is the first one.
 */
#ifndef QS_DATA_MEMBER_H
#define QS_DATA_MEMBER_H

#include "readers/reader.h"

struct data_member {
	struct tensor_file file;
	const struct tensor_info *info;
	int64_t column; /* of a table, the one that is meant; -1: all            */
};

/* folder: of relative paths, may be NULL. */
int data_member_open(struct data_member *member, const struct env *env, const char *folder,
		     const char *name, struct error *error);
void data_member_close(struct data_member *member);
/* A column by its header's name or its number; -1 with a sentence. */
int64_t data_member_column(const struct data_member *member, const char *name, struct error *error);
int data_member_values(const struct data_member *member, int64_t first, int64_t count, double *out,
		       struct error *error);
/* A list of single values: how many, and one of them. */
int64_t data_member_lines(const struct data_member *member);
int data_member_line(const struct data_member *member, int64_t index, double *out,
		     struct error *error);

#endif

/* SPDX-License-Identifier: MIT
 *
 * Files by pattern: a path, or a glob with *, ?, [...] and ** over folders.
 */
#ifndef QS_PATHS_H
#define QS_PATHS_H

#include "../harness/env.h"

#include <stdbool.h>

enum {
	PATHS_DEPTH_MOST = 32,          /* folders in folders                            */
	PATHS_ENTRIES_MOST = 200000     /* files and folders looked at for one pattern   */
};

struct paths {
	const struct env *env;
	size_t count, capacity;
	char **names;           /* as in labels: relative to the data folder, or absolute where
				 * the pattern is; sorted by byte order                   */
	size_t others;          /* files that match and that no reader reads             */
};

bool path_is_glob(const char *pattern);
/* data/name, or name where it is absolute. */
char *path_join(const struct env *env, const char *data, const char *name, struct error *error);

/* A pattern that is an existing file's name is that file.  Symbolic links are followed, except to a
 * folder that the walk is already in; names that start with a dot are passed over.  An unreadable
 * folder, too deep or too many entries are errors. */
int paths_find(struct paths *paths, const struct env *env, const char *data, const char *pattern,
	       struct error *error);
void paths_free(struct paths *paths);

#endif

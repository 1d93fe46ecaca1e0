/* SPDX-License-Identifier: MIT
 *
 * A file beside which a killed process left a journal: SQLite takes the unfinished transaction back
 * when it opens the file for writing, and a file is not written to before it is known to be ours.
 */
#include "store_internal.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static int copy_file(const char *from, const char *to, struct error *error)
{
	char block[1 << 14];
	FILE *in = fopen(from, "rb"), *out = in ? fopen(to, "wb") : NULL;
	bool good = out != NULL;
	size_t count;

	while (good && (count = fread(block, 1, sizeof block, in)) > 0)
		good = fwrite(block, 1, count, out) == count;
	good = good && !ferror(in);
	if (in)
		fclose(in);
	if (out && fclose(out))
		good = false;
	return good ? 0
		    : fail(error, STATUS_MACHINE,
			   "%s: a killed process left a transaction unfinished, and a copy to look "
			   "at first cannot be made: %s; check the rights on the folder and its "
			   "space",
			   from, strerror(errno));
}

static int check_copy(const char *copy, const char *path, long long bytes, struct error *error)
{
	sqlite3 *db;
	int result;

	if (open_database(&db, copy, SQLITE_OPEN_READWRITE, false, error))
		return -1;
	result = check_database(db, path, bytes, error);
	sqlite3_close(db);
	return result;
}

int check_unfinished(const struct env *env, const char *path, long long bytes, struct error *error)
{
	static const char *const endings[] = { "-journal", "-wal", "-shm", "" };
	char *copy = env_print(env, error, "%s.copy-%ld", path, (long)getpid());
	char *journal = copy ? env_print(env, error, "%s-journal", path) : NULL;
	char *name = journal ? env_print(env, error, "%s-journal", copy) : NULL;
	int result = name ? 0 : -1;

	if (!result)
		result = copy_file(path, copy, error);
	if (!result)
		result = copy_file(journal, name, error);
	if (!result)
		result = check_copy(copy, path, bytes, error);
	for (size_t i = 0; name && i < sizeof endings / sizeof *endings; i++) {
		snprintf(name, strlen(copy) + sizeof "-journal", "%s%s", copy, endings[i]);
		unlink(name);
	}
	env_free(env, name);
	env_free(env, journal);
	env_free(env, copy);
	return result;
}

/* SPDX-License-Identifier: MIT
 *
 * Opening and closing: a file that is refused keeps every byte, a new one appears whole.
 *
 * A refused file must not be written to, and SQLite writes when it opens (it rolls back, it carries
 * a log over).  So a file is looked at first through a connection that cannot write, then opened.
 */
#include "store_internal.h"

#include "../files.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

enum { BUSY_MS = 10000, WAL_TRIES = 200, WAL_WAIT_MS = 50 };

/* ?, # and % are escaped: `file:NAME?immutable=1`.  The slash keeps ":memory:" and "file:" files.
 */
static char *database_uri(const char *path, bool immutable)
{
	sqlite3_str *uri = sqlite3_str_new(NULL);

	sqlite3_str_appendall(uri, *path == '/' ? "file:" : "file:./");
	for (const char *c = path; *c; c++)
		if (strchr("?#%", *c))
			sqlite3_str_appendf(uri, "%%%02X", (unsigned char)*c);
		else
			sqlite3_str_appendchar(uri, 1, *c);
	if (immutable)
		sqlite3_str_appendall(uri, "?immutable=1");
	return sqlite3_str_finish(uri);
}

static void trust_nothing(sqlite3 *db)
{
	enum { TEXT_LIMIT = 64 << 20, SQL_LIMIT = 1 << 20, DEPTH_LIMIT = 200, COLUMN_LIMIT = 500 };

	sqlite3_extended_result_codes(db, 1);
	sqlite3_busy_timeout(db, BUSY_MS);
	sqlite3_db_config(db, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
	sqlite3_db_config(db, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, NULL);
	sqlite3_db_config(db, SQLITE_DBCONFIG_ENABLE_TRIGGER, 0, NULL);
	sqlite3_db_config(db, SQLITE_DBCONFIG_ENABLE_LOAD_EXTENSION, 0, NULL);
	sqlite3_limit(db, SQLITE_LIMIT_LENGTH, TEXT_LIMIT);
	sqlite3_limit(db, SQLITE_LIMIT_SQL_LENGTH, SQL_LIMIT);
	sqlite3_limit(db, SQLITE_LIMIT_EXPR_DEPTH, DEPTH_LIMIT);
	sqlite3_limit(db, SQLITE_LIMIT_COLUMN, COLUMN_LIMIT);
	sqlite3_limit(db, SQLITE_LIMIT_ATTACHED, 0);
	sqlite3_limit(db, SQLITE_LIMIT_WORKER_THREADS, 0);
}

/* A store is used by one thread at a time: SQLite need not lock.  64 MiB of pages: with SQLite's
 * standard 2 MiB a run of 10,000 cells read its own pages again 35 times a cell. */
int open_database(sqlite3 **db, const char *path, int flags, bool immutable, struct error *error)
{
	static const char settings[] = "PRAGMA cell_size_check = ON; PRAGMA temp_store = MEMORY; "
				       "PRAGMA cache_size = -65536";
	char *uri = database_uri(path, immutable);
	int code, result;

	*db = NULL;
	if (!uri)
		return fail_sqlite(NULL, SQLITE_NOMEM, path, error);
	code = sqlite3_open_v2(uri, db, flags | SQLITE_OPEN_URI | SQLITE_OPEN_NOMUTEX, NULL);
	sqlite3_free(uri);
	if (code == SQLITE_OK) {
		trust_nothing(*db);
		code = sqlite3_exec(*db, settings, NULL, NULL, NULL);
	}
	if (code == SQLITE_OK)
		return 0;
	result = fail_sqlite(*db, code, path, error);
	sqlite3_close(*db);
	*db = NULL;
	return result;
}

/* Bytes of the file PATH + ending; 0 where there is none. */
static long long beside_bytes(const char *path, const char *ending)
{
	char name[4096];
	struct stat found;

	if (snprintf(name, sizeof name, "%s%s", path, ending) >= (int)sizeof name)
		return 0;
	return stat(name, &found) ? 0 : (long long)found.st_size;
}

/* *bytes gets the file's size, -1 where there is no file. */
static int look_at_file(const char *path, long long *bytes, struct error *error)
{
	struct stat found;

	*bytes = -1;
	if (!*path)
		return fail(error, STATUS_INPUT, "the path of the database is empty; name a file");
	if (stat(path, &found) && errno == ENOENT && !lstat(path, &found))
		return fail(
			error, STATUS_MACHINE,
			"%s: is a symbolic link to a file that is not there; remove it, or name "
			"the file itself",
			path);
	if (stat(path, &found))
		return errno == ENOENT ? 0
				       : fail(error, STATUS_MACHINE, "%s: cannot be read: %s", path,
					      strerror(errno));
	if (!S_ISREG(found.st_mode))
		return fail(error, STATUS_MACHINE, "%s: is %s, not a database; name a file", path,
			    S_ISDIR(found.st_mode) ? "a folder" : "no regular file");
	if (faccessat(AT_FDCWD, path, R_OK, AT_EACCESS))
		return fail(error, STATUS_MACHINE, "%s: cannot be read: %s; check its rights", path,
			    strerror(errno));
	if (!found.st_size)
		return fail(error, STATUS_MACHINE,
			    "%s: is empty, not a database; remove it, or choose "
			    "another file",
			    path);
	*bytes = (long long)found.st_size;
	return 0;
}

static int probe_once(const char *path, long long bytes, bool immutable, struct error *error)
{
	sqlite3 *db;
	int result;

	if (open_database(&db, path, SQLITE_OPEN_READONLY, immutable, error))
		return -1;
	result = check_database(db, path, bytes, error);
	sqlite3_close(db);
	return result;
}

/* Checks the file without a trace.  One with a log or a journal beside it is read with them; one
 * that a process began to write while it was being read looks damaged once and is read again.  A
 * journal that a killed process left cannot be carried out by reading. */
static int probe(const struct env *env, const char *path, long long bytes, struct error *error)
{
	const bool journal = beside_bytes(path, "-journal") > 0;
	const bool alone = !journal && !beside_bytes(path, "-wal");

	if (!probe_once(path, bytes, alone, error))
		return 0;
	if (beside_bytes(path, "-journal"))
		return check_unfinished(env, path, bytes, error);
	if (!journal && (!alone || !beside_bytes(path, "-wal")))
		return -1;
	return probe_once(path, bytes, false, error);
}

static int write_schema(const char *path, const char *named, struct error *error)
{
	sqlite3 *db;
	int code, result = 0;

	if (open_database(&db, path, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, false, error))
		return fail(error, STATUS_MACHINE,
			    "%s: cannot be made; check the rights on its folder, or name another "
			    "file with --store",
			    named);
	code = sqlite3_exec(db, "BEGIN", NULL, NULL, NULL);
	if (code == SQLITE_OK)
		code = sqlite3_exec(db, embedded_schema, NULL, NULL, NULL);
	if (code == SQLITE_OK)
		code = sqlite3_exec(db, "COMMIT", NULL, NULL, NULL);
	if (code != SQLITE_OK)
		result = fail_sqlite(db, code, named, error);
	sqlite3_close(db);
	return result;
}

/* Makes the file under another name and links it to its own, so that no half of it is ever seen; a
 * process that was faster wins. */
static int create(const struct env *env, const char *path, struct error *error)
{
	char *new;
	int result;

	if (folders_make(env, path, error))
		return -1;
	new = env_print(env, error, "%s.new-%ld", path, (long)getpid());
	if (!new)
		return -1;
	unlink(new);
	result = write_schema(new, path, error);
	if (!result && link(new, path) && errno != EEXIST && rename(new, path))
		result = fail(error, STATUS_MACHINE, "%s: cannot be made: %s", path,
			      strerror(errno));
	unlink(new);
	env_free(env, new);
	return result;
}

static struct store *store_new(const struct env *env, const char *path, struct error *error)
{
	struct store *store = env_new(env, 1, sizeof *store, "the store", error);

	if (!store)
		return NULL;
	store->env = env;
	store->path = env_copy_text(env, path, error);
	if (!store->path) {
		env_free(env, store);
		return NULL;
	}
	return store;
}

/* A log beside the file needs memory that is shared between processes, which a network's file
 * system has not. */
static bool on_network(const char *path)
{
	static const unsigned long networks[] = { 0x6969 /* NFS */,      0x517b /* SMB */,
						  0xff534d42 /* CIFS */, 0xfe534d42 /* SMB2 */,
						  0x01021997 /* 9P */,   0x65735546 /* FUSE */,
						  0x5346414f /* AFS */,  0x00c36400 /* Ceph */ };
	struct statfs found;

	if (statfs(path, &found))
		return false;
	for (size_t i = 0; i < sizeof networks / sizeof *networks; i++)
		if (((unsigned long)found.f_type & 0xffffffff) == networks[i])
			return true;
	return false;
}

/* The switch to a log needs the file alone for a moment, and SQLite does not wait for that. */
static int use_log(struct store *store, struct error *error)
{
	int code = SQLITE_BUSY;

	if (on_network(store->path))
		return 0;
	for (int i = 0; i < WAL_TRIES && (code & 0xff) == SQLITE_BUSY; i++) {
		if (i)
			sqlite3_sleep(WAL_WAIT_MS);
		code = sqlite3_exec(store->db, "PRAGMA journal_mode = WAL", NULL, NULL, NULL);
	}
	return code == SQLITE_OK ? 0 : fail_sqlite(store->db, code, store->path, error);
}

int store_open(struct store **out, const struct env *env, const char *path, struct error *error)
{
	struct store *store;
	long long bytes;

	*out = NULL;
	if (look_at_file(path, &bytes, error))
		return -1;
	if (bytes < 0 && create(env, path, error))
		return -1;
	if (bytes >= 0 && probe(env, path, bytes, error))
		return -1;
	store = store_new(env, path, error);
	if (!store)
		return -1;
	if (open_database(&store->db, path, SQLITE_OPEN_READWRITE, false, error))
		goto fail;
	if (sqlite3_db_readonly(store->db, "main") == 1) {
		fail(error, STATUS_MACHINE,
		     "%s: cannot be written; check its rights, or name another "
		     "file with --store",
		     path);
		goto fail;
	}
	if (use_log(store, error) ||
	    store_exec(store, "PRAGMA synchronous = NORMAL; PRAGMA foreign_keys = ON", error) ||
	    add_functions(store, error) || add_verdict(store, error))
		goto fail;
	*out = store;
	return 0;
fail:
	store_close(store);
	return -1;
}

/* For reading, a file is opened for writing where that is allowed, and then nothing is written: so
 * SQLite can take away at the end what it put beside the file. */
static int open_reader(struct store *store, struct error *error)
{
	static const struct {
		int flags;
		bool immutable;
	} ways[] = { { SQLITE_OPEN_READWRITE, false },
		     { SQLITE_OPEN_READONLY, false },
		     { SQLITE_OPEN_READONLY, true } };

	for (size_t i = 0; i < sizeof ways / sizeof *ways; i++) {
		if (ways[i].immutable && (beside_bytes(store->path, "-wal") ||
					  beside_bytes(store->path, "-journal")))
			break;
		if (open_database(&store->db, store->path, ways[i].flags, ways[i].immutable, error))
			continue;
		if (!store_exec(store, "SELECT count(*) FROM run", error))
			return 0;
		sqlite3_close(store->db);
		store->db = NULL;
	}
	return -1;
}

int store_open_read(struct store **out, const struct env *env, const char *path,
		    struct error *error)
{
	struct store *store;
	long long bytes;

	*out = NULL;
	if (look_at_file(path, &bytes, error))
		return -1;
	if (bytes < 0)
		return fail(error, STATUS_INPUT,
			    "%s: no such file; `quantsweep run CONFIG --store %s` makes "
			    "one",
			    path, path);
	if (probe(env, path, bytes, error))
		return -1;
	store = store_new(env, path, error);
	if (!store)
		return -1;
	if (open_reader(store, error) || add_functions(store, error) ||
	    add_verdict(store, error) || store_exec(store, "PRAGMA query_only = ON", error)) {
		store_close(store);
		return -1;
	}
	*out = store;
	return 0;
}

void store_close(struct store *store)
{
	if (!store)
		return;
	for (int i = 0; i < STATEMENTS; i++)
		sqlite3_finalize(store->statements[i]);
	sqlite3_close(store->db);
	env_free(store->env, store->path);
	env_free(store->env, store);
}

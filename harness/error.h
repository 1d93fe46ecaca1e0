/* SPDX-License-Identifier: MIT
 *
 * Errors go up as a status with one sentence; only main prints it and exits.
 *
 * The sentence names the file, the place in it, what was found, what was expected and what to do:
 *
 *         return fail(error, STATUS_INPUT, "%s:%d: unknown scheme '%s'; did you mean '%s'?", ...);
 *
 * A function that can fail returns 0 or -1 and takes `struct error *` last; on -1 its outputs hold
 * nothing that must be freed, unless its header says otherwise.
 */
#ifndef QS_ERROR_H
#define QS_ERROR_H

#include <stddef.h>

enum status {                   /* exit statuses; the worst wins: 4, 2, 1, 3, 0          */
	STATUS_DONE = 0,
	STATUS_FAILED = 1,      /* a regression, a failed check or a failed cell         */
	STATUS_INPUT = 2,       /* wrong usage, config or input file                     */
	STATUS_INCONCLUSIVE = 3,
	STATUS_MACHINE = 4,     /* disk, database, memory, missing tool                  */
	STATUS_INTERRUPTED = 130
};

struct error {
	enum status status;
	char text[1000];        /* one sentence, no capital, no full stop, no newline    */
};

/* Fills *error and returns -1.  Text that does not fit is cut and ends in "...". */
int fail(struct error *error, enum status status, const char *format, ...)
	__attribute__((format(printf, 3, 4)));
/* A name that is not known, STATUS_INPUT: the words, then "; did you mean 'NEAREST'?", or, where
 * nearest is NULL, "; OTHERWISE". */
int fail_unknown(struct error *error, const char *nearest, const char *otherwise,
		 const char *format, ...) __attribute__((format(printf, 4, 5)));
int fail_memory(struct error *error, size_t bytes, const char *what);
/* Puts `FILE:LINE: ` or any other words before the sentence that is there; returns -1. */
int fail_prefix(struct error *error, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/* The worse of two statuses. */
enum status status_worse(enum status a, enum status b);

#endif

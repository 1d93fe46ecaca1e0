/* SPDX-License-Identifier: MIT
 *
 * What every test needs: cmocka's headers in the order it wants, a folder of its own, files, the
 * program run as a user would, an allocator that fails on demand and a false clock.
 */
#ifndef QS_SUPPORT_H
#define QS_SUPPORT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
/* The project has a fail() of its own; a test says fail_msg(), which must not need cmocka's. */
#undef fail
#undef fail_msg
#define fail_msg(...) \
	do { \
		print_error("ERROR: " __VA_ARGS__); \
		print_error("\n"); \
		_fail(__FILE__, __LINE__); \
	} while (0)

#include "../harness/env.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const char *source_dir(void);            /* the project's root                           */
const char *build_dir(void);
/* ../shared/data beside the project, or NULL: then the test says so and skips. */
const char *shared_data(void);

/* A folder that is empty at the first call and removed when the test program ends. */
const char *scratch_dir(void);
/* scratch_dir()/name, in one of 8 rotating static buffers. */
const char *scratch(const char *name);
void write_file(const char *path, const void *bytes, size_t count);
/* The file's text, NUL-ended, malloc'ed; NULL where there is no file. */
char *read_text(const char *path);

struct outcome_text {           /* what a program did                                    */
	int status;             /* exit status; 128 + n where a signal n killed it       */
	char *out, *err;        /* malloc'ed                                             */
};
/* Runs a shell command with $QS set to the quantsweep program, in scratch_dir(). */
struct outcome_text run_shell(const char *format, ...) __attribute__((format(printf, 1, 2)));
void outcome_free(struct outcome_text *outcome);

/* env whose allocation number `fail_at` (from 0) and all after it give NULL; -1: none. */
struct failing {
	long calls, fail_at;
};
struct env env_failing(struct failing *state);
/* env whose clock is *now_ns, which the test moves. */
struct env env_with_clock(uint64_t *now_ns);

#endif

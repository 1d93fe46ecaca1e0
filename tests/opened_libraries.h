/* SPDX-License-Identifier: MIT
 *
 * The libraries that a test looks at: ours, open for all tests of the program.
 */
#ifndef QS_TEST_OPENED_LIBRARIES_H
#define QS_TEST_OPENED_LIBRARIES_H

#include "support.h"

#include "../harness/library.h"

static struct env env;
static struct libraries libraries;

static inline int open_ours(void **state)
{
	struct error error = { 0 };

	(void)state;
	env = env_system();
	if (libraries_open(&libraries, &env, &error))
		fail_msg("%s", error.text);
	return 0;
}

static inline int close_ours(void **state)
{
	(void)state;
	libraries_close(&libraries);
	return 0;
}

#endif

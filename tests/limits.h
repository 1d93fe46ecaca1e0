/* SPDX-License-Identifier: MIT
 *
 * A result of the machine's limits by its name, for tests.
 */
#ifndef QS_TEST_LIMITS_H
#define QS_TEST_LIMITS_H

#include "support.h"

#include "../harness/measure/limits_words.h"

static inline const struct limit_result *result_of(const struct machine_limits *limits,
						   const char *name, const char *loop)
{
	for (size_t i = 0; i < limits->count; i++)
		if (!strcmp(limits->results[i].name, name) &&
		    !strcmp(limits->results[i].limit->value.name, loop))
			return &limits->results[i];
	fail_msg("no result %s of %s", name, loop);
	return &limits->results[0];
}

#endif

/* SPDX-License-Identifier: MIT
 *
 * Configs that are read from a text, well or with a sentence.
 */
#ifndef QS_TEST_CONFIGS_H
#define QS_TEST_CONFIGS_H

#include "support.h"

#include "../harness/config.h"
#include "../harness/text.h"

#include <math.h>

static inline const struct env *env(void)
{
	static struct env system;

	system = env_system();
	return &system;
}

static inline void read_ok(struct config *config, const char *json)
{
	struct error error = { 0 };

	if (config_parse(config, env(), "folder/x.json", json, strlen(json), &error))
		fail_msg("%s", error.text);
}

static inline void read_wrong(const char *json, const char *sentence)
{
	struct config config;
	struct error error = { 0 };

	assert_int_equal(config_parse(&config, env(), "x.json", json, strlen(json), &error), -1);
	assert_int_equal(error.status, STATUS_INPUT);
	if (!glob_match(sentence, error.text, false))
		fail_msg("%s\ngives    %s\nexpected %s", json, error.text, sentence);
}

#define TENSOR "\"subjects\": [{ \"tensor\": \"synthetic:zero\", \"shape\": [4] }]"

#endif

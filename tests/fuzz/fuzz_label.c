/* SPDX-License-Identifier: MIT
 *
 * libFuzzer on labels, recipes and filters: what is read writes to a text that reads to the same
 * text; what is refused has a sentence.
 */
#include "../../harness/filter.h"
#include "../../harness/plan.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const unsigned char *bytes, size_t size);

static char *rewritten(const struct env *env, const char *text)
{
	struct label label;
	struct error error = { 0 };
	char *again;

	if (label_read(&label, env, text, &error)) {
		if (error.status != STATUS_INPUT || !*error.text)
			abort();
		return NULL;
	}
	again = label_write(&label, env, &error);
	if (!again)
		abort();
	label_free(&label, env);
	return again;
}

static int lookup(void *self, const char *column, const char **value)
{
	*value = *column == 'n' ? NULL : self;
	return 0;
}

int LLVMFuzzerTestOneInput(const unsigned char *bytes, size_t size)
{
	const struct env env = env_system();
	struct error error = { 0 };
	struct filter filter = { 0 };
	char *text = malloc(size + 1), *once, *twice;
	const char *unknown;

	if (!text)
		abort();
	memcpy(text, bytes, size);
	text[size] = '\0';
	once = rewritten(&env, text);
	if (once) {
		twice = rewritten(&env, once);
		if (!twice || strcmp(once, twice))
			abort();
		env_free(&env, twice);
		env_free(&env, once);
	}
	if (!filter_add(&filter, &env, text, &error)) {
		filter_match(&filter, lookup, text, &unknown);
		filter_check(&filter, &error);
	}
	filter_free(&filter);
	free(text);
	return 0;
}

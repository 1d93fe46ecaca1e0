/* SPDX-License-Identifier: MIT
 *
 * A worker's input and a worker's output, both from hostile bytes.  A spec that is read must write
 * to a text that reads the same; words must stay in their bounds.
 */
#include "../../harness/measure/race_words.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t count);

static char *copy_of(const uint8_t *bytes, size_t count)
{
	char *text = malloc(count + 1);

	if (!text)
		abort();
	memcpy(text, bytes, count);
	text[count] = '\0';
	return text;
}

static char *write_spec(const struct race_spec *spec)
{
	const struct env env = env_system();
	struct text out = { .env = &env };
	struct error error;
	char *text;

	if (race_spec_write(&out, spec, &error))
		abort();
	text = text_take(&out, &error);
	if (!text)
		abort();
	return text;
}

static void fuzz_spec(char *text)
{
	struct race_spec spec, again;
	struct error error;
	char *first, *cut, *second;

	if (race_spec_read(&spec, text, &error))
		return;
	first = write_spec(&spec);
	cut = copy_of((const uint8_t *)first, strlen(first));
	if (race_spec_read(&again, cut, &error))
		abort();
	second = write_spec(&again);
	if (strcmp(first, second))
		abort();
	free(first);
	free(cut);
	free(second);
}

static void fuzz_words(const uint8_t *bytes, size_t count)
{
	static const bool peer[3] = { false, false, true };
	struct runner_result runner[3];
	struct worker_words words;
	double layer_ns[3 * 4];

	worker_words_start(&words, runner, 3, 2);
	words.layers = 4;
	words.layer_ns = layer_ns;
	worker_words_hear(&words, (const char *)bytes, count);
	runners_finish(runner, 3, REPETITIONS);
	runners_compare(runner, 3, 0, 1, peer);
	for (int i = 0; i < 3; i++)
		if (runner[i].samples < 0 || runner[i].samples > REPETITIONS ||
		    /* a wrong one may be timed where it was asked for by name */
		    (runner[i].samples && runner[i].verdict > VERDICT_WRONG) ||
		    /* but nobody is measured by it */
		    (runner[2].verdict > VERDICT_WITHIN && !isnan(runner[i].ratio_to_best_peer)) ||
		    (runner[i].verdict == VERDICT_NOT_RUN && !*runner[i].reason))
			abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t count)
{
	char *text = copy_of(bytes, count);

	fuzz_spec(text);
	free(text);
	fuzz_words(bytes, count);
	return 0;
}

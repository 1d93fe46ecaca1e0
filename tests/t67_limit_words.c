/* SPDX-License-Identifier: MIT
 *
 * What a worker of the machine's limits is told and what it says: believed only where it makes sense.
 */
#include "support.h"

#include "../harness/measure/limits_words.h"

#include <math.h>

#define TOLD "quantsweep-limits 1\nthreads 2\nsamples 3\nus 50\n"

static void specs(void **state)
{
	static const struct {
		const char *text, *words;        /* words NULL: good                     */
	} cases[] = {
		{ TOLD "loop int16__ref 0\nloop copy__ref 4096\nend\n", NULL },
		{ TOLD "loop int16__ref 0\nend", "ends without 'end'" },
		{ TOLD "loop int16__ref 0\nend\nend\n", ":6: 'end'" },
		{ TOLD "end\n", ":5: 'end'" },
		{ TOLD "loop int17__ref 0\nend\n", "int17__ref" },
		{ TOLD "loop int16__ref 64\nend\n", ":5:" },
		{ TOLD "loop copy__ref 0\nend\n", ":5:" },
		{ TOLD "loop copy__ref -1\nend\n", ":5:" },
		{ TOLD "loop copy__ref 99999999999999999999\nend\n", ":5:" },
		{ TOLD "loop copy__ref\nend\n", ":5:" },
		{ "quantsweep-limits 2\n", ":1:" },
		{ "quantsweep-limits 1\nthreads 0\n", ":2: 'threads 0'" },
		{ "quantsweep-limits 1\nthreads 1025\n", ":2:" },
		{ "quantsweep-limits 1\nthreads 1\nsamples x\n", ":3:" },
		{ "quantsweep-limits 1\nthreads 1\nsamples 1\nus 1 \n", ":4:" },
		{ "", ":1: ends" },
	};
	static struct limits_spec spec;

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		char *text = strdup(cases[i].text);
		struct error error = { 0 };
		const int failed = limits_spec_read(&spec, text, &error);

		if (failed != (cases[i].words ? -1 : 0) ||
		    (failed && !strstr(error.text, cases[i].words)))
			fail_msg("'%s': %d '%s'", cases[i].text, failed, error.text);
		if (!failed) {
			assert_int_equal(spec.threads, 2);
			assert_int_equal(spec.samples, 3);
			assert_int_equal(spec.sample_us, 50);
			assert_int_equal(spec.count, 2);
			assert_string_equal(spec.loop[1].limit->value.name, "copy__ref");
			assert_int_equal(spec.loop[1].bytes, 4096);
		}
		free(text);
	}
}

static void said(void **state)
{
	static const struct {
		const char *text, *strange;
		bool done;
	} cases[] = {
		{ "cpu 3\nstart 0\nbest 0 1.5\nstart 1\nbest 1 1e3\ndone\n", "", true },
		{ "cpu -1\nstart 0\n", "", false },
		{ "start 2\n", "start 2", false },
		{ "start 0\nstart 1\n", "start 1", false },
		{ "best 0 1\n", "best 0 1", false },
		{ "start 0\nbest 1 1\n", "best 1 1", false },
		{ "start 0\nbest 0 nan\n", "best 0 nan", false },
		{ "start 0\nbest 0 inf\n", "best 0 inf", false },
		{ "start 0\nbest 0 -1\n", "best 0 -1", false },
		{ "start 0\nbest 0 0\n", "best 0 0", false },
		{ "start 0\nbest 0 \n", "best 0 ", false },
		{ "start 0\nbest 0 1 2\n", "best 0 1 2", false },
		{ "start 0\ndone\n", "done", false },
		{ "done\ndone\n", "done", true },
		{ "\n", "an empty line", false },
		{ "hello\x01\n", "hello?", false },
	};
	struct limits_words words;
	double best[2];

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
		for (size_t step = 1; step < 40; step += 6) {
			const size_t length = strlen(cases[i].text);

			limits_words_start(&words, best, 2);
			for (size_t at = 0; at < length; at += step)
				limits_words_hear(&words, cases[i].text + at,
						  at + step > length ? length - at : step);
			if (strcmp(words.strange, cases[i].strange) ||
			    words.done != cases[i].done)
				fail_msg("'%s': strange '%s', done %d", cases[i].text,
					 words.strange, words.done);
			if (!i) {
				assert_true(best[0] == 1.5 && best[1] == 1000 && words.cpu == 3);
				assert_int_equal(words.current, -1);
			}
			if (i == 1)
				assert_true(isnan(best[0]) && words.cpu == -1 && !words.current);
		}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(specs),
		cmocka_unit_test(said),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

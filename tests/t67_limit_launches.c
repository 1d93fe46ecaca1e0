/* SPDX-License-Identifier: MIT
 *
 * Launches of the machine's limits: a loop that kills its worker costs itself alone, other deaths and
 * lacks of memory have their sentences.  How fast anything is, is never asserted.
 */
#include "limits.h"

#include <math.h>
#include <sys/stat.h>

static const char *real_program(void)
{
	static char program[512];

	snprintf(program, sizeof program, "%s/quantsweep", build_dir());
	return program;
}

static void measured(void **state)
{
	const struct env env = env_system();
	struct machine_limits limits;
	struct error error;

	(void)state;
	for (int threads = 1; threads <= 2; threads++) {
		const struct limits_options options = { .threads = threads, .quick = true,
							.program = real_program() };
		size_t values = 0;

		if (limits_measure(&limits, &env, &options, &error))
			fail_msg("%s", error.text);
		assert_int_equal(limits.threads, threads);
		assert_true(limits.seconds > 0);
		for (size_t i = 0; i < limits.count; i++) {
			const struct limit_result *result = &limits.results[i];

			if (*result->reason) {
				printf("# SKIP %s %s: %s\n", result->name,
				       result->limit->value.name, result->reason);
				assert_true(isnan(result->value));
				continue;
			}
			assert_true(result->value > 0 && result->launches == 3);
			assert_true(result->spread >= 0 && result->spread < 1);
			values++;
		}
		assert_true(values > 0);
		limits_free(&limits);
	}
}

/* A worker that dies in its second loop: that one has a reason, the rest another worker. */
static void a_crash_is_contained(void **state)
{
	static const char script[] =
		"#!/bin/sh\n"
		"[ \"$1 $2\" = 'worker limits' ] || exit 9\n"
		"echo cpu 0\n"
		"i=0\n"
		"while read -r word name rest; do\n"
		"	[ \"$word\" = loop ] || continue\n"
		"	echo start $i\n"
		"	[ $name = DIES ] && { echo it is over >&2; kill -SEGV $$; }\n"
		"	echo best $i 2.5\n"
		"	i=$((i + 1))\n"
		"done\n"
		"echo done\n";
	const struct env env = env_system();
	const char *program = scratch("dies");
	const struct limits_options options = { .threads = 1, .quick = true, .program = program };
	struct machine_limits limits;
	struct error error;
	const char *victim = cpu_features() & QS_CPU_AVX2 ? "int16__avx2" : "int16__ref";
	const char *place = strstr(script, "DIES");
	char text[2048];

	(void)state;
	snprintf(text, sizeof text, "%.*s%s%s", (int)(place - script), script, victim, place + 4);
	write_file(program, text, strlen(text));
	chmod(program, 0755);
	if (limits_measure(&limits, &env, &options, &error))
		fail_msg("%s", error.text);
	for (size_t i = 0; i < limits.count; i++) {
		const struct limit_result *result = &limits.results[i];

		if (!strcmp(result->limit->value.name, victim)) {
			assert_true(isnan(result->value));
			if (!strstr(result->reason, "killed by signal 11") ||
			    !strstr(result->reason, "it is over"))
				fail_msg("%s", result->reason);
		} else if (!*result->reason) {
			assert_true(result->value == 2.5 && result->launches == 3);
		}
	}
	limits_free(&limits);
}

/* One that speaks no sense, one that says nothing: no value, and the reason; none: an error. */
static void other_deaths(void **state)
{
	static const struct {
		const char *script, *words;
	} cases[] = {
		{ "#!/bin/sh\necho hello\nsleep 60\n", "wrote 'hello', which is no result" },
		{ "#!/bin/sh\necho cpu 0\necho no memory >&2\nexit 4\n",
		  "ended with status 4 (no memory)" },
	};
	const struct env env = env_system();
	struct limits_options options = { .threads = 1, .quick = true,
					  .program = scratch("odd") };
	struct machine_limits limits;
	struct error error;

	(void)state;
	for (size_t c = 0; c < sizeof cases / sizeof *cases; c++) {
		write_file(options.program, cases[c].script, strlen(cases[c].script));
		chmod(options.program, 0755);
		if (limits_measure(&limits, &env, &options, &error))
			fail_msg("%s", error.text);
		for (size_t i = 0; i < limits.count; i++) {
			assert_true(isnan(limits.results[i].value));
			assert_true(*limits.results[i].reason);
		}
		if (!strstr(result_of(&limits, "f32", cpu_features() & QS_CPU_AVX2 ? "f32__avx2"
										   : "f32__ref")
				    ->reason,
			    cases[c].words))
			fail_msg("%s", result_of(&limits, "f32", "f32__avx2")->reason);
		limits_free(&limits);
	}
	options.program = "/nowhere/at/all";
	assert_int_equal(limits_measure(&limits, &env, &options, &error), -1);
	assert_int_equal(error.status, STATUS_MACHINE);
}

/* Each lack of memory ends in an error, and nothing is left (asan looks). */
static void lacks_of_memory(void **state)
{
	const struct limits_options options = { .threads = 1, .quick = true,
						.program = "/nowhere/at/all" };

	(void)state;
	for (long i = 0; i < 8; i++) {
		struct failing failing = { .fail_at = i };
		const struct env env = env_failing(&failing);
		struct machine_limits limits;
		struct error error = { 0 };

		assert_int_equal(limits_measure(&limits, &env, &options, &error), -1);
		assert_int_equal(error.status, STATUS_MACHINE);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(measured),
		cmocka_unit_test(a_crash_is_contained),
		cmocka_unit_test(other_deaths),
		cmocka_unit_test(lacks_of_memory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: MIT
 *
 * What is seen around launches, from made-up folders of /proc and /sys, and the warnings it comes
 * to: each just below its limit and just above.
 */
#include "support.h"

#include "../harness/measure/warnings.h"

#include <math.h>
#include <string.h>
#include <sys/stat.h>

static char proc[600], sys[600];

/* Makes the folders of a path below `folder` and the file. */
static void put(const char *folder, const char *name, const char *text)
{
	char path[1300];
	FILE *out;

	snprintf(path, sizeof path, "%s/%s", folder, name);
	for (char *slash = path + 1; (slash = strchr(slash, '/')); slash++) {
		*slash = '\0';
		mkdir(path, 0777);
		*slash = '/';
	}
	out = fopen(path, "w");
	assert_non_null(out);
	fputs(text, out);
	fclose(out);
}

/* user nice system idle iowait irq softirq steal guest guest_nice (proc(5)): busy is all but idle,
 * iowait, steal and the guests, which stand in user already.  All of these move with user. */
static void put_stat(int user, int steal, int first, int third)
{
	char text[600];

	snprintf(text, sizeof text,
		 "cpu  %d 10 20 %d %d 3 4 %d %d 0\n"
		 "cpu0 %d 0 0 1000 0 0 0 0 0 0\ncpu1 0 0 0 1000 0 0 0 0 0 0\n"
		 "cpu2 0 5 6 1000 100 0 7 0 0 0\ncpu3 0 0 %d 1000 0 0 0 0 0 0\n"
		 "intr 12345 0 0\nctxt 99\n", user,
		 90000 + 3 * user, 500 + user, steal, user / 2, first, third);
	put(proc, "stat", text);
}

static void reset(const char *name)
{
	snprintf(proc, sizeof proc, "%s/proc", scratch(name));
	snprintf(sys, sizeof sys, "%s/sys", scratch(name));
}

static struct surroundings start(void)
{
	struct surroundings around;

	surroundings_start(&around, proc, sys);
	around.ticks_per_s = 100;
	return around;
}

static const struct warning *named(const char *name)
{
	const struct value *value = value_find(warning_values, name);

	assert_non_null(value);
	return warning_of(value);
}

static void expect(const char *name, const struct warning_facts *facts, const char *says)
{
	char seen[200];
	const bool sees = named(name)->sees(facts, seen, sizeof seen);

	assert_true(named(name)->of_race == facts->of_race);
	if (sees != (says != NULL) || (says && strcmp(seen, says) != 0))
		fail_msg("%s: '%s', expected '%s'", name, sees ? seen : "nothing",
			 says ? says : "nothing");
}

/* 400 ticks are 4 s in a launch of 2 s; 1.5 of them are the launch's own. */
static void other_work(void **state)
{
	struct surroundings around;
	const struct warning_facts facts = { .around = &around };

	(void)state;
	reset("other");
	around = start();
	put_stat(1000, 0, 0, 0);
	surroundings_before(&around);
	put_stat(1400, 0, 0, 0);
	surroundings_after(&around, 2, 1.5, 2, 1);
	assert_true(around.other_s == 2.5 && around.seconds == 2 && around.processors == 4);
	assert_true(around.stolen_s == 0);
	expect("neighbours", &facts, "other work kept 1.2 of 4 processors busy meanwhile");
	/* two more seconds on which the launch alone worked: 2.5 in 12.5 s is the limit itself */
	surroundings_before(&around);
	put_stat(2450, 0, 0, 0);
	surroundings_after(&around, 10.5, 10.5, 2, 1);
	assert_true(around.other_s / around.seconds == 0.2);
	expect("neighbours", &facts, NULL);
	/* 26 ticks of 12.5 s x 4 processors are 0.52 % */
	surroundings_before(&around);
	put_stat(2450, 26, 0, 0);
	surroundings_after(&around, 1e-9, 0, 2, 1);
	assert_true(around.other_s == 2.5 && around.stolen_s == 0.26);
	expect("neighbours", &facts, "the hypervisor took 0.5 % of the processors' time");
	expect("governor", &facts, NULL);
	expect("sibling", &facts, NULL);
}

/* The worker on processor 1 shares a core with 3, or with 0 and 3. */
static void siblings(void **state)
{
	static const struct {
		const char *list;
		int cpu, threads, third;
		const char *says;
	} cases[] = {
		{ "1,3\n", 1, 1, 10, NULL },
		{ "1,3\n", 1, 1, 11, "the sibling of the pinned processor was busy 6 % of the time" },
		{ "0-1,3", 1, 1, 0, "the sibling of the pinned processor was busy 50 % of the time" },
		{ "1\n", 1, 1, 200, NULL },
		{ "1,9\n", 1, 1, 200, NULL },
		{ "1,3\n", 1, 2, 200, NULL },
		{ "1,3\n", -1, 1, 200, NULL },
		{ "1,3\n", 2, 1, 200, NULL },
		{ "1,99999999999999999999\n", 1, 1, 200, NULL },
		{ "what\n", 1, 1, 200, NULL },
	};

	(void)state;
	reset("siblings");
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct surroundings around = start();
		const struct warning_facts facts = { .around = &around };

		put(sys, "devices/system/cpu/cpu1/topology/thread_siblings_list", cases[i].list);
		put_stat(0, 0, 0, 0);
		surroundings_before(&around);
		put_stat(0, 0, 100, cases[i].third);
		surroundings_after(&around, 2, 0, cases[i].cpu, cases[i].threads);
		expect("sibling", &facts, cases[i].says);
	}
}

/* The governor of the pinned processor; the first that is not performance stays. */
static void governors(void **state)
{
	struct surroundings around;
	const struct warning_facts facts = { .around = &around };

	(void)state;
	reset("governors");
	put(sys, "devices/system/cpu/cpu0/cpufreq/scaling_governor", "schedutil\n");
	put(sys, "devices/system/cpu/cpu1/cpufreq/scaling_governor", "performance\n");
	put(sys, "devices/system/cpu/cpu2/cpufreq/scaling_governor", "powersave\n");
	around = start();
	surroundings_after(&around, 1, 0, 1, 1);
	expect("governor", &facts, NULL);
	surroundings_after(&around, 1, 0, 2, 1);
	surroundings_after(&around, 1, 0, -1, 1);
	expect("governor", &facts, "the frequency governor is powersave, not performance");
	around = start();
	surroundings_after(&around, 1, 0, -1, 1);
	expect("governor", &facts, "the frequency governor is schedutil, not performance");
}

/* Nothing there, or nothing that is understood: nothing is known, and nothing warned of. */
static void nothing_to_read(void **state)
{
	static const char *const stats[] = { "", "cpu", "cpu  1 2 3\n", "intr 1\n",
					     "cpu x y z w\n", "cpu4294967296 1 1 1 1\n" };
	struct surroundings around;
	const struct warning_facts facts = { .around = &around };

	(void)state;
	reset("nothing");
	around = start();
	surroundings_before(&around);
	surroundings_after(&around, 1, 0.5, 0, 1);
	assert_true(around.seconds == 0);
	for (size_t i = 0; i < sizeof stats / sizeof *stats; i++) {
		put(proc, "stat", stats[i]);
		surroundings_before(&around);
		surroundings_after(&around, 1, 0.5, 0, 1);
		assert_true(around.seconds == 0);
	}
	expect("neighbours", &facts, NULL);
	expect("sibling", &facts, NULL);
	expect("governor", &facts, NULL);
	surroundings_start(&around, NULL, NULL);         /* this machine's own */
	surroundings_before(&around);
	surroundings_after(&around, 1, 0, 0, 1);
	assert_true(processor_seconds() >= 0);
}

static void races(void **state)
{
	const struct warning_facts good = { .of_race = true, .launches = 5, .made = 5,
					    .sample_ns = 1e7, .step_ns = 1e4,
					    .working_set = 1 << 20, .last_cache = 1 << 20 };
	static const char *const names[] = { "few_launches", "clock", "cache", "unpinned" };
	struct warning_facts facts = good;

	(void)state;
	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		expect(names[i], &good, NULL);
	facts.launches = 4;
	expect("few_launches", &facts, "4 launches");
	facts.launches = 1;
	expect("few_launches", &facts, "1 launch");
	facts.step_ns = 10001;
	expect("clock", &facts, "a sample of 1e+07 ns on a clock of 1e+04 ns steps");
	facts.step_ns = NAN;
	expect("clock", &facts, NULL);
	facts.working_set = 3 << 20;
	expect("cache", &facts, "3.0 MiB are worked on, the last cache has 1.0 MiB");
	facts.last_cache = 0;
	expect("cache", &facts, NULL);
	facts.unpinned = 1;
	expect("unpinned", &facts, "the worker was not pinned in 1 of 5 launches");
}

/* Each row judges facts of its own kind without a look at the other's, and says what to do. */
static void the_table(void **state)
{
	(void)state;
	for (const struct value *const *value = warning_values; *value; value++) {
		const struct warning *warning = warning_of(*value);

		assert_non_null(strstr((*value)->summary, warning->effect));
		assert_true(*warning->advice && !strchr(warning->advice, '\n'));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(other_work), cmocka_unit_test(siblings),
		cmocka_unit_test(governors),  cmocka_unit_test(nothing_to_read),
		cmocka_unit_test(races),      cmocka_unit_test(the_table),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

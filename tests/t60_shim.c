/* SPDX-License-Identifier: MIT
 *
 * The door to Google Benchmark: every repetition comes back, they are interleaved, a failing runner
 * is left out, nothing is printed and the environment has no say.  Speed is never asserted, only
 * that a runner which sleeps is timed at no less than its sleep.
 */
#include "support.h"

#include "../harness/measure/benchmark_shim.h"

#include <fcntl.h>
#include <time.h>
#include <sys/wait.h>
#include <unistd.h>

enum { RUNNERS = 4, TIMES = 9 };

struct counter {
	long calls, fail_at;    /* fail_at: the call that fails; -1: none                */
	long sleep_ns;
};

static int count_call(void *self)
{
	struct counter *counter = self;
	volatile double x = 1;

	if (counter->sleep_ns)
		nanosleep(&(struct timespec){ .tv_nsec = counter->sleep_ns }, NULL);
	for (int i = 0; i < 100; i++)
		x = x * 1.0000001;
	return counter->calls++ == counter->fail_at;
}

static void fill(struct shim_runner *runners, struct counter *counters, int count)
{
	for (int i = 0; i < count; i++) {
		counters[i] = (struct counter){ .fail_at = -1 };
		runners[i] = (struct shim_runner){ .run = count_call, .self = &counters[i] };
	}
}

static void every_repetition_comes_back(void **state)
{
	struct counter counters[RUNNERS];
	struct shim_runner runners[RUNNERS];
	struct shim_sample samples[RUNNERS * TIMES];
	const struct shim_options options = { .repetitions = TIMES, .repetition_ms = 1 };
	int count, each[RUNNERS] = { 0 };
	int64_t timed[RUNNERS] = { 0 };
	char why[200];

	(void)state;
	for (int again = 0; again < 2; again++) {
		fill(runners, counters, RUNNERS);
		memset(each, 0, sizeof each);
		memset(timed, 0, sizeof timed);
		assert_int_equal(
			shim_time(runners, RUNNERS, &options, samples, &count, why, sizeof why), 0);
		assert_int_equal(count, RUNNERS * TIMES);
		for (int i = 0; i < count; i++) {
			assert_in_range(samples[i].runner, 0, RUNNERS - 1);
			assert_true(samples[i].calls >= 1);
			assert_true(samples[i].ns > 0);
			each[samples[i].runner]++;
			timed[samples[i].runner] += samples[i].calls;
		}
		for (int i = 0; i < RUNNERS; i++) {
			assert_int_equal(each[i], TIMES);
			assert_true(timed[i] <= counters[i].calls);
		}
	}
}

/* How often the next repetition is of another runner.  Block by block that is RUNNERS - 1 = 3
 * times of 35; in random order 27 on average with a standard deviation of about 2.2, so 13 or
 * fewer is a chance below 1e-8. */
static void repetitions_are_interleaved(void **state)
{
	struct counter counters[RUNNERS];
	struct shim_runner runners[RUNNERS];
	struct shim_sample samples[RUNNERS * TIMES];
	const struct shim_options options = { .repetitions = TIMES, .repetition_ms = 1 };
	int count, changes = 0;
	char why[200];

	(void)state;
	fill(runners, counters, RUNNERS);
	assert_int_equal(shim_time(runners, RUNNERS, &options, samples, &count, why, sizeof why),
			 0);
	for (int i = 1; i < count; i++)
		changes += samples[i].runner != samples[i - 1].runner;
	if (changes <= 13)
		fail_msg("%d changes of runner in %d repetitions", changes, count);
}

struct heard {
	int count, last[4096];
};

static void hear(void *self, int runner)
{
	struct heard *heard = self;

	if (heard->count < 4096)
		heard->last[heard->count++] = runner;
}

/* The order that samples[] claims is the order in which the loops were announced: of each runner
 * the last `repetitions` announcements. */
static void the_order_is_the_true_one(void **state)
{
	struct counter counters[RUNNERS];
	struct shim_runner runners[RUNNERS];
	struct shim_sample samples[RUNNERS * TIMES];
	static struct heard heard;
	const struct shim_options options = { .repetitions = TIMES, .repetition_ms = 1,
					      .announce = hear, .announce_self = &heard };
	int count, left[RUNNERS], order[RUNNERS * TIMES], at = RUNNERS * TIMES;
	char why[200];

	(void)state;
	fill(runners, counters, RUNNERS);
	heard.count = 0;
	assert_int_equal(shim_time(runners, RUNNERS, &options, samples, &count, why, sizeof why),
			 0);
	for (int i = 0; i < RUNNERS; i++)
		left[i] = TIMES;
	for (int i = heard.count; i-- > 0;)
		if (left[heard.last[i]]-- > 0)
			order[--at] = heard.last[i];
	assert_int_equal(at, 0);
	for (int i = 0; i < count; i++)
		assert_int_equal(samples[i].runner, order[i]);
}

static void a_sleep_is_timed_as_one(void **state)
{
	struct counter counters[2];
	struct shim_runner runners[2];
	struct shim_sample samples[6];
	const struct shim_options options = { .repetitions = 3, .repetition_ms = 1 };
	int count;
	char why[200];

	(void)state;
	fill(runners, counters, 2);
	counters[1].sleep_ns = 2000000;
	assert_int_equal(shim_time(runners, 2, &options, samples, &count, why, sizeof why), 0);
	assert_int_equal(count, 6);
	for (int i = 0; i < count; i++)
		if (samples[i].runner == 1)
			assert_true(samples[i].ns >= 2e6);
}

static void a_failing_runner_has_no_samples(void **state)
{
	static const long fail_at[] = { 0, 1, 500 };
	struct counter counters[3];
	struct shim_runner runners[3];
	struct shim_sample samples[3 * TIMES];
	const struct shim_options options = { .repetitions = TIMES, .repetition_ms = 1 };
	int count;
	char why[200];

	(void)state;
	for (size_t c = 0; c < sizeof fail_at / sizeof *fail_at; c++) {
		fill(runners, counters, 3);
		counters[1].fail_at = fail_at[c];
		assert_int_equal(shim_time(runners, 3, &options, samples, &count, why, sizeof why),
				 0);
		assert_int_equal(count, 2 * TIMES);
		for (int i = 0; i < count; i++)
			assert_int_not_equal(samples[i].runner, 1);
	}
}

static void wrong_options_are_answered(void **state)
{
	static const struct shim_options wrong[] = {
		{ .repetitions = 0, .repetition_ms = 10 },
		{ .repetitions = 1001, .repetition_ms = 10 },
		{ .repetitions = 9, .repetition_ms = 0 },
		{ .repetitions = 9, .repetition_ms = 60001 },
	};
	struct counter counter;
	struct shim_runner runner;
	struct shim_sample sample;
	char why[200];
	int count;

	(void)state;
	fill(&runner, &counter, 1);
	for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
		*why = '\0';
		assert_int_equal(shim_time(&runner, 1, &wrong[i], &sample, &count, why, sizeof why),
				 -1);
		assert_non_null(strstr(why, "cannot be timed"));
		assert_int_equal(counter.calls, 0);
	}
	assert_int_equal(shim_time(&runner, 0, &wrong[0], &sample, &count, why, sizeof why), -1);
}

/* Runs one shim_time with standard output and error in a file; its length must be 0. */
static void nothing_is_printed(void **state)
{
	struct counter counters[2];
	struct shim_runner runners[2];
	struct shim_sample samples[4];
	const struct shim_options options = { .repetitions = 2, .repetition_ms = 1 };
	const char *path = scratch("printed");
	const int file = open(path, O_CREAT | O_RDWR | O_TRUNC | O_CLOEXEC, 0600);
	const int out = dup(1), err = dup(2);
	int count, status;
	char why[200], *text;

	(void)state;
	assert_true(file >= 0 && out >= 0 && err >= 0);
	fill(runners, counters, 2);
	fflush(NULL);
	dup2(file, 1);
	dup2(file, 2);
	status = shim_time(runners, 2, &options, samples, &count, why, sizeof why);
	fflush(NULL);
	dup2(out, 1);
	dup2(err, 2);
	close(file);
	close(out);
	close(err);
	text = read_text(path);
	assert_int_equal(status, 0);
	assert_string_equal(text, "");
	free(text);
}

static int print_and_count(void *self)
{
	printf("a kernel's own word\n");
	fflush(stdout);
	++*(int *)self;
	return 0;
}

static int fail_at_once(void *self)
{
	(void)self;
	return 1;
}

/* Google Benchmark's own output, its context and its counters, and nothing of a runner. */
static void flags_are_google_benchmarks(void **state)
{
	static char *const flags[] = { "--benchmark_min_time=0.001", "--benchmark_repetitions=2",
				       "--benchmark_format=json", "--benchmark_list_tests=false",
				       "--benchmark_filter=", "--benchmark_out=",
				       "--benchmark_time_unit=ns",
				       "--benchmark_report_aggregates_only=false" };
	static const char *const keys[] = { "fruit" }, *const values[] = { "pear" };
	int calls = 0;
	const struct shim_benchmark benchmarks[] = {
		{ .name = "one/2", .runner = { print_and_count, &calls }, .operations = 5 },
		{ .name = "bad/2", .runner = { fail_at_once, NULL }, .bytes = 5 },
	};
	const struct shim_run run = { .benchmarks = benchmarks, .count = 2, .flags = flags,
				      .flag_count = sizeof flags / sizeof *flags, .keys = keys,
				      .values = values, .context_count = 1 };
	const char *path = scratch("flags");
	char why[200], *text;
	int status;
	pid_t child;

	(void)state;
	fflush(NULL);
	child = fork();
	if (!child) {
		const int file = open(path, O_CREAT | O_RDWR | O_TRUNC | O_CLOEXEC, 0600);

		dup2(file, 1);
		dup2(file, 2);
		status = shim_run_flags(&run, why, sizeof why);
		_exit(status || calls < 2);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	text = read_text(path);
	assert_int_equal(status, 0);
	assert_non_null(strstr(text, "\"fruit\": \"pear\""));
	assert_non_null(strstr(text, "\"gops\""));
	assert_non_null(strstr(text, "\"one/2\","));
	assert_non_null(strstr(text, "\"one/2_median\","));
	assert_non_null(strstr(text, "the kernel failed"));
	assert_null(strstr(text, "own word"));
	free(text);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_repetition_comes_back),
		cmocka_unit_test(repetitions_are_interleaved),
		cmocka_unit_test(the_order_is_the_true_one),
		cmocka_unit_test(a_sleep_is_timed_as_one),
		cmocka_unit_test(a_failing_runner_has_no_samples),
		cmocka_unit_test(wrong_options_are_answered),
		cmocka_unit_test(nothing_is_printed),
		cmocka_unit_test(flags_are_google_benchmarks),
	};

	/* Google Benchmark reads its variables before main: once more, with ones that would stop
	 * it, filter everything away or write a file. */
	if (argc == 1 && !getenv("BENCHMARK_REPETITIONS")) {
		setenv("BENCHMARK_REPETITIONS", "3", 1);
		setenv("BENCHMARK_FORMAT", "nonsense", 1);
		setenv("BENCHMARK_TIME_UNIT", "weeks", 1);
		setenv("BENCHMARK_FILTER", "none_of_them", 1);
		setenv("BENCHMARK_LIST_TESTS", "true", 1);
		setenv("BENCHMARK_OUT", "/nonexistent/folder/file", 1);
		setenv("BENCHMARK_ENABLE_RANDOM_INTERLEAVING", "false", 1);
		setenv("BENCHMARK_REPORT_AGGREGATES_ONLY", "true", 1);
		execv("/proc/self/exe", argv);
		perror("/proc/self/exe");
		return 1;
	}
	return cmocka_run_group_tests(tests, NULL, NULL);
}

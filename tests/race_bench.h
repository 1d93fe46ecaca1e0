/* SPDX-License-Identifier: MIT
 *
 * A plan of one race, made by hand, of our kernels and of those in tests/kernels, launched in real
 * workers.
 */
#ifndef QS_TEST_RACE_BENCH_H
#define QS_TEST_RACE_BENCH_H

#include "support.h"

#include "../harness/axes/tables.h"
#include "../harness/measure/race.h"
#include "../harness/measure/race_workload.h"

#include <dirent.h>
#include <errno.h>
#include <math.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

enum { CELLS_MAX = 8, QUICK = 3 };

/* A plan of one race, made by hand. */
struct bench {
	struct env env;
	struct libraries libraries;
	struct plan plan;
	struct race race;
	struct timing_cell cells[CELLS_MAX];
	struct operation gemm;
	struct race_options options;
	struct launch_result result;
	char program[512];
	struct error error;
};

static inline struct bench *bench_open(void)
{
	static char name[] = "gemm:9x10x33 u8s8s32 t1 warm";
	struct bench *bench = calloc(1, sizeof *bench);

	assert_non_null(bench);
	bench->env = env_system();
	assert_int_equal(libraries_open(&bench->libraries, &bench->env, &bench->error), 0);
	bench->gemm = (struct operation){ .value = { .name = "gemm" }, .op = QS_GEMM };
	bench->race = (struct race){ .name = name,
				     .operation = &bench->gemm,
				     .m = 9,
				     .n = 10,
				     .k = 33,
				     .types = "u8s8s32",
				     .threads = 1,
				     .batch = 1 };
	bench->plan = (struct plan){ .env = &bench->env,
				     .libraries = &bench->libraries,
				     .timings = bench->cells,
				     .races = &bench->race,
				     .race_count = 1 };
	snprintf(bench->program, sizeof bench->program, "%s/quantsweep", build_dir());
	bench->options = (struct race_options){ .program = bench->program, .time_limit_s = 60,
						.seed = 5, .repetitions = QUICK,
						.repetition_ms = 1 };
	return bench;
}

static inline void bench_close(struct bench *bench)
{
	libraries_close(&bench->libraries);
	free(bench);
}

/* Adds a runner: a kernel of ours, or of tests/kernels/LIBRARY.so. */
static inline void enter(struct bench *bench, const char *library, const char *kernel)
{
	struct timing_cell *cell = &bench->cells[bench->race.count++];
	size_t at = 0;

	if (library) {
		char path[512];

		snprintf(path, sizeof path, "%s/tests/kernels/%s.so", build_dir(), library);
		for (at = 1; at < bench->libraries.count; at++)
			if (!strcmp(bench->libraries.libraries[at].path, path))
				break;
		if (at == bench->libraries.count &&
		    libraries_add(&bench->libraries, path, &bench->error))
			fail_msg("%s", bench->error.text);
	}
	/* the list may have moved: cells are pointed anew at the launch */
	cell->race = at;
	for (size_t i = 0; i < bench->libraries.libraries[at].table->count; i++)
		if (!strcmp(bench->libraries.libraries[at].table->kernels[i]->name, kernel))
			cell->kernel = bench->libraries.libraries[at].table->kernels[i];
	if (!cell->kernel)
		fail_msg("no kernel %s", kernel);
}

static inline int launch(struct bench *bench)
{
	for (size_t i = 0; i < bench->race.count && i < CELLS_MAX; i++)
		bench->cells[i].library = &bench->libraries.libraries[bench->cells[i].race];
	return race_launch(&bench->plan, &bench->race, &bench->options, &bench->result,
			   &bench->error);
}

static inline void launch_well(struct bench *bench)
{
	if (launch(bench))
		fail_msg("%s", bench->error.text);
	assert_int_equal(bench->result.runners, bench->race.count);
	assert_true(bench->result.seconds > 0);
}

static inline void expect_timed(const struct bench *bench, int i)
{
	const struct runner_result *r = &bench->result.runner[i];

	if (r->verdict != VERDICT_EXACT || r->samples != bench->options.repetitions || *r->reason)
		fail_msg("runner %d: verdict %d, %d samples, '%s'", i, (int)r->verdict, r->samples,
			 r->reason);
	assert_true(r->least_ns > 0 && r->least_ns <= r->median_ns && isfinite(r->median_ns));
	assert_true(r->order >= 0);
}

static inline void expect_not_run(const struct bench *bench, int i, const char *says)
{
	const struct runner_result *r = &bench->result.runner[i];

	if (r->verdict != VERDICT_NOT_RUN || r->samples || !strstr(r->reason, says))
		fail_msg("runner %d: verdict %d, %d samples, '%s', expected '%s'", i,
			 (int)r->verdict, r->samples, r->reason, says);
	assert_true(isnan(r->median_ns) && isnan(r->least_ns) && isnan(r->ratio_to_reference) &&
		    isnan(r->ratio_to_float));
}

static inline int open_descriptors(void)
{
	DIR *folder = opendir("/proc/self/fd");
	int count = 0;

	assert_non_null(folder);
	while (readdir(folder))
		count++;
	closedir(folder);
	return count;
}

/* Called around each test: no child is left, and no descriptor. */
static int descriptors;

static inline int before(void **state)
{
	(void)state;
	descriptors = open_descriptors();
	return 0;
}

static inline int after(void **state)
{
	(void)state;
	assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);
	assert_int_equal(errno, ECHILD);
	assert_int_equal(open_descriptors(), descriptors);
	return 0;
}

/* A sanitizer in the worker would make a report and an exit status of a signal. */
static inline void leave_signals_alone(const char *name)
{
	const char *old = getenv(name);
	char options[1000];

	snprintf(options, sizeof options, "%s%shandle_segv=0", old ? old : "", old ? ":" : "");
	setenv(name, options, 1);
}

/* Before the tests of a program whose workers may die. */
static inline void races_begin(void)
{
	leave_signals_alone("ASAN_OPTIONS");
	leave_signals_alone("TSAN_OPTIONS");
	leave_signals_alone("UBSAN_OPTIONS");
	scratch_dir();
}

#endif

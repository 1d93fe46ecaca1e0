/* SPDX-License-Identifier: MIT */
#include "../axes/tables.h"
#include "../text.h"
#include "../version.h"
#include "bench_parts.h"
#include "benchmark_shim.h"
#include "race_pool.h"
#include "race_workload.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

/* A check has this long, and so many times as long as the reference took. */
enum { CHECK_SECONDS = 60, CHECK_SLOWER = 4 };

struct timed {                  /* one runner that may be timed                        */
	struct child *child;
	int index;              /* into bench->runners                                 */
	struct workload_call call;
};

struct child {
	struct bench *bench;
	struct pool *pool;
	struct workload workload[RUNNERS_MAX];  /* one for each reference              */
	const struct qs_kernel *reference[RUNNERS_MAX];
	unsigned seconds[RUNNERS_MAX];  /* that a check of these types may take        */
	size_t workloads;
	struct timed timed[RUNNERS_MAX];
	int count;
};

static void judge(struct child *child, int i, enum verdict verdict, const char *reason)
{
	struct bench_report *report = child->bench->report;

	report->runner[i].verdict = verdict;
	copy_one_line(report->runner[i].reason, sizeof report->runner[i].reason,
		      reason ? reason : "");
	report->runner[i].judged = true;
}

static uint32_t over_read_of(const struct bench *bench, const struct qs_kernel *reference)
{
	uint32_t most = 0;
	char types[32];

	kernel_types(types, sizeof types, reference);
	for (int i = 0; i < bench->count; i++) {
		const struct qs_kernel *kernel = bench->runners[i].kernel;

		if (kernel_has_types(kernel, reference->op, types) && kernel->over_read > most)
			most = kernel->over_read;
	}
	return most;
}

/* Operands and result of the kernel's types, made once for all that have them; NULL: *error. */
static struct workload *workload_of(struct child *child, const struct qs_kernel *kernel,
				    struct error *error)
{
	const struct bench *bench = child->bench;
	const struct subject *subject = bench->subject;
	struct workload_spec spec;
	char types[32];

	kernel_types(types, sizeof types, kernel);
	const struct qs_kernel *reference = kernel_reference(bench->libraries, kernel->op, types);

	for (size_t w = 0; w < child->workloads; w++)
		if (child->reference[w] == reference)
			return &child->workload[w];
	spec = race_workload(reference, subject->m, subject->n, subject->k, bench->words->seed,
			     bench->words->threads, &bench->words->detail);
	spec.conv = subject->conv;
	spec.over_read = over_read_of(bench, reference);
	const struct env *env = bench->libraries->env;
	const uint64_t start = env->now_ns(env);

	if (workload_make(&child->workload[child->workloads], env, &spec, reference, error))
		return NULL;
	child->seconds[child->workloads] =
		CHECK_SECONDS + CHECK_SLOWER * (unsigned)((env->now_ns(env) - start) / 1000000000);
	child->reference[child->workloads] = reference;
	return &child->workload[child->workloads++];
}

static void check(struct child *child, int i, struct workload *workload)
{
	const struct bench_words *words = child->bench->words;
	const struct qs_kernel *kernel = child->bench->runners[i].kernel;
	struct workload_difference difference;
	char described[200];
	enum verdict verdict;

	alarm(child->seconds[workload - child->workload]);
	verdict = workload_check(workload, kernel, words->threads > 1 ? words->seed | 1 : 0,
				 &difference);
	alarm(0);
	if (verdict == VERDICT_WRONG)
		workload_describe(described, sizeof described, &difference);
	else
		snprintf(described, sizeof described, "%s",
			 difference.reason ? difference.reason : "");
	judge(child, i, verdict, described);
}

/* Makes ready who is right; the reasons of the others are in the report. */
static int check_all_runners(struct child *child, struct error *error)
{
	struct bench *bench = child->bench;
	struct bench_report *report = bench->report;

	for (int i = 0; i < bench->count; i++) {
		struct timed *timed = &child->timed[child->count];
		const char *reason;
		struct workload *workload;

		report->at = i;
		workload = workload_of(child, bench->runners[i].kernel, error);
		if (!workload)
			return -1;
		if (!report->runner[i].judged)
			check(child, i, workload);
		if (report->runner[i].verdict > VERDICT_WITHIN)
			continue;
		*timed = (struct timed){ .child = child, .index = i };
		if (workload_prepare(&timed->call, workload, bench->runners[i].kernel, &reason))
			child->count++;
		else
			judge(child, i, VERDICT_REFUSED, reason);
	}
	return 0;
}

static int run_share(void *self, int64_t first, int64_t last)
{
	const struct workload_call *call = self;

	return call->kernel->run(call->prepared, call->workload->a.data, call->workload->y.data,
				 first, last);
}

static int run_once(void *self)
{
	struct timed *timed = self;
	struct child *child = timed->child;
	const int status =
		child->bench->words->threads > 1
			? pool_run(child->pool, run_share, &timed->call, timed->call.units)
			: workload_call(&timed->call);

	if (status)
		child->bench->report->runner[timed->index].failed = true;
	return status;
}

static void announce(void *self, int benchmark)
{
	const struct child *child = self;

	child->bench->report->at = child->timed[benchmark].index;
}

/* "avx2 avx512bw": the feature sets of the table that kernels may use here. */
static void features(char *out, size_t size, uint64_t cpu)
{
	size_t at = 0;

	*out = '\0';
	for (const struct value *const *value = isa_values; *value; value++)
		if (!(((const struct isa *)*value)->features & ~cpu) && at < size)
			at += (size_t)snprintf(out + at, size - at, "%s%s", at ? " " : "",
					       (*value)->name);
}

static char *libraries_text(const struct libraries *libraries, struct error *error)
{
	struct text text = { .env = libraries->env };

	for (size_t i = 0; i < libraries->count; i++)
		text_add(&text, "%s%s:%s", i ? " " : "", libraries->libraries[i].name,
			 libraries->libraries[i].hash);
	return text_take(&text, error);
}

static void fill_benchmarks(struct child *child, struct shim_benchmark *benchmarks)
{
	for (int i = 0; i < child->count; i++) {
		struct timed *timed = &child->timed[i];
		const struct bench_runner *runner = &child->bench->runners[timed->index];
		const struct qs_kernel *kernel = runner->kernel;
		const struct subject *subject = child->bench->subject;
		const double m = (double)subject->m, n = (double)subject->n;
		const double k = (double)subject->k;
		const double width = op_is_product(kernel->op) ? n : k;
		const double a = (double)shape_a_rows(subject->m, &subject->conv) *
				 (double)shape_a_columns(subject->k, &subject->conv);

		benchmarks[i] = (struct shim_benchmark){
			.name = runner->name,
			.runner = { run_once, timed },
			.operations = op_is_product(kernel->op) ? 2 * m * n * k : 0,
			.bytes = (a * type_bits(kernel->a) + n * k * type_bits(kernel->w) +
				  m * width * type_bits(kernel->y)) /
				 8,
		};
	}
}

/* As a race of `run` is named. */
static void name_race(const struct bench *bench, char *out, size_t size)
{
	const struct bench_words *words = bench->words;
	const struct value *requantization = words->detail.requantization;
	const struct value *values = words->detail.w_values;
	char width[16] = "";

	if (words->detail.w_bits)
		snprintf(width, sizeof width, ":w%d", words->detail.w_bits);
	snprintf(out, size, "%s%s%s%s %s t%d warm%s%s%s", bench->subject->name, width,
		 values ? ":" : "", values ? values->name : "", bench->types,
		 words->threads, requantization ? " " : "",
		 requantization ? requantization->name : "",
		 words->detail.w_zeros ? " zeros" : "");
}

/* With Google Benchmark's output where standard output was. */
static int time_all(struct child *child, struct error *error)
{
	const struct bench *bench = child->bench;
	const struct bench_words *words = bench->words;
	struct shim_benchmark benchmarks[RUNNERS_MAX];
	char race[200], isas[200], build[200], seed[24], why[200];
	char *libraries = libraries_text(bench->libraries, error);
	const char *values[] = {
		[CONTEXT_QUANTSWEEP] = build,    [CONTEXT_RACE] = race,
		[CONTEXT_LIBRARIES] = libraries, [CONTEXT_CPU_FEATURES] = isas,
		[CONTEXT_SEED] = seed,
	};
	const struct shim_run run = {
		.benchmarks = benchmarks,
		.count = child->count,
		.flags = words->flags,
		.flag_count = words->flag_count,
		.keys = bench_context_keys,
		.values = values,
		.context_count = BENCH_CONTEXT_COUNT,
		.announce = announce,
		.announce_self = child,
	};

	if (!libraries)
		return -1;
	fill_benchmarks(child, benchmarks);
	features(isas, sizeof isas, bench->libraries->env->cpu);
	snprintf(build, sizeof build, "%s (%s, %s)", version_number, version_compiler,
		 version_build);
	name_race(bench, race, sizeof race);
	snprintf(seed, sizeof seed, "%llu", (unsigned long long)words->seed);
	bench->report->phase = BENCH_TIMING;
	const int failed = shim_run_flags(&run, why, sizeof why);

	env_free(bench->libraries->env, libraries);
	return failed ? fail(error, STATUS_MACHINE, "bench: %s", why) : 0;
}

static void say_verdicts(const struct bench *bench)
{
	for (int i = 0; i < bench->count; i++)
		if (bench->report->runner[i].verdict > VERDICT_WITHIN)
			fprintf(bench->said, "# not timed: %s: %s\n",
				bench->runners[i].kernel->name, bench->report->runner[i].reason);
	fflush(bench->said);
}

/* What a kernel prints while it is checked is not Google Benchmark's. */
static int check_quietly(struct child *child, struct error *error)
{
	const int null = open("/dev/null", O_WRONLY | O_CLOEXEC);
	const int out = fcntl(1, F_DUPFD_CLOEXEC, 3);
	int result;

	if (null < 0 || out < 0 || dup2(null, 1) < 0)
		return fail(error, STATUS_MACHINE, "bench: standard output cannot be set up: %s",
			    strerror(errno));
	result = check_all_runners(child, error);
	dup2(out, 1);
	close(out);
	close(null);
	return result;
}

static int child_run(struct child *child, struct error *error)
{
	const struct bench *bench = child->bench;
	int cpu;

	if (bench->words->list) {
		for (child->count = 0; child->count < bench->count; child->count++)
			child->timed[child->count] = (struct timed){ .index = child->count };
		return time_all(child, error);
	}
	if (pool_open(&child->pool, bench->libraries->env, bench->words->threads, &cpu, error) ||
	    check_quietly(child, error))
		return -1;
	say_verdicts(bench);
	return child->count ? time_all(child, error) : 0;
}

_Noreturn void bench_child(struct bench *bench)
{
	static const int signals[] = { SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT, SIGALRM };
	const struct env *env = bench->libraries->env;
	struct error error = { 0 };
	struct child *child;

	/* a handler that came along would go on in the child with the parent's work */
	for (size_t i = 0; i < sizeof signals / sizeof *signals; i++)
		signal(signals[i], SIG_DFL);
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	setrlimit(RLIMIT_CORE, &(struct rlimit){ 0, 0 });
	child = env_new(env, 1, sizeof *child, "a bench", &error);
	if (child) {
		child->bench = bench;
		if (!child_run(child, &error))
			error.status = STATUS_DONE;
		for (int i = 0; !bench->words->list && i < child->count; i++)
			workload_release(&child->timed[i].call);
		for (size_t i = 0; i < child->workloads; i++)
			workload_free(&child->workload[i]);
		pool_close(child->pool);
		env_free(env, child);
	}
	bench->report->error = error;
	bench->report->phase = BENCH_FINISHED;
	_exit(0);
}

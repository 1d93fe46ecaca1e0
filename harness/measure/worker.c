/* SPDX-License-Identifier: MIT
 *
 * The worker: one race, checked and timed in a process that may die.  What it reads and says is in
 * race_spec.h and race_words.h.
 *
 * Runners of equal types share operands and result, made from the race's seed; others (the float
 * guest of an integer race) have their own of the same shape.  Weights are prepared before the
 * first timed call, and the check has touched every buffer.
 */
#include "worker_parts.h"

#include "../random.h"
#include "../text.h"
#include "race_workload.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <unistd.h>

void worker_say(const struct worker *worker, const char *format, ...)
{
	char line[512];
	va_list arguments;
	int length;
	size_t at = 0;

	va_start(arguments, format);
	length = vsnprintf(line, sizeof line, format, arguments);
	va_end(arguments);
	if (length < 0)
		return;
	if ((size_t)length >= sizeof line) {
		length = sizeof line - 1;
		line[length - 1] = '\n';
	}
	while (at < (size_t)length) {
		const ssize_t wrote = write(worker->out, line + at, (size_t)length - at);

		if (wrote < 0 && errno != EINTR)
			return;
		at += wrote > 0 ? (size_t)wrote : 0;
	}
}

static int read_race(struct worker *worker, struct error *error)
{
	size_t length = 0;

	worker->text = env_new(&worker->env, SPEC_BYTES_MAX, 1, "a race", error);
	if (!worker->text)
		return -1;
	while (length < SPEC_BYTES_MAX - 1) {
		const ssize_t got = read(0, worker->text + length, SPEC_BYTES_MAX - 1 - length);

		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return fail(error, STATUS_MACHINE,
				    "the worker's standard input cannot be read: %s",
				    strerror(errno));
		if (!got)
			break;
		length += (size_t)got;
	}
	return race_spec_read(&worker->spec, worker->text, error);
}

/* The words get a descriptor of their own: what a kernel prints goes nowhere. */
static int open_channel(struct worker *worker, struct error *error)
{
	const int null = open("/dev/null", O_RDWR | O_CLOEXEC);

	worker->out = fcntl(1, F_DUPFD_CLOEXEC, 3);
	if (null < 0 || worker->out < 0 || dup2(null, 1) < 0) {
		fail(error, STATUS_MACHINE, "the worker's standard output cannot be set up: %s",
		     strerror(errno));
		if (null >= 0)
			close(null);
		return -1;
	}
	close(null);
	return 0;
}

void worker_verdict(const struct worker *worker, int i, enum verdict verdict, double wrong_fraction,
		    const char *reason)
{
	char line[256];          /* a kernel's words may be of any kind                   */

	copy_one_line(line, sizeof line, reason);
	worker_say(worker, "verdict %d %s %.17g %s\n", i, verdict_name(verdict), wrong_fraction,
		   line);
}

/* The linker puts a library right below the one before: between those of a duel lies another
 * distance in each launch, so that branches that share a predictor's entry do so by chance.  No
 * memory is taken; where there is no room the distance stays. */
static void leave_gap(uint64_t seed)
{
	const size_t pages = 1 + random_at(seed, 2, 0).word[0] % 65536;

	(void)!mmap(NULL, pages << 12, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
}

/* A user's library that cannot be opened costs its own runners alone; ours costs the race. */
static int open_libraries(struct worker *worker, struct error *error)
{
	const struct race_spec *spec = &worker->spec;

	for (int i = 0; i < spec->library_count; i++) {
		const struct spec_library *library = &spec->library[i];
		struct error reason = { 0 };
		int failed;

		worker_say(worker, "library %d\n", i);
		if (spec->duel && i)
			leave_gap(spec->seed);
		if (!i && setenv("QUANTSWEEP_KERNELS", library->path, 1))
			return fail_memory(error, strlen(library->path), "the environment");
		if (!i)
			failed = libraries_open(&worker->libraries, &worker->env, &reason);
		else
			failed = libraries_add_untried(&worker->libraries, library->path,
						       &reason);
		if (!failed &&
		    strcmp(library->hash,
			   worker->libraries.libraries[worker->libraries.count - 1].hash))
			failed = fail(&reason, STATUS_MACHINE,
				      "%s: the kernel library has changed since "
				      "the plan was made; run again",
				      library->path);
		if (failed && !i) {
			*error = reason;
			return -1;
		}
		worker->open[i] = failed ? -1 : (int)worker->libraries.count - 1;
		for (int r = 0; failed && r < spec->runner_count; r++)
			if (spec->runner[r].library == i)
				worker_verdict(worker, r, VERDICT_NOT_RUN, 0, reason.text);
	}
	return 0;
}

static void find_kernels(struct worker *worker)
{
	for (int i = 0; i < worker->spec.runner_count; i++) {
		const struct spec_runner *asked = &worker->spec.runner[i];
		const int open = worker->open[asked->library];
		struct runner *runner = &worker->runner[i];

		runner->worker = worker;
		if (open < 0)
			continue;
		runner->kernel = kernel_find(&worker->libraries.libraries[open], asked->kernel);
		if (!runner->kernel)
			worker_verdict(worker, i, VERDICT_NOT_RUN, 0,
				    "its library has no kernel of this name");
		else if (runner->kernel->op != worker->spec.op)
			worker_verdict(worker, i, VERDICT_NOT_RUN, 0, "it is of another operation");
		else if (runner->kernel->needs & ~worker->env.cpu)
			worker_verdict(worker, i, VERDICT_REFUSED, 0,
				    "the CPU lacks what it needs, or --isa "
				    "masks it");
		else
			continue;
		runner->kernel = NULL;
	}
}

/* What any runner of these types may read past a's end. */
static uint32_t over_read_of(const struct worker *worker, const char *types)
{
	uint32_t most = 0;

	for (int i = 0; i < worker->spec.runner_count; i++) {
		const struct qs_kernel *kernel = worker->runner[i].kernel;

		if (kernel && kernel_has_types(kernel, worker->spec.op, types) &&
		    kernel->over_read > most)
			most = kernel->over_read;
	}
	return most;
}

/* Operands and expected result of runner i's types; false: it has a verdict that says why not. */
static bool make_workload(struct worker *worker, int i)
{
	const struct race_spec *spec = &worker->spec;
	struct runner *runner = &worker->runner[i];
	char types[sizeof *worker->types];
	const struct qs_kernel *reference;
	struct workload_spec wanted;
	struct error error = { 0 };
	struct qs_conv conv = spec->conv;
	int64_t m;

	kernel_types(types, sizeof types, runner->kernel);
	for (size_t w = 0; w < worker->workloads; w++) {
		if (!strcmp(worker->types[w], types)) {
			runner->workload = w;
			return true;
		}
	}
	reference = kernel_reference(&worker->libraries, spec->op, types);
	if (!reference) {
		worker_verdict(worker, i, VERDICT_NOT_RUN, 0, "there is no reference of its types");
		return false;
	}
	if (__builtin_mul_overflow(spec->m, (int64_t)spec->batch, &m))
		m = INT64_MAX;
	if (__builtin_mul_overflow(spec->conv.batch, (int64_t)spec->batch, &conv.batch))
		conv.batch = INT64_MAX;
	worker_say(worker, "reference %d\n", i);
	wanted = race_workload(reference, m, spec->n, spec->k, spec->seed, spec->threads,
			       &spec->detail);
	wanted.conv = conv;
	wanted.over_read = over_read_of(worker, types);
	if (workload_make(&worker->workload[worker->workloads], &worker->env, &wanted, reference,
			  &error)) {
		worker_verdict(worker, i, VERDICT_NOT_RUN, 0, error.text);
		return false;
	}
	memcpy(worker->types[worker->workloads], types, sizeof types);
	runner->workload = worker->workloads++;
	return true;
}

static void check_runner(struct worker *worker, int i)
{
	struct runner *runner = &worker->runner[i];
	struct workload *workload = &worker->workload[runner->workload];
	struct workload_difference difference;
	char described[200];
	const char *reason = "";
	enum verdict verdict;

	worker_say(worker, "check %d\n", i);
	const uint64_t start = worker->env.now_ns(&worker->env);

	verdict = workload_check(workload, runner->kernel,
				 worker->spec.threads > 1 ? worker->spec.seed | 1 : 0, &difference);
	runner->slow = worker->env.now_ns(&worker->env) - start >= SLOW_CALL_MS * UINT64_C(1000000);
	if (verdict == VERDICT_REFUSED)
		reason = difference.reason;
	else if (verdict != VERDICT_WRONG || worker->spec.runner[i].named)
		runner->ready =
			workload_prepare(&runner->call, workload, runner->kernel, &reason);
	if (verdict == VERDICT_WRONG) {
		workload_describe(described, sizeof described, &difference);
		reason = described;
	} else if (verdict != VERDICT_REFUSED && !runner->ready) {
		verdict = VERDICT_NOT_RUN;
	} else if (verdict != VERDICT_REFUSED) {
		reason = "";
	}
	worker_verdict(worker, i, verdict, difference.wrong_fraction, reason ? reason : "");
}

static int run_race(struct worker *worker, struct error *error)
{
	const size_t count = (size_t)worker->spec.runner_count;
	int cpu = -1;

	worker->env.cpu &= worker->spec.cpu;
	worker->runner = env_new(&worker->env, count, sizeof *worker->runner, "a race", error);
	worker->workload = env_new(&worker->env, count, sizeof *worker->workload, "a race", error);
	worker->types = env_new(&worker->env, count, sizeof *worker->types, "a race", error);
	if (!worker->runner || !worker->workload || !worker->types ||
	    pool_open(&worker->pool, &worker->env, worker->spec.threads, &cpu, error))
		return -1;
	worker_say(worker, "cpu %d\n", cpu);
	if (open_libraries(worker, error))
		return -1;
	if (worker->spec.network) {
		if (network_race_open(worker, error))
			return -1;
	} else {
		find_kernels(worker);
	}
	for (int i = 0; i < worker->spec.runner_count; i++)
		if (worker->runner[i].kernel && make_workload(worker, i))
			check_runner(worker, i);
	if (worker->spec.duel ? worker_duel(worker, error) : worker_time(worker, error))
		return -1;
	worker_say(worker, "done\n");
	return 0;
}

static void worker_free(struct worker *worker)
{
	for (int i = 0; worker->runner && i < worker->spec.runner_count; i++)
		if (worker->runner[i].ready && !worker->runner[i].network)
			workload_release(&worker->runner[i].call);
	for (size_t i = 0; i < worker->workloads; i++)
		workload_free(&worker->workload[i]);
	network_race_close(worker);
	pool_close(worker->pool);
	if (worker->libraries.env)
		libraries_close(&worker->libraries);
	env_free(&worker->env, worker->runner);
	env_free(&worker->env, worker->workload);
	env_free(&worker->env, worker->types);
	env_free(&worker->env, worker->text);
	if (worker->out >= 0)
		close(worker->out);
}

int worker_main(const struct env *env, struct error *error)
{
	struct worker *worker = env_new(env, 1, sizeof *worker, "a worker", error);
	int result;

	if (!worker)
		return -1;
	/* A worker is of no use to anybody once the run is gone. */
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	worker->env = *env;
	worker->out = -1;
	result = read_race(worker, error) || open_channel(worker, error) || run_race(worker, error);
	worker_free(worker);
	env_free(env, worker);
	return result ? -1 : 0;
}

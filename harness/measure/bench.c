/* SPDX-License-Identifier: MIT */
#include "bench.h"

#include "../axes/tables.h"
#include "../cpu.h"
#include "../plan_parts.h"
#include "../text.h"
#include "bench_parts.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

/* What is benched of an operation when no types are named. */
static const struct {
	enum qs_op op;
	const char *types;
} usual_types[] = {
	{ QS_GEMM, "u8s8s32" },  { QS_CONV2D, "u8s8u8_channel" },
	{ QS_QUANTIZE, "f32u8" },  { QS_DEQUANTIZE, "u8f32" },
	{ QS_DYNAMIC_QUANTIZE, "f32u8" }, { QS_REQUANTIZE, "s32u8" },
};

static int read_conv(struct subject *subject, const char *colon, struct error *error)
{
	if (!colon || !conv_parse(&subject->conv, colon + 1))
		return fail(error, STATUS_INPUT,
			    "bench '%.60s': expected %s:BATCHxHEIGHTxWIDTHxCHANNELS-OUT and then "
			    "kernel, stride and pad, as in 1x56x56x64-64k3s1p1",
			    subject->name, subject->operation->value.name);
	conv_sizes(&subject->conv, &subject->m, &subject->n, &subject->k);
	return 0;
}

int bench_shape_read(struct subject *subject, const char *text, struct error *error)
{
	const char *colon = strchr(text, ':'), *at = colon;
	char name[32];
	int64_t *sizes[3];
	int count = 0;

	*subject = (struct subject){ .kind = SUBJECT_OP, .name = (char *)text, .n = 1 };
	snprintf(name, sizeof name, "%.*s", colon ? (int)(colon - text) : (int)strlen(text), text);
	subject->operation = (const struct operation *)value_find(operation_values, name);
	if (!subject->operation)
		return fail_unknown(error, value_nearest(operation_values, name),
				    "`quantsweep list operation` prints the known ones",
				    "bench: unknown operation '%.31s'", name);
	if (subject->operation->is_convolution)
		return read_conv(subject, colon, error);
	sizes[count++] = &subject->m;
	if (subject->operation->has_n)
		sizes[count++] = &subject->n;
	sizes[count++] = &subject->k;
	for (int i = 0; i < count; i++) {
		char *end = NULL;
		const bool digit = at && at[1] >= '0' && at[1] <= '9';

		errno = 0;
		*sizes[i] = digit ? strtoll(at + 1, &end, 10) : 0;
		if (!digit || errno || *sizes[i] < 1 || *sizes[i] > INT32_MAX ||
		    *end != (i + 1 < count ? 'x' : '\0'))
			return fail(error, STATUS_INPUT,
				    "bench '%.60s': expected %s:%s with sizes from 1 to %d", text,
				    name, subject->operation->has_n ? "MxNxK" : "MxK", INT32_MAX);
		at = end;
	}
	return 0;
}

static int choose_types(struct bench *bench, struct error *error)
{
	const struct operation *operation = bench->subject->operation;
	const char *types = bench->words->types;

	for (size_t i = 0; !types && i < sizeof usual_types / sizeof *usual_types; i++)
		if (usual_types[i].op == operation->op)
			types = usual_types[i].types;
	if (types && strlen(types) < sizeof bench->types &&
	    types_have_kernel(bench->libraries, operation->op, types)) {
		strcpy(bench->types, types);
		return 0;
	}
	return fail(error, STATUS_INPUT,
		    "bench: no kernel takes %s_%.60s; `quantsweep list kernel` prints the kernels",
		    operation->value.name, types ? types : "");
}

/* What is asked of the weights and of the sums must have a meaning for the types. */
static int check_detail(const struct bench *bench, struct error *error)
{
	const struct race_detail *detail = &bench->words->detail;
	const char *operation = bench->subject->operation->value.name;
	const struct qs_kernel *like = kernel_reference(
		bench->libraries, bench->subject->operation->op, bench->types);
	int32_t least, most;
	const char *flag = detail->w_bits     ? "--w-bits"
			   : detail->w_zeros  ? "--zeros"
			   : detail->w_values ? "--w-values"
					      : NULL;

	if (detail->requantization && !workload_requantizes(like))
		return fail(error, STATUS_INPUT,
			    "bench: --requantization: no sum of %s_%s becomes a code; take it out, "
			    "or name other types",
			    operation, bench->types);
	if (flag && !type_range(like->w, &least, &most))
		return fail(error, STATUS_INPUT,
			    "bench: %s: %s_%s has no weights that are codes; take it out, or name "
			    "other types",
			    flag, operation, bench->types);
	if (detail->w_bits && detail->w_bits >= type_bits(like->w))
		return fail(error, STATUS_INPUT,
			    "bench: --w-bits %d: the weights of %s_%s have %d bits; expected fewer",
			    detail->w_bits, operation, bench->types, type_bits(like->w));
	return 0;
}

static int pick_kernels(const struct bench *bench, struct picks *picks, struct error *error)
{
	static const char *const everything[] = { "*" };
	const struct bench_words *words = bench->words;
	const struct libraries *libraries = bench->libraries;
	const size_t count = words->kernel_count ? words->kernel_count : 1;
	const char *const *kernels = words->kernel_count ? words->kernels : everything;
	const struct race_terms terms = { .subject = bench->subject, .types = bench->types,
					  .threads = words->threads, .batch = 1,
					  .detail = words->detail };

	for (size_t i = 0; i < count; i++)
		if (kernel_word_check(libraries, kernels[i], error) ||
		    kernel_word_pick(picks, libraries->env, libraries, kernels[i], &terms, error))
			return -1;
	return guests_pick(picks, libraries->env, libraries, &terms, error);
}

/* KERNEL/M/N/K, with the library where another has a kernel of this name. */
static void name_runner(const struct bench *bench, struct bench_runner *runner)
{
	const struct subject *subject = bench->subject;
	char library[80] = "", n[24] = "", threads[24] = "", shape[CONV_TEXT_SIZE];

	for (int i = 0; i < bench->count; i++)
		if (!strcmp(bench->runners[i].kernel->name, runner->kernel->name))
			snprintf(library, sizeof library, "@%.60s",
				 library_of_kernel(runner->library, runner->kernel));
	if (subject->operation->has_n)
		snprintf(n, sizeof n, "/%lld", (long long)subject->n);
	if (bench->words->threads > 1)
		snprintf(threads, sizeof threads, "/threads:%d", bench->words->threads);
	if (subject->conv.batch)
		conv_print(shape, sizeof shape, &subject->conv);
	else
		snprintf(shape, sizeof shape, "%lld%s/%lld", (long long)subject->m, n,
			 (long long)subject->k);
	snprintf(runner->name, sizeof runner->name, "%s%s/%s%s", runner->kernel->name, library,
		 shape, threads);
}

static int add_runners(struct bench *bench, const struct picks *picks, struct error *error)
{
	for (size_t i = 0; i < picks->count; i++) {
		const struct pick *pick = &picks->picks[i];
		struct bench_runner runner = { .kernel = pick->kernel, .library = pick->library };
		int taken;

		if (*pick->reason) {
			fprintf(bench->said, "# not timed: %s%s%s\n",
				pick->kernel ? pick->kernel->name : "", pick->kernel ? ": " : "",
				pick->reason);
			continue;
		}
		name_runner(bench, &runner);
		taken = bench_filter_takes(bench->words->filter, runner.name, error);
		if (taken < 0)
			return -1;
		if (taken && bench->count == RUNNERS_MAX)
			return fail(error, STATUS_INPUT,
				    "bench: more than %d kernels; name fewer with --kernel",
				    RUNNERS_MAX);
		if (taken)
			bench->runners[bench->count++] = runner;
	}
	if (!bench->count && !bench->words->filter)
		return fail(error, STATUS_INPUT,
			    "bench: none of the kernels can be timed; the lines before this one "
			    "say why");
	if (!bench->count)
		return fail(error, STATUS_INPUT,
			    "bench: --benchmark_filter '%s' lets no name through; "
			    "--benchmark_list_tests without it prints them",
			    bench->words->filter);
	return 0;
}

/* Google Benchmark ends the program where it cannot open the file. */
static int check_out(const struct bench *bench, struct error *error)
{
	const char *path = bench->words->out;
	int file;

	if (!path || bench->words->list)
		return 0;
	file = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0666);
	if (file < 0)
		return fail(error, STATUS_MACHINE, "--benchmark_out %s: cannot be written: %s",
			    path, strerror(errno));
	close(file);
	return 0;
}

static int check_memory(const struct bench *bench, struct error *error)
{
	const struct subject *subject = bench->subject;
	const double m = (double)subject->m, n = (double)subject->n, k = (double)subject->k;
	const bool product = op_is_product(subject->operation->op);
	/* floats: the operands, packed weights of two runners, two results */
	const double a = (double)shape_a_rows(subject->m, &subject->conv) *
			 (double)shape_a_columns(subject->k, &subject->conv);
	const double bytes = 4 * (a + (product ? 3 * n * k + 2 * m * n : 2 * m * k));
	const double available = (double)memory_available();

	if (bench->words->list || available <= 0 || bytes <= available)
		return 0;
	return fail(error, STATUS_MACHINE,
		    "bench %.60s: about %.0f MB are wanted and %.0f MB are free; choose a smaller "
		    "shape",
		    subject->name, bytes / 1e6, available / 1e6);
}

static void describe_death(char *out, size_t size, int status)
{
	if (WIFSIGNALED(status) && WTERMSIG(status) == SIGALRM)
		snprintf(out, size, "it did not come back in time");
	else if (WIFSIGNALED(status))
		snprintf(out, size, "killed by signal %d (%s)", WTERMSIG(status),
			 strsignal(WTERMSIG(status)));
	else
		snprintf(out, size, "it ended the process with status %d", WEXITSTATUS(status));
}

/* One child: 1: a runner died in its check, so that another child is wanted; 0; -1. */
static int launch(struct bench *bench, struct error *error)
{
	struct bench_report *report = bench->report;
	char death[100];
	int status;
	pid_t pid;

	report->phase = BENCH_CHECKING;
	fflush(NULL);
	pid = fork();
	if (pid < 0)
		return fail(error, STATUS_MACHINE, "bench: no process: %s", strerror(errno));
	if (!pid)
		bench_child(bench);
	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			return fail(error, STATUS_MACHINE, "bench: the process was lost: %s",
				    strerror(errno));
	if (report->phase == BENCH_FINISHED) {
		if (report->error.status == STATUS_DONE)
			return 0;
		*error = report->error;
		return -1;
	}
	describe_death(death, sizeof death, status);
	const int at = report->at < 0 || report->at >= bench->count ? 0 : report->at;

	if (report->phase == BENCH_TIMING || report->runner[at].judged)
		return fail(error, STATUS_FAILED,
			    "bench: %s: %s while it was %s; the results end there",
			    bench->runners[at].kernel->name, death,
			    report->phase == BENCH_TIMING ? "timed" : "prepared");
	report->runner[at].judged = true;
	report->runner[at].verdict = VERDICT_WRONG;
	snprintf(report->runner[at].reason, sizeof report->runner[at].reason, "%s", death);
	return 1;
}

/* Wrong kernels are the answer's first word. */
static int conclude(const struct bench *bench, struct error *error)
{
	const struct bench_report *report = bench->report;
	const char *first = NULL, *reason = "";
	int bad = 0;

	for (int i = 0; i < bench->count; i++) {
		const bool wrong = report->runner[i].verdict == VERDICT_WRONG;

		if (!wrong && !report->runner[i].failed)
			continue;
		if (!bad++) {
			first = bench->runners[i].kernel->name;
			reason = wrong ? report->runner[i].reason : "it failed while it was timed";
		}
	}
	if (!bad)
		return 0;
	return fail(error, STATUS_FAILED, "bench: %d of %d kernels cannot be trusted: %s: %s", bad,
		    bench->count, first, reason);
}

static int run_bench(struct bench *bench, struct error *error)
{
	struct picks picks = { 0 };
	int result = check_detail(bench, error) || pick_kernels(bench, &picks, error) ||
				     add_runners(bench, &picks, error) ||
				     check_memory(bench, error) || check_out(bench, error)
			     ? -1
			     : 1;

	env_free(bench->libraries->env, picks.picks);
	while (result > 0)
		result = launch(bench, error);
	return result ? -1 : conclude(bench, error);
}

int bench_run(const struct libraries *libraries, const struct subject *subject,
	      const struct bench_words *words, FILE *said, struct error *error)
{
	struct bench bench = {
		.libraries = libraries, .subject = subject, .words = words, .said = said
	};
	int result;

	if (choose_types(&bench, error))
		return -1;
	bench.runners =
		env_new(libraries->env, RUNNERS_MAX, sizeof *bench.runners, "a bench", error);
	if (!bench.runners)
		return -1;
	bench.report = mmap(NULL, sizeof *bench.report, PROT_READ | PROT_WRITE,
			    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (bench.report == MAP_FAILED) {
		result = fail_memory(error, sizeof *bench.report, "a bench's report");
	} else {
		result = run_bench(&bench, error);
		munmap(bench.report, sizeof *bench.report);
	}
	env_free(libraries->env, bench.runners);
	return result;
}

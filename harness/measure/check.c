/* SPDX-License-Identifier: MIT */
#include "check.h"

#include "../axes/tables.h"
#include "../text.h"
#include "check_cases.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

enum { CASES_LEAST = 240, CONVOLUTIONS = 360 };

/* What a child tells, in memory that both see. */
struct report {
	char at[200];           /* the case that is running                              */
	char fault[1300];       /* the first wrong case and what is wrong; empty: none   */
	int cases, refused, within, wrong;
	bool finished;          /* a kernel may end the process with status 0            */
	char refusal[REFUSAL_TEXT];      /* why the last of them was refused             */
};

struct checking {
	struct libraries *libraries;
	const struct check_options *options;
	FILE *out;
	struct check_counts *counts;
	struct report *report;
};

/* 0 unless the kernel is wrong on this case.  Of a peer all cases are counted. */
static int check_case(const struct env *env, const struct qs_kernel *kernel,
		      const struct qs_kernel *reference, const struct workload_spec *spec,
		      struct report *report)
{
	struct workload_difference difference;
	struct workload workload;
	char described[200];
	struct error error;
	enum verdict verdict;

	check_case_describe(report->at, sizeof report->at, spec);
	report->cases++;
	if (workload_make(&workload, env, spec, reference, &error)) {
		snprintf(report->fault, sizeof report->fault, "%.199s: %s", report->at,
			 error.text);
		return -1;
	}
	verdict = workload_check(&workload, kernel, spec->seed % 4 ? spec->seed : 0, &difference);
	workload_free(&workload);
	report->within += verdict == VERDICT_WITHIN;
	if (verdict == VERDICT_REFUSED) {
		report->refused++;
		copy_one_line(report->refusal, sizeof report->refusal, difference.reason);
	} else if (verdict == VERDICT_WRONG) {
		workload_describe(described, sizeof described, &difference);
		if (!report->wrong++)
			snprintf(report->fault, sizeof report->fault, "%.199s: %s", report->at,
				 described);
		return kernel->peer ? 0 : -1;
	}
	return 0;
}

/* All sizes, again with other draws until there are enough cases. */
static int check_sizes(const struct env *env, const struct qs_kernel *kernel,
		       const struct qs_kernel *reference, uint64_t seed, struct report *report)
{
	int64_t m[CHECK_SIZES], n[CHECK_SIZES], k[CHECK_SIZES];
	const int ms = check_sizes_of(kernel->tile_m, m), ks = check_sizes_of(kernel->tile_k, k);
	const int ns = op_is_product(kernel->op) ? check_sizes_of(kernel->tile_n, n) : 1;

	n[0] = 1;
	for (uint64_t index = 0; report->cases < CASES_LEAST;)
		for (int at = 0; at < ms * ns * ks; at++)
			for (int style = 0; style < WORKLOAD_STYLES; style++, index++) {
				struct workload_spec spec = check_case_draw(kernel, seed, index);

				spec.m = m[at / (ns * ks)];
				spec.n = n[at / ks % ns];
				spec.k = k[at % ks];
				if (check_case(env, kernel, reference, &spec, report))
					return -1;
			}
	return 0;
}

/* Convolutions have too many sizes for all of them. */
static int check_convolutions(const struct env *env, const struct qs_kernel *kernel,
			      const struct qs_kernel *reference, uint64_t seed,
			      struct report *report)
{
	for (uint64_t index = 0; index < CONVOLUTIONS; index++) {
		struct workload_spec spec = check_case_draw(kernel, seed, index);

		spec.conv = check_conv_draw(kernel, seed, index);
		if (index & 2)
			check_conv_plainly(&spec);
		if (check_case(env, kernel, reference, &spec, report))
			return -1;
	}
	return 0;
}

/* Long rows: pieces of a row, and the longest sums of extreme codes that fit s32 with two zero
 * points (33,025 * 255 * 255 <= 2^31 - 1). */
static int check_long(const struct env *env, const struct qs_kernel *kernel,
		      const struct qs_kernel *reference, uint64_t seed, struct report *report)
{
	const int64_t k[] = { 4099, 33025, 40009 };
	int32_t least, most;

	for (uint64_t i = 0; i < 6; i++) {
		struct workload_spec spec = check_case_draw(kernel, seed, (1 << 20) + i);

		spec.m = 4;
		spec.n = op_is_product(kernel->op) ? 4 : 1;
		spec.k = k[i / 2];
		if (kernel->op == QS_CONV2D)
			spec.conv = check_conv_long(spec.k);
		if (type_range(kernel->w, &least, &most) && spec.k > 33025)
			continue;
		if (type_range(kernel->w, &least, &most)) {
			spec.bias = false;
			spec.w.zero = i & 1 ? most : least;
		}
		if (check_case(env, kernel, reference, &spec, report))
			return -1;
	}
	return 0;
}

/* The child: its kernel's words on standard output are not ours. */
static void child(const struct checking *checking, const struct qs_kernel *kernel,
		  const struct qs_kernel *reference)
{
	const struct env *env = checking->libraries->env;
	const uint64_t seed = checking->options->seed;
	struct report *report = checking->report;
	const int nowhere = open("/dev/null", O_WRONLY);

	static const int signals[] = { SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT, SIGALRM };

	/* a handler that came along would go on in the child with the parent's work */
	for (size_t i = 0; i < sizeof signals / sizeof *signals; i++)
		signal(signals[i], SIG_DFL);
	if (nowhere >= 0)
		dup2(nowhere, STDOUT_FILENO);
	setrlimit(RLIMIT_CORE, &(struct rlimit){ 0, 0 });
	alarm(checking->options->seconds);
	if (kernel->op == QS_CONV2D
		    ? !check_convolutions(env, kernel, reference, seed, report)
		    : !check_sizes(env, kernel, reference, seed, report))
		check_long(env, kernel, reference, seed, report);
	report->finished = true;
	_exit(0);
}

/* Why the child did not come to its end by itself; false: it did. */
static bool describe_end(char *out, size_t size, int status, const struct checking *checking)
{
	if (WIFSIGNALED(status) && WTERMSIG(status) == SIGALRM)
		snprintf(out, size, "it took longer than %u s", checking->options->seconds);
	else if (WIFSIGNALED(status))
		snprintf(out, size, "killed by signal %d (%s)", WTERMSIG(status),
			 strsignal(WTERMSIG(status)));
	else if (!checking->report->finished)
		snprintf(out, size, "it ended the process with status %d", WEXITSTATUS(status));
	else
		return false;
	return true;
}

/* A peer is what it is on this machine: that is told, and is no failure of ours. */
static void print_fault(const struct checking *checking, const struct qs_kernel *kernel,
			const char *fault)
{
	if (kernel->peer)
		checking->counts->peers_wrong++;
	else
		checking->counts->failed++;
	fprintf(checking->out, "%s - %s: ", kernel->peer ? "peer wrong" : "not ok", kernel->name);
	if (kernel->peer && checking->report->wrong)
		fprintf(checking->out, "%d of %d cases, first ", checking->report->wrong,
			checking->report->cases - checking->report->refused);
	fprintf(checking->out, "%s\n", fault);
}

static void print_result(const struct checking *checking, const struct qs_kernel *kernel,
			 int status)
{
	const struct report *report = checking->report;
	struct check_counts *counts = checking->counts;
	const char *name = kernel->name;
	FILE *out = checking->out;
	char end[100], died[320];

	if (describe_end(end, sizeof end, status, checking)) {
		snprintf(died, sizeof died, "%.199s: %s", report->at, end);
		print_fault(checking, kernel, died);
	} else if (*report->fault) {
		print_fault(checking, kernel, report->fault);
	} else if (report->refused == report->cases) {
		counts->skipped++;
		fprintf(out, "ok - %s # SKIP it refuses every task: %s\n", name, report->refusal);
	} else {
		counts->passed++;
		fprintf(out, "ok - %s (%d cases", name, report->cases - report->refused);
		if (report->within)
			fprintf(out, ", %d within its claim", report->within);
		if (report->refused)
			fprintf(out, ", %d refused: %s", report->refused, report->refusal);
		fprintf(out, ")\n");
	}
}

static int check_kernel(const struct checking *checking, const struct qs_kernel *kernel,
			struct error *error)
{
	const struct qs_kernel *reference;
	char types[64];
	int status;
	pid_t pid;

	kernel_types(types, sizeof types, kernel);
	reference = kernel_reference(checking->libraries, kernel->op, types);
	if (!reference) {
		checking->counts->skipped++;
		fprintf(checking->out, "ok - %s # SKIP no reference of %s %s\n", kernel->name,
			op_name(kernel->op), types);
		return 0;
	}
	memset(checking->report, 0, sizeof *checking->report);
	fflush(NULL);
	pid = fork();
	if (pid < 0)
		return fail(error, STATUS_MACHINE, "no process for checking %s: %s", kernel->name,
			    strerror(errno));
	if (!pid)
		child(checking, kernel, reference);
	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			return fail(error, STATUS_MACHINE,
				    "the process that checked %s was lost: %s", kernel->name,
				    strerror(errno));
	print_result(checking, kernel, status);
	return 0;
}

static bool is_asked(const struct checking *checking, const struct qs_kernel *kernel)
{
	const char *only = checking->options->only;

	return !only || glob_match(only, kernel->name, false);
}

/* Under the mask of libraries->env, `best` of each of our families is there and runs on it. */
static void check_best(const struct checking *checking, const char *isa)
{
	const struct libraries *libraries = checking->libraries;
	const struct qs_library *ours = libraries->libraries[0].table;
	const struct qs_conv none = { 0 }, plain = check_conv_plain();

	for (size_t i = 0; i < ours->count; i++) {
		const struct qs_kernel *kernel = ours->kernels[i], *best;
		struct qs_task task;
		const char *reason;
		char types[64];

		if (kernel->needs & ~libraries->env->cpu || !is_asked(checking, kernel))
			continue;
		kernel_types(types, sizeof types, kernel);
		task_of_shape(&task, kernel, 64, 64, 64,
			      kernel->op == QS_CONV2D ? &plain : &none);
		best = kernel_best(libraries, kernel->op, types, &task, &reason);
		if (best && !(best->needs & ~libraries->env->cpu))
			continue;
		checking->counts->failed++;
		fprintf(checking->out, "not ok - best of %s %s under %s: %s\n",
			op_name(kernel->op), types, isa, best ? best->name : reason);
	}
}

/* The smallest row of the table that has these features and lies within `cpu`; NULL: none. */
static const struct isa *isa_for(uint64_t needs, uint64_t cpu)
{
	for (const struct value *const *value = isa_values; *value; value++) {
		const struct isa *isa = (const struct isa *)*value;

		if (!(needs & ~isa->features) && !(isa->features & ~cpu))
			return isa;
	}
	return NULL;
}

/* The kernels whose smallest mask is `now`; NULL: those of no mask, which may lack the CPU. */
static int check_mask(const struct checking *checking, const struct isa *now, uint64_t cpu,
		      struct error *error)
{
	for (size_t i = 0; i < checking->libraries->count; i++) {
		const struct qs_library *table = checking->libraries->libraries[i].table;

		for (size_t j = 0; j < table->count; j++) {
			const struct qs_kernel *kernel = table->kernels[j];
			const struct isa *lacks = isa_for(kernel->needs, UINT64_MAX);

			if (isa_for(kernel->needs, cpu) != now || kernel->peer ||
			    !is_asked(checking, kernel))
				continue;
			if (!now && kernel->needs & ~cpu) {
				checking->counts->skipped++;
				fprintf(checking->out, "ok - %s # SKIP cpu lacks %s\n",
					kernel->name, lacks ? lacks->value.name : "what it needs");
			} else if (check_kernel(checking, kernel, error)) {
				return -1;
			}
		}
	}
	return 0;
}

/* Peers choose their instructions by themselves: each once, on the CPU as --isa has it. */
static int check_peers(const struct checking *checking, struct error *error)
{
	const struct libraries *libraries = checking->libraries;

	for (size_t i = 0; i < libraries->count; i++) {
		const struct qs_library *table = libraries->libraries[i].table;

		for (size_t j = 0; j < table->count; j++) {
			const struct qs_kernel *kernel = table->kernels[j];

			if (!kernel->peer || !is_asked(checking, kernel))
				continue;
			if (kernel->needs & ~libraries->env->cpu) {
				checking->counts->skipped++;
				fprintf(checking->out,
					"ok - %s # SKIP it uses what the cpu lacks or --isa "
					"masks\n",
					kernel->name);
			} else if (check_kernel(checking, kernel, error)) {
				return -1;
			}
		}
	}
	return 0;
}

static int check_masks(const struct checking *checking, const struct env *env,
		       struct error *error)
{
	fprintf(checking->out, "# seed %llu\n", (unsigned long long)checking->options->seed);
	for (const struct value *const *value = isa_values; *value; value++) {
		const struct isa *isa = (const struct isa *)*value;
		struct env masked = *env;
		int result;

		if (isa->features & ~env->cpu)
			continue;
		masked.cpu = isa->features;
		checking->libraries->env = &masked;
		fprintf(checking->out, "# isa %s\n", isa->value.name);
		check_best(checking, isa->value.name);
		result = check_mask(checking, isa, env->cpu, error);
		checking->libraries->env = env;
		if (result)
			return -1;
	}
	return check_mask(checking, NULL, env->cpu, error) || check_peers(checking, error) ? -1 : 0;
}

int check_all(struct libraries *libraries, const struct check_options *options, FILE *out,
	      struct check_counts *counts, struct error *error)
{
	struct checking checking = { libraries, options, out, counts, NULL };
	int result;

	*counts = (struct check_counts){ 0 };
	checking.report = mmap(NULL, sizeof *checking.report, PROT_READ | PROT_WRITE,
			       MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (checking.report == MAP_FAILED)
		return fail_memory(error, sizeof *checking.report, "the check's report");
	result = check_masks(&checking, libraries->env, error);
	munmap(checking.report, sizeof *checking.report);
	return result;
}

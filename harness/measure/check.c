/* SPDX-License-Identifier: MIT */
#include "check.h"

#include "../axes/tables.h"
#include "../random.h"
#include "workload.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

enum { SIZES = 5, CASES_LEAST = 240 };

/* What a child tells, in memory that both see. */
struct report {
	char at[200];           /* the case that is running                              */
	char fault[1000];       /* empty: none                                           */
	int cases, refused;
	const char *refusal;    /* a string constant: the same address in both           */
};

static bool is_prime(int64_t n)
{
	for (int64_t i = 2; i * i <= n; i++)
		if (n % i == 0)
			return false;
	return n > 1;
}

/* The sizes that hang on a tile, without doubles, small to large. */
static int sizes_of(int64_t tile, int64_t sizes[SIZES])
{
	const int64_t wanted[] = { 1, tile - 1, tile, tile + 1, 2 * tile + 1 };
	int count = 0;

	for (int i = 0; i < SIZES; i++)
		if (wanted[i] > (count ? sizes[count - 1] : 0))
			sizes[count++] = wanted[i];
	while (!is_prime(sizes[count - 1]))
		sizes[count - 1]++;
	return count;
}

/* Places in a code range where kernels break: both ends and their neighbours, the middle. */
static int32_t draw_zero(enum qs_type type, uint32_t word)
{
	int32_t least, most;

	if (!type_range(type, &least, &most))
		return WORKLOAD_NO_ZERO;
	const int32_t middle = (int32_t)(((int64_t)least + most) >> 1);
	const int32_t zeros[] = { WORKLOAD_NO_ZERO, least, least + 1, middle, middle + 1, most };
	return zeros[word % (sizeof zeros / sizeof *zeros)];
}

/* The whole range of y's type, a range of 2 .. 7 bits, or one that begins at the zero point. */
static void draw_clamp(struct workload_spec *spec, uint32_t word)
{
	const int bits = 2 + (int)(word >> 8) % 6;

	if (!type_range(spec->like->y, &spec->low, &spec->high)) {
		spec->low = INT32_MIN;
		spec->high = INT32_MAX;
	} else if (word % 3 == 1) {
		spec->high = (1 << (spec->low < 0 ? bits - 1 : bits)) - 1;
		spec->low = spec->low < 0 ? -spec->high - 1 : 0;
	} else if (word % 3 == 2 && spec->y.zero != WORKLOAD_NO_ZERO) {
		spec->low = spec->y.zero;
	}
}

static void draw_operand(struct workload_operand *operand, enum qs_type type, uint32_t word)
{
	/* two 4-bit elements share a byte: rows begin on one */
	operand->pad = type_bits(type) < 8 ? 2 * (int64_t)(word % 3) : (int64_t)(word % 4);
	operand->per_row = word >> 4 & 1;
	operand->zero = draw_zero(type, word >> 8);
}

static struct workload_spec draw_case(const struct qs_kernel *kernel, uint64_t seed, uint64_t index)
{
	const struct random4 first = random_at(seed, 1, index), second = random_at(seed, 2, index);
	struct workload_spec spec = { .like = kernel, .seed = seed + index,
				      .style = index % WORKLOAD_STYLES,
				      .over_read = kernel->over_read };

	draw_operand(&spec.a, kernel->a, first.word[0]);
	draw_operand(&spec.w, kernel->w, first.word[1]);
	draw_operand(&spec.y, kernel->y, first.word[2]);
	draw_clamp(&spec, first.word[3]);
	spec.guard = second.word[0] % WORKLOAD_GUARDS;
	spec.bias = op_is_product(kernel->op) && second.word[1] & 1;
	spec.round = second.word[2] % QS_ROUNDS;
	return spec;
}

static void print_zero(char *out, size_t size, const char *name,
		       const struct workload_operand *operand)
{
	if (operand->zero == WORKLOAD_NO_ZERO)
		snprintf(out, size, "%s none", name);
	else
		snprintf(out, size, "%s %d%s", name, (int)operand->zero,
			 operand->per_row ? " and others" : "");
}

static void describe(char *out, size_t size, const struct workload_spec *spec)
{
	char a[40], w[40], y[40];

	print_zero(a, sizeof a, "a", &spec->a);
	print_zero(w, sizeof w, "w", &spec->w);
	print_zero(y, sizeof y, "y", &spec->y);
	snprintf(out, size, "m %lld n %lld k %lld %s pad %lld %lld %lld zero %s %s %s%s round %d "
		 "clamp %d %d guard %s seed %llu", (long long)spec->m, (long long)spec->n,
		 (long long)spec->k, spec->style == WORKLOAD_EXTREME ? "extreme" : "random",
		 (long long)spec->a.pad, (long long)spec->w.pad, (long long)spec->y.pad, a, w, y,
		 spec->bias ? " bias" : "", (int)spec->round, (int)spec->low, (int)spec->high,
		 spec->guard == GUARD_AFTER ? "after" : "before", (unsigned long long)spec->seed);
}

/* 0 unless the kernel is wrong on this case. */
static int check_case(const struct env *env, const struct qs_kernel *kernel,
		      const struct qs_kernel *reference, const struct workload_spec *spec,
		      struct report *report)
{
	struct workload_difference difference;
	struct workload workload;
	struct error error;
	enum verdict verdict;

	describe(report->at, sizeof report->at, spec);
	report->cases++;
	if (workload_make(&workload, env, spec, reference, &error)) {
		snprintf(report->fault, sizeof report->fault, "%s", error.text);
		return -1;
	}
	verdict = workload_check(&workload, kernel, spec->seed % 4 ? spec->seed : 0, &difference);
	workload_free(&workload);
	if (verdict == VERDICT_REFUSED) {
		report->refused++;
		report->refusal = difference.reason;
	} else if (verdict == VERDICT_WRONG) {
		workload_describe(report->fault, sizeof report->fault, &difference);
		return -1;
	}
	return 0;
}

/* All sizes, again with other draws until there are enough cases. */
static int check_sizes(const struct env *env, const struct qs_kernel *kernel,
		       const struct qs_kernel *reference, uint64_t seed, struct report *report)
{
	int64_t m[SIZES], n[SIZES], k[SIZES];
	const int ms = sizes_of(kernel->tile_m, m), ks = sizes_of(kernel->tile_k, k);
	const int ns = op_is_product(kernel->op) ? sizes_of(kernel->tile_n, n) : 1;

	n[0] = 1;
	for (uint64_t index = 0; report->cases < CASES_LEAST;)
		for (int at = 0; at < ms * ns * ks; at++)
			for (int style = 0; style < WORKLOAD_STYLES; style++, index++) {
				struct workload_spec spec = draw_case(kernel, seed, index);

				spec.m = m[at / (ns * ks)];
				spec.n = n[at / ks % ns];
				spec.k = k[at % ks];
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
		struct workload_spec spec = draw_case(kernel, seed, (1 << 20) + i);

		spec.m = 4;
		spec.n = op_is_product(kernel->op) ? 4 : 1;
		spec.k = k[i / 2];
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

static void child(const struct env *env, const struct qs_kernel *kernel,
		  const struct qs_kernel *reference, uint64_t seed, struct report *report)
{
	setrlimit(RLIMIT_CORE, &(struct rlimit){ 0, 0 });
	alarm(CHECK_SECONDS);
	if (!check_sizes(env, kernel, reference, seed, report))
		check_long(env, kernel, reference, seed, report);
	_exit(0);
}

static void print_result(FILE *out, const char *name, int status, const struct report *report,
			 struct check_counts *counts)
{
	counts->failed++;
	if (WIFSIGNALED(status) && WTERMSIG(status) == SIGALRM)
		fprintf(out, "not ok - %s: %s: it took longer than %d s\n", name, report->at,
			CHECK_SECONDS);
	else if (WIFSIGNALED(status))
		fprintf(out, "not ok - %s: %s: killed by signal %d (%s)\n", name, report->at,
			WTERMSIG(status), strsignal(WTERMSIG(status)));
	else if (WEXITSTATUS(status))
		fprintf(out, "not ok - %s: %s: the process ended with status %d\n", name,
			report->at, WEXITSTATUS(status));
	else if (*report->fault)
		fprintf(out, "not ok - %s: %s: %s\n", name, report->at, report->fault);
	else {
		counts->failed--;
		if (report->refused == report->cases) {
			counts->skipped++;
			fprintf(out, "ok - %s # SKIP it refuses every task: %s\n", name,
				report->refusal);
			return;
		}
		counts->passed++;
		fprintf(out, "ok - %s (%d cases", name, report->cases - report->refused);
		if (report->refused)
			fprintf(out, ", %d refused: %s", report->refused, report->refusal);
		fprintf(out, ")\n");
	}
}

static int check_kernel(const struct libraries *libraries, const struct qs_kernel *kernel,
			uint64_t seed, struct report *report, FILE *out,
			struct check_counts *counts, struct error *error)
{
	const struct qs_kernel *reference;
	char types[64];
	int status;
	pid_t pid;

	kernel_types(types, sizeof types, kernel);
	reference = kernel_reference(libraries, kernel->op, types);
	if (!reference) {
		counts->skipped++;
		fprintf(out, "ok - %s # SKIP no reference of %s %s\n", kernel->name,
			op_name(kernel->op), types);
		return 0;
	}
	memset(report, 0, sizeof *report);
	fflush(out);
	pid = fork();
	if (pid < 0)
		return fail(error, STATUS_MACHINE, "no process for checking %s: %s", kernel->name,
			    strerror(errno));
	if (!pid)
		child(libraries->env, kernel, reference, seed, report);
	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			return fail(error, STATUS_MACHINE,
				    "the process that checked %s was lost: %s", kernel->name,
				    strerror(errno));
	print_result(out, kernel->name, status, report, counts);
	return 0;
}

/* Under this mask, `best` of each of our families runs on it and is the last row that does. */
static void check_best(const struct libraries *libraries, const char *isa, FILE *out,
		       struct check_counts *counts)
{
	const struct qs_library *ours = libraries->libraries[0].table;

	for (size_t i = 0; i < ours->count; i++) {
		const struct qs_kernel *kernel = ours->kernels[i], *best;
		struct qs_task task;
		const char *reason;
		char types[64];

		kernel_types(types, sizeof types, kernel);
		if (kernel->needs & ~libraries->env->cpu)
			continue;
		task_plain(&task, kernel, 64, 64, 64);
		best = kernel_best(libraries, kernel->op, types, &task, &reason);
		if (!best || best->needs & ~libraries->env->cpu) {
			counts->failed++;
			fprintf(out, "not ok - best of %s %s under %s: %s\n", op_name(kernel->op),
				types, isa, best ? best->name : reason);
		}
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
static int check_mask(const struct libraries *libraries, const struct isa *now, uint64_t cpu,
		      uint64_t seed, struct report *report, FILE *out, struct check_counts *counts,
		      struct error *error)
{
	for (size_t i = 0; i < libraries->count; i++) {
		const struct qs_library *table = libraries->libraries[i].table;

		for (size_t j = 0; j < table->count; j++) {
			const struct qs_kernel *kernel = table->kernels[j];
			const struct isa *lacks = isa_for(kernel->needs, UINT64_MAX);

			if (isa_for(kernel->needs, cpu) != now)
				continue;
			if (!now && kernel->needs & ~cpu) {
				counts->skipped++;
				fprintf(out, "ok - %s # SKIP cpu lacks %s\n", kernel->name,
					lacks ? lacks->value.name : "what it needs");
			} else if (check_kernel(libraries, kernel, seed, report, out, counts,
						error)) {
				return -1;
			}
		}
	}
	return 0;
}

int check_all(struct libraries *libraries, uint64_t seed, FILE *out, struct check_counts *counts,
	      struct error *error)
{
	const struct env *env = libraries->env;
	struct report *report;
	int result = 0;

	*counts = (struct check_counts){ 0 };
	report = mmap(NULL, sizeof *report, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1,
		      0);
	if (report == MAP_FAILED)
		return fail_memory(error, sizeof *report, "the check's report");
	fprintf(out, "# seed %llu\n", (unsigned long long)seed);
	for (const struct value *const *value = isa_values; *value && !result; value++) {
		const struct isa *isa = (const struct isa *)*value;
		struct env masked = *env;

		if (isa->features & ~env->cpu)
			continue;
		masked.cpu = isa->features;
		libraries->env = &masked;
		fprintf(out, "# isa %s\n", isa->value.name);
		check_best(libraries, isa->value.name, out, counts);
		result = check_mask(libraries, isa, env->cpu, seed, report, out, counts, error);
		libraries->env = env;
	}
	if (!result)
		result = check_mask(libraries, NULL, env->cpu, seed, report, out, counts, error);
	munmap(report, sizeof *report);
	return result;
}

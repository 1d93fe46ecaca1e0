/* SPDX-License-Identifier: MIT
 *
 * quantsweep limits: what this machine can do at most.
 */
#include "../measure/warnings.h"
#include "../store/store.h"
#include "command.h"

#include <limits.h>
#include <math.h>
#include <string.h>

extern const struct command command_limits;

enum { STORE, THREADS, READ, QUICK };

static const struct option options[] = {
	[STORE] = { "--store", "DB", "keep them in this result file, for the roofs of its timings",
		    false },
	[THREADS] = { "--threads", "N", "threads that work at once, each pinned (default 1)",
		      false },
	[READ] = { "--read", "BYTES",
		   "also a loop that only reads so many bytes, as the weights of a gemm", true },
	[QUICK] = { "--quick", NULL, "short samples and few launches, as `run` takes them", false },
	{ 0 },
};

struct request {
	const char *store;
	struct limits_options how;
	int64_t reads[READ_LOOPS_MOST];
};

static int add_read(struct request *request, const char *value, struct error *error)
{
	long long bytes;

	if (request->how.read_count == READ_LOOPS_MOST)
		return fail(error, STATUS_INPUT, "--read: at most %d sizes", READ_LOOPS_MOST);
	if (option_whole("--read", value, 2 * MOVE_STEP, 1ll << 40, &bytes, error))
		return -1;
	for (int i = 0; i < request->how.read_count; i++)
		if (request->reads[i] == bytes)
			return fail(error, STATUS_INPUT, "--read %lld is given twice", bytes);
	request->reads[request->how.read_count++] = bytes;
	return 0;
}

static int read_request(struct request *request, int argc, char **argv, struct error *error)
{
	struct option_walk walk = { .command = &command_limits, .argc = argc, .argv = argv };
	long long threads = 1;
	const char *value;
	int option;

	*request = (struct request){ .how = { .threads = 1 } };
	request->how.reads = request->reads;
	while ((option = option_next(&walk, &value, error)) != OPTION_END)
		switch (option) {
		case STORE:
			request->store = value;
			break;
		case THREADS:
			if (option_whole("--threads", value, 1, 1024, &threads, error))
				return -1;
			request->how.threads = (int)threads;
			break;
		case READ:
			if (add_read(request, value, error))
				return -1;
			break;
		case QUICK:
			request->how.quick = true;
			break;
		case OPTION_WORD:
			return fail(error, STATUS_INPUT,
				    "limits: unexpected word '%s'; it takes options alone", value);
		default:
			return -1;
		}
	return 0;
}

/* The fastest loop of the limit that this row is the first of; NULL: another row is its first, or
 * none has a value. */
static const struct limit_result *fastest(const struct machine_limits *limits, size_t first)
{
	const struct limit_result *best = NULL;

	for (size_t i = 0; i < limits->count; i++) {
		const struct limit_result *result = &limits->results[i];

		if (strcmp(result->name, limits->results[first].name))
			continue;
		if (i < first)
			return NULL;
		if (!isnan(result->value) && (!best || result->value > best->value))
			best = result;
	}
	return best;
}

static void print_size(char *out, size_t size, int64_t bytes)
{
	if (!bytes)
		*out = '\0';
	else if (bytes < 1 << 20)
		snprintf(out, size, "%lld KiB", (long long)(bytes >> 10));
	else
		snprintf(out, size, "%.4g MiB", (double)bytes / (1 << 20));
}

static void print_result(const struct machine_limits *limits, const struct limit_result *result,
			 bool named)
{
	char bytes[32], spread[16] = "", last[32] = "";

	print_size(bytes, sizeof bytes, result->bytes);
	if (!isnan(result->spread))
		snprintf(spread, sizeof spread, "%.1f %%", 100 * result->spread);
	if (*bytes)
		snprintf(last, sizeof last, "%s", bytes);
	printf("%-13s %10.4g %s %8s %8d  %-16s %s\n", named ? result->name : "", result->value,
	       limit_unit(result->limit), spread, limits->threads, limit_isa(result->limit), last);
}

/* Each limit by its fastest loop; of arithmetic the others below it. */
static void print_limits(const struct machine_limits *limits)
{
	printf("%-13s %15s %8s %8s  %-16s %s\n", "limit", "value", "spread", "threads", "by", "on");
	for (size_t i = 0; i < limits->count; i++) {
		const struct limit_result *best = fastest(limits, i);

		if (!best)
			continue;
		print_result(limits, best, true);
		for (size_t j = limits->count; best->level < 0 && j-- > 0;) {
			const struct limit_result *other = &limits->results[j];

			if (other != best && !strcmp(other->name, best->name) &&
			    !isnan(other->value))
				print_result(limits, other, false);
		}
	}
}

/* One line for a loop, whose levels may share the reason. */
static void print_skips(const struct machine_limits *limits)
{
	for (size_t i = 0; i < limits->count; i++) {
		const struct limit_result *result = &limits->results[i], *before = result - 1;

		if (!*result->reason || (i && before->limit == result->limit &&
					 !strcmp(before->reason, result->reason)))
			continue;
		printf("skipped: %s%s%s: %s\n", result->limit->value.name,
		       result->level < 0 ? "" : " as ", result->level < 0 ? "" : result->name,
		       result->reason);
	}
}

static int keep(const struct request *request, const struct env *env, const struct machine *machine,
		const struct machine_limits *limits, struct error *error)
{
	struct store *store;
	int failed;

	if (!request->store)
		return 0;
	if (store_open(&store, env, request->store, error))
		return -1;
	failed = store_put_limits(store, machine, limits, error);
	store_close(store);
	if (!failed)
		printf("stored in %s\n", request->store);
	return failed;
}

/* Of the table of warnings about times, what was seen while the launches ran. */
static void print_warnings(const struct machine_limits *limits, const struct surroundings *around)
{
	const struct warning_facts machine = { .around = around };
	const struct warning_facts workers = { .of_race = true,
					       .around = around,
					       .launches = INT_MAX,
					       .made = 1,
					       .unpinned = !limits->pinned,
					       .step_ns = NAN };
	char seen[200];

	for (const struct value *const *value = warning_values; *value; value++) {
		const struct warning *warning = warning_of(*value);

		if (warning->sees(warning->of_race ? &workers : &machine, seen, sizeof seen))
			printf("warning: %s: %s; %s\n", seen, warning->effect, warning->advice);
	}
}

/* Measured while the machine is watched. */
static int measure(struct machine_limits *limits, const struct env *env,
		   const struct limits_options *how, struct surroundings *around,
		   struct error *error)
{
	double own_s;

	surroundings_start(around, NULL, NULL);
	surroundings_before(around);
	own_s = processor_seconds();
	if (limits_measure(limits, env, how, error))
		return -1;
	surroundings_after(around, limits->seconds, processor_seconds() - own_s, limits->cpu,
			   how->threads);
	return 0;
}

static int run_limits_command(const struct env *env, int argc, char **argv, struct error *error)
{
	struct request request;
	struct machine_limits limits;
	struct machine machine;
	struct surroundings around;
	size_t dead = 0;
	int failed;

	if (read_request(&request, argc, argv, error) || machine_read(&machine, env, error))
		return -1;
	fprintf(stderr, "measuring, about %.0f s ...\n", limits_seconds(&request.how));
	if (measure(&limits, env, &request.how, &around, error))
		return -1;
	printf("limits of %s, %d thread%s, in %.1f s\n", machine.cpu, limits.threads,
	       limits.threads == 1 ? "" : "s", limits.seconds);
	print_limits(&limits);
	print_skips(&limits);
	print_warnings(&limits, &around);
	failed = keep(&request, env, &machine, &limits, error);
	for (size_t i = 0; i < limits.count; i++)
		dead += !strncmp(limits.results[i].reason, "the worker ", 11);
	limits_free(&limits);
	if (failed)
		return -1;
	return dead ? fail(error, STATUS_FAILED,
			   "%zu loops have no value because their worker died", dead)
		    : 0;
}

const struct command command_limits = {
	.name = "limits",
	.synopsis = "[--store DB] [--threads N] [--quick]",
	.summary = "this machine's peaks: int8, int16, f32, bf16; L1, L2, L3, DRAM",
	.options = options,
	.notes = "GOPS: 10^9 multiplications and additions a second; GB/s: 10^9 bytes, those read "
		 "and\n"
		 "those written of a copy.  The value is the best launch, the spread what the "
		 "worst one\n"
		 "lacks of it.  `quantsweep list limit` says what each loop does.",
	.run = run_limits_command,
};

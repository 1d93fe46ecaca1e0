/* SPDX-License-Identifier: MIT */
#include "../measure/bench.h"
#include "command.h"

enum { WORDS_MOST = 64 };

enum {
	OPTION_KERNEL, OPTION_THREADS, OPTION_REQUANTIZATION, OPTION_ZEROS, OPTION_W_BITS,
	OPTION_W_VALUES,
	OPTION_ISA, OPTION_KERNELS, OPTION_SEED,
	OPTION_FLAGS            /* the first of Google Benchmark's                       */
};

#define OPTION(flag, flag_name, flag_argument, kind, low, high, flag_help)                         \
	[OPTION_FLAGS + BENCH_##flag] = { flag_name, flag_argument, flag_help, false },

static const struct option options[] = {
	[OPTION_KERNEL] = { "--kernel", "WORD", "best, an ISA, a library or a glob; default all",
			    true },
	[OPTION_THREADS] = { "--threads", "N",
			     "split each call among N pinned threads (default 1)", false },
	[OPTION_REQUANTIZATION] = { "--requantization", "NAME",
				    "of sums that become codes (default float)", false },
	[OPTION_ZEROS] = { "--zeros", NULL, "weights with zero points too", false },
	[OPTION_W_BITS] = { "--w-bits", "N",
			    "weights' codes lie within so many bits, 2 to 7 (default all)", false },
	[OPTION_W_VALUES] = { "--w-values", "NAME",
			      "how weights' codes are distributed (default uniform)", false },
	[OPTION_ISA] = { "--isa", "NAME", "only kernels that run on this feature set", false },
	[OPTION_KERNELS] = { "--kernels", "PATH", "run the kernels of this library too", true },
	[OPTION_SEED] = { "--seed", "N", "draw the operands from N (default 1)", false },
	BENCH_FLAGS(OPTION) { 0 },
};

static int run(const struct env *env, int argc, char **argv, struct error *error);

const struct command command_bench = {
	.name = "bench",
	.synopsis = "OPERATION:MxNxK [TYPES] [--kernel WORD] ... [--benchmark_FLAG=VALUE] ...",
	.summary = "one race under Google Benchmark's flags, writing its JSON",
	.options = options,
	.notes = "TYPES are the part of a kernel's name before the ISA (default u8s8s32, f32u8,\n"
		 "u8f32); an operation without N takes MxK.  The reference and, for gemm, our\n"
		 "best f32 kernel run too.  Each kernel is checked first: a wrong one is named,\n"
		 "not timed, with exit status 1.  This is one launch in one pinned process; `run`\n"
		 "makes several, each as --benchmark_repetitions=9 --benchmark_min_time=0.01\n"
		 "--benchmark_enable_random_interleaving does.  Google Benchmark finds the count\n"
		 "of calls by CPU time; gops and gbytes_per_s are of real time.  Its variables\n"
		 "BENCHMARK_... of the environment are refused.",
	.run = run,
};

struct asked {
	struct env masked;
	struct libraries libraries;
	struct bench_words words;
	const char *kernels[WORDS_MOST];
	char *flags[BENCH_FLAG_COUNT];
	const char *shape;
};

static int take_flag(struct asked *asked, enum bench_flag flag, const char *value,
		     struct error *error)
{
	char *text = bench_flag_text(&asked->masked, flag, value, error);

	if (!text)
		return -1;
	if (flag == BENCH_LIST_TESTS)
		asked->words.list = bench_flag_is_true(value);
	if (flag == BENCH_OUT)
		asked->words.out = value;
	if (flag != BENCH_FILTER) {
		asked->flags[asked->words.flag_count++] = text;
		return 0;
	}
	/* applied here, so that nobody is checked who is not timed */
	asked->words.filter = value;
	env_free(&asked->masked, text);
	return 0;
}

static int take_word(struct asked *asked, const char *value, struct error *error)
{
	if (!asked->shape) {
		asked->shape = value;
		return 0;
	}
	return option_word(&command_bench, "list of types", &asked->words.types, value, error);
}

static int take_kernel(struct asked *asked, const char *value, struct error *error)
{
	if (asked->words.kernel_count == WORDS_MOST)
		return fail(error, STATUS_INPUT, "bench: --kernel is given more than %d times",
			    WORDS_MOST);
	asked->kernels[asked->words.kernel_count++] = value;
	return 0;
}

/* The first of the table is what a race has without a name. */
static int take_name(const struct value *const *values, const char *what, const char *value,
		     const struct value **taken, struct error *error)
{
	const struct value *found = value_find(values, value);
	char known[80];

	snprintf(known, sizeof known, "`quantsweep list %s` prints the known ones", what);
	if (!found)
		return fail_unknown(error, value_nearest(values, value), known,
				    "unknown %s '%.60s'", what, value);
	*taken = found == *values ? NULL : found;
	return 0;
}

static int read_options(struct asked *asked, int argc, char **argv, struct error *error)
{
	struct option_walk walk = { .command = &command_bench, .argc = argc, .argv = argv };
	long long number;
	const char *value;
	int option, result = 0;

	while (!result && (option = option_next(&walk, &value, error)) != OPTION_END)
		switch (option) {
		case OPTION_KERNEL:
			result = take_kernel(asked, value, error);
			break;
		case OPTION_THREADS:
			result = option_whole("--threads", value, 1, BENCH_THREADS_MOST, &number,
					      error);
			asked->words.threads = (int)number;
			break;
		case OPTION_REQUANTIZATION:
			result = take_name(requantization_values, "requantization", value,
					   &asked->words.detail.requantization, error);
			break;
		case OPTION_ZEROS:
			asked->words.detail.w_zeros = true;
			break;
		case OPTION_W_BITS:
			result = option_whole("--w-bits", value, 2, 7, &number, error);
			asked->words.detail.w_bits = (int)number;
			break;
		case OPTION_W_VALUES:
			result = take_name(weight_values, "w_values", value,
					   &asked->words.detail.w_values, error);
			break;
		case OPTION_ISA:
			result = option_isa(&asked->masked, value, error);
			break;
		case OPTION_KERNELS:
			result = libraries_add(&asked->libraries, value, error);
			break;
		case OPTION_SEED:
			result = option_whole("--seed", value, 0, INT64_MAX, &number, error);
			asked->words.seed = (uint64_t)number;
			break;
		case OPTION_WORD:
			result = take_word(asked, value, error);
			break;
		case OPTION_WRONG:
			result = -1;
			break;
		default:
			result = take_flag(asked, (enum bench_flag)(option - OPTION_FLAGS), value,
					   error);
			break;
		}
	return result;
}

static int run(const struct env *env, int argc, char **argv, struct error *error)
{
	struct asked asked = { .masked = *env, .words = { .threads = 1, .seed = 1 } };
	struct subject subject;
	int result;

	if (bench_environment_check(error) ||
	    libraries_open(&asked.libraries, &asked.masked, error))
		return -1;
	asked.words.kernels = asked.kernels;
	asked.words.flags = asked.flags;
	result = read_options(&asked, argc, argv, error);
	if (!result)
		result = libraries_add_peers(&asked.libraries, error);
	if (!result && !asked.shape)
		result = fail(error, STATUS_INPUT,
			      "bench: no race was named; for example: quantsweep bench "
			      "gemm:64x1024x1024 u8s8s32");
	if (!result)
		result = bench_shape_read(&subject, asked.shape, error);
	if (!result)
		result = bench_run(&asked.libraries, &subject, &asked.words, stderr, error);
	for (size_t i = 0; i < asked.words.flag_count; i++)
		env_free(&asked.masked, asked.flags[i]);
	libraries_close(&asked.libraries);
	return result;
}

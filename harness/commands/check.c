/* SPDX-License-Identifier: MIT */
#include "../measure/check.h"
#include "command.h"

enum { KERNEL_SECONDS = 60 };

enum { OPTION_KERNELS, OPTION_KERNEL, OPTION_SEED, OPTION_ISA };

static const struct option options[] = {
	[OPTION_KERNELS] = { "--kernels", "PATH", "check this kernel library too", true },
	[OPTION_KERNEL] = { "--kernel", "GLOB", "only kernels of such names", false },
	[OPTION_SEED] = { "--seed", "N", "draw the cases from N (default 1)", false },
	[OPTION_ISA] = { "--isa", "NAME", "only kernels that run on this feature set", false },
	{ 0 },
};

static int check_libraries(struct libraries *libraries, const char *only, uint64_t seed,
			   struct error *error)
{
	const struct check_options how = { .seed = seed, .seconds = KERNEL_SECONDS,
					   .only = only };
	struct check_counts counts;

	if (check_all(libraries, &how, stdout, &counts, error))
		return -1;
	printf("# %d passed, %d failed, %d skipped", counts.passed, counts.failed,
	       counts.skipped);
	if (counts.peers_wrong)
		printf(", %d of other people's are wrong here", counts.peers_wrong);
	putchar('\n');
	if (!counts.passed && !counts.failed && !counts.skipped && !counts.peers_wrong)
		return fail(error, STATUS_INPUT,
			    "--kernel: no kernel has a name like '%.60s'; `quantsweep list "
			    "kernel` prints them", only);
	if (counts.failed)
		return fail(error, STATUS_FAILED,
			    "%d of %d kernels are not what the reference says; "
			    "`quantsweep check --seed %llu` repeats it",
			    counts.failed, counts.passed + counts.failed, (unsigned long long)seed);
	return 0;
}

static int run(const struct env *env, int argc, char **argv, struct error *error);

const struct command command_check = {
	.name = "check",
	.synopsis = "[--kernels PATH] ... [--kernel GLOB] [--seed N] [--isa NAME]",
	.summary = "compare every kernel with its reference",
	.options = options,
	.notes = "Sizes hang on each kernel's tile; strides, zero points, scales, rounding, clamp\n"
		 "and bias are drawn from the seed; buffers lie between guard pages.  Exit status "
		 "1\n"
		 "if a kernel is wrong, crashes or hangs; a peer (oneDNN, XNNPACK, ...) that is "
		 "so\n"
		 "on this machine is shown as `peer wrong` and leaves the status as it is.",
	.run = run,
};

static int run(const struct env *env, int argc, char **argv, struct error *error)
{
	struct option_walk walk = { .command = &command_check, .argc = argc, .argv = argv };
	struct env masked = *env;
	struct libraries libraries;
	long long seed = 1;
	const char *value, *only = NULL;
	int option, result = 0;

	if (libraries_open(&libraries, &masked, error))
		return -1;
	while (!result && (option = option_next(&walk, &value, error)) != OPTION_END)
		switch (option) {
		case OPTION_KERNELS:
			result = libraries_add(&libraries, value, error);
			break;
		case OPTION_KERNEL:
			only = value;
			break;
		case OPTION_SEED:
			result = option_whole("--seed", value, 0, INT64_MAX, &seed, error);
			break;
		case OPTION_ISA:
			result = option_isa(&masked, value, error);
			break;
		case OPTION_WORD:
			result = fail(error, STATUS_INPUT,
				      "check: unexpected word '%s'; it takes "
				      "options alone",
				      value);
			break;
		default:
			result = -1;
			break;
		}
	if (!result)
		result = libraries_add_peers(&libraries, error);
	if (!result)
		result = check_libraries(&libraries, only, (uint64_t)seed, error);
	libraries_close(&libraries);
	return result;
}

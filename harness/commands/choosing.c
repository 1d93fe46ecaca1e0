/* SPDX-License-Identifier: MIT
 *
 * quantsweep choosing: what it costs to choose ranges, with no error pass beside it.  A random
 * tensor is cut into slices; each is sorted once and given to every calibration that needs no
 * number of its own, for 2 to 8 bits, symmetric and asymmetric, on one thread.  Several slices are
 * channels: a calibration whose project has no ranges for channels is left out, in words.
 */
#include "../../datasets/synthetic/generator.h"
#include "../measure/chosen_ranges.h"
#include "../text.h"
#include "command.h"

#include <string.h>
#include <sys/resource.h>

extern const struct command command_choosing;

enum { SLICES, LENGTH, VALUES, RULE, ANY_ORDER };

static const struct option options[] = {
	[SLICES] = { "--slices", "N", "how many (default 1)", false },
	[LENGTH] = { "--length", "N", "values of each (default 16777216)", false },
	[VALUES] = { "--values", "NAME", "of a synthetic tensor (default gaussian)", false },
	[RULE] = { "--calibration", "NAME", "this one alone, or a glob of names", false },
	[ANY_ORDER] = { "--any-order", NULL, "no calibration that is order-dependent", false },
	{ 0 },
};

enum { BITS_LEAST = 2, BITS_MOST = 8, WIDTHS = BITS_MOST - BITS_LEAST + 1, SCHEMES = 2 };

static const char *const schemes[SCHEMES] = { "symmetric", "asymmetric" };

struct effort {
	uint64_t nanoseconds, visits, candidates;
};

struct choosing {
	const struct env *env;
	long long slices, length;
	const char *synthetic, *glob;
	bool any_order;
	float *values;
	struct slice_room room;
	struct effort all;      /* since the start                                       */
	struct effort *of;      /* [calibrations]                                        */
};

static bool takes_part(const struct choosing *choosing, const struct value *calibration)
{
	return value_stands_alone(calibration) &&
	       !(choosing->any_order && calibration_of(calibration)->observer) &&
	       glob_match(choosing->glob, calibration->name, false);
}

static int check_names(const struct choosing *choosing, struct error *error)
{
	if (!value_find(synthetic_values, choosing->synthetic))
		return fail_unknown(error, value_nearest(synthetic_values, choosing->synthetic),
				    "`quantsweep list synthetic` prints the known ones",
				    "--values: unknown synthetic '%.60s'", choosing->synthetic);
	for (size_t c = 0; calibration_values[c]; c++)
		if (takes_part(choosing, calibration_values[c]))
			return 0;
	return fail_unknown(error, value_find(calibration_values, choosing->glob) ? NULL :
			    value_nearest(calibration_values, choosing->glob),
			    "`quantsweep list calibration` prints them and their numbers",
			    "--calibration: none that needs no number of its own%s has a name like "
			    "'%.60s'", choosing->any_order ? " and is blind to order" : "",
			    choosing->glob);
}

static int read_request(struct choosing *choosing, int argc, char **argv, struct error *error)
{
	struct option_walk walk = { .command = &command_choosing, .argc = argc, .argv = argv };
	const char *value;
	int option;

	while ((option = option_next(&walk, &value, error)) != OPTION_END)
		switch (option) {
		case SLICES:
			if (option_whole("--slices", value, 1, 1 << 24, &choosing->slices, error))
				return -1;
			break;
		case LENGTH:
			if (option_whole("--length", value, 1, 1 << 28, &choosing->length, error))
				return -1;
			break;
		case VALUES:
			choosing->synthetic = value;
			break;
		case RULE:
			choosing->glob = value;
			break;
		case ANY_ORDER:
			choosing->any_order = true;
			break;
		case OPTION_WORD:
			return fail(error, STATUS_INPUT, "choosing: unexpected word '%s'; it takes "
				    "options alone", value);
		default:
			return -1;
		}
	return check_names(choosing, error);
}

/* What was done since the last look, to *effort. */
static void account(struct choosing *choosing, struct effort *effort)
{
	const struct effort now = { choosing->env->now_ns(choosing->env), choosing->room.visits,
				    choosing->room.candidates };

	effort->nanoseconds += now.nanoseconds - choosing->all.nanoseconds;
	effort->visits += now.visits - choosing->all.visits;
	effort->candidates += now.candidates - choosing->all.candidates;
	choosing->all = now;
}

/* Of several slices each is a channel: why the calibration has no range for one, or NULL. */
static const char *left_out(const struct choosing *choosing, const struct value *calibration)
{
	return choosing->slices > 1 ? calibration_lacks(calibration_of(calibration), PER_CHANNEL)
				    : NULL;
}

/* One calibration under all schemes and widths. */
static int choose_all_of(const struct value *calibration, struct chosen_ranges *ranges,
			 const struct slice *slice, struct error *error)
{
	struct rule rules[SCHEMES * WIDTHS];

	ranges->count = 0;
	for (int i = 0; i < SCHEMES * WIDTHS; i++) {
		rules[i] = (struct rule){
			.format = value_find(format_values, "int"), .bits = BITS_LEAST + i % WIDTHS,
			.scheme = value_find(scheme_values, schemes[i / WIDTHS]),
			.scale = value_find(scale_values, "real"), .calibration = calibration,
			.calibration_parameter = calibration->standard,
		};
		const struct choice_terms terms = { &rules[i], QS_HALF_EVEN, 0 };

		chosen_ranges_add(ranges, &terms);
	}
	return chosen_ranges_choose(ranges, slice, error);
}

static int choose_all(struct choosing *choosing, struct effort *sorting, struct error *error)
{
	struct chosen_range list[SCHEMES * WIDTHS];
	struct chosen_ranges ranges = { .env = choosing->env, .columns = choosing->length,
					.list = list };

	for (long long i = 0; i < choosing->slices; i++) {
		const struct slice slice = slice_of(&choosing->room,
						    choosing->values + i * choosing->length,
						    choosing->length);

		account(choosing, sorting);
		for (size_t c = 0; calibration_values[c]; c++) {
			if (!takes_part(choosing, calibration_values[c]) ||
			    left_out(choosing, calibration_values[c]))
				continue;
			if (choose_all_of(calibration_values[c], &ranges, &slice, error))
				return -1;
			account(choosing, &choosing->of[c]);
		}
	}
	return 0;
}

static void print_effort(const char *name, const struct effort *effort)
{
	printf("%-32s %9.3f s %14llu elements read %10llu candidates\n", name,
	       (double)effort->nanoseconds * 1e-9, (unsigned long long)effort->visits,
	       (unsigned long long)effort->candidates);
}

/* A rule without candidates has one range a task, which is none to search. */
static void print_all(const struct choosing *choosing, const struct effort *sorting)
{
	const double values = (double)choosing->slices * (double)choosing->length;
	struct effort sum = *sorting;
	struct rusage usage;

	print_effort("sorting, prefix sums", sorting);
	for (size_t c = 0; calibration_values[c]; c++) {
		const struct effort *effort = &choosing->of[c];
		const struct value *calibration = calibration_values[c];

		if (!takes_part(choosing, calibration))
			continue;
		if (left_out(choosing, calibration)) {
			printf("%-32s left out: %s\n", calibration->name,
			       left_out(choosing, calibration));
			continue;
		}
		print_effort(calibration->name, effort);
		sum.nanoseconds += effort->nanoseconds;
		sum.visits += effort->visits;
		sum.candidates += effort->candidates;
	}
	print_effort("all", &sum);
	printf("a pass for each candidate would read %.4g elements: %.0f times as many\n",
	       (double)sum.candidates * (double)choosing->length,
	       (double)sum.candidates * (double)choosing->length / (double)sum.visits);
	if (!getrusage(RUSAGE_SELF, &usage))
		printf("peak memory of the process %.1f MiB: %.2f times the %.1f MiB of values\n",
		       (double)usage.ru_maxrss / 1024, (double)usage.ru_maxrss * 1024 / values / 4,
		       values * 4 / 1048576);
}

static size_t calibrations(void)
{
	size_t count = 0;

	while (calibration_values[count])
		count++;
	return count;
}

static int choosing_run(const struct env *env, int argc, char **argv, struct error *error)
{
	struct choosing choosing = { .env = env, .slices = 1, .length = 1 << 24,
				     .synthetic = "gaussian", .glob = "*" };
	struct effort sorting = { 0 };
	int failed = -1;

	if (read_request(&choosing, argc, argv, error))
		return -1;
	const size_t count = (size_t)choosing.slices * (size_t)choosing.length;

	choosing.values = env_new(env, count, sizeof(float), "the values", error);
	choosing.of = env_new(env, calibrations(), sizeof *choosing.of, "the efforts", error);
	if (choosing.values && choosing.of &&
	    !slice_room_new(&choosing.room, env, choosing.length, error)) {
		const struct generator *generator = (const struct generator *)value_find(
			synthetic_values, choosing.synthetic);

		generator->fill(choosing.values, choosing.slices, choosing.length, 1);
		choosing.all.nanoseconds = env->now_ns(env);
		failed = choose_all(&choosing, &sorting, error);
	}
	if (!failed)
		print_all(&choosing, &sorting);
	slice_room_free(&choosing.room);
	env_free(env, choosing.of);
	env_free(env, choosing.values);
	return failed;
}

const struct command command_choosing = {
	.name = "choosing",
	.synopsis = "[--slices N] [--length N]",
	.summary = "measure what it costs to choose ranges",
	.options = options,
	.notes = "One line a calibration: seconds of one thread, elements read and ranges weighed, "
		 "for all of\n2 to 8 bits, symmetric and asymmetric.  Several slices are "
		 "channels: what a project has\nfor whole tensors alone is left out.\n",
	.run = choosing_run,
};

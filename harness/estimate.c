/* SPDX-License-Identifier: MIT
 *
 * What cells and races cost, and how that fills a run.
 */
#include "estimate.h"

#include "../kernels/affine.h"

#include <math.h>
#include <stdlib.h>

/* Units an element of one recipe, its share of a sort and of reading the tensor included, by
 * granularity: small slices cost more.  Fitted as a calibration's own costs are. */
static const double pass_cost[] = { [PER_TENSOR] = 1.5, [PER_CHANNEL] = 4, [PER_GROUP] = 8 };
static const double mac_cost = 0.012; /* one multiply-add of the float gemm */
static const double op_share = 0.08;  /* of an operand's rule: an op's cells share it */

static enum granularity_kind kind_of(const struct rule *rule)
{
	return ((const struct granularity_rule *)rule->granularity.value)->kind;
}

/* Values of a slice; the last of a row's groups may be shorter. */
static double slice_length(const struct rule *rule, double rows, double columns)
{
	switch (kind_of(rule)) {
	case PER_GROUP:
		return (double)rule->granularity.group;
	case PER_CHANNEL:
		return columns;
	default:
		return columns * rows;
	}
}

double rule_cost(const struct rule *rule, double rows, double columns)
{
	const double elements = rows * columns;

	if (rule_is_float(rule))
		return rule->format ? elements : 0;
	const struct calibration *calibration = calibration_of(rule->calibration);
	const bool symmetric = ((const struct scheme *)rule->scheme)->symmetric;
	const double *search =
		symmetric ? calibration->symmetric_cost : calibration->asymmetric_cost;
	/* a slice that is refused is not searched */
	const bool refused = calibration_has_too_few(calibration, rule->bits,
						     slice_length(rule, rows, columns));

	return elements * (pass_cost[kind_of(rule)] + (refused ? 0 : search[kind_of(rule)]));
}

static double source_cost(const struct rule *rule, const struct source *source)
{
	return rule_cost(rule, (double)source->rows, (double)source->columns);
}

double cell_cost(const struct subject *subject, const struct layers *layers,
		 const struct recipe *recipe)
{
	const double m = (double)subject->m, n = (double)subject->n, k = (double)subject->k;

	if (subject->kind == SUBJECT_NETWORK)
		return network_cell_cost(subject, layers, recipe);
	const double operands = source_cost(&recipe->activations, &subject->a) +
				source_cost(&recipe->weights, &subject->w);

	if (!subject->operation || !subject->operation->has_weights)
		return operands;
	return op_share * operands + pass_cost[PER_TENSOR] * (m * k + m * n) + mac_cost * m * n * k;
}

/* Seconds of one call, from what a slow core of these years does; a reference is plain C. */
static double call_seconds(const struct race *race, const struct qs_kernel *kernel)
{
	const double work = (double)race->m * (double)race->n * (double)race->k;

	return work * (kernel->needs || kernel->peer ? 0.03e-9 : 1e-9);
}

double race_cost_seconds(const struct plan *plan, const struct race *race)
{
	static const double start = 0.1;    /* of the worker, its libraries and its data */
	static const double searches = 1.5; /* repetitions spent on finding the number of calls */
	double seconds = start;

	for (size_t i = race->first; i < race->first + race->count; i++) {
		const double call = call_seconds(race, plan->timings[i].kernel);
		const double repetition = fmax(REPETITION_MS * 1e-3, call);
		const bool slow = call >= SLOW_CALL_MS * 1e-3;

		/* the check is one call of the runner and one of the reference */
		seconds += 2 * call + (slow ? call : repetition * (REPETITIONS + searches));
	}
	return seconds;
}

/* A quarter second of the unit's own work on values of many magnitudes. */
int trial_rate(const struct env *env, double *rate, struct error *error)
{
	enum { BLOCK = 4096, BLOCKS_WITHOUT_TIME = 4096 };
	static const uint64_t wanted_ns = 250000000;
	float *values = env_new(env, BLOCK, sizeof *values, "a trial", error);
	volatile double sink = 0;
	uint64_t spent = 0, blocks = 0;

	if (!values)
		return -1;
	for (int i = 0; i < BLOCK; i++)
		values[i] = (float)(i * 40503 % 65536) / 4096 - 8;
	const uint64_t start = env->now_ns(env);

	while (spent < wanted_ns && (spent || blocks < BLOCKS_WITHOUT_TIME)) {
		double sum = 0;

		for (int i = 0; i < BLOCK; i++) {
			const int32_t code =
				qs_affine_code(values[i], 0.05F, 3, -128, 127, QS_HALF_EVEN);
			const double wrong = (double)(qs_affine_value(code, 0.05F, 3) - values[i]);

			sum += wrong * wrong;
		}
		sink = sum;
		blocks++;
		spent = env->now_ns(env) - start;
	}
	(void)sink;
	env_free(env, values);
	if (!spent)
		return fail(error, STATUS_MACHINE,
			    "the clock stands still: %d blocks of trial work took no "
			    "time",
			    BLOCKS_WITHOUT_TIME);
	*rate = (double)(blocks * BLOCK) * 1e9 / (double)spent;
	return 0;
}

static int dearest_first(const void *a, const void *b)
{
	const double x = *(const double *)a, y = *(const double *)b;

	return (x < y) - (x > y);
}

static bool is_network(const struct plan *plan, const struct accuracy_cell *cell)
{
	return plan->subjects.subjects[cell->subject].kind == SUBJECT_NETWORK;
}

/* The end of the last job where each takes the dearest cells that are left, those that share their
 * slices together; networks are not among them.  Without memory for their costs: as if they could
 * be cut at will. */
static double longest_job(const struct plan *plan, int jobs, double total)
{
	enum { JOBS_MOST = 1024 };
	double busy[JOBS_MOST] = { 0 }, longest = 0;
	struct error error;
	const struct accuracy_cell *cells = plan->accuracies;
	double *costs =
		env_new(plan->env, plan->accuracy_count, sizeof *costs, "an estimate", &error);
	size_t count = 0;

	if (!costs)
		return total / jobs;
	for (size_t i = 0; i < plan->accuracy_count; i++) {
		count += !i || accuracy_compare_slices(&cells[i - 1], &cells[i]);
		if (cells[i].outcome == OUTCOME_PLANNED && !is_network(plan, &cells[i]))
			costs[count - 1] += cells[i].cost;
	}
	if (count)
		qsort(costs, count, sizeof *costs, dearest_first);
	jobs = jobs < JOBS_MOST ? jobs : JOBS_MOST;
	for (size_t i = 0; i < count; i++) {
		int least = 0;

		for (int j = 1; j < jobs; j++)
			least = busy[j] < busy[least] ? j : least;
		busy[least] += costs[i];
		longest = fmax(longest, busy[least]);
	}
	env_free(plan->env, costs);
	return longest;
}

/* Networks are measured one after the other: what the cells of one share is cut by the jobs, a cell
 * is not, so the dearest one is the least that a network takes. */
static double networks_cost(const struct plan *plan, int jobs)
{
	const struct accuracy_cell *cells = plan->accuracies;
	double cost = 0;

	for (size_t i = 0; i < plan->accuracy_count;) {
		const size_t subject = cells[i].subject;
		const bool network = is_network(plan, &cells[i]);
		double sum = 0, dearest = 0;

		for (; i < plan->accuracy_count && cells[i].subject == subject; i++)
			if (network && cells[i].outcome == OUTCOME_PLANNED) {
				sum += cells[i].cost;
				dearest = fmax(dearest, cells[i].cost);
			}
		if (sum > 0)
			cost += fmax(sum / jobs, dearest) +
				network_shared_cost(&plan->subjects.subjects[subject],
						    &plan->layers[subject]) /
					jobs;
	}
	return cost;
}

struct estimate estimate_plan(const struct plan *plan, double rate, int jobs)
{
	struct estimate estimate = { 0 };
	double total = 0;

	for (size_t i = 0; i < plan->accuracy_count; i++)
		if (plan->accuracies[i].outcome == OUTCOME_PLANNED) {
			if (!is_network(plan, &plan->accuracies[i]))
				total += plan->accuracies[i].cost;
			estimate.accuracy_cells++;
		}
	estimate.accuracy_seconds =
		(longest_job(plan, jobs, total) + networks_cost(plan, jobs)) / rate;
	for (size_t i = 0; i < plan->race_count; i++)
		if (race_is_planned(plan, &plan->races[i])) {
			const struct race *race = &plan->races[i];
			const int launches = race->launches - race->launched;

			estimate.race_seconds += launches * race_cost_seconds(plan, race);
			estimate.launches += (size_t)launches;
			estimate.races++;
		}
	return estimate;
}

int print_duration(char *out, size_t size, double seconds)
{
	const double minutes = rint(seconds / 60);

	if (!(seconds >= 0.95))
		return snprintf(out, size, "less than 1 s");
	if (seconds < 90)
		return snprintf(out, size, "%.0f s", seconds);
	if (minutes < 90)
		return snprintf(out, size, "%.0f min", minutes);
	return snprintf(out, size, "%.0f h %.0f min", floor(minutes / 60), fmod(minutes, 60));
}

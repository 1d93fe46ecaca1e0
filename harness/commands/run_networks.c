/* SPDX-License-Identifier: MIT
 *
 * The accuracy cells of networks: all cells of one network share its float run and its threads.
 */
#include "run.h"

#include "../measure/network.h"

struct network_run {
	struct run *run;
	const char *name;       /* of the network's subject                              */
	struct error *error;
	bool failed;            /* *error says why                                       */
};

static void add_counters(struct run_totals *totals, const struct network_result *result)
{
	const size_t kinds = sizeof result->layer_runs / sizeof *result->layer_runs;

	totals->element_visits += result->element_visits;
	for (size_t i = 0; i < kinds; i++)
		totals->layer_runs += result->layer_runs[i];
	for (int i = 0; result->sensitivity && i < SENSITIVITY_RUNS; i++)
		totals->layer_runs += result->sensitivity->runs[i];
}

static int take_cell(void *self, size_t cell, const struct network_result *result)
{
	struct network_run *network = self;
	struct run *run = network->run;
	const int failed = store_put_network(run->store, run->plan, cell, result, network->error);

	if (run_count_cell(run, cell, failed, result->outcome, result->reason, network->error)) {
		network->failed = true;
		return -1;
	}
	add_counters(&run->totals, result);
	progress_step(run->progress, 0, run->plan->accuracies[cell].label);
	return *run->stop != 0;
}

static int take_step(void *self, double cost)
{
	const struct network_run *network = self;
	struct run *run = network->run;

	run->totals.accuracy_cost += cost;
	progress_advance(run->progress, cost / (run->accuracy_rate * run->jobs), network->name);
	return *run->stop != 0;
}

/* All cells of one subject. */
static int measure_network(struct run *run, size_t first, size_t count, struct error *error)
{
	const struct plan *plan = run->plan;
	const struct network_options options = { .jobs = run->jobs, .memory = run->memory,
						 .machine_memory = run->machine_memory };
	struct network_run network = {
		.run = run, .error = error,
		.name = plan->subjects.subjects[plan->accuracies[first].subject].name,
	};

	progress_show(run->progress, network.name);
	if (network_measure(plan, first, count, &options, take_cell, take_step, &network, error))
		return -1;
	return network.failed ? -1 : 0;
}

int run_networks(struct run *run, struct error *error)
{
	const struct plan *plan = run->plan;
	const struct accuracy_cell *cells = plan->accuracies;
	const uint64_t start = run->env->now_ns(run->env);
	int failed = 0;

	for (size_t first = 0, next; !failed && !*run->stop && first < plan->accuracy_count;
	     first = next) {
		const size_t subject = cells[first].subject;

		for (next = first; next < plan->accuracy_count && cells[next].subject == subject;)
			next++;
		if (plan->subjects.subjects[subject].kind == SUBJECT_NETWORK)
			failed = measure_network(run, first, next - first, error);
	}
	run->totals.accuracy_seconds += (double)(run->env->now_ns(run->env) - start) * 1e-9;
	return failed;
}

/* SPDX-License-Identifier: MIT
 *
 * How long a plan takes.  A cell's cost is counted in units, one element quantized and its error
 * summed; the rate in units a second and job comes from stored runs of this machine, else from a
 * quarter second of trial.  Races cost what their repetitions ask for.
 *
 * The weights of the cost model were fitted to measured cells; within one study they are right to a
 * factor of about 2, a whole plan is nearer.
 */
#ifndef QS_ESTIMATE_H
#define QS_ESTIMATE_H

#include "plan.h"

struct estimate {
	double accuracy_seconds, race_seconds;
	size_t accuracy_cells, races;    /* that are not reused                          */
	size_t launches;        /* of these races, that are not stored                   */
};

/* The cost of an accuracy cell, called by plan_make.  layers: of a network. */
double cell_cost(const struct subject *subject, const struct layers *layers,
		 const struct recipe *recipe);
double network_cell_cost(const struct subject *subject, const struct layers *layers,
			 const struct recipe *recipe);
/* The part of it that is of sensitivity, where that is asked for; else 0. */
double network_sensitivity_cost(const struct subject *subject, const struct layers *layers,
				const struct recipe *recipe);
/* Of a tensor of rows x columns under one rule. */
double rule_cost(const struct rule *rule, double rows, double columns);
/* What all cells of a network share: its samples, its float run, its observed activations. */
double network_shared_cost(const struct subject *subject, const struct layers *layers);
/* Seconds one launch of a race takes: repetitions x runners, check and start of the worker
 * included. */
double race_cost_seconds(const struct plan *plan, const struct race *race);
/* Units a second and job, by a quarter second of real work on env's clock.  A clock that stands
 * still is an error (status 4). */
int trial_rate(const struct env *env, double *rate, struct error *error);
/* What is planned and not reused.  Cells that share their slices stay together and are spread over
 * the jobs as `run` does it, dearest first; networks are measured one after the other, their
 * cells side by side; races run alone.  rate > 0; jobs 1..1024. */
struct estimate estimate_plan(const struct plan *plan, double rate, int jobs);
/* "38 s", "4 min", "1 h 20 min". */
int print_duration(char *out, size_t size, double seconds);

#endif

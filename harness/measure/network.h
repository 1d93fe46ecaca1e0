/* SPDX-License-Identifier: MIT
 *
 * Networks: error of the weights, drift through the layers, and what the task loses.
 *
 * Float activations are computed once a batch for all recipes; then each recipe runs isolated,
 * cumulative, integer and, fed the simulated run's codes, integer once more (the local gap).  Sums
 * over elements are taken a sample, the samples added in order (sums.h), so that no number depends
 * on batch, jobs or memory.
 *
 *   sqnr_db             10 log10(sum float^2 / sum (quantized - float)^2) over all samples
 *   relative_rmse       sqrt(sum (quantized - float)^2 / sum float^2)
 *   rmse_over_step      of the isolated output, each error over its own step
 *   cosine, max_abs     of the cumulative output
 *   step_gap            largest |integer - simulated| in steps of the edge; local: of the integer
 *                       layer fed the simulated run's codes
 *   differing_fraction  share of elements whose integer and simulated codes differ
 *   activation_saturated_fraction  of the layer's output codes, cumulative run
 *   channel_spread      the largest channel's largest |x| over that of the middle channel
 *   dead_fraction       share of the channels that hold one value alone
 *   bias_units          the largest |bias| in units of s_a * s_w; bias_error_steps: what rounding
 *                       to them costs at most, in steps of the output
 */
#ifndef QS_MEASURE_NETWORK_H
#define QS_MEASURE_NETWORK_H

#include "accuracy.h"
#include "sensitivity.h"

struct layer_numbers {          /* a NaN is stored as NULL                               */
	bool island;
	double isolated_sqnr_db, isolated_relative_rmse, rmse_over_step;
	double cumulative_sqnr_db, cumulative_relative_rmse, cosine, max_abs;
	double integer_sqnr_db, integer_relative_rmse;
	double activation_saturated_fraction, weight_saturated_fraction;
	double step_gap_local, differing_fraction_local, step_gap, differing_fraction;
	double weight_channel_spread, weight_dead_fraction, bias_units, bias_error_steps;
};

/* An edge's quantizer and the values that it meets; a NaN is stored as NULL.  Of calibration and of
 * evaluation, both in float. */
struct range_numbers {
	bool measured;          /* the edge is quantized                                 */
	double range_low, range_high, step;      /* as chosen; NaN: for each sample      */
	double calibrated_low, calibrated_high;  /* least and greatest                   */
	double calibrated_bulk; /* 99.9 % of the |x| are at most this; of more than 2^20
				 * values it is known to one part in 2,048               */
	double seen_low, seen_high;
	double saturated_fraction;       /* of the input float values, else as the layer's */
	double sqnr_db;         /* of the input's quantizer alone                        */
	double channel_spread, dead_fraction;    /* of what was seen                     */
};

/* A run against the float run, the same samples.  The interval holds the true difference
 * value - value_float with 95 %: of right and wrong answers an exact one (paired.h), else the mean
 * +- 1.96 standard errors. */
struct task_numbers {
	bool measured;
	double value, difference, low, high;
	bool counted;           /* lost and gained have a meaning                        */
	int64_t lost, gained;
	/* of each sample, as stored: one bit (right; the first in bit 0), or a double (its loss) */
	unsigned char *samples;
	size_t samples_size;
};

enum { LAYER_RUNS_FLOAT, LAYER_RUNS_ISOLATED, LAYER_RUNS_CUMULATIVE, LAYER_RUNS_INTEGER,
       LAYER_RUNS_LOCAL, LAYER_RUNS_OUTPUT, LAYER_RUNS_KINDS };

enum execution_kind { RUN_FLOAT, RUN_SIMULATED, RUN_INTEGER, RUN_KINDS };

struct network_result {
	enum outcome outcome;   /* DONE, SKIPPED or FAILED                               */
	char reason[REASON_SIZE];
	char warning[REASON_SIZE];
	const struct value *metric;      /* of metric_values: top1, mse                   */
	int64_t samples;
	struct task_numbers task[RUN_KINDS];
	size_t layer_count;              /* of the plan's layers                          */
	const struct layer_numbers *layers;
	const struct range_numbers *ranges;      /* [layer_count + 1]: the input's first  */
	size_t weight_count;
	const struct error_numbers *weights;     /* tensor: "conv1.weight"                */
	const size_t *weight_layers;             /* the layer of each                     */
	const struct sensitivity *sensitivity;   /* NULL: not asked for                   */
	double bytes;           /* packed weights with scales, and biases                 */
	int64_t integer_macs, float_macs;        /* of one sample; of the integer run      */
	char integer_hash[KEY_SIZE];             /* of all layer outputs; "": no such run  */
	char no_integer[REASON_SIZE];            /* why; "": there is one                  */
	uint64_t element_visits;
	/* layers computed, one sample each; float runs (calibration too) with the first cell */
	uint64_t layer_runs[LAYER_RUNS_KINDS];
	double seconds;
};

struct network_options {
	int jobs;
	size_t memory;          /* bytes for activations and prepared recipes, roughly    */
	size_t machine_memory;  /* more is refused, not tried; 0: not known              */
	int64_t batch;          /* samples at once; 0: chosen                             */
};

/* On the caller's thread, cell after cell; the result is valid during the call.  Other than 0
 * stops. */
typedef int network_done(void *self, size_t cell, const struct network_result *result);
/* `cost` units more have been done (may be NULL); other than 0 stops: cells under way are left. */
typedef int network_step(void *self, double cost);

/* Measures the PLANNED ones of the accuracy cells [first, first + count), all of one network. */
int network_measure(const struct plan *plan, size_t first, size_t count,
		    const struct network_options *options, network_done *done, network_step *step,
		    void *self, struct error *error);

#endif

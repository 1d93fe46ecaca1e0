/* SPDX-License-Identifier: MIT
 *
 * What the files of a network's sensitivity share: the runs of one cell, asked layer by layer.
 *
 *   sensitivity.c          what a cell keeps while its wave runs, and its numbers at the end
 *   sensitivity_drawn.c    the samples, and a wave's way over them
 *   sensitivity_batch.c    one batch: a part's own run, then each layer alone and spared
 *
 * A run that differs from another in one layer differs from it in the edges behind that layer, and
 * only as far as an output really changes: so of the float run's edges (a layer alone) or those of
 * the part (a layer spared) what stays is read, and what changes is computed anew.
 */
#ifndef QS_SENSITIVITY_JOB_H
#define QS_SENSITIVITY_JOB_H

#include "network_job.h"

struct asked {                  /* one run of the network, over the samples so far       */
	struct layer_sums sums; /* of the network's output                               */
	double *scores;         /* [samples]                                             */
	bool refused;           /* a sample's own range was: there is no number          */
};

struct sensing {                /* of one cell                                           */
	bool has[PARTS];
	struct execution executions[PARTS];      /* of PART_BOTH the cell's own           */
	struct asked *asked;    /* [PARTS] quantized, [layers][PARTS] only, then spared  */
	double *scores;         /* theirs                                                */
	uint64_t runs[PARTS][SENSITIVITY_RUNS], macs[PARTS];
};

/* Does the part quantize something of the layer? */
static inline bool part_has(const struct network_cell *cell, enum sensitivity_part part, size_t l)
{
	const bool weights = cell->weight_case[l] != NO_CASE;
	const bool activations = !rule_is_float(&cell->recipe->activations);

	if (cell->islands[l] || !cell->sensing->has[part])
		return false;
	return part == PART_WEIGHTS ? weights : part == PART_ACTIVATIONS || weights || activations;
}

/* A layer without weights, alone: both parts are its activations, and their run serves both. */
static inline bool part_is_activations(const struct network_cell *cell, enum sensitivity_part part,
				       size_t l)
{
	return part == PART_BOTH && cell->weight_case[l] == NO_CASE &&
	       cell->sensing->has[PART_ACTIVATIONS];
}

static inline struct asked *asked_quantized(struct sensing *sensing, enum sensitivity_part part)
{
	return &sensing->asked[part];
}

static inline struct asked *asked_only(struct sensing *sensing, enum sensitivity_part part,
				       size_t l)
{
	return &sensing->asked[PARTS + l * PARTS + part];
}

static inline struct asked *asked_spared(struct sensing *sensing, enum sensitivity_part part,
					 size_t l, size_t layers)
{
	return &sensing->asked[PARTS + (layers + l) * PARTS + part];
}

int sensing_new_lane(const struct network_job *job, struct lane *lane, struct error *error);
void sensing_free_lane(const struct network_job *job, struct lane *lane);

/* The room of a cell that takes part in a wave; then its executions, where it quantizes. */
int sensing_new(struct network_job *job, struct network_cell *cell, struct error *error);
int sensing_prepare(struct network_job *job, struct network_cell *cell, struct error *error);
void sensing_free(struct network_job *job, struct network_cell *cell);
/* Bytes of a cell while its wave runs, roughly. */
size_t sensing_memory(const struct network_job *job);

/* Draws the samples of a job that has sensitivity, and lets go of them. */
int drawn_open(struct network_job *job, struct error *error);
void drawn_close(struct network_job *job);
/* The job as it is on the drawn samples, for what reads its data and float scores. */
struct network_job drawn_job(const struct network_job *job);
/* All runs of the cells [first, last) on all drawn samples. */
int drawn_run(struct network_job *job, size_t first, size_t last, struct error *error);

/* The runs of one part on the batch [first, first + count) of the drawn samples, whose float edges
 * are in the job. */
int sensing_batch(struct network_job *job, struct network_cell *cell, enum sensitivity_part part,
		  struct lane *lane, int64_t first, int64_t count, struct error *error);
/* result.sensitivity */
int sensing_report(struct network_job *whole, struct network_cell *cell, struct error *error);

#endif

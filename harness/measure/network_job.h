/* SPDX-License-Identifier: MIT
 *
 * What the files of network_measure share: the planned cells of one network.
 *
 *   network.c              opens the job, takes the cells in waves, hands out results
 *   network_float.c        the float run of a batch, its samples spread over the threads
 *   network_calibration.c  static ranges: float runs over the calibration samples
 *   network_stream.c       an edge's values, sorted or counted once for all rules
 *   network_weights.c      each distinct rule of a layer's weights is measured once
 *   network_cell.c         one cell made ready: islands, quantizers, its execution, its room
 *   network_batch.c        one cell on one batch: isolated, cumulative, integer, local
 *   network_outputs.c      a layer's output where its weights alone are quantized
 *   network_sums.c         sums over elements, and the numbers they become
 *   network_facts.c        what the verdict asks about channels, ranges and biases
 *   network_task.c         the samples' scores, and what was lost and gained
 *   sensitivity*.c         one layer alone, quantized and spared: sensitivity_job.h
 */
#ifndef QS_NETWORK_JOB_H
#define QS_NETWORK_JOB_H

#include "../../datasets/data.h"
#include "../network/execute.h"
#include "../parallel.h"
#include "metrics/metric.h"
#include "network.h"
#include "operand.h"

#define NO_CASE SIZE_MAX

struct layer_sums {             /* of one layer under one recipe, over all samples so far */
	double signal;          /* sum of float^2                                        */
	double isolated, cumulative, integer;    /* sums of (quantized - float)^2         */
	double in_steps;        /* isolated, each error over its own step, squared       */
	double output, product; /* cumulative: sum of quantized^2, of quantized * float  */
	double max_abs;
	int64_t elements;
	struct tally tally;     /* of the cumulative output                              */
	bool has_codes;         /* the output has a grid: steps mean something           */
	double gap, gap_local;
	uint64_t differing, differing_local;
	struct hash_chain hash; /* of the integer outputs                                */
};

struct bias_facts {             /* on the grid s_a * s_w                                 */
	double units, error;    /* largest |bias| in units, and rounding in output steps  */
};

struct input_sums {             /* of the input's quantizer alone                        */
	double signal, errors;
	struct tally tally;
	int64_t elements;
};

struct edge_facts {
	float *low, *high;      /* [channels] least and greatest in evaluation           */
	double seen_low, seen_high, channel_spread, dead_fraction;
	double calibrated_low, calibrated_high, calibrated_bulk;
};

struct weight_facts {
	double channel_spread, dead_fraction;
};

struct network_cell {
	size_t cell;            /* index into plan->accuracies                           */
	const struct recipe *recipe;
	struct network_result result;    /* PLANNED: not decided yet                      */
	bool told;              /* passed to job->done                                   */
	bool is_float;          /* nothing is quantized: only the float run counts       */
	bool *islands;          /* [layers]                                              */
	size_t *weight_case;    /* [layers] into struct layer_weights; NO_CASE: stays float */
	size_t choice;          /* into job->rules; NO_CASE: no static range             */
	/* while its wave runs */
	struct execution execution;
	struct layer_sums *sums;         /* [layers]                                      */
	double *scores[RUN_KINDS];       /* [samples]; of RUN_FLOAT the job's             */
	struct bias_facts *bias;         /* [layers]; NULL: the cell is float             */
	struct input_sums input;
	struct sensing *sensing;         /* of sensitivity_job.h; NULL: not asked for     */
	bool owns_outputs;      /* of some layer's weights: see network_outputs.c        */
	struct execution outputs_execution;
	/* of the result */
	struct sensitivity sensitivity;
	struct sensitivity_layer *sensitivity_layers;
	struct layer_numbers *layers;
	struct range_numbers *ranges;
	struct error_numbers *weights;
	size_t *weight_layers;
};

enum { OUTPUT_SAMPLES = 64 };   /* that a layer's output is computed on, of the evaluation */

struct weight_outputs {         /* the layer's output with these weights and no other error */
	const struct network_cell *owner;        /* who computes it                       */
	struct layer_sums sums; /* cumulative: of this output                            */
};

struct layer_weights {          /* the distinct rules that cells have for a layer's weights */
	char *name;             /* conv1.weight; NULL: the layer has none                 */
	size_t count;
	struct operand_case *cases;      /* room for one a cell                           */
	struct quantized_weights *made;  /* [count] while a wave is prepared, else zeros   */
	struct weight_outputs *outputs;  /* [count]; NULL: nobody asked                   */
};

/* What each edge holds for a batch, all of one block of memory a kind. */
struct edge_set {
	const struct env *env;
	struct edge_values *edges;       /* [layers + 1]                                  */
	float *values;
	uint8_t *codes;
	struct sample_grid *grids;
};
enum { EDGE_SET_VALUES = 1, EDGE_SET_CODES = 2 };

struct lane {                   /* of one thread                                         */
	struct execution_room *room;
	struct edge_set simulated, integer;      /* the cumulative and the integer run    */
	struct edge_set coded;  /* the codes of `simulated`                              */
	struct edge_set spare;  /* [SPARES], each as long as the longest edge            */
	struct edge_set base, changed;   /* of sensitivity, where the job has it          */
	bool *is_changed;       /* likewise, [layers + 1]                                */
};
enum { SPARE_ISOLATED, SPARE_LOCAL, SPARE_DECODED, SPARES };

struct network_job {
	const struct plan *plan;
	const struct env *env;
	const struct subject *subject;
	const struct layers *layers;
	const struct network_options *options;
	network_done *done;
	network_step *step;
	void *self;
	bool stopped;           /* done or step asked for it                             */
	int jobs;
	int64_t batch;          /* samples at once                                       */
	bool task_alone;        /* see subject_is_task_alone                             */
	size_t count;
	struct network_cell *cells;
	const struct metric *metric;
	struct data evaluation;
	char common_warning[REASON_SIZE];        /* samples of both sets; "": none        */
	/* static ranges */
	size_t rule_count;
	struct choice_terms *rules;      /* [rule_count] distinct but for slicing          */
	bool *needed;           /* [rule_count][layers + 1]                              */
	struct chosen *chosen;  /* [rule_count][layers + 1]                              */
	uint64_t *visits;       /* [rule_count], not yet told with a cell                */
	struct layer_weights *weights;   /* [layers]                                      */
	struct edge_facts *facts;        /* [layers + 1]                                  */
	struct weight_facts *weight_facts;       /* [layers]                              */
	float *seen;            /* the channels of all facts                             */
	/* the float run */
	struct execution float_execution;
	struct edge_set float_edges;     /* of the batch at hand; edge 0 is the samples'  */
	double *float_scores;   /* [samples]                                             */
	uint64_t float_runs;    /* not yet told with a cell                              */
	struct lane *lanes;     /* [jobs]                                                */
	int64_t sensitivity_samples;     /* drawn from the evaluation; 0: not asked for   */
	struct data drawn;      /* they                                                  */
	double *drawn_scores;   /* [sensitivity_samples] of the float run                */
	struct execution sensitivity_float;      /* the float run, of a whole batch a call */
};

static inline const char *edge_name(const struct layers *layers, size_t edge)
{
	return edge ? layers->layers[edge - 1].name : "input";
}

static inline bool layer_has_weights(const struct layer *layer)
{
	return layer->weights.values != NULL;
}

/* Adds "where: what", as far as there is room; repeats nothing. */
void warn(struct network_cell *cell, const char *where, const char *what);
/* Decides a cell that cannot be measured. */
void cell_end(struct network_cell *cell, enum outcome outcome, const char *format, ...)
	__attribute__((format(printf, 3, 4)));
/* Trouble of one cell decides it (0), lack of memory is the job's (-1). */
int cell_fail(struct network_cell *cell, const struct error *error);
/* `cost` more was done.  true: stop. */
bool job_step(struct network_job *job, double cost);

int edge_set_new(struct edge_set *set, const struct env *env, const struct layers *layers,
		 int64_t batch, unsigned what, struct error *error);
/* `count` edges as long as the longest. */
int edge_set_new_spare(struct edge_set *set, const struct env *env, const struct layers *layers,
		       int64_t batch, size_t count, struct error *error);
void edge_set_free(struct edge_set *set);

/* Chooses the batch, makes the float execution and each thread's room. */
int job_new_rooms(struct network_job *job, struct error *error);
void job_free_rooms(struct network_job *job);
/* The float run of samples x[count], at most a batch, into job->float_edges.  STATUS_FAILED with a
 * sentence where a value is not finite. */
int float_run(struct network_job *job, float *x, int64_t count, struct error *error);

/* Islands, weight cases and the activations' rule of all cells. */
int cells_open(struct network_job *job, struct error *error);
void cell_close(struct network_job *job, struct network_cell *cell);
/* Which edges have an active quantizer under the cell's recipe: who writes it or reads it is
 * quantized. */
bool cell_quantizes(const struct network_job *job, const struct network_cell *cell, size_t edge);
/* An execution of what the part of the cell's recipe quantizes. */
int cell_execution(struct network_job *job, struct network_cell *cell, enum sensitivity_part part,
		   struct execution *execution, struct error *error);
/* Makes the execution and the room of a cell that takes part in a wave, and lets go of it. */
int cell_prepare(struct network_job *job, struct network_cell *cell, struct error *error);
void cell_release(struct network_job *job, struct network_cell *cell);
/* Bytes of a cell while its wave runs, roughly. */
size_t cell_memory(const struct network_job *job);

/* Ranges for all cells that need them; cells that cannot have theirs are decided. */
int job_calibrate(struct network_job *job, struct error *error);

/* Measures all cases of all layers; cells whose weights refuse are decided. */
int job_measure_weights(struct network_job *job, struct error *error);
/* Simulated weights and codes of the cases that the cells [first, last) use, and their release. */
int weights_make(struct network_job *job, size_t first, size_t last, struct error *error);
void weights_unmake(struct network_job *job);
/* Bytes, error numbers and visits of the cell's weights. */
int weights_report(struct network_job *job, struct network_cell *cell, struct error *error);
void weights_free(struct network_job *job);

/* Who computes which outputs; their executions, made while the weights are; those of the samples
 * [first, first + count), whose float edges are in the job; and the numbers. */
int outputs_divide(struct network_job *job, size_t first, size_t last, struct error *error);
int outputs_prepare(struct network_job *job, struct network_cell *cell, struct error *error);
int outputs_run(struct network_job *job, struct network_cell *cell, struct lane *lane,
		int64_t first, int64_t count, struct error *error);
void outputs_release(struct network_cell *cell);
void outputs_report(const struct layer_weights *weights, size_t index,
		    struct error_numbers *numbers);

/* All runs of a cell on the samples [first, first + count), whose float edges are in the job. */
int batch_run(struct network_job *job, struct network_cell *cell, struct lane *lane, int64_t first,
	      int64_t count, struct error *error);

/* One layer's outputs of `count` samples: any but `expected` may be NULL. */
struct layer_outputs {
	const struct edge_values *expected, *isolated, *cumulative;
	const float *integer;   /* decoded                                               */
};
void sums_add(struct layer_sums *sums, const struct layer_outputs *outputs, int64_t elements,
	      int64_t count);
/* Steps between the integer and the simulated run's output, both coded. */
void sums_add_gap(double *gap, uint64_t *differing, const struct edge_values *integer,
		  const struct edge_values *simulated, int64_t elements, int64_t count);
void sums_add_hash(struct layer_sums *sums, const struct edge_values *integer, int64_t elements,
		   int64_t count);
/* Of the cumulative output, dB; NaN where signal or error is 0. */
double sums_sqnr_db(const struct layer_sums *sums);
/* layers[], integer_hash and the counts of MACs; false with the layer whose sums are infinite. */
bool sums_report(const struct network_job *job, struct network_cell *cell, size_t *layer);

int facts_new(struct network_job *job, struct error *error);
void facts_free(struct network_job *job);
void facts_of_calibration(struct network_job *job, size_t edge, const struct slice *slice);
/* The float run of a batch, once over the evaluation; then what it comes to. */
int facts_add(struct network_job *job, int64_t count, struct error *error);
int facts_finish(struct network_job *job, struct error *error);
/* While the scales of weights are there. */
int facts_of_biases(const struct network_job *job, struct network_cell *cell, struct error *error);
void facts_add_input(const struct network_job *job, struct network_cell *cell, struct lane *lane,
		     int64_t count);
/* result.ranges, and the columns of result.layers that are facts. */
int facts_report(struct network_job *job, struct network_cell *cell, struct error *error);

/* Scores of samples [first, first + count) from the network's output. */
void task_score(const struct network_job *job, const float *output, int64_t first, int64_t count,
		double *scores);
/* Value, difference to float and what was lost and gained of the first `samples` scores. */
int task_compare(const struct network_job *job, const double *scores, int64_t samples,
		 struct task_numbers *task, struct error *error);
/* result.task of all runs that the cell has. */
int task_report(struct network_job *job, struct network_cell *cell, struct error *error);
void task_free(const struct network_job *job, struct network_cell *cell);

#endif

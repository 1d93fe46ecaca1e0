/* SPDX-License-Identifier: MIT
 *
 * What the files of the worker share: worker.c (reads, opens, checks), worker_time.c (times), and
 * of networks worker_network.c (checks), worker_quantize.c (makes a run from a recipe) and
 * worker_layers.c (computes a call, by the clock).
 */
#ifndef QS_WORKER_PARTS_H
#define QS_WORKER_PARTS_H

#include "network_job.h"
#include "race_pool.h"
#include "race_words.h"

struct runner {
	const struct qs_kernel *kernel;
	size_t workload;
	struct workload_call call;
	struct network_call *network;    /* NULL: of an op                                */
	bool ready;             /* call is prepared: it may be timed                     */
	bool slow;              /* its check took as long as a slow call                 */
	struct worker *worker;
};

/* A network's run: one call computes a batch, each thread its share of the samples, in slices that
 * stay in cache from layer to layer. */
struct network_call {
	struct network_race *race;
	struct env env;         /* with no more features than its kernels may have       */
	struct libraries libraries;      /* the worker's, seen with this env; not closed  */
	struct execution execution;
	bool floats;
	int64_t slice;          /* samples at once                                       */
	uint64_t *layer_ns;     /* [layers] of the calls since the loop began, first thread */
	uint64_t calls;
	int loops;              /* of calls that were timed                              */
	double *loop_ns;        /* [REPETITIONS][layers]: of the last loops, one call     */
};

struct network_lane {           /* of one thread                                         */
	struct execution_room *room;
	struct edge_set edges;
	struct hash_chain *hash;         /* [layers] of all outputs; while checking       */
};

struct network_race {
	struct worker *worker;
	struct layers layers;
	struct recipe recipe;
	int64_t batch, slice;   /* slice: the longest                                    */
	float *x;               /* [batch][inputs]                                       */
	struct network_lane *lanes;      /* [threads]                                     */
	bool checking;          /* calls leave hashes                                    */
	/* of the recipe, for all runs in integers */
	bool *islands;
	struct quantizer *edges;
	struct quantized_weights *weights;
	enum qs_requantize *modes;
	/* hashes of the reference kernels' runs, in integers and in floats: [threads][layers] */
	struct hash_chain *expected[2];
};

struct worker {
	struct env env;         /* with the race's CPU features                          */
	char *text;
	struct race_spec spec;
	int out;                /* where the words go                                    */
	struct libraries libraries;
	int open[SPEC_LIBRARIES_MAX];    /* index into libraries; -1: could not be opened */
	struct pool *pool;
	struct runner *runner;  /* [runner_count]                                        */
	struct workload *workload;       /* [runner_count]; the first `workloads` are made */
	char (*types)[32];      /* of each workload                                      */
	size_t workloads;
	struct network_race *network;    /* NULL: of an op                                */
};

/* One line of race_words.h, whole and at once: what was said before a crash must be heard. */
void worker_say(const struct worker *worker, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

void worker_verdict(const struct worker *worker, int i, enum verdict verdict, double wrong_fraction,
		    const char *reason);

/* The race of a network: opens it, makes and checks each run. */
int network_race_open(struct worker *worker, struct error *error);
void network_race_close(struct worker *worker);
/* Islands, grids, weights' codes and modes of race->recipe; grids by the least and the greatest
 * value of a slice of the run in floats, which must be made. */
int network_quantize(struct network_race *race, struct network_call *floats, struct error *error);
void network_quantize_free(struct network_race *race);
/* One call, by the pool's threads.  0, or another number: it failed. */
int network_call_run(void *self);
/* Samples [first, first + count) of one, at most a slice, in a lane's memory. */
int network_slice_run(struct network_call *call, int lane, int64_t first, int64_t count,
		      struct error *error);
/* A loop of timed calls begins; it has ended. */
void network_loop_begin(struct network_call *call);
void network_loop_end(struct network_call *call);
/* Says the layers' times of a run that has samples. */
void network_say_layers(const struct worker *worker, int i);

/* Times the runners that are ready under Google Benchmark and says the samples. */
int worker_time(struct worker *worker, struct error *error);
/* The two runners against each other; nothing is said where one is not ready. */
int worker_duel(struct worker *worker, struct error *error);

#endif

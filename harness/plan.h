/* SPDX-License-Identifier: MIT
 *
 * Every cell of a config, made whole before anything runs, and every skip with its reason.
 *
 * An accuracy cell is subject x recipe (the seed is in the recipe); a timing cell is an operation's
 * shape and types x kernel x threads x batch x cache; a race holds the timing cells that are timed
 * together.  A row of view `choice` is a pair of an accuracy cell and a timing cell, or an accuracy
 * cell alone.  Axes without meaning for a subject are dropped before the product; doubles vanish;
 * what has a meaning but cannot be combined is a skip.
 */
#ifndef QS_PLAN_H
#define QS_PLAN_H

#include "../datasets/subject.h"
#include "center.h"
#include "config.h"
#include "library.h"
#include "network/layers.h"
#include "recipe.h"

enum {                          /* how a race is timed                                   */
	LAUNCHES = 7,           /* fresh processes, each of them timing all of it        */
	RUNNERS_MAX = 64,       /* kernels                                               */
	REPETITIONS = 9, REPETITION_MS = 10,     /* of at least so many milliseconds      */
	/* A call that takes so long is its own and only repetition: references of large shapes */
	SLOW_CALL_MS = 200
};

enum outcome { OUTCOME_PLANNED, OUTCOME_DONE, OUTCOME_REUSED, OUTCOME_SKIPPED, OUTCOME_FAILED };

#define ARITHMETIC_VERSION 3    /* raised when any stored number's definition changes    */

struct accuracy_cell {
	char key[KEY_SIZE];
	char *label;            /* SUBJECT RECIPE                                        */
	size_t subject;         /* index into plan.subjects                              */
	struct recipe recipe;
	double cost;            /* in cost units: see cell_cost in estimate.h            */
	enum outcome outcome;   /* PLANNED, or REUSED once the store was asked           */
};

/* What a race's task is, beyond its sizes and types.  The usual values add nothing to a name. */
struct race_detail {
	const struct value *requantization; /* of sums that become codes; NULL: none do, or float */
	bool w_zeros;           /* weights with zero points, one beside each scale       */
	int w_bits;             /* 2 .. 7: weights' codes within so many bits; 0: all    */
	const struct value *w_values;    /* a struct weight_values; NULL: uniform        */
};

/* Which operands of a race have zero points: codes that are unsigned, weights where the recipe's
 * have them, and a product that becomes codes. */
struct zero_points {
	bool a, w, y;
};
struct zero_points zero_points_of(const struct qs_kernel *kernel, const struct race_detail *detail);

/* A network's runs race as kernels do.  What stands for one in a kernel's place has this `op`, and
 * the name network_TYPES__WORD, of which WORD is what was asked for: best, or an instruction set.
 * Its only other fields are the types and `needs`. */
#define RUN_OF_NETWORK QS_OPS
/* The name in labels and columns: a kernel's own, of a network's run the WORD. */
const char *runner_name(const struct qs_kernel *kernel);

/* Of one call of a network's run, see plan_network_work.c. */
struct network_work {
	int64_t weight_bytes;   /* packed weights with their scales, and biases          */
	int64_t bytes;          /* these, and each layer's inputs and output once        */
	int64_t peak_bytes;     /* of activations that live at once, all samples         */
};

struct race {
	char *name;             /* see plan_names.c                                      */
	const struct operation *operation;       /* of a network network_operation       */
	int64_t m, n, k;        /* of a network samples of a call, 1, multiply-adds of a sample */
	struct qs_conv conv;    /* batch 0: none                                         */
	const struct layers *layers;     /* of a network; NULL: of an op                  */
	const struct network *network;
	char content[KEY_SIZE]; /* key of the network's file                             */
	struct recipe plain;    /* a network's, see struct network_terms                 */
	struct network_work in_floats, in_integers;      /* of a network                 */
	char types[32];         /* of the racers; guests may have others (f32f32f32)     */
	int threads, batch;
	const struct value *cache;
	struct race_detail detail;
	const struct qs_kernel *best;    /* what `best` means there; NULL: no kernel can  */
	size_t first, count;    /* its timing cells: plan.timings[first .. first+count)  */
	/* How often it is to be launched, and how often it was, once the store was asked.  Launches
	 * that are shown together are a set; the run that began it gives its number (0: none). */
	int launches, launched;
	long long set_number;
};

extern const struct operation network_operation;         /* no row of the table of operations */

static inline bool race_is_of_network(const struct race *race)
{
	return race->layers != NULL;
}

const struct network_work *network_work_of(const struct race *race, const struct qs_kernel *kernel);

struct network_runner {         /* owned by the plan                                     */
	struct qs_kernel kernel;
	char name[64];
	struct network_runner *next;
};

struct timing_cell {
	char key[KEY_SIZE];
	char *label;            /* gemm:64x1024x1024 | gemm_u8s8s32__avx2 t1 b1 warm     */
	size_t race;
	const struct qs_kernel *kernel;
	const struct library *library;
	bool guest;             /* not asked for: the reference, the best float kernel, peers */
	bool named;             /* asked for by its own name or its library's: timed though it is
				 * wrong */
	bool left_out;          /* of the launches to come: it killed a worker, or is wrong */
	enum outcome outcome;
};

#define NO_TIMING SIZE_MAX

struct choice {                 /* one row of view `choice`                              */
	size_t accuracy, timing;         /* timing may be NO_TIMING                      */
	char *skip;             /* why an op that was to be timed is not; else NULL      */
};

struct skip {
	char key[KEY_SIZE];
	char *label, *reason;
};

struct plan {
	const struct env *env;
	const struct config *config;
	const struct libraries *libraries;
	struct subjects subjects;
	/* [subjects.count]; empty (count 0) where it is no network; subjects of one network share
	 * what theirs points to */
	struct layers *layers;
	size_t accuracy_count, accuracy_capacity;
	struct accuracy_cell *accuracies;        /* see accuracy_compare_slices           */
	size_t timing_count, timing_capacity;
	struct timing_cell *timings;
	size_t race_count, race_capacity;
	struct race *races;
	struct network_runner *network_runners;
	size_t choice_count, choice_capacity;
	struct choice *choices;
	size_t skip_count, skip_capacity;
	struct skip *skips;
	size_t excluded;        /* rows that "exclude" took out                          */
};

struct plan_options {
	const char *data;       /* folder for relative paths; NULL: the config's         */
	const struct filter *only;       /* NULL or empty: all                           */
	const char *machine;    /* machine_id, part of the timing keys                   */
	bool has_seed;          /* --seed: takes the place of the config's seeds         */
	uint64_t seed;
	int launches;           /* of each race, 1 .. LAUNCHES_MOST; 0: LAUNCHES         */
};

/* The config and the libraries must outlive the plan.  A column of `only` or `exclude` that
 * `choice` has not, or that is known only after measuring (sqnr_db), is an error that says so. */
int plan_make(struct plan *plan, const struct config *config, const struct libraries *libraries,
	      const struct plan_options *options, struct error *error);
void plan_free(struct plan *plan);

/* 0 where two cells share their subject, seed and slices (the granularity of a tensor's rule; all
 * cells of an operation share theirs): such cells are neighbours in a plan and are measured from
 * one sort.  Else the order of the plan. */
int accuracy_compare_slices(const struct accuracy_cell *a, const struct accuracy_cell *b);

/* Some runner of the race has still to be timed: then all of them are, in each launch. */
bool race_is_planned(const struct plan *plan, const struct race *race);

/* Bytes that one call must move: each element of a and w read and of y written once, with the
 * scales that the types name and the weights' zero points (4 and 1 each). */
int64_t race_bytes(const struct race *race, const struct qs_kernel *kernel);
/* Those of w alone; 0: there is none. */
int64_t race_weight_bytes(const struct race *race, const struct qs_kernel *kernel);

/* The types of a recipe for an operation, as a kernel's name writes them: "u8s8s32",
 * "u8s8f32_g32", "f32f32f32", "f32u8".  Activations are u8 where their codes are unsigned, else s8;
 * weights s8; 9 to 16 bits are s16; 4 bits or fewer are s4, u4, and of weights s3, s2, where a
 * library has such a kernel.  y: what the sums become, or NULL: raw sums, floats where groups or
 * narrow weights want them.  "" where no integer kernel could ever do it (groups on activations,
 * scales along the reduction, codes from sums of rows with scales of their own).
 * Returns the length, as snprintf. */
int recipe_types(char *out, size_t size, const struct libraries *libraries,
		 const struct operation *operation, const struct value *y,
		 const struct recipe *recipe);

/* The same for a subject: of its operation; of a network as for gemm with weights in 8 bits; ""
 * for a tensor. */
int subject_types(char *out, size_t size, const struct libraries *libraries,
		  const struct subject *subject, const struct recipe *recipe);

/* A label in parts: SUBJECT RECIPE | KERNEL t1 b1 warm, with detail t1 b1 warm rndnu zeros (w_bits
 * and w_values are the subject's).  Of an accuracy cell it ends before the
 * '|', of a timing cell it has no recipe (both formats NULL). */
struct label {
	char *subject;          /* unescaped                                             */
	struct recipe recipe;
	char *kernel;           /* NULL: no timing part                                  */
	int threads, batch;
	const struct value *cache;
	struct race_detail detail;
};
/* Appends " rndnu zeros", the end of a race's name and of a label. */
void race_detail_write(struct text *out, const struct race_detail *detail);
char *label_write(const struct label *label, const struct env *env, struct error *error);
/* subject, kernel and the recipe's patterns are then the label's own: label_free. */
int label_read(struct label *label, const struct env *env, const char *text,
	       struct error *error);
void label_free(struct label *label, const struct env *env);
/* The label of a row of `choice`, made from the plan. */
char *choice_label(const struct plan *plan, const struct choice *choice, struct error *error);

#endif

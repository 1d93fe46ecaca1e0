/* SPDX-License-Identifier: MIT
 *
 * What the files of the plan share: plan.c (the whole), plan_expand.c (recipes of a subject),
 * plan_network.c (layers of networks), plan_timing.c (races of an op), plan_network_timing.c and
 * plan_network_work.c (races of a network), plan_names.c (names and keys of races), plan_kernels.c
 * (what a kernel word means), plan_types.c (types of a recipe), plan_row.c (columns of a row),
 * plan_index.c (doubles), plan_order.c (who stands beside whom).
 */
#ifndef QS_PLAN_PARTS_H
#define QS_PLAN_PARTS_H

#include "plan.h"

enum {
	PLAN_CELLS_MOST = 1000000,      /* rows and skips together                       */
	TYPES_SIZE = 32,
	REFUSAL_SIZE = 200
};

/* Which keys are there already, and at which place. */
struct key_slot {
	char key[KEY_SIZE];     /* "": free                                              */
	size_t place;
};
struct key_index {
	size_t count, capacity; /* capacity: a power of two, at least twice the count    */
	struct key_slot *slots;
};
/* *place keeps its value where the key is new, else gets that of the key; *is_new says which. */
int key_index_put(struct key_index *index, const struct env *env, const char key[KEY_SIZE],
		  size_t *place, bool *is_new, struct error *error);
void key_index_free(struct key_index *index, const struct env *env);

/* One row that may become a choice or a skip, for the filters. */
struct plan_row {
	const struct subject *subject;
	const struct recipe *recipe;
	const char *accuracy_key, *timing_key, *label;
	const char *types;      /* ""; NULL                                              */
	const char *kernel, *library;    /* NULL: not timed                               */
	int threads, batch;     /* 0: not timed                                          */
	char buffer[POLICY_NAME_SIZE];
};
int row_lookup(void *self, const char *column, const char **value);

struct maker {                  /* what plan_make carries about                          */
	struct plan *plan;
	const struct plan_options *options;
	struct error *error;
	struct key_index accuracies, races, timings, choices, skips;
	size_t subject;         /* its index, hash and words                             */
	char content[KEY_SIZE];
	const struct sweep *sweep;
};

/* All recipes of the subject and sweep that the maker is at. */
int expand(struct maker *maker);
/* plan->layers of all networks. */
int networks_open(struct maker *maker);
void networks_close(struct plan *plan);
/* Why the recipe means nothing for the maker's network, or "".  A channel axis that is the layers'
 * own gets its plain form. */
int network_refuse(struct maker *maker, struct recipe *recipe, char reason[REFUSAL_SIZE]);
/* Rows and skips of one recipe of an op, of a network, that is to be timed. */
int expand_timing(struct maker *maker, struct plan_row *row);
int expand_network_timing(struct maker *maker, struct plan_row *row);

/* An op whose sums become codes. */
static inline bool makes_codes(const struct subject *subject)
{
	return subject->operation && (subject->operation->requantizes ||
				      (subject->y && result_of(subject->y)->is_code));
}

/* 1: neither "exclude" nor --only takes the row out; 0; -1.  An excluded row is counted. */
int row_is_wanted(struct maker *maker, struct plan_row *row);
/* Adds the row's choice and, where it is new, its accuracy cell.  timing: NO_TIMING, or the index
 * of a timing cell.  skip: copied; may be NULL. */
int add_choice(struct maker *maker, const struct plan_row *row, size_t timing, const char *skip);
/* Where it is new. */
int add_skip(struct maker *maker, const char *label, const char *reason);

/* Cells that are measured together stand together: accuracy cells by subject, seed and slices (see
 * accuracy_compare_slices), timing cells by race.  Once, when all have been added. */
int order_plan(struct maker *maker);

/* What a race of a network is of, beside its types. */
struct network_terms {
	const struct layers *layers;
	char content[KEY_SIZE]; /* key of the network's file                             */
	/* Of all recipes that take the same way through the kernels: with the usual calibrations,
	 * bits and rounding.  Of a run in floats it has no policy. */
	struct recipe plain;
};

/* What tells one race from another. */
struct race_terms {
	const struct subject *subject;
	const char *types;
	int threads, batch;
	const struct value *cache;
	struct race_detail detail;
	const struct network_terms *network;     /* NULL: of an op                        */
};
char *race_name(const struct env *env, const struct race_terms *terms, struct error *error);
/* runner: a kernel's full name, or what a network's run was asked for by. */
char *timing_label(const struct env *env, const struct race_terms *terms, const char *runner,
		   struct error *error);
/* The label of a runner's cell: a network's run in floats has neither range nor policy. */
char *runner_label(const struct env *env, const struct race_terms *terms,
		   const struct qs_kernel *kernel, struct error *error);
/* The task of a race, for asking refuse(); its scales are all one number in memory, see task_plain.
 * env_free its zeros. */
struct race_task {
	struct qs_task task;
	int32_t *zeros;
};
int race_task_make(struct race_task *out, const struct env *env, const struct race_terms *terms,
		   const struct qs_kernel *kernel, struct error *error);

/* One kernel that a word of "kernel" names for an operation and types, or the reason why there is
 * none: then kernel may be NULL. */
struct pick {
	const struct qs_kernel *kernel;
	const struct library *library;
	char reason[128];       /* "": it can run                                        */
	bool named;             /* the word is its full name, or its library's            */
};
struct picks {
	size_t count, capacity;
	struct pick *picks;
};
int timing_key(struct maker *maker, char key[KEY_SIZE], const struct race_terms *terms,
	       const struct pick *pick);
/* A kernel that is there already is not added again. */
int pick_add(struct picks *picks, const struct env *env, const struct pick *pick,
	     struct error *error);
/* The finest feature set of the table that `needs` has and this CPU lacks. */
const char *isa_lacking(const struct libraries *libraries, uint64_t needs);

struct timed_rows {             /* of one recipe                                         */
	size_t rows;            /* of `choice` with a time                               */
	char reason[128];       /* the first for which a word of "kernel" got none       */
};
/* A row of `choice` for one runner that can run: 1, 0 (a filter took it out) or -1. */
int add_timed_row(struct maker *maker, const struct plan_row *recipe_row,
		  const struct race_terms *terms, const struct pick *pick, bool guest);
/* A timing cell that cannot be: a skip, unless a filter takes the row out. */
int add_timing_skip(struct maker *maker, const struct plan_row *recipe_row,
		    const struct race_terms *terms, const char *kernel, const char *reason);
/* The recipe alone: its error is measured, its time is not, for a reason or "".  before: the plan's
 * number of excluded rows when the recipe's first row was asked about. */
int add_untimed_row(struct maker *maker, struct plan_row *row, size_t before, const char *reason);
/* Key of a network's file. */
void network_content(char key[KEY_SIZE], const struct subject *subject);
/* Fills race->in_floats and race->in_integers. */
int network_work_count(struct maker *maker, struct race *race);
/* What a network's race has beyond an op's. */
int race_of_network(struct maker *maker, struct race *race, const struct race_terms *terms);
/* Appends the reference kernels' run of the race's types and our best run in floats. */
int network_guests_pick(struct picks *picks, struct maker *maker, const struct race_terms *terms);
/* The word names something: best, an ISA, a library, or a glob that fits a kernel. */
int kernel_word_check(const struct libraries *libraries, const char *word, struct error *error);
/* Some library has a kernel of the operation and types, and ours has their reference. */
bool types_have_kernel(const struct libraries *libraries, enum qs_op op, const char *types);
/* What `best` means for a race; NULL: *reason says why there is none. */
int best_of_race(const struct qs_kernel **best, const struct env *env,
		 const struct libraries *libraries, const struct race_terms *terms,
		 const char **reason, struct error *error);
/* Appends what the word names of the race's operation and types; a kernel that is there already is
 * not added again. */
int kernel_word_pick(struct picks *picks, const struct env *env, const struct libraries *libraries,
		     const char *word, const struct race_terms *terms, struct error *error);
/* Appends the guests that every race has, with reasons where they cannot be: the reference of its
 * types, of a product our best f32 kernel, and on one thread each peer's kernel of its types that
 * takes the task. */
int guests_pick(struct picks *picks, const struct env *env, const struct libraries *libraries,
		const struct race_terms *terms, struct error *error);

#endif

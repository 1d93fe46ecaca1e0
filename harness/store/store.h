/* SPDX-License-Identifier: MIT
 *
 * The one SQLite file: the only code that knows SQLite.  results/schema.sql says what each table
 * and column holds.  One transaction a cell; what was committed survives SIGKILL.
 *
 * A file that is damaged, of another version, or not ours is answered with STATUS_MACHINE and is
 * not written to.  A store is used by one thread at a time; several processes may write one file.
 */
#ifndef QS_STORE_H
#define QS_STORE_H

#include "../measure/accuracy.h"
#include "../measure/duel_launch.h"
#include "../measure/machine_limits.h"
#include "../measure/network.h"
#include "../measure/race.h"
#include "../measure/warnings.h"

struct store;

struct machine {
	char id[KEY_SIZE];      /* hash of CPU model, features, microcode, cores         */
	char cpu[128], microcode[32], features[128], kernel[128];
	int cores;
};

struct run_info {
	char id[KEY_SIZE];      /* random 128 bits                                       */
	const struct machine *machine;
	const char *config_path, *config_text, *command, *data;
	int jobs;
	const char *isa;
};

/* Opens for writing, makes the file (and its folder) where there is none. */
int store_open(struct store **store, const struct env *env, const char *path,
	       struct error *error);
/* Opens for reading alone; a missing file is an error of STATUS_INPUT. */
int store_open_read(struct store **store, const struct env *env, const char *path,
		    struct error *error);
void store_close(struct store *store);

int machine_read(struct machine *machine, const struct env *env, struct error *error);

/* Sets outcome REUSED on the plan's cells that are stored as done.  Timing cells: all of a race or
 * none, because a ratio lives within a launch.  A race's latest set of launches, where it holds all
 * of its runners and all of them are good, is taken up: with as many launches as the race wants, or
 * more, it is REUSED, else race->launched and set_number say what is there and further launches go
 * to the same set, whichever run made the first ones. */
int store_mark_reused(struct store *store, struct plan *plan, struct error *error);

/* Stores the run and its whole plan.  An empty run->id is drawn. */
int store_begin_run(struct store *store, const struct run_info *run, const struct plan *plan,
		    struct error *error);
/* run_id of the run that store_begin_run began. */
const char *store_run_id(const struct store *store);
/* One cell, whole or not at all.  Where it is stored already, the same numbers are fine; another
 * one is STATUS_FAILED with both, and so is a skip or a failure where numbers are stored: what is
 * stored stays. */
int store_put_accuracy(struct store *store, const struct plan *plan, size_t cell,
		       const struct accuracy_result *result, struct error *error);
/* The same for a cell of a network: every number but counters and seconds must be the same. */
int store_put_network(struct store *store, const struct plan *plan, size_t cell,
		      const struct network_result *result, struct error *error);
/* The subject's newest histogram is kept, one a tensor and seed. */
int store_put_histogram(struct store *store, const struct plan *plan, size_t subject,
			const struct histogram *histogram, struct error *error);
/* All runners of one launch but those left out; launch: 0, 1, ... of the race's set.  A runner that
 * failed is a failed cell; the others are done with the last launch that the race wants. */
int store_put_launch(struct store *store, const struct plan *plan, const struct race *race,
		     int launch, const struct launch_result *result, struct error *error);
/* The speed gate: the run and its benches, not the rest of the plan. */
int store_begin_gate(struct store *store, const struct run_info *run, const struct plan *plan,
		     const size_t *timings, size_t count, struct error *error);
struct stored_duel {
	const char *cell_key, *old_hash, *new_hash;
	int decision, launch, handicap;
	double started;         /* s since the run began                                 */
	const struct duel_launch *launched;      /* without trouble                      */
};
int store_put_duel(struct store *store, const struct stored_duel *duel, struct error *error);
struct stored_verdict {         /* see table speed_verdict                               */
	const char *label, *cell_key, *race, *verdict, *note, *command;
	double change, change_low, change_high, old_ns, new_ns;  /* NaN: none            */
	int launches, confirming_launches, handicap;
	double max_regress, allowed;     /* allowed NaN: nothing                         */
	enum outcome outcome;   /* of the cell: DONE, FAILED or SKIPPED, of which note is why */
};
int store_put_verdict(struct store *store, const struct stored_verdict *verdict,
		      struct error *error);
/* The machine's limits with one number of threads; they take the place of those of the same names.
 * Where a run was begun they are its. */
int store_put_limits(struct store *store, const struct machine *machine,
		     const struct machine_limits *limits, struct error *error);
/* Whether limits of this machine with so many threads are stored; read_bytes: the read loop of this
 * size, 0: all but read loops. */
int store_has_limits(struct store *store, const char *machine_id, int threads, int64_t read_bytes,
		     bool *has, struct error *error);
/* What was seen of this run's times, or, race not NULL, of that race's; the latest stays. */
int store_put_warning(struct store *store, const struct plan *plan, const struct race *race,
		      const struct warning *warning, const char *seen, struct error *error);
struct run_totals {
	double seconds, accuracy_seconds, race_seconds, accuracy_cost;
	uint64_t element_visits, layer_runs;
	bool interrupted;
};
int store_end_run(struct store *store, const struct run_totals *totals, struct error *error);

/* Rates of this machine from earlier runs: cost units a second and job (0: none stored). */
int store_rate(struct store *store, const char *machine_id, double *accuracy_rate,
	       struct error *error);

/* Reading: any SELECT, also with matches(GLOB, VALUE) as filters understand it, and with
 * paired_low(A, B, SAMPLES), paired_high(...) of two `bytes` of sample_values: see paired.c.  Cells
 * come as text, NULL as NULL; types as SQLite's type of each value. */
enum cell_type { CELL_NULL, CELL_INTEGER, CELL_REAL, CELL_TEXT };
struct row {
	int columns;
	const char *const *names;
	const char *const *values;       /* reals by print_double; NULL for NULL          */
	const enum cell_type *types;
};
/* Returning other than 0 ends the query early. */
typedef int store_row(void *self, const struct row *row);
/* parameters: texts bound to ?1, ?2, ...; SQL that fails is an error of STATUS_INPUT with SQLite's
 * words. */
int store_query(struct store *store, const char *sql, const char *const *parameters,
		int parameter_count, store_row *each, void *self, struct error *error);
/* Appends " WHERE ..." for a filter on a view; the parameters to bind are appended to `bind`. An
 * unknown column is an error that names the nearest. */
int store_where(struct store *store, const char *view, const struct filter *filter,
		struct text *sql, const char **bind, int bind_room, int *bind_count,
		struct error *error);
/* 0 where the view has the column; else an error that names the nearest. */
int store_check_column(struct store *store, const char *view, const char *column,
		       struct error *error);
/* The promised views, ended by NULL. */
extern const char *const store_views[];
/* What makes the command that measures one row anew; all but config and label may be NULL. */
struct again {
	const char *config, *data, *config_name, *label;
	const char *store;      /* the file the row is in; not said where it is the config's own */
};
/* Appends it as a shell takes it: quantsweep run CONFIG --again --only 'label=...' */
void store_again(struct text *out, const struct again *again);

#endif

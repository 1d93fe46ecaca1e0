/* SPDX-License-Identifier: MIT
 *
 * What `run`, `plan` and `gate` share: the options that say which cells of a config are meant, and
 * all that is opened to plan them.
 */
#ifndef QS_STUDY_H
#define QS_STUDY_H

#include "../store/store.h"
#include "command.h"

enum { STUDY_LIBRARIES_MOST = 16, STUDY_JOBS_MOST = 1024 };

/* These stand first in the command's own table: STUDY_OPTIONS, then [STUDY_OPTION_COUNT] and so on.
 */
enum {
	STUDY_DATA, STUDY_STORE, STUDY_JOBS, STUDY_ONLY, STUDY_ISA, STUDY_KERNELS, STUDY_SEED,
	STUDY_LAUNCHES, STUDY_OPTION_COUNT
};
#define STUDY_OPTIONS                                                                              \
	[STUDY_DATA] = { "--data", "DIR",                                                          \
			 "where relative paths are looked up (default: the config's folder)",      \
			 false },                                                                  \
	[STUDY_STORE] = { "--store", "DB",                                                         \
			  "the result file (default: results/NAME.db, NAME from the config)",      \
			  false },                                                                 \
	[STUDY_JOBS] = { "--jobs", "N",                                                            \
			 "accuracy cells at once (default: the cores this process may use)",       \
			 false },                                                                  \
	[STUDY_ONLY] = { "--only", "FILTER", "only these rows: COLUMN=GLOB,COLUMN>=NUMBER,...",    \
			 true },                                                                   \
	[STUDY_ISA] = { "--isa", "NAME",                                                           \
			"use no newer instructions than these (`quantsweep list isa`)", false },   \
	[STUDY_KERNELS] = { "--kernels", "PATH",                                                   \
			    "one more kernel library, for what the config's \"kernel\" names",  \
			    true },                                                                \
	[STUDY_SEED] = { "--seed", "N", "takes the place of the config's seeds", false },          \
	[STUDY_LAUNCHES] = { "--launches", "N",                                                    \
			     "processes that time each race, 1 to 63 (default 7)", false }

struct study_request {          /* the command line, understood                          */
	struct env env;         /* whose CPU --isa masks                                 */
	const char *config, *data, *store, *isa;         /* NULL: not given              */
	const char *kernels[STUDY_LIBRARIES_MOST];
	int kernel_count;
	struct filter only;
	int jobs;               /* 1 .. STUDY_JOBS_MOST                                  */
	bool has_seed;
	uint64_t seed;
	int launches;           /* 0: not given                                          */
	bool makes_config;      /* the command makes the config itself                   */
};

/* Takes an option of the command's own, from STUDY_OPTION_COUNT on. */
typedef int study_own_option(void *self, int option, const char *value, struct error *error);

/* What is not said on the command line; for a command with a table of its own, whose options it
 * gives to study_take_option as STUDY_.... */
struct study_request study_request_start(const struct env *env);
int study_take_option(struct study_request *request, int option, const char *value,
		      struct error *error);
/* *request is to be freed also on -1. */
int study_request_read(struct study_request *request, const struct env *env,
		       const struct command *command, int argc, char **argv, study_own_option *own,
		       void *self, struct error *error);
void study_request_free(struct study_request *request);

struct study {                  /* holds the addresses of its members: do not move it    */
	const struct env *env;
	char *path;             /* of the store                                          */
	struct machine machine;
	struct config config;
	struct libraries libraries;
	struct plan plan;
};

/* Reads the config and plans it; the request must outlive the study. */
int study_open(struct study *study, const struct study_request *request, struct error *error);
void study_close(struct study *study);

#endif

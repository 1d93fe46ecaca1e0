/* SPDX-License-Identifier: MIT
 *
 * What the user asked, read and validated whole before any work.
 *
 * JSON (harness/config_schema.json); full-line // comments are blanked first, doubled keys and
 * whole numbers above 2^53 are errors.  Every message is FILE:LINE: KEY: what was found, what was
 * expected; an unknown word is answered with the nearest known one.
 *
 * A config_read that returns 0 has looked up every name: a `struct setting` holds the table's row.
 * Defaults are filled in, so a list is never empty where it has a meaning.
 */
#ifndef QS_CONFIG_H
#define QS_CONFIG_H

#include "axes/tables.h"
#include "conv.h"
#include "env.h"
#include "filter.h"

#include <stdint.h>

enum { RANK_MAX = 8 };

enum subject_kind { SUBJECT_TENSOR, SUBJECT_OP, SUBJECT_NETWORK };

enum data_layout { LAYOUT_NONE, LAYOUT_NCHW, LAYOUT_NHWC };
enum { CHANNELS_MOST = 64 };
struct data_channels {          /* one number for all channels, or one for each          */
	size_t count;
	double numbers[CHANNELS_MOST];
};

/* Samples that a file holds: see datasets/data_file.h.  Texts are as the config has them. */
struct data_file {
	char *path;             /* PATH[#NAME]                                           */
	char *labels;           /* likewise, the classes of the samples; NULL: none      */
	char *label_column;     /* of PATH, or of labels: a name or a number; NULL: none  */
	char *target;           /* likewise, the outputs that are right; NULL: none       */
	bool evaluation, target_is_input;
	int64_t skip, stride;   /* samples passed over; elements, 0: those of a sample   */
	int rank;               /* of a sample; 0: the file's                            */
	int64_t shape[RANK_MAX];
	enum data_layout layout;
	double offset, peak;    /* peak 0: that of the target's type                     */
	struct data_channels scale, mean, std;
};

/* Which samples of a network's generator: {"samples": 256, "seed": 1, ...}; see datasets/data.h. */
enum { CALIBRATION_SEED = 1, EVALUATION_SEED = 2 };      /* where the config says nothing */
struct data_spec {
	int64_t samples;
	uint64_t seed;
	double scale, shift;
	uint64_t dropped;       /* bit c: class c is left out, the next sample takes its place */
	int line;
	/* of a file: then samples are at most so many, 0 the usual number, and of the others above
	 * none has a meaning; NULL: of the generator                                     */
	const struct data_file *file;
	struct opened_data *opened;      /* by subjects_open                              */
};

struct data_spec_list {
	size_t count, capacity;
	struct data_spec *specs;
	size_t file_count, file_capacity;
	struct data_file **files;        /* that specs point to                           */
};

/* One entry of "subjects", as written: patterns are not expanded, files are not opened. */
struct subject_spec {
	enum subject_kind kind;
	int line;
	/* tensor */
	char *tensor;           /* synthetic:NAME, or PATH[#NAME] with globs             */
	int rank;               /* 0: no "shape"                                         */
	int64_t shape[RANK_MAX];         /* each 1..2^31, product at most 2^31           */
	bool as_activations;    /* "as": "activations"                                   */
	/* op */
	const struct operation *operation;
	int64_t m, n, k;
	struct qs_conv conv;    /* batch 0: the operation is none                        */
	char *a, *w;            /* tensor sources; defaults filled in; w NULL without weights */
	const struct value *y;  /* a struct result; NULL: what the recipe's types have    */
	int w_bits;             /* 2 .. 7: codes of weights are timed so narrow; 0: all  */
	const struct value *w_values;    /* a struct weight_values; NULL: uniform        */
	/* network: a subject for each pair of the two lists */
	const struct network *network;   /* embedded; NULL: that of a file                */
	char *network_file;
	bool evaluates_calibration;      /* there is no evaluation_data                   */
	struct data_spec_list calibration, evaluation;
	const struct value *metric;      /* NULL: what fits network and data              */
	unsigned measure;       /* MEASURE_* bits that this subject has and the config wants */
	int64_t sensitivity_samples;     /* the config's                                  */
};

struct setting {                /* one value on a list                                   */
	const struct value *value;       /* NULL for kernels and plain numbers           */
	double number;          /* parameter, bits, group, threads, batch, seed          */
	double high;            /* the second number of a pair, else 0                   */
	char *text;             /* a kernel's glob, ISA or library; a policy's patterns  */
	int line;
};

struct setting_list {
	size_t count, capacity;
	struct setting *settings;
};

struct rule_axes {              /* one "weights" or "activations" block                  */
	/* format: value = format, number = bits (32 for float).  A missing block is float alone. */
	struct setting_list format, scheme, scale, granularity, calibration, range;
};

struct sweep {
	struct rule_axes weights, activations;
	struct setting_list rounding, requantization, policy, recovery;
	struct setting_list kernel, threads, batch, cache, calibration_batch, seed;
	struct filter only;     /* rows of the block that are planned; empty: all         */
	int line;
};

struct config {
	const struct env *env;
	char *path, *name;
	char *text;             /* the file as read, stored with the run                 */
	char *folder;           /* of the file: where relative paths are looked up       */
	size_t subject_count, subject_capacity;
	struct subject_spec *subjects;
	size_t sweep_count, sweep_capacity;
	struct sweep *sweeps;
	unsigned measure;       /* MEASURE_* bits                                        */
	int64_t sensitivity_samples;     /* 0: see network/sensitivity.h                  */
	struct filter exclude;  /* cells that match are not planned; empty: none         */
};

int config_read(struct config *config, const struct env *env, const char *path,
		struct error *error);
/* The same from memory; `path` names it in messages and must stay valid for the call alone.  For
 * tests and the fuzzer. */
int config_parse(struct config *config, const struct env *env, const char *path, const char *json,
		 size_t length, struct error *error);
void config_free(struct config *config);

#endif

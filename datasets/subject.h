/* SPDX-License-Identifier: MIT
 *
 * What there is: each entry of "subjects" expanded to the tensors and operations it names.
 */
#ifndef QS_SUBJECT_H
#define QS_SUBJECT_H

#include "tensor.h"

/* Where a tensor comes from. */
struct source {
	char *name;             /* as it stands in a label, not yet escaped:
				 * synthetic:outliers, or PATH#NAME relative to the data folder */
	char *path;             /* the file to open; NULL: synthetic                     */
	const struct value *generator;   /* synthetic                                    */
	uint64_t draw;          /* synthetic: xored into the seed, so that two operands of one op
				 * are independent though they name the same generator    */
	char *member;           /* the tensor's name in the file                         */
	char hash[KEY_SIZE];    /* of a file's tensor as sources_find saw it; "": not known */
	int rank;
	int64_t shape[RANK_MAX];
	int axis;
	int64_t rows, columns;
};

struct subject {
	enum subject_kind kind;
	char *name;             /* unescaped: synthetic:outliers:256x1024, or PATH#NAME, or
				 * gemm:64x1024x1024:SOURCE:SOURCE, with "y", "w_bits", "w_values"
				 * gemm:64x1024x1024:s8:w6:normal:SOURCE:SOURCE           */
	unsigned measure;       /* MEASURE_* bits                                        */
	bool as_activations;
	int64_t elements;       /* of the tensor; of a and w together for an op          */
	const struct operation *operation;
	int64_t m, n, k;
	struct qs_conv conv;    /* batch 0: none                                         */
	const struct value *y;  /* an op's, see struct subject_spec                      */
	int w_bits;
	const struct value *w_values;
	/* a network; its name is builtin:glyphs:cal256:eval2000 or net.onnx:cal256-x.npy-1f3c9a
	 * and so on, what differs from the standard behind each: data_spec_write.  elements: of
	 * both data sets                                                                 */
	const struct network *network;
	struct data_spec calibration, evaluation;
	const struct value *metric;      /* that the config names, or that a plan chose   */
	bool metric_named;      /* by the config: it stands in the subject's name         */
	int64_t sensitivity_samples;     /* as asked, 0: see harness/network/sensitivity.h */
	struct source a, w;     /* a tensor subject has its tensor in `w`, or in `a` when
				 * as_activations; an op has what its operation has       */
};

/* Of a network what its answers are worth, and nothing of its layers: each recipe is run once. */
static inline bool subject_is_task_alone(const struct subject *subject)
{
	return subject->kind == SUBJECT_NETWORK && subject->measure & MEASURE_TASK &&
	       !(subject->measure & (MEASURE_ERROR | MEASURE_DRIFT | MEASURE_SENSITIVITY));
}

/* A pattern that named nothing, or a file that could not be read: a skip with its reason. */
struct missing {
	char *name, *reason;
};

struct subjects {
	const struct env *env;
	size_t count, capacity;
	struct subject *subjects;        /* in the config's order, no doubles            */
	size_t missing_count, missing_capacity;
	struct missing *missing;
	/* that subjects point to */
	size_t network_count, network_capacity;
	struct file_network **networks;
	size_t opened_count, opened_capacity;
	struct opened_data **opened;
};

/* All tensors that a pattern names, sorted by name: "synthetic:NAME" with its shape, "PATH#NAME",
 * "PATH#*" or "PATH".  PATH is relative to the folder `data` (or absolute) and may be a glob, **
 * too; PATH alone means PATH#*; NAME may be a glob.  A glob takes weights alone (for .npy the
 * array, if floating), an exact NAME any floating tensor.  Where nothing is found, count is 0 and
 * *reason (the caller's, by env_free) says why. */
struct sources {
	const struct env *env;
	size_t count, capacity;
	struct source *sources;
	char *reason;
};

int sources_find(struct sources *sources, const struct env *env, const char *data,
		 const char *pattern, int rank, const int64_t *shape, struct error *error);
void sources_free(struct sources *sources);
void source_free(struct source *source, const struct env *env);

/* Expands all of the config's subjects.  data: the folder for relative paths.  A pattern without a
 * match becomes `missing`; a file that exists and cannot be read is an error (status 2), so that
 * nothing is measured from half a study. */
int subjects_open(struct subjects *subjects, const struct config *config, const char *data,
		  struct error *error);
void subjects_free(struct subjects *subjects);
/* The network of a file, index < subjects->network_count. */
const struct network *subjects_network(const struct subjects *subjects, size_t index);

/* One source.  A file's tensor that has changed since sources_find is an error, so that no number
 * is stored under the key of another content. */
int source_load(const struct source *source, const struct env *env, uint64_t seed,
		struct tensor *out, struct error *error);
/* The content hash: for a file of what source_load gives; for a synthetic tensor of its name,
 * shape, draw and generator version (its seed is in the key by itself). */
int source_hash(char key[KEY_SIZE], const struct source *source, const struct env *env,
		struct error *error);
/* The subject's content hash for its accuracy key (operation, shape and sources). */
int subject_hash(char key[KEY_SIZE], const struct subject *subject, const struct env *env,
		 struct error *error);

#endif

/* SPDX-License-Identifier: MIT
 *
 * The samples that calibrate a network and those that judge it.
 *
 * Sample indices of the generator count up from 0; one whose class is dropped is passed over and
 * the next takes its place.  Then x becomes (float)((float)(x * scale) + shift), both steps in
 * double and rounded to float32.  Targets and classes stay as they are drawn.
 *
 * Samples of files: data_file.h.
 */
#ifndef QS_DATA_H
#define QS_DATA_H

#include "../harness/config.h"
#include "../harness/text.h"

struct data {
	const struct env *env;
	int64_t samples;
	int inputs, outputs;
	float *x;               /* [samples][inputs], NHWC                               */
	float *targets;         /* [samples][outputs]; of a generated classifier, or where the
				 * file's block has no "target", NULL                     */
	int32_t *classes;       /* [samples]; of a generated regression, or without labels, NULL */
	double peak;            /* the greatest value that a target may have             */
};

/* About the generator's own time a sample (30 us).  Dropped classes may leave so few samples that
 * drawing them would not end: that is an error (status 2). */
int data_make(struct data *data, const struct env *env, const struct network *network,
	      const struct data_spec *spec, struct error *error);
void data_free(struct data *data);

/* The same inputs alone, in order and piece by piece: in the memory of one sample, however many
 * there are. */
struct data_inputs;
struct data_reader {
	const struct env *env;
	const struct network *network;
	const struct data_spec *spec;
	struct data_inputs *file;        /* NULL: generated                               */
	float *target;          /* of a generated sample, which nobody reads             */
	int64_t inputs, sample;          /* the next one                                  */
	uint64_t index;         /* the generator's next                                  */
};

int data_reader_open(struct data_reader *reader, const struct env *env,
		     const struct network *network, const struct data_spec *spec,
		     struct error *error);
/* The next `count` samples, x[count][inputs]; no more than the spec has. */
int data_reader_next(struct data_reader *reader, int64_t count, float *x, struct error *error);
void data_reader_rewind(struct data_reader *reader);
void data_reader_close(struct data_reader *reader);

/* Which samples of an evaluation come among others too, by the bits of x. */
struct data_common {
	const struct env *env;
	size_t samples, inputs;
	struct print *prints;   /* [samples] sorted                                      */
};

int data_common_new(struct data_common *common, const struct data *evaluation,
		    struct error *error);
void data_common_add(struct data_common *common, const float *x, int64_t count);
/* How many of the evaluation's samples came. */
int64_t data_common_count(const struct data_common *common);
void data_common_free(struct data_common *common);

/* Appends cal256 or eval2000 (`what` and the number of samples) and, behind it, what differs from
 * the standard: -seed7 (where it is not standard_seed) -scale0.25 -shift0.5 -drop3+7; of a file its
 * name and six digits that stand for all the rest of its block: -x.npy-1f3c9a. */
void data_spec_write(struct text *out, const char *what, const struct data_spec *spec,
		     uint64_t standard_seed);

#endif

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

/* How many of the evaluation's samples stand among the calibration's too, by the bits of x. */
int data_common(const struct data *calibration, const struct data *evaluation, int64_t *common,
		struct error *error);

/* Appends cal256 or eval2000 (`what` and the number of samples) and, behind it, what differs from
 * the standard: -seed7 (where it is not standard_seed) -scale0.25 -shift0.5 -drop3+7; of a file its
 * name and six digits that stand for all the rest of its block: -x.npy-1f3c9a. */
void data_spec_write(struct text *out, const char *what, const struct data_spec *spec,
		     uint64_t standard_seed);

#endif

/* SPDX-License-Identifier: MIT
 *
 * Samples from files: what calibrates and judges a network that somebody else trained.
 *
 * A sample is one index of the file's first axis, or, with "shape", so many values one after the
 * other ("stride" values from one start to the next).  "label_column" of a table is left out.  Each
 * value becomes
 *
 *         y = ((x + offset) * scale - mean) / std
 *
 * in double from the file's own number, rounded once to float32; scale, mean and std may have one
 * number for each channel.  A sample lies as the network's input does, ones among the sizes aside;
 * one whose "layout" is the other one is transposed; where either side has one axis alone, values
 * keep their order.
 *
 * Right answers: classes, whole numbers from 0, of "labels" or "label_column"; or the outputs of
 * "target", which are taken as they are, or "target": "input".
 */
#ifndef QS_DATA_FILE_H
#define QS_DATA_FILE_H

#include "../harness/hash.h"
#include "data.h"

/* A network's input or output as its graph sees a sample: the batch is no axis of it.  Element
 * (i, j, ...) lies at i * stride[0] + j * stride[1] ... of what the network reads or writes. */
struct sample_axes {
	int rank;
	int64_t shape[RANK_MAX], stride[RANK_MAX];
};

struct opened_data {
	const char *folder;   /* of relative paths                                     */
	char hash[KEY_SIZE];  /* of the bytes of all its files                         */
	int64_t available;    /* samples, those that are skipped too                   */
	int64_t label_column; /* -1: none                                              */
	int rank;             /* of a sample in the file                               */
	int64_t shape[RANK_MAX], elements;
	/* by data_file_fit */
	int order[RANK_MAX]; /* the sample's axes as the network has them             */
	struct sample_axes input, output;
};

/* Opens the files of spec->file, decides how many samples are meant (all that there are, at most
 * spec->samples, or `most` where the config says nothing) and hashes them.  `folder` must outlive
 * the spec. */
int data_file_open(struct data_spec *spec, const struct env *env, const char *folder, int64_t most,
		   struct error *error);
void data_file_close(struct data_spec *spec, const struct env *env);
/* Do samples, targets and labels fit a network with this input and output? */
int data_file_fit(struct data_spec *spec, const struct env *env, const struct sample_axes *input,
		  const struct sample_axes *output, struct error *error);
/* Reads them, as the network takes them.  A file that has changed since is an error. */
int data_file_make(struct data *data, const struct env *env, const struct data_spec *spec,
		   struct error *error);

/* The inputs alone, one sample at a time in any order.  A file that has changed since is an error;
 * the spec must outlive this. */
struct data_inputs;
int data_inputs_open(struct data_inputs **inputs, const struct env *env,
		     const struct data_spec *spec, struct error *error);
int data_inputs_read(struct data_inputs *inputs, int64_t sample, float *x, struct error *error);
void data_inputs_close(struct data_inputs *inputs);

static inline bool data_file_has_classes(const struct data_file *file)
{
	return file->labels || (file->label_column && file->evaluation);
}

/* Appends all that decides the values but the number of samples; `named`: with the paths, else with
 * the content's hash. */
void data_file_write(struct text *out, const struct data_spec *spec, bool named);

#endif

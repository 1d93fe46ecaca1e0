/* SPDX-License-Identifier: MIT
 *
 * What the files of data_file.h share: data_file.c (opens, names), data_fit.c (does it fit?) and
 * data_read.c (reads).
 */
#ifndef QS_DATA_PARTS_H
#define QS_DATA_PARTS_H

#include "data_file.h"
#include "data_member.h"

/* opened->hash, of the bytes of all files as they are now; opened->folder is set. */
int data_hash_files(const struct data_file *file, const struct env *env, struct opened_data *opened,
		    struct error *error);

/* order[i]: which axis of the sample is axis i of the network.  path and what ("input") are for the
 * sentence. */
int data_fit(const struct data_file *file, const char *path, const char *what, int rank,
	     const int64_t *shape, const struct sample_axes *network, int *order,
	     struct error *error);

/* Of which axis of a sample a list of numbers is; -1: that is not said. */
static inline int data_channel_axis(const struct data_file *file, int rank)
{
	return !file->layout || rank != 3 ? -1 : file->layout == LAYOUT_NCHW ? 0 : 2;
}

/* classes[spec->samples]: whole numbers from 0. */
int data_read_classes(const struct data_spec *spec, const struct env *env, int32_t *classes,
		      struct error *error);

#endif

/* SPDX-License-Identifier: MIT
 *
 * One array as NumPy writes it: a .npy file, or a member of an .npz.
 */
#ifndef QS_NPY_H
#define QS_NPY_H

#include "element.h"

enum { NPY_HEADER_MOST = 65536 };        /* NumPy itself reads at most 10,000            */

struct npy_array {
	size_t size;            /* of the whole, set before npy_parse                    */
	size_t data;            /* where the elements begin                              */
	const struct element *element;
	bool big_endian, fortran;
	int rank;
	int64_t shape[RANK_MAX];
};

/* From the first `size` bytes, which hold the header if there is one: the elements may lie beyond.
 * Checks that array->size is what shape and type need. */
int npy_parse(struct npy_array *array, const char *path, const unsigned char *bytes, size_t size,
	      struct error *error);
/* Of the elements at `data`: a piece in C order, or all as a tensor. */
void npy_values(const struct npy_array *array, const unsigned char *data, int64_t first,
		int64_t count, double *out);
int npy_load(const struct npy_array *array, const unsigned char *data,
	     const struct tensor_file *file, const struct tensor_info *info, struct tensor *out,
	     struct error *error);

#endif

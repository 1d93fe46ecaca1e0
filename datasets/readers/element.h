/* SPDX-License-Identifier: MIT
 *
 * Element types of tensor files and how their bytes become float32: float32, float16 and bfloat16
 * exactly, float64 rounded half to even (beyond float32's range: infinite).
 */
#ifndef QS_ELEMENT_H
#define QS_ELEMENT_H

#include "reader.h"

enum element_kind {
	ELEMENT_OTHER,          /* listed, never loaded                                  */
	ELEMENT_SIGNED,
	ELEMENT_UNSIGNED,       /* bool too                                              */
	ELEMENT_F16,            /* this and all after it are floating                    */
	ELEMENT_BF16,
	ELEMENT_F32,
	ELEMENT_F64
};

struct element {
	const char *name;       /* float32: what `inspect` shows                         */
	unsigned bits;          /* one value takes this many; 0: not fixed               */
	enum element_kind kind;
};

/* By name; NULL: unknown. */
const struct element *element_find(const char *name);

float float_of_half(uint16_t bits);
float float_of_bfloat16(uint16_t bits);

/* count elements of a floating type at `bytes`, in either byte order. */
void element_read(float *out, const unsigned char *bytes, int64_t count,
		  const struct element *element, bool big_endian);

/* count elements of any type of numbers, exact but for whole ones beyond 2^53. */
void element_read_doubles(double *out, const unsigned char *bytes, int64_t count,
			  const struct element *element, bool big_endian);

/* count whole numbers in little-endian order; uint64 above 2^63 - 1 becomes that. */
void element_read_wholes(int64_t *out, const unsigned char *bytes, int64_t count,
			 const struct element *element);

static inline bool element_is_floating(const struct element *element)
{
	return element->kind >= ELEMENT_F16;
}

/* Appends an entry for a tensor with the default layout (axis 0).  Checks rank and shape; the
 * sentence begins with the file and the name.  NULL with *error; on success the entry is zeroed but
 * for name, type, floating, rank, shape, elements and layout. */
struct tensor_info *tensor_file_add(struct tensor_file *file, const char *name,
				    const struct element *element, int rank, const int64_t *shape,
				    struct error *error);
/* The same for a file of one tensor, named as the file is, without folder and suffix. */
struct tensor_info *tensor_file_add_only(struct tensor_file *file, const struct element *element,
					 int rank, const int64_t *shape, struct error *error);
/* Sets axis, order, rows and columns. */
void tensor_info_layout(struct tensor_info *info, const int *order);

/* Makes *out of `values` (elements in the order that `stride` tells), which it takes over or frees;
 * used at the end of a reader's load. */
int tensor_from_values(struct tensor *out, const struct tensor_file *file,
		       const struct tensor_info *info, float *values, const int64_t *stride,
		       struct error *error);

#endif

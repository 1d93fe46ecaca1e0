/* SPDX-License-Identifier: MIT
 *
 * Codes to floats, plain C: the definition.
 */
#include "dequantize.h"

enum { PIECE = 16384 };         /* elements of a row that one unit has                   */

struct reference {
	struct qs_task task;
	int64_t pieces;         /* of a row                                              */
};

static void *prepare(const struct qs_task *task, const void *w, size_t *bytes,
		     const char **reason)
{
	struct reference *reference = malloc(sizeof *reference);

	(void)w;
	*reason = NULL;
	if (!reference)
		return NULL;
	*reference = (struct reference){ *task, (task->k + PIECE - 1) / PIECE };
	*bytes = 0;
	return reference;
}

static int64_t units(const void *prepared)
{
	const struct reference *reference = prepared;

	return reference->task.m * reference->pieces;
}

typedef int32_t get_code(const void *a, int64_t at);

static int32_t get_u8(const void *a, int64_t at)
{
	return ((const uint8_t *)a)[at];
}

static int32_t get_s8(const void *a, int64_t at)
{
	return ((const int8_t *)a)[at];
}

static int32_t get_u4(const void *a, int64_t at)
{
	return get_u8(a, at / 2) >> (at % 2 ? 4 : 0) & 15;
}

static int32_t get_s4(const void *a, int64_t at)
{
	const int32_t code = get_u4(a, at);

	return code < 8 ? code : code - 16;
}

static int32_t get_s16(const void *a, int64_t at)
{
	return ((const int16_t *)a)[at];
}

static int run(const void *prepared, const void *a, float *y, int64_t first, int64_t last,
	       get_code *get)
{
	const struct reference *reference = prepared;
	const struct qs_task *task = &reference->task;

	for (int64_t unit = first; unit < last; unit++) {
		const int64_t row = unit / reference->pieces;
		const int64_t from = unit % reference->pieces * PIECE;
		const int64_t to = elementwise_least(from + PIECE, task->k);

		for (int64_t k = from; k < to; k++) {
			const int64_t at = elementwise_scale_of(&task->a, task->k, row, k);

			y[row * task->y.stride + k] =
				qs_affine_value(get(a, row * task->a.stride + k),
						task->a.scale[at],
						task->a.zero ? task->a.zero[at] : 0);
		}
	}
	return 0;
}

#define RUN(code, get)                                                                      \
	static int run_##code(const void *prepared, const void *a, void *y, int64_t first,  \
			      int64_t last)                                                 \
	{                                                                                   \
		return run(prepared, a, y, first, last, get);                               \
	}

RUN(u8, get_u8)
RUN(s8, get_s8)
RUN(u4, get_u4)
RUN(s4, get_s4)
RUN(s16, get_s16)

DEQUANTIZE_KERNELS(ref, 0, 1, prepare, units)

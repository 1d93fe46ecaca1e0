/* SPDX-License-Identifier: MIT
 *
 * Floats to codes, plain C: the definition.
 */
#include "quantize.h"

enum { PIECE = 16384 };         /* elements of a row that one unit has; even             */

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

static int32_t code_at(const struct qs_task *task, const float *a, int64_t row, int64_t column)
{
	const int64_t at = elementwise_scale_of(&task->y, task->k, row, column);

	return qs_affine_code(a[row * task->a.stride + column], task->y.scale[at],
			      task->y.zero ? task->y.zero[at] : 0, task->low, task->high,
			      task->round);
}

typedef void put_code(void *y, int64_t at, int32_t code);

static void put_8(void *y, int64_t at, int32_t code)
{
	((uint8_t *)y)[at] = (uint8_t)code;
}

static void put_4(void *y, int64_t at, int32_t code)
{
	uint8_t *const byte = (uint8_t *)y + at / 2;

	*byte = (uint8_t)(at % 2 ? *byte | (uint32_t)code << 4 : (uint32_t)code & 15);
}

static void put_16(void *y, int64_t at, int32_t code)
{
	((int16_t *)y)[at] = (int16_t)code;
}

static int run(const void *prepared, const float *a, void *y, int64_t first, int64_t last,
	       put_code *put)
{
	const struct reference *reference = prepared;
	const struct qs_task *task = &reference->task;

	for (int64_t unit = first; unit < last; unit++) {
		const int64_t row = unit / reference->pieces;
		const int64_t from = unit % reference->pieces * PIECE;
		const int64_t to = elementwise_least(from + PIECE, task->k);

		for (int64_t k = from; k < to; k++)
			put(y, row * task->y.stride + k, code_at(task, a, row, k));
	}
	return 0;
}

#define RUN(code, put)                                                           \
	static int run_##code(const void *prepared, const void *a, void *y, int64_t first,  \
			      int64_t last)                                                 \
	{                                                                                   \
		return run(prepared, a, y, first, last, put);                               \
	}

RUN(u8, put_8)
RUN(s8, put_8)
RUN(u4, put_4)
RUN(s4, put_4)
RUN(s16, put_16)

QUANTIZE_KERNELS(ref, 0, 1, prepare, units)

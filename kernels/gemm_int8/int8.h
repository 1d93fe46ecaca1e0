/* SPDX-License-Identifier: MIT
 *
 * Products of 8-bit codes, exact in s32, and what becomes of the sums:
 *
 *         sum[m][n] = sum over k of (a[m][k] - zero_a) * (w[n][k] - zero_w) + bias[n]
 *
 * a is u8 or s8, w is s8.  y is the sum itself (s32; zero_a one for the tensor or one a row, zero_w
 * one or one a channel), or its code in s8 or u8 by the task's requantization, with scales and zero
 * points of a and y for the tensor and those of w for the tensor or, in the kernels named _channel,
 * for its rows.  That makes ten kernels of one source: INT8_KERNELS.
 *
 * No sum can leave s32: prepare proves sum over k of max|a - zero_a| * |w - zero_w| + |bias| <=
 * 2^31 - 1 for each output, or refuses.  So every partial sum in any order is right modulo 2^32,
 * which is all that a kernel needs.
 *
 * A kernel whose instruction takes a as u8 alone sees s8 codes with their sign bit flipped: that is
 * a + 128, and the zero point moves along.  With A the u8 codes and W those of w,
 *
 *         sum = sum A W - zero_w * sum A + start,  start = bias - zero_a * sum (W - zero_w)
 *
 * modulo 2^32: struct int8_columns holds what hangs on the column alone.
 */
#ifndef QS_INT8_H
#define QS_INT8_H

#include "../gemm/gemm.h"
#include "../requantize_columns.h"

/* Of a requantized y; scales are not looked at. */
static inline const char *int8_refuse_codes(const struct qs_task *task, enum qs_per per)
{
	if (task->a.per != QS_PER_TENSOR || task->w.per != per)
		return "scales of another granularity than the kernel's name says";
	if (task->a.scales != 1 || task->y.scales != 1 ||
	    task->w.scales != (per == QS_PER_ROW ? task->n : 1))
		return "a wrong number of scales";
	return requantize_columns_refuse(task);
}

/* All but the sizes and strides. */
static inline const char *int8_refuse_values(const struct qs_task *task, enum qs_per per)
{
	const bool is_signed = task->a.type == QS_S8;
	const char *reason = NULL;

	if (task->a.per > QS_PER_ROW || task->w.per > QS_PER_ROW)
		reason = "groups or a scaled result";
	if (!reason && task->bias_f32)
		reason = "a bias of the other kind";
	if (!reason && task->y.type != QS_S32)
		reason = int8_refuse_codes(task, per);
	else if (!reason && task->y.scale)
		reason = "groups or a scaled result";
	if (!reason)
		reason = gemm_refuse_zero(&task->a, task->m, is_signed ? INT8_MIN : 0,
					  is_signed ? INT8_MAX : UINT8_MAX);
	if (!reason)
		reason = gemm_refuse_zero(&task->w, task->n, INT8_MIN, INT8_MAX);
	return reason;
}

static inline const char *int8_refuse(const struct qs_task *task, enum qs_per per)
{
	const char *reason = gemm_refuse_sizes(task);

	return reason ? reason : int8_refuse_values(task, per);
}

static inline const char *int8_refuse_tensor(const struct qs_task *task)
{
	return int8_refuse(task, QS_PER_TENSOR);
}

static inline const char *int8_refuse_channel(const struct qs_task *task)
{
	return int8_refuse(task, QS_PER_ROW);
}

/* max|a - zero_a| over all codes and zero points. */
static inline int64_t int8_largest(const struct qs_operand *a)
{
	const int32_t least = a->type == QS_S8 ? INT8_MIN : 0;
	const int32_t most = a->type == QS_S8 ? INT8_MAX : UINT8_MAX;
	int32_t largest = 0;

	for (int64_t i = 0; i < (a->zero ? a->scales : 1); i++) {
		const int32_t zero = a->zero ? a->zero[i] : 0;
		const int32_t here = most - zero > zero - least ? most - zero : zero - least;

		largest = here > largest ? here : largest;
	}
	return largest;
}

/* The proof.  NULL, or the reason; one pass over w.  With k < 2^31 nothing here leaves s64. */
static inline const char *int8_prove(const struct qs_task *task, const int8_t *w)
{
	const int64_t largest = int8_largest(&task->a);

	for (int64_t j = 0; j < task->n; j++) {
		const int32_t zero = gemm_zero(&task->w, j);
		const int64_t bias = task->bias ? task->bias[j] : 0;
		int64_t sum = 0;

		for (int64_t k = 0; k < task->k; k++)
			sum += abs(w[j * task->w.stride + k] - zero);
		if (bias < -INT32_MAX || bias > INT32_MAX ||
		    sum * largest + (bias < 0 ? -bias : bias) > INT32_MAX)
			return "a sum of products might leave s32";
	}
	return NULL;
}

/* What one unit of channel n's sum is in steps of y. */
static inline double int8_scale(const struct qs_task *task, int64_t n)
{
	const float scale_w = task->w.scale[task->w.per == QS_PER_ROW ? n : 0];

	return (double)*task->a.scale * (double)scale_w / (double)*task->y.scale;
}

/* Flips the sign bit of s8 codes, so that they are u8: xor with it, and add it to zero points. */
static inline uint8_t int8_flip(const struct qs_task *task)
{
	return task->a.type == QS_S8 ? 0x80 : 0;
}

/* Zero point of row m of a as u8 codes. */
static inline int32_t int8_zero_a(const struct qs_task *task, int64_t m)
{
	return gemm_zero(&task->a, m) + int8_flip(task);
}

struct int8_columns {           /* modulo 2^32, for n = 0 .. task->n - 1                 */
	int32_t *start;         /* bias - zero_a * sum_w, where zero_a is one a row: bias */
	int32_t *sum_w;         /* sum (W - zero_w), to be taken zero_a times a row; NULL: done */
	int32_t *zero_w;        /* to be taken sum A times a row; NULL: all are 0        */
};

enum { INT8_COLUMNS = 3 };      /* arrays in struct int8_columns                         */

/* `memory` holds INT8_COLUMNS arrays of `padded` >= task->n zeroes. */
static inline struct int8_columns int8_columns_make(const struct qs_task *task, const int8_t *w,
						    int32_t *memory, size_t padded)
{
	const bool rows = task->a.zero && task->a.per == QS_PER_ROW;
	struct int8_columns columns = { .start = memory, .sum_w = rows ? memory + padded : NULL };

	for (int64_t i = 0; task->w.zero && i < task->w.scales; i++)
		if (task->w.zero[i])
			columns.zero_w = memory + 2 * padded;
	for (int64_t n = 0; n < task->n; n++) {
		const int32_t zero = gemm_zero(&task->w, n);
		uint32_t sum = 0, start = task->bias ? (uint32_t)task->bias[n] : 0;

		for (int64_t k = 0; k < task->k; k++)
			sum += (uint32_t)(w[n * task->w.stride + k] - zero);
		if (rows)
			columns.sum_w[n] = (int32_t)sum;
		else
			start -= (uint32_t)int8_zero_a(task, 0) * sum;
		columns.start[n] = (int32_t)start;
		if (columns.zero_w)
			columns.zero_w[n] = zero;
	}
	return columns;
}

/* The kernels of one file, which has prepare(), units() and run() for all of them and memory that
 * free() releases: they find their types in the task.  The rest are fields of struct qs_kernel:
 *
 *         INT8_KERNELS(avx2, .needs = QS_CPU_AVX2, .tile_m = 6, .tile_n = 16, .tile_k = 512)
 */
#define INT8_KERNEL(types, isa, a_type, y_type, refuse_task, ...)                       \
	const struct qs_kernel gemm_##types##__##isa = {                                \
		.name = "gemm_" #types "__" #isa,                                       \
		.op = QS_GEMM, .a = a_type, .w = QS_S8, .y = y_type,                    \
		.refuse = refuse_task, .prepare = prepare, .units = units, .run = run,  \
		.release = free, __VA_ARGS__                                            \
	};

#define INT8_SUMS(isa, ...)                                                                  \
	INT8_KERNEL(u8s8s32, isa, QS_U8, QS_S32, int8_refuse_tensor, __VA_ARGS__)            \
	INT8_KERNEL(s8s8s32, isa, QS_S8, QS_S32, int8_refuse_tensor, __VA_ARGS__)

#define INT8_KERNELS(isa, ...)                                                               \
	INT8_SUMS(isa, __VA_ARGS__)                                                          \
	INT8_KERNEL(u8s8s8, isa, QS_U8, QS_S8, int8_refuse_tensor, __VA_ARGS__)              \
	INT8_KERNEL(u8s8u8, isa, QS_U8, QS_U8, int8_refuse_tensor, __VA_ARGS__)              \
	INT8_KERNEL(s8s8s8, isa, QS_S8, QS_S8, int8_refuse_tensor, __VA_ARGS__)              \
	INT8_KERNEL(s8s8u8, isa, QS_S8, QS_U8, int8_refuse_tensor, __VA_ARGS__)              \
	INT8_KERNEL(u8s8s8_channel, isa, QS_U8, QS_S8, int8_refuse_channel, __VA_ARGS__)     \
	INT8_KERNEL(u8s8u8_channel, isa, QS_U8, QS_U8, int8_refuse_channel, __VA_ARGS__)     \
	INT8_KERNEL(s8s8s8_channel, isa, QS_S8, QS_S8, int8_refuse_channel, __VA_ARGS__)     \
	INT8_KERNEL(s8s8u8_channel, isa, QS_S8, QS_U8, int8_refuse_channel, __VA_ARGS__)

#endif

/* SPDX-License-Identifier: MIT
 *
 * Products of codes with a scale for each group of weights, f32 out:
 *
 *         sum[g] = sum over k in group g of (a[m][k] - zero_a[m]) * (w[n][k] - zero_w[n][g])
 *         acc = +0;  acc = fmaf((float)sum[g], scale_w[n][g], acc) for g = 0, 1, ...
 *         y[m][n] = fmaf(acc, scale_a[m], bias_f32[n] or +0)
 *
 * a is u8 or s8; w is s8, s4, s3 or s2, packed in rows as enum qs_type says.  A group is 32, 64 or
 * 128 neighbours along k, the last one may be shorter; in the kernels named _channel it is the row
 * of w, whatever k.  a's scale and zero point are for the tensor or for a row.  That makes 32
 * kernels of one source: GROUPS_KERNELS.
 *
 * Each sum is exact in s32: of groups of 128 none exceeds 128 * 255 * 255 in magnitude; of a whole
 * row prepare proves sum over k of max|a - zero_a| * |w - zero_w| <= 2^31 - 1, or refuses.  So
 * every partial sum in any order is right modulo 2^32.
 */
#ifndef QS_GROUPS_H
#define QS_GROUPS_H

#include "../gemm/gemm.h"

enum { GROUPS_LARGEST = 128 };  /* of _g32, _g64, _g128                                  */

/* Bits of a code of w. */
static inline int groups_bits(enum qs_type type)
{
	return type == QS_S8 ? 8 : type == QS_S4 ? 4 : type == QS_S3 ? 3 : 2;
}

/* The least code of w, and as a power of two what makes codes unsigned when it is added. */
static inline int32_t groups_offset(enum qs_type type)
{
	return 1 << (groups_bits(type) - 1);
}

/* Element i of a row of packed codes of `bits` bits, 2 .. 8; touches the bytes that hold it. */
static inline int32_t groups_code(const uint8_t *row, int bits, int64_t i)
{
	const int64_t at = i * bits;
	const int shift = (int)(at & 7);
	uint32_t word = row[at >> 3];

	if (shift + bits > 8)
		word |= (uint32_t)row[(at >> 3) + 1] << 8;
	word = word >> shift & ((1U << bits) - 1);
	return (int32_t)(word ^ 1U << (bits - 1)) - (1 << (bits - 1));
}

/* Row n of w. */
static inline const uint8_t *groups_row(const struct qs_task *task, const void *w, int64_t n)
{
	return (const uint8_t *)w + n * task->w.stride * groups_bits(task->w.type) / 8;
}

/* Codes that share a scale, and how many such groups a row has. */
static inline int64_t groups_length(const struct qs_task *task)
{
	return task->w.per == QS_PER_GROUP ? task->w.group : task->k;
}

static inline int64_t groups_count(const struct qs_task *task)
{
	return (task->k + groups_length(task) - 1) / groups_length(task);
}

/* Scale and zero point of group g of row n of w; scale of row m of a. */
static inline float groups_scale_w(const struct qs_task *task, int64_t n, int64_t g)
{
	return task->w.scale[n * groups_count(task) + g];
}

static inline int32_t groups_zero_w(const struct qs_task *task, int64_t n, int64_t g)
{
	return task->w.zero ? task->w.zero[n * groups_count(task) + g] : 0;
}

static inline float groups_scale_a(const struct qs_task *task, int64_t m)
{
	return task->a.scale[task->a.per == QS_PER_ROW ? m : 0];
}

static inline const char *groups_refuse(const struct qs_task *task, int64_t group)
{
	const bool is_signed = task->a.type == QS_S8;
	const char *reason = gemm_refuse_sizes(task);
	int32_t offset;

	if (reason)
		return reason;
	offset = groups_offset(task->w.type);
	if (task->w.stride * groups_bits(task->w.type) % 8)
		return "rows of w that do not begin on a byte";
	if (task->y.scale || !task->a.scale || !task->w.scale)
		return "a requantized result, or no scales";
	if (task->bias)
		return "a bias of the other kind";
	if (task->a.per > QS_PER_ROW ||
	    task->a.scales != (task->a.per == QS_PER_ROW ? task->m : 1) ||
	    task->w.per != (group ? QS_PER_GROUP : QS_PER_ROW) || task->w.group != group)
		return "scales of another granularity than the kernel's name says";
	if (task->w.scales != task->n * groups_count(task))
		return "a wrong number of scales";
	for (int64_t i = 0; task->w.zero && i < task->w.scales; i++)
		if (task->w.zero[i] < -offset || task->w.zero[i] >= offset)
			return "a zero point outside the code range";
	return gemm_refuse_zero(&task->a, task->m, is_signed ? INT8_MIN : 0,
				is_signed ? INT8_MAX : UINT8_MAX);
}

/* One for each group, since refuse() knows the kernel by nothing else. */
static inline const char *groups_refuse_channel(const struct qs_task *task)
{
	return groups_refuse(task, 0);
}

static inline const char *groups_refuse_g32(const struct qs_task *task)
{
	return groups_refuse(task, 32);
}

static inline const char *groups_refuse_g64(const struct qs_task *task)
{
	return groups_refuse(task, 64);
}

static inline const char *groups_refuse_g128(const struct qs_task *task)
{
	return groups_refuse(task, GROUPS_LARGEST);
}

/* max|a - zero_a| over all codes and zero points. */
static inline int64_t groups_largest(const struct qs_operand *a)
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

/* The proof.  NULL, or the reason; one pass over w where a row's bound does not settle it.  With
 * k < 2^31 nothing here leaves s64. */
static inline const char *groups_prove(const struct qs_task *task, const void *w)
{
	const int64_t largest = groups_largest(&task->a);
	const int bits = groups_bits(task->w.type);

	if (groups_length(task) * largest * (2 * groups_offset(task->w.type) - 1) <= INT32_MAX)
		return NULL;
	for (int64_t n = 0; n < task->n; n++) {
		const uint8_t *row = groups_row(task, w, n);
		const int32_t zero = groups_zero_w(task, n, 0);
		int64_t sum = 0;

		for (int64_t k = 0; k < task->k; k++)
			sum += abs(groups_code(row, bits, k) - zero);
		if (sum * largest > INT32_MAX)
			return "a sum of products might leave s32";
	}
	return NULL;
}

/* The kernels of one file, which has prepare(), units() and run() for all of them and memory that
 * free() releases: they find their types and their group in the task.  The rest are fields of
 * struct qs_kernel:
 *
 *         GROUPS_KERNELS(avx2, .needs = QS_CPU_AVX2, .tile_m = 4, .tile_n = 16, .tile_k = 128)
 */
#define GROUPS_KERNEL(types, per, isa, a_type, w_type, ...)                             \
	const struct qs_kernel gemm_##types##_##per##__##isa = {                        \
		.name = "gemm_" #types "_" #per "__" #isa,                              \
		.op = QS_GEMM, .a = a_type, .w = w_type, .y = QS_F32,                   \
		.refuse = groups_refuse_##per, .prepare = prepare, .units = units,      \
		.run = run, .release = free, __VA_ARGS__                                \
	};

#define GROUPS_TYPES(types, isa, a_type, w_type, ...)                                   \
	GROUPS_KERNEL(types, g32, isa, a_type, w_type, __VA_ARGS__)                     \
	GROUPS_KERNEL(types, g64, isa, a_type, w_type, __VA_ARGS__)                     \
	GROUPS_KERNEL(types, g128, isa, a_type, w_type, __VA_ARGS__)                    \
	GROUPS_KERNEL(types, channel, isa, a_type, w_type, __VA_ARGS__)

#define GROUPS_KERNELS(isa, ...)                                                        \
	GROUPS_TYPES(u8s8f32, isa, QS_U8, QS_S8, __VA_ARGS__)                           \
	GROUPS_TYPES(s8s8f32, isa, QS_S8, QS_S8, __VA_ARGS__)                           \
	GROUPS_TYPES(u8s4f32, isa, QS_U8, QS_S4, __VA_ARGS__)                           \
	GROUPS_TYPES(s8s4f32, isa, QS_S8, QS_S4, __VA_ARGS__)                           \
	GROUPS_TYPES(u8s3f32, isa, QS_U8, QS_S3, __VA_ARGS__)                           \
	GROUPS_TYPES(s8s3f32, isa, QS_S8, QS_S3, __VA_ARGS__)                           \
	GROUPS_TYPES(u8s2f32, isa, QS_U8, QS_S2, __VA_ARGS__)                           \
	GROUPS_TYPES(s8s2f32, isa, QS_S8, QS_S2, __VA_ARGS__)

#endif

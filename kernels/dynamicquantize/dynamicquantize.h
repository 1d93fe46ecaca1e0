/* SPDX-License-Identifier: MIT
 *
 * Codes by a range taken from each row itself.  Of row x, NaNs left out,
 *
 *         low = min(0, min x), high = max(0, max x)       an infinity counts as +-FLT_MAX
 *         u8:  s = (high - low) / 255, z = rint(-low / s)
 *         s8:  s = max(-low, high) / 127, z = 0
 *
 * in double; where the range is empty s = 1 and z = 0.  `scale` is s rounded once to float32, at
 * least 2^-149; the codes are affine.h's by it and z, so that an infinity becomes the least or
 * greatest code and a NaN the least one.  These are the schemes asymmetric and symmetric of 8 bits;
 * where ONNX DynamicQuantizeLinear computes s and z in float32, its last bit can differ.
 *
 * A row of y is scale, z as s32 and the codes, without padding: nothing in it need be aligned.
 *
 * A row's quotients have |x / scale| < 256, unless it has an infinity and then a scale above 2^100:
 * the SIMD kernels take quantize_product.h's product for the division with 8 bits, and need no clip
 * before the conversion.
 *
 * A unit is a row.  The SIMD kernels' second pass goes over it in pieces from its end to its
 * beginning: the end is what the first pass has left in the caches.
 */
#ifndef QS_DYNAMICQUANTIZE_H
#define QS_DYNAMICQUANTIZE_H

#include "../affine.h"
#include "../quantize/quantize_product.h"

#include <float.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

enum { DYNAMIC_HEAD = sizeof(float) + sizeof(int32_t), DYNAMIC_PIECE = 65536 };

struct dynamic_range {
	float low, high; /* <= 0, >= 0                                            */
};

struct dynamic_map { /* a row's                                               */
	float scale;
	int32_t zero;
};

/* The range of count >= 1 floats, widened to hold 0, NaNs left out; infinities stay. */
typedef struct dynamic_range dynamic_range_of(const float *x, int64_t count);

/* Writes the codes of x. */
typedef void dynamic_codes(uint8_t *y, const float *x, int64_t count, const struct qs_task *task,
			   const struct dynamic_map *map, bool is_signed);

static inline const char *dynamic_refuse(const struct qs_task *task)
{
	const int32_t least = task->y.type == QS_U8 ? 0 : INT8_MIN;
	const int32_t most = task->y.type == QS_U8 ? UINT8_MAX : INT8_MAX;

	if (task->m < 1 || task->k < 1 || task->a.stride < task->k)
		return "a size under 1 or a stride shorter than a row";
	if (task->k > INT64_MAX - DYNAMIC_HEAD || task->y.stride < task->k + DYNAMIC_HEAD)
		return "a stride shorter than a scale, a zero point and a row of codes";
	if (task->y.scale || task->y.zero)
		return "a range that is given";
	if (task->low < least || task->high > most || task->low > task->high)
		return "a clamp outside the code range";
	if ((unsigned)task->round >= QS_ROUNDS)
		return "an unknown rounding";
	return NULL;
}

static inline void *dynamic_prepare(const struct qs_task *task, const void *w, size_t *bytes,
				    const char **reason)
{
	struct qs_task *prepared = malloc(sizeof *prepared);

	(void)w;
	*reason = NULL;
	*bytes = 0;
	if (prepared)
		*prepared = *task;
	return prepared;
}

static inline int64_t dynamic_units(const void *prepared)
{
	return ((const struct qs_task *)prepared)->m;
}

static inline struct dynamic_map dynamic_map(const struct qs_task *task,
					     const struct dynamic_range *range)
{
	const double low = range->low < -FLT_MAX ? -FLT_MAX : range->low;
	const double high = range->high > FLT_MAX ? FLT_MAX : range->high;
	struct dynamic_map map = { 1, 0 };
	double scale;

	if (!(high > low))
		return map;
	if (task->y.type == QS_U8) {
		scale = (high - low) / UINT8_MAX;
		map.zero = (int32_t)rint(-low / scale); /* at most 255 (1 + 2^-52) */
	} else {
		scale = (-low > high ? -low : high) / INT8_MAX;
	}
	map.scale = (float)scale > 0 ? (float)scale : FLT_TRUE_MIN;
	return map;
}

static inline void dynamic_head(uint8_t *y, const struct dynamic_map *map)
{
	memcpy(y, &map->scale, sizeof map->scale);
	memcpy(y + sizeof map->scale, &map->zero, sizeof map->zero);
}

/* The body of a SIMD kernel's run: `range_of` and `codes` inline. */
INLINE int dynamic_run(const void *prepared, const void *a, void *y, int64_t first, int64_t last,
		       dynamic_range_of *range_of, dynamic_codes *codes_of, bool is_signed)
{
	const struct qs_task *task = prepared;

	for (int64_t row = first; row < last; row++) {
		const float *x = (const float *)a + row * task->a.stride;
		uint8_t *out = (uint8_t *)y + row * task->y.stride;
		const struct dynamic_range range = range_of(x, task->k);
		const struct dynamic_map map = dynamic_map(task, &range);

		dynamic_head(out, &map);
		for (int64_t end = task->k; end > 0;) {
			const int64_t from = (end - 1) / DYNAMIC_PIECE * DYNAMIC_PIECE;

			codes_of(out + DYNAMIC_HEAD + from, x + from, end - from, task, &map,
				 is_signed);
			end = from;
		}
	}
	return 0;
}

/* Both kernels of one file, which has range_of() and codes_of(); the rest are fields of struct
 * qs_kernel. */
#define DYNAMIC_KERNEL(types, isa, code, run_rows, ...)                                            \
	const struct qs_kernel dynamicquantize_##types##__##isa = {                                \
		.name = "dynamicquantize_" #types "__" #isa,                                       \
		.op = QS_DYNAMIC_QUANTIZE,                                                         \
		.a = QS_F32,                                                                       \
		.y = code,                                                                         \
		.refuse = dynamic_refuse,                                                          \
		.prepare = dynamic_prepare,                                                        \
		.units = dynamic_units,                                                            \
		.run = run_rows,                                                                   \
		.release = free,                                                                   \
		__VA_ARGS__                                                                        \
	};

#define DYNAMIC_RUN(name, is_signed)                                                               \
	static int name(const void *prepared, const void *a, void *y, int64_t first, int64_t last) \
	{                                                                                          \
		return dynamic_run(prepared, a, y, first, last, range_of, codes_of, is_signed);    \
	}

#define DYNAMIC_KERNELS(isa, ...)                                                                  \
	DYNAMIC_RUN(run_u8, false)                                                                 \
	DYNAMIC_RUN(run_s8, true)                                                                  \
	DYNAMIC_KERNEL(f32u8, isa, QS_U8, run_u8, __VA_ARGS__)                                     \
	DYNAMIC_KERNEL(f32s8, isa, QS_S8, run_s8, __VA_ARGS__)

#endif

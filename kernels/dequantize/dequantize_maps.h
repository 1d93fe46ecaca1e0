/* SPDX-License-Identifier: MIT
 *
 * What prepare makes for the vector kernels that dequantize.
 */
#ifndef QS_DEQUANTIZE_MAPS_H
#define QS_DEQUANTIZE_MAPS_H

#include "dequantize.h"

#include <string.h>

struct code {                   /* constants of a kernel: its loops are made for each    */
	int bits;
	bool has_sign;
};

struct dequantize {
	struct qs_task task;
	struct elementwise_walk walk;
	bool stream;            /* results of ELEMENTWISE_STREAM bytes or more           */
	/* one for each scale; with one a column: for each column as walked, whole blocks */
	const float *scale;
	const int32_t *zero;
};

static inline void *dequantize_prepare(const struct qs_task *task, const void *w, size_t *bytes,
				       const char **reason)
{
	struct elementwise_walk walk;
	struct dequantize *dequantize;
	size_t maps;
	float *scale;
	int32_t *zero;

	(void)w;
	*reason = NULL;
	elementwise_walk(&walk, task, &task->a);
	maps = elementwise_maps(&walk, &task->a);
	if (maps > (SIZE_MAX - sizeof *dequantize) / 2 / sizeof *scale)
		return NULL;
	*bytes = sizeof *dequantize + maps * 2 * sizeof *scale;
	dequantize = malloc(*bytes);
	if (!dequantize)
		return NULL;
	scale = (float *)(dequantize + 1);
	zero = (int32_t *)(scale + maps);
	for (size_t i = 0; i < maps; i++) {
		const size_t at = elementwise_map(task, &task->a, i);

		scale[i] = task->a.scale[at];
		zero[i] = task->a.zero ? task->a.zero[at] : 0;
	}
	*dequantize = (struct dequantize){
		.task = *task, .walk = walk, .scale = scale, .zero = zero,
		.stream = task->m * task->k >= ELEMENTWISE_STREAM / (int64_t)sizeof(float),
	};
	return dequantize;
}

static inline int64_t dequantize_units(const void *prepared)
{
	return ((const struct dequantize *)prepared)->walk.units;
}

#endif

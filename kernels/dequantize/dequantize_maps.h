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

struct dequantize_map {         /* of one scale                                          */
	float scale;
	int32_t zero;
};

struct dequantize_columns {     /* the same of neighbouring columns                      */
	float scale[ELEMENTWISE_BLOCK];
	int32_t zero[ELEMENTWISE_BLOCK];
};

struct dequantize {
	struct qs_task task;
	struct elementwise_walk walk;
	bool stream;            /* results of ELEMENTWISE_STREAM bytes or more           */
	struct dequantize_map *maps;     /* [scales], unless with one a column           */
	struct dequantize_columns *columns;      /* as walked, whole blocks              */
};

static inline void *dequantize_prepare(const struct qs_task *task, const void *w, size_t *bytes,
				       const char **reason)
{
	struct elementwise_walk walk;
	struct dequantize *dequantize;
	/* a load of maps that crosses a line costs two */
	const size_t head = (sizeof *dequantize + 63) / 64 * 64;
	size_t maps;

	(void)w;
	*reason = NULL;
	elementwise_walk(&walk, task, &task->a);
	maps = elementwise_maps(&walk, &task->a);
	if (maps > (SIZE_MAX - head - 63) / sizeof *dequantize->maps)
		return NULL;
	*bytes = (head + maps * sizeof *dequantize->maps + 63) / 64 * 64;
	dequantize = aligned_alloc(64, *bytes);
	if (!dequantize)
		return NULL;
	*dequantize = (struct dequantize){
		.task = *task, .walk = walk,
		.stream = task->m * task->k >= ELEMENTWISE_STREAM / (int64_t)sizeof(float),
		.maps = (struct dequantize_map *)((char *)dequantize + head),
		.columns = (struct dequantize_columns *)((char *)dequantize + head),
	};
	for (size_t i = 0; i < maps; i++) {
		struct dequantize_columns *columns = &dequantize->columns[i / ELEMENTWISE_BLOCK];
		const int64_t at = elementwise_map(task, &task->a, i);
		const struct dequantize_map map = { task->a.scale[at],
						    task->a.zero ? task->a.zero[at] : 0 };

		if (task->a.per == QS_PER_COLUMN) {
			columns->scale[i % ELEMENTWISE_BLOCK] = map.scale;
			columns->zero[i % ELEMENTWISE_BLOCK] = map.zero;
		} else {
			dequantize->maps[i] = map;
		}
	}
	return dequantize;
}

static inline int64_t dequantize_units(const void *prepared)
{
	return ((const struct dequantize *)prepared)->walk.units;
}

#endif

/* SPDX-License-Identifier: MIT
 *
 * What prepare makes for the kernels of int8_vnni.h, which says what stands before it: panels of
 * COLUMNS channels, in each by turns QUAD codes of all its channels, and what hangs on the column
 * alone.
 */
#ifndef QS_INT8_VNNI_PACK_H
#define QS_INT8_VNNI_PACK_H

#include "../gemm/gemm_blocks.h"
#include "int8.h"

/* With up to PAIRED_ROWS rows the weights' bytes bound the speed: two panels at a time are two
 * streams, and sums enough that none waits for the one before. */
enum { QUAD = 4, LANES = (int)(sizeof(vector) / sizeof(int32_t)), COLUMNS = VECTORS * LANES,
       PAIRED_ROWS = 3, HELD_PANELS = 4, FLIP = INT32_MIN | 0x00808080,
       FAR = 8192, FAR_BLOCKS = 3, FAR_BYTES = 2 * GEMM_CACHED_BYTES };

struct prepared {
	struct qs_task task;
	struct gemm_blocks blocks;
	int64_t rows, longer;   /* of a block; so many blocks, the first, have one row more */
	int64_t quads;          /* of a row of k, the last may be part                   */
	size_t panel_bytes;
	bool far;               /* FAR is for these weights                              */
	struct int8_columns columns;
	struct requantize_columns requantize;
	_Alignas(GEMM_LINE) int8_t w[];  /* [panels][quads][COLUMNS][QUAD], then the rest */
};

static void pack_channel(struct prepared *p, const int8_t *from, int64_t n)
{
	int8_t *to = p->w + (size_t)(n / COLUMNS) * p->panel_bytes + n % COLUMNS * QUAD;
	int64_t k = 0;

	for (; k + QUAD <= p->task.k; k += QUAD, to += COLUMNS * QUAD)
		memcpy(to, from + k, QUAD);
	memcpy(to, from + k, (size_t)(p->task.k - k));
}

/* So many panels a unit that no thread is left without one. */
static void share_panels(struct gemm_blocks *blocks, int32_t threads)
{
	const int64_t groups = (threads + blocks->row_blocks - 1) / blocks->row_blocks;
	const int64_t most = (blocks->panels + groups - 1) / groups;

	blocks->unit_panels = blocks->unit_panels < most ? blocks->unit_panels : most;
}

static void *prepare(const struct qs_task *task, const void *w, size_t *bytes,
		     const char **reason)
{
	const int64_t quads = (task->k + QUAD - 1) / QUAD;
	const size_t panel_bytes = (size_t)quads * COLUMNS * QUAD;
	const struct gemm_blocks blocks = gemm_blocks_make(task, ROWS, COLUMNS, panel_bytes);
	const size_t columns = (size_t)blocks.panels * COLUMNS;
	/* the last panel's sums may be requantized by REQUANTIZE_STRIP columns */
	const size_t rest = requantize_columns_bytes(task->n) +
			    (INT8_COLUMNS * columns + REQUANTIZE_STRIP) * sizeof(int32_t);
	struct prepared *p;
	int8_t *end;

	*reason = int8_prove(task, w);
	if (*reason)
		return NULL;
	p = gemm_allocate(sizeof *p + rest, (size_t)blocks.panels, panel_bytes);
	if (!p)
		return NULL;
	p->task = *task;
	p->blocks = blocks;
	share_panels(&p->blocks, task->threads);
	p->rows = task->m / blocks.row_blocks;
	p->longer = task->m % blocks.row_blocks;
	p->quads = quads;
	p->panel_bytes = panel_bytes;
	p->far = blocks.row_blocks <= FAR_BLOCKS &&
		 (size_t)blocks.panels * panel_bytes > FAR_BYTES;
	end = p->w + (size_t)blocks.panels * panel_bytes;
	p->columns = int8_columns_make(task, w, (int32_t *)(void *)end, columns);
	if (task->y.type != QS_S32)
		*reason = requantize_columns_make(&p->requantize,
						  end + INT8_COLUMNS * columns * sizeof(int32_t),
						  task, task->n);
	if (*reason) {
		free(p);
		return NULL;
	}
	for (int64_t n = 0; n < task->n; n++)
		pack_channel(p, (const int8_t *)w + n * task->w.stride, n);
	*bytes = (size_t)blocks.panels * panel_bytes;
	return p;
}

static int64_t units(const void *prepared)
{
	return gemm_blocks_units(&((const struct prepared *)prepared)->blocks);
}

#endif

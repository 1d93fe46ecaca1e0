/* SPDX-License-Identifier: MIT
 *
 * What a kernel of tiles calls its own.  A convolution without patches is the family's gemm, whose
 * prepare(), units() and run() were included before; free() releases what it prepared.
 */
#ifndef QS_CONV_TILES_KERNEL_H
#define QS_CONV_TILES_KERNEL_H

#include "conv_tiles_run.h"

static void *conv_prepare_gemm(const struct qs_task *task, const void *w, size_t *bytes,
			       const char **reason)
{
	struct conv_tiles *p = calloc(1, sizeof *p);
	struct qs_task gemm = *task;

	if (!p)
		return NULL;
	gemm.op = QS_GEMM;
	gemm.conv = NULL;
	p->gemm = prepare(&gemm, w, bytes, reason);
	if (p->gemm)
		return p;
	free(p);
	return NULL;
}

static int64_t conv_units(const void *prepared)
{
	const struct conv_tiles *p = prepared;

	return p->gemm ? units(p->gemm) : rows_units(&p->rows, &p->conv, p->parts);
}

static int conv_run(const void *prepared, const void *a, void *y, int64_t first, int64_t last)
{
	const struct conv_tiles *p = prepared;

	if (p->gemm)
		return run(p->gemm, a, y, first, last);
	for (int64_t i = first; i < last; i++)
		tiles_unit(p, a, y, i);
	return 0;
}

static void conv_release(void *prepared)
{
	struct conv_tiles *p = prepared;

	free(p->gemm);
	free(p);
}

#endif

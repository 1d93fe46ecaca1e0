/* SPDX-License-Identifier: MIT
 *
 * How a tiled gemm cuts its work.  Weights are packed in panels of tile_n channels.  A unit is one
 * block of at most tile_m rows times some neighbouring panels that together stay in the second
 * level cache, so that they are read from there by all row blocks in turn.  Blocks of rows are as
 * equal as can be.
 *
 * Inside a unit k goes in steps of at most `depth`, the rows of a copied to a buffer of fixed row
 * length: a tile then reads one stream with constant offsets, free of the cache conflicts that a
 * stride of a power of two has.
 */
#ifndef QS_GEMM_BLOCKS_H
#define QS_GEMM_BLOCKS_H

#include "gemm.h"

#ifdef __clang__
#define GEMM_UNROLL _Pragma("clang loop unroll(full)")
#else
#define GEMM_UNROLL _Pragma("GCC unroll 16")
#endif

enum { GEMM_CACHED_BYTES = 512 * 1024, GEMM_LINE = 64 };

struct gemm_blocks {
	int64_t row_blocks, panels, unit_panels;
};

struct gemm_unit {              /* rows [row, row + rows), panels [panel, panel_end)     */
	int64_t row, panel, panel_end;
	int rows;
};

static inline struct gemm_blocks gemm_blocks_make(const struct qs_task *task, int tile_m,
						  int tile_n, size_t panel_bytes)
{
	const int64_t fit = (int64_t)(GEMM_CACHED_BYTES / panel_bytes);

	return (struct gemm_blocks){
		.row_blocks = (task->m + tile_m - 1) / tile_m,
		.panels = (task->n + tile_n - 1) / tile_n,
		.unit_panels = fit > 1 ? fit : 1,
	};
}

static inline int64_t gemm_blocks_units(const struct gemm_blocks *blocks)
{
	return blocks->row_blocks *
	       ((blocks->panels + blocks->unit_panels - 1) / blocks->unit_panels);
}

static inline struct gemm_unit gemm_unit_at(const struct gemm_blocks *blocks, int64_t m,
					    int64_t unit)
{
	const int64_t block = unit % blocks->row_blocks;
	const int64_t row = m * block / blocks->row_blocks;
	const int64_t panel = unit / blocks->row_blocks * blocks->unit_panels;
	const int64_t end = panel + blocks->unit_panels;

	return (struct gemm_unit){
		.row = row,
		.rows = (int)(m * (block + 1) / blocks->row_blocks - row),
		.panel = panel,
		.panel_end = end < blocks->panels ? end : blocks->panels,
	};
}

/* A mask of the first `count` of 16 lanes; any count. */
static inline uint16_t gemm_lanes(int64_t count)
{
	return (uint16_t)(count >= 16 ? 0xffff : count <= 0 ? 0 : (1 << count) - 1);
}

/* head + count * bytes, aligned to a cache line, zeroed; NULL: no memory, or a size that overflows.
 * free() releases it. */
static inline void *gemm_allocate(size_t head, size_t count, size_t bytes)
{
	size_t size;
	void *memory;

	if (__builtin_mul_overflow(count, bytes, &size) ||
	    __builtin_add_overflow(size, head + GEMM_LINE - 1, &size))
		return NULL;
	size &= ~(size_t)(GEMM_LINE - 1);
	memory = aligned_alloc(GEMM_LINE, size);
	return memory ? memset(memory, 0, size) : NULL;
}

#endif

/* SPDX-License-Identifier: MIT */
#include "error_pass.h"

#include "../parallel.h"

/* Threads are started only for so many values times cases: some milliseconds of work. */
static const int64_t WORTH_THREADS = 1 << 22;

int error_pass_new(struct error_pass *pass, const struct env *env, int threads, size_t count,
		   const float *values, int64_t elements, struct error *error)
{
	*pass = (struct error_pass){ .env = env, .threads = threads, .count = count };
	pass->cases = env_new(env, count, sizeof *pass->cases, "sums", error);
	pass->back = env_new(env, (size_t)threads * SUM_BLOCK, sizeof *pass->back,
			     "a block of values", error);
	pass->bins = value_bins_new(env, values, elements, error);
	return pass->cases && pass->back && pass->bins ? 0 : -1;
}

void error_pass_free(struct error_pass *pass)
{
	for (size_t i = 0; pass->cases && i < pass->count; i++)
		error_shape_free(&pass->cases[i].shape, pass->env);
	env_free(pass->env, pass->cases);
	env_free(pass->env, pass->back);
	env_free(pass->env, pass->bins);
}

struct chunk {
	struct error_pass *pass;
	const struct stretch *stretch;
	int64_t from, to;
	int64_t slice;          /* that of the first value                               */
};

/* At most SUM_BLOCK values of one slice after another; returns the slice of the value at `to`. */
static int64_t simulate_block(struct pass_case *one, const struct stretch *stretch, int64_t slice,
			      int64_t from, int64_t to, float *back)
{
	const float *values = stretch->values;
	static const struct pass_grid none;

	for (int64_t at = from; at < to; slice++) {
		const int64_t end = stretch->end[slice] < to ? stretch->end[slice] : to;
		const struct pass_grid *grid = one->grids ? &one->grids[slice] : &none;

		one->format->simulate(values + at, end - at, &grid->grid, grid->scale, one->round,
				      back + (at - from), &one->tally);
		error_sums_add(&one->sums, values + at, back + (at - from), end - at,
			       (double)grid->scale);
		at = end;
		if (at < stretch->end[slice])
			return slice;
	}
	return slice;
}

/* A case's share of a chunk. */
static int add_case(void *self, size_t index, int thread, struct error *error)
{
	const struct chunk *chunk = self;
	struct error_pass *pass = chunk->pass;
	struct pass_case *one = &pass->cases[index];
	float *back = pass->back + (size_t)thread * SUM_BLOCK;
	int64_t slice = chunk->slice;

	for (int64_t at = chunk->from; at < chunk->to && !one->left_out; at += SUM_BLOCK) {
		const int64_t end = chunk->to - at < SUM_BLOCK ? chunk->to : at + SUM_BLOCK;

		slice = simulate_block(one, chunk->stretch, slice, at, end, back);
		if (error_shape_add(&one->shape, pass->env, pass->bins,
				    chunk->stretch->values + at, back, end - at, error))
			return -1;
	}
	return 0;
}

int error_pass_add(struct error_pass *pass, const struct stretch *stretch, struct error *error)
{
	const int64_t length = stretch->slices ? stretch->end[stretch->slices - 1] : 0;
	struct chunk chunk = { .pass = pass, .stretch = stretch };

	for (; chunk.from < length; chunk.from = chunk.to) {
		chunk.to = length - chunk.from < CHUNK_VALUES ? length : chunk.from + CHUNK_VALUES;
		while (stretch->end[chunk.slice] <= chunk.from)
			chunk.slice++;
		const int64_t work = (chunk.to - chunk.from) * (int64_t)pass->count;

		if (parallel_for(pass->env, work < WORTH_THREADS ? 1 : pass->threads, pass->count,
				 add_case, &chunk, error))
			return -1;
	}
	return 0;
}

/* SPDX-License-Identifier: MIT
 *
 * The kernels without VNNI: prepare chooses the route by sizes and weights, for the whole matrix.
 * Who includes this has defined the vectors; int8__avx2.c says how.
 */
#ifndef QS_INT8_RUN_H
#define QS_INT8_RUN_H

#include "int8_bytes_run.h"
#include "int8_words_run.h"

/* Up to FEW_ROWS rows reading the weights is what binds; from LEVEL_ROWS on 7 products of blocks
 * cost less than 8, what they are made of included.
 * EARLY: by how many strips of words the clipped strips seen may cost more, before no more are
 * looked at. */
enum { FEW_ROWS = 8, LEVEL_ROWS = 8 * ROWS, EARLY = 8 };

static int words_level(const struct qs_task *task)
{
	return task->m >= LEVEL_ROWS && task->n > COLUMNS && task->k >= 64;
}

/* *next: count * bytes of zeroes, aligned to a cache line.  NULL: *reason, or no memory. */
static struct prepared *allocate(const struct qs_task *task, int64_t count, int64_t bytes,
				 const char **reason, void **next)
{
	/* a vector of the last columns may end behind them */
	const size_t scales = requantize_columns_bytes(task->n) + REQUANTIZE_STRIP * sizeof(float);
	struct prepared *p = gemm_allocate(sizeof *p + scales, (size_t)count, (size_t)bytes);

	if (!p)
		return NULL;
	p->task = *task;
	*next = p->memory + scales;
	if (task->y.type != QS_S32)
		*reason = requantize_columns_make(&p->requantize, p->memory, task, task->n);
	if (!*reason)
		return p;
	free(p);
	return NULL;
}

/* Sums that tiles begin with. */
static bool start_words(const struct words *p)
{
	const int64_t spread = words_block(p) * p->products;
	int16_t *w = gemm_allocate(0, (size_t)spread, sizeof *w);

	if (!w)
		return false;
	for (int64_t i = 0; i < p->depths * p->panels; i++) {
		words_spread_w(p, i / p->panels, i % p->panels, w);
		words_start_w(p, w, p->start + i * p->products * COLUMNS);
	}
	free(w);
	return true;
}

static struct prepared *prepare_words(const struct qs_task *task, const int8_t *w, size_t *bytes,
				      const char **reason)
{
	struct words cut = words_cut(task, words_level(task));
	const int64_t columns = cut.blocks * COLUMNS, panels = cut.depths * cut.panels;
	struct prepared *p;
	void *next;

	/* zero points and biases of a step of k too many: they are small */
	p = allocate(task, panels,
		     words_panel(&cut) + (int64_t)sizeof(int16_t) * 2 * columns +
			     (int64_t)sizeof(int32_t) * (cut.products * COLUMNS + columns),
		     reason, &next);
	if (!p)
		return NULL;
	cut.w = next;
	cut.start = (int32_t *)(void *)(cut.w + panels * words_panel(&cut));
	cut.bias = cut.start + panels * cut.products * COLUMNS;
	for (int64_t i = 0; task->w.zero && i < task->w.scales; i++)
		if (task->w.zero[i])
			cut.zero = (int16_t *)(void *)(cut.bias + cut.panels * columns);
	words_pack(&cut, task, w);
	p->as_words = true;
	p->words = cut;
	*bytes = (size_t)(panels * words_panel(&cut));
	if (start_words(&cut))
		return p;
	free(p);
	return NULL;
}

static struct prepared *prepare_bytes(const struct qs_task *task, const int8_t *w, size_t *bytes,
				      const char **reason)
{
	struct bytes cut = bytes_cut(task, false);
	const int64_t panel = cut.quads * WIDTH * QUAD, padded = cut.panels * WIDTH;
	struct prepared *p;
	int32_t *columns;
	void *next;

	p = allocate(task, cut.panels,
		     panel + (int64_t)sizeof(int32_t) * INT8_COLUMNS * WIDTH + 1, reason, &next);
	if (!p)
		return NULL;
	cut.w = next;
	columns = (int32_t *)(void *)(cut.w + cut.panels * panel);
	cut.columns = int8_columns_make(task, w, columns, (size_t)padded);
	cut.steps = (uint8_t *)(columns + INT8_COLUMNS * padded);
	for (int64_t i = 0; i < cut.panels; i++)
		cut.steps[i] = (uint8_t)bytes_steps(task, w, i);
	bytes_pack(&cut, task, w);
	p->bytes = cut;
	*bytes = (size_t)(cut.panels * panel);
	return p;
}

/* Where the strips' weights go: what is known before there is memory for them. */
struct clipped_plan {
	struct bytes cut;
	int64_t strips, depths, bytes, rests;
	struct clipped_part *parts;      /* [strips][depths]                             */
	uint8_t *steps;                  /* [strips], behind the parts                   */
};

/* false: words cost less, or no memory; else free(plan->parts). */
static bool plan_clipped(struct clipped_plan *plan, const struct qs_task *task, const int8_t *w)
{
	const struct bytes *cut = &plan->cut;
	struct clipped_part *trial;
	int64_t words, cost = 0;

	plan->cut = bytes_cut(task, true);
	plan->strips = cut->panels * STRIPS;
	plan->depths = bytes_depths(cut);
	plan->bytes = plan->rests = 0;
	plan->parts = gemm_allocate(0, (size_t)((plan->strips + 1) * plan->depths),
				    sizeof *plan->parts + sizeof *plan->steps);
	if (!plan->parts)
		return false;
	trial = plan->parts + plan->strips * plan->depths;
	plan->steps = (uint8_t *)(trial + plan->depths);
	words = cut->quads * STRIP_VECTORS * (words_level(task) ? COST_LEVEL : COST_WORDS);
	for (int64_t i = 0; i < plan->strips && cost <= words * EARLY; i++) {
		struct clipped_part *parts = plan->parts + i * plan->depths;
		const int64_t here = clipped_choose(cut, task, w, i, 2 * words, &plan->steps[i],
						    parts, trial);

		/* a strip may cost more where others cost less */
		cost += plan->steps[i] ? here - words : words * (plan->strips + EARLY);
		for (int64_t d = 0; d < plan->depths && plan->steps[i]; d++) {
			plan->bytes += clipped_bytes(&parts[d], plan->steps[i]);
			plan->rests += clipped_rests(&parts[d]);
		}
	}
	if (cost <= 0)
		return true;
	free(plan->parts);
	return false;
}

static struct prepared *prepare_clipped(const struct qs_task *task, const int8_t *w, size_t *bytes,
					const char **reason, const struct clipped_plan *plan)
{
	const int64_t count = plan->strips * plan->depths, padded = plan->strips * STRIP;
	struct bytes cut = plan->cut;
	struct prepared *p;
	int32_t *columns, *at;
	int8_t *to;
	void *next;

	p = allocate(task, 1,
		     plan->bytes + plan->rests * (int64_t)sizeof *at +
			     padded * INT8_COLUMNS * (int64_t)sizeof *columns +
			     count * (int64_t)sizeof *cut.parts + plan->strips,
		     reason, &next);
	if (!p)
		return NULL;
	to = next;
	cut.parts = (struct clipped_part *)(void *)(to + plan->bytes);
	columns = (int32_t *)(void *)(cut.parts + count);
	at = columns + INT8_COLUMNS * padded;
	cut.steps = (uint8_t *)(at + plan->rests);
	memcpy(cut.steps, plan->steps, (size_t)plan->strips);
	cut.columns = int8_columns_make(task, w, columns, (size_t)padded);
	/* as units read them: strip by strip within a step of k */
	for (int64_t i = 0; i < count; i++) {
		const int64_t strip = i % plan->strips, depth = i / plan->strips;
		struct clipped_part *part = &cut.parts[i];

		*part = plan->parts[strip * plan->depths + depth];
		part->w = to;
		part->at = at;
		clipped_pack(part, task, w, strip, depth * cut.depth, cut.steps[strip], to, at,
			     (uint32_t *)columns + strip * STRIP);
		to += clipped_bytes(part, cut.steps[strip]);
		at += clipped_rests(part);
	}
	p->bytes = cut;
	*bytes = (size_t)plan->bytes;
	return p;
}

static void *prepare(const struct qs_task *task, const void *w, size_t *bytes,
		     const char **reason)
{
	struct clipped_plan plan;
	struct prepared *p;

	*reason = int8_prove(task, w);
	if (*reason)
		return NULL;
	if (task->m <= FEW_ROWS)
		return prepare_bytes(task, w, bytes, reason);
	if (!plan_clipped(&plan, task, w))
		return prepare_words(task, w, bytes, reason);
	p = prepare_clipped(task, w, bytes, reason, &plan);
	free(plan.parts);
	return p;
}

static int64_t units(const void *prepared)
{
	const struct prepared *p = prepared;

	return p->as_words ? words_units(&p->words) : bytes_units(&p->bytes);
}

static int run(const void *prepared, const void *a, void *y, int64_t first, int64_t last)
{
	const struct prepared *p = prepared;

	for (int64_t i = first; i < last; i++)
		if (p->as_words)
			words_run(p, a, y, i);
		else
			bytes_run(p, a, y, i);
	return 0;
}

#endif

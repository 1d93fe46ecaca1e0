/* SPDX-License-Identifier: MIT
 *
 * The loops of a vector kernel, compiled for each ISA: its file first gives
 *
 *         BLOCK            elements at a time, 32 or 64
 *         struct maps      scales, inverses and zero points of a block
 *         block_seen       what block() gives and overflowed() tests
 *         maps_of, maps_of_columns, block, overflowed
 */
struct part {                   /* neighbours in one row                                 */
	uint8_t *y;
	const float *x;
	int64_t count;
};

INLINE struct how how_of(const struct quantize *q, struct code code)
{
	const struct qs_task *task = &q->task;
	struct how how = { .away = task->round == QS_HALF_AWAY,
			   .low = task->low, .high = task->high };
	int32_t least, most;

	elementwise_range(task->y.type, &least, &most);
	how.narrow = code.bits == 4 || task->low > least || task->high < most;
	return how;
}

/* By division, where it has to be: not inlined, so that the loops keep their registers. */
static void divide_block(uint8_t *y, const float *x, int64_t left, const struct maps *maps,
			 const struct quantize *q, struct code code)
{
	struct how how = how_of(q, code);

	how.divides = true;
	block(y, x, left, maps, &how, code, (block_seen){ 0 });
}

static __attribute__((noinline, cold)) void divide_uniform(const struct part *part,
							   const struct quantize_map *map,
							   const struct quantize *q,
							   struct code code)
{
	struct maps maps;

	maps_of(&maps, map, map, code);
	for (int64_t i = 0; i < part->count; i += BLOCK)
		divide_block(part->y + i * code.bits / 8, part->x + i, part->count - i, &maps, q,
			     code);
}

static __attribute__((noinline, cold)) void divide_columns(const struct part *part,
							   const struct quantize *q, int64_t from,
							   struct code code)
{
	for (int64_t i = 0; i < part->count; i += BLOCK) {
		struct maps maps;

		maps_of_columns(&maps, q->columns + (from + i) / ELEMENTWISE_BLOCK,
				i % ELEMENTWISE_BLOCK, false, code);
		divide_block(part->y + i * code.bits / 8, part->x + i, part->count - i, &maps, q,
			     code);
	}
}

static __attribute__((noinline, cold)) void divide_groups(uint8_t *y, const float *x,
							  int64_t left, const struct quantize *q,
							  const struct quantize_map *first,
							  const struct quantize_map *second,
							  struct code code)
{
	struct maps maps;

	maps_of(&maps, first, second, code);
	divide_block(y, x, left, &maps, q, code);
}

INLINE void turn_pages(const struct part *part, int64_t i, const struct how *how, struct code code)
{
	if (!how->stream && !how->ahead)
		return;
	elementwise_turn_page(part->x + i, BLOCK * sizeof *part->x);
	elementwise_turn_page(part->y + i * code.bits / 8, (size_t)(BLOCK * code.bits / 8));
}

INLINE void uniform(const struct part *part, const struct quantize_map *map,
		    const struct quantize *q, const struct how *how, bool stream,
		    struct code code)
{
	struct how known = *how;
	block_seen seen = { 0 };
	struct maps maps;
	int64_t i = 0;

	known.stream = stream;
	known.ahead = stream ? how->ahead : 0;
	maps_of(&maps, map, map, code);
	for (; i + BLOCK <= part->count; i += BLOCK) {
		turn_pages(part, i, &known, code);
		seen = block(part->y + i * code.bits / 8, part->x + i, BLOCK, &maps, &known,
			     code, seen);
	}
	if (i < part->count)
		seen = block(part->y + i * code.bits / 8, part->x + i, part->count - i, &maps,
			     &known, code, seen);
	if (overflowed(seen, code))
		divide_uniform(part, map, q, code);
}

/* A scale a column: of part's block i, `left` of it. */
INLINE block_seen column_block(const struct part *part, int64_t i, int64_t left,
			       const struct quantize_columns *columns, const struct how *how,
			       struct code code, block_seen seen)
{
	const int64_t at = i % ELEMENTWISE_BLOCK / BLOCK * BLOCK;     /* 0 where it is 64 */
	struct maps maps;

	turn_pages(part, i, how, code);
	maps_of_columns(&maps, columns + i / ELEMENTWISE_BLOCK, at, how->inverts, code);
	return block(part->y + i * code.bits / 8, part->x + i, left, &maps, how, code, seen);
}

/* The part's first column is `from`, where a block begins. */
INLINE void columns(const struct part *part, const struct quantize *q, int64_t from,
		    const struct how *how, struct code code)
{
	const struct quantize_columns *const columns = q->columns + from / ELEMENTWISE_BLOCK;
	block_seen seen = { 0 };
	int64_t i = 0;

	for (; i + BLOCK <= part->count; i += BLOCK)
		seen = column_block(part, i, BLOCK, columns, how, code, seen);
	if (i < part->count)
		seen = column_block(part, i, part->count - i, columns, how, code, seen);
	if (overflowed(seen, code))
		divide_columns(part, q, from, code);
}

INLINE void group_block(const struct part *part, int64_t i, int64_t left,
			const struct quantize_map *first, const struct quantize_map *second,
			const struct quantize *q, const struct how *how, struct code code)
{
	uint8_t *const y = part->y + i * code.bits / 8;
	block_seen seen = { 0 };
	struct maps maps;

	turn_pages(part, i, how, code);
	maps_of(&maps, first, second, code);
	seen = block(y, part->x + i, left, &maps, how, code, seen);
	if (overflowed(seen, code))
		divide_groups(y, part->x + i, left, q, first, second, code);
}

/* A scale a group of 2^shift, the part's first one having the first map. */
INLINE void groups(const struct part *part, const struct quantize_map *map, int shift,
		   const struct quantize *q, const struct how *how, struct code code)
{
	int64_t i = 0;

	for (; i + BLOCK <= part->count; i += BLOCK)
		group_block(part, i, BLOCK, map + (i >> shift), map + ((i + BLOCK / 2) >> shift),
			    q, how, code);
	if (i < part->count) {
		const int64_t second = elementwise_least(i + BLOCK / 2, part->count - 1);

		group_block(part, i, part->count - i, map + (i >> shift), map + (second >> shift),
			    q, how, code);
	}
}

/* The same once more for results that go past the caches. */
INLINE void part_known(const struct part *part, const struct quantize_map *map,
		       const struct quantize *q, const struct how *how, struct code code)
{
	if (how->stream)
		uniform(part, map, q, how, true, code);
	else
		uniform(part, map, q, how, false, code);
}

/* The loops below are made for each value of what `how` says here. */
INLINE void part_uniform(const struct part *part, const struct quantize *q, int64_t row,
			 const struct how *how, struct code code)
{
	const struct quantize_map *map = q->maps + (q->task.y.per == QS_PER_ROW ? row : 0);
	struct how known = *how;

	known.divides = known.inverts = known.once = false;
	if (isnan(map->inverse)) {
		divide_uniform(part, map, q, code);
	} else if (how->narrow && how->away) {
		known.narrow = known.away = true;
		part_known(part, map, q, &known, code);
	} else if (how->narrow) {
		known.narrow = true;
		known.away = false;
		part_known(part, map, q, &known, code);
	} else if (how->away) {
		known.narrow = false;
		known.away = true;
		part_known(part, map, q, &known, code);
	} else {
		known.narrow = known.away = false;
		part_known(part, map, q, &known, code);
	}
}

INLINE void part_columns(const struct part *part, const struct quantize *q, int64_t from,
			 const struct how *how, struct code code)
{
	struct how known = *how;

	known.divides = known.away = false;
	known.once = true;
	if (!how->narrow && !how->away && how->stream) {
		known.narrow = false;
		known.stream = true;
		columns(part, q, from, &known, code);
	} else if (!how->away && !how->stream && !how->ahead) {
		known.narrow = true;
		known.stream = known.inverts = false;
		known.ahead = 0;
		columns(part, q, from, &known, code);
	} else if (how->away) {
		known.narrow = known.away = true;
		columns(part, q, from, &known, code);
	} else {
		known.narrow = true;
		columns(part, q, from, &known, code);
	}
}

INLINE void part_groups(const struct part *part, const struct quantize *q, int64_t row,
		       int64_t from, const struct how *how, struct code code)
{
	const struct qs_operand *codes = &q->task.y;
	const int shift = codes->group == 32 ? 5 : codes->group == 64 ? 6 : 7;
	const int64_t group = row * ((q->task.k + codes->group - 1) >> shift) + (from >> shift);
	struct how known = *how;

	known.narrow = true;
	known.divides = known.inverts = known.once = false;
	if (how->away) {
		known.away = true;
		groups(part, q->maps + group, shift, q, &known, code);
	} else {
		known.away = false;
		groups(part, q->maps + group, shift, q, &known, code);
	}
}

INLINE int run(const void *prepared, const float *a, uint8_t *y, int64_t first, int64_t last,
	       struct code code)
{
	const struct quantize *q = prepared;
	const struct elementwise_walk *walk = &q->walk;
	const int64_t y_step = walk->y_step * code.bits / 8;
	struct how how = how_of(q, code);

	/* maps of few columns stay in L1; codes of 4 bits have no time for divisions there */
	how.inverts = q->stream && walk->pieces > 1;
	for (int64_t unit = first; unit < last; unit++) {
		int64_t row, end;

		for (elementwise_rows(walk, unit, &row, &end); row < end; row++) {
			const struct elementwise_part at = elementwise_part(walk, unit, row);
			const struct part part = {
				y + row * y_step + at.from * code.bits / 8,
				a + row * walk->a_step + at.from, at.count,
			};

			how.stream = q->stream && (uintptr_t)part.y % 64 == 0;
			how.ahead = q->stream ? elementwise_ahead(walk, unit, row) : 0;
			if (at.count > 0 && q->task.y.per == QS_PER_COLUMN)
				part_columns(&part, q, at.from, &how, code);
			else if (at.count > 0 && q->task.y.per == QS_PER_GROUP)
				part_groups(&part, q, row, at.from, &how, code);
			else if (at.count > 0)
				part_uniform(&part, q, row, &how, code);
		}
	}
	if (q->stream)
		_mm_sfence();
	return 0;
}

#define RUN(name, bits, has_sign)                                                \
	static int run_##name(const void *prepared, const void *a, void *y, int64_t first,  \
			      int64_t last)                                                 \
	{                                                                                   \
		return run(prepared, a, y, first, last, (struct code){ bits, has_sign });   \
	}

RUN(u8, 8, false)
RUN(s8, 8, true)
RUN(u4, 4, false)
RUN(s4, 4, true)
RUN(s16, 16, true)


/* SPDX-License-Identifier: MIT
 *
 * The loops of a vector kernel, compiled for each ISA: its file first gives
 *
 *         BLOCK            elements at a time, 32 or 64
 *         struct maps      scales, inverses and zero points of a block
 *         block_seen       what block() gives and overflowed() tests
 *         maps_of, maps_of_columns, block, overflowed
 */
struct part {                   /* neighbours in one row, or in several rows             */
	uint8_t *y;
	const float *x;
	int64_t y_step, x_step; /* to the next row: bytes, elements                      */
	int64_t rows, count;
};

INLINE void uniform(const struct part *part, const struct quantize *q, int64_t at,
		    const struct how *how, struct code code)
{
	block_seen seen = { 0 };
	struct how again = *how;
	struct maps maps;
	int64_t i = 0;

	maps_of(&maps, q, at, at, code);
	for (; i + BLOCK <= part->count; i += BLOCK)
		seen = block(part->y + i * code.bits / 8, part->x + i, BLOCK, &maps, how, code,
			     seen);
	if (i < part->count)
		seen = block(part->y + i * code.bits / 8, part->x + i, part->count - i, &maps,
			     how, code, seen);
	if (how->divides || !overflowed(seen, code))
		return;
	again.divides = true;
	for (i = 0; i < part->count; i += BLOCK)
		block(part->y + i * code.bits / 8, part->x + i, part->count - i, &maps, &again,
		      code, seen);
}

/* Block i of each row of the part. */
INLINE void block_of_rows(const struct part *part, int64_t i, int64_t left,
			  const struct maps *maps, const struct how *how, struct code code)
{
	block_seen seen = { 0 };
	struct how again = *how;

	for (int64_t row = 0; row < part->rows; row++)
		seen = block(part->y + row * part->y_step + i * code.bits / 8,
			     part->x + row * part->x_step + i, left, maps, how, code, seen);
	if (!overflowed(seen, code))
		return;
	again.divides = true;
	for (int64_t row = 0; row < part->rows; row++)
		block(part->y + row * part->y_step + i * code.bits / 8,
		      part->x + row * part->x_step + i, left, maps, &again, code, seen);
}

/* A scale a column, the part's first column being `from`. */
INLINE void columns(const struct part *part, const struct quantize *q, int64_t from,
		    const struct how *how, struct code code)
{
	struct maps maps;
	int64_t i = 0;

	for (; i + BLOCK <= part->count; i += BLOCK) {
		maps_of_columns(&maps, q, from + i, code);
		block_of_rows(part, i, BLOCK, &maps, how, code);
	}
	if (i < part->count) {
		maps_of_columns(&maps, q, from + i, code);
		block_of_rows(part, i, part->count - i, &maps, how, code);
	}
}

/* A scale a group of 2^shift, the part's first group being `from`. */
INLINE void groups(const struct part *part, const struct quantize *q, int64_t from, int shift,
		   const struct how *how, struct code code)
{
	struct maps maps;
	int64_t i = 0;

	for (; i + BLOCK <= part->count; i += BLOCK) {
		maps_of(&maps, q, from + (i >> shift), from + ((i + BLOCK / 2) >> shift), code);
		block_of_rows(part, i, BLOCK, &maps, how, code);
	}
	if (i < part->count) {
		const int64_t second = elementwise_least(i + BLOCK / 2, part->count - 1);

		maps_of(&maps, q, from + (i >> shift), from + (second >> shift), code);
		block_of_rows(part, i, part->count - i, &maps, how, code);
	}
}

/* The loops below are made for each value of what `how` says here. */
INLINE void part_uniform(const struct part *part, const struct quantize *q, int64_t row,
			 const struct how *how, struct code code)
{
	const int64_t at = q->task.y.per == QS_PER_ROW ? row : 0;
	struct how known = *how;

	known.divides = isnan(q->inverse[at]);
	if (known.divides) {
		known.divides = true;
		uniform(part, q, at, &known, code);
		return;
	}
	known.divides = false;
	if (how->narrow && how->away) {
		known.narrow = known.away = true;
		uniform(part, q, at, &known, code);
	} else if (how->narrow) {
		known.narrow = true;
		known.away = false;
		uniform(part, q, at, &known, code);
	} else if (how->away) {
		known.narrow = false;
		known.away = true;
		uniform(part, q, at, &known, code);
	} else {
		known.narrow = known.away = false;
		uniform(part, q, at, &known, code);
	}
}

INLINE void part_mixed(const struct part *part, const struct quantize *q, int64_t row,
		       int64_t from, const struct how *how, struct code code)
{
	const struct qs_operand *codes = &q->task.y;
	const int shift = codes->group == 32 ? 5 : codes->group == 64 ? 6 : 7;
	const int64_t group = row * ((q->task.k + codes->group - 1) >> shift) + (from >> shift);
	struct how known = *how;

	known.narrow = true;
	known.divides = false;
	if (codes->per == QS_PER_COLUMN && how->away) {
		known.away = true;
		columns(part, q, from, &known, code);
	} else if (codes->per == QS_PER_COLUMN) {
		known.away = false;
		columns(part, q, from, &known, code);
	} else if (how->away) {
		known.away = true;
		groups(part, q, group, shift, &known, code);
	} else {
		known.away = false;
		groups(part, q, group, shift, &known, code);
	}
}

INLINE struct how how_of(const struct quantize *q, struct code code)
{
	const struct qs_task *task = &q->task;
	struct how how = { .away = task->round == QS_HALF_AWAY, .narrow = code.bits == 4,
			   .low = task->low, .high = task->high };
	int32_t least, most;

	elementwise_range(task->y.type, &least, &most);
	how.narrow |= task->low > least || task->high < most;
	return how;
}

INLINE int run(const void *prepared, const float *a, uint8_t *y, int64_t first, int64_t last,
	       struct code code)
{
	const struct quantize *q = prepared;
	const struct elementwise_walk *walk = &q->walk;
	const bool mixed = q->task.y.per > QS_PER_ROW;
	const int64_t rows = q->task.y.per == QS_PER_COLUMN ? ELEMENTWISE_ROWS : 1;
	const int64_t y_step = walk->y_step * code.bits / 8;
	const struct how usual = how_of(q, code);

	for (int64_t unit = first; unit < last; unit++) {
		int64_t row, end;

		for (elementwise_rows(walk, unit, &row, &end); row < end;) {
			const struct elementwise_part at =
				elementwise_part(walk, unit, row, end, rows);
			const struct part part = {
				.y = y + row * y_step + at.from * code.bits / 8,
				.x = a + row * walk->a_step + at.from,
				.y_step = y_step, .x_step = walk->a_step,
				.rows = at.rows, .count = at.count,
			};
			struct how how = usual;

			row += at.rows;
			how.stream = q->stream && ((uintptr_t)part.y | (uintptr_t)y_step) % 64 == 0;
			if (at.count > 0 && mixed)
				part_mixed(&part, q, at.row, at.from, &how, code);
			else if (at.count > 0)
				part_uniform(&part, q, at.row, &how, code);
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


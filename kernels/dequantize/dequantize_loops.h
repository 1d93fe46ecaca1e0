/* SPDX-License-Identifier: MIT
 *
 * The loops of a vector kernel, compiled for each ISA: its file first gives
 *
 *         BLOCK            elements at a time, 32 or 64
 *         struct maps      scales and zero points of a block
 *         maps_of, maps_of_columns, block
 */
struct part {                   /* neighbours in one row, or in several rows             */
	float *y;
	const uint8_t *a;
	int64_t y_step, a_step; /* to the next row: elements, bytes                      */
	int64_t rows, count;
	bool stream;            /* y is aligned to whole lines and goes past the caches  */
};

/* Block i of each row of the part. */
INLINE void block_of_rows(const struct part *part, int64_t i, int64_t left,
			  const struct maps *maps, struct code code)
{
	for (int64_t row = 0; row < part->rows; row++)
		block(part->y + row * part->y_step + i,
		      part->a + row * part->a_step + i * code.bits / 8, left, maps, part->stream,
		      code);
}

INLINE void uniform(const struct part *part, const struct dequantize *d, int64_t at,
		    struct code code)
{
	struct maps maps;
	int64_t i = 0;

	maps_of(&maps, d, at, at, code);
	for (; i + BLOCK <= part->count; i += BLOCK)
		block(part->y + i, part->a + i * code.bits / 8, BLOCK, &maps, part->stream, code);
	if (i < part->count)
		block(part->y + i, part->a + i * code.bits / 8, part->count - i, &maps, false,
		      code);
}

/* A scale a column, the part's first column being `from`. */
INLINE void columns(const struct part *part, const struct dequantize *d, int64_t from,
		    struct code code)
{
	struct maps maps;
	int64_t i = 0;

	for (; i + BLOCK <= part->count; i += BLOCK) {
		maps_of_columns(&maps, d, from + i, code);
		block_of_rows(part, i, BLOCK, &maps, code);
	}
	if (i < part->count) {
		maps_of_columns(&maps, d, from + i, code);
		block_of_rows(part, i, part->count - i, &maps, code);
	}
}

/* A scale a group of 2^shift, the part's first group being `from`. */
INLINE void groups(const struct part *part, const struct dequantize *d, int64_t from, int shift,
		   struct code code)
{
	struct maps maps;
	int64_t i = 0;

	for (; i + BLOCK <= part->count; i += BLOCK) {
		maps_of(&maps, d, from + (i >> shift), from + ((i + BLOCK / 2) >> shift), code);
		block_of_rows(part, i, BLOCK, &maps, code);
	}
	if (i < part->count) {
		const int64_t second = elementwise_least(i + BLOCK / 2, part->count - 1);

		maps_of(&maps, d, from + (i >> shift), from + (second >> shift), code);
		block_of_rows(part, i, part->count - i, &maps, code);
	}
}

INLINE void part_run(const struct part *part, const struct dequantize *d, int64_t row,
		     int64_t from, struct code code)
{
	const struct qs_operand *codes = &d->task.a;
	const int shift = codes->group == 32 ? 5 : codes->group == 64 ? 6 : 7;
	const int64_t groups_a_row = (d->task.k + codes->group - 1) >> shift;

	if (codes->per == QS_PER_COLUMN)
		columns(part, d, from, code);
	else if (codes->per == QS_PER_GROUP)
		groups(part, d, row * groups_a_row + (from >> shift), shift, code);
	else
		uniform(part, d, codes->per == QS_PER_ROW ? row : 0, code);
}

INLINE int run(const void *prepared, const uint8_t *a, float *y, int64_t first, int64_t last,
	       struct code code)
{
	const struct dequantize *d = prepared;
	const struct elementwise_walk *walk = &d->walk;
	const int64_t rows = d->task.a.per == QS_PER_COLUMN ? ELEMENTWISE_ROWS : 1;
	const int64_t a_step = walk->a_step * code.bits / 8;

	for (int64_t unit = first; unit < last; unit++) {
		int64_t row, end;

		for (elementwise_rows(walk, unit, &row, &end); row < end;) {
			const struct elementwise_part at =
				elementwise_part(walk, unit, row, end, rows);
			struct part part = {
				.y = y + row * walk->y_step + at.from,
				.a = a + row * a_step + at.from * code.bits / 8,
				.y_step = walk->y_step, .a_step = a_step,
				.rows = at.rows, .count = at.count,
			};

			part.stream = d->stream && (uintptr_t)part.y % 64 == 0 &&
				      part.y_step % 16 == 0;
			row += at.rows;
			if (at.count > 0)
				part_run(&part, d, at.row, at.from, code);
		}
	}
	if (d->stream)
		_mm_sfence();
	return 0;
}

#define RUN(name, bits, has_sign)                                                           \
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

/* SPDX-License-Identifier: MIT
 *
 * The loops of a vector kernel, compiled for each ISA: its file first gives
 *
 *         BLOCK            elements at a time, 32: a group holds whole blocks
 *         struct maps      scales and zero points of a block
 *         maps_of, maps_of_columns, block
 */
struct part {                   /* neighbours in one row                                 */
	float *y;
	const uint8_t *a;
	int64_t count;
};

INLINE void uniform(const struct part *part, const struct dequantize_map *map, bool stream,
		    struct code code)
{
	struct maps maps;
	int64_t i = 0;

	maps_of(&maps, map, code);
	for (; i + BLOCK <= part->count; i += BLOCK)
		block(part->y + i, part->a + i * code.bits / 8, BLOCK, &maps, stream, code);
	if (i < part->count)
		block(part->y + i, part->a + i * code.bits / 8, part->count - i, &maps, false,
		      code);
}

/* A scale a column, the part's first column being `from`. */
INLINE void columns(const struct part *part, const struct dequantize *d, int64_t from,
		    bool stream, struct code code)
{
	struct maps maps;
	int64_t i = 0;

	for (; i + BLOCK <= part->count; i += BLOCK) {
		maps_of_columns(&maps, d->columns + (from + i) / ELEMENTWISE_BLOCK,
				i % ELEMENTWISE_BLOCK / BLOCK * BLOCK, code);
		block(part->y + i, part->a + i * code.bits / 8, BLOCK, &maps, stream, code);
	}
	if (i < part->count) {
		maps_of_columns(&maps, d->columns + (from + i) / ELEMENTWISE_BLOCK,
				i % ELEMENTWISE_BLOCK / BLOCK * BLOCK, code);
		block(part->y + i, part->a + i * code.bits / 8, part->count - i, &maps, false,
		      code);
	}
}

/* A scale a group of 2^shift, the part's first group having the first map. */
INLINE void groups(const struct part *part, const struct dequantize_map *map, int shift,
		   bool stream, struct code code)
{
	struct maps maps;
	int64_t i = 0;

	for (; i + BLOCK <= part->count; i += BLOCK) {
		maps_of(&maps, map + (i >> shift), code);
		block(part->y + i, part->a + i * code.bits / 8, BLOCK, &maps, stream, code);
	}
	if (i < part->count) {
		maps_of(&maps, map + (i >> shift), code);
		block(part->y + i, part->a + i * code.bits / 8, part->count - i, &maps, false,
		      code);
	}
}

/* Its loops are made for both values of `stream`: y is aligned to whole lines and goes past the
 * caches. */
INLINE void part_run(const struct part *part, const struct dequantize *d, int64_t row,
		     int64_t from, bool stream, struct code code)
{
	const struct qs_operand *codes = &d->task.a;
	const int shift = codes->group == 32 ? 5 : codes->group == 64 ? 6 : 7;
	const int64_t groups_a_row = (d->task.k + codes->group - 1) >> shift;

	if (codes->per == QS_PER_COLUMN)
		columns(part, d, from, stream, code);
	else if (codes->per == QS_PER_GROUP)
		groups(part, d->maps + row * groups_a_row + (from >> shift), shift, stream, code);
	else
		uniform(part, d->maps + (codes->per == QS_PER_ROW ? row : 0), stream, code);
}

INLINE int run(const void *prepared, const uint8_t *a, float *y, int64_t first, int64_t last,
	       struct code code)
{
	const struct dequantize *d = prepared;
	const struct elementwise_walk *walk = &d->walk;
	const int64_t a_step = walk->a_step * code.bits / 8;

	for (int64_t unit = first; unit < last; unit++) {
		int64_t row, end;

		for (elementwise_rows(walk, unit, &row, &end); row < end; row++) {
			const struct elementwise_part at = elementwise_part(walk, unit, row);
			const struct part part = {
				y + row * walk->y_step + at.from,
				a + row * a_step + at.from * code.bits / 8, at.count,
			};

			if (at.count > 0 && d->stream && (uintptr_t)part.y % 64 == 0)
				part_run(&part, d, row, at.from, true, code);
			else if (at.count > 0)
				part_run(&part, d, row, at.from, false, code);
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

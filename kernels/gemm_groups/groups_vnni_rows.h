/* SPDX-License-Identifier: MIT
 *
 * What the VNNI kernels do with a unit's rows of a before the tiles: they copy them, or let them
 * lie, and find from their sums where the sums of each group begin.  The includer has defined what
 * groups_vnni.h asks for, and
 *
 *         v_copy          copies codes and sums blocks
 *         v_chunk, v_sums, v_sum          sums of codes that are not copied
 */
#ifndef QS_GROUPS_VNNI_ROWS_H
#define QS_GROUPS_VNNI_ROWS_H

#include "groups_packed.h"

/* A unit's rows during one step of k. */
struct rows {
	_Alignas(GEMM_LINE) int8_t a[ROWS * ROW];
	int32_t start[STARTS][ROWS][BLOCKS_MAX][2];
	int32_t sum_a[ROWS], zero_a[ROWS];
	float scale_a[ROWS];
};

/* Where the sums of 8 blocks or less begin, of groups from start[0] on; `sums` are of A.  May write
 * further groups, which are then written again. */
static inline void start_groups(const struct prepared *p, int32_t (*start)[2], __m256i sums,
				__m256i high, int of_starts)
{
	const __m256i factor = _mm256_loadu_si256((const __m256i *)p->factor[of_starts]);
	const __m256i bits = _mm256_loadu_si256((const __m256i *)p->bits);

	for (int half = 0; half < (p->group_blocks > 1 ? 1 : 2); half++) {
		const __m256i place = _mm256_loadu_si256((const __m256i *)p->place[half]);
		__m256i here = _mm256_permutevar8x32_epi32(sums, place);

		here = _mm256_and_si256(_mm256_mullo_epi32(here, factor), bits);
		_mm256_storeu_si256((__m256i *)(start + 4 * half), _mm256_or_si256(here, high));
	}
}

/* Copies `depth` codes of a row as s8, zeroes up to whole blocks, and finds where the sums of its
 * groups begin. */
INLINE void start_row(const struct prepared *p, struct rows *rows, int row, const uint8_t *from,
		      int64_t depth, const bool channel)
{
	const uint8_t flip = p->task.a.type == QS_U8 ? 0x80 : 0;
	const int starts = p->layout->pair[p->layout->pairs - 1].starts;
	const int64_t of_group = p->group_blocks;
	const __m256i high = _mm256_set1_epi32(
		p->start == START_PAIRS ? (int32_t)((uint32_t)rows->zero_a[row] << 16) : 0);
	__m256i all = _mm256_setzero_si256();

	for (int64_t k = 0; k < depth; k += 8 * BLOCK) {
		__m256i sums = v_copy(rows->a + row * ROW + k, from + k, depth - k, flip);

		all = _mm256_add_epi32(all, sums);
		if (channel)
			continue;
		if (of_group > 1)
			sums = _mm256_add_epi32(sums, _mm256_shuffle_epi32(sums, 0xb1));
		if (of_group > 2)
			sums = _mm256_add_epi32(sums, _mm256_shuffle_epi32(sums, 0x4e));
		for (int i = 0; i <= starts; i++)
			start_groups(p, rows->start[i][row] + (k / BLOCK >> p->group_log), sums,
				     high, i);
	}
	if (channel) {
		__m128i sum = _mm_add_epi32(_mm256_castsi256_si128(all),
					    _mm256_extracti128_si256(all, 1));

		sum = _mm_add_epi32(sum, _mm_shuffle_epi32(sum, 0x4e));
		sum = _mm_add_epi32(sum, _mm_shuffle_epi32(sum, 0xb1));
		rows->sum_a[row] += _mm_cvtsi128_si32(sum);
	}
}

/* The same for all rows where they lie, of whole blocks of s8.  A group's sum is not made of those
 * of its blocks but at once, in fewer instructions: at 3136 x 64 x 576 this stage is what tells. */
INLINE void start_in_place(const struct prepared *p, struct rows *rows, int count, const int8_t *a,
			   int64_t depth, const int of_group)
{
	const __m256i bits = _mm256_loadu_si256((const __m256i *)p->bits);
	const __m256i place[2] = { _mm256_setr_epi32(0, 0, 1, 1, 2, 2, 3, 3),
				   _mm256_setr_epi32(4, 4, 5, 5, 6, 6, 7, 7) };
	const int starts = p->layout->pair[p->layout->pairs - 1].starts;
	const bool pairs = p->start == START_PAIRS;
	const int64_t stride = p->task.a.stride, chunk = v_chunk(of_group);
	__m256i factor[STARTS];

	for (int i = 0; i < STARTS; i++)
		factor[i] = _mm256_loadu_si256((const __m256i *)p->factor[i]);
	for (int row = 0; row < count; row++) {
		const __m256i high =
			_mm256_set1_epi32(pairs ? (int32_t)((uint32_t)rows->zero_a[row] << 16) : 0);

		for (int64_t k = 0; k < depth; k += chunk) {
			const __m256i sums = v_sums(a + row * stride + k, depth - k, of_group);

			for (int i = 0; i <= starts; i++) {
				int32_t (*start)[2] = rows->start[i][row] + k / BLOCK / of_group;

				for (int half = 0; half < (of_group > 1 ? 1 : 2); half++) {
					__m256i here =
						_mm256_permutevar8x32_epi32(sums, place[half]);

					here = _mm256_mullo_epi32(here, factor[i]);
					here = _mm256_or_si256(_mm256_and_si256(here, bits), high);
					_mm256_storeu_si256((__m256i *)(start + 4 * half), here);
				}
			}
		}
	}
}

/* A unit's rows for one step of k. */
static void start_rows(const struct prepared *p, struct rows *rows, int count, const uint8_t *from,
		       int64_t depth, bool copied)
{
	const int8_t *a = (const int8_t *)from;
	const int64_t stride = p->task.a.stride;

	if (copied && p->start == START_CHANNEL)
		for (int i = 0; i < count; i++)
			start_row(p, rows, i, from + i * stride, depth, true);
	else if (copied)
		for (int i = 0; i < count; i++)
			start_row(p, rows, i, from + i * stride, depth, false);
	else if (p->start == START_CHANNEL)
		for (int i = 0; i < count; i++)
			rows->sum_a[i] += v_sum(a + i * stride, depth);
	else if (p->group_blocks == 1)
		start_in_place(p, rows, count, a, depth, 1);
	else if (p->group_blocks == 2)
		start_in_place(p, rows, count, a, depth, 2);
	else
		start_in_place(p, rows, count, a, depth, 4);
}

#endif

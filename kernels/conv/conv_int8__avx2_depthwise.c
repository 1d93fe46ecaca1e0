/* SPDX-License-Identifier: MIT
 *
 * Depthwise convolutions of 8-bit codes with AVX2: a word holds two input rows, as 16 bits without
 * their zero point.
 */
#include "conv_int8_256.h"

#include <string.h>

typedef uint8_t element_of_a;
typedef int16_t weight;

enum { WORD_ROWS = 2, LINES_MOST = 2, BLOCKS = 1, WEIGHT_LEAST = -255, WEIGHT_MOST = 255,
       WEIGHT_COPIES = 1, IS_CENTERED = 1 };

#define DEPTHWISE_DIRECT 0

static void vector_requantize(const struct requantize_columns *c,
			      const struct requantize_block *block, bool is_signed)
{
	requantize_block_avx2(c, block, is_signed);
}

#include "conv_int8_depthwise.h"

static inline void words_fill(const struct depthwise *p, char *words, int64_t at,
			      const element_of_a *const rows[2], int64_t count)
{
	const element_of_a *const first = rows[0], *const second = rows[1];
	const int32_t zero = int8_zero_a(&p->task, 0);
	const uint8_t flip = int8_flip(&p->task);
	int16_t *const to = (int16_t *)(void *)(words + at * p->unit);

	for (int64_t i = 0; i < count; i++) {
		to[2 * i] = (int16_t)((first[i] ^ flip) - zero);
		to[2 * i + 1] = (int16_t)((second[i] ^ flip) - zero);
	}
}

CONV_INT8_KERNELS(avx2_depthwise, .needs = QS_CPU_AVX2, .tile_m = 2, .tile_n = STRIP,
		  .tile_k = WORD_ROWS)

/* SPDX-License-Identifier: MIT
 *
 * What all quantize kernels share: which tasks they take and the entries of the table.
 *
 *         y[m][k] = code of a[m][k] by affine.h
 *
 * Codes of 4 bits lie two to a byte, the first in its low half; behind the odd end of a row the
 * high half is written as 0.
 */
#ifndef QS_QUANTIZE_H
#define QS_QUANTIZE_H

#include "../affine.h"
#include "../elementwise.h"

#include <stdlib.h>

static inline const char *quantize_refuse(const struct qs_task *task, enum qs_per per,
					  int64_t group)
{
	int32_t least, most;

	elementwise_range(task->y.type, &least, &most);
	if (task->low < least || task->high > most || task->low > task->high)
		return "a clamp outside the code range";
	if ((unsigned)task->round >= QS_ROUNDS)
		return "an unknown rounding";
	return elementwise_refuse(task, &task->y, per, group);
}

/* One entry of the table.  Its run is the file's run_<code>. */
#define QUANTIZE_KERNEL(suffix, per, group, code, code_type, isa, features, block, preparing,     \
			counting)                                                                 \
	static const char *refuse_##code##suffix(const struct qs_task *task)                      \
	{                                                                                         \
		return quantize_refuse(task, per, group);                                         \
	}                                                                                         \
	const struct qs_kernel quantize_f32##code##suffix##__##isa = {                            \
		.name = "quantize_f32" #code #suffix "__" #isa,                                   \
		.op = QS_QUANTIZE, .a = QS_F32, .y = code_type, .needs = features,                \
		.tile_m = 1, .tile_n = 1, .tile_k = block,                                        \
		.refuse = refuse_##code##suffix, .prepare = preparing, .units = counting,         \
		.run = run_##code, .release = free,                                               \
	};
#define QUANTIZE_TYPE(code, code_type, ...) \
	ELEMENTWISE_PER(QUANTIZE_KERNEL, code, code_type, __VA_ARGS__)
/* All kernels of a file: QUANTIZE_KERNELS(isa, needs, tile_k, prepare, units). */
#define QUANTIZE_KERNELS(...) ELEMENTWISE_CODES(QUANTIZE_TYPE, __VA_ARGS__)

#endif

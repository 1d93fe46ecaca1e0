/* SPDX-License-Identifier: MIT
 *
 * What all dequantize kernels share: which tasks they take and the entries of the table.
 *
 *         y[m][k] = (float)(a[m][k] - zero) * scale, one exact integer and one rounded product
 */
#ifndef QS_DEQUANTIZE_H
#define QS_DEQUANTIZE_H

#include "../affine.h"
#include "../elementwise.h"

#include <stdlib.h>

/* One entry of the table.  Its run is the file's run_<code>. */
#define DEQUANTIZE_KERNEL(suffix, per, group, code, code_type, isa, features, block, preparing,   \
			  counting)                                                               \
	static const char *refuse_##code##suffix(const struct qs_task *task)                      \
	{                                                                                         \
		return elementwise_refuse(task, &task->a, per, group);                            \
	}                                                                                         \
	const struct qs_kernel dequantize_##code##f32##suffix##__##isa = {                        \
		.name = "dequantize_" #code "f32" #suffix "__" #isa,                              \
		.op = QS_DEQUANTIZE, .a = code_type, .y = QS_F32, .needs = features,              \
		.tile_m = 1, .tile_n = 1, .tile_k = block,                                        \
		.refuse = refuse_##code##suffix, .prepare = preparing, .units = counting,         \
		.run = run_##code, .release = free,                                               \
	};
#define DEQUANTIZE_TYPE(code, code_type, ...) \
	ELEMENTWISE_PER(DEQUANTIZE_KERNEL, code, code_type, __VA_ARGS__)
/* All kernels of a file: DEQUANTIZE_KERNELS(isa, needs, tile_k, prepare, units). */
#define DEQUANTIZE_KERNELS(...) ELEMENTWISE_CODES(DEQUANTIZE_TYPE, __VA_ARGS__)

#endif

/* SPDX-License-Identifier: MIT
 *
 * The table of operations: add your line here and your file beside it, nowhere else.
 */
#include "../operation.h"

#define OPERATIONS(X)          \
	X(conv)                \
	X(gemm)                \
	X(add)                 \
	X(affine)              \
	X(batch_normalization) \
	X(relu)                \
	X(activation)          \
	X(average_pool)        \
	X(max_pool)            \
	X(concat)              \
	X(softmax)             \
	X(move)                \
	X(slice)               \
	X(view)                \
	X(constant)

#define DECLARE(name) extern const struct layer_operation layer_##name;
OPERATIONS(DECLARE)

#define POINT(name) &layer_##name.value,
const struct value *const layer_operation_values[] = { OPERATIONS(POINT) NULL };

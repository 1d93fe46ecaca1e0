/* SPDX-License-Identifier: MIT
 *
 * The table of generators: add your line here and your file beside it, nowhere else.
 */
#include "generator.h"

#define GENERATORS(X)     \
	X(gaussian)       \
	X(laplace)        \
	X(student_t)      \
	X(uniform)        \
	X(relu)           \
	X(outliers)       \
	X(channel_spread) \
	X(skewed)         \
	X(sparse)         \
	X(constant)       \
	X(zero)

#define DECLARE(name) extern const struct generator generator_##name;
GENERATORS(DECLARE)

#define POINT(name) &generator_##name.value,
const struct value *const synthetic_values[] = { GENERATORS(POINT) NULL };

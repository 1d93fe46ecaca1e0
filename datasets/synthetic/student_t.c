/* SPDX-License-Identifier: MIT
 *
 * Student's t with 4 degrees of freedom: mean 0, mean |x| 1, variance 2, no fourth moment.  By
 * Bailey's polar method (Mathematics of Computation 62, 1994): sqrt(n (u^(-2/n) - 1)) cos(2 pi v),
 * which for n = 4 needs only square roots and a cosine.
 */
#include "../../harness/fixed_math.h"
#include "../../harness/random.h"
#include "generator.h"

#include <math.h>

enum { STREAM = 0x30 };

static void fill(float *values, int64_t rows, int64_t columns, uint64_t seed)
{
	static const double two_pi = 6.283185307179586;

	for (int64_t i = 0; i < rows * columns; i++) {
		double u[2];

		random_uniform_pair(u, seed, STREAM, (uint64_t)i);
		values[i] = (float)(sqrt(4 * (1 / sqrt(u[0]) - 1)) * fixed_cos(two_pi * u[1]));
	}
}

const struct generator generator_student_t = {
	.value = { .name = "student_t",
		   .summary = "Student's t with 4 degrees of freedom: heavy tails",
		   .source = "weights with heavy tails, as in large language models (Dotzel et al. "
			     "2024)" },
	.stream = STREAM,
	.fill = fill,
};

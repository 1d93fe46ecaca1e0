/* SPDX-License-Identifier: MIT
 *
 * Functions of one number that a layer applies to each element: a row of a table each.
 *
 * In double, by harness/fixed_math.h, rounded once to float32.  An activation of codes is a table
 * of 256 of them.
 */
#ifndef QS_ACTIVATIONS_H
#define QS_ACTIVATIONS_H

#include <math.h>
#include <stddef.h>

enum { ACTIVATION_PARAMETERS = 2 };

struct activation {
	const char *type;       /* the ONNX operator                                     */
	double (*compute)(double x, const double *parameters);
	/* its attributes, NULL where there are fewer, and what they are where left out   */
	const char *names[ACTIVATION_PARAMETERS];
	double standard[ACTIVATION_PARAMETERS];
};

/* NULL: there is no such activation. */
const struct activation *activation_find(const char *type);

#endif

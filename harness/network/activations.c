/* SPDX-License-Identifier: MIT
 *
 * Source: Operators.md of the ONNX project.  A standard that is no short binary fraction is the
 * float32 that an attribute would be.
 */
#include "activations.h"

#include "../fixed_math.h"

#include <string.h>

static double clip(double x, double low, double high)
{
	/* as ONNX's min(max(x, low), high); a NaN stays one */
	const double above = x < low ? low : x;

	return above > high ? high : above;
}

static double relu(double x, const double *p)
{
	(void)p;
	return x > 0 ? x : 0;
}

static double leaky_relu(double x, const double *p)
{
	return x < 0 ? x * p[0] : x;
}

static double clip_to(double x, const double *p)
{
	return clip(x, p[0], p[1]);
}

/* exp of what is not above 0, so that nothing is infinite */
static double sigmoid(double x, const double *p)
{
	const double e = fixed_exp(-fabs(x));

	(void)p;
	return x < 0 ? e / (1 + e) : 1 / (1 + e);
}

static double tangent(double x, const double *p)
{
	(void)p;
	return fixed_tanh(x);
}

static double hard_sigmoid(double x, const double *p)
{
	return clip(x * p[0] + p[1], 0, 1);
}

static double hard_swish(double x, const double *p)
{
	(void)p;
	return x * clip(x / 6 + 0.5, 0, 1);
}

static double elu(double x, const double *p)
{
	return x < 0 ? p[0] * (fixed_exp(x) - 1) : x;
}

static double negative(double x, const double *p)
{
	(void)p;
	return -x;
}

static double magnitude(double x, const double *p)
{
	(void)p;
	return fabs(x);
}

static const struct activation activations[] = {
	{ "Relu", relu, { NULL }, { 0 } },
	{ "LeakyRelu", leaky_relu, { "alpha" }, { (double)0.01F } },
	{ "Clip", clip_to, { "min", "max" }, { -INFINITY, INFINITY } },
	{ "Sigmoid", sigmoid, { NULL }, { 0 } },
	{ "Tanh", tangent, { NULL }, { 0 } },
	{ "HardSigmoid", hard_sigmoid, { "alpha", "beta" }, { (double)0.2F, 0.5 } },
	{ "HardSwish", hard_swish, { NULL }, { 0 } },
	{ "Elu", elu, { "alpha" }, { 1 } },
	{ "Neg", negative, { NULL }, { 0 } },
	{ "Abs", magnitude, { NULL }, { 0 } },
};

const struct activation *activation_find(const char *type)
{
	for (size_t i = 0; i < sizeof activations / sizeof *activations; i++)
		if (!strcmp(activations[i].type, type))
			return &activations[i];
	return NULL;
}

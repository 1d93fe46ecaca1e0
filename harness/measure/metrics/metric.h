/* SPDX-License-Identifier: MIT
 *
 * What a network is judged by: each sample's output becomes one number, the task's value is their
 * mean or, of a metric with a `summarize`, what that makes of them.  A new metric is one file in
 * this folder and one name in metrics.c.
 */
#ifndef QS_METRIC_H
#define QS_METRIC_H

#include "../../axes/axis.h"
#include "../../env.h"

#include <stdbool.h>
#include <stdint.h>

struct metric_truth {           /* of one sample                                         */
	int32_t class_index;    /* where the data have classes                           */
	const float *target;    /* [outputs], or NULL                                    */
	const float *reference; /* [outputs] the float run's                             */
	double peak;            /* the greatest value that a target may have             */
};

/* What a metric looks at, beside the output. */
enum { METRIC_CLASSES = 1, METRIC_TARGETS = 2, METRIC_FLOAT = 4 };

/* Of a second run's scores, alone and against those of a first one over the same samples: value 2 -
 * value 1 and its interval of 95 %, NaN where it cannot be told. */
struct metric_summary {
	double value, difference, low, high;
};

struct metric {
	struct value value;
	unsigned needs; /* METRIC_* bits                                         */
	bool counted;   /* a score is 1 (right) or 0 (wrong)                     */
	bool less;      /* the smaller value is the better one                   */
	double (*score)(const float *output, int64_t outputs, const struct metric_truth *truth);
	/* NULL: values are means.  first may be NULL. */
	int (*summarize)(const struct env *env, const double *first, const double *second,
			 const int32_t *classes, int64_t samples, struct metric_summary *out,
			 struct error *error);
	/* Why it means nothing for a network whose samples have this; NULL: it means something, or
	 * there is no such function. */
	const char *(*refuse)(int64_t outputs, unsigned has);
};

static inline const struct metric *metric_of(const struct value *value)
{
	return (const struct metric *)value;
}

/* What fits: `has` are METRIC_CLASSES and METRIC_TARGETS as far as the data have them, `is_class`:
 * the output is a list of two numbers or more. */
const struct metric *metric_choose(unsigned has, bool is_class);
/* Why a metric cannot be taken; NULL: it can. */
const char *metric_refuse(const struct metric *metric, int64_t outputs, unsigned has);

/* The index of the greatest output; of equal ones the first. */
static inline int64_t greatest_output(const float *output, int64_t outputs)
{
	int64_t best = 0;

	for (int64_t i = 1; i < outputs; i++)
		if (output[i] > output[best])
			best = i;
	return best;
}

/* The mean of (output - right)^2; sums.h. */
double mean_squared_error(const float *output, const float *right, int64_t outputs);

#endif

/* SPDX-License-Identifier: MIT
 *
 * What stands in a workload's operands: scales, zero points, floats and codes, all drawn from the
 * spec's seed by place, so that one changed size leaves the others' draws alone.
 */
#ifndef QS_WORKLOAD_VALUES_H
#define QS_WORKLOAD_VALUES_H

#include "workload.h"

enum stream { STREAM_A = 1, STREAM_W, STREAM_SCALES, STREAM_ZEROS, STREAM_BIAS, STREAM_SPLIT };

/* In (-1, 1), never denormal. */
float values_near_one(uint32_t word);
/* The index-th scale; and what one unit of a sum is worth in steps of y, where sums become codes,
 * so that most of them reach y's codes. */
float values_scale(const struct workload_spec *spec, uint64_t index);
float values_unit(const struct workload_spec *spec, uint64_t index);
/* All elements of rows x columns. */
void values_fill(const struct workload_spec *spec, const struct qs_task *task,
		 const struct qs_operand *operand, int64_t rows, void *data, enum stream stream);

#endif

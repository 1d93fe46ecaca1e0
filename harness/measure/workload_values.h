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
/* Scales of one operand, drawn at `at` of the workload's; those of `spread` make one unit of a sum
 * worth what brings sums of k products into y's codes, given the other two scales. */
float values_scale(const struct workload_spec *spec, uint64_t index);
float values_unit(const struct workload_spec *spec, uint64_t index);
/* All elements of rows x columns. */
void values_fill(const struct workload_spec *spec, const struct qs_task *task,
		 const struct qs_operand *operand, int64_t rows, void *data, enum stream stream);

#endif

/* SPDX-License-Identifier: MIT
 *
 * Positions of vai_q_onnx: the scale is 2^-position.  Source: Vitis-AI, src/vai_quantizer at
 * 228e5ca8, vai_q_onnx/vai_q_onnx/quant_utils.py, with the double arithmetic that numpy 1 gives a
 * float32 beside a Python number.
 */
#ifndef QS_AS_IN_VITIS_H
#define QS_AS_IN_VITIS_H

#include "as_in.h"

/* 2^127 is the greatest such scale that a float holds; the project's may go one further. */
enum { POSITION_LEAST = -127 };

struct position {
	int scale;              /* 2^-scale                                              */
	int32_t zero;
};

/* The nearest position to a range's scale, in octaves (compute_scale_zp_pof2s): signed codes are
 * -high .. high.  A range of nothing, or a scale below 2^-126, has scale 1. */
struct position vitis_nearest(const struct calibration_task *task, struct seen seen);

#endif

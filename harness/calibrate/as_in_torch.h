/* SPDX-License-Identifier: MIT
 *
 * PyTorch's arithmetic on the CPU, as far as its observers and NVIDIA's calibrators use it.
 * Source: PyTorch 2.15, torch/ao/quantization/observer.py and aten/src/ATen/native/cpu; checked
 * against that version by tests/golden/make/torch_observers.py.
 */
#ifndef QS_AS_IN_TORCH_H
#define QS_AS_IN_TORCH_H

#include "as_in.h"

/* The scale and zero point of an observer that saw [least, greatest]: per_tensor_symmetric of
 * qint8, or per_tensor_affine, quant_min and quant_max the scheme's codes, eps FLT_EPSILON. */
struct range torch_range(const struct calibration_task *task, float least, float greatest);

/* The same as an observer's `choose` whose state is a struct seen. */
struct range torch_seen_choose(void *state, const struct calibration_task *task);

/* Element i of torch.linspace(low, high, bins + 1), as the builds for AVX2 and AVX-512 do it. */
float torch_linspace(float low, float high, int64_t bins, int64_t i);
/* Adds to counts[bins] what torch.histc(values, bins, low, high) counts, low < high, in one thread:
 * a count is a float and ends at 2^24.  magnitudes: of |x|. */
void torch_count(float *counts, int64_t bins, float low, float high, const float *values,
		 int64_t count, bool magnitudes);
/* torch.sum of float32 x[count] in the order of its vectors of 8 floats. */
float torch_sum(const float *x, int64_t count);

#endif

/* SPDX-License-Identifier: MIT
 *
 * The least and the greatest value of all batches; or, with a constant other than 0, moved by that
 * part of the way to each batch's own.  A symmetric scheme averages the larger magnitude, as the
 * calibrator's option `symmetric` does.
 *
 * Groups are the project's BlockSize, which rounds a block's width to float32 before it divides: of
 * an asymmetric scheme one scale in four is another float, next to ours.
 */
#include "as_in_numpy.h"

#include <math.h>

static int minmax_observe(void *state, const struct calibration_task *task, const struct env *env,
			  const float *values, int64_t count, struct error *error)
{
	struct seen *seen = state;
	struct seen batch = seen_of(values, count);
	const float part = (float)task->parameter;

	(void)env;
	(void)error;
	if (task->scheme->symmetric) {
		batch.greatest = fmaxf(fabsf(batch.least), fabsf(batch.greatest));
		batch.least = -batch.greatest;
	}
	if (part == 0)
		seen_join(seen, batch);
	else
		seen_move(seen, batch, part);
	return 0;
}

static struct range minmax_choose(void *state, const struct calibration_task *task)
{
	const struct seen *seen = state;

	return onnxruntime_range(task, seen->least, seen->greatest);
}

static const struct observer minmax = {
	.of_scheme = true,
	.bytes = sizeof(struct seen), .observe = minmax_observe, .choose = minmax_choose,
};

const struct calibration calibration_minmax_as_in_onnxruntime = {
	.value = { .name = "minmax_as_in_onnxruntime",
		   .summary = "ONNX Runtime's MinMaxCalibrater, C averages (0: none); equal "
			      "bits (int4: symmetric_full) but a last one of asymmetric "
			      "blocks",
		   .source = "ONNX Runtime 1.31.1, onnxruntime/python/tools/quantization/"
			     "calibrate.py, quant_utils.py",
		   .parameter = "C", .standard = 0, .least = 0, .most = 1 },
	.symmetric_cost = { 1, 1, 1 },
	.asymmetric_cost = { 1, 1, 1 },
	.observer = &minmax,
};

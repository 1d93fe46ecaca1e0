/* SPDX-License-Identifier: MIT
 *
 * The table of calibrations: a new one is one file with one const struct and one name here.
 */
#include "calibrate.h"

#define CALIBRATIONS(X)                                                                            \
	X(minmax) X(percentile) X(percentile_one_sided) X(sigma) X(aciq_gauss) X(aciq_laplace)     \
	X(mse) X(sqnr) X(entropy) X(power_of_two_nonoverflow) X(power_of_two_least_error)          \
	X(fixed)                                                                                   \
	X(minmax_as_in_pytorch) X(moving_average_as_in_pytorch) X(histogram_as_in_pytorch)         \
	X(minmax_as_in_onnxruntime) X(entropy_as_in_onnxruntime) X(percentile_as_in_onnxruntime)   \
	X(entropy_as_in_tensorrt) X(tf_enhanced_as_in_aimet)                                       \
	X(nonoverflow_as_in_vitis) X(least_error_as_in_vitis)

#define DECLARE(name) extern const struct calibration calibration_##name;
CALIBRATIONS(DECLARE)

#define ROW(name) &calibration_##name.value,
const struct value *const calibration_values[] = { CALIBRATIONS(ROW) NULL };

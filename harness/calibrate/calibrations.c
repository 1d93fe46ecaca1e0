/* SPDX-License-Identifier: MIT
 *
 * The table of calibrations: a new one is one file with one const struct and one name here.
 */
#include "calibrate.h"

#define CALIBRATIONS(X)                                                                            \
	X(minmax) X(percentile) X(percentile_one_sided) X(sigma) X(aciq_gauss) X(aciq_laplace)     \
	X(mse) X(entropy) X(fixed)

#define DECLARE(name) extern const struct calibration calibration_##name;
CALIBRATIONS(DECLARE)

#define ROW(name) &calibration_##name.value,
const struct value *const calibration_values[] = { CALIBRATIONS(ROW) NULL };

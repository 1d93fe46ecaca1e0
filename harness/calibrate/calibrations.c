/* SPDX-License-Identifier: MIT
 *
 * The table of calibrations: a new one is one file with one const struct and one name here.
 */
#include "calibrate.h"

#define CALIBRATIONS(X)                                                                            \
	X(minmax) X(percentile) X(sigma) X(aciq_gauss) X(aciq_laplace) X(mse) X(entropy)

#define DECLARE(name) extern const struct calibration calibration_##name;
CALIBRATIONS(DECLARE)

#define ROW(name) &calibration_##name.value,
const struct value *const calibration_values[] = { CALIBRATIONS(ROW) NULL };

/* Those other than 0, whose code no clip moves; a slice of zeros alone is counted whole. */
static int64_t values_to_clip(const struct slice *slice)
{
	const int64_t nonzero = slice_nonzero(slice);

	return nonzero ? nonzero : slice->count;
}

const char *calibration_refuses(const struct calibration *calibration,
				const struct calibration_task *task)
{
	if (calibration->values_a_code &&
	    calibration_has_too_few(calibration, task->bits, (double)values_to_clip(task->slice)))
		return "too few values";
	return NULL;
}

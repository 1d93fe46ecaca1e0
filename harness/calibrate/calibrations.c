/* SPDX-License-Identifier: MIT
 *
 * The table of calibrations: a new one is one file with one const struct and one name here.
 */
#include "calibrate.h"

#define CALIBRATIONS(X) X(minmax) X(percentile) X(mse) X(entropy)

#define DECLARE(name) extern const struct calibration calibration_##name;
CALIBRATIONS(DECLARE)

#define ROW(name) &calibration_##name.value,
const struct value *const calibration_values[] = { CALIBRATIONS(ROW) NULL };

const char *calibration_refuses(const struct calibration *calibration,
				const struct calibration_task *task)
{
	return calibration_has_too_few(calibration, task->bits, (double)task->slice->count)
		       ? "too few values"
		       : NULL;
}

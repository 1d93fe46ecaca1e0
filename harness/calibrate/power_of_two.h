/* SPDX-License-Identifier: MIT
 *
 * The least power of two under which no value overflows: none lies more than half a step beyond
 * the last code.
 */
#ifndef QS_POWER_OF_TWO_H
#define QS_POWER_OF_TWO_H

#include "calibrate.h"

/* Its scale, 2^-149 .. 2^127, whatever the task's scale rule is, and a zero point: the scheme's
 * rint(-low/scale), or the nearest that leaves the high end within half a step.  Not of zeros
 * alone. */
struct grid power_of_two_nonoverflow(const struct calibration_task *task);

#endif

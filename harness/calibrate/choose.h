/* SPDX-License-Identifier: MIT
 *
 * What choosing from a slice and from batches share.
 */
#ifndef QS_CHOOSE_H
#define QS_CHOOSE_H

#include "calibrate.h"

/* Without a slice, and without a place for least_squares. */
struct calibration_task rule_task(const struct rule *rule, enum qs_round round);
/* Why the scheme cannot be applied to values of which this is the least, or NULL. */
const char *scheme_refuses(const struct scheme *scheme, float least);
/* Why so few values cannot be calibrated: those other than 0, or all where they are zeros. */
const char *count_refuses(const struct calibration *calibration, int bits, int64_t nonzero,
			  int64_t count);
/* The range's grid and its scale as stored. */
struct chosen chosen_of_range(const struct calibration_task *task, struct range range);

#endif

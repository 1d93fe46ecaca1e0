/* SPDX-License-Identifier: MIT
 *
 * A format says how values become codes and what the codes mean.
 *
 * A tensor of rows x columns is cut into slices by granularity; each slice has one `struct grid`,
 * whose scale was rounded once to float32 where the scale rule stores it so; `struct format` and
 * `struct grid` stand in axes/tables.h, because a config asks a format for its bits.
 */
#ifndef QS_FORMAT_H
#define QS_FORMAT_H

#include "../axes/tables.h"
#include "../error.h"
#include "../../kernels/affine.h"

#endif

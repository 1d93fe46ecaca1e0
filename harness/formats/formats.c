/* SPDX-License-Identifier: MIT
 *
 * The table of formats: a new one is one file with one const struct and one name here.
 */
#include "../axes/tables.h"

#define FORMATS(X) X(int) X(float)

#define DECLARE(name) extern const struct format format_##name;
FORMATS(DECLARE)

#define ROW(name) &format_##name.value,
const struct value *const format_values[] = { FORMATS(ROW) NULL };

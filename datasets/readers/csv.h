/* SPDX-License-Identifier: MIT
 *
 * Columns of a .csv file by name.
 */
#ifndef QS_CSV_H
#define QS_CSV_H

#include "reader.h"

/* The column whose header is `name`, else the one of that number, counted from 0; -1 with a
 * sentence.  The file is a .csv. */
int64_t csv_find_column(const struct tensor_file *file, const char *name, struct error *error);

#endif

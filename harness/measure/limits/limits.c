/* SPDX-License-Identifier: MIT
 *
 * The table of the loops that measure a machine's limits.  A new one is one file, named as its
 * value, and one line here; of one thing plain C stands first and the rest from narrow to wide.
 */
#include "limit.h"

#include <stdio.h>
#include <string.h>

#define LIMITS(X)                                                                                  \
	X(int8_dot__ref)                                                                           \
	X(int8_dot__avx2)                                                                          \
	X(int8_dot__avxvnni)                                                                       \
	X(int8_dot__avx512vnni_256)                                                                \
	X(int8_dot__avx512vnni)                                                                    \
	X(int16__ref)                                                                              \
	X(int16__avx2)                                                                             \
	X(int16__avx512bw)                                                                         \
	X(int16__avx512vnni)                                                                       \
	X(f32__ref)                                                                                \
	X(f32__avx2)                                                                               \
	X(f32__avx512bw)                                                                           \
	X(bf16_dot__avx512bf16)                                                                    \
	X(read__ref)                                                                               \
	X(read__avx2)                                                                              \
	X(read__avx512bw)                                                                          \
	X(write__ref)                                                                              \
	X(write__avx2)                                                                             \
	X(write__avx512bw)                                                                         \
	X(copy__ref)                                                                               \
	X(copy__avx2)                                                                              \
	X(copy__avx2_stream)                                                                       \
	X(copy__avx512bw)                                                                          \
	X(copy__avx512bw_stream)

#define DECLARE(name) extern const struct limit limit_##name;
#define POINT(name) &limit_##name.value,

LIMITS(DECLARE)

const struct value *const limit_values[] = { LIMITS(POINT) NULL };

const char *limit_isa(const struct limit *limit)
{
	return strstr(limit->value.name, "__") + 2;
}

void limit_thing(char *out, size_t size, const struct limit *limit)
{
	snprintf(out, size, "%.*s", (int)(limit_isa(limit) - 2 - limit->value.name),
		 limit->value.name);
}

const char *limit_unit(const struct limit *limit)
{
	return limit->kind == LIMIT_ARITHMETIC ? "GOPS" : "GB/s";
}

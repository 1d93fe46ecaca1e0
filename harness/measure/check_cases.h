/* SPDX-License-Identifier: MIT
 *
 * What `check` tries: sizes that hang on a tile, and all else drawn from a seed.
 */
#ifndef QS_CHECK_CASES_H
#define QS_CHECK_CASES_H

#include "workload.h"

enum { CHECK_SIZES = 5 };

/* 1, one under the tile, the tile, one over, a prime beyond twice the tile: without doubles, small
 * to large.  Returns how many. */
int check_sizes_of(int64_t tile, int64_t sizes[CHECK_SIZES]);
/* Style, strides, granularity, zero points, clamp, rounding, bias and guard of case `index`; m, n
 * and k are left to the caller.  Styles alternate with the index. */
struct workload_spec check_case_draw(const struct qs_kernel *kernel, uint64_t seed,
				     uint64_t index);
/* The convolution of case `index`; every third is depthwise, every third has groups. */
struct qs_conv check_conv_draw(const struct qs_kernel *kernel, uint64_t seed, uint64_t index);
/* Makes the case one that peers take too: tight strides, no zero points of weights, float scales,
 * ties to even. */
void check_conv_plainly(struct workload_spec *spec);
/* A patch of one position; and one that every ISA has a kernel for. */
struct qs_conv check_conv_long(int64_t channels);
struct qs_conv check_conv_plain(void);
void check_case_describe(char *out, size_t size, const struct workload_spec *spec);

#endif

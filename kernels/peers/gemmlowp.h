/* SPDX-License-Identifier: MIT
 *
 * gemmlowp, a C++ library of headers, as one C function.
 */
#ifndef QS_GEMMLOWP_H
#define QS_GEMMLOWP_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

struct gemmlowp_product {       /* y[m][n] = sum over k of (a + add_a) * (w + add_w) + bias */
	int m, n, k;
	const uint8_t *a, *w;   /* [m][stride_a], [n][stride_w]                          */
	int32_t *y;             /* [m][stride_y]                                         */
	int stride_a, stride_w, stride_y;
	const int32_t *add_a;   /* [m]                                                   */
	const int32_t *add_w;   /* [n]                                                   */
	const int32_t *bias;    /* [n]; NULL: none                                       */
};

/* What keeps the library's buffers between calls, of one thread; NULL: out of memory. */
void *gemmlowp_context_new(void);
void gemmlowp_context_free(void *context);
/* 0, or -1: an exception. */
int gemmlowp_multiply(void *context, const struct gemmlowp_product *product);

#ifdef __cplusplus
}
#endif

#endif

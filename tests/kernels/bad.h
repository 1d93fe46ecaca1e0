/* SPDX-License-Identifier: MIT
 *
 * A bad library is the good one with other run()s: BAD_LIBRARY(one, two) exports the kernels
 * gemm_u8s8s32__one and gemm_u8s8s32__two, whose run() are the functions one and two.
 */
#ifndef QS_TEST_BAD_H
#define QS_TEST_BAD_H

#define quantsweep_library good_library
#include "good.c"
#undef quantsweep_library

#define BAD_KERNEL(harm)                                                                           \
	{                                                                                          \
		.name = "gemm_u8s8s32__" #harm, .op = QS_GEMM, .a = QS_U8, .w = QS_S8,             \
		.y = QS_S32, .tile_m = 1, .tile_n = 1, .tile_k = 1, .refuse = refuse,              \
		.prepare = prepare, .units = units, .run = harm, .release = free                   \
	}

#define BAD_LIBRARY(first, second)                                                                 \
	static const struct qs_kernel bad_kernels[] = { BAD_KERNEL(first), BAD_KERNEL(second) };   \
	static const struct qs_kernel *const bad_table[] = { &bad_kernels[0], &bad_kernels[1] };   \
	static const struct qs_library bad_library = { QS_INTERFACE, "bad", 2, bad_table };        \
	__attribute__((visibility("default"))) const struct qs_library *quantsweep_library(void);  \
	const struct qs_library *quantsweep_library(void)                                          \
	{                                                                                          \
		return &bad_library;                                                               \
	}

/* Calls before a kernel that starts well does its harm: more than the check makes, and fewer than
 * the timing. */
enum { GOOD_CALLS = 40 };

#endif

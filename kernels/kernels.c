/* SPDX-License-Identifier: MIT
 *
 * The table of our kernels.  A new kernel is one file, named as its symbol, and one line here; a
 * file family__isa.c that defines several has a line in the macro FAMILY.
 * Within a family (operation and types) the reference stands first and the rest go from slow to
 * fast: `best` is the last row that the CPU runs and that takes the task.
 */
#include "kernel.h"

/* One line a file of requantize/. */
#define REQUANTIZE(X, types)                   \
	X(requantize_##types##__ref)           \
	X(requantize_##types##__avx2)          \
	X(requantize_##types##__avx512bw)

/* One line a file of dynamicquantize/. */
#define DYNAMICQUANTIZE(X, types)              \
	X(dynamicquantize_##types##__ref)      \
	X(dynamicquantize_##types##__avx2)     \
	X(dynamicquantize_##types##__avx512bw)

/* One line a file of gemm_s16/. */
#define S16(X, types)                          \
	X(gemm_##types##__ref)                 \
	X(gemm_##types##__avx2)                \
	X(gemm_##types##__avx512bw)            \
	X(gemm_##types##__avx512vnni)

/* One line a file of gemm_int8/. */
#define INT8(X, types)                         \
	X(gemm_##types##__ref)                 \
	X(gemm_##types##__avx2)                \
	X(gemm_##types##__avx512bw)            \
	X(gemm_##types##__avxvnni)             \
	X(gemm_##types##__avx512vnni_256)      \
	X(gemm_##types##__avx512vnni)

/* One line a file of gemm_groups/. */
#define GROUPS(X, types)                       \
	X(gemm_##types##__ref)                 \
	X(gemm_##types##__avx2)                \
	X(gemm_##types##__avx512bw)            \
	X(gemm_##types##__avxvnni)             \
	X(gemm_##types##__avx512vnni_256)      \
	X(gemm_##types##__avx512vnni)

/* One line a file of conv/, for codes and for floats. */
#define CONV_INT8(X, types)                    \
	X(conv2d_##types##__ref)               \
	X(conv2d_##types##__avx2)              \
	X(conv2d_##types##__avx2_depthwise)    \
	X(conv2d_##types##__avx512vnni)        \
	X(conv2d_##types##__avx512vnni_depthwise)
#define CONV2D_F32F32F32(X)                    \
	X(conv2d_f32f32f32__ref)               \
	X(conv2d_f32f32f32__avx2)              \
	X(conv2d_f32f32f32__avx2_depthwise)    \
	X(conv2d_f32f32f32__avx512bw)          \
	X(conv2d_f32f32f32__avx512bw_depthwise)

#define GROUPS_ALL(X, types)                   \
	GROUPS(X, types##_g32)                 \
	GROUPS(X, types##_g64)                 \
	GROUPS(X, types##_g128)                \
	GROUPS(X, types##_channel)

/* One line a file of quantize/ and of dequantize/. */
#define QUANTIZE(X, types)                     \
	X(quantize_##types##__ref)             \
	X(quantize_##types##__avx2)            \
	X(quantize_##types##__avx512bw)
#define DEQUANTIZE(X, types)                   \
	X(dequantize_##types##__ref)           \
	X(dequantize_##types##__avx2)          \
	X(dequantize_##types##__avx512bw)

/* A family of all code types, with all that a scale may be per. */
#define PER(FAMILY, X, types)                  \
	FAMILY(X, types)                       \
	FAMILY(X, types##_channel)             \
	FAMILY(X, types##_g32)                 \
	FAMILY(X, types##_g64)                 \
	FAMILY(X, types##_g128)
#define FROM_CODES(FAMILY, X)                  \
	PER(FAMILY, X, u8f32)                  \
	PER(FAMILY, X, s8f32)                  \
	PER(FAMILY, X, u4f32)                  \
	PER(FAMILY, X, s4f32)                  \
	PER(FAMILY, X, s16f32)
#define TO_CODES(FAMILY, X)                    \
	PER(FAMILY, X, f32u8)                  \
	PER(FAMILY, X, f32s8)                  \
	PER(FAMILY, X, f32u4)                  \
	PER(FAMILY, X, f32s4)                  \
	PER(FAMILY, X, f32s16)

#define KERNELS(X)                             \
	TO_CODES(QUANTIZE, X)                  \
	FROM_CODES(DEQUANTIZE, X)              \
	S16(X, s16s8s64)                       \
	DYNAMICQUANTIZE(X, f32u8)              \
	DYNAMICQUANTIZE(X, f32s8)              \
	REQUANTIZE(X, s32s8)                   \
	REQUANTIZE(X, s32u8)                   \
	REQUANTIZE(X, s32s8_channel)           \
	REQUANTIZE(X, s32u8_channel)           \
	INT8(X, u8s8s32)                       \
	INT8(X, s8s8s32)                       \
	INT8(X, u8s8s8)                        \
	INT8(X, u8s8u8)                        \
	INT8(X, s8s8s8)                        \
	INT8(X, s8s8u8)                        \
	INT8(X, u8s8s8_channel)                \
	INT8(X, u8s8u8_channel)                \
	INT8(X, s8s8s8_channel)                \
	INT8(X, s8s8u8_channel)                \
	GROUPS_ALL(X, u8s8f32)                 \
	GROUPS_ALL(X, s8s8f32)                 \
	GROUPS_ALL(X, u8s4f32)                 \
	GROUPS_ALL(X, s8s4f32)                 \
	GROUPS_ALL(X, u8s3f32)                 \
	GROUPS_ALL(X, s8s3f32)                 \
	GROUPS_ALL(X, u8s2f32)                 \
	GROUPS_ALL(X, s8s2f32)                 \
	CONV_INT8(X, u8s8s32)                  \
	CONV_INT8(X, s8s8s32)                  \
	CONV_INT8(X, u8s8s8)                   \
	CONV_INT8(X, u8s8u8)                   \
	CONV_INT8(X, s8s8s8)                   \
	CONV_INT8(X, s8s8u8)                   \
	CONV_INT8(X, u8s8s8_channel)           \
	CONV_INT8(X, u8s8u8_channel)           \
	CONV_INT8(X, s8s8s8_channel)           \
	CONV_INT8(X, s8s8u8_channel)           \
	CONV2D_F32F32F32(X)                    \
	X(gemm_f32f32f32__ref)                 \
	X(gemm_f32f32f32__avx2)                \
	X(gemm_f32f32f32__avx512bw)

#define DECLARE(kernel) extern const struct qs_kernel kernel;
#define ADDRESS(kernel) &kernel,

KERNELS(DECLARE)

static const struct qs_kernel *const kernels[] = { KERNELS(ADDRESS) };

static const struct qs_library library = {
	.interface = QS_INTERFACE,
	.name = "quantsweep",
	.count = sizeof kernels / sizeof *kernels,
	.kernels = kernels,
};

__attribute__((visibility("default"))) qs_library_function quantsweep_library;

const struct qs_library *quantsweep_library(void)
{
	return &library;
}

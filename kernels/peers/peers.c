/* SPDX-License-Identifier: MIT
 *
 * The table of libquantsweep_peers.so: kernels of other people's libraries behind kernel.h, those
 * of the libraries that were there when it was built.  No row is a reference.
 */
#include "../kernel.h"

#ifdef QS_XNNPACK
#include "xnnpack.h"
#endif

/* Matmul and inner product. */
#define ONEDNN_BOTH(X, name) X(name##__onednn) X(name##__onednn_inner)

#ifdef QS_ONEDNN
#define ONEDNN(X)                             \
	ONEDNN_BOTH(X, gemm_u8s8s32)          \
	ONEDNN_BOTH(X, gemm_s8s8s32)          \
	ONEDNN_BOTH(X, gemm_u8s8s8)           \
	ONEDNN_BOTH(X, gemm_s8s8s8)           \
	ONEDNN_BOTH(X, gemm_u8s8u8)           \
	ONEDNN_BOTH(X, gemm_s8s8u8)           \
	ONEDNN_BOTH(X, gemm_u8s8s8_channel)   \
	ONEDNN_BOTH(X, gemm_s8s8s8_channel)   \
	ONEDNN_BOTH(X, gemm_u8s8u8_channel)   \
	ONEDNN_BOTH(X, gemm_s8s8u8_channel)   \
	ONEDNN_BOTH(X, gemm_u8s8f32_channel)  \
	ONEDNN_BOTH(X, gemm_s8s8f32_channel)  \
	ONEDNN_BOTH(X, gemm_f32f32f32)        \
	X(conv2d_u8s8s32__onednn)             \
	X(conv2d_s8s8s32__onednn)             \
	X(conv2d_u8s8s8__onednn)              \
	X(conv2d_s8s8s8__onednn)              \
	X(conv2d_u8s8u8__onednn)              \
	X(conv2d_s8s8u8__onednn)              \
	X(conv2d_u8s8s8_channel__onednn)      \
	X(conv2d_s8s8s8_channel__onednn)      \
	X(conv2d_u8s8u8_channel__onednn)      \
	X(conv2d_s8s8u8_channel__onednn)      \
	X(conv2d_f32f32f32__onednn)           \
	X(quantize_f32s8__onednn)             \
	X(quantize_f32u8__onednn)             \
	X(quantize_f32s8_channel__onednn)     \
	X(quantize_f32u8_channel__onednn)     \
	X(dequantize_s8f32__onednn)           \
	X(dequantize_u8f32__onednn)           \
	X(dequantize_s8f32_channel__onednn)   \
	X(dequantize_u8f32_channel__onednn)
#else
#define ONEDNN(X)
#endif

#ifdef QS_XNNPACK
#define XNNPACK(X)                            \
	X(gemm_s8s8s8__xnnpack)               \
	X(gemm_u8s8u8__xnnpack)               \
	X(gemm_s8s8s8_channel__xnnpack_conv)  \
	X(gemm_f32f32f32__xnnpack)            \
	X(conv2d_s8s8s8__xnnpack)             \
	X(conv2d_u8s8u8__xnnpack)             \
	X(conv2d_s8s8s8_channel__xnnpack)     \
	X(conv2d_f32f32f32__xnnpack)          \
	X(quantize_f32s8__xnnpack)            \
	X(quantize_f32u8__xnnpack)            \
	X(dequantize_s8f32__xnnpack)          \
	X(dequantize_u8f32__xnnpack)
#else
#define XNNPACK(X)
#endif

#ifdef QS_OPENBLAS
#define OPENBLAS(X) X(gemm_f32f32f32__openblas)
#else
#define OPENBLAS(X)
#endif

#ifdef QS_GEMMLOWP
#define GEMMLOWP(X) X(gemm_u8s8s32__gemmlowp)
#else
#define GEMMLOWP(X)
#endif

#define DECLARE(kernel) extern const struct qs_kernel kernel;
#define DECLARE_OPEN(kernel) extern struct qs_kernel kernel;
#define ADDRESS(kernel) &kernel,
#define NEEDS(kernel) kernel.needs = needs;

ONEDNN(DECLARE)
XNNPACK(DECLARE_OPEN)
OPENBLAS(DECLARE)
GEMMLOWP(DECLARE)

static const struct qs_kernel *const kernels[] = { GEMMLOWP(ADDRESS) OPENBLAS(ADDRESS)
						   XNNPACK(ADDRESS) ONEDNN(ADDRESS) };

static const struct qs_library library = {
	.interface = QS_INTERFACE,
	.name = "peers",
	.count = sizeof kernels / sizeof *kernels,
	.kernels = kernels,
};

__attribute__((visibility("default"))) qs_library_function quantsweep_library;

const struct qs_library *quantsweep_library(void)
{
#ifdef QS_XNNPACK
	const uint64_t needs = xnnpack_needs();

	XNNPACK(NEEDS)
#endif
	return &library;
}

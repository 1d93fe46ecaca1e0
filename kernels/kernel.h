/* SPDX-License-Identifier: MIT
 *
 * The one interface of every kernel: ours, a peer's, yours.
 *
 * A kernel library is a shared object that exports one symbol,
 *
 *         const struct qs_library *quantsweep_library(void);
 *
 * and nothing else that matters.  quantsweep opens it with dlopen(RTLD_LOCAL), reads the table,
 * checks each kernel against the reference of the same operation and types, and times it.
 * This header is plain C11, needs only <stdint.h> and <stddef.h>, and knows nothing of the harness.
 *
 * A call goes: refuse(task) is NULL -> prepare(task, w) -> units(p) -> run(p, a, y, first, last)
 * for disjoint ranges that cover [0, units), from any number of threads -> release(p).
 * refuse is asked while planning, of sizes, types and modes: it may look at zero points, but not at
 * what `scale` and the biases point to.  prepare sees those and the weights, and may still refuse
 * with a reason (a sum that might leave s32, a scale that a mode cannot express).
 * prepare may allocate and pack; run must not allocate, must not keep state, makes no threads.
 * The task and all it points to stay valid until release.
 */
#ifndef QS_KERNEL_H
#define QS_KERNEL_H

#include <stddef.h>
#include <stdint.h>

#define QS_INTERFACE 2u        /* raised when a struct below changes                     */

enum qs_type {                 /* how one element lies in memory                         */
	QS_NONE,               /* the operand does not exist                             */
	QS_F32,
	QS_S64,
	QS_S32,
	QS_S16,
	QS_S8,
	QS_U8,
	QS_S4,                 /* of fewer than 8 bits: element i of a row is its bits   */
	QS_U4,                 /* [i * bits, (i + 1) * bits), byte 0's lowest bit first; */
	QS_S3,                 /* a row begins on a byte, so stride * bits is a multiple */
	QS_S2,                 /* of 8; bits behind a row's end are written as 0         */
	QS_TYPES
};

enum qs_op {
	QS_GEMM,               /* y[m][n] = sum over k of a[m][k] * w[n][k]              */
	QS_CONV2D,
	QS_QUANTIZE,           /* y[m][k] = codes of a[m][k], by y's scale and zero      */
	QS_DEQUANTIZE,         /* y[m][k] = (a[m][k] - zero) * scale, by a's             */
	QS_DYNAMIC_QUANTIZE,   /* the same codes by a range taken from each row of a: a row of y
	                          is float scale, int32 zero point, then the k codes       */
	QS_REQUANTIZE,         /* y[m][k] = code of the sum a[m][k], which counts units of a's
	                          scale, by `requantize` and y's scale and zero            */
	QS_OPS
};

enum qs_requantize {            /* see requantize.h                                      */
	QS_REQUANTIZE_FLOAT,
	QS_REQUANTIZE_Q31_DOUBLE,
	QS_REQUANTIZE_Q31_SINGLE,
	QS_REQUANTIZE_Q31_TIES_UP,
	QS_REQUANTIZE_RNDNU,
	QS_REQUANTIZE_SHIFT,
	QS_REQUANTIZE_RULES
};
enum qs_round { QS_HALF_EVEN, QS_HALF_AWAY, QS_ROUNDS };

/* CPU features a kernel may need, as bits.  AVX2 stands for AVX2 with FMA and F16C; AVX512BW for
 * F, BW, DQ and VL together. */
#define QS_CPU_AVX2       (UINT64_C(1) << 0)
#define QS_CPU_AVXVNNI    (UINT64_C(1) << 1)
#define QS_CPU_AVX512BW   (UINT64_C(1) << 2)
#define QS_CPU_AVX512VNNI (UINT64_C(1) << 3)
#define QS_CPU_NEON       (UINT64_C(1) << 4)
#define QS_CPU_NEONDOT    (UINT64_C(1) << 5)
#define QS_CPU_AVX512BF16 (UINT64_C(1) << 6)

/* A conv2d is the gemm of its patches, by the same words and types:
 *   m = batch * out_h * out_w positions, n = out_channels,
 *   k = kernel_h * kernel_w * channels / groups,
 *   out_h = (height + pad_top + pad_bottom - dilation_h * (kernel_h - 1) - 1) / stride_h + 1,
 *   rounded down, out_w likewise.
 * a is [batch][height][width] rows of `channels` elements, a.stride from one position to the next;
 * y has m rows of n; w has n rows of k, in the order kernel_h, kernel_w, channel of the group.
 * Output channel o reads the channels of group o / (out_channels / groups).  What a patch has
 * outside the image is a's zero point, of floats +0, and takes part in the chain of fmaf as that.
 * A depthwise convolution is groups = channels. */
struct qs_conv {               /* NHWC activations, weights [cout][kh][kw][cin/groups]   */
	int64_t batch, height, width, channels, out_channels;
	int64_t kernel_h, kernel_w, stride_h, stride_w, dilation_h, dilation_w;
	int64_t pad_top, pad_left, pad_bottom, pad_right, groups;
};

enum qs_per {                  /* what one scale and one zero point are for              */
	QS_PER_TENSOR,         /* all elements                                           */
	QS_PER_ROW,            /* a row; of w that is an output channel                  */
	QS_PER_COLUMN,         /* the elements of one place in a row: the last axis      */
	QS_PER_GROUP,          /* `group` neighbours in a row, the last ones may be fewer */
};

struct qs_operand {            /* a, w or y: what the elements mean                      */
	enum qs_type type;
	int64_t stride;        /* elements from one row to the next, >= the row's length (of a
	                          dynamically quantized y: bytes, >= 8 + k)                */
	const float *scale;    /* [scales], finite, > 0; NULL: floats, raw or scaled sums */
	const int32_t *zero;   /* [scales], within the code range; NULL: all 0           */
	enum qs_per per;
	int64_t scales;        /* 1, rows, columns, or rows * ceil(k / group), row by row */
	int64_t group;         /* 0 unless PER_GROUP                                     */
};

/* A gemm whose y is
 *   s32, s64      raw sums: y.scale is NULL, w is per tensor or per row (its zero points are)
 *   s8, u8        requantized: code of the sum by `requantize`; a is per tensor, w per tensor or
 *                 (_channel) per row, y per tensor; one unit of the sum is
 *                 (double)a.scale * w.scale / y.scale steps of y, rounded once to double
 *   f32 from codes  scaled: w is per group (_gN) or per row (_channel: one group of k), a per
 *                 tensor or per row.  Of each group, zero points off, the sum is exact in s32; then
 *                 acc = fmaf((float)sum, w.scale, acc) from +0, groups ascending, and
 *                 y = fmaf(acc, a.scale, bias_f32 or +0)
 *   f32 from f32  one chain of fmaf over k ascending from +0, the bias added last
 */
struct qs_task {               /* everything about a call but its data                   */
	enum qs_op op;
	int64_t m, n, k;       /* all >= 1; n is 1 unless a product                      */
	int32_t threads;       /* >= 1: how many will share the units                    */
	const struct qs_conv *conv;    /* NULL unless a convolution                      */
	struct qs_operand a, w, y;
	const int64_t *bias;           /* [n], in units of scale_a*scale_w; NULL: none   */
	const float *bias_f32;         /* [n], added last, for float results; NULL: none */
	enum qs_requantize requantize; /* the rule, exactly; of a sum that becomes codes */
	enum qs_round round;           /* of quantize and of a requantized y             */
	int32_t low, high;             /* y's codes are clamped to it; a ReLU is here; floats and
	                                  raw sums are not                                */
};

/* A name is <operation>_<types>__<isa>[_<variant>], where <types> is a, w and y and then what the
 * scales are per: nothing for tensor (of a quantized or dequantized operand also row, of raw sums
 * whatever w has), _channel for the rows of w or another operand's columns, _g32 for groups. */
struct qs_kernel {
	const char *name;      /* gemm_u8s8s32__avx512vnni, gemm_s8s4f32_g32__avx2       */
	const char *peer;      /* whose code it calls (onednn); NULL: the library's own  */
	enum qs_op op;
	enum qs_type a, w, y;
	uint64_t needs;        /* QS_CPU_* bits; 0: the reference                        */
	uint32_t tile_m, tile_n, tile_k; /* >= 1; the sizes in `check` hang on these     */
	uint32_t over_read;    /* bytes it may read past the end of a's last row         */
	uint32_t claim_steps;  /* largest |y - reference| in codes                       */
	double claim_relative; /* floats: largest |y - ref| / max|ref|; both 0: same bits */

	/* NULL: the task can be done; else a short reason, a string constant. */
	const char *(*refuse)(const struct qs_task *task);
	/* w is [n][k] by task->w (NULL where the operation has none) and may go away afterwards.
	 * *bytes gets the size of what was packed.  NULL: *reason says why the task with these
	 * weights is refused (a string constant), or is NULL: out of memory. */
	void *(*prepare)(const struct qs_task *task, const void *w, size_t *bytes,
			 const char **reason);
	int64_t (*units)(const void *prepared);        /* independent pieces, >= 1       */
	/* 0, or another number: it failed, y is worthless */
	int (*run)(const void *prepared, const void *a, void *y, int64_t first, int64_t last);
	void (*release)(void *prepared);
};

struct qs_library {
	uint32_t interface;    /* QS_INTERFACE                                           */
	const char *name;      /* quantsweep, onednn, ...; for yours the file's name holds */
	size_t count;
	const struct qs_kernel *const *kernels; /* each family: reference first, slow to fast */
};

typedef const struct qs_library *qs_library_function(void);
#define QS_LIBRARY_SYMBOL "quantsweep_library"

#endif

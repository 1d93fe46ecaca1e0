/* SPDX-License-Identifier: MIT
 *
 * XNNPACK (of early 2022): one operator a piece.  It wants up to XNN_EXTRA_BYTES readable bytes
 * behind its input.  Its choice of instructions cannot be masked: it takes AVX-512 where the CPU
 * has it, so its kernels need what they will use (xnnpack_needs).
 */
#ifndef QS_XNNPACK_H
#define QS_XNNPACK_H

#include "peer.h"

#include <xnnpack.h>

/* An operator takes its pointers by a function of its own type. */
typedef enum xnn_status xnnpack_setup(xnn_operator_t op, size_t rows, const void *a, void *y);

struct xnnpack_piece {
	xnn_operator_t op;
	int64_t a_at, y_at;     /* bytes from the operand's begin                        */
	struct peer_piece part;
};

struct xnnpack {
	struct qs_task task;
	xnnpack_setup *setup;
	struct peer_cut cut;
	struct xnnpack_piece piece[];
};

/* Room for the task's pieces, with their places; NULL: out of memory, or XNNPACK does not start. */
struct xnnpack *xnnpack_new(const struct qs_task *task, int64_t columns, xnnpack_setup *setup);
void xnnpack_release(void *prepared);
int64_t xnnpack_units(const void *prepared);
int xnnpack_run(const void *prepared, const void *a, void *y, int64_t first, int64_t last);
/* The reason that a status stands for; NULL: none, or out of memory. */
const char *xnnpack_reason(enum xnn_status status);

/* What the operators take from; tight, of all columns. */
struct xnnpack_operands {
	void *w;                /* [n][k]                                                */
	int32_t *bias;          /* [n]                                                   */
	float *scales;          /* [n]                                                   */
};
/* false: *reason, or no memory. */
bool xnnpack_operands_make(struct xnnpack_operands *operands, const struct qs_task *task,
			   const void *w, const char **reason);
void xnnpack_operands_free(struct xnnpack_operands *operands);
/* NULL, or why a sum of codes might leave s32. */
const char *xnnpack_prove(const struct qs_task *task, const int8_t *w);

/* The operators of products and convolutions: f32, s8, u8, s8 with a scale a channel. */
enum xnnpack_kind { XNNPACK_F32, XNNPACK_QS8, XNNPACK_QU8, XNNPACK_QC8 };

/* NULL, or why they do not take the task; `sizes`: what its sizes say of that. */
static inline const char *xnnpack_refuse_f32(const struct qs_task *task, const char *sizes)
{
	return task->bias ? "a bias of the other kind" : sizes;
}

static inline const char *xnnpack_refuse_codes(const struct qs_task *task, const char *sizes)
{
	const char *reason = sizes;
	int32_t zero;

	if (!reason)
		reason = task->bias_f32 ? "a bias of the other kind"
					: peer_refuse_requantized(task);
	if (reason)
		return reason;
	if (!peer_zero(&task->w, &zero) || (zero && task->a.type == QS_S8))
		return "one zero point for all weights of u8 by u8, none of s8 by s8";
	return task->low == task->high ? "a clamp to one code" : NULL;
}

/* What XNNPACK will use of what it may on this CPU: QS_CPU_AVX512BW or QS_CPU_AVX2. */
uint64_t xnnpack_needs(void);

#endif

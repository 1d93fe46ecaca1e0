/* SPDX-License-Identifier: MIT
 *
 * All that one kernel call needs, made from a seed: operands, scales, zero points, bias and the
 * task; running a kernel on it; and its verdict against the reference.  `check` makes thousands of
 * small ones, a race makes one of its own size and times on it.
 *
 *         struct workload_spec spec = workload_usual(kernel, m, n, k, seed);
 *         workload_make(&workload, &spec, reference, error);     runs the reference once
 *         verdict = workload_check(&workload, kernel, &difference);
 *         workload_prepare(&call, &workload, kernel, &reason);   then time workload_call(&call)
 *         workload_release(&call);
 *         workload_free(&workload);
 *
 * Every buffer lies between guard pages, a and w are read-only once filled: a kernel that reads or
 * writes outside dies of SIGSEGV, so call it in a process that may die.
 */
#ifndef QS_WORKLOAD_H
#define QS_WORKLOAD_H

#include "../library.h"
#include "guarded.h"

enum verdict { VERDICT_EXACT, VERDICT_WITHIN, VERDICT_WRONG, VERDICT_REFUSED, VERDICT_NOT_RUN };

enum workload_style {
	WORKLOAD_RANDOM,        /* codes of the full range; floats near 1, none denormal */
	WORKLOAD_EXTREME,       /* least and greatest codes; floats: ties, +-0, denormal, huge */
	WORKLOAD_STYLES
};

/* On which side of each buffer the guard page touches it.  BEFORE begins a buffer on a page. */
enum workload_guard { GUARD_BEFORE, GUARD_AFTER, WORKLOAD_GUARDS };

#define WORKLOAD_NO_ZERO INT32_MIN       /* the operand's zero pointer is NULL            */

struct workload_operand {
	int64_t pad;            /* elements added to the tight stride                    */
	bool per_row;           /* one scale a row (of w: a channel), else one, where neither the
	                           kernel's types nor a requantized result say otherwise  */
	int32_t zero;           /* the first zero point, the other rows' are random      */
};

struct workload_spec {
	const struct qs_kernel *like;    /* any kernel of the operation and types        */
	int64_t m, n, k;
	struct qs_conv conv;    /* m, n and k then follow from it; batch 0: none          */
	uint64_t seed;
	enum workload_style style;
	enum workload_guard guard;
	uint32_t over_read;     /* readable bytes behind a: the kernel's over_read       */
	struct workload_operand a, w, y;
	bool bias;
	int threads;            /* that will share the units; 0 is 1                     */
	int w_bits;             /* weights' codes are those of so many bits, if fewer; 0: all */
	const struct value *w_values;    /* random codes of weights; NULL: uniform       */
	enum qs_requantize requantize;
	enum qs_round round;
	int32_t low, high;      /* clamp of y's codes                                    */
};

struct workload {
	struct qs_task task;
	struct qs_conv conv;    /* what task.conv points to                              */
	struct guarded a, w, y, expected;        /* w.data NULL: the operation has none   */
	float *scales;
	int32_t *zeros;
	int64_t *bias;
	float *bias_f32;
	double largest;         /* max|expected|, of floats: what claim_relative is of   */
	const struct env *env;
};

struct workload_difference {    /* what a verdict saw; zeroed where there is nothing     */
	int64_t row, column;    /* of the first wrong output                             */
	double found, expected;
	double wrong_fraction;  /* share of outputs outside the claim                    */
	const char *reason;     /* of REFUSED, or of WRONG without a wrong element       */
};

struct workload_call {          /* a kernel with its prepared weights                    */
	const struct qs_kernel *kernel;
	const struct workload *workload;
	void *prepared;
	size_t bytes;           /* of packed weights                                     */
	int64_t units;
};

/* Sums become codes: requantize, and a gemm whose result is s8 or u8. */
bool workload_requantizes(const struct qs_kernel *like);

/* What a race runs: activations with one zero point (3), weights per channel without one, a bias
 * where the result is a sum, full clamp, tight strides, random values; page-aligned buffers. */
struct workload_spec workload_usual(const struct qs_kernel *like, int64_t m, int64_t n, int64_t k,
				    uint64_t seed);

/* Makes the operands and the reference's result.  -1 with *error: no memory, or the reference
 * refuses the task (the sentence says why). */
int workload_make(struct workload *workload, const struct env *env,
		  const struct workload_spec *spec, const struct qs_kernel *reference,
		  struct error *error);
void workload_free(struct workload *workload);

/* false with *reason: refused, or out of memory.  On true release it. */
bool workload_prepare(struct workload_call *call, const struct workload *workload,
		      const struct qs_kernel *kernel, const char **reason);
/* Runs all units on this thread, into workload->y.  0, or what the kernel said. */
int workload_call(const struct workload_call *call);
void workload_release(struct workload_call *call);

/* Prepare, wipe y, run, compare.  split != 0: the units in odd ranges drawn from it, the last
 * first.  EXACT is equal bits everywhere; WITHIN is inside the kernel's claim. */
enum verdict workload_check(struct workload *workload, const struct qs_kernel *kernel,
			    uint64_t split, struct workload_difference *difference);
/* "y[1][4] is 7, reference 8 (12.5 % of outputs)". */
int workload_describe(char *out, size_t size, const struct workload_difference *difference);

#endif

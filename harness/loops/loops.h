/* SPDX-License-Identifier: MIT
 *
 * The loops over elements that an accuracy run spends its time in, compiled once for each of a few
 * instruction sets: plain C of one source (loops_body.h), so that all give equal bits.  They are no
 * kernels: nothing is timed by them but a network's addition, and --isa does not choose among them.
 */
#ifndef QS_LOOPS_H
#define QS_LOOPS_H

#include "../../kernels/kernel.h"
#include "../sums.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct loop_grid {              /* codes low .. high, |low|, |high|, |zero| < 2^22        */
	float scale;
	int32_t zero, low, high;
	enum qs_round round;
};

struct loop_tally {
	uint64_t saturated, lost_zero, nonzero;          /* as struct tally counts them   */
};

/* The code of fma(b - zero_b, scale_b, (a - zero_a) * scale_a), in float32. */
struct loop_adder {
	float scale_a, scale_b; /* below LOOP_ADDER_MOST                                 */
	int32_t zero_a, zero_b, zero, low, high;         /* of u8 codes                   */
	enum qs_round round;
};
#define LOOP_ADDER_MOST 0x1p20F

/* Lanes of sums over a block, as in sums.h, and the greatest |error| of each. */
enum {
	ERROR_PLAIN, ERROR_SQUARED, ERROR_STEPS, ERROR_STEPS_SQUARED, ERROR_SIGNAL, ERROR_OUTPUT,
	ERROR_PRODUCT, ERROR_SUMS
};
struct loop_errors {
	double lane[ERROR_SUMS][SUM_LANES], most[SUM_LANES];
};

/* The same of a layer's outputs: float, isolated, cumulative and integer. */
enum {
	LAYER_SIGNAL, LAYER_ISOLATED, LAYER_CUMULATIVE, LAYER_INTEGER, LAYER_OUTPUT, LAYER_PRODUCT,
	LAYER_SUMS
};
struct loop_layer {
	double lane[LAYER_SUMS][SUM_LANES], most[SUM_LANES];
};

/* Sums over values x with d = x / scale - q, q the nearest whole number. */
struct loop_fit {
	double squares, cross, codes;    /* of d^2, q d, q^2                             */
};

/* Buckets of a histogram in ascending order.  Sums over them of share * error^2 are floats, rounded
 * after each bucket, as AIMET's; there is one for each lane, grids or points side by side. */
enum { GRID_LANES = 16, POINT_LANES = 32 };
struct loop_buckets {
	const float *middle;
	const double *share;
};
struct loop_bucket_grids {
	float delta[GRID_LANES], offset[GRID_LANES];     /* of whole numbers             */
	float penalty[GRID_LANES];      /* what a lane costs beside its errors, >= 0      */
	int32_t from[GRID_LANES], to[GRID_LANES];        /* from <= bucket < to          */
};

struct loops {
	uint64_t needs;         /* QS_CPU_* bits                                         */
	/* back[i] = what the code of x[i] means, float32(code - zero) * scale; x may be back.  The
	 * tally is added to. */
	void (*simulate)(const float *x, int64_t count, const struct loop_grid *grid, float *back,
			 struct loop_tally *tally);
	/* As qs_affine_code, moved by `move` to u8; a NaN is low. */
	void (*encode)(const float *x, int64_t count, const struct loop_grid *grid, int32_t move,
		       uint8_t *codes);
	/* Codes of values that are (code - zero) * scale. */
	void (*encode_exact)(const float *x, int64_t count, float scale, int32_t zero,
			     uint8_t *codes);
	void (*decode)(const uint8_t *codes, int64_t count, float scale, int32_t zero, float *x);
	void (*add)(const struct loop_adder *adder, const uint8_t *a, const uint8_t *b,
		    int64_t count, uint8_t *codes);
	/* acc[i] = fma((float)(sums[i] - zero * weight_sums[i]), scales[i], acc[i]), in s32 that
	 * wraps; from +0 where it is the first group. */
	void (*accumulate)(const int32_t *sums, int32_t zero, const int32_t *weight_sums,
			   const float *scales, bool first, int64_t count, float *acc);
	/* y[i] = fma(acc[i], scale, bias[i]); bias NULL: the product alone. */
	void (*finish)(const float *acc, float scale, const float *bias, int64_t count, float *y);
	/* Adds count elements, which stand in a block from `first` on: of e = back - x, e * inverse
	 * (steps), x (signal), back (output) and x * back. */
	void (*errors)(const float *x, const float *back, int64_t first, int64_t count,
		       double inverse, struct loop_errors *sums);
	/* Adds a block of a layer's outputs, from its beginning on; most: of the cumulative. */
	void (*layer)(const float *x, const float *isolated, const float *cumulative,
		      const float *integer, int64_t count, struct loop_layer *sums);
	/* The largest |a - b|, and at how many places they differ. */
	int (*gap)(const uint8_t *a, const uint8_t *b, int64_t count, uint64_t *different);
	/* Adds to *fit, by inverse = 1 / scale and in float32 over a few hundred values at a time:
	 * good to about 1e-6.  |q| < 2^22. */
	void (*fit)(const float *x, int64_t count, float inverse, struct loop_fit *fit);
	/* The sum of squared differences between x and what simulate makes of it; infinite where
	 * that is. */
	double (*squared_error)(const float *x, int64_t count, const struct loop_grid *grid);
	/* The least and the greatest, 0 among them; false: one is no number, or infinite. */
	bool (*range)(const float *x, int64_t count, float *low, float *high);
	/* place[i] = 1 + roundf(x[i] / width - first), 0 and last + 2 of what lies further out;
	 * last < 2^16 - 2. */
	void (*bucket_places)(const float *x, int64_t count, float width, float first, float last,
			      uint16_t *place);
	/* Errors x - point[lane] of the buckets from <= j < to whose middle x lies above the point,
	 * of `side` -1 below it.  A difference that is no number counts. */
	void (*point_errors)(const struct loop_buckets *buckets, int32_t from, int32_t to,
			     float side, const float *point, float *sums);
	/* costs = penalty + sum of errors x - delta * (roundf(x / delta - offset) + offset).  Once
	 * all are above `most` they may lack what is left: too low then, but above. */
	void (*grid_errors)(const struct loop_buckets *buckets,
			    const struct loop_bucket_grids *grids, float most, float *costs);
};

extern const struct loops loops_ref, loops_avx2, loops_avx512bw;
/* Plain to fine, ended by NULL: those that this build has. */
extern const struct loops *const loops_table[];
/* The last of the table that the processor runs. */
const struct loops *loops_best(void);

#endif

/* SPDX-License-Identifier: MIT
 *
 * The sum of two edges of one shape.
 *
 * Float: one addition, then ReLU.  Integer: the code that two codes give, by the mode, worked out
 * once for all pairs where it is slow:
 *
 *   float     fma(b - z_b, m_b, (a - z_a) * m_a) in float32, m = (float)(s / s_y), then round
 *   q31_*     TensorFlow Lite's ADD: both sides << 20 and scaled by s / (2 max s), their sum by
 *             2 max s / (2^20 s_y), all three as the mode scales a sum
 *   rndnu     XNNPACK's vadd: multipliers of 21 bits with one shift, ties upward
 *   shift     exact, by the powers of two, then one rounding
 *
 * Where a range is dynamic both sides are decoded: one float addition, then codes.
 *
 * Sources: tensorflow/tflite-micro, tensorflow/lite/kernels/internal/reference/add.h and
 * micro/kernels/add_common.cc; google/XNNPACK, src/microparams-init.c (xnn_init_qs8_add_minmax_*)
 * and src/qs8-vadd/scalar.c.in.
 */
#include "execute_parts.h"

/* TensorFlow Lite's left_shift; bits of XNNPACK's greater multiplier; the powers of `shift`. */
enum { ADD_LEFT_SHIFT = 20, ADD_MULTIPLIER_BITS = 20, ADD_POWERS = 24 };

struct adder {
	enum qs_requantize mode;
	enum qs_round round;
	int32_t zero_a, zero_b; /* of u8 codes                                           */
	struct code_range out;
	float scale_a, scale_b;          /* float: in steps of the output                 */
	struct qs_requantizer a, b, sum; /* q31_*                                        */
	int64_t multiplier_a, multiplier_b;      /* rndnu, shift: whole, exact           */
	int shift;              /* right where > 0                                       */
};

int run_add_float(struct layer_run *run, struct error *error)
{
	const int64_t count = run->batch * run->out_edge->elements;
	const float *a = run->in[0]->values, *b = run->in[1]->values;
	float *y = run->out->values;

	(void)error;
	for (int64_t i = 0; i < count; i++)
		y[i] = a[i] + b[i];
	clamp_values(run->layer, y, count);
	return 0;
}

static bool make_float(struct adder *adder, double ratio_a, double ratio_b)
{
	adder->scale_a = (float)ratio_a;
	adder->scale_b = (float)ratio_b;
	return isfinite(adder->scale_a) && isfinite(adder->scale_b);
}

static bool make_q31(struct adder *adder, double scale_a, double scale_b, double scale_y)
{
	const double twice = 2 * (scale_a > scale_b ? scale_a : scale_b);

	return qs_requantizer_make(&adder->a, adder->mode, adder->round, scale_a / twice) &&
	       qs_requantizer_make(&adder->b, adder->mode, adder->round, scale_b / twice) &&
	       qs_requantizer_make(&adder->sum, adder->mode, adder->round,
				   twice / ((double)(1 << ADD_LEFT_SHIFT) * scale_y));
}

/* The float32 quotients, as XNNPACK takes them: a quotient of two float32 that was rounded to
 * double rounds to the same float32. */
static bool make_rndnu(struct adder *adder, double ratio_a, double ratio_b)
{
	const float a = (float)ratio_a, b = (float)ratio_b, most = a > b ? a : b;
	int exponent;

	if (!(a >= 0x1p-10F && a < 0x1p8F && b >= 0x1p-10F && b < 0x1p8F))
		return false;
	frexpf(most, &exponent);
	adder->shift = ADD_MULTIPLIER_BITS - (exponent - 1);
	adder->multiplier_a = lrintf(ldexpf(a, adder->shift));
	adder->multiplier_b = lrintf(ldexpf(b, adder->shift));
	return true;
}

static bool make_shift(struct adder *adder, double ratio_a, double ratio_b)
{
	int a, b;

	if (frexp(ratio_a, &a) != 0.5 || frexp(ratio_b, &b) != 0.5)
		return false;
	a--;
	b--;
	if (a > ADD_POWERS || a < -ADD_POWERS || b > ADD_POWERS || b < -ADD_POWERS)
		return false;
	const int least = a < b ? a : b;
	adder->multiplier_a = INT64_C(1) << (a - least);
	adder->multiplier_b = INT64_C(1) << (b - least);
	adder->shift = -least;
	return true;
}

static int64_t add_q31(const struct adder *adder, int32_t a, int32_t b)
{
	const int32_t left = qs_requantize_value(&adder->a, a * (1 << ADD_LEFT_SHIFT));
	const int32_t right = qs_requantize_value(&adder->b, b * (1 << ADD_LEFT_SHIFT));

	return qs_requantize_value(&adder->sum, left + right);
}

/* |a|, |b| <= 255; the rounded sum in steps of the output. */
static int64_t add_steps(const struct adder *adder, int32_t a, int32_t b)
{
	const int64_t exact = a * adder->multiplier_a + b * adder->multiplier_b;

	switch (adder->mode) {
	case QS_REQUANTIZE_Q31_DOUBLE:
	case QS_REQUANTIZE_Q31_SINGLE:
	case QS_REQUANTIZE_Q31_TIES_UP:
		return add_q31(adder, a, b);
	case QS_REQUANTIZE_RNDNU:
		return qs_shift_half_up(exact, adder->shift);
	case QS_REQUANTIZE_SHIFT:
		if (adder->shift <= 0)
			return exact * (INT64_C(1) << -adder->shift);
		return adder->round == QS_HALF_AWAY ? qs_shift_half_away(exact, adder->shift)
						    : qs_shift_half_even(exact, adder->shift);
	default:
		break;
	}
	const float q = fmaf((float)b, adder->scale_b, (float)a * adder->scale_a);
	const float rounded = adder->round == QS_HALF_AWAY ? roundf(q) : rintf(q);

	return rounded < -0x1p31F ? INT32_MIN : rounded >= 0x1p31F ? INT32_MAX : (int64_t)rounded;
}

static bool adder_make(struct adder *adder, const struct prepared_layer *p,
		       const struct layer *layer)
{
	const double scale_a = (double)p->in[0].scale, scale_b = (double)p->in[1].scale;
	const double scale_y = (double)p->out.scale;

	*adder = (struct adder){
		.mode = p->mode, .round = p->round,
		.zero_a = code_range(&p->in[0].grid, false).zero,
		.zero_b = code_range(&p->in[1].grid, false).zero,
		.out = output_codes(layer, &p->out),
	};
	switch (p->mode) {
	case QS_REQUANTIZE_Q31_DOUBLE:
	case QS_REQUANTIZE_Q31_SINGLE:
	case QS_REQUANTIZE_Q31_TIES_UP:
		return make_q31(adder, scale_a, scale_b, scale_y);
	case QS_REQUANTIZE_RNDNU:
		return make_rndnu(adder, scale_a / scale_y, scale_b / scale_y);
	case QS_REQUANTIZE_SHIFT:
		return make_shift(adder, scale_a / scale_y, scale_b / scale_y);
	default:
		return make_float(adder, scale_a / scale_y, scale_b / scale_y);
	}
}

/* The mode float is computed anew for each pair where an instruction does a fma: a table of all
 * pairs does not fit into a first-level cache. */
static bool has_loop(const struct adder *adder)
{
	return adder->mode == QS_REQUANTIZE_FLOAT && loops_best()->needs &&
	       adder->scale_a < LOOP_ADDER_MOST && adder->scale_b < LOOP_ADDER_MOST;
}

int prepare_add_integer(struct layer_preparing *preparing, struct error *error)
{
	struct prepared_layer *p = preparing->prepared;
	struct adder adder;
	const struct code_range *out = &adder.out;

	if (p->through_float)
		return 0;
	if (!adder_make(&adder, p, preparing->layer))
		return no_integer(preparing, "its requantization cannot express an addition of the "
				  "scales %.9g and %.9g to %.9g", (double)p->in[0].scale,
				  (double)p->in[1].scale, (double)p->out.scale);
	if (has_loop(&adder)) {
		p->has_adder = true;
		p->adder = (struct loop_adder){
			.scale_a = adder.scale_a, .scale_b = adder.scale_b,
			.zero_a = adder.zero_a, .zero_b = adder.zero_b, .zero = out->zero,
			.low = out->low, .high = out->high, .round = adder.round,
		};
		return 0;
	}
	p->sum_codes = env_new(preparing->env, 256 * 256, 1, "codes of an addition", error);
	if (!p->sum_codes)
		return -1;
	for (int32_t a = 0; a < 256; a++) {
		for (int32_t b = 0; b < 256; b++) {
			const int64_t code = out->zero + add_steps(&adder, a - adder.zero_a,
								   b - adder.zero_b);

			p->sum_codes[a * 256 + b] = (uint8_t)(code < out->low ? out->low :
							      code > out->high ? out->high : code);
		}
	}
	return 0;
}

static void add_sample(const struct layer_run *run, int64_t sample)
{
	const int64_t elements = run->out_edge->elements, from = sample * elements;
	const uint8_t *a = run->in[0]->codes + from, *b = run->in[1]->codes + from;
	const struct sample_grid grid_a = run->in[0]->grids[sample];
	const struct sample_grid grid_b = run->in[1]->grids[sample];
	float *y = run->out->values + from;

	for (int64_t i = 0; i < elements; i++) {
		const float sum = (float)(a[i] - grid_a.zero) * grid_a.scale +
				  (float)(b[i] - grid_b.zero) * grid_b.scale;

		y[i] = clamped(run->layer, sum);
	}
}

int run_add_integer(struct layer_run *run, struct error *error)
{
	const int64_t count = run->batch * run->out_edge->elements;
	const uint8_t *a = run->in[0]->codes, *b = run->in[1]->codes;
	const uint8_t *sum_codes = run->prepared->sum_codes;

	(void)error;
	if (run->prepared->has_adder) {
		loops_best()->add(&run->prepared->adder, a, b, count, run->out->codes);
		return 0;
	}
	for (int64_t s = 0; run->prepared->through_float && s < run->batch; s++)
		add_sample(run, s);
	for (int64_t i = 0; !run->prepared->through_float && i < count; i++)
		run->out->codes[i] = sum_codes[a[i] * 256 + b[i]];
	return 0;
}

/* SPDX-License-Identifier: MIT
 *
 * Rows of the extreme style are all greatest, all least, alternating and mixed in turn, so that
 * every corner of the range of a sum is met.
 */
#include "workload_values.h"

#include "../conv.h"
#include "../axes/tables.h"
#include "../random.h"

#include <math.h>

#define COUNT(array) (sizeof(array) / sizeof *(array))

float values_near_one(uint32_t word)
{
	return ((float)(int32_t)(word >> 8) - 8388607.5f) * 0x1p-23f;
}

/* A power of 2 near x, where the mode takes no other scale. */
static float allowed(const struct workload_spec *spec, float x)
{
	int exponent;

	if (!workload_requantizes(spec->like) || spec->requantize != QS_REQUANTIZE_SHIFT)
		return x;
	(void)frexpf(x, &exponent);
	return ldexpf(1, exponent);
}

/* Products of these with a sum, and of two of them, stay finite: no NaN has to be compared. */
float values_scale(const struct workload_spec *spec, uint64_t index)
{
	static const float of_codes[] = { 1, 0.5f, 0x1p-10f, 1e-40f, 1e38f, 0.1f, 0x1p-149f,
					  0.011764706f, 4 };
	static const float of_sums[] = { 1, 0.5f, 0x1p-10f, 1e-40f, 1e10f, 0.1f, 0x1p-149f,
					 0.011764706f, 4, 0x1p-126f, 0x1.fffffep-123f };

	if (workload_requantizes(spec->like) || spec->style != WORKLOAD_EXTREME)
		return allowed(spec, 0.05f + 0.04f * values_near_one(random_at(spec->seed,
							STREAM_SCALES, index).word[0]));
	return op_is_product(spec->like->op) ? of_sums[(spec->seed + index) % COUNT(of_sums)]
					     : of_codes[(spec->seed + index) % COUNT(of_codes)];
}

/* How large sums are, about. */
static double sum_size(const struct workload_spec *spec)
{
	int64_t m, n, k = spec->k;

	if (spec->conv.batch)
		conv_sizes(&spec->conv, &m, &n, &k);
	return op_is_product(spec->like->op) ? 1e4 * sqrt((double)k) : 0x1p30;
}

float values_unit(const struct workload_spec *spec, uint64_t index)
{
	const struct random4 random = random_at(spec->seed, STREAM_SCALES, index);
	const float mantissa = 1 + (float)(random.word[0] >> 16) * 0x1p-16f;
	/* powers of 2 make ties, scales far off saturate or vanish; all within what rndnu takes */
	const int exponent = (int)(random.word[1] % 38) - 31;

	if (spec->style == WORKLOAD_EXTREME && random.word[2] & 1)
		return allowed(spec, ldexpf(random.word[2] & 2 ? mantissa : 1, exponent));
	return allowed(spec, mantissa * (float)(64 / sum_size(spec)));
}

/* Floats to be quantized: quotients that a rounding can get wrong, times the scale. */
static float extreme_quotient(uint32_t word)
{
	static const float quotients[] = {
		0, 0.5f, 1.5f, 2.5f, 0.49999997f, 0.50000006f, 1.4999999f, 63.5f, 126.5f, 127.5f,
		127.50001f, 128.5f, 254.5f, 255.5f, 256, 4194303.5f, 8388607.5f, 8388608, 8388609,
		1e9f, 2147483648.0f, 3e9f, 1e30f, INFINITY, 0x1p-149f, 0x1p-126f, 6.5f, 7.5f, 14.5f,
		32766.5f, 32767.5f, 3.4999998f,
	};
	const float q = quotients[(word >> 1) % COUNT(quotients)];

	return word & 1 ? -q : q;
}

/* Floats to be multiplied: of many magnitudes, denormals and zeros of both signs; no sum of fewer
 * than 2^40 products overflows. */
static float extreme_factor(uint32_t word)
{
	const float mantissa = 1 + (float)(word >> 16) * 0x1p-16f;
	const float sign = word & 1 ? -1 : 1;

	switch (word >> 1 & 7) {
	case 0: return sign * 0;
	case 1: return sign * mantissa * 0x1p-140f;
	case 2: return sign * mantissa * 0x1p-75f;
	case 3: return sign * mantissa * 0x1p40f;
	default: return sign * ldexpf(mantissa, (int)(word >> 4 & 31) - 16);
	}
}

static int64_t scale_at(const struct qs_operand *operand, int64_t columns, int64_t row,
			int64_t column)
{
	switch (operand->per) {
	case QS_PER_ROW: return row;
	case QS_PER_COLUMN: return column;
	case QS_PER_GROUP:
		return row * operand_scales(QS_PER_GROUP, operand->group, 1, columns) +
		       column / operand->group;
	default: return 0;
	}
}

static float make_float(const struct workload_spec *spec, const struct qs_task *task, int64_t row,
			int64_t column, uint32_t word)
{
	const struct qs_operand *y = &task->y;
	int32_t least, most;

	if (task->op == QS_DYNAMIC_QUANTIZE && spec->style == WORKLOAD_EXTREME)
		/* a row of one sign, of zeros alone, of few values: what a range hangs on */
		return row % 5 == 0   ? 0 * values_near_one(word)
		       : row % 5 == 1 ? fabsf(extreme_factor(word))
		       : row % 5 == 2 ? -fabsf(extreme_factor(word))
		       : row % 5 == 3 ? extreme_factor(word) * 0x1p-100f
				      : (float)((int32_t)(word % 511) - 255) * 0.5f;
	if (task->op != QS_QUANTIZE)
		return spec->style == WORKLOAD_EXTREME ? extreme_factor(word)
						       : values_near_one(word);
	const int64_t at = scale_at(y, task->k, row, column);
	if (spec->style == WORKLOAD_EXTREME)
		return extreme_quotient(word) * y->scale[at];
	type_range(y->type, &least, &most);
	const float middle = 0.5f * (float)(least + most) - (float)(y->zero ? y->zero[at] : 0);
	return y->scale[at] * (middle + 0.625f * (float)(most - least) * values_near_one(word));
}

/* The `bits` bits of a code at its place in the row's bit string. */
static void put_bits(uint8_t *row, int64_t column, int bits, int32_t code)
{
	for (int b = 0; b < bits; b++) {
		const int64_t at = column * bits + b;
		const uint8_t mask = (uint8_t)(1 << at % 8);

		row[at / 8] = (uint8_t)(code >> b & 1 ? row[at / 8] | mask : row[at / 8] & ~mask);
	}
}

static void put_code(const struct qs_operand *operand, void *data, int64_t row, int64_t column,
		     int32_t code)
{
	const int64_t index = row * operand->stride + column;
	const int bits = type_bits(operand->type);

	switch (operand->type) {
	case QS_S8:
	case QS_U8: ((uint8_t *)data)[index] = (uint8_t)code; return;
	case QS_S16: ((int16_t *)data)[index] = (int16_t)code; return;
	case QS_S32: ((int32_t *)data)[index] = code; return;
	case QS_S64: ((int64_t *)data)[index] = code; return;
	default: put_bits((uint8_t *)data + row * operand->stride * bits / 8, column, bits, code);
	}
}

/* code: where weights are not uniform. */
static int32_t make_code(const struct workload_spec *spec, int32_t (*code)(uint32_t),
			 int32_t least, int32_t most, int64_t row, int64_t column, uint32_t word)
{
	const uint64_t levels = (uint64_t)((int64_t)most - least);

	if (spec->style != WORKLOAD_EXTREME && code)
		return (int32_t)((int64_t)code(word) * most / 127);
	if (spec->style != WORKLOAD_EXTREME)
		return (int32_t)(least + (int64_t)((uint64_t)word * (levels + 1) >> 32));
	switch (row & 3) {
	case 0: return most;
	case 1: return least;
	case 2: return column & 1 ? most : least;
	default: return word & 1 ? most : least;
	}
}

/* Sums as a gemm leaves them, and on both sides of each tie: of `extreme` near the ends of s32, and
 * small ones. */
static int32_t make_sum(const struct workload_spec *spec, uint32_t word)
{
	const int32_t small = (int32_t)(word >> 3 & 1023) - 512;

	if (spec->style != WORKLOAD_EXTREME || (word & 7) > 3)
		return (int32_t)(word << (word & 7) >> (word & 7) ^ word << 16);
	switch (word & 3) {
	case 0: return INT32_MAX - (int32_t)(word >> 3 & 255);
	case 1: return INT32_MIN + (int32_t)(word >> 3 & 255);
	case 2: return small * (1 << 20);
	default: return small;
	}
}

void values_fill(const struct workload_spec *spec, const struct qs_task *task,
		 const struct qs_operand *operand, int64_t rows, void *data, enum stream stream)
{
	struct random4 random = { { 0 } };
	uint64_t drawn = 0;
	int32_t least = 0, most = 0;
	const bool codes = type_range(operand->type, &least, &most);
	const int64_t columns = stream == STREAM_A ? task_a_columns(task) : task->k;

	const struct value *values = stream == STREAM_W ? spec->w_values : NULL;
	int32_t (*const code)(uint32_t) = values ? weight_values_of(values)->code : NULL;

	if (stream == STREAM_W && spec->w_bits && spec->w_bits < type_bits(operand->type)) {
		most = (1 << (spec->w_bits - 1)) - 1;
		least = -most - 1;
	}
	for (int64_t row = 0; row < rows; row++)
		for (int64_t column = 0; column < columns; column++, drawn++) {
			uint32_t word;

			if (drawn % 4 == 0)
				random = random_at(spec->seed, stream, drawn / 4);
			word = random.word[drawn % 4];
			if (!codes)
				((float *)data)[row * operand->stride + column] =
					make_float(spec, task, row, column, word);
			else if (task->op == QS_REQUANTIZE)
				put_code(operand, data, row, column, make_sum(spec, word));
			else
				put_code(operand, data, row, column,
					 make_code(spec, code, least, most, row, column, word));
		}
}

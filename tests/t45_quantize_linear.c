/* SPDX-License-Identifier: MIT
 *
 * Codes and what they mean against ONNX QuantizeLinear and DequantizeLinear of all integer types, per
 * tensor, along both axes and in blocks (golden/quantize_linear.csv, where both programs that made it
 * are named): the map of kernels/affine.h, the format `int`, the loops of every instruction set, and
 * every kernel of the types that have one.  The scheme `asymmetric` of 8 bits under minmax against
 * DynamicQuantizeLinear.
 */
#include "support.h"

#include "golden.h"
#include "kernel_calls.h"

#include "../harness/calibrate/calibrate.h"
#include "../harness/loops/loops.h"
#include "../kernels/affine.h"

enum { MOST = 512 };

/* A line of the table; scale_of: which scale an element has. */
struct line {
	const char *what, *types, *per;
	int64_t rows, columns, block, scales;
	float scale[MOST], x[MOST], value[MOST];
	int32_t zero[MOST], code[MOST], low, high;
	int64_t scale_of[MOST];
};

static int kernel_runs, dynamic_steps[2];

static uint32_t bits_of(float x)
{
	uint32_t bits;

	memcpy(&bits, &x, sizeof bits);
	return bits;
}

static void check(const struct line *line, const char *by, int64_t i, int32_t code, float value)
{
	if (code != line->code[i])
		fail_msg("%s %s per %s, %s: x[%d] = %a gives %d, truth %d", by, line->types,
			 line->per, line->what, (int)i, (double)line->x[i], code, line->code[i]);
	if (bits_of(value) != bits_of(line->value[i]))
		fail_msg("%s %s per %s, %s: code %d means %a, truth %a", by, line->types, line->per,
			 line->what, code, (double)value, (double)line->value[i]);
}

static int64_t scale_of(const struct line *line, int64_t row, int64_t column)
{
	const int64_t groups = line->block ? (line->columns + line->block - 1) / line->block : 1;

	if (!strcmp(line->per, "row"))
		return row;
	if (!strcmp(line->per, "column"))
		return column;
	if (!strcmp(line->per, "block"))
		return row * groups + column / line->block;
	if (!strcmp(line->per, "block_of_rows"))
		return row / line->block * line->columns + column;
	return 0;
}

static void read_line(struct line *line, char *const *fields)
{
	static double numbers[GOLDEN_VALUES];
	const int bits = (int)strtol(fields[1] + 1, NULL, 10);
	int64_t all;

	*line = (struct line){ .what = fields[0], .types = fields[1], .per = fields[2] };
	line->low = *fields[1] == 'u' ? 0 : -(1 << (bits - 1));
	line->high = line->low + (1 << bits) - 1;
	line->rows = strtol(fields[3], NULL, 10);
	line->columns = strtol(fields[4], NULL, 10);
	line->block = strtol(fields[5], NULL, 10);
	all = line->rows * line->columns;
	line->scales = golden_numbers(fields[6], numbers);
	assert_true(all <= MOST && line->scales <= MOST);
	for (int64_t i = 0; i < line->scales; i++)
		line->scale[i] = (float)numbers[i];
	assert_int_equal(golden_numbers(fields[7], numbers), line->scales);
	for (int64_t i = 0; i < line->scales; i++)
		line->zero[i] = (int32_t)numbers[i];
	assert_int_equal(golden_numbers(fields[8], numbers), all);
	for (int64_t i = 0; i < all; i++)
		line->x[i] = (float)numbers[i];
	assert_int_equal(golden_numbers(fields[9], numbers), all);
	for (int64_t i = 0; i < all; i++)
		line->code[i] = (int32_t)numbers[i];
	assert_int_equal(golden_numbers(fields[10], numbers), all);
	for (int64_t i = 0; i < all; i++) {
		line->value[i] = (float)numbers[i];
		line->scale_of[i] = scale_of(line, i / line->columns, i % line->columns);
	}
}

/* Element by element, whatever its neighbours' scales are. */
static void by_the_format(const struct line *line)
{
	const struct format *format = format_of(value_find(format_values, "int"));

	for (int64_t i = 0; i < line->rows * line->columns; i++) {
		const int64_t at = line->scale_of[i];
		const struct grid grid = { (double)line->scale[at], line->zero[at], line->low,
					   line->high };
		struct tally tally = { 0 };
		int32_t code;
		float back;

		code = qs_affine_code(line->x[i], line->scale[at], grid.zero, grid.low, grid.high,
				      QS_HALF_EVEN);
		check(line, "affine.h", i, code,
		      qs_affine_value(code, line->scale[at], grid.zero));
		format->encode(&line->x[i], 1, &grid, line->scale[at], QS_HALF_EVEN, &code);
		format->simulate(&line->x[i], 1, &grid, line->scale[at], QS_HALF_EVEN, &back,
				 &tally);
		check(line, "int", i, code, back);
	}
}

/* All elements at once, of every instruction set. */
static void by_the_loops(const struct line *line)
{
	const struct loop_grid grid = { line->scale[0], line->zero[0], line->low, line->high,
					QS_HALF_EVEN };
	const int64_t all = line->rows * line->columns;

	if (line->scales != 1)
		return;
	for (const struct loops *const *row = loops_table; *row; row++) {
		struct loop_tally tally = { 0 };
		float back[MOST];
		uint8_t codes[MOST];

		if ((*row)->needs & ~calls_env.cpu)
			continue;
		(*row)->simulate(line->x, all, &grid, back, &tally);
		(*row)->encode(line->x, all, &grid, -line->low, codes);
		for (int64_t i = 0; i < all; i++)
			check(line, "loops", i,
			      line->high - line->low < 256 ? codes[i] + line->low : line->code[i],
			      back[i]);
	}
}

/* What the kernels' types end on, or NULL: they have no such scales. */
static const char *kernel_ending(const struct line *line, struct qs_operand *operand)
{
	operand->scale = line->scale;
	operand->zero = line->zero;
	operand->scales = line->scales;
	operand->per = QS_PER_TENSOR;
	if (!strcmp(line->per, "row"))
		operand->per = QS_PER_ROW;
	if (!strcmp(line->per, "column"))
		operand->per = QS_PER_COLUMN;
	if (!strcmp(line->per, "block"))
		operand->per = QS_PER_GROUP;
	operand->group = operand->per == QS_PER_GROUP ? line->block : 0;
	if (operand->per == QS_PER_COLUMN)
		return "_channel";
	if (!line->block)
		return "";
	return operand->per == QS_PER_GROUP && line->block == 32 ? "_g32" : NULL;
}

static int32_t code_at(enum qs_type type, const uint8_t *bytes, int64_t at)
{
	const int32_t nibble = bytes[at / 2] >> (at % 2 ? 4 : 0) & 15;
	int16_t word;

	switch (type) {
	case QS_U8: return bytes[at];
	case QS_S8: return (int8_t)bytes[at];
	case QS_U4: return nibble;
	case QS_S4: return nibble < 8 ? nibble : nibble - 16;
	default: memcpy(&word, bytes + 2 * at, sizeof word); return word;
	}
}

/* There, and back from the kernel's own packed codes. */
static void by_the_kernels(const struct line *line)
{
	struct qs_operand operand = { 0 };
	const char *ending = kernel_ending(line, &operand);
	const struct qs_kernel *quantize, *dequantize;
	char there[32], back[32];

	if (!ending)
		return;
	snprintf(there, sizeof there, "f32%s%s", line->types, ending);
	snprintf(back, sizeof back, "%sf32%s", line->types, ending);
	for (size_t at = 0; (quantize = calls_next(&at, QS_QUANTIZE, there));) {
		uint8_t packed[4 * MOST] = { 0 };
		float value[MOST];
		struct qs_task task;

		task_plain(&task, quantize, line->rows, 1, line->columns);
		operand.type = task.y.type;
		operand.stride = task.y.stride;
		task.y = operand;
		calls_run(quantize, &task, line->x, NULL, packed);
		for (size_t from = 0; (dequantize = calls_next(&from, QS_DEQUANTIZE, back));) {
			task_plain(&task, dequantize, line->rows, 1, line->columns);
			task.a = operand;
			calls_run(dequantize, &task, packed, NULL, value);
			for (int64_t i = 0; i < line->rows * line->columns; i++)
				check(line, quantize->name, i,
				      code_at(operand.type, packed,
					      i / line->columns * operand.stride +
						      i % line->columns),
				      value[i]);
			kernel_runs++;
		}
	}
}

static bool operator_is_dynamic(char *const *fields)
{
	return !strcmp(fields[2], "dynamic");
}

static void each_static(char *const *fields)
{
	static struct line line;

	if (operator_is_dynamic(fields))
		return;
	read_line(&line, fields);
	by_the_format(&line);
	by_the_loops(&line);
	by_the_kernels(&line);
}

static void codes_are_those_of_onnx(void **state)
{
	(void)state;
	assert_int_equal(golden_lines("quantize_linear.csv", each_static), 170);
	/* 13 to 16 lines of 5 types, two kernels at least there and one back */
	assert_true(kernel_runs >= 13 * 5);
}

/* Ours: the scale in double, rounded once.  ONNX: float32 throughout, so that its scale may be the
 * next float (`apart`, from numpy); where it is not, all bits are equal but for zero points next to a
 * tie, of which one line tells. */
static void each_dynamic(char *const *fields)
{
	static struct line line;
	struct rule rule = { 0 };
	struct slice_room room;
	struct error error;

	if (!operator_is_dynamic(fields))
		return;
	read_line(&line, fields);
	const int apart = (int)strtol(fields[11], NULL, 10);
	const int other_zero = !strcmp(line.what, "another zero point");

	rule.scheme = value_find(scheme_values, "asymmetric");
	rule.scale = value_find(scale_values, "real");
	rule.calibration = value_find(calibration_values, "minmax");
	rule.bits = 8;
	assert_int_equal(slice_room_new(&room, &calls_env, line.columns, &error), 0);
	const struct slice slice = slice_of(&room, line.x, line.columns);
	const struct chosen chosen = rule_choose(&rule, QS_HALF_EVEN, &slice);

	slice_room_free(&room);
	assert_null(chosen.reason);
	assert_int_equal(abs((int)(bits_of(chosen.scale) - bits_of(line.scale[0]))), apart);
	assert_int_equal(abs(chosen.grid.zero - line.zero[0]), other_zero);
	dynamic_steps[apart]++;
	for (int64_t i = 0; i < line.columns && !apart && !other_zero; i++) {
		const int32_t code = qs_affine_code(line.x[i], chosen.scale, chosen.grid.zero,
						    chosen.grid.low, chosen.grid.high,
						    QS_HALF_EVEN);

		check(&line, "asymmetric", i, code,
		      qs_affine_value(code, chosen.scale, chosen.grid.zero));
	}
}

static void dynamic_ranges_are_those_of_onnx(void **state)
{
	(void)state;
	golden_lines("quantize_linear.csv", each_dynamic);
	assert_true(dynamic_steps[0] >= 13 && dynamic_steps[1] >= 8);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(codes_are_those_of_onnx),
		cmocka_unit_test(dynamic_ranges_are_those_of_onnx),
	};

	return cmocka_run_group_tests(tests, calls_open, calls_close);
}

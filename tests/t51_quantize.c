/* SPDX-License-Identifier: MIT
 *
 * Quantize and dequantize of every code type and granularity: every kernel against ONNX's reference
 * (golden/elementwise.csv) and examples by hand; products for divisions at all ties of scales on
 * both sides of the proof; what has no quotient; long results, which go past the caches; units.
 */
#include "support.h"

#include "golden.h"
#include "kernel_calls.h"

#include "../kernels/quantize/quantize_product.h"

static const char *const codes[] = { "u8", "s8", "u4", "s4", "s16" };
static const char *const ends[] = { "", "_channel", "_g32", "_g64", "_g128" };
enum {
	CODES = sizeof codes / sizeof *codes,
	ENDS = sizeof ends / sizeof *ends,
};

static uint32_t random_word;

/* Numbers in no order, the same for all kernels. */
static uint32_t next_word(void)
{
	random_word = random_word * 1664525U + 1013904223U;
	return random_word >> 8;
}

static float float_of(uint32_t bits)
{
	float x;

	memcpy(&x, &bits, sizeof x);
	return x;
}

static uint32_t bits_of(float x)
{
	uint32_t bits;

	memcpy(&bits, &x, sizeof bits);
	return bits;
}

static int64_t bytes_of(enum qs_type type, int64_t elements)
{
	return (elements * type_bits(type) + 7) / 8;
}

static int32_t code_at(enum qs_type type, const void *codes_in, int64_t at)
{
	const uint8_t *bytes = codes_in;
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

static void put_code(enum qs_type type, void *codes_in, int64_t at, int32_t code)
{
	uint8_t *bytes = codes_in;
	const int16_t word = (int16_t)code;

	if (type_bits(type) == 8)
		bytes[at] = (uint8_t)code;
	else if (type_bits(type) == 16)
		memcpy(bytes + 2 * at, &word, sizeof word);
	else
		bytes[at / 2] = (uint8_t)(at % 2 ? (bytes[at / 2] & 15) | (code & 15) * 16 : code & 15);
}

/* What the scales are per, by a name of the table or of a kernel's end. */
static void set_per(struct qs_operand *operand, const char *name, int64_t scales)
{
	operand->scales = scales;
	operand->group = 0;
	if (strchr(name, 'g') && strcmp(name, "_channel")) {
		operand->per = QS_PER_GROUP;
		operand->group = strtol(strchr(name, 'g') + 1, NULL, 10);
	} else {
		operand->per = !strcmp(name, "column") || !strcmp(name, "_channel") ? QS_PER_COLUMN
			       : !strcmp(name, "row")				    ? QS_PER_ROW
										    : QS_PER_TENSOR;
	}
}

static double numbers[5][GOLDEN_VALUES];

/* types, per, rows, columns, scales, zeros, sixteenths of x, codes, values. */
static void each_golden(char *const *fields)
{
	const char *suffix = !strcmp(fields[1], "column") ? "_channel" : "";
	const int64_t m = strtol(fields[2], NULL, 10), k = strtol(fields[3], NULL, 10);
	float scale[256], x[512];
	int32_t zero[256];
	char types[32], group[16];
	const struct qs_kernel *kernel;
	int64_t scales;

	for (int i = 4; i < 9; i++)
		golden_numbers(fields[i], numbers[i - 4]);
	scales = golden_numbers(fields[4], numbers[0]);
	for (int64_t i = 0; i < scales; i++) {
		scale[i] = (float)numbers[0][i];
		zero[i] = (int32_t)numbers[1][i];
	}
	for (int64_t i = 0; i < m * k; i++)
		x[i] = (float)(numbers[2][i] / 16);
	snprintf(group, sizeof group, "_%s", fields[1]);
	if (*fields[1] == 'g')
		suffix = group;
	snprintf(types, sizeof types, "f32%s%s", fields[0], suffix);
	for (size_t at = 0; (kernel = calls_next(&at, QS_QUANTIZE, types));) {
		struct qs_task task;
		uint8_t y[1024] = { 0 };

		task_plain(&task, kernel, m, 1, k);
		task.y.scale = scale;
		task.y.zero = zero;
		set_per(&task.y, fields[1], scales);
		calls_run(kernel, &task, x, NULL, y);
		for (int64_t i = 0; i < m * k; i++) {
			const int64_t place = i / k * task.y.stride + i % k;
			const int32_t code = code_at(kernel->y, y, place);

			if (code != (int32_t)numbers[3][i])
				fail_msg("%s per %s: x[%d] = %.9g gives %d, truth %g", kernel->name,
					 fields[1], (int)i, (double)x[i], (int)code, numbers[3][i]);
		}
	}
	snprintf(types, sizeof types, "%sf32%s", fields[0], suffix);
	for (size_t at = 0; (kernel = calls_next(&at, QS_DEQUANTIZE, types));) {
		struct qs_task task;
		uint8_t a[1024] = { 0 };
		float y[512];

		task_plain(&task, kernel, m, 1, k);
		task.a.scale = scale;
		task.a.zero = zero;
		set_per(&task.a, fields[1], scales);
		for (int64_t i = 0; i < m * k; i++)
			put_code(kernel->a, a, i / k * task.a.stride + i % k,
				 (int32_t)numbers[3][i]);
		calls_run(kernel, &task, a, NULL, y);
		for (int64_t i = 0; i < m * k; i++)
			if (bits_of(y[i]) != bits_of((float)numbers[4][i]))
				fail_msg("%s per %s: code %g gives %.9g, truth %.9g", kernel->name,
					 fields[1], numbers[3][i], (double)y[i], numbers[4][i]);
	}
}

static void onnx_says_the_same(void **state)
{
	(void)state;
	assert_int_equal(golden_lines("elementwise.csv", each_golden), CODES * 6);
}

/* By hand: scale 0.5, so that every odd quarter is a tie; two codes a byte, the odd end's high half
 * 0; a NaN is the least code of the clamp, infinities clip. */
static void examples_by_hand(void **state)
{
	static const float x[7] = { 0.25F, 0.75F, -0.25F, -0.75F, NAN, INFINITY, -INFINITY };
	static const struct {
		enum qs_round round;
		uint8_t s4[4], u4[4];
		int16_t s16[7];
	} truth[QS_ROUNDS] = {
		/* s4, zero -1, clamp -6 .. 5: -1 1 -1 -3 -6 5 -6 */
		{ QS_HALF_EVEN, { 0x1f, 0xdf, 0x5a, 0x0a }, { 0x53, 0x13, 0xe1, 0x01 },
		  { 100, 102, 100, 98, -32768, 32767, -32768 } },
		{ QS_HALF_AWAY, { 0x10, 0xde, 0x5a, 0x0a }, { 0x54, 0x12, 0xe1, 0x01 },
		  { 101, 102, 99, 98, -32768, 32767, -32768 } },
	};
	static const float scale = 0.5F;
	static const int32_t zeros[3] = { -1, 3, 100 };
	static const int32_t low[3] = { -6, 1, -32768 }, high[3] = { 5, 14, 32767 };
	static const char *const types[3] = { "f32s4", "f32u4", "f32s16" };
	const struct qs_kernel *kernel;

	(void)state;
	for (int c = 0; c < 3; c++)
		for (size_t i = 0, at = 0; i < QS_ROUNDS; i++, at = 0)
			while ((kernel = calls_next(&at, QS_QUANTIZE, types[c]))) {
				const void *wanted = c == 0   ? (const void *)truth[i].s4
						     : c == 1 ? (const void *)truth[i].u4
							      : (const void *)truth[i].s16;
				uint8_t y[16];
				struct qs_task task;

				memset(y, 0xee, sizeof y);
				task_plain(&task, kernel, 1, 1, 7);
				task.y.scale = &scale;
				task.y.zero = &zeros[c];
				task.round = truth[i].round;
				task.low = low[c];
				task.high = high[c];
				calls_run(kernel, &task, x, NULL, y);
				if (memcmp(y, wanted, c < 2 ? 4 : 14))
					fail_msg("%s, rounding %d", kernel->name, (int)i);
				assert_int_equal(y[c < 2 ? 4 : 14], 0xee);
			}
}

/* A scale that the products' proof leaves out, and the x for which a product would be the tie 3432.5
 * and so 3432, while x / scale in exact fractions is nearer to the float above, which is 3433. */
static void a_product_would_be_wrong(void **state)
{
	static const float scale = 0x1.5a1ffep+0F, x[3] = { 0x1.220eap+12F, -0x1.220eap+12F, 1 };
	const float inverse = 1 / scale;
	const struct qs_kernel *kernel;

	(void)state;
	assert_true(fmaf(*x, inverse, *x * (fmaf(-scale, inverse, 1) * inverse)) == 3432.5F);
	for (size_t at = 0; (kernel = calls_next(&at, QS_QUANTIZE, "f32s16"));) {
		struct qs_task task;
		int16_t y[3];

		task_plain(&task, kernel, 1, 1, 3);
		task.y.scale = &scale;
		calls_run(kernel, &task, x, NULL, y);
		assert_int_equal(y[0], 3433);
		assert_int_equal(y[1], -3433);
		assert_int_equal(y[2], 1);
	}
}

/* Runs a kernel and the reference of its types on the same operands. */
static void same_as_reference(const struct qs_kernel *kernel, const struct qs_task *task,
			      const void *a, void *y, void *expected, int64_t bytes)
{
	char types[64];
	const struct qs_kernel *reference;

	kernel_types(types, sizeof types, kernel);
	reference = kernel_reference(&calls_libraries, kernel->op, types);
	memset(expected, 0xa5, (size_t)bytes);
	calls_run(reference, task, a, NULL, expected);
	memset(y, 0xa5, (size_t)bytes);
	calls_run(kernel, task, a, NULL, y);
	for (int64_t i = 0; i < bytes; i++)
		if (((uint8_t *)y)[i] != ((uint8_t *)expected)[i])
			fail_msg("%s: byte %lld of %lld is %d, reference %d", kernel->name,
				 (long long)i, (long long)bytes, ((uint8_t *)y)[i],
				 ((uint8_t *)expected)[i]);
}

/* Scales of which the products' proof says yes or no, among them those at its bound: the low bits of
 * the significand are -8 .. 8.  Each meets the floats next to its ties, from which alone a product
 * and a division could go apart. */
static void products_are_divisions(void **state)
{
	enum { TIES = 128, NEAR = 5, HIGHER = 40, LOWER = 17 };
	static float x[HIGHER * LOWER][TIES * NEAR];
	static uint8_t y[sizeof x], expected[sizeof x];
	static float scale[HIGHER * LOWER];
	static int32_t zero[HIGHER * LOWER];
	const struct qs_kernel *kernel;

	(void)state;
	for (size_t c = 0, at = 0; c < CODES; c++, at = 0) {
		char types[32];

		snprintf(types, sizeof types, "f32%s", codes[c]);
		while ((kernel = calls_next(&at, QS_QUANTIZE, types))) {
			const int64_t bits = type_bits(kernel->y);
			int32_t least, most;

			random_word = 7;
			type_range(kernel->y, &least, &most);
			for (int row = 0; row < HIGHER * LOWER; row++) {
				const uint32_t high = next_word() << (24 - bits) & 0x7fffff;
				const int low = row % LOWER - LOWER / 2;

				zero[row] = least + (int32_t)next_word() % (most - least + 1);
				scale[row] = float_of((0x3f800000U | high) + (uint32_t)low);
				for (int i = 0; i < TIES; i++) {
					const int32_t code = (int32_t)next_word() % (2 << bits);
					const float tie =
						(float)(code - (1 << bits)) + 0.5F;
					const uint32_t x_bits = bits_of(tie * scale[row]);

					for (int near = 0; near < NEAR; near++)
						x[row][i * NEAR + near] = float_of(
							x_bits + (uint32_t)near - NEAR / 2);
				}
			}
			for (int round = 0; round < QS_ROUNDS; round++) {
				struct qs_task task;

				task_plain(&task, kernel, HIGHER * LOWER, 1, TIES * NEAR);
				task.y.scale = scale;
				task.y.zero = zero;
				set_per(&task.y, "row", HIGHER * LOWER);
				task.round = (enum qs_round)round;
				same_as_reference(kernel, &task, x, y, expected,
						  bytes_of(kernel->y, HIGHER * LOWER * TIES * NEAR));
			}
		}
	}
}

/* What stands for division by a scale, at all ties between codes of 8 bits of any zero point; ties
 * are symmetric. */
static void try_scale(float scale)
{
	float inverse, rest;

	quantize_invert(scale, 8, &inverse, &rest);
	assert_int_equal(isnan(inverse), (bits_of(scale) & 0x7fffff) == 0x7fffff);
	if (isnan(inverse))
		return;
	for (int tie = 1; tie < 512; tie += 2)
		for (uint32_t near = 0; near < 5; near++) {
			const float x = float_of(bits_of((float)tie / 2 * scale) + near - 2);
			const float q = fmaf(x, inverse, x * rest), truth = x / scale;

			if (rintf(q) != rintf(truth) || roundf(q) != roundf(truth))
				fail_msg("scale %a: %a gives %a, truth %a", (double)scale,
					 (double)x, (double)q, (double)truth);
		}
}

/* All significands that the products' proof leaves out for 8 bits: the low 16 bits are -6 .. 6, not
 * 0.  The greatest has no inverse, as a product would be wrong.  In the middle and near both ends of
 * the range in which this trial stands for the proof. */
static void tried_scales_are_divisions(void **state)
{
	(void)state;
	for (int high = 0; high < 128; high++)
		for (int low = -6; low <= 6; low++) {
			const float scale = float_of((uint32_t)(0x40000000 + high * 0x10000 + low));

			if (!low)
				continue;
			try_scale(scale);
			try_scale(scale * 0x1p-64F);
			try_scale(scale * 0x1p62F);
		}
}

/* Every kernel's rows with some elements that have no quotient or a huge one, and scales that have
 * no inverse. */
static void what_has_no_quotient(void **state)
{
	enum { M = 6, K = 333 };
	static const float strange[] = { NAN, INFINITY, -INFINITY, 3e38F, -3e38F, 1e-45F, -0.0F,
					 2147483648.0F, -2147483648.0F, 1e10F };
	static const float scales[] = { 1e-45F, 1e-38F, 3e38F, 1, 1e-20F, 0.1F };
	static float x[M * K], scale[M * K];
	static uint8_t y[2 * M * (K + 1)], expected[sizeof y];
	const struct qs_kernel *kernel;
	char types[32];

	(void)state;
	random_word = 3;
	for (int i = 0; i < M * K; i++) {
		x[i] = (float)next_word() * 0x1p-18F - 32;
		scale[i] = next_word() % 8 ? 0.25F : scales[next_word() % 6];
		if (next_word() % (i / K < 3 ? 200 : 5) == 0)
			x[i] = strange[next_word() % 10];
	}
	for (size_t c = 0; c < CODES * ENDS; c++) {
		snprintf(types, sizeof types, "f32%s%s", codes[c / ENDS],
			 ends[c % ENDS]);
		for (size_t at = 0; (kernel = calls_next(&at, QS_QUANTIZE, types));)
			for (int round = 0; round < QS_ROUNDS; round++) {
				struct qs_task task;

				task_plain(&task, kernel, M, 1, K);
				task.y.scale = scale;
				task.round = (enum qs_round)round;
				if (!*ends[c % ENDS])
					set_per(&task.y, "row", M);
				same_as_reference(kernel, &task, x, y, expected,
						  bytes_of(kernel->y, M * task.y.stride));
			}
	}
}

/* Results of more than 4 MiB, at every alignment of y that its type has, in rows that lie end to end
 * and in rows that do not; some columns have the one scale of 8 bits that has no inverse, and meet
 * the tie for it. */
static void long_results(void **state)
{
	enum { BYTES = 5 << 20 };
	uint8_t *const a = malloc(BYTES * 8 + 64), *const y = malloc(BYTES + 256);
	uint8_t *const expected = malloc(BYTES + 256);
	float *const scale = malloc(BYTES / 8 * sizeof *scale);
	const struct qs_kernel *kernel;
	size_t at = 0;

	(void)state;
	assert_true(a && y && expected && scale);
	random_word = 11;
	for (int i = 0; i < BYTES * 2; i++) {
		const float x = i % 16 ? (float)next_word() * 0x1p-20F - 8 : 0.5F;

		memcpy(a + (size_t)i * sizeof x, &x, sizeof x);
	}
	for (int i = 0; i < BYTES / 8; i++)
		scale[i] = i % 96 ? 0.01F + (float)next_word() * 0x1p-26F : 0x1.fffffep-1F;
	while (at < calls_libraries.libraries[0].table->count) {
		const bool strided = at % 2;

		kernel = calls_libraries.libraries[0].table->kernels[at++];
		if ((kernel->op != QS_QUANTIZE && kernel->op != QS_DEQUANTIZE) || !kernel->needs ||
		    kernel->needs & ~calls_env.cpu)
			continue;
		const int64_t k = strided ? 3000 : at % 3 ? 320 : 1056;
		const int64_t m = BYTES * 8 / type_bits(kernel->y) / (k + 4) - 1;
		struct qs_task task;

		task_plain(&task, kernel, m, 1, k);
		task.a.stride += strided ? 2 : 0;
		task.y.stride += strided ? 4 : 0;
		task.threads = 1 + (int32_t)(at % 4);
		(kernel->op == QS_QUANTIZE ? &task.y : &task.a)->scale = scale;
		same_as_reference(kernel, &task, a, y + at % 5 * 16, expected,
				  bytes_of(kernel->y, (m - 1) * task.y.stride + k));
	}
	free(a);
	free(y);
	free(expected);
	free(scale);
}

/* Every thread has a unit, of a long row too, and one thread has no more than it needs. */
static void units_are_enough(void **state)
{
	const struct qs_library *table = calls_libraries.libraries[0].table;

	(void)state;
	for (size_t i = 0; i < table->count; i++) {
		const struct qs_kernel *kernel = table->kernels[i];
		struct qs_task task;
		const char *reason;
		size_t bytes;
		void *prepared;

		if (kernel->op != QS_QUANTIZE && kernel->op != QS_DEQUANTIZE)
			continue;
		for (int32_t threads = 1; threads <= 8 && kernel->needs; threads *= 2) {
			static float ones[8192];

			for (int j = 0; j < 8192; j++)
				ones[j] = 1;
			task_plain(&task, kernel, 1, 1, 8192);
			task.threads = threads;
			(kernel->op == QS_QUANTIZE ? &task.y : &task.a)->scale = ones;
			assert_null(kernel->refuse(&task));
			prepared = kernel->prepare(&task, NULL, &bytes, &reason);
			assert_non_null(prepared);
			assert_in_range(kernel->units(prepared), threads, 8);
			kernel->release(prepared);
		}
	}
}

static void what_cannot_be_done_is_refused(void **state)
{
	const struct qs_library *table = calls_libraries.libraries[0].table;
	static const float ones[64] = { 1 };

	(void)state;
	for (size_t i = 0; i < table->count; i++) {
		const struct qs_kernel *kernel = table->kernels[i];
		struct qs_operand *operand;
		struct qs_task task;

		if (kernel->op != QS_QUANTIZE && kernel->op != QS_DEQUANTIZE)
			continue;
		task_plain(&task, kernel, 3, 1, 5);
		operand = kernel->op == QS_QUANTIZE ? &task.y : &task.a;
		operand->scale = ones;
		assert_null(kernel->refuse(&task));
		operand->scales++;
		assert_non_null(kernel->refuse(&task));
		operand->scales--;
		operand->stride = 7;
		assert_int_equal(!kernel->refuse(&task), type_bits(operand->type) > 4);
		operand->stride = 8;
		assert_null(kernel->refuse(&task));
		set_per(operand, "_g16", 3);
		assert_non_null(kernel->refuse(&task));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(onnx_says_the_same),
		cmocka_unit_test(examples_by_hand),
		cmocka_unit_test(a_product_would_be_wrong),
		cmocka_unit_test(products_are_divisions),
		cmocka_unit_test(tried_scales_are_divisions),
		cmocka_unit_test(what_has_no_quotient),
		cmocka_unit_test(long_results),
		cmocka_unit_test(units_are_enough),
		cmocka_unit_test(what_cannot_be_done_is_refused),
	};

	return cmocka_run_group_tests(tests, calls_open, calls_close);
}

/* SPDX-License-Identifier: MIT
 *
 * The calibrations named ..._as_in_<project> against those projects: scale and zero point in equal
 * bits for every line of the tables that tests/golden/make/as_in_<project>.py wrote.
 */
#include "support.h"

#include "slices.h"

#include "../harness/calibrate/as_in_torch.h"
#include "../harness/calibrate/observe.h"

#include <float.h>

enum { CALIBRATION, PARAMETER, SCHEME, BITS, SCALE, ZERO, BATCHES };

/* As batches() of tests/golden/make/as_in_cases.py. */
static int64_t batch_of(const char *text)
{
	char shape[16];
	const char *base = shape;
	double factor;
	long long count;
	unsigned seed;

	assert_int_equal(sscanf(text, "%lld %u %15s %lf", &count, &seed, shape, &factor), 4);
	assert_true(count <= LONGEST);
	if (!strcmp(shape, "constant")) {
		for (int64_t i = 0; i < count; i++)
			values[i] = (float)factor;
		return count;
	}
	if (!strcmp(shape, "steps") || !strcmp(shape, "lone"))
		base = "flat";
	else if (!strcmp(shape, "tail"))
		base = "heavy";
	golden_wave(values, count, seed, base);
	for (int64_t i = 0; i < count; i++) {
		double x = (double)values[i];

		if (!strcmp(shape, "steps"))
			x = floor(x * 64) / 32;
		else if (!strcmp(shape, "lone"))
			x = i ? x / 8 : 1;
		else if (!strcmp(shape, "tail"))
			x = x * x;
		values[i] = (float)(x * factor);
	}
	return count;
}

static struct chosen chosen_of(const struct rule *rule, const char *batches)
{
	struct observing observing;
	struct error error;
	struct chosen chosen;

	assert_int_equal(observing_new(&observing, rule, QS_HALF_EVEN, &env, &error), 0);
	for (const char *text = batches; text; text = strchr(text, ';')) {
		text += *text == ';';
		assert_int_equal(observing_add(&observing, values, batch_of(text), &error), 0);
	}
	chosen = observing_choose(&observing);
	observing_free(&observing);
	return chosen;
}

static void compare(char *const *fields)
{
	const struct rule rule = {
		.calibration = &calibration_named(fields[CALIBRATION])->value,
		.calibration_parameter = strtod(fields[PARAMETER], NULL),
		.scheme = &scheme_named(fields[SCHEME])->value,
		.scale = &scale_named("real")->value, .bits = atoi(fields[BITS]),
	};
	const struct chosen chosen = chosen_of(&rule, fields[BATCHES]);
	const float scale = strtof(fields[SCALE], NULL);

	if (chosen.reason || chosen.scale != scale || chosen.grid.zero != atoi(fields[ZERO]))
		fail_msg("%s(%s) %s int%s of %s: scale %.9g zero %d instead of %s %s",
			 fields[CALIBRATION], fields[PARAMETER], fields[SCHEME], fields[BITS],
			 fields[BATCHES], (double)chosen.scale, (int)chosen.grid.zero,
			 fields[SCALE], fields[ZERO]);
}

static void pytorch(void **state)
{
	(void)state;
	assert_true(golden_lines("as_in_pytorch.csv", compare) > 0);
}

static void onnxruntime(void **state)
{
	(void)state;
	assert_true(golden_lines("as_in_onnxruntime.csv", compare) > 0);
}

static void tensorrt(void **state)
{
	(void)state;
	assert_true(golden_lines("as_in_tensorrt.csv", compare) > 0);
}

static void aimet(void **state)
{
	(void)state;
	assert_true(golden_lines("as_in_aimet.csv", compare) > 0);
}

static void vitis(void **state)
{
	(void)state;
	assert_true(golden_lines("as_in_vitis.csv", compare) > 0);
}

/* torch.linspace(torch.tensor(low), torch.tensor(high), 2049)[i] of PyTorch 2.15.0, one thread. */
static void linspace(void **state)
{
	static const struct {
		float low, high;
		int64_t i;
		float element;
	} rows[] = {
		{ -0.31F, 1.1F, 17, -0x1.31747ap-2F }, { -0.31F, 1.1F, 1025, 0x1.952f5ap-2F },
		{ 0.1F, 7.9F, 3, 0x1.c86666p-4F }, { 0.1F, 7.9F, 1026, 0x1.007cccp+2F },
		{ -3.3F, 0.77F, 110, -0x1.8a6b32p+1F }, { -3.3F, 0.77F, 1025, -0x1.4354cap+0F },
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
		assert_true(torch_linspace(rows[i].low, rows[i].high, 2048, rows[i].i) ==
			    rows[i].element);
}

/* Two batches: values up to 1, then one of `wide` beside them. */
static struct chosen chosen_of_two(const struct rule *rule, float wide)
{
	struct observing observing;
	struct error error;
	struct chosen chosen;

	golden_wave(values, 1000, 1, "flat");
	values[0] = 1;
	assert_int_equal(observing_new(&observing, rule, QS_HALF_EVEN, &env, &error), 0);
	assert_int_equal(observing_add(&observing, values, 1000, &error), 0);
	values[0] = wide;
	assert_int_equal(observing_add(&observing, values, 1000, &error), 0);
	chosen = observing_choose(&observing);
	observing_free(&observing);
	return chosen;
}

/* A histogram is not grown beyond 128 times its first bins: then the rule is min-max. */
static void growth(void **state)
{
	static const struct {
		const char *name, *scheme;
		double parameter;
		float within;
	} rows[] = {
		{ "percentile_as_in_onnxruntime", "symmetric", 90, 127.9F },
		{ "percentile_as_in_onnxruntime", "asymmetric", 90, 127.9F },
		{ "entropy_as_in_tensorrt", "symmetric", 0, 127.9F },
		{ "entropy_as_in_onnxruntime", "asymmetric", 0, 127 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		const struct rule rule = {
			.calibration = &calibration_named(rows[i].name)->value,
			.calibration_parameter = rows[i].parameter,
			.scheme = &scheme_named(rows[i].scheme)->value,
			.scale = &scale_named("real")->value, .bits = 8,
		};
		static const float beyond[] = { 128.9F, 1e6F, 1e30F, FLT_MAX };

		struct chosen chosen = chosen_of_two(&rule, rows[i].within);

		assert_true(chosen.range.high < 100);
		assert_null(chosen.warning);
		for (size_t j = 0; j < sizeof beyond / sizeof *beyond; j++) {
			chosen = chosen_of_two(&rule, beyond[j]);
			assert_true(chosen.range.high == (double)beyond[j]);
			assert_string_equal(chosen.warning, "the histogram of the first batch cannot "
							    "be grown to hold all batches: it is "
							    "min-max");
		}
	}
}

/* ONNX Runtime's entropy has more windows than one where a batch is wider than the first. */
static void one_window(void **state)
{
	const struct rule rule = {
		.calibration = &calibration_named("entropy_as_in_onnxruntime")->value,
		.scheme = &scheme_named("asymmetric")->value,
		.scale = &scale_named("real")->value, .bits = 8,
	};

	(void)state;
	const struct chosen one = chosen_of_two(&rule, 1), more = chosen_of_two(&rule, 2);

	assert_true(one.range.high == 1 && more.range.high < 2);
	assert_string_equal(one.warning, "no batch reached beyond the first: one window, which is "
					 "min-max in the project too");
	assert_null(more.warning);
}

/* Each allocation fails once: -1, and nothing is left behind. */
static void no_memory(void **state)
{
	(void)state;
	for (const struct value *const *c = calibration_values; *c; c++) {
		const struct rule rule = {
			.calibration = *c, .calibration_parameter = (*c)->standard,
			.scheme = &scheme_named("symmetric")->value,
			.scale = &scale_named("real")->value, .bits = 8,
		};

		for (long fail_at = 0, failed = calibration_of(*c)->observer != NULL; failed;
		     fail_at++) {
			struct failing failing = { .fail_at = fail_at };
			const struct env poor = env_failing(&failing);
			struct observing observing;
			struct error error;

			golden_wave(values, 100, 1, "flat");
			failed = observing_new(&observing, &rule, QS_HALF_EVEN, &poor, &error) != 0;
			if (failed)
				continue;
			for (int batch = 0; batch < 3 && !failed; batch++) {
				failed = observing_add(&observing, values, 100, &error) != 0;
				values[batch] *= 30;
			}
			observing_free(&observing);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(pytorch), cmocka_unit_test(onnxruntime),
		cmocka_unit_test(tensorrt), cmocka_unit_test(aimet), cmocka_unit_test(vitis),
		cmocka_unit_test(linspace), cmocka_unit_test(growth), cmocka_unit_test(one_window),
		cmocka_unit_test(no_memory),
	};

	return cmocka_run_group_tests(tests, setup_room, free_room);
}

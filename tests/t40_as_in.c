/* SPDX-License-Identifier: MIT
 *
 * The calibrations named ..._as_in_<project> against those projects: scale and zero point in equal
 * bits for every line of the tables that tests/golden/make/as_in_<project>.py wrote.
 */
#include "support.h"

#include "slices.h"

#include "../harness/calibrate/observe.h"

enum { CALIBRATION, PARAMETER, SCHEME, BITS, SCALE, ZERO, BATCHES };

static int64_t batch_of(const char *text)
{
	char shape[16];
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
	golden_wave(values, count, seed, shape);
	for (int64_t i = 0; i < count; i++)
		values[i] = (float)((double)values[i] * factor);
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

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(pytorch), cmocka_unit_test(onnxruntime),
		cmocka_unit_test(tensorrt), cmocka_unit_test(aimet), cmocka_unit_test(vitis),
	};

	return cmocka_run_group_tests(tests, setup_room, free_room);
}

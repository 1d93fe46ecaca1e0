/* SPDX-License-Identifier: MIT
 *
 * Samples of a network: which are drawn, what becomes of them, which two sets share, what they are
 * called.
 */
#include "support.h"

#include "../datasets/data.h"

#include <math.h>

static struct env env;

/* Class index % 5; x = (seed, index), so that every draw shows where it comes from. */
static int count_up(uint64_t seed, uint64_t index, float *x, float *target)
{
	(void)target;
	x[0] = (float)seed;
	x[1] = (float)index;
	return (int)(index % 5);
}

static int draw_targets(uint64_t seed, uint64_t index, float *x, float *target)
{
	(void)seed;
	*x = (float)index;
	target[0] = (float)index * 2;
	target[1] = -1;
	return 0;
}

static int only_class_3(uint64_t seed, uint64_t index, float *x, float *target)
{
	(void)target;
	x[0] = (float)seed;
	x[1] = (float)index;
	return 3;
}

static const struct network classifier = {
	.value = { .name = "five" }, .classes = 5, .inputs = 2, .outputs = 5, .sample = count_up
};
static const struct network regression = {
	.value = { .name = "twice" }, .inputs = 1, .outputs = 2, .sample = draw_targets
};
static const struct network one_sided = {
	.value = { .name = "three" }, .classes = 5, .inputs = 2, .outputs = 5,
	.sample = only_class_3
};

static struct data make(const struct network *network, struct data_spec spec)
{
	struct data data;
	struct error error;

	if (data_make(&data, &env, network, &spec, &error))
		fail_msg("%s", error.text);
	return data;
}

static void samples_in_order(void **state)
{
	struct data data = make(&classifier, (struct data_spec){ .samples = 7, .seed = 9,
								 .scale = 1 });

	(void)state;
	assert_int_equal(data.samples, 7);
	assert_int_equal(data.inputs, 2);
	assert_null(data.targets);
	for (int i = 0; i < 7; i++) {
		assert_true(data.x[2 * i] == 9 && data.x[2 * i + 1] == (float)i);
		assert_int_equal(data.classes[i], i % 5);
	}
	data_free(&data);
	data = make(&regression, (struct data_spec){ .samples = 3, .scale = 10, .shift = 1 });
	assert_null(data.classes);
	for (int i = 0; i < 3; i++) {
		/* the target is the plain sample's */
		assert_true(data.x[i] == (float)(10 * i + 1));
		assert_true(data.targets[2 * i] == (float)(2 * i) && data.targets[2 * i + 1] == -1);
	}
	data_free(&data);
	data_free(&data);
}

/* Indices 0 2 4 | 5 7 9 | 10 are those of classes 0, 2, 4. */
static void dropped_classes_make_room(void **state)
{
	static const float indices[] = { 0, 2, 4, 5, 7, 9, 10 };
	struct data data = make(&classifier, (struct data_spec){ .samples = 7, .scale = 1,
								 .dropped = 1 << 1 | 1 << 3 });

	(void)state;
	for (int i = 0; i < 7; i++) {
		assert_true(data.x[2 * i + 1] == indices[i]);
		assert_int_equal(data.classes[i], (int)indices[i] % 5);
	}
	data_free(&data);
}

static void a_class_that_never_comes(void **state)
{
	const struct data_spec spec = { .samples = 2, .scale = 1, .dropped = 1 << 3 };
	struct data data;
	struct error error;

	(void)state;
	assert_int_equal(data_make(&data, &env, &one_sided, &spec, &error), -1);
	assert_int_equal(error.status, STATUS_INPUT);
	assert_non_null(strstr(error.text, "builtin:three: 0 of 2 samples after 1050576 draws"));
}

/* By hand: each step is rounded to float32, 24 bits, ties to even. */
static void scale_then_shift(void **state)
{
	static const struct {
		uint64_t x;
		double scale, shift;
		float result;
	} cases[] = {
		{ 3, 0.25, 0.5, 1.25F },
		{ 3, -2, 0, -6 },
		{ 0, 5, 0.125, 0.125F },
		{ 16777216, 1, 1, 16777216 },           /* 2^24 + 1 is a tie, 2^24 is even */
		{ 16777216, 1, 3, 16777220 },           /* 2^24 + 3 lies between + 2 and + 4 */
		{ 1, 1 + 0x1p-24, -1, 0 },              /* 1 + 2^-24 becomes 1 before the shift */
		{ 1, 1 + 0x1.8p-24, -1, 0x1p-23F },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct data data = make(&classifier,
					(struct data_spec){ .samples = 1, .seed = cases[i].x,
							    .scale = cases[i].scale,
							    .shift = cases[i].shift });

		if (data.x[0] != cases[i].result)
			fail_msg("case %zu: %.9g", i, (double)data.x[0]);
		data_free(&data);
	}
}

static int64_t common(const struct network *network, struct data_spec calibration,
		      struct data_spec evaluation)
{
	struct data a = make(network, calibration), b = make(network, evaluation);
	struct data_common common_of;
	struct error error;

	assert_int_equal(data_common_new(&common_of, &b, &error), 0);
	/* in two pieces */
	data_common_add(&common_of, a.x, 1);
	data_common_add(&common_of, a.x + a.inputs, a.samples - 1);
	const int64_t count = data_common_count(&common_of);

	data_common_free(&common_of);
	data_free(&a);
	data_free(&b);
	return count;
}

static void samples_in_both(void **state)
{
	const struct data_spec few = { .samples = 3, .seed = 4, .scale = 1 };
	const struct data_spec many = { .samples = 10, .seed = 4, .scale = 1 };
	struct data_spec other = few;

	(void)state;
	assert_int_equal(common(&classifier, few, many), 3);
	assert_int_equal(common(&classifier, many, few), 3);
	assert_int_equal(common(&classifier, few, few), 3);
	other.seed = 5;
	assert_int_equal(common(&classifier, other, many), 0);
	/* seed 4 halved is seed 2, where index 2 becomes 1 and index 1 is no whole number */
	other = (struct data_spec){ .samples = 3, .seed = 4, .scale = 0.5 };
	assert_int_equal(common(&classifier, other,
				(struct data_spec){ .samples = 10, .seed = 2, .scale = 1 }),
			 2);
	/* indices 0 2 4 5 against 0 1 2 3 4 5 6 7 8 9 */
	other = (struct data_spec){ .samples = 4, .seed = 4, .scale = 1, .dropped = 1 << 1 | 1 << 3 };
	assert_int_equal(common(&classifier, other, many), 4);
}

/* A sample stands as often as the evaluation draws it. */
static int remainder_of_3(uint64_t seed, uint64_t index, float *x, float *target)
{
	(void)seed;
	*x = (float)(index % 3);
	target[0] = 0;
	target[1] = 0;
	return 0;
}

static void repeated_samples_count_each_time(void **state)
{
	static const struct network repeating = { .inputs = 1, .outputs = 2,
						  .sample = remainder_of_3 };
	const struct data_spec two = { .samples = 2, .scale = 1 };

	(void)state;
	assert_int_equal(common(&repeating, two, (struct data_spec){ .samples = 9, .scale = 1 }), 6);
	assert_int_equal(common(&repeating, (struct data_spec){ .samples = 9, .scale = 1 }, two), 2);
}

static void names(void **state)
{
	static const struct {
		struct data_spec spec;
		const char *name;
	} cases[] = {
		{ { .samples = 256, .seed = 1, .scale = 1 }, "cal256" },
		{ { .samples = 16, .seed = 7, .scale = 1 }, "cal16-seed7" },
		{ { .samples = 16, .seed = 0, .scale = 0.25 }, "cal16-seed0-scale0.25" },
		{ { .samples = 1, .seed = 1, .scale = -1, .shift = 0.5 }, "cal1-scale-1-shift0.5" },
		{ { .samples = 1048576, .seed = 9007199254740992, .scale = 1, .shift = -0.1,
		    .dropped = 1 << 3 | 1 << 7 },
		  "cal1048576-seed9007199254740992-shift-0.1-drop3+7" },
		{ { .samples = 2, .seed = 1, .scale = 1, .dropped = UINT64_C(1) << 63 | 1 },
		  "cal2-drop0+63" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct text text = { .env = &env };

		data_spec_write(&text, "cal", &cases[i].spec, CALIBRATION_SEED);
		assert_string_equal(text.bytes, cases[i].name);
		text_free(&text);
	}
}

/* What a config may ask of each of ours. */
static void embedded_networks(void **state)
{
	const struct data_spec spec = { .samples = 300, .seed = 1, .scale = 0.5, .shift = 0.25,
					.dropped = 1 };

	(void)state;
	for (const struct value *const *value = network_values; *value; value++) {
		const struct network *network = network_of(*value);
		struct data data = make(network, spec);

		/* drop_classes is a set of 64 bits */
		assert_true(network->classes <= 64);
		assert_int_equal(!data.classes, !network->classes);
		for (int64_t i = 0; i < data.samples * data.inputs; i++)
			assert_true(isfinite(data.x[i]));
		for (int64_t i = 0; data.classes && i < data.samples; i++)
			assert_in_range(data.classes[i], 1, network->classes - 1);
		data_free(&data);
	}
}

/* Piece by piece, and once more from the start: the same inputs. */
static void read_in_pieces(void **state)
{
	const struct data_spec spec = { .samples = 7, .seed = 3, .scale = 0.5, .shift = 0.25,
					.dropped = 1 << 1 };

	(void)state;
	for (const struct value *const *value = network_values; *value; value++) {
		const struct network *network = network_of(*value);
		struct data data = make(network, spec);
		float *x = calloc((size_t)(data.samples * data.inputs), sizeof *x);
		struct data_reader reader;
		struct error error;

		assert_non_null(x);
		assert_int_equal(data_reader_open(&reader, &env, network, &spec, &error), 0);
		assert_int_equal(reader.inputs, data.inputs);
		for (int pass = 0; pass < 2; pass++) {
			assert_int_equal(data_reader_next(&reader, 2, x, &error), 0);
			assert_int_equal(data_reader_next(&reader, 5, x + 2 * reader.inputs,
							  &error), 0);
			assert_memory_equal(x, data.x, (size_t)(data.samples * data.inputs) *
					    sizeof *x);
			data_reader_rewind(&reader);
		}
		data_reader_close(&reader);
		data_free(&data);
		free(x);
	}
}

static void memory_may_run_out(void **state)
{
	const struct data_spec spec = { .samples = 4, .scale = 1 };
	struct failing failing = { .fail_at = 0 };
	int failed;

	(void)state;
	do {
		const struct env failing_env = env_failing(&failing);
		struct data data;
		struct error error = { 0 };
		struct data_common common_of = { 0 };

		failing.calls = 0;
		failed = data_make(&data, &failing_env, &classifier, &spec, &error);
		if (!failed) {
			failed = data_common_new(&common_of, &data, &error);
			data_common_free(&common_of);
			data_free(&data);
		}
		if (failed)
			assert_int_equal(error.status, STATUS_MACHINE);
		failing.fail_at++;
	} while (failed);
	assert_int_equal(failing.fail_at, 4);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(samples_in_order),
		cmocka_unit_test(dropped_classes_make_room),
		cmocka_unit_test(a_class_that_never_comes),
		cmocka_unit_test(scale_then_shift),
		cmocka_unit_test(samples_in_both),
		cmocka_unit_test(repeated_samples_count_each_time),
		cmocka_unit_test(names),
		cmocka_unit_test(embedded_networks),
		cmocka_unit_test(read_in_pieces),
		cmocka_unit_test(memory_may_run_out),
	};

	env = env_system();
	return cmocka_run_group_tests(tests, NULL, NULL);
}

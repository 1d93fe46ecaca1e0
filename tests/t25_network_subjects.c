/* SPDX-License-Identifier: MIT
 *
 * Subjects of networks: one for each pair of data, their names, hashes and how many there may be.
 */
#include "subjects.h"

#define CALIBRATION { .samples = 256, .seed = 1, .scale = 1 }
#define EVALUATION { .samples = 1000, .seed = 2, .scale = 1 }

static const struct network *network(const char *name)
{
	return network_of(value_find(network_values, name));
}

/* A subject for each pair, the name says what differs; the same pair of another entry vanishes. */
static void networks_times_data(void **state)
{
	struct data_spec calibrations[] = { CALIBRATION, CALIBRATION };
	struct data_spec evaluations[] = { EVALUATION, EVALUATION };
	const struct subject_spec pairs = { .kind = SUBJECT_NETWORK,
					    .measure = MEASURE_DRIFT,
					    .network = network("glyphs"),
					    .calibration = { .count = 2, .specs = calibrations },
					    .evaluation = { .count = 2, .specs = evaluations } };
	struct subject_spec specs[] = { pairs, pairs, pairs };
	static const char *const names[] = {
		"builtin:glyphs:cal256:eval1000",
		"builtin:glyphs:cal256:eval1000-seed5",
		"builtin:glyphs:cal256-seed7-scale0.25-shift0.5-drop3+7:eval1000",
		"builtin:glyphs:cal256-seed7-scale0.25-shift0.5-drop3+7:eval1000-seed5",
		"builtin:arm:cal256:eval1000",
	};
	struct subjects subjects;
	struct error error;

	(void)state;
	calibrations[1].seed = 7;
	calibrations[1].scale = 0.25;
	calibrations[1].shift = 0.5;
	calibrations[1].dropped = 1 << 3 | 1 << 7;
	evaluations[1].seed = 5;
	specs[1].network = network("arm");
	specs[1].calibration.count = specs[1].evaluation.count = 1;
	specs[2].calibration.count = 1;
	assert_int_equal(open_specs(&subjects, specs, 3, &error), 0);
	assert_int_equal(subjects.count, sizeof names / sizeof *names);
	for (size_t i = 0; i < subjects.count; i++) {
		const struct subject *subject = &subjects.subjects[i];

		assert_string_equal(subject->name, names[i]);
		assert_int_equal(subject->kind, SUBJECT_NETWORK);
		assert_int_equal(subject->measure, MEASURE_DRIFT);
		assert_int_equal(subject->elements, 1256 * subject->network->inputs);
	}
	assert_int_equal(subjects.subjects[2].calibration.seed, 7);
	assert_int_equal(subjects.subjects[3].evaluation.seed, 5);
	subjects_free(&subjects);
}

static void too_many_subjects(void **state)
{
	enum { MANY = 400 };    /* squared, more than 2^17 */
	static struct data_spec calibrations[MANY], evaluations[MANY];
	struct subject_spec spec = { .kind = SUBJECT_NETWORK,
				     .line = 7,
				     .network = network("arm"),
				     .calibration = { .count = MANY, .specs = calibrations },
				     .evaluation = { .count = MANY, .specs = evaluations } };
	struct subjects subjects;
	struct error error;

	(void)state;
	assert_int_equal(open_specs(&subjects, &spec, 1, &error), -1);
	assert_string_equal(error.text, "c.json:7: more than 131072 subjects; split the config");
	assert_int_equal(error.status, STATUS_INPUT);
}

static void hash_network(char key[KEY_SIZE], const struct network *of, struct data_spec calibration,
			 struct data_spec evaluation)
{
	hash_subject(key, (struct subject_spec){ .kind = SUBJECT_NETWORK,
						 .network = of,
						 .calibration = { .count = 1, .specs = &calibration },
						 .evaluation = { .count = 1, .specs = &evaluation } });
}

/* The file, the data's name and version, each key of both sets: and the line of neither. */
static void hashes_of_networks(void **state)
{
	static const size_t small = 4, smaller = 3;
	struct network of = *network("glyphs");
	struct data_spec calibration[16], evaluation[16];
	char keys[16][KEY_SIZE], again[KEY_SIZE];
	struct network networks[16];
	int count = 0;

	(void)state;
	of.onnx = "ABCD";
	of.onnx_size = &small;
	for (int i = 0; i < 16; i++) {
		networks[i] = of;
		calibration[i] = (struct data_spec)CALIBRATION;
		evaluation[i] = (struct data_spec)EVALUATION;
	}
	count++;
	networks[count++].onnx = "ABCE";
	networks[count++].onnx_size = &smaller;
	networks[count++].version++;
	networks[count++].value.name = "other";
	calibration[count++].samples++;
	calibration[count++].seed++;
	calibration[count++].scale = 0.5;
	calibration[count++].shift = 0.5;
	calibration[count++].dropped = 1;
	calibration[count++].dropped = 2;
	evaluation[count++].samples++;
	evaluation[count++].seed++;
	for (int i = 0; i < count; i++) {
		hash_network(keys[i], &networks[i], calibration[i], evaluation[i]);
		calibration[i].line++;
		hash_network(again, &networks[i], calibration[i], evaluation[i]);
		assert_string_equal(keys[i], again);
		for (int j = 0; j < i; j++)
			assert_string_not_equal(keys[i], keys[j]);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(networks_times_data),
		cmocka_unit_test(too_many_subjects),
		cmocka_unit_test(hashes_of_networks),
	};

	return cmocka_run_group_tests(tests, set_env, NULL);
}

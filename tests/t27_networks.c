/* SPDX-License-Identifier: MIT
 *
 * The embedded networks: their samples against a second implementation, their promises over the
 * table, their bits pinned; their files are those that were trained.
 */
#include "support.h"

#include "../datasets/networks/network.h"
#include "../harness/hash.h"

#include <math.h>

enum { INPUTS = 256, OUTPUTS = 32, SAMPLES = 64 };

/* 2^53 - 1: what a config's seed may reach. */
static const uint64_t far_seed = 9007199254740991;

static const struct network *find(const char *name)
{
	const struct value *value = value_find(network_values, name);

	assert_non_null(value);
	return network_of(value);
}

/* A sample, padded with zeros: comparing two compares all of them. */
struct drawn {
	int class;
	float x[INPUTS], target[OUTPUTS];
};

static struct drawn draw(const struct network *network, uint64_t seed, uint64_t index)
{
	struct drawn drawn;

	memset(&drawn, 0, sizeof drawn);
	drawn.class = network->sample(seed, index, drawn.x, drawn.target);
	return drawn;
}

/* Truth: tests/golden/make/networks.py; one rounding of float32 apart at most. */
static void samples_against_python(void **state)
{
	char path[1200], line[200], name[40];
	unsigned long long seed, index;
	int element, lines = 0;
	float want;
	FILE *golden;

	(void)state;
	snprintf(path, sizeof path, "%s/tests/golden/networks.csv", source_dir());
	golden = fopen(path, "r");
	assert_non_null(golden);
	while (fgets(line, sizeof line, golden)) {
		if (sscanf(line, "%39[^,],%llu,%llu,%d,%g", name, &seed, &index, &element,
			   &want) != 5)
			continue;
		const struct network *network = find(name);
		const struct drawn drawn = draw(network, seed, index);
		const float found = element < 0 ? (float)drawn.class
				    : element < network->inputs
					    ? drawn.x[element]
					    : drawn.target[element - network->inputs];

		if (!(fabsf(found - want) <= nextafterf(fabsf(want), INFINITY) - fabsf(want)))
			fail_msg("%s found %.9g", line, (double)found);
		lines++;
	}
	fclose(golden);
	assert_int_equal(lines, 22 * 38 + 4 * 6);
}

/* A sample hangs on its seed and index alone, whatever was drawn before. */
static void samples_are_pure(void **state)
{
	static struct drawn drawn[SAMPLES];

	(void)state;
	for (const struct value *const *v = network_values; *v; v++) {
		const struct network *network = network_of(*v);

		assert_in_range(network->inputs, 1, INPUTS);
		assert_in_range(network->outputs, 1, OUTPUTS);
		for (uint64_t i = 0; i < SAMPLES; i++)
			drawn[i] = draw(network, 1, i);
		for (uint64_t i = SAMPLES; i-- > 0;) {
			const struct drawn again = draw(network, 1, i);

			assert_memory_equal(&again, drawn + i, sizeof again);
			for (uint64_t j = 0; j < i; j++)
				assert_memory_not_equal(drawn[i].x, drawn[j].x, sizeof again.x);
		}
		for (uint64_t i = 0; i < SAMPLES; i++) {
			const struct drawn other = draw(network, 2, i), far = draw(network, far_seed, i);

			assert_memory_not_equal(other.x, drawn[i].x, sizeof other.x);
			assert_memory_not_equal(far.x, drawn[i].x, sizeof far.x);
			assert_memory_not_equal(far.x, other.x, sizeof far.x);
		}
	}
}

/* Inputs and targets lie where they should, and inputs in each eighth of their range. */
static void values_lie_in_range(void **state)
{
	static const struct {
		const char *name;
		float low, high, target; /* |target| is below this */
	} ranges[] = {
		{ "glyphs", 0, 1, 0 },
		{ "arm", -1.5f, 1.5f, 1 },
	};

	(void)state;
	for (size_t r = 0; r < sizeof ranges / sizeof *ranges; r++) {
		const struct network *network = find(ranges[r].name);
		const float low = ranges[r].low, high = ranges[r].high;
		int64_t met[8] = { 0 };

		for (uint64_t i = 0; i < 1000; i++) {
			const struct drawn drawn = draw(network, 3, i);

			for (int k = 0; k < network->inputs; k++) {
				const float x = drawn.x[k];

				assert_true(x >= low && x <= high);
				met[(int)fminf(7, 8 * (x - low) / (high - low))]++;
			}
			for (int k = 0; k < OUTPUTS; k++)
				assert_true(fabsf(drawn.target[k]) <= ranges[r].target);
		}
		for (int part = 0; part < 8; part++)
			assert_true(met[part] > 0);
	}
}

/* Classes are drawn alike: each count within 5 deviations of a binomial's mean. */
static void classes_are_balanced(void **state)
{
	enum { DRAWN = 8000 };

	(void)state;
	for (const struct value *const *v = network_values; *v; v++) {
		const struct network *network = network_of(*v);
		const double share = 1.0 / fmax(network->classes, 1);
		int64_t count[OUTPUTS] = { 0 };

		assert_true(!network->classes || network->classes == network->outputs);
		for (uint64_t i = 0; i < DRAWN; i++) {
			const int class = draw(network, 4, i).class;

			assert_in_range(class, 0, network->classes ? network->classes - 1 : 0);
			count[class]++;
		}
		for (int class = 0; class < network->classes; class++)
			assert_true(fabs((double)count[class] - DRAWN * share) <
				    5 * sqrt(DRAWN * share * (1 - share)));
	}
}

/* From the hand back to the shoulder, by libm: each link is turned with all that it carries. */
static void arm_reaches_by_rotations(void **state)
{
	static const double lengths[] = { 0.4, 0.3, 0.2, 0.1 };
	const struct network *network = find("arm");

	(void)state;
	assert_int_equal(network->inputs, 4);
	for (uint64_t i = 0; i < 1000; i++) {
		const struct drawn drawn = draw(network, 6, i);
		double x = 0, y = 0;

		for (int joint = 3; joint >= 0; joint--) {
			const double angle = (double)drawn.x[joint], carried = x + lengths[joint];

			x = carried * cos(angle) - y * sin(angle);
			y = carried * sin(angle) + y * cos(angle);
		}
		assert_true(fabs(x - (double)drawn.target[0]) < 1e-6);
		assert_true(fabs(y - (double)drawn.target[1]) < 1e-6);
	}
}

/* The bits of the first 64 samples of seed 1, inputs, targets and classes, and of the files: whoever
 * changes a sample raises the network's version, whoever trains anew tells it in the README. */
static void bits_are_pinned(void **state)
{
	static const struct {
		const char *name, *samples, *onnx;
		uint32_t version;
	} pinned[] = {
		{ "glyphs", "5246d4b41ae4449d63111b15c6c3593a", "978b4de04f5f4beaf6515d8b755c7b7b", 1 },
		{ "arm", "e5ee021bb89e0f2bab56f381819e8dea", "c5a2a9d19b061818882f7de737736aad", 1 },
	};
	static struct drawn drawn[SAMPLES];
	char samples[KEY_SIZE], onnx[KEY_SIZE];
	size_t count = 0;
	int wrong = 0;

	(void)state;
	while (network_values[count])
		count++;
	assert_int_equal(count, sizeof pinned / sizeof *pinned);
	for (size_t i = 0; i < count; i++) {
		const struct network *network = find(pinned[i].name);

		for (uint64_t k = 0; k < SAMPLES; k++)
			drawn[k] = draw(network, 1, k);
		hash_bytes(samples, drawn, sizeof drawn);
		hash_bytes(onnx, network->onnx, *network->onnx_size);
		if (strcmp(samples, pinned[i].samples) || strcmp(onnx, pinned[i].onnx) ||
		    network->version != pinned[i].version) {
			print_message("%s: samples %s, onnx %s, version %u\n", pinned[i].name,
				      samples, onnx, (unsigned)network->version);
			wrong++;
		}
	}
	assert_int_equal(wrong, 0);
}

/* Each file is a ModelProto: field 1, a varint, is the version of the format, 7; field 2, bytes, who
 * wrote it (onnx.proto). */
static void files_are_models(void **state)
{
	static const char head[] = "\x08\x07\x12\x0aquantsweep:";

	(void)state;
	for (const struct value *const *v = network_values; *v; v++) {
		const struct network *network = network_of(*v);

		assert_true(*network->onnx_size > 1000 && *network->onnx_size < 400000);
		assert_memory_equal(network->onnx, head, sizeof head - 1);
		assert_int_equal(network->onnx[*network->onnx_size], 0);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(samples_against_python),
		cmocka_unit_test(samples_are_pure),
		cmocka_unit_test(values_lie_in_range),
		cmocka_unit_test(classes_are_balanced),
		cmocka_unit_test(arm_reaches_by_rotations),
		cmocka_unit_test(bits_are_pinned),
		cmocka_unit_test(files_are_models),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

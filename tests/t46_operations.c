/* SPDX-License-Identifier: MIT
 *
 * Each operation and each way of using it, in float, against ONNX Runtime; the same bits for all
 * batches.
 */
#include "plain_layers.h"

#include <math.h>

struct line {
	char name[64], tensor;
	int64_t count;
	float *values;
};

/* false: the file has ended. */
static bool read_line(FILE *file, struct line *line)
{
	char *text = NULL, *at, *end;
	size_t room = 0;

	if (getline(&text, &room, file) < 0) {
		free(text);
		return false;
	}
	assert_int_equal(sscanf(text, "%63[^,],%c", line->name, &line->tensor), 2);
	line->values = malloc(strlen(text) * sizeof(float));
	line->count = 0;
	at = strrchr(text, ',') + 1;
	for (float x = strtof(at, &end); end != at; x = strtof(at, &end)) {
		line->values[line->count++] = x;
		at = end;
	}
	free(text);
	return true;
}

static void check_network(const struct line *x, const struct line *y)
{
	const struct env env = env_system();
	struct layers layers;
	char path[1200];
	float *found = malloc((size_t)y->count * sizeof *found);
	double most = 0;

	snprintf(path, sizeof path, "%s/tests/golden/operations/%s.onnx", source_dir(), x->name);
	plain_layers(&layers, &env, path);
	const int64_t samples = x->count / layers.edges[0].elements;

	assert_int_equal(samples * layers.edges[0].elements, x->count);
	if (samples * layers.edges[layers.count].elements != y->count)
		fail_msg("%s: %lld numbers come out, %lld expected", x->name,
			 (long long)(samples * layers.edges[layers.count].elements),
			 (long long)y->count);
	for (int64_t i = 0; i < y->count; i++)
		most = fmax(most, fabs((double)y->values[i]));
	for (int64_t batch = 1; batch <= samples; batch++) {
		float *again = malloc((size_t)y->count * sizeof *again);

		float_run_batches(&layers, &env, x->values, again, samples, batch);
		if (batch > 1 && memcmp(found, again, (size_t)y->count * sizeof *again))
			fail_msg("%s: other bits in batches of %lld", x->name, (long long)batch);
		memcpy(found, again, (size_t)y->count * sizeof *again);
		free(again);
	}
	for (int64_t i = 0; i < y->count; i++)
		if (!(fabs((double)found[i] - (double)y->values[i]) <= 1e-6 * most))
			fail_msg("%s: number %lld is %.9g, expected %.9g", x->name, (long long)i,
				 (double)found[i], (double)y->values[i]);
	free(found);
	layers_free(&layers);
}

/* Truth: tests/golden/make/operations.py, by onnxruntime 1.31.1. */
static void against_onnx_runtime(void **state)
{
	char path[1200];
	struct line x, y;
	int networks = 0, skipped;
	FILE *truth;

	(void)state;
	snprintf(path, sizeof path, "%s/tests/golden/operations.csv", source_dir());
	truth = fopen(path, "r");
	assert_non_null(truth);
	while ((skipped = fgetc(truth)) != '\n')
		assert_true(skipped != EOF);
	while (read_line(truth, &x)) {
		assert_true(read_line(truth, &y));
		assert_string_equal(x.name, y.name);
		assert_true(x.tensor == 'x' && y.tensor == 'y');
		check_network(&x, &y);
		free(x.values);
		free(y.values);
		networks++;
	}
	fclose(truth);
	assert_true(networks >= 90);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(against_onnx_runtime),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

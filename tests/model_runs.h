/* SPDX-License-Identifier: MIT
 *
 * Networks of the shared data, run in float: their inputs and outputs as bare numbers, compared.
 */
#ifndef QS_TEST_MODEL_RUNS_H
#define QS_TEST_MODEL_RUNS_H

#include "plain_layers.h"

#include <math.h>

struct numbers {
	int64_t count;
	float *values;
};

/* The last `count` elements of `size` bytes of a file, by `read`. */
static inline struct numbers tail(const char *name, int64_t count, size_t size,
				  float (*read)(const unsigned char *at))
{
	struct numbers out = { count, malloc((size_t)count * sizeof(float)) };
	char path[1200];
	unsigned char *bytes;
	size_t all;

	snprintf(path, sizeof path, "%s/%s", shared_data(), name);
	bytes = read_bytes(path, &all);
	assert_true(all >= (size_t)count * size);
	for (int64_t i = 0; i < count; i++)
		out.values[i] = read(bytes + all - (size_t)(count - i) * size);
	free(bytes);
	return out;
}

static inline float read_f32(const unsigned char *at)
{
	float x;

	memcpy(&x, at, sizeof x);
	return x;
}

/* The graph's own order on both sides. */
static inline struct numbers run(const struct layers *layers, const struct numbers *x,
				 int64_t batch)
{
	const int64_t inputs = layers->edges[0].elements;
	const int64_t outputs = layers->edges[layers->count].elements;
	const int64_t samples = x->count / inputs;
	struct numbers y = { samples * outputs,
			     malloc((size_t)(samples * outputs) * sizeof(float)) };
	const struct env env = env_system();

	assert_int_equal(x->count % inputs, 0);
	float_run_batches(layers, &env, x->values, y.values, samples, batch);
	return y;
}

static inline int64_t class_of(const float *y, int64_t classes)
{
	int64_t most = 0;

	for (int64_t i = 1; i < classes; i++)
		most = y[i] > y[most] ? i : most;
	return most;
}

/* Largest difference over the largest magnitude; every class is that of `expected`. */
static inline double compare(const char *name, const struct numbers *y,
			     const struct numbers *expected, int64_t classes)
{
	double most = 0, worst = 0;

	assert_int_equal(y->count, expected->count);
	for (int64_t i = 0; i < y->count; i++) {
		most = fmax(most, fabs((double)expected->values[i]));
		worst = fmax(worst, fabs((double)y->values[i] - (double)expected->values[i]));
	}
	for (int64_t i = 0; classes && i < y->count; i += classes)
		if (class_of(y->values + i, classes) != class_of(expected->values + i, classes))
			fail_msg("%s: sample %lld has another class", name,
				 (long long)(i / classes));
	return worst / most;
}

struct model {
	const char *name, *input, *expected;
	int64_t classes;        /* 0: a regression                                       */
	int64_t samples;        /* that are run at batches of 1, 7 and 64; 0: all        */
};

static inline void open_model(struct layers *layers, const struct env *env, const char *name)
{
	char path[1200];

	snprintf(path, sizeof path, "%s/onnx/%s.onnx", shared_data(), name);
	plain_layers(layers, env, path);
}

/* The same bits in batches of any size. */
static inline void check_batches(const struct model *model, const struct layers *layers,
				 const struct numbers *x, const struct numbers *y)
{
	static const int64_t batches[] = { 1, 7 };
	const int64_t inputs = layers->edges[0].elements;
	const int64_t samples = model->samples ? model->samples : x->count / inputs;
	const struct numbers some = { samples * inputs, x->values };

	for (int i = 0; i < 2; i++) {
		struct numbers again = run(layers, &some, batches[i]);

		if (memcmp(again.values, y->values, (size_t)again.count * sizeof(float)))
			fail_msg("%s: other bits in batches of %lld", model->name,
				 (long long)batches[i]);
		free(again.values);
	}
}

#endif

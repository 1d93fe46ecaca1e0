/* SPDX-License-Identifier: MIT
 *
 * Reads the tables that tests/golden/make/quantize.py wrote: lines of fields between commas, the
 * first line names them.
 */
#ifndef QS_GOLDEN_H
#define QS_GOLDEN_H

#include "../harness/axes/tables.h"

#include <math.h>

enum { GOLDEN_FIELDS = 16, GOLDEN_VALUES = 8192 };

/* Calls each(fields) for every line but the first; returns how many lines there were. */
static inline int golden_lines(const char *name, void (*each)(char *const *fields))
{
	char path[1024], *line, *rest;
	int count = 0;

	snprintf(path, sizeof path, "%s/tests/golden/%s", source_dir(), name);
	char *const text = read_text(path);
	assert_non_null(text);
	for (line = strtok_r(text, "\n", &rest); (line = strtok_r(NULL, "\n", &rest)); count++) {
		char *fields[GOLDEN_FIELDS] = { 0 };
		int i = 0;

		for (char *field; i < GOLDEN_FIELDS && (field = strsep(&line, ",")); i++)
			fields[i] = field;
		each(fields);
	}
	free(text);
	return count;
}

/* "1 -2.5 3" into out; how many. */
static inline int64_t golden_numbers(const char *text, double *out)
{
	int64_t count = 0;
	char *end;

	for (double x = strtod(text, &end); end != text; x = strtod(text, &end)) {
		assert_true(count < GOLDEN_VALUES);
		out[count++] = x;
		text = end;
	}
	return count;
}

/* The scrambled counter of quantize.py's wave(). */
static inline void golden_wave(float *out, int64_t count, uint32_t seed, const char *shape)
{
	for (int64_t i = 0; i < count; i++) {
		uint32_t word = (uint32_t)i * 2654435761U + seed * 40503U;

		word ^= word >> 15;
		word *= 2246822519U;
		word ^= word >> 13;
		const double t = (double)word / 4294967296.0 - 0.5;
		double x = t;

		if (!strcmp(shape, "cubic"))
			x = 8 * t * t * t;
		else if (!strcmp(shape, "spike"))
			x = t * t * t * t * t * 32 + t / 8;
		else if (!strcmp(shape, "loud"))
			x = i % 97 ? t : 16 * t;
		else if (!strcmp(shape, "heavy"))
			x = t / (0.52 - fabs(t));
		else if (!strcmp(shape, "positive"))
			x = 4 * t * t;
		else if (!strcmp(shape, "negative"))
			x = -4 * t * t;
		else if (!strcmp(shape, "shifted"))
			x = t + 0.25;
		else if (!strcmp(shape, "huge"))
			x = 6.8e38 * t;
		else
			assert_string_equal(shape, "flat");
		out[i] = (float)x;
	}
}

/* "list 1 2 3" or "wave COUNT SEED SHAPE" into out[GOLDEN_VALUES]; how many. */
static inline int64_t golden_data(const char *text, float *out)
{
	static double numbers[GOLDEN_VALUES];
	long long count;
	unsigned seed;
	char shape[16];

	if (sscanf(text, "wave %lld %u %15s", &count, &seed, shape) == 3) {
		assert_true(count <= GOLDEN_VALUES);
		golden_wave(out, count, seed, shape);
		return count;
	}
	assert_memory_equal(text, "list ", 5);
	count = golden_numbers(text + 5, numbers);
	for (long long i = 0; i < count; i++)
		out[i] = (float)numbers[i];
	return count;
}

static inline void assert_near(double found, double expected, double relative)
{
	if (!(fabs(found - expected) <= relative * fabs(expected)))
		fail_msg("%.17g instead of %.17g", found, expected);
}

static inline const struct scheme *scheme_named(const char *name)
{
	const struct value *value = value_find(scheme_values, name);

	assert_non_null(value);
	return (const struct scheme *)value;
}

static inline const struct scale_rule *scale_named(const char *name)
{
	const struct value *value = value_find(scale_values, name);

	assert_non_null(value);
	return (const struct scale_rule *)value;
}

#endif

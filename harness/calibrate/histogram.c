/* SPDX-License-Identifier: MIT */
#include "histogram.h"

#include "../fixed_math.h"

#include <math.h>
#include <pthread.h>

#define LN_2 0.69314718055994530942

/* Points that are looked at one after another before a search: bins of short slices hold few. */
enum { NEAR = 8, NEARS = 3 };

static struct logs table;
static pthread_once_t table_once = PTHREAD_ONCE_INIT;

static void fill_table(void)
{
	for (int i = 1; i < LOGS; i++)
		table.of[i] = fixed_log((double)i);
}

const struct logs *logs_of_whole_numbers(void)
{
	pthread_once(&table_once, fill_table);
	return &table;
}

/* The leading digits by the table; the rest r is below 2^-10, so four terms of log(1 + r) do. */
double log_of_large(const struct logs *logs, int64_t count)
{
	const int shift = 53 - __builtin_clzll((unsigned long long)count);
	const int64_t lead = count >> shift;
	const double r = (double)(count - (lead << shift)) / (double)(lead << shift);

	return logs->of[lead] + shift * LN_2 + r * (1 - r * (1.0 / 2 - r * (1.0 / 3 - r / 4)));
}

/* The first point from `at` on that is >= edge, or > edge.  The points that are not are ascending,
 * so that counting them finds it, without a branch that hangs on them; one that the next edge meets
 * again counts as one visit. */
static int64_t next_from(const struct slice *slice, int64_t at, double edge)
{
	for (int near = 0; near < NEARS && at + NEAR <= slice->points; near++) {
		int below = 0;

		for (int i = 0; i < NEAR; i++)
			below += (double)slice->point[at + i] < edge;
		at += below;
		*slice->visits += (uint64_t)below + 1;
		if (below < NEAR)
			return at;
	}
	return slice_next_from(slice, at, edge);
}

static int64_t next_above(const struct slice *slice, int64_t at, double edge)
{
	for (int near = 0; near < NEARS && at + NEAR <= slice->points; near++) {
		int below = 0;

		for (int i = 0; i < NEAR; i++)
			below += (double)slice->point[at + i] <= edge;
		at += below;
		*slice->visits += (uint64_t)below + 1;
		if (below < NEAR)
			return at;
	}
	return slice_next_above(slice, at, edge);
}

static double edge_of(const struct histogram *histogram, int64_t bin)
{
	return histogram->base + (double)bin * histogram->width;
}

static void count_values(struct histogram *histogram, const struct slice *slice, int64_t zeros)
{
	int64_t at = 0;

	for (int64_t bin = 1; bin < histogram->bins; bin++) {
		const double edge = edge_of(histogram, bin);

		at = next_from(slice, at, edge);
		histogram->before[bin] =
			slice_values_below(slice, at, edge) - (edge > 0 ? zeros : 0);
	}
}

/* Those below an edge less those at or below its negative: both are searched for upwards. */
static void count_magnitudes(struct histogram *histogram, const struct slice *slice, int64_t zeros)
{
	int64_t at = 0;

	for (int64_t bin = histogram->bins - 1; bin > 0; bin--) {
		const double edge = -edge_of(histogram, bin);

		at = next_above(slice, at, edge);
		histogram->before[bin] = -zeros - slice_values_below(slice, at, edge);
	}
	for (int64_t bin = 1; bin < histogram->bins; bin++) {
		const double edge = edge_of(histogram, bin);

		at = next_from(slice, at, edge);
		histogram->before[bin] += slice_values_below(slice, at, edge);
	}
}

struct histogram histogram_of(const struct slice *slice, bool magnitudes, double base, double width,
			      int64_t bins, void *memory)
{
	const struct logs *logs = logs_of_whole_numbers();
	const int64_t nonzero = slice_nonzero(slice), zeros = slice->count - nonzero;
	struct histogram histogram = { .bins = bins, .base = base, .width = width };

	histogram.before = memory;
	histogram.entropy = (double *)(histogram.before + bins + 1);
	histogram.filled = (uint32_t *)(histogram.entropy + bins + 1);
	histogram.before[0] = 0;
	if (magnitudes)
		count_magnitudes(&histogram, slice, zeros);
	else
		count_values(&histogram, slice, zeros);
	histogram.before[bins] = nonzero;
	double entropy = 0;
	uint32_t filled = 0;

	histogram.filled[0] = 0;
	histogram.entropy[0] = 0;
	for (int64_t bin = 0; bin < bins; bin++) {
		const int64_t own = histogram.before[bin + 1] - histogram.before[bin];

		filled += own > 0;
		entropy += (double)own * log_of(logs, own);
		histogram.filled[bin + 1] = filled;
		histogram.entropy[bin + 1] = entropy;
	}
	return histogram;
}

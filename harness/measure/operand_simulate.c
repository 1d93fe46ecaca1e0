/* SPDX-License-Identifier: MIT */
#include "operand.h"

#include <math.h>

/* Runs of neighbours in memory that share a scale: run r has scale r % scales.  The last run of a
 * stretch of `in_row` may be short. */
struct runs {
	int64_t length, in_row, scales;
};

static struct runs runs_of(const struct tensor *tensor, const struct slicing *slicing)
{
	const int64_t all = tensor->rows * tensor->columns;

	if (slicing->kind == PER_TENSOR)
		return (struct runs){ .length = all, .in_row = all, .scales = 1 };
	if (slicing->kind == PER_GROUP && slicing->group < tensor->columns)
		return (struct runs){ .length = slicing->group, .in_row = tensor->columns,
				      .scales = INT64_MAX };
	if (slicing->kind == PER_GROUP || slicing->axis < 0 || slicing->axis == tensor->axis)
		return (struct runs){ .length = tensor->columns, .in_row = tensor->columns,
				      .scales = tensor->rows };
	int64_t inner = 1;
	for (int i = tensor->rank - 1; i > 0 && tensor->order[i] != slicing->axis; i--)
		inner *= tensor->shape[tensor->order[i]];
	return (struct runs){ .length = inner, .in_row = inner,
			      .scales = tensor->shape[slicing->axis] };
}

void operand_simulate(const struct tensor *tensor, const struct operand_case *one, float *back)
{
	const struct format *format = format_of(one->rule->format);
	const struct slicing slicing = slicing_of(one->rule);
	const struct runs runs = runs_of(tensor, &slicing);
	const int64_t all = tensor->rows * tensor->columns;
	struct grid grid = { .low = one->low, .high = one->high };
	struct tally tally = { 0 };
	int64_t run = 0;

	for (int64_t start = 0; start < all; run++) {
		const int64_t left = runs.in_row - start % runs.in_row;
		const int64_t length = left < runs.length ? left : runs.length;
		const struct slice_grid stored =
			one->grids ? one->grids[run % runs.scales] : (struct slice_grid){ 0 };

		grid.zero = stored.zero;
		format->simulate(tensor->values + start, length, &grid, stored.scale, one->round,
				 back + start, &tally);
		start += length;
	}
}

int64_t operand_groups(const struct tensor *tensor, const struct operand_case *one)
{
	const struct slicing slicing = slicing_of(one->rule);

	if (slicing.kind == PER_CHANNEL && slicing.axis >= 0 && slicing.axis != tensor->axis)
		return 0;
	if (slicing.kind == PER_GROUP && slicing.group < tensor->columns)
		return (tensor->columns + slicing.group - 1) / slicing.group;
	return 1;
}

/* One row's codes of one scale. */
static void encode_run(const struct operand_case *one, const float *values, int64_t length,
		       const struct slice_grid *stored, int32_t move, int32_t *wide, int8_t *codes)
{
	const struct grid grid = { .zero = stored->zero, .low = one->low, .high = one->high };

	format_of(one->rule->format)->encode(values, length, &grid, stored->scale, one->round,
					     wide);
	for (int64_t i = 0; i < length; i++)
		codes[i] = (int8_t)(wide[i] - move);
}

int operand_encode(const struct tensor *tensor, const struct operand_case *one,
		   struct operand_codes *out, struct error *error)
{
	const struct slicing slicing = slicing_of(one->rule);
	const int64_t groups = operand_groups(tensor, one), columns = tensor->columns;
	const int64_t length = groups > 1 ? slicing.group : columns;
	const int32_t move = one->low < 0 ? 0 : (int32_t)1 << (one->rule->bits - 1);
	int32_t *wide = env_new(tensor->env, (size_t)columns, sizeof *wide, "codes", error);

	if (!wide)
		return -1;
	for (int64_t row = 0; row < tensor->rows; row++) {
		for (int64_t g = 0; g < groups; g++) {
			const int64_t place = row * groups + g, start = row * columns + g * length;
			const int64_t left = columns - g * length;
			const struct slice_grid *stored =
				&one->grids[slicing.kind == PER_TENSOR ? 0 : place];

			out->scales[place] = stored->scale;
			out->zeros[place] = stored->zero - move;
			if (out->codes)
				encode_run(one, tensor->values + start,
					   left < length ? left : length, stored, move, wide,
					   out->codes + start);
		}
	}
	env_free(tensor->env, wide);
	return 0;
}

/* The place in tensor->shape, row-major, of the element at `place` in memory. */
static int64_t place_in_shape(const struct tensor *tensor, int64_t place)
{
	int64_t index[RANK_MAX] = { 0 }, flat = 0;

	for (int i = tensor->rank - 1; i >= 0; i--) {
		index[tensor->order[i]] = place % tensor->shape[tensor->order[i]];
		place /= tensor->shape[tensor->order[i]];
	}
	for (int i = 0; i < tensor->rank; i++)
		flat = flat * tensor->shape[i] + index[i];
	return flat;
}

int tensor_check_finite(const struct tensor *tensor, const char *name, struct error *error)
{
	const int64_t all = tensor->rows * tensor->columns;
	int64_t nans = 0, infinities = 0, first = INT64_MAX;

	for (int64_t i = 0; i < all; i++) {
		if (isfinite(tensor->values[i]))
			continue;
		const int64_t place = place_in_shape(tensor, i);

		nans += isnan(tensor->values[i]) != 0;
		infinities += isinf(tensor->values[i]) != 0;
		first = place < first ? place : first;
	}
	if (!nans && !infinities)
		return 0;
	return fail(error, STATUS_INPUT, "tensor '%s' holds %lld NaN and %lld infinite values, the "
		    "first at index %lld", name, (long long)nans, (long long)infinities,
		    (long long)first);
}

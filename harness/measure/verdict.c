/* SPDX-License-Identifier: MIT
 *
 * A kernel's result against the reference's, by bits first and then by the kernel's claim.
 */
#include "workload.h"

#include "../random.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

/* The code in `bits` bits of a row's bit string. */
static int32_t packed(const uint8_t *row, int64_t index, int bits, bool is_signed)
{
	int32_t code = 0;

	for (int b = 0; b < bits; b++) {
		const int64_t at = index * bits + b;

		code |= (row[at / 8] >> at % 8 & 1) << b;
	}
	return is_signed && code >> (bits - 1) ? code - (1 << bits) : code;
}

static double element(enum qs_type type, const void *data, int64_t index)
{
	switch (type) {
	case QS_F32: return (double)((const float *)data)[index];
	case QS_S64: return (double)((const int64_t *)data)[index];
	case QS_S32: return ((const int32_t *)data)[index];
	case QS_S16: return ((const int16_t *)data)[index];
	case QS_S8: return ((const int8_t *)data)[index];
	case QS_S4:
	case QS_U4: return packed(data, index, 4, type == QS_S4);
	default: return ((const uint8_t *)data)[index];
	}
}

/* Runs the units in ranges of odd length drawn from `split`, the last range first. */
static int run_split(const struct workload_call *call, uint64_t split)
{
	const struct workload *workload = call->workload;
	int64_t last = call->units;
	int status = 0;

	for (uint64_t i = 0; last > 0 && !status; i++) {
		const int64_t length = 1 + 2 * (int64_t)(random_at(split, 1, i).word[0] % 4);
		const int64_t first = last > length ? last - length : 0;

		status = call->kernel->run(call->prepared, workload->a.data, workload->y.data,
					   first, last);
		last = first;
	}
	return status;
}

/* Of so many elements of y. */
static size_t row_bytes(const struct qs_task *task, int64_t elements)
{
	return ((size_t)elements * (size_t)type_bits(task->y.type) + 7) / 8;
}

/* Everything of y's pages that is no output still holds the pattern. */
static bool stayed_inside(const struct workload *workload)
{
	const struct qs_task *task = &workload->task;
	const struct guarded *y = &workload->y;
	const size_t row = row_bytes(task, task_width(task));
	const size_t step = row_bytes(task, task->y.stride);

	if (!guarded_untouched(y->inner, y->data) ||
	    !guarded_untouched(y->data + y->bytes, y->inner + y->inner_bytes))
		return false;
	for (size_t i = 0; i + 1 < (size_t)task->m; i++)
		if (!guarded_untouched(y->data + i * step + row, y->data + (i + 1) * step))
			return false;
	return true;
}

static bool within_claim(const struct workload *workload, const struct qs_kernel *kernel,
			 double found, double expected)
{
	const double error = fabs(found - expected);

	if (workload->task.y.type == QS_F32)
		return kernel->claim_relative > 0 &&
		       error <= kernel->claim_relative * workload->largest;
	return error <= kernel->claim_steps;
}

static bool same_bits(enum qs_type type, const char *y, const char *expected, int64_t index)
{
	const size_t bytes = (size_t)type_bits(type) / 8, at = (size_t)index * bytes;

	if (!bytes)
		return element(type, y, index) == element(type, expected, index);
	return !memcmp(y + at, expected + at, bytes);
}

static enum verdict compare(const struct workload *workload, const struct qs_kernel *kernel,
			    struct workload_difference *difference)
{
	const struct qs_task *task = &workload->task;
	const int64_t columns = task_width(task);
	const size_t bytes = row_bytes(task, columns), step = row_bytes(task, task->y.stride);
	const char *y = workload->y.data, *expected = workload->expected.data;
	bool exact = true;
	int64_t wrong = 0;

	for (int64_t i = 0; i < task->m; i++) {
		const size_t row = (size_t)i * step;

		if (!memcmp(y + row, expected + row, bytes))
			continue;
		exact = false;
		for (int64_t j = 0; j < columns; j++) {
			const double found = element(task->y.type, y + row, j);
			const double wanted = element(task->y.type, expected + row, j);

			if (same_bits(task->y.type, y + row, expected + row, j) ||
			    within_claim(workload, kernel, found, wanted))
				continue;
			if (!wrong++) {
				difference->row = i;
				difference->column = j;
				difference->found = found;
				difference->expected = wanted;
			}
		}
	}
	difference->wrong_fraction = (double)wrong / ((double)task->m * (double)columns);
	if (exact)
		return VERDICT_EXACT;
	if (!wrong && !kernel->claim_steps && kernel->claim_relative <= 0)
		difference->reason = "the bits behind a row's last code are not 0";
	return wrong || difference->reason ? VERDICT_WRONG : VERDICT_WITHIN;
}

enum verdict workload_check(struct workload *workload, const struct qs_kernel *kernel,
			    uint64_t split, struct workload_difference *difference)
{
	struct workload_call call;
	int status;

	*difference = (struct workload_difference){ 0 };
	if (!workload_prepare(&call, workload, kernel, &difference->reason))
		return VERDICT_REFUSED;
	memset(workload->y.inner, GUARD_PATTERN, workload->y.inner_bytes);
	if (call.units < 1) {
		difference->reason = "units() gave less than 1";
		status = 0;
	} else {
		status = split ? run_split(&call, split) : workload_call(&call);
	}
	workload_release(&call);
	if (status)
		difference->reason = "run() said that it failed";
	else if (!difference->reason && !stayed_inside(workload))
		difference->reason = "it wrote outside the rows of y";
	if (difference->reason) {
		difference->wrong_fraction = 1;
		return VERDICT_WRONG;
	}
	return compare(workload, kernel, difference);
}

int workload_describe(char *out, size_t size, const struct workload_difference *difference)
{
	if (difference->reason)
		return snprintf(out, size, "%s", difference->reason);
	return snprintf(out, size, "y[%lld][%lld] is %.10g, reference %.10g (%.3g %% of outputs)",
			(long long)difference->row, (long long)difference->column,
			difference->found, difference->expected, 100 * difference->wrong_fraction);
}

/* SPDX-License-Identifier: MIT
 *
 * paired_low(FIRST, SECOND, SAMPLES) and paired_high(...) in SQL: the interval of the difference of
 * two runs of the same samples, from two `bytes` of table sample_values (measure/paired.h).  NULL
 * where one is absent or they are not of so many samples.
 */
#include "store_internal.h"

#include "../measure/paired.h"

#include <string.h>

enum { SAMPLES_MOST = 1 << 20 };         /* what paired_counts takes                      */

/* One bit a sample: right. */
static struct paired pair_answers(const unsigned char *first, const unsigned char *second,
				  int64_t samples)
{
	int64_t lost = 0, gained = 0;

	for (int64_t i = 0; i < samples; i++) {
		const bool before = first[i / 8] >> i % 8 & 1, after = second[i / 8] >> i % 8 & 1;

		lost += before && !after;
		gained += !before && after;
	}
	return paired_counts(lost, gained, samples);
}

/* A double a sample; SQLite does not align what it gives. */
static bool pair_losses(const void *first, const void *second, int64_t samples,
			struct paired *paired)
{
	const size_t size = (size_t)samples * sizeof(double);
	double *losses = sqlite3_malloc64(2 * size);

	if (!losses)
		return false;
	memcpy(losses, first, size);
	memcpy(losses + samples, second, size);
	*paired = paired_losses(losses, losses + samples, samples);
	sqlite3_free(losses);
	return true;
}

void sql_paired(sqlite3_context *context, int count, sqlite3_value **values)
{
	const bool *high = sqlite3_user_data(context);
	const void *first = sqlite3_value_blob(values[0]);
	const void *second = sqlite3_value_blob(values[1]);
	const int64_t size = sqlite3_value_bytes(values[0]);
	const int64_t samples = sqlite3_value_int64(values[2]);
	struct paired paired;

	(void)count;
	if (!first || !second || size != sqlite3_value_bytes(values[1]) || samples < 1 ||
	    samples > SAMPLES_MOST)
		return;
	if (size == (samples + 7) / 8) {
		paired = pair_answers(first, second, samples);
	} else if (size != samples * (int64_t)sizeof(double)) {
		return;
	} else if (!pair_losses(first, second, samples, &paired)) {
		sqlite3_result_error_nomem(context);
		return;
	}
	sqlite3_result_double(context, *high ? paired.high : paired.low);
}

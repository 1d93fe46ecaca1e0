/* SPDX-License-Identifier: MIT
 *
 * The table of metrics: a new one is one file with one const struct and one name here.  Which one
 * is taken where a config names none: the first of top1, mse, agreement and mse_to_float that fits.
 */
#include "metric.h"

#include "../../sums.h"

#define METRICS(X)                                                                                 \
	X(top1)                                                                                    \
	X(top5)                                                                                    \
	X(auc)                                                                                     \
	X(mse)                                                                                     \
	X(psnr)                                                                                    \
	X(agreement)                                                                               \
	X(mse_to_float)

#define DECLARE(name) extern const struct metric metric_##name;
METRICS(DECLARE)

#define ROW(name) &metric_##name.value,
const struct value *const metric_values[] = { METRICS(ROW) NULL };

const struct metric *metric_choose(unsigned has, bool is_class)
{
	if (has & METRIC_CLASSES && is_class)
		return &metric_top1;
	if (has & METRIC_TARGETS)
		return &metric_mse;
	return is_class ? &metric_agreement : &metric_mse_to_float;
}

const char *metric_refuse(const struct metric *metric, int64_t outputs, unsigned has)
{
	if (metric->needs & METRIC_CLASSES && !(has & METRIC_CLASSES))
		return "needs the samples' classes: \"labels\" or \"label_column\" in "
		       "evaluation_data";
	if (metric->needs & METRIC_TARGETS && !(has & METRIC_TARGETS))
		return "needs the right outputs: \"target\" in evaluation_data";
	return metric->refuse ? metric->refuse(outputs, has) : NULL;
}

double mean_squared_error(const float *output, const float *right, int64_t outputs)
{
	struct sum sum = { 0 };

	for (int64_t i = 0; i < outputs; i++) {
		const double off = (double)output[i] - (double)right[i];

		sum_add(&sum, off * off);
	}
	return sum_total(&sum) / (double)outputs;
}

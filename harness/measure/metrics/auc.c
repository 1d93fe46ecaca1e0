/* SPDX-License-Identifier: MIT
 *
 * The area under the receiver's curve, and how two runs of the same samples differ.
 *
 * The area is the chance that a sample of class 1 has the greater score than one of class 0, a tie
 * counting half (Mann and Whitney's U).  A sample's part is the share of the other class that it is
 * told apart from; areas are means of parts, and the variance of a difference is that of the parts'
 * differences, class by class: DeLong, DeLong and Clarke-Pearson, "Comparing the areas under two or
 * more correlated receiver operating characteristic curves" (Biometrics 44, 1988).  Parts are made
 * from ranks (Sun and Xu 2014): one sort a run.
 */
#include "metric.h"

#include "../../sums.h"

#include <math.h>
#include <stdlib.h>

static const double normal_quantile = 1.959964; /* of 0.975 */

struct ranked {
	double score;
	int64_t sample;
};

static int by_score(const void *a, const void *b)
{
	const struct ranked *x = a, *y = b;

	if (x->score < y->score || x->score > y->score)
		return x->score < y->score ? -1 : 1;
	return (x->sample > y->sample) - (x->sample < y->sample);
}

/* Of each sample how many of the other class stand on its wrong side: parts[sample] as above. */
static void find_parts(struct ranked *ranked, const double *scores, const int32_t *classes,
		       int64_t samples, const int64_t *counts, double *parts)
{
	int64_t below[2] = { 0, 0 };

	for (int64_t i = 0; i < samples; i++)
		ranked[i] = (struct ranked){ scores[i], i };
	qsort(ranked, (size_t)samples, sizeof *ranked, by_score);
	for (int64_t i = 0, end; i < samples; i = end) {
		int64_t equal[2] = { 0, 0 };

		for (end = i; end < samples && !(ranked[end].score > ranked[i].score); end++)
			equal[classes[ranked[end].sample]]++;
		for (int64_t j = i; j < end; j++) {
			const int64_t sample = ranked[j].sample;
			const int own = classes[sample], other = !own;
			const double lower = (double)below[other] + 0.5 * (double)equal[other];
			const double share = lower / (double)counts[other];

			parts[sample] = own ? share : 1 - share;
		}
		below[0] += equal[0];
		below[1] += equal[1];
	}
}

/* Of one class: the mean of first[] (0 where NULL) taken from second[], and the variance of that
 * mean. */
static double mean_of(const double *first, const double *second, const int32_t *classes,
		      int32_t class, int64_t samples, int64_t count, double *variance)
{
	struct sum sum = { 0 }, squares = { 0 };

	for (int64_t i = 0; i < samples; i++)
		if (classes[i] == class)
			sum_add(&sum, second[i] - (first ? first[i] : 0));
	const double mean = sum_total(&sum) / (double)count;

	for (int64_t i = 0; i < samples; i++)
		if (classes[i] == class) {
			const double off = second[i] - (first ? first[i] : 0) - mean;

			sum_add(&squares, off * off);
		}
	*variance =
		count > 1 ? sum_total(&squares) / (double)(count - 1) / (double)count : (double)NAN;
	return mean;
}

static int count_classes(const int32_t *classes, int64_t samples, int64_t *counts,
			 struct error *error)
{
	for (int64_t i = 0; i < samples; i++) {
		if (classes[i] > 1)
			return fail(error, STATUS_INPUT,
				    "auc: sample %lld has class %d; it tells "
				    "class 1 from class 0 alone",
				    (long long)i, classes[i]);
		counts[classes[i]]++;
	}
	if (counts[0] && counts[1])
		return 0;
	return fail(error, STATUS_INPUT,
		    "auc: all %lld samples have class %d; it needs some of "
		    "class 0 and some of class 1",
		    (long long)samples, counts[1] > 0);
}

static int auc_summarize(const struct env *env, const double *first, const double *second,
			 const int32_t *classes, int64_t samples, struct metric_summary *out,
			 struct error *error)
{
	const double none = (double)NAN;
	int64_t counts[2] = { 0, 0 };
	struct ranked *ranked;
	double *parts, *others, variance[2];

	*out = (struct metric_summary){ none, none, none, none };
	if (count_classes(classes, samples, counts, error))
		return -1;
	ranked = env_new(env, (size_t)samples, sizeof *ranked, "ranks of scores", error);
	parts = env_new(env, (size_t)samples, sizeof *parts, "ranks of scores", error);
	others = env_new(env, (size_t)samples, sizeof *others, "ranks of scores", error);
	if (ranked && parts && others) {
		find_parts(ranked, second, classes, samples, counts, parts);
		out->value = mean_of(NULL, parts, classes, 1, samples, counts[1], &variance[1]);
		if (first) {
			find_parts(ranked, first, classes, samples, counts, others);
			out->difference = mean_of(others, parts, classes, 1, samples, counts[1],
						  &variance[1]);
			mean_of(others, parts, classes, 0, samples, counts[0], &variance[0]);
			const double half = normal_quantile * sqrt(variance[0] + variance[1]);

			out->low = out->difference - half;
			out->high = out->difference + half;
		}
	}
	env_free(env, ranked);
	env_free(env, parts);
	env_free(env, others);
	return ranked && parts && others ? 0 : -1;
}

/* An anomaly is what the network does not give back. */
static double auc_score(const float *output, int64_t outputs, const struct metric_truth *truth)
{
	if (truth->target)
		return mean_squared_error(output, truth->target, outputs);
	return outputs == 1 ? (double)output[0] : (double)output[1] - (double)output[0];
}

static const char *auc_refuse(int64_t outputs, unsigned has)
{
	return outputs <= 2 || has & METRIC_TARGETS
		       ? NULL
		       : "needs a network of one or two outputs, or a \"target\" (\"input\" of an "
			 "anomaly network), whose mean squared error is the score";
}

const struct metric metric_auc = {
	.value = { .name = "auc",
		   .summary =
			   "area under the curve of classes 0 and 1 by a score: the error to the "
			   "target, or the output (of two: the second less the first)",
		   .source = "Mann-Whitney U; the interval by DeLong, DeLong and Clarke-Pearson, "
			     "1988" },
	.needs = METRIC_CLASSES,
	.score = auc_score,
	.summarize = auc_summarize,
	.refuse = auc_refuse,
};

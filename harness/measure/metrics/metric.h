/* SPDX-License-Identifier: MIT
 *
 * What a network is judged by: each sample's output becomes one number, the task's value is their
 * mean.  A new metric is one file in this folder and one name in metrics.c.
 */
#ifndef QS_METRIC_H
#define QS_METRIC_H

#include "../../../datasets/networks/network.h"

struct metric_truth {           /* of one sample                                         */
	int32_t class_index;    /* of a classifier                                       */
	const float *target;    /* [outputs] of a regression; else NULL                  */
};

struct metric {
	struct value value;
	bool counted;           /* a score is 1 (right) or 0 (wrong); else it is a loss   */
	bool of_classes;        /* of a classifier; else of a regression                 */
	double (*score)(const float *output, int64_t outputs, const struct metric_truth *truth);
};

/* What the network's task asks for. */
const struct metric *metric_of_network(const struct network *network);

#endif

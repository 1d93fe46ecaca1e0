/* SPDX-License-Identifier: MIT */
#include "sensitivity.h"

#include <math.h>

static const double passes_a_layer = 0.6;
static const double questions = 6;       /* alone and spared: weights, activations, both  */
static const double bases = 3;           /* the parts themselves                          */

double sensitivity_passes(const struct layers *layers)
{
	const double count = (double)layers->count;
	double all = 0, suffixes = 0;

	for (size_t l = 0; l < layers->count; l++) {
		const double macs = (double)layers->layers[l].macs;

		all += macs;
		/* of the suffixes from layers 0 to l on */
		suffixes += macs * (double)(l + 1);
	}
	return bases + questions * fmax((count + 1) / 2, all > 0 ? suffixes / all : 0);
}

int64_t sensitivity_samples(const struct layers *layers, int64_t asked, int64_t evaluation)
{
	const double share = passes_a_layer * (double)layers->count / sensitivity_passes(layers);
	const int64_t paid = (int64_t)floor((double)evaluation * fmin(share, 1));

	if (asked)
		return asked < evaluation ? asked : evaluation;
	return paid > 1 ? paid : 1;
}

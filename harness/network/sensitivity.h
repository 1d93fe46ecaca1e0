/* SPDX-License-Identifier: MIT
 *
 * How many samples a network's sensitivity is taken on, and what it may cost.
 *
 * A pass is all layers of a network once, over all evaluation samples.  Each layer is asked six
 * times: it alone quantized and it alone spared, each with its weights, its activations and both.
 * Only the layers from it on are computed, the others' outputs are known, so L layers are at most
 * 3 (L + 1) passes, and three more for the network with its weights, its activations and both
 * quantized.  Where the config says nothing, so many of the evaluation samples are drawn that this
 * is at most 0.6 L passes, by layers and by multiply-adds.
 */
#ifndef QS_SENSITIVITY_COST_H
#define QS_SENSITIVITY_COST_H

#include "layers.h"

/* The most that one recipe takes of one sample, in passes over it: the greater of the share of
 * layers and that of multiply-adds. */
double sensitivity_passes(const struct layers *layers);

/* How many of `evaluation` samples: `asked`, or where that is 0 what 0.6 L passes pay for, at least
 * 1. */
int64_t sensitivity_samples(const struct layers *layers, int64_t asked, int64_t evaluation);

#endif

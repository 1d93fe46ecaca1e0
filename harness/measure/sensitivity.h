/* SPDX-License-Identifier: MIT
 *
 * What each layer of a network costs by itself, simulated, over some of the evaluation samples (how
 * many: network/sensitivity.h; which: sensitivity_drawn.c).
 *
 * A part of a recipe is a recipe: `weights` has float activations, `activations` float weights,
 * `both` is the recipe itself.  `quantized` is the part as it is; `only` is the part with policy
 * {"only": [LAYER]}; `spared` leaves the layer in float, beside those that the recipe's own policy
 * leaves.  The numbers are those of such a recipe: of an edge between two layers whose activations
 * are quantized, sparing one leaves the other to quantize it.
 */
#ifndef QS_SENSITIVITY_H
#define QS_SENSITIVITY_H

#include <stdbool.h>
#include <stdint.h>

enum sensitivity_part { PART_WEIGHTS, PART_ACTIVATIONS, PART_BOTH, PARTS };

/* One run of the network. */
struct sensitivity_answer {
	bool known;             /* false: a sample's own range was refused on the way     */
	double sqnr_db;         /* of the network's output; NaN: signal or error is 0     */
	double value;           /* of the task; NaN: these samples give it none (one class) */
	int64_t lost, gained;   /* answers, against float; where struct sensitivity.counted */
};

struct sensitivity_layer {
	bool has[PARTS];        /* the part quantizes something of the layer              */
	struct sensitivity_answer only[PARTS], spared[PARTS];
};

enum { SENSITIVITY_BASE, SENSITIVITY_ONLY, SENSITIVITY_SPARED, SENSITIVITY_RUNS };

struct sensitivity {
	int64_t samples;
	bool counted;           /* the metric knows right and wrong                       */
	double float_value;
	bool has[PARTS];        /* weights and activations: of a recipe that quantizes both */
	struct sensitivity_answer quantized[PARTS];
	const struct sensitivity_layer *layers;  /* [layer_count]                          */
	/* layers computed, one sample each; they hang on the batch where an output of some samples
	 * alone stays what it was */
	uint64_t runs[SENSITIVITY_RUNS];
	uint64_t macs;
};

#endif

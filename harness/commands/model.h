/* SPDX-License-Identifier: MIT
 *
 * `quantsweep run --model FILE`: the config that a model without one is measured by.
 *
 * It is written to results/NAME.json, NAME from the model's file name, with paths relative to that
 * folder, and then run like any other: running it again plans the same cells.
 */
#ifndef QS_MODEL_H
#define QS_MODEL_H

#include "../env.h"

#include <stdbool.h>

enum model_sweep { MODEL_STANDARD, MODEL_QUICK, MODEL_FULL };

struct model_request {
	/* files as given; NULL: not given */
	const char *model, *calibration, *evaluation, *labels;
	enum model_sweep sweep;
};

/* Is any of it asked for? */
bool model_is_asked(const struct model_request *request);
/* Writes the config and gives its path, for the caller to free; NULL with *error.  A file of that
 * name that is not such a config stays as it is, with a sentence. */
char *model_config(const struct env *env, const struct model_request *request,
		   struct error *error);

#endif

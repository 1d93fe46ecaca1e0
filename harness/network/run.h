/* SPDX-License-Identifier: MIT
 *
 * What the rows of operations/ name to compute their layers: see struct layer_operation.
 */
#ifndef QS_RUN_H
#define QS_RUN_H

#include "operation.h"

/* Layers with weights: a convolution, and a product as a convolution of 1 x 1. */
int run_product_float(struct layer_run *run, struct error *error);
int run_product_integer(struct layer_run *run, struct error *error);
int prepare_product_integer(struct layer_preparing *preparing, struct error *error);

int run_add_float(struct layer_run *run, struct error *error);
int run_add_integer(struct layer_run *run, struct error *error);
int prepare_add_integer(struct layer_preparing *preparing, struct error *error);

/* Over all positions of a sample. */
int run_average_pool_float(struct layer_run *run, struct error *error);
int run_average_pool_integer(struct layer_run *run, struct error *error);
int prepare_average_pool_integer(struct layer_preparing *preparing, struct error *error);

#endif

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

/* A convolution of several groups, float and integer; one of one group is a product. */
int run_conv_float(struct layer_run *run, struct error *error);
int run_conv_integer(struct layer_run *run, struct error *error);

int run_add_float(struct layer_run *run, struct error *error);
int run_add_integer(struct layer_run *run, struct error *error);
int prepare_add_integer(struct layer_preparing *preparing, struct error *error);

/* The mean or the largest value of a window. */
int run_average_pool_float(struct layer_run *run, struct error *error);
int run_average_pool_integer(struct layer_run *run, struct error *error);
int prepare_average_pool_integer(struct layer_preparing *preparing, struct error *error);
int run_max_pool_float(struct layer_run *run, struct error *error);
int run_max_pool_integer(struct layer_run *run, struct error *error);
int prepare_max_pool_integer(struct layer_preparing *preparing, struct error *error);

/* Values in another place. */
int run_move_float(struct layer_run *run, struct error *error);
int run_move_integer(struct layer_run *run, struct error *error);
int prepare_move_integer(struct layer_preparing *preparing, struct error *error);

/* Edges one after the other along an axis. */
int run_concat_float(struct layer_run *run, struct error *error);
int run_concat_integer(struct layer_run *run, struct error *error);
int prepare_concat_integer(struct layer_preparing *preparing, struct error *error);

/* A function of each element by itself. */
int run_map_float(struct layer_run *run, struct error *error);
int run_map_integer(struct layer_run *run, struct error *error);
int prepare_map_integer(struct layer_preparing *preparing, struct error *error);

/* Floats alone: there is no integer execution. */
int run_softmax_float(struct layer_run *run, struct error *error);

#endif

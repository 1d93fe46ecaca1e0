/* SPDX-License-Identifier: MIT
 *
 * A row of the table of operations, and what its functions are handed.  A new operation is one file
 * in operations/ and one line in operations/operations.c.
 */
#ifndef QS_OPERATION_H
#define QS_OPERATION_H

#include "../axes/axis.h"
#include "layers.h"

struct lowering;                /* of lowering.h: a walk through a graph                 */

struct layer_run;               /* of execute_parts.h: one layer, one batch, one thread   */
struct layer_preparing;         /* of execute_parts.h                                     */

struct layer_operation {
	struct value value;     /* conv, gemm, add, ...: view drift's column `operation`  */
	const char *const *types;        /* ONNX operators, ended by NULL                */
	int (*lower)(struct lowering *lowering);
	/* NULL where the row makes no layer of its own.  Float: of the float run, of islands and of
	 * the simulated run between its quantizers; ReLU included. */
	int (*run_float)(struct layer_run *run, struct error *error);
	/* NULL in a row that makes layers: they are never quantized, but always islands. */
	int (*run_integer)(struct layer_run *run, struct error *error);
	/* What run_integer needs, copied from the layer and its weights; or why it cannot be. */
	int (*prepare_integer)(struct layer_preparing *preparing, struct error *error);
};

#endif

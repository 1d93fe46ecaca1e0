/* SPDX-License-Identifier: MIT
 *
 * One network under one recipe, computed layer by layer: float, simulated and integer.
 *
 * Quantizers sit on edges: an edge has one, for who writes it and for who reads it.  A quantized
 * layer reads codes and writes codes; a float island reads what the codes mean and writes floats,
 * which the next quantized layer turns into codes itself.
 *
 *   simulated   inputs, weights and outputs are quantized and dequantized to float32; the layer
 *               between them is the float chain of kernels/gemm; a bias is put on the grid
 *               s_a * s_w (rint in double; the value it means rounded once to float32).  Never an
 *               integer kernel.
 *   integer     codes and s32 sums; bias s32; from sums to codes by kernels/requantize.h.  Where a
 *               range is dynamic or weights have groups, a sum becomes a float,
 *               y = fma(sum over groups of (float)s32 * s_w by fma, s_a, bias), and then codes.
 *               Codes are kept in u8: signed ones moved up by 128, zero point with them, which
 *               changes no difference code - zero.
 *
 * All results are independent of batch, kernel, ISA, threads and compiler.  Floats that are not
 * needed after execution_make are not read again: an integer layer does not see them.
 */
#ifndef QS_EXECUTE_H
#define QS_EXECUTE_H

#include "../../kernels/requantize.h"
#include "../calibrate/calibrate.h"
#include "../library.h"
#include "layers.h"

/* How values of an edge become codes.  rule NULL or float: they stay as they are. */
struct quantizer {
	const struct rule *rule;
	enum qs_round round;
	bool dynamic;           /* a range for each sample, chosen while it runs          */
	struct grid grid;       /* static: the scheme's, its own code range              */
	float scale;            /* static: as stored                                     */
};

/* A layer's weights under one rule, whole rows one after the other. */
struct quantized_weights {
	const float *simulated; /* [rows][columns]; NULL: the layer's own                */
	const int8_t *codes;    /* [rows][columns], less 2^(b-1) where unsigned; NULL: there is no
				 * integer execution (9 bits, or scales across the reduction)  */
	const float *scales;    /* [rows][groups]; of one a tensor repeated               */
	const int32_t *zeros;   /* likewise, in the domain of codes                      */
	int64_t group;          /* values that share a scale, the last fewer; 0: a row    */
};

struct execution_spec {
	const struct layers *layers;
	const struct libraries *libraries;
	const bool *islands;                     /* [layers]: stays in float              */
	const struct quantizer *edges;           /* [layers + 1]                         */
	const struct quantized_weights *weights; /* [layers]                             */
	const enum qs_requantize *modes;         /* [layers]                             */
	enum qs_round round;
	int64_t batch;                           /* samples a call, at most               */
};

struct execution {
	const struct env *env;
	const struct layers *layers;
	int64_t batch;
	/* why there is no integer execution, with the layer's name; "": there is */
	char no_integer[256];
	int64_t integer_macs, float_macs;        /* of one sample: an island's are float  */
	struct prepared_layer *prepared;         /* [layers], of execute_parts.h          */
};

/* The spec may go away afterwards, and so may the weights of its layers; layers and the rules of
 * the quantizers stay. */
int execution_make(struct execution *execution, const struct env *env,
		   const struct execution_spec *spec, struct error *error);
void execution_free(struct execution *execution);

struct sample_grid {
	float scale;
	int32_t zero;           /* of u8 codes                                           */
};

/* What an edge holds for a batch. */
struct edge_values {
	float *values;          /* [batch][elements]                                     */
	uint8_t *codes;         /* [batch][elements]; of an integer run                  */
	struct sample_grid *grids;       /* [batch]                                      */
	/* RAW: values.  ON_GRID: values that lie on grids.  CODED: codes; values mean nothing. */
	enum { EDGE_RAW, EDGE_ON_GRID, EDGE_CODED } state;
};

/* Scratch memory of one thread, for any execution of these layers and at most this batch. */
struct execution_room;
int execution_room_new(struct execution_room **room, const struct env *env,
		       const struct layers *layers, int64_t batch, struct error *error);
void execution_room_free(struct execution_room *room);

/* One layer on `batch` samples.  inputs: as layer.inputs.  RAW inputs of a quantized layer are
 * quantized first, CODED ones of a float layer decoded.  out->state is set; out->values is scratch
 * of an integer run.  tally (may be NULL) counts the output's quantization.  An island has the
 * layer's own weights, a quantized layer the simulated ones: the float run is that of an execution
 * whose layers are all islands.  A ReLU of a NaN is 0; a dynamic range of one is
 * STATUS_FAILED, one that the rule refuses (too few values) STATUS_INPUT, both with the layer's
 * name.  No memory is allocated but for the first dynamic range of a room. */
int execution_float(const struct execution *execution, struct execution_room *room, size_t layer,
		    const struct edge_values *const *inputs, struct edge_values *out, int64_t batch,
		    struct error *error);
int execution_simulated(const struct execution *execution, struct execution_room *room,
			size_t layer, const struct edge_values *const *inputs,
			struct edge_values *out, int64_t batch, struct tally *tally,
			struct error *error);
int execution_integer(const struct execution *execution, struct execution_room *room, size_t layer,
		      const struct edge_values *const *inputs, struct edge_values *out,
		      int64_t batch, struct error *error);
/* ON_GRID values to the codes they are, exactly; RAW stays RAW (copied). */
void edge_encode(const struct edge_values *from, int64_t elements, int64_t batch,
		 struct edge_values *to);
/* CODED to the values they mean, into to->values; else copied. */
void edge_decode(const struct edge_values *from, int64_t elements, int64_t batch,
		 struct edge_values *to);

#endif

/* SPDX-License-Identifier: MIT
 *
 * What the files of an execution share: a layer made ready, scratch memory, one call.
 *
 * A layer with weights is a product: rows of patches, one a position of the output, times rows of
 * weights.  It is computed `chunk` rows at a time, so that patches and sums stay in cache; a kernel
 * is prepared for exactly that many rows, and what a short last chunk lacks is computed and thrown
 * away.
 */
#ifndef QS_EXECUTE_PARTS_H
#define QS_EXECUTE_PARTS_H

#include "../../kernels/affine.h"
#include "../loops/loops.h"
#include "execute.h"
#include "run.h"

#include <math.h>

/* Patches and sums of a chunk are at most this many elements each, but one row at least. */
enum { CHUNK_ELEMENTS = 1 << 16 };

struct product {                /* a gemm with packed weights                            */
	const struct qs_kernel *kernel;
	struct qs_task task;
	void *prepared;         /* NULL: there is none                                   */
};

struct prepared_layer {
	bool island;
	struct quantizer in[LAYER_INPUTS_MAX], out;
	int64_t chunk;          /* rows of a product                                     */

	/* float: of an island the layer's own weights, else the simulated ones */
	struct product chain;
	float *bias;            /* [rows]; NULL: none                                    */

	/* integer */
	enum qs_requantize mode;
	enum qs_round round;
	bool through_float;     /* sums become floats, and floats codes                  */
	int32_t zero_a;         /* of the input's u8 codes, where static                 */
	int64_t group_count;    /* of scales along a row of weights; 1 where static      */
	struct product *sums;   /* [group_count]                                         */
	int64_t *bias_codes;    /* [rows]; NULL: none                                    */
	int32_t *zeros;         /* [group_count][rows], of weights                       */
	float *scales;          /* likewise                                              */
	int32_t *weight_sums;   /* likewise: sum of (code - zero); where through_float   */
	struct qs_requantizer *requantizers;     /* [rows]; of a pool [counts]           */
	int64_t counts;         /* of positions that a pool's windows may have, or 1: all equal */
	float *steps;           /* [rows]: their scales, for mode float                  */
	/* execute_direct.c: one kernel instead of the above, where `prepared` is not NULL */
	struct product conv_floats;      /* a convolution, instead of `chain`             */
	struct product direct;  /* codes to codes, of a batch's patches or of one sample */
	struct product scaled;  /* codes to floats, of a batch's patches: groups of scales */
	float *row_scales;      /* its [rows][group_count]                               */
	int32_t *row_zeros;     /* likewise                                              */
	struct product conv_sums;        /* codes to sums, of one sample: a scale a channel */
	struct qs_conv conv;    /* of one sample                                         */
	int32_t zero_y;         /* of u8 codes                                           */
	bool has_adder;         /* an add's: by `adder`, else by sum_codes               */
	struct loop_adder adder;
	uint8_t *sum_codes;     /* an add's: [256][256], by the codes of its inputs       */
	uint8_t *tables;        /* [inputs or period][256]: the output's code of an input's */

	/* a convolution of several groups: a product a group instead of `chain`, and for each of
	 * its groups group_count of `sums` */
	int64_t conv_groups;    /* 0: it has one                                          */
	struct product *chains; /* [conv_groups]                                          */
};

struct execution_room {
	const struct env *env;
	int64_t batch;
	int64_t edge_elements;  /* of the largest edge, a sample                         */
	void *patches;          /* of a chunk: floats or u8 codes                        */
	void *sums;             /* of a chunk: floats or s32                             */
	float *accumulators;    /* of a chunk                                            */
	struct edge_values ready[LAYER_INPUTS_MAX];      /* inputs in the form that a layer takes */
	struct slice_room slices;        /* made by the first dynamic range              */
};

struct layer_run {              /* one layer, one batch, one thread                      */
	const struct layer *layer;
	const struct prepared_layer *prepared;
	struct execution_room *room;
	const struct edge *in_edges[LAYER_INPUTS_MAX], *out_edge;
	const struct edge_values *in[LAYER_INPUTS_MAX];  /* float: values; integer: codes, grids */
	struct edge_values *out;         /* integer: codes, or values where through_float */
	int64_t batch;
};

struct layer_preparing {
	const struct env *env;
	const struct libraries *libraries;
	const struct layer *layer;
	const struct edge *in_edge, *out_edge;
	const struct quantized_weights *weights;
	struct prepared_layer *prepared;
	char *no_integer;       /* of struct execution                                   */
};

/* Writes why there is no integer execution, the layer's name first; returns 0. */
int no_integer(struct layer_preparing *preparing, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/* Rows of one product of a layer with weights, where a call has at most `batch` samples. */
int64_t chunk_of(const struct layer *layer, const struct edge *out, int64_t batch);
/* weights[rows][columns] and bias[rows] (may be NULL) are copied. */
int prepare_chain(struct layer_preparing *preparing, const float *weights, const float *bias,
		  struct error *error);
/* A kernel for the images themselves; where there is none conv_floats stays without. */
int prepare_direct_scaled(struct layer_preparing *preparing, struct error *error);
int prepare_direct_floats(struct layer_preparing *preparing, const float *weights,
			  struct error *error);
/* A kernel from codes to codes; where there is none `direct` stays without. */
int prepare_direct_codes(struct layer_preparing *preparing, struct error *error);
/* A convolution's kernel on the samples of a and y, `size` bytes an element. */
int run_convolution(const struct layer_run *run, const struct product *product, const void *a,
		    size_t a_size, void *y, size_t y_size, struct error *error);
void prepared_layer_free(const struct env *env, struct prepared_layer *prepared);

/* Rows [first, first + count) of the patches of a batch: out[count][kernel_h][kernel_w][channels];
 * row i belongs to the position i of all samples one after the other.  `size` bytes an element;
 * what lies outside a sample is bytes of pads[sample]; pads NULL: of 0. */
struct patches {
	const struct qs_conv *conv;
	const struct edge *in, *out;
	size_t size;
	const struct sample_grid *grids;
};
void patches_copy(const struct patches *patches, const void *values, int64_t first, int64_t count,
		  void *out);
/* The values themselves are the patches. */
bool patches_are_values(const struct layer *layer);

/* Of a convolution; of other layers 1. */
static inline int64_t layer_groups(const struct layer *layer)
{
	return layer->conv.groups > 1 ? layer->conv.groups : 1;
}

static inline bool quantizer_is_float(const struct quantizer *quantizer)
{
	return !quantizer->rule || rule_is_float(quantizer->rule);
}

static inline bool quantizer_has_u8(const struct quantizer *quantizer)
{
	return !quantizer_is_float(quantizer) && quantizer->rule->bits <= 8;
}

/* What is added to a code to make it u8. */
static inline int32_t code_move(const struct grid *grid)
{
	return grid->low < 0 ? 128 : 0;
}

struct code_range {             /* of u8 codes                                           */
	int32_t zero, low, high;
};

static inline struct code_range code_range(const struct grid *grid, bool has_relu)
{
	const int32_t move = code_move(grid);
	const int32_t low = has_relu && grid->low < grid->zero ? grid->zero : grid->low;

	return (struct code_range){ grid->zero + move, low + move, grid->high + move };
}

/* Of what a layer writes: a ReLU begins at the zero point, a ceiling ends at its own code. */
static inline struct code_range output_codes(const struct layer *layer,
					     const struct quantizer *quantizer)
{
	struct code_range range = code_range(&quantizer->grid, layer->relu);
	int32_t most;

	if (!(layer->ceiling > 0))
		return range;
	most = code_move(&quantizer->grid) +
	       qs_affine_code(layer->ceiling, quantizer->scale, quantizer->grid.zero,
			      quantizer->grid.low, quantizer->grid.high, quantizer->round);
	if (most < range.high)
		range.high = most;
	return range;
}

/* run_move.c: ReLU of an output whose codes are some of the input's. */
void clamp_moved_codes(struct layer_run *run);

/* grids[first .. first + count) of an edge that holds these codes. */
void set_grids(const struct quantizer *quantizer, const struct grid *grid, float scale,
	       int64_t first, int64_t count, struct edge_values *to);
/* Floats of a batch onto the quantizer's grids; in place where from == to. */
int quantize_values(struct execution_room *room, const struct quantizer *quantizer,
		    const char *edge, const float *from, int64_t elements, int64_t batch,
		    struct edge_values *to, struct tally *tally, struct error *error);
/* The u8 code of one float, as quantize_codes gives it. */
uint8_t quantize_code(const struct quantizer *quantizer, float x);
/* Floats of a batch to u8 codes; values of `to` may be `from`. */
int quantize_codes(struct execution_room *room, const struct quantizer *quantizer,
		   const char *edge, const float *from, int64_t elements, int64_t batch,
		   struct edge_values *to, struct error *error);

/* The last thing that a layer does: ReLU, of which a NaN gives 0, and its ceiling. */
static inline float clamped(const struct layer *layer, float x)
{
	const float above = layer->relu && !(x > 0) ? 0 : x;

	return layer->ceiling > 0 && above > layer->ceiling ? layer->ceiling : above;
}

static inline void clamp_values(const struct layer *layer, float *values, int64_t count)
{
	for (int64_t i = 0; layer->relu && i < count; i++)
		values[i] = values[i] > 0 ? values[i] : 0;
	for (int64_t i = 0; layer->ceiling > 0 && i < count; i++)
		values[i] = values[i] > layer->ceiling ? layer->ceiling : values[i];
}

#endif

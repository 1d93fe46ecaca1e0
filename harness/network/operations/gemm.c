/* SPDX-License-Identifier: MIT
 *
 * A product with constant weights, of rows of numbers.  alpha and beta are multiplied into weights
 * and bias in double and rounded once.  Where a row is a flattened image, columns move from the
 * graph's order c, h, w to that of memory, h, w, c.
 */
#include "../lowering.h"
#include "../run.h"

#include <string.h>

extern const struct layer_operation layer_gemm;

struct product {                /* what Gemm and MatMul say differently                  */
	size_t edge;            /* the input that is no constant                         */
	bool transposed;        /* weights are [rows][columns]                           */
	double alpha, beta;
};

static int read_product(const struct lowering *lowering, struct product *product)
{
	const struct graph_attribute *alpha = graph_attribute(lowering->node, "alpha");
	const struct graph_attribute *beta = graph_attribute(lowering->node, "beta");
	int64_t a = 0, b = 0;

	*product = (struct product){ .alpha = 1, .beta = 1 };
	if (!strcmp(lowering->node->type, "MatMul")) {
		/* constant times x is x transposed times the constant transposed */
		product->edge = lowering_is_constant(lowering, 0) ? 1 : 0;
		product->transposed = product->edge == 1;
		return 0;
	}
	if (lowering_whole(lowering, "transA", &a) || lowering_whole(lowering, "transB", &b))
		return -1;
	if (a)
		return lowering_refuse(lowering, "it transposes its input (transA), which is not "
						 "computed");
	product->transposed = b != 0;
	product->alpha = alpha ? alpha->number : 1;
	product->beta = beta ? beta->number : 1;
	return 0;
}

/* The last two axes change places; of one axis nothing. */
static void swap_last(struct lowered *value)
{
	int permutation[RANK_MAX];

	for (int i = 0; i < value->rank; i++)
		permutation[i] = i;
	if (value->rank > 1) {
		permutation[value->rank - 1] = value->rank - 2;
		permutation[value->rank - 2] = value->rank - 1;
	}
	lowered_transpose(value, permutation);
}

struct columns {                /* of the weights as the input's last axis has them      */
	int count;              /* digits                                                */
	int64_t size[DIGITS_MOST];
	int order[DIGITS_MOST]; /* as memory has them, the last one fastest              */
};

/* Are rows one after the other, each a block of memory in some order of its digits? */
static bool find_columns(const struct lowering *lowering, const struct lowered *input,
			 struct columns *columns)
{
	const int64_t length = input->shape[input->rank - 1];
	struct lowered rows = *input;
	int64_t stride[DIGITS_MOST];

	columns->count = rows.digit_count = 0;
	for (int i = 0; i < input->digit_count; i++) {
		const struct digit *digit = &input->digits[i];
		int at = columns->count;

		if (digit->axis != input->rank - 1) {
			rows.digits[rows.digit_count++] = *digit;
			continue;
		}
		columns->size[columns->count] = digit->size;
		/* sorted by stride, greatest first */
		for (; at && stride[at - 1] < digit->stride; at--) {
			stride[at] = stride[at - 1];
			columns->order[at] = columns->order[at - 1];
		}
		stride[at] = digit->stride;
		columns->order[at] = columns->count++;
	}
	int64_t next = 1;

	for (int i = columns->count; i-- > 0;) {
		const int64_t size = columns->size[columns->order[i]];

		if (size > 1 && stride[i] != next)
			return false;
		next *= size;
	}
	for (int i = rows.digit_count; i-- > 0;) {
		if (rows.digits[i].size > 1 && rows.digits[i].stride != next)
			return false;
		next *= rows.digits[i].size;
	}
	return !input->offset && length >= 1 &&
	       next == lowering->layers->edges[input->edge].elements &&
	       columns->count < RANK_MAX;
}

/* The weights with their input axis split as the flattened image was, where it was one. */
static int set_weights(struct lowering *lowering, struct layer *layer,
		       const struct columns *columns, const struct lowered *weights,
		       bool transposed)
{
	const int64_t rows = weights->shape[transposed ? 0 : 1];
	int64_t shape[RANK_MAX];
	int order[RANK_MAX], rank = columns->count + 1;
	bool straight = true;

	for (int i = 0, last = -1; i < columns->count; i++) {
		if (columns->size[columns->order[i]] == 1)
			continue;
		straight &= columns->order[i] > last;
		last = columns->order[i];
	}
	order[0] = transposed ? 0 : columns->count;
	shape[order[0]] = rows;
	for (int i = 0; i < columns->count; i++) {
		shape[i + transposed] = columns->size[i];
		order[i + 1] = columns->order[i] + transposed;
	}
	if (straight) {
		rank = 2;
		order[0] = transposed ? 0 : 1;
		order[1] = 1 - order[0];
		memcpy(shape, weights->shape, 2 * sizeof *shape);
	}
	return lowering_weights(lowering, layer, weights, rank, shape, order);
}

/* Rounded once. */
static void scale(float *values, int64_t count, double factor)
{
	for (int64_t i = 0; factor != 1 && i < count; i++)
		values[i] = (float)((double)values[i] * factor);
}

static int set_bias(const struct lowering *lowering, struct layer *layer, double beta)
{
	const struct lowered *bias;
	const struct lowered *output = &lowering->values[lowering->node->outputs[0]];
	double *numbers;
	bool fits;

	if (!lowering_has(lowering, 2))
		return 0;
	bias = lowering_floats(lowering, 2);
	if (!bias || lowering_bias(lowering, layer))
		return -1;
	numbers = env_new(lowering->env, (size_t)layer->weights.rows, sizeof *numbers, layer->name,
			  lowering->error);
	if (!numbers)
		return -1;
	fits = lowered_by_channel(lowering, bias, output, numbers);
	for (int64_t i = 0; fits && i < layer->weights.rows; i++)
		layer->bias[i] = (float)(numbers[i] * beta);
	env_free(lowering->env, numbers);
	return fits ? 0
		    : lowering_refuse(lowering, "its bias is not one number for each of the %lld "
						"columns of its output",
				      (long long)layer->weights.rows);
}

static int check_shapes(const struct lowering *lowering, const struct lowered *input,
			const struct lowered *weights, const struct product *product)
{
	const bool gemm = strcmp(lowering->node->type, "MatMul") != 0;
	const int64_t columns = weights->shape[product->transposed ? 1 : 0];

	if (weights->rank != 2 || input->rank < 1 || (gemm && input->rank != 2))
		return lowering_refuse(lowering, "its weights have %d axes, its input %d; products "
						 "with weights of 2 axes are computed%s",
				       weights->rank, input->rank,
				       gemm ? ", of an input of 2" : "");
	if (lowering->batched && input->rank < (product->edge ? 3 : 2))
		return lowering_refuse(lowering, "it sums over the batch, which parts samples");
	if (columns != input->shape[input->rank - 1])
		return lowering_refuse(lowering, "its weights take %lld numbers, its input has "
						 "%lld",
				       (long long)columns,
				       (long long)input->shape[input->rank - 1]);
	return 0;
}

/* The layer; its output with rows last is the node's. */
static int add_layer(struct lowering *lowering, const struct lowered *input,
		     const struct columns *columns, const struct lowered *weights,
		     const struct product *product)
{
	const int64_t rows = weights->shape[product->transposed ? 0 : 1];
	const int64_t length = input->shape[input->rank - 1];
	int64_t shape[RANK_MAX];
	struct layer *layer;

	memcpy(shape, input->shape, sizeof shape);
	shape[input->rank - 1] = rows;
	layer = lowering_add_rows(lowering, &layer_gemm, input->rank, shape);
	if (!layer)
		return -1;
	layer->input_count = 1;
	layer->inputs[0] = input->edge;
	layer->conv = (struct qs_conv){ .batch = 1, .height = 1, .width = 1, .channels = length,
					.out_channels = rows, .kernel_h = 1, .kernel_w = 1,
					.stride_h = 1, .stride_w = 1, .dilation_h = 1,
					.dilation_w = 1, .groups = 1 };
	layer->macs = lowering->layers->edges[lowering->layers->count].elements * length;
	if (set_weights(lowering, layer, columns, weights, product->transposed))
		return -1;
	scale(layer->weights.values, rows * length, product->alpha);
	return set_bias(lowering, layer, product->beta);
}

static int lower(struct lowering *lowering)
{
	static const int straight[RANK_MAX] = { 0, 1, 2, 3, 4, 5, 6, 7 };
	const struct lowered *weights, *found;
	struct lowered input, *output;
	struct product product;
	struct columns columns;

	if (read_product(lowering, &product))
		return -1;
	found = lowering_edge(lowering, product.edge);
	weights = found ? lowering_floats(lowering, 1 - product.edge) : NULL;
	if (!weights)
		return -1;
	input = *found;
	if (product.edge)
		swap_last(&input);
	if (check_shapes(lowering, &input, weights, &product))
		return -1;
	if (!find_columns(lowering, &input, &columns) &&
	    (lowering_arrange(lowering, &input, straight) ||
	     !find_columns(lowering, &input, &columns)))
		return -1;
	if (add_layer(lowering, &input, &columns, weights, &product))
		return -1;
	output = &lowering->values[lowering->node->outputs[0]];
	if (product.edge)
		swap_last(output);
	return 0;
}

const struct layer_operation layer_gemm = {
	.value = { .name = "gemm",
		   .summary = "Gemm and MatMul with constant weights",
		   .source = "Operators.md of the ONNX project" },
	.types = (const char *const[]){ "Gemm", "MatMul", NULL },
	.lower = lower,
	.run_float = run_product_float,
	.run_integer = run_product_integer,
	.prepare_integer = prepare_product_integer,
};

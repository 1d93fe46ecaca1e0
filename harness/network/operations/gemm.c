/* SPDX-License-Identifier: MIT
 *
 * A product with constant weights.  alpha and beta are multiplied into weights and bias in double
 * and rounded once.  Where the input is a flattened image, columns move from the graph's order
 * c, h, w to that of memory, h, w, c.
 */
#include "../lowering.h"
#include "../run.h"

#include <string.h>

extern const struct layer_operation layer_gemm;

struct product {                /* what Gemm and MatMul say differently                  */
	bool transposed;        /* weights are [rows][columns]                           */
	double alpha, beta;
};

static int read_product(const struct lowering *lowering, struct product *product)
{
	const struct graph_attribute *alpha = graph_attribute(lowering->node, "alpha");
	const struct graph_attribute *beta = graph_attribute(lowering->node, "beta");
	int64_t a = 0, b = 0;

	*product = (struct product){ .alpha = 1, .beta = 1 };
	if (!strcmp(lowering->node->type, "MatMul"))
		return 0;
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

/* The weights with their input axis split as the flattened image was, where it was one. */
static int set_weights(struct lowering *lowering, struct layer *layer, const struct lowered *input,
		       const struct lowered *weights, bool transposed)
{
	/* by transposed, and by whether the columns are an image's c, h, w */
	static const int orders[2][2][4] = { { { 1, 0 }, { 3, 1, 2, 0 } },
					     { { 0, 1 }, { 0, 2, 3, 1 } } };
	const bool image = !lowered_is_straight(input);
	const int rank = image ? 4 : 2, *order = orders[transposed][image];
	int64_t shape[4], *columns = transposed ? shape + 1 : shape;

	shape[order[0]] = weights->shape[order[0] ? 1 : 0];
	columns[0] = image ? input->dims.channels : input->dims.elements;
	if (image) {
		columns[1] = input->dims.height;
		columns[2] = input->dims.width;
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
	fits = lowered_by_channel(bias, output, numbers);
	for (int64_t i = 0; fits && i < layer->weights.rows; i++)
		layer->bias[i] = (float)(numbers[i] * beta);
	env_free(lowering->env, numbers);
	return fits ? 0
		    : lowering_refuse(lowering, "its bias is not one number for each of the %lld "
						"columns of its output",
				      (long long)layer->weights.rows);
}

static int lower(struct lowering *lowering)
{
	const struct lowered *input = lowering_edge(lowering, 0);
	const struct lowered *weights = input ? lowering_floats(lowering, 1) : NULL;
	struct product product;
	struct layer *layer;
	int64_t columns, rows;

	if (!weights || read_product(lowering, &product))
		return -1;
	if (weights->rank != 2 || input->rank != 1)
		return lowering_refuse(lowering, "its weights have %d axes, its input %d; products "
						 "of vectors, 2 axes each, are computed",
				       weights->rank, input->rank + 1);
	rows = weights->shape[product.transposed ? 0 : 1];
	columns = weights->shape[product.transposed ? 1 : 0];
	if (columns != input->dims.elements)
		return lowering_refuse(lowering, "its weights take %lld numbers, its input has "
						 "%lld",
				       (long long)columns, (long long)input->dims.elements);
	layer = lowering_add(lowering, &layer_gemm, 1, 1, 1, rows);
	if (!layer)
		return -1;
	layer->input_count = 1;
	layer->inputs[0] = input->edge;
	layer->conv = (struct qs_conv){ .batch = 1, .height = 1, .width = 1, .channels = columns,
					.out_channels = rows, .kernel_h = 1, .kernel_w = 1,
					.stride_h = 1, .stride_w = 1, .dilation_h = 1,
					.dilation_w = 1, .groups = 1 };
	layer->macs = rows * columns;
	if (set_weights(lowering, layer, input, weights, product.transposed))
		return -1;
	scale(layer->weights.values, rows * columns, product.alpha);
	return set_bias(lowering, layer, product.beta);
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

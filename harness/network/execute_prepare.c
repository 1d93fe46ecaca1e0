/* SPDX-License-Identifier: MIT
 *
 * Layers with weights made ready: packed for the kernels, biases on their grid, and the proof that
 * there is an integer execution, or why there is none.
 */
#include "execute_parts.h"

#include <string.h>

static int prepare_product(struct layer_preparing *preparing, struct product *product,
			   const char *types, const void *weights, const char **reason,
			   struct error *error)
{
	size_t bytes;

	product->kernel = kernel_best(preparing->libraries, QS_GEMM, types, &product->task, reason);
	if (!product->kernel)
		return 0;
	product->prepared = product->kernel->prepare(&product->task, weights, &bytes, reason);
	return product->prepared || *reason ? 0 : fail_memory(error, 0, "packed weights");
}

static struct qs_task task_of(const struct layer *layer, int64_t chunk, int64_t k,
			      enum qs_type a, enum qs_type w, enum qs_type y)
{
	const int64_t columns = layer->weights.columns;
	const int64_t n = layer->weights.rows / layer_groups(layer);

	return (struct qs_task){
		.op = QS_GEMM, .m = chunk, .n = n, .k = k, .threads = 1,
		.a = { .type = a, .stride = columns, .scales = 1 },
		.w = { .type = w, .stride = columns, .scales = 1 },
		.y = { .type = y, .stride = n },
	};
}

/* The product of rows [first, ...) of the weights: one convolution group of them. */
static int prepare_one_chain(struct layer_preparing *preparing, struct product *chain,
			     const float *weights, int64_t first, struct error *error)
{
	const struct layer *layer = preparing->layer;
	struct prepared_layer *p = preparing->prepared;
	const int64_t k = layer->weights.columns;
	const char *reason = NULL;

	chain->task = task_of(layer, p->chunk, k, QS_F32, QS_F32, QS_F32);
	chain->task.bias_f32 = p->bias ? p->bias + first : NULL;
	if (prepare_product(preparing, chain, "f32f32f32", weights + first * k, &reason, error))
		return -1;
	return chain->prepared ? 0 :
	       fail(error, STATUS_FAILED, "layer '%s': no float product: %s", layer->name, reason);
}

int prepare_chain(struct layer_preparing *preparing, const float *weights, const float *bias,
		  struct error *error)
{
	const struct layer *layer = preparing->layer;
	struct prepared_layer *p = preparing->prepared;
	const int64_t n = layer->weights.rows, groups = layer_groups(layer);

	if (bias) {
		p->bias = env_new(preparing->env, (size_t)n, sizeof *p->bias, "a bias", error);
		if (!p->bias)
			return -1;
		memcpy(p->bias, bias, (size_t)n * sizeof *bias);
	}
	p->conv_groups = groups > 1 ? groups : 0;
	if (prepare_direct_floats(preparing, weights, error))
		return -1;
	if (p->conv_floats.prepared)
		return 0;
	if (groups == 1)
		return prepare_one_chain(preparing, &p->chain, weights, 0, error);
	p->chains = env_new(preparing->env, (size_t)groups, sizeof *p->chains, "products", error);
	for (int64_t i = 0; p->chains && i < groups; i++)
		if (prepare_one_chain(preparing, &p->chains[i], weights, i * (n / groups), error))
			return -1;
	return p->chains ? 0 : -1;
}

/* Scales and zero points by group, and the sums of weights, for zero points of the input that are
 * known only later. */
static int copy_weights(struct layer_preparing *preparing, struct error *error)
{
	const struct quantized_weights *w = preparing->weights;
	struct prepared_layer *p = preparing->prepared;
	const int64_t n = preparing->layer->weights.rows, k = preparing->layer->weights.columns;
	const int64_t length = w->group ? w->group : k;
	const size_t count = (size_t)(p->group_count * n);

	p->zeros = env_new(preparing->env, count, sizeof *p->zeros, "zero points", error);
	p->scales = env_new(preparing->env, count, sizeof *p->scales, "scales", error);
	p->weight_sums = env_new(preparing->env, count, sizeof *p->weight_sums, "sums of weights",
				 error);
	p->sums = env_new(preparing->env, (size_t)(p->group_count * layer_groups(preparing->layer)),
			  sizeof *p->sums, "products", error);
	if (!p->zeros || !p->scales || !p->weight_sums || !p->sums)
		return -1;
	for (int64_t g = 0; g < p->group_count; g++) {
		const int64_t end = (g + 1) * length < k ? (g + 1) * length : k;

		for (int64_t j = 0; j < n; j++) {
			const int64_t to = g * n + j, from = j * p->group_count + g;
			int64_t sum = 0;

			p->zeros[to] = w->zeros[from];
			p->scales[to] = w->scales[from];
			for (int64_t i = g * length; i < end; i++)
				sum += w->codes[j * k + i] - w->zeros[from];
			p->weight_sums[to] = (int32_t)sum;
		}
	}
	return 0;
}

/* A bias in units of s_a * s_w: rint in double. */
static double bias_units(const struct prepared_layer *p, float bias, float weight_scale)
{
	return rint((double)bias / ((double)p->in[0].scale * (double)weight_scale));
}

static int copy_bias(struct layer_preparing *preparing, struct error *error)
{
	const struct layer *layer = preparing->layer;
	struct prepared_layer *p = preparing->prepared;
	const int64_t n = layer->weights.rows;

	if (!layer->bias || p->through_float)
		return 0;
	p->bias_codes = env_new(preparing->env, (size_t)n, sizeof *p->bias_codes, "a bias", error);
	if (!p->bias_codes)
		return -1;
	for (int64_t j = 0; j < n; j++) {
		const double units = bias_units(p, layer->bias[j], p->scales[j]);

		if (!(fabs(units) <= INT32_MAX))
			return no_integer(preparing, "the bias %.9g of channel %lld does not fit "
					  "in 32 bits of %.9g * %.9g", (double)layer->bias[j],
					  (long long)j, (double)p->in[0].scale,
					  (double)p->scales[j]);
		p->bias_codes[j] = (int64_t)units;
	}
	return 0;
}

static int make_requantizers(struct layer_preparing *preparing, struct error *error)
{
	struct prepared_layer *p = preparing->prepared;
	const int64_t n = preparing->layer->weights.rows;

	p->requantizers = env_new(preparing->env, (size_t)n, sizeof *p->requantizers,
				  "requantizers", error);
	p->steps = env_new(preparing->env, (size_t)n, sizeof *p->steps, "requantizers", error);
	if (!p->requantizers || !p->steps)
		return -1;
	for (int64_t j = 0; j < n; j++) {
		const double scale = (double)p->in[0].scale * (double)p->scales[j] /
				     (double)p->out.scale;

		if (!qs_requantizer_make(&p->requantizers[j], p->mode, p->round, scale))
			return no_integer(preparing, "its requantization cannot express the scale "
					  "%.9g of channel %lld", scale, (long long)j);
		p->steps[j] = p->requantizers[j].scale;
	}
	return 0;
}

/* The product of one convolution group of rows, and one group of scales along k. */
static int pack_group(struct layer_preparing *preparing, int64_t part, int64_t g,
		      struct error *error)
{
	const struct quantized_weights *w = preparing->weights;
	struct prepared_layer *p = preparing->prepared;
	const int64_t all = preparing->layer->weights.rows, k = preparing->layer->weights.columns;
	const int64_t n = all / layer_groups(preparing->layer), first = part * n;
	const int64_t length = w->group ? w->group : k, left = k - g * length;
	struct product *product = &p->sums[part * p->group_count + g];
	const char *reason = NULL;

	product->task = task_of(preparing->layer, p->chunk, left < length ? left : length, QS_U8,
				QS_S8, QS_S32);
	product->task.w.zero = p->zeros + g * all + first;
	product->task.w.per = QS_PER_ROW;
	product->task.w.scales = n;
	if (!p->through_float) {
		product->task.a.zero = &p->zero_a;
		product->task.bias = p->bias_codes ? p->bias_codes + first : NULL;
	}
	if (prepare_product(preparing, product, "u8s8s32", w->codes + first * k + g * length,
			    &reason, error))
		return -1;
	return product->prepared ? 0 : no_integer(preparing, "%s", reason);
}

static int pack_groups(struct layer_preparing *preparing, struct error *error)
{
	const struct prepared_layer *p = preparing->prepared;
	const int64_t parts = layer_groups(preparing->layer);

	for (int64_t i = 0; i < parts * p->group_count && !*preparing->no_integer; i++)
		if (pack_group(preparing, i / p->group_count, i % p->group_count, error))
			return -1;
	return 0;
}

int prepare_product_integer(struct layer_preparing *preparing, struct error *error)
{
	const struct quantized_weights *w = preparing->weights;
	struct prepared_layer *p = preparing->prepared;
	const int64_t k = preparing->layer->weights.columns;

	if (!w->simulated)
		return no_integer(preparing, "its weights are float");
	if (!w->codes)
		return no_integer(preparing, "its weights have more than 8 bits, or scales that "
				  "change along the reduction");
	p->group_count = w->group ? (k + w->group - 1) / w->group : 1;
	if (w->group)
		p->through_float = true;
	if (p->through_float && p->mode != QS_REQUANTIZE_FLOAT)
		return no_integer(preparing, "only the requantization float has a meaning with "
				  "groups");
	if (copy_weights(preparing, error) || copy_bias(preparing, error))
		return -1;
	if (!*preparing->no_integer && !p->through_float && make_requantizers(preparing, error))
		return -1;
	p->zero_a = code_range(&p->in[0].grid, false).zero;
	if (*preparing->no_integer)
		return 0;
	if (p->through_float ? prepare_direct_scaled(preparing, error)
			     : prepare_direct_codes(preparing, error))
		return -1;
	return p->direct.prepared || p->scaled.prepared || p->conv_sums.prepared
		       ? 0
		       : pack_groups(preparing, error);
}

static void release(struct product *product)
{
	if (product->prepared)
		product->kernel->release(product->prepared);
}

void prepared_layer_free(const struct env *env, struct prepared_layer *p)
{
	release(&p->chain);
	release(&p->conv_floats);
	release(&p->direct);
	release(&p->scaled);
	release(&p->conv_sums);
	for (int64_t i = 0; p->chains && i < p->conv_groups; i++)
		release(&p->chains[i]);
	for (int64_t i = 0; p->sums && i < p->group_count * (p->conv_groups ? p->conv_groups : 1);
	     i++)
		release(&p->sums[i]);
	env_free(env, p->bias);
	env_free(env, p->sums);
	env_free(env, p->bias_codes);
	env_free(env, p->zeros);
	env_free(env, p->scales);
	env_free(env, p->weight_sums);
	env_free(env, p->requantizers);
	env_free(env, p->steps);
	env_free(env, p->sum_codes);
	env_free(env, p->tables);
	env_free(env, p->row_scales);
	env_free(env, p->row_zeros);
	env_free(env, p->chains);
}

/* SPDX-License-Identifier: MIT
 *
 * Layers with weights in one kernel: from codes to codes, requantized where the sums are; from
 * codes to floats by groups of scales; and convolutions that read the image itself instead of
 * patches.
 *
 * `best` is asked for both; where no kernel takes the task, or none but the reference does, the
 * layer is computed from patches and sums, with equal bits (the references alone define them).
 */
#include "execute_parts.h"

#include <string.h>

/* One sample a call: batches of all sizes are then one prepared task.  Patches of a convolution
 * whose output is a few positions are better taken from many samples at once. */
enum { POSITIONS_LEAST = 16 };

static bool is_convolution(const struct layer *layer, const struct edge *out)
{
	return !patches_are_values(layer) && out->height * out->width >= POSITIONS_LEAST;
}

static struct qs_task task_of(const struct layer_preparing *preparing, int64_t rows)
{
	const struct layer *layer = preparing->layer;
	const int64_t n = layer->weights.rows, k = layer->weights.columns;

	return (struct qs_task){
		.op = QS_GEMM, .m = rows, .n = n, .k = k, .threads = 1,
		.a = { .stride = k, .scales = 1 }, .w = { .stride = k, .scales = 1 },
		.y = { .stride = n, .scales = 1 },
	};
}

/* The same of the images. */
static void make_convolution(const struct layer_preparing *preparing, struct product *product)
{
	const struct edge *out = preparing->out_edge;
	struct prepared_layer *p = preparing->prepared;

	p->conv = preparing->layer->conv;
	p->conv.batch = 1;
	product->task.op = QS_CONV2D;
	product->task.conv = &p->conv;
	product->task.m = out->height * out->width;
	product->task.a.stride = p->conv.channels;
}

/* No kernel, or the weights do not fit one: product->prepared stays NULL. */
static int take_best(const struct layer_preparing *preparing, struct product *product,
		     const char *types, const void *weights, struct error *error)
{
	const char *reason = NULL;
	size_t bytes;

	product->prepared = NULL;
	product->kernel = kernel_best(preparing->libraries, product->task.op, types,
				      &product->task, &reason);
	if (!product->kernel || (product->task.op == QS_CONV2D && !product->kernel->needs))
		return 0;
	product->prepared = product->kernel->prepare(&product->task, weights, &bytes, &reason);
	return product->prepared || reason ? 0 : fail_memory(error, 0, "packed weights");
}

int prepare_direct_floats(struct layer_preparing *preparing, const float *weights,
			  struct error *error)
{
	struct prepared_layer *p = preparing->prepared;
	struct product *product = &p->conv_floats;

	if (!is_convolution(preparing->layer, preparing->out_edge))
		return 0;
	product->task = task_of(preparing, 1);
	product->task.a.type = product->task.w.type = product->task.y.type = QS_F32;
	product->task.bias_f32 = p->bias;
	make_convolution(preparing, product);
	return take_best(preparing, product, "f32f32f32", weights, error);
}

/* a static u8, w s8 per channel, y u8: all that decides a code is in the task. */
static void make_codes_task(const struct layer_preparing *preparing, struct product *product)
{
	struct prepared_layer *p = preparing->prepared;
	const struct code_range to = output_codes(preparing->layer, &p->out);
	struct qs_task *task = &product->task;

	p->zero_y = to.zero;
	*task = task_of(preparing, p->chunk);
	task->a.type = task->y.type = QS_U8;
	task->w.type = QS_S8;
	task->a.scale = &p->in[0].scale;
	task->a.zero = &p->zero_a;
	task->w.scale = p->scales;
	task->w.zero = p->zeros;
	task->w.per = QS_PER_ROW;
	task->w.scales = preparing->layer->weights.rows;
	task->y.scale = &p->out.scale;
	task->y.zero = &p->zero_y;
	task->bias = p->bias_codes;
	task->requantize = p->mode;
	task->round = p->round;
	task->low = to.low;
	task->high = to.high;
}

int prepare_direct_codes(struct layer_preparing *preparing, struct error *error)
{
	const struct layer *layer = preparing->layer;
	struct prepared_layer *p = preparing->prepared;
	const int8_t *weights = preparing->weights->codes;
	static const char types[] = "u8s8u8_channel";

	if (is_convolution(layer, preparing->out_edge)) {
		make_codes_task(preparing, &p->direct);
		make_convolution(preparing, &p->direct);
		if (take_best(preparing, &p->direct, types, weights, error))
			return -1;
	}
	if (p->direct.prepared || layer->conv.groups > 1)
		return 0;
	make_codes_task(preparing, &p->direct);
	return take_best(preparing, &p->direct, types, weights, error);
}

/* A kernel that scales by groups, from patches; the range of the input is static. */
static int take_groups(struct layer_preparing *preparing, struct error *error)
{
	const struct quantized_weights *w = preparing->weights;
	const struct env *env = preparing->env;
	struct prepared_layer *p = preparing->prepared;
	const size_t count = (size_t)(preparing->layer->weights.rows * p->group_count);
	struct qs_task *task = &p->scaled.task;
	char types[32];

	p->row_scales = env_new(env, count, sizeof *p->row_scales, "scales", error);
	p->row_zeros = env_new(env, count, sizeof *p->row_zeros, "zero points", error);
	if (!p->row_scales || !p->row_zeros)
		return -1;
	memcpy(p->row_scales, w->scales, count * sizeof *p->row_scales);
	memcpy(p->row_zeros, w->zeros, count * sizeof *p->row_zeros);
	*task = task_of(preparing, p->chunk);
	task->a.type = QS_U8;
	task->a.scale = &p->in[0].scale;
	task->a.zero = &p->zero_a;
	task->w.type = QS_S8;
	task->w.scale = p->row_scales;
	task->w.zero = p->row_zeros;
	task->w.per = QS_PER_GROUP;
	task->w.group = w->group;
	task->w.scales = (int64_t)count;
	task->y.type = QS_F32;
	task->bias_f32 = p->bias;
	snprintf(types, sizeof types, "u8s8f32_g%d", (int)w->group);
	return take_best(preparing, &p->scaled, types, w->codes, error);
}

/* Raw sums of the image itself where a channel has one scale. */
static int take_sums(struct layer_preparing *preparing, struct error *error)
{
	struct prepared_layer *p = preparing->prepared;
	struct qs_task *task = &p->conv_sums.task;

	*task = task_of(preparing, 1);
	task->a.type = QS_U8;
	task->a.zero = &p->zero_a;
	task->w.type = QS_S8;
	task->w.zero = p->zeros;
	task->w.per = QS_PER_ROW;
	task->w.scales = preparing->layer->weights.rows;
	task->y.type = QS_S32;
	make_convolution(preparing, &p->conv_sums);
	return take_best(preparing, &p->conv_sums, "u8s8s32", preparing->weights->codes, error);
}

int prepare_direct_scaled(struct layer_preparing *preparing, struct error *error)
{
	const struct layer *layer = preparing->layer;
	const struct prepared_layer *p = preparing->prepared;

	if (p->in[0].dynamic)
		return 0;
	if (p->group_count == 1 && is_convolution(layer, preparing->out_edge))
		return take_sums(preparing, error);
	return preparing->weights->group && layer->conv.groups <= 1 ? take_groups(preparing, error)
								      : 0;
}

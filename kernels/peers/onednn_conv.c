/* SPDX-License-Identifier: MIT
 *
 * oneDNN's convolution, channels last: codes requantized by a float scale, raw sums in s32, and
 * floats.  The call is one piece: beside several threads no peer is timed.
 *
 * Zero points are oneDNN's own attributes (its pads are then a's zero point, as ours).  Every sum
 * of codes goes through a float there, raw ones too, so raw ones are taken where none leaves 24
 * bits, and codes where three roundings cannot move a result by more than half a step.
 */
#include "onednn.h"

enum { AXES = 5 };

static const char *refuse_sizes(const struct qs_task *task)
{
	const char *reason = peer_refuse_conv(task);

	if (!reason && (task->a.stride != task->conv->channels || task->y.stride != task->n))
		reason = "oneDNN's convolution takes tight strides alone";
	return reason;
}

static const char *refuse_f32(const struct qs_task *task)
{
	return task->bias ? "a bias of the other kind" : refuse_sizes(task);
}

static const char *refuse_codes(const struct qs_task *task)
{
	const char *reason = refuse_sizes(task);
	int32_t zero;

	if (reason)
		return reason;
	if (task->bias_f32)
		return "a bias of the other kind";
	if (!peer_zero(&task->w, &zero) || zero)
		return "weights without a zero point alone";
	return task->y.type == QS_S32 ? NULL : peer_refuse_requantized(task);
}

struct columns {                /* [n]                                                   */
	int32_t *bias;
	float *scales;
};

/* false: *reason, or no memory. */
static bool make_columns(struct columns *columns, const struct qs_task *task, const int8_t *w,
			 const char **reason)
{
	const int64_t least = task->a.type == QS_S8 ? INT8_MIN : 0, most = least + 255;
	int32_t zero;

	peer_zero(&task->a, &zero);
	columns->bias = malloc((size_t)task->n * sizeof *columns->bias);
	columns->scales = malloc((size_t)task->n * sizeof *columns->scales);
	if (!columns->bias || !columns->scales)
		return false;
	for (int64_t j = 0; j < task->n; j++) {
		const int64_t bias = task->bias ? task->bias[j] : 0;
		const double scale = task->y.type == QS_S32 ? 1 : peer_scale(task, j);
		int64_t sum = 0;

		for (int64_t k = 0; k < task->k; k++)
			sum += abs(w[j * task->w.stride + k]);
		sum = sum * (most - zero > zero - least ? most - zero : zero - least) + llabs(bias);
		columns->bias[j] = (int32_t)bias;
		columns->scales[j] = (float)scale;
		if (sum > INT32_MAX)
			*reason = "a sum of products might leave s32";
		else if (!(scale > 0x1p-126 && scale <= (double)FLT_MAX))
			*reason = "a scale that is no normal float";
		else if (sum > 1 << 24 && task->y.type == QS_S32)
			*reason = "oneDNN's sums might leave the 24 bits of a float";
		else if (sum > 1 << 24 && (double)sum * 3 * 0x1p-24 * scale > 0.5)
			*reason = "oneDNN's float sums might be off by more than a step";
		if (*reason)
			return false;
	}
	return true;
}

static bool image(dnnl_memory_desc_t *desc, enum qs_type type, int64_t images, int64_t channels,
		  int64_t height, int64_t width)
{
	const dnnl_dims_t sizes = { images, channels, height, width };

	return !dnnl_memory_desc_init_by_tag(desc, 4, sizes, onednn_type(type), dnnl_nhwc);
}

/* As they are given, or (any) as the primitive wants them. */
static bool weights(dnnl_memory_desc_t *desc, const struct qs_task *task, bool any)
{
	const struct qs_conv *c = task->conv;
	const int64_t outs = c->out_channels / c->groups, depth = c->channels / c->groups;
	const dnnl_dims_t sizes = { c->groups, outs, depth, c->kernel_h, c->kernel_w };
	const dnnl_dims_t strides = { outs * task->w.stride, task->w.stride, 1,
				      c->kernel_w * depth, depth };
	const int skip = c->groups == 1;

	return any ? !dnnl_memory_desc_init_by_tag(desc, AXES - skip, sizes + skip,
						   onednn_type(task->w.type), dnnl_format_tag_any)
		   : !dnnl_memory_desc_init_by_strides(desc, AXES - skip, sizes + skip,
						       onednn_type(task->w.type), strides + skip);
}

static bool bias_desc(dnnl_memory_desc_t *desc, const struct qs_task *task)
{
	const dnnl_dims_t sizes = { task->n };

	return !dnnl_memory_desc_init_by_tag(desc, 1, sizes,
					     task->bias ? dnnl_s32 : dnnl_f32, dnnl_a);
}

static bool set_zeros(dnnl_primitive_attr_t attributes, const struct qs_task *task)
{
	int32_t zero_a, zero_y;

	peer_zero(&task->a, &zero_a);
	peer_zero(&task->y, &zero_y);
	return (!zero_a || !dnnl_primitive_attr_set_zero_points(attributes, DNNL_ARG_SRC, 1, 0,
								&zero_a)) &&
	       (!zero_y || !dnnl_primitive_attr_set_zero_points(attributes, DNNL_ARG_DST, 1, 0,
								&zero_y));
}

/* Scales, zero points, and the clamp where it is narrower than y's codes. */
static dnnl_primitive_attr_t attributes_make(const struct qs_task *task,
					     const struct columns *columns)
{
	const bool codes = task->y.type == QS_S8 || task->y.type == QS_U8;
	const int32_t least = task->y.type == QS_S8 ? INT8_MIN : 0;
	const bool clips = codes && (task->low > least || task->high < least + 255);
	dnnl_primitive_attr_t attributes = NULL;
	dnnl_post_ops_t after = NULL;
	int32_t zero;
	bool done;

	peer_zero(&task->y, &zero);
	if (dnnl_primitive_attr_create(&attributes))
		return NULL;
	done = !dnnl_primitive_attr_set_scratchpad_mode(attributes, dnnl_scratchpad_mode_user) &&
	       (!codes || !dnnl_primitive_attr_set_output_scales(attributes, task->n, 1 << 1,
								 columns->scales)) &&
	       set_zeros(attributes, task) && !dnnl_post_ops_create(&after);
	/* the zero point of y comes behind the clamp */
	if (done && clips)
		done = !dnnl_post_ops_append_eltwise(after, 1, dnnl_eltwise_clip,
						     (float)(task->low - zero),
						     (float)(task->high - zero));
	done = done && !dnnl_primitive_attr_set_post_ops(attributes, after);
	if (after)
		dnnl_post_ops_destroy(after);
	if (done)
		return attributes;
	dnnl_primitive_attr_destroy(attributes);
	return NULL;
}

static dnnl_primitive_desc_t describe(const struct onednn *onednn, const struct columns *columns,
				      const dnnl_memory_desc_t *a, const dnnl_memory_desc_t *y)
{
	const struct qs_task *task = &onednn->task;
	const struct qs_conv *c = task->conv;
	const dnnl_dims_t strides = { c->stride_h, c->stride_w };
	const dnnl_dims_t dilations = { c->dilation_h - 1, c->dilation_w - 1 };
	const dnnl_dims_t before = { c->pad_top, c->pad_left };
	const dnnl_dims_t after = { c->pad_bottom, c->pad_right };
	const bool has_bias = task->bias || task->bias_f32;
	dnnl_primitive_attr_t attributes;
	dnnl_primitive_desc_t desc = NULL;
	dnnl_convolution_desc_t convolution;
	dnnl_memory_desc_t w, bias;

	if (!weights(&w, task, true) || (has_bias && !bias_desc(&bias, task)))
		return NULL;
	attributes = attributes_make(task, columns);
	if (!attributes)
		return NULL;
	if (dnnl_dilated_convolution_forward_desc_init(
		    &convolution, dnnl_forward_inference, dnnl_convolution_direct, a, &w,
		    has_bias ? &bias : NULL, y, strides, dilations, before, after) ||
	    dnnl_primitive_desc_create(&desc, &convolution, attributes, onednn->engine, NULL))
		desc = NULL;
	dnnl_primitive_attr_destroy(attributes);
	return desc;
}

/* NULL, or why not. */
static const char *make_piece(struct onednn *onednn, const struct columns *columns, const void *w)
{
	const struct qs_task *task = &onednn->task;
	const struct qs_conv *c = task->conv;
	struct onednn_piece *piece = &onednn->piece[0];
	const void *values = task->bias ? (const void *)columns->bias : task->bias_f32;
	dnnl_memory_desc_t a, y, given, bias;
	dnnl_primitive_desc_t desc;
	bool done;

	if (!image(&a, task->a.type, c->batch, c->channels, c->height, c->width) ||
	    !image(&y, task->y.type, c->batch, task->n, conv_out_height(c), conv_out_width(c)) ||
	    !weights(&given, task, false))
		return "oneDNN takes no image of these sizes";
	desc = describe(onednn, columns, &a, &y);
	if (!desc)
		return "oneDNN has no primitive for this task";
	if (onednn_is_reference(desc)) {
		dnnl_primitive_desc_destroy(desc);
		return "oneDNN has nothing but its reference code for this task";
	}
	done = onednn_piece_make(onednn, piece, desc, &a, &y) &&
	       onednn_put(onednn, piece, ONEDNN_W, &given, w,
			  dnnl_primitive_desc_query_md(desc, dnnl_query_weights_md, 0)) &&
	       (!values || (bias_desc(&bias, task) &&
			    onednn_put(onednn, piece, ONEDNN_BIAS, &bias, values, &bias)));
	dnnl_primitive_desc_destroy(desc);
	return done ? NULL : "oneDNN cannot pack the weights or has no memory";
}

static void *prepare(const struct qs_task *task, const void *w, size_t *bytes,
		     const char **reason)
{
	struct qs_task alone = *task;
	struct columns columns = { 0 };
	struct onednn *onednn = NULL;

	*reason = NULL;
	alone.threads = 1;
	if (task->w.type == QS_F32 || make_columns(&columns, task, w, reason))
		onednn = onednn_new(&alone, task->n);
	if (onednn) {
		*reason = make_piece(onednn, &columns, w);
		*bytes = onednn->packed;
	}
	free(columns.bias);
	free(columns.scales);
	if (!onednn || !*reason)
		return onednn;
	onednn_release(onednn);
	return NULL;
}

#define KERNEL(types, type_a, type_w, type_y, refuses, ...)                              \
	const struct qs_kernel conv2d_##types##__onednn = {                              \
		.name = "conv2d_" #types "__onednn", .peer = "onednn", .op = QS_CONV2D,  \
		.a = type_a, .w = type_w, .y = type_y, .needs = QS_CPU_AVX2,             \
		.tile_m = 4, .tile_n = 16, .tile_k = 4, .refuse = refuses,               \
		.prepare = prepare, .units = onednn_units, .run = onednn_run,            \
		.release = onednn_release, __VA_ARGS__                                   \
	}
#define CODES(types, type_a, type_y, steps) \
	KERNEL(types, type_a, QS_S8, type_y, refuse_codes, .claim_steps = steps)

CODES(u8s8s32, QS_U8, QS_S32, 0);
CODES(s8s8s32, QS_S8, QS_S32, 0);
CODES(u8s8s8, QS_U8, QS_S8, 1);
CODES(s8s8s8, QS_S8, QS_S8, 1);
CODES(u8s8u8, QS_U8, QS_U8, 1);
CODES(s8s8u8, QS_S8, QS_U8, 1);
CODES(u8s8s8_channel, QS_U8, QS_S8, 1);
CODES(s8s8s8_channel, QS_S8, QS_S8, 1);
CODES(u8s8u8_channel, QS_U8, QS_U8, 1);
CODES(s8s8u8_channel, QS_S8, QS_U8, 1);
KERNEL(f32f32f32, QS_F32, QS_F32, QS_F32, refuse_f32, .claim_relative = PEER_FLOAT_CLAIM);

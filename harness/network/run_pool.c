/* SPDX-License-Identifier: MIT
 *
 * Pools: the mean or the largest value of a window, channel by channel.
 *
 * Mean, float: a double sum in the order of memory, divided by the count, rounded once to float32.
 * Integer: the s32 sum of (code - zero), requantized with s_in / (count * s_y); through a float
 * where a range is dynamic: (float)(sum * s_in / count), in double.  What lies outside of the
 * sample adds 0, and counts where the layer counts its pads.
 * Largest: of the values, or of the codes, inside of the sample; codes keep their grid.
 */
#include "execute_parts.h"

enum { COUNTS_MOST = 1 << 16 };  /* requantizers, one for each count of a window          */

struct span {                   /* of a window along one axis                            */
	int64_t first, end;     /* inside of the sample                                  */
	int64_t step, count;    /* count: of all, inside or not, up to the pads' end      */
};

struct window {                 /* of one position of the output                         */
	struct span y, x;
};

/* A pool without a window is over all positions. */
static struct qs_conv window_of(const struct layer *layer, const struct edge *in)
{
	struct qs_conv all = layer->conv;

	if (all.kernel_h)
		return all;
	all = (struct qs_conv){ .kernel_h = in->height, .kernel_w = in->width, .stride_h = 1,
				.stride_w = 1, .dilation_h = 1, .dilation_w = 1 };
	return all;
}

static struct span span_of(int64_t start, int64_t kernel, int64_t dilation, int64_t size,
			   int64_t pad_after)
{
	const int64_t last = start + (kernel - 1) * dilation, end = last + 1;
	const int64_t most = size + pad_after;
	const int64_t skipped = start < 0 ? (-start + dilation - 1) / dilation : 0;

	return (struct span){ .first = start + skipped * dilation, .end = end < size ? end : size,
			      .step = dilation,
			      .count = end <= most ? kernel :
				       (most - start + dilation - 1) / dilation };
}

static struct window window_at(const struct qs_conv *c, const struct edge *in, int64_t y, int64_t x)
{
	return (struct window){
		.y = span_of(y * c->stride_h - c->pad_top, c->kernel_h, c->dilation_h, in->height,
			     c->pad_bottom),
		.x = span_of(x * c->stride_w - c->pad_left, c->kernel_w, c->dilation_w, in->width,
			     c->pad_right),
	};
}

static int64_t inside(const struct span *span)
{
	return span->end > span->first ? (span->end - span->first + span->step - 1) / span->step
				       : 0;
}

static int64_t count_of(const struct layer *layer, const struct window *window)
{
	return layer->count_pads ? window->y.count * window->x.count
				 : inside(&window->y) * inside(&window->x);
}

/* The positions of a window, as elements of one channel of a sample. */
#define FOR_WINDOW(place, window, edge)                                                       \
	for (int64_t h_ = (window)->y.first; h_ < (window)->y.end; h_ += (window)->y.step)    \
		for (int64_t w_ = (window)->x.first, place; w_ < (window)->x.end &&           \
		     (place = (h_ * (edge)->width + w_) * (edge)->channels, true);            \
		     w_ += (window)->x.step)

static float mean(const struct layer *layer, const struct window *window, const struct edge *in,
		  const float *x)
{
	double sum = 0;

	FOR_WINDOW(place, window, in)
		sum += (double)x[place];
	return (float)(sum / (double)count_of(layer, window));
}

static float largest(const struct window *window, const struct edge *in, const float *x)
{
	float most = x[(window->y.first * in->width + window->x.first) * in->channels];

	FOR_WINDOW(place, window, in)
		most = x[place] > most || x[place] != x[place] ? x[place] : most;
	return most;
}

static uint8_t largest_code(const struct window *window, const struct edge *in, const uint8_t *x)
{
	uint8_t most = 0;

	FOR_WINDOW(place, window, in)
		most = x[place] > most ? x[place] : most;
	return most;
}

static int32_t sum_codes(const struct window *window, const struct edge *in, const uint8_t *x,
			 int32_t zero)
{
	int32_t sum = 0;

	FOR_WINDOW(place, window, in)
		sum += x[place] - zero;
	return sum;
}

/* All outputs of one sample by `element`. */
typedef void pool_element(const struct layer_run *run, int64_t sample, const struct window *window,
			  int64_t channel, int64_t place);

static void for_elements(const struct layer_run *run, pool_element *element)
{
	const struct edge *in = run->in_edges[0], *out = run->out_edge;
	const struct qs_conv conv = window_of(run->layer, in);

	for (int64_t s = 0; s < run->batch; s++)
		for (int64_t i = 0; i < out->height * out->width; i++) {
			const struct window window =
				window_at(&conv, in, i / out->width, i % out->width);

			for (int64_t c = 0; c < out->channels; c++)
				element(run, s, &window, c,
					s * out->elements + i * out->channels + c);
		}
}

static void mean_float(const struct layer_run *run, int64_t s, const struct window *window,
		       int64_t c, int64_t place)
{
	const struct edge *in = run->in_edges[0];
	const float *x = run->in[0]->values + s * in->elements + c;

	run->out->values[place] = clamped(run->layer, mean(run->layer, window, in, x));
}

static void mean_integer(const struct layer_run *run, int64_t s, const struct window *window,
			 int64_t c, int64_t place)
{
	const struct prepared_layer *p = run->prepared;
	const struct edge *in = run->in_edges[0];
	const struct sample_grid grid = run->in[0]->grids[s];
	const int64_t count = count_of(run->layer, window);
	const int32_t sum = sum_codes(window, in, run->in[0]->codes + s * in->elements + c,
				      grid.zero);

	if (p->through_float) {
		run->out->values[place] =
			clamped(run->layer, (float)((double)sum * (double)grid.scale /
						    (double)count));
		return;
	}
	const struct code_range to = output_codes(run->layer, &p->out);
	const struct qs_requantizer *one = &p->requantizers[p->counts > 1 ? count - 1 : 0];

	run->out->codes[place] = (uint8_t)qs_requantize_code(one, sum, to.zero, to.low, to.high);
}

static void largest_float(const struct layer_run *run, int64_t s, const struct window *window,
			  int64_t c, int64_t place)
{
	const struct edge *in = run->in_edges[0];
	const float *x = run->in[0]->values + s * in->elements + c;

	run->out->values[place] = clamped(run->layer, largest(window, in, x));
}

static void largest_integer(const struct layer_run *run, int64_t s, const struct window *window,
			    int64_t c, int64_t place)
{
	const struct edge *in = run->in_edges[0];
	const uint8_t *x = run->in[0]->codes + s * in->elements + c;

	run->out->codes[place] = largest_code(window, in, x);
}

int run_average_pool_float(struct layer_run *run, struct error *error)
{
	(void)error;
	for_elements(run, mean_float);
	return 0;
}

int run_average_pool_integer(struct layer_run *run, struct error *error)
{
	(void)error;
	for_elements(run, mean_integer);
	return 0;
}

int run_max_pool_float(struct layer_run *run, struct error *error)
{
	(void)error;
	for_elements(run, largest_float);
	return 0;
}

int run_max_pool_integer(struct layer_run *run, struct error *error)
{
	(void)error;
	for_elements(run, largest_integer);
	clamp_moved_codes(run);
	return 0;
}

int prepare_max_pool_integer(struct layer_preparing *preparing, struct error *error)
{
	(void)preparing;
	(void)error;
	return 0;
}

/* Does every window have as many positions as the kernel? */
static bool counts_are_equal(const struct layer *layer, const struct qs_conv *conv,
			     const struct edge *in, const struct edge *out)
{
	for (int64_t i = 0; i < out->height || i < out->width; i++) {
		const struct window window =
			window_at(conv, in, i < out->height ? i : 0, i < out->width ? i : 0);

		if (count_of(layer, &window) != conv->kernel_h * conv->kernel_w)
			return false;
	}
	return true;
}

int prepare_average_pool_integer(struct layer_preparing *preparing, struct error *error)
{
	struct prepared_layer *p = preparing->prepared;
	const struct qs_conv conv = window_of(preparing->layer, preparing->in_edge);
	const int64_t positions = conv.kernel_h * conv.kernel_w;
	const bool equal = counts_are_equal(preparing->layer, &conv, preparing->in_edge,
					    preparing->out_edge);

	if (positions > INT32_MAX / UINT8_MAX || (!equal && positions > COUNTS_MOST))
		return no_integer(preparing, "a sum of %lld codes might leave s32",
				  (long long)positions);
	if (p->through_float)
		return 0;
	p->counts = equal ? 1 : positions;
	p->requantizers = env_new(preparing->env, (size_t)p->counts, sizeof *p->requantizers,
				  "requantizers", error);
	if (!p->requantizers)
		return -1;
	for (int64_t i = 0; i < p->counts; i++) {
		const int64_t count = equal ? positions : i + 1;
		const double scale =
			(double)p->in[0].scale / ((double)count * (double)p->out.scale);

		if (!qs_requantizer_make(&p->requantizers[i], p->mode, p->round, scale))
			return no_integer(preparing, "its requantization cannot express the scale "
					  "%.9g of a mean over %lld positions", scale,
					  (long long)count);
	}
	return 0;
}

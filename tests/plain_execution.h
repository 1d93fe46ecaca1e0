/* SPDX-License-Identifier: MIT
 *
 * The layers of a network that is made by hand (hand_network.h) as plain loops over floats.
 */
#ifndef QS_TEST_PLAIN_EXECUTION_H
#define QS_TEST_PLAIN_EXECUTION_H

#include "support.h"

#include "hand_network.h"

/* One sample by the definition: an fma over kh, kw, channel ascending, padding 0.0, bias last. */
static inline void plain_product(const struct layer *layer, const struct edge *out,
				 const float *x, const float *weights, const float *bias, float *y)
{
	const struct qs_conv *c = &layer->conv;

	for (int64_t i = 0; i < out->elements; i++) {
		const int64_t n = i % out->channels, column = i / out->channels % out->width;
		const int64_t line = i / out->channels / out->width;
		const float *w = weights + n * layer->weights.columns;
		float sum = 0;

		for (int64_t k = 0; k < layer->weights.columns; k++) {
			const int64_t channel = k % c->channels, kx = k / c->channels % c->kernel_w;
			const int64_t ky = k / c->channels / c->kernel_w;
			const int64_t row = line * c->stride_h - c->pad_top + ky * c->dilation_h;
			const int64_t place = column * c->stride_w - c->pad_left +
					      kx * c->dilation_w;
			const bool inside = row >= 0 && row < c->height && place >= 0 &&
					    place < c->width;

			sum = fmaf(inside ? x[(row * c->width + place) * c->channels + channel] : 0,
				   w[k], sum);
		}
		if (bias)
			sum += bias[n];
		y[i] = layer->relu && !(sum > 0) ? 0 : sum;
	}
}

static inline void plain_pool(const struct edge *in, const float *x, float *y)
{
	for (int64_t c = 0; c < in->channels; c++) {
		double sum = 0;

		for (int64_t i = 0; i < in->height * in->width; i++)
			sum += (double)x[i * in->channels + c];
		y[c] = (float)(sum / (double)(in->height * in->width));
	}
}

static inline void plain_layer(const struct hand *h, size_t l, const float *weights,
			       const float *bias, const float *a, const float *b, float *y)
{
	const struct layer *layer = &h->layer[l];
	const struct edge *in = &h->edges[layer->inputs[0]], *out = &h->edges[l + 1];

	if (layer->weights.values) {
		plain_product(layer, out, a, weights, bias, y);
		return;
	}
	if (layer->input_count == 1) {
		plain_pool(in, a, y);
		return;
	}
	for (int64_t i = 0; i < out->elements; i++) {
		y[i] = a[i] + b[i];
		if (layer->relu && !(y[i] > 0))
			y[i] = 0;
	}
}

static inline const float *sample_of(const struct hand *h, const struct hand_edges *all,
				     size_t edge, int64_t sample)
{
	return all->edges[edge].values + sample * h->edges[edge].elements;
}

#endif

/* SPDX-License-Identifier: MIT
 *
 * The sizes of a convolution, as an op subject has them.
 */
#include "config_parts.h"

#define SIZE_MOST 2147483647.0

static int read_number(const struct config_reader *reader, const cJSON *item, double least,
		       int64_t *out)
{
	double number;

	if (document_whole(reader->document, item, least, SIZE_MOST, &number, reader->error))
		return -1;
	*out = (int64_t)number;
	return 0;
}

/* A key that may be left out. */
static int read_optional(const struct config_reader *reader, const cJSON *item, const char *key,
			 int64_t standard, int64_t *out)
{
	const cJSON *value = document_get(item, key);

	*out = standard;
	return value ? read_number(reader, value, 1, out) : 0;
}

/* One number for both axes, [height, width], or, of pads, [top, left, bottom, right]. */
static int read_axes(const struct config_reader *reader, const cJSON *item, const char *key,
		     int64_t standard, int most, int64_t out[4])
{
	const cJSON *value = document_get(item, key);
	const double least = most == 4 ? 0 : 1;
	int count = 0;

	for (int i = 0; i < 4; i++)
		out[i] = standard;
	if (!value)
		return 0;
	if (!cJSON_IsArray(value)) {
		if (read_number(reader, value, least, out))
			return -1;
		out[1] = out[2] = out[3] = out[0];
		return 0;
	}
	for (const cJSON *e = value->child; e; e = e->next, count++)
		if (count < most && read_number(reader, e, least, &out[count]))
			return -1;
	if (count != 2 && count != most)
		return document_fail(reader->document, value, reader->error,
				     most == 4 ? "found %d numbers, expected one for all sides, "
						 "[height, width] or [top, left, bottom, right]"
					       : "found %d numbers, expected one for both axes or "
						 "[height, width]",
				     count);
	if (count == 2) {
		out[2] = out[0];
		out[3] = out[1];
	}
	return 0;
}

static int read_kernel(const struct config_reader *reader, const cJSON *item, struct qs_conv *conv)
{
	int64_t kernel[4], stride[4], dilation[4], pad[4];

	if (read_axes(reader, item, "kernel", 1, 2, kernel) ||
	    read_axes(reader, item, "stride", 1, 2, stride) ||
	    read_axes(reader, item, "dilation", 1, 2, dilation) ||
	    read_axes(reader, item, "pad", 0, 4, pad))
		return -1;
	conv->kernel_h = kernel[0];
	conv->kernel_w = kernel[1];
	conv->stride_h = stride[0];
	conv->stride_w = stride[1];
	conv->dilation_h = dilation[0];
	conv->dilation_w = dilation[1];
	conv->pad_top = pad[0];
	conv->pad_left = pad[1];
	conv->pad_bottom = pad[2];
	conv->pad_right = pad[3];
	return 0;
}

int conv_read(const struct config_reader *reader, const cJSON *item, struct subject_spec *subject)
{
	struct qs_conv *conv = &subject->conv;

	if (read_optional(reader, item, "batch", 1, &conv->batch) ||
	    read_number(reader, document_get(item, "height"), 1, &conv->height) ||
	    read_optional(reader, item, "width", conv->height, &conv->width) ||
	    read_number(reader, document_get(item, "channels"), 1, &conv->channels) ||
	    read_optional(reader, item, "out_channels", conv->channels, &conv->out_channels) ||
	    read_optional(reader, item, "groups", 1, &conv->groups) ||
	    read_kernel(reader, item, conv))
		return -1;
	if (conv->channels % conv->groups || conv->out_channels % conv->groups)
		return document_fail(reader->document, item, reader->error,
				     "%lld groups, but they must divide the %lld channels and the "
				     "%lld out_channels",
				     (long long)conv->groups, (long long)conv->channels,
				     (long long)conv->out_channels);
	if (!conv_sizes(conv, &subject->m, &subject->n, &subject->k))
		return document_fail(reader->document, item, reader->error,
				     "the kernel is larger than the image with its pads, or there "
				     "are more than 2^31 - 1 positions or weights a channel");
	return 0;
}

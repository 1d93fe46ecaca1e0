/* SPDX-License-Identifier: MIT */
#include "conv.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

/* LETTER and the numbers, as few as say the same. */
static int print_pair(char out[64], char letter, int64_t h, int64_t w)
{
	return h == w ? snprintf(out, 64, "%c%lld", letter, (long long)h)
		      : snprintf(out, 64, "%c%lldx%lld", letter, (long long)h, (long long)w);
}

static void print_pads(char out[64], const struct qs_conv *c)
{
	if (c->pad_top == c->pad_bottom && c->pad_left == c->pad_right)
		print_pair(out, 'p', c->pad_top, c->pad_left);
	else
		snprintf(out, 64, "p%lldx%lldx%lldx%lld", (long long)c->pad_top,
			 (long long)c->pad_left, (long long)c->pad_bottom, (long long)c->pad_right);
}

int conv_print(char *out, size_t size, const struct qs_conv *c)
{
	char kernel[64], stride[64], pads[64], dilation[64] = "", groups[64] = "";

	print_pair(kernel, 'k', c->kernel_h, c->kernel_w);
	print_pair(stride, 's', c->stride_h, c->stride_w);
	print_pads(pads, c);
	if (c->dilation_h != 1 || c->dilation_w != 1)
		print_pair(dilation, 'd', c->dilation_h, c->dilation_w);
	if (c->groups != 1)
		print_pair(groups, 'g', c->groups, c->groups);
	return snprintf(out, size, "%lldx%lldx%lldx%lld-%lld%s%s%s%s%s", (long long)c->batch,
			(long long)c->height, (long long)c->width, (long long)c->channels,
			(long long)c->out_channels, kernel, stride, pads, dilation, groups);
}

/* Up to `most` numbers joined by 'x'; how many, 0: none that is whole and without a sign. */
static int take_numbers(const char **at, int64_t *numbers, int most)
{
	int count = 0;

	do {
		char *end;

		*at += count > 0;
		if (**at < '0' || **at > '9')
			return 0;
		errno = 0;
		numbers[count++] = strtoll(*at, &end, 10);
		*at = end;
		if (errno)
			return 0;
	} while (count < most && **at == 'x');
	return count;
}

/* LETTER and one number or two. */
static bool take_pair(const char **at, char letter, int64_t *h, int64_t *w)
{
	int64_t numbers[2];
	int count = 0;

	if (*(*at)++ == letter)
		count = take_numbers(at, numbers, 2);
	if (!count)
		return false;
	*h = numbers[0];
	*w = numbers[count - 1];
	return true;
}

static bool take_pads(const char **at, struct qs_conv *c)
{
	int64_t pads[4];
	const int count = *(*at)++ == 'p' ? take_numbers(at, pads, 4) : 0;

	if (count == 0 || count == 3)
		return false;
	c->pad_top = pads[0];
	c->pad_left = pads[count > 1];
	c->pad_bottom = pads[count == 4 ? 2 : 0];
	c->pad_right = pads[count == 4 ? 3 : count > 1];
	return true;
}

bool conv_parse(struct qs_conv *c, const char *text)
{
	int64_t input[4], m, n, k, groups;

	*c = (struct qs_conv){ .dilation_h = 1, .dilation_w = 1, .groups = 1 };
	if (take_numbers(&text, input, 4) != 4 || *text++ != '-' ||
	    take_numbers(&text, &c->out_channels, 1) != 1 ||
	    !take_pair(&text, 'k', &c->kernel_h, &c->kernel_w) ||
	    !take_pair(&text, 's', &c->stride_h, &c->stride_w) || !take_pads(&text, c) ||
	    (*text == 'd' && !take_pair(&text, 'd', &c->dilation_h, &c->dilation_w)) ||
	    (*text == 'g' && (!take_pair(&text, 'g', &c->groups, &groups) ||
			      groups != c->groups)) ||
	    *text)
		return false;
	c->batch = input[0];
	c->height = input[1];
	c->width = input[2];
	c->channels = input[3];
	return conv_sizes(c, &m, &n, &k);
}

int shape_print(char *out, size_t size, bool has_n, int64_t m, int64_t n, int64_t k,
		const struct qs_conv *conv)
{
	if (conv->batch)
		return conv_print(out, size, conv);
	return has_n ? snprintf(out, size, "%lldx%lldx%lld", (long long)m, (long long)n,
				(long long)k)
		     : snprintf(out, size, "%lldx%lld", (long long)m, (long long)k);
}

/* SPDX-License-Identifier: MIT
 *
 * Windows that a convolution or a pool moves over an image.
 */
#ifndef QS_WINDOWS_H
#define QS_WINDOWS_H

#include "lowering.h"

struct window {                 /* along one axis: 0 height, 1 width                     */
	int64_t size, kernel, stride, dilation, before, after;
	bool ceiling;           /* the last window may reach over the end                */
};

/* From the node's attributes; kernel: of its weights, NULL: of its attribute kernel_shape alone. */
int lowering_windows(const struct lowering *lowering, const struct lowered *image,
		     const int64_t *kernel, struct window window[2]);
/* How many there are; none where the kernel is longer than the axis with its pads. */
int64_t window_places(const struct window *window);
/* Is a part of each window inside of the image?  A sentence where one may not be. */
int lowering_check_windows(const struct lowering *lowering, const struct window window[2]);
void windows_write(const struct window window[2], struct qs_conv *conv);

#endif

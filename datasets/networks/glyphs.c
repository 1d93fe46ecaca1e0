/* SPDX-License-Identifier: MIT
 *
 * Grayscale images of 16x16 pixels, 20 classes: digits and letters drawn with a round pen under a
 * random affine map, brighter than a background that rises to one side, among stray strokes and
 * noise.  Values in [0, 1], one channel, so that NHWC and NCHW are the same.  About 30 us a sample.
 */
#include "../../harness/fixed_math.h"
#include "../../harness/random.h"
#include "network.h"

#include <math.h>

extern const char embedded_network_glyphs[];
extern const size_t embedded_network_glyphs_size;

enum { SIDE = 16, CLASSES = 20, SEGMENTS = 16, STRAYS = 2 };

/* What a random number is for: one stream each, its value number the sample's index. */
enum stream {
	STREAM_CLASS = 0x1000,
	STREAM_TURN,            /* rotation and shear                                    */
	STREAM_SIZE,            /* width and height                                      */
	STREAM_PLACE,
	STREAM_PEN,             /* width of the stroke, its contrast                     */
	STREAM_GROUND,          /* level of the background, level of the noise           */
	STREAM_SLANT,           /* of the background, along x and y                      */
	STREAM_STRAY,           /* 3 a stray stroke: ends and contrast                   */
	STREAM_NOISE = STREAM_STRAY + 3 * STRAYS,
};

/* The pen's way over a grid 5 wide and 7 high: points "xy" from the upper left; '-' draws, ' '
 * lifts the pen.  At most SEGMENTS '-'. */
static const char *const strokes[CLASSES] = {
	"10-30-41-45-36-16-05-01-10",           /* 0 */
	"11-20-26 16-36",                       /* 1 */
	"01-10-30-41-42-06-46",                 /* 2 */
	"00-40-22-32-43-45-36-16-05",           /* 3 */
	"36-30-04-44",                          /* 4 */
	"40-00-03-32-43-45-36-06",              /* 5 */
	"40-20-02-05-16-36-45-44-33-13-04",     /* 6 */
	"00-40-41-16",                          /* 7 */
	"13-02-01-10-30-41-42-33-13-04-05-16-36-45-44-33", /* 8 */
	"42-33-13-02-01-10-30-41-44-26-06",     /* 9 */
	"06-20-46 14-34",                       /* A */
	"41-30-10-01-05-16-36-45",              /* C */
	"40-00-06-46 03-33",                    /* E */
	"40-00-06 03-33",                       /* F */
	"00-06 40-46 03-43",                    /* H */
	"00-06 40-03-46",                       /* K */
	"00-06-46",                             /* L */
	"06-00-30-41-42-33-03",                 /* P */
	"00-05-16-36-45-40",                    /* U */
	"00-46 40-06",                          /* X */
};

struct point {
	double x, y;            /* pixels; the centre of the first is (0, 0)             */
};

struct segment {
	struct point from, to;
};

struct map {                    /* image = centre + [xx xy; yx yy] (grid - (2, 3))       */
	double xx, xy, yx, yy;
	struct point centre;
};

/* Uniform in (low, high), twice. */
static void draw_pair(double out[2], uint64_t seed, uint64_t stream, uint64_t index, double low,
		      double high)
{
	random_uniform_pair(out, seed, stream, index);
	out[0] = low + (high - low) * out[0];
	out[1] = low + (high - low) * out[1];
}

static struct map random_map(uint64_t seed, uint64_t index)
{
	double turn[2], size[2], place[2];

	draw_pair(turn, seed, STREAM_TURN, index, -0.35, 0.35);
	draw_pair(size, seed, STREAM_SIZE, index, 1.25, 1.95);
	draw_pair(place, seed, STREAM_PLACE, index, -1.75, 1.75);

	const double c = fixed_cos(turn[0]), s = fixed_sin(turn[0]), shear = turn[1];

	return (struct map){ .xx = c * size[0],
			     .xy = (c * shear - s) * size[1],
			     .yx = s * size[0],
			     .yy = (s * shear + c) * size[1],
			     .centre = { 7.5 + place[0], 7.5 + place[1] } };
}

static struct point mapped(const struct map *map, const char *xy)
{
	const double x = xy[0] - '0' - 2, y = xy[1] - '0' - 3;

	return (struct point){ map->centre.x + map->xx * x + map->xy * y,
			       map->centre.y + map->yx * x + map->yy * y };
}

static int glyph_segments(struct segment *segments, const char *way, const struct map *map)
{
	int count = 0;

	for (; way[2]; way += 3)
		if (way[2] == '-')
			segments[count++] = (struct segment){ mapped(map, way),
							      mapped(map, way + 3) };
	return count;
}

static double distance(const struct segment *segment, double x, double y)
{
	const double dx = segment->to.x - segment->from.x, dy = segment->to.y - segment->from.y;
	const double px = x - segment->from.x, py = y - segment->from.y;
	const double length = dx * dx + dy * dy;
	double along = length > 0 ? (px * dx + py * dy) / length : 0;

	along = along < 0 ? 0 : along > 1 ? 1 : along;
	const double ax = px - along * dx, ay = py - along * dy;

	return sqrt(ax * ax + ay * ay);
}

static double clamped(double value)
{
	return value < 0 ? 0 : value > 1 ? 1 : value;
}

/* Adds `contrast` where the pen of this radius covers a pixel, in part at the stroke's edge. */
static void draw(double *image, const struct segment *segments, int count, double radius,
		 double contrast)
{
	for (int pixel = 0; pixel < SIDE * SIDE; pixel++) {
		double least = 2 * SIDE;

		for (int i = 0; i < count; i++)
			least = fmin(least, distance(segments + i, pixel % SIDE, pixel / SIDE));
		image[pixel] += contrast * clamped(radius + 0.5 - least);
	}
}

static void draw_stray(double *image, uint64_t seed, uint64_t index, int number)
{
	const uint64_t stream = STREAM_STRAY + 3 * (uint64_t)number;
	double from[2], way[2], pen[2];

	draw_pair(from, seed, stream, index, -1, SIDE);
	draw_pair(way, seed, stream + 1, index, -6, 6);
	draw_pair(pen, seed, stream + 2, index, 0, 1);

	const struct segment segment = { { from[0], from[1] },
					 { from[0] + way[0], from[1] + way[1] } };

	draw(image, &segment, 1, 0.3 + 0.4 * pen[0], 0.3 * pen[1] - 0.15);
}

static void draw_ground(double *image, double level, const double slant[2])
{
	for (int pixel = 0; pixel < SIDE * SIDE; pixel++)
		image[pixel] = level + slant[0] * (pixel % SIDE - 7.5) +
			       slant[1] * (pixel / SIDE - 7.5);
}

static int sample(uint64_t seed, uint64_t index, float *x, float *target)
{
	const int class = (int)(CLASSES * random_uniform(seed, STREAM_CLASS, index));
	const struct map map = random_map(seed, index);
	struct segment segments[SEGMENTS];
	const int count = glyph_segments(segments, strokes[class], &map);
	double image[SIDE * SIDE], pen[2], ground[2], slant[2];

	(void)target;
	draw_pair(pen, seed, STREAM_PEN, index, 0, 1);
	draw_pair(ground, seed, STREAM_GROUND, index, 0, 1);
	draw_pair(slant, seed, STREAM_SLANT, index, -0.015, 0.015);
	draw_ground(image, 0.1 + 0.3 * ground[0], slant);
	for (int i = 0; i < STRAYS; i++)
		draw_stray(image, seed, index, i);
	draw(image, segments, count, 0.35 + 0.5 * pen[0], 0.12 + 0.28 * pen[1]);

	const double noise = 0.01 + 0.04 * ground[1];
	const uint64_t first = index * SIDE * SIDE;

	for (uint64_t pixel = 0; pixel < SIDE * SIDE; pixel++)
		x[pixel] = (float)clamped(image[pixel] +
					  noise * random_normal(seed, STREAM_NOISE, first + pixel));
	return class;
}

const struct network network_glyphs = {
	.value = { .name = "glyphs",
		   .summary = "20 digits and letters in 16x16 gray pixels: a residual network of "
			      "14 layers",
		   .source = "ours: datasets/networks/README.md; blocks as in He et al. 2016" },
	.onnx = embedded_network_glyphs,
	.onnx_size = &embedded_network_glyphs_size,
	.version = 1,
	.classes = CLASSES,
	.inputs = SIDE * SIDE,
	.outputs = CLASSES,
	.sample = sample,
};

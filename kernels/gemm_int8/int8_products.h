/* SPDX-License-Identifier: MIT
 *
 * Fewer products for the same sums.  A product of two matrices cut into 2 x 2 blocks takes 7
 * products of blocks instead of 8 (V. Strassen, Gaussian elimination is not optimal, 1969):
 *
 *         p0 = (a00 + a11)(w00 + w11)    p4 = (a00 + a01) w11           y00 = p0 + p3 - p4 + p6
 *         p1 = (a10 + a11) w00           p5 = (a10 - a00)(w00 + w01)    y01 = p2 + p4
 *         p2 = a00 (w01 - w11)           p6 = (a01 - a11)(w10 + w11)    y10 = p1 + p3
 *         p3 = a11 (w10 - w00)                                          y11 = p0 - p1 + p2 + p5
 *
 * where a's blocks are [rows][k], w's [k][columns] and y's [rows][columns].  Whole numbers make it
 * exact: sums are right modulo 2^32, and they are known to lie in s32.  It may be done again
 * inside each product: `level` times, which leaves (7/8)^level of the work.  Product p of level 2
 * is p / 7 outside and p % 7 inside; block b of a side is b / 2 outside and b % 2 inside.
 *
 * Range: a and w are codes less their zero points, -255 .. 255; a sum of two at each level stays
 * within 255 * 4 at level 2, which 16 bits hold.
 */
#ifndef QS_INT8_PRODUCTS_H
#define QS_INT8_PRODUCTS_H

#include <stdint.h>

enum { INT8_LEVELS = 2, INT8_PRODUCTS = 49, INT8_BLOCKS = 4, INT8_SEVEN = 7 };

/* What goes into each product and where it goes, by block 00, 01, 10, 11. */
static const int8_t int8_of_w[INT8_SEVEN][4] = {
	{ 1, 0, 0, 1 }, { 1, 0, 0, 0 }, { 0, 1, 0, -1 }, { -1, 0, 1, 0 },
	{ 0, 0, 0, 1 }, { 1, 1, 0, 0 }, { 0, 0, 1, 1 },
};
static const int8_t int8_to_y[INT8_SEVEN][4] = {
	{ 1, 0, 0, 1 }, { 0, 0, 1, -1 }, { 0, 1, 0, 1 }, { 1, 0, 1, 0 },
	{ -1, 1, 0, 0 }, { 0, 0, 0, 1 }, { 1, 0, 0, 0 },
};

static inline int int8_products(int level)
{
	return level == 0 ? 1 : level == 1 ? INT8_SEVEN : INT8_PRODUCTS;
}

/* Each of the four blocks of w gives one number to each product. */
static inline void int8_combine_w(const int16_t from[4], int16_t to[INT8_SEVEN])
{
	for (int p = 0; p < INT8_SEVEN; p++) {
		int sum = 0;

		for (int block = 0; block < 4; block++)
			sum += int8_of_w[p][block] * from[block];
		to[p] = (int16_t)sum;
	}
}

/* from[k block][column block] to one number a product. */
static inline void int8_spread_w(int level, int16_t from[INT8_BLOCKS][INT8_BLOCKS],
				 int16_t to[INT8_PRODUCTS])
{
	int16_t outer[4][INT8_SEVEN];

	if (level == 0) {
		to[0] = from[0][0];
	} else if (level == 1) {
		int8_combine_w((int16_t[4]){ from[0][0], from[0][1], from[1][0], from[1][1] }, to);
	} else {
		for (int in = 0; in < 4; in++) {
			const int k = in / 2, n = in % 2;

			int8_combine_w((int16_t[4]){ from[k][n], from[k][n + 2], from[k + 2][n],
						     from[k + 2][n + 2] },
				       outer[in]);
		}
		for (int p = 0; p < INT8_SEVEN; p++)
			int8_combine_w((int16_t[4]){ outer[0][p], outer[1][p], outer[2][p],
						     outer[3][p] },
				       to + p * INT8_SEVEN);
	}
}

struct int8_target {            /* a block of y that a product is added to, or taken from */
	int8_t row, column, sign;
};

/* The targets of product p; their number. */
static inline int int8_targets(int level, int p, struct int8_target to[INT8_BLOCKS * INT8_BLOCKS])
{
	int count = 0;

	if (level == 0) {
		to[0] = (struct int8_target){ 0, 0, 1 };
		return 1;
	}
	for (int out = 0; out < (level == 2 ? 4 : 1); out++)
		for (int in = 0; in < 4; in++) {
			const int outer = level == 2 ? int8_to_y[p / INT8_SEVEN][out] : 1;
			const int sign = outer * int8_to_y[p % INT8_SEVEN][in];

			if (sign)
				to[count++] = (struct int8_target){
					.row = (int8_t)(out / 2 * 2 + in / 2),
					.column = (int8_t)(out % 2 * 2 + in % 2),
					.sign = (int8_t)sign,
				};
		}
	return count;
}

#endif

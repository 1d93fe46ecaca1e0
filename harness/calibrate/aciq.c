/* SPDX-License-Identifier: MIT
 *
 * ACIQ: the clip of least expected squared error, if the values had a normal or a Laplace density.
 *
 * The clip alpha is a constant of the bits times the standard deviation, or times the mean
 * absolute deviation from the mean.  Symmetric: |mean| + alpha.  Asymmetric: from max(least value,
 * mean - alpha) on, 2 alpha wide.  Of values that are all >= 0, where no code is spent on others
 * (asymmetric, or unsigned codes), the density is half of one: the constant of one bit more, and
 * alpha is the width.  Never wider than min-max.
 *
 * The constants solve 2 a / (3 4^bits) = 2 exp(-a) and its like for a normal density; the projects
 * that have the rule print two or three digits of them (tests/golden/make/aciq.py).
 */
#include "moments.h"

enum { MOST = 17 };             /* bits, half a density included                         */

static const double normal[MOST] = {
	1.2399052709844558, /* 1 */
	1.7106351681140437, /* 2 */
	2.1515927447403467, /* 3 */
	2.5591364619753367, /* 4 */
	2.9362006121084447, /* 5 */
	3.2869142152137569, /* 6 */
	3.6151142152627811, /* 7 */
	3.9240354898807821, /* 8 */
	4.2163298257040234, /* 9 */
	4.4941605293005349, /* 10 */
	4.7592997562190096, /* 11 */
	5.0132104657013015, /* 12 */
	5.2571112107898834, /* 13 */
	5.4920262759184837, /* 14 */
	5.7188242953508226, /* 15 */
	5.9382480846120727, /* 16 */
	6.1509378324648889, /* 17 */
};
static const double double_exponential[MOST] = {
	1.8628168644323579, /* 1 */
	2.8306829893702337, /* 2 */
	3.8972294649451027, /* 3 */
	5.0286401362362128, /* 4 */
	6.2047663340133212, /* 5 */
	7.4131262138435705, /* 6 */
	8.6456199840344237, /* 7 */
	9.8967597700175283, /* 8 */
	11.162685017743998, /* 9 */
	12.440591282905361, /* 10 */
	13.728384695912995, /* 11 */
	15.024464765264185, /* 12 */
	16.327583091398939, /* 13 */
	17.636748628849059, /* 14 */
	18.951162433673051, /* 15 */
	20.2701716385439, /* 16 */
	21.593236296475386, /* 17 */
};

static struct range choose(const struct calibration_task *task, const double *constants,
			   double mean, double deviation)
{
	const bool half = task->slice->least >= 0 &&
			  (!task->scheme->symmetric || task->scheme->unsigned_codes);
	const double alpha = constants[task->bits - 1 + half] * deviation;

	return range_around_mean(task, mean, alpha, half ? alpha : 2 * alpha);
}

static struct range gauss_choose(const struct calibration_task *task)
{
	const struct moments moments = slice_moments(task->slice);

	return choose(task, normal, moments.mean, moments.deviation);
}

static struct range laplace_choose(const struct calibration_task *task)
{
	const struct moments moments = slice_moments(task->slice);

	return choose(task, double_exponential, moments.mean, moments.absolute);
}

const struct calibration calibration_aciq_gauss = {
	.value = { .name = "aciq_gauss",
		   .summary = "the clip that would be best of a normal density of this standard "
			      "deviation",
		   .source = "Banner, Nahshan, Soudry, NeurIPS 2019; Intel distiller" },
	.choose = gauss_choose,
};

const struct calibration calibration_aciq_laplace = {
	.value = { .name = "aciq_laplace",
		   .summary = "the same of a Laplace density of this mean absolute deviation",
		   .source = "Banner, Nahshan, Soudry, NeurIPS 2019; Intel distiller" },
	.choose = laplace_choose,
};

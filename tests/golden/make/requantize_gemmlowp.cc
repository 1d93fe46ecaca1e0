/* SPDX-License-Identifier: MIT
 *
 * The double rounding of a sum by gemmlowp itself, for requantize.py: reads lines "SUM MULTIPLIER
 * RIGHT" and prints "HIGH VALUE", the doubling high product and what RoundingDivideByPOT makes of
 * it.  By hand, with Debian 12's libgemmlowp-dev 0.0~git20211220.e844ffd-1:
 *
 *     g++ -O1 -I/usr/include/gemmlowp tests/golden/make/requantize_gemmlowp.cc -o /tmp/gemmlowp
 */
#include <cstdint>
#include <cstdio>

#include "fixedpoint/fixedpoint.h"

int main()
{
	std::int32_t sum, multiplier;
	int right;

	while (std::scanf("%d %d %d", &sum, &multiplier, &right) == 3) {
		const std::int32_t high =
			gemmlowp::SaturatingRoundingDoublingHighMul(sum, multiplier);

		std::printf("%d %d\n", high, gemmlowp::RoundingDivideByPOT(high, right));
	}
	return 0;
}

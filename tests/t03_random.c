/* SPDX-License-Identifier: MIT
 *
 * The random numbers: the published answers, and moments within bounds.
 */
#include "support.h"

#include "../harness/random.h"

#include <math.h>

/* Random123 1.14, tests/kat_vectors, the lines "philox4x32 10": counter[4] key[2] answer[4]. */
static const uint32_t answers[][10] = {
	{ 0, 0, 0, 0, 0, 0, 0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8 },
	{ 0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff, 0x408f276d,
	  0x41c83b0e, 0xa20bc7c6, 0x6d5451fd },
	{ 0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344, 0xa4093822, 0x299f31d0, 0xd16cfe09,
	  0x94fdcceb, 0x5001e420, 0x24126ea1 },
};

static void known_answers(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof answers / sizeof *answers; i++) {
		const uint32_t *a = answers[i];
		const struct random4 x = random_at((uint64_t)a[5] << 32 | a[4],
						   (uint64_t)a[3] << 32 | a[2],
						   (uint64_t)a[1] << 32 | a[0]);

		assert_memory_equal(x.word, a + 6, sizeof x.word);
	}
}

static void uniform_is_open_and_exact(void **state)
{
	double pair[2];

	(void)state;
	/* answer 1 by hand: (0x6627e8d5e169c58d >> 12) + 0.5 over 2^52 */
	assert_true(random_uniform(0, 0, 0) == ((double)0x6627e8d5e169cULL + 0.5) * 0x1p-52);
	random_uniform_pair(pair, 0, 0, 0);
	assert_true(pair[0] == random_uniform(0, 0, 0));
	assert_true(pair[1] == ((double)0xbc57ac4c9b00dULL + 0.5) * 0x1p-52);
	for (uint64_t i = 0; i < 10000; i++) {
		const double u = random_uniform(7, 3, i);

		assert_true(u > 0 && u < 1);
	}
}

/* 200,000 values: a mean is off by its standard deviation / sqrt(n); 5 of them is the bound. */
static void moments(void **state)
{
	enum { N = 200000 };
	double uniform = 0, square = 0, normal = 0, power[5] = { 0 };

	(void)state;
	for (uint64_t i = 0; i < N; i++) {
		const double u = random_uniform(1, 1, i), x = random_normal(1, 2, i);

		uniform += u;
		square += u * u;
		normal += x;
		for (int p = 2; p < 5; p++)
			power[p] += pow(x, p);
	}
	assert_true(fabs(uniform / N - 0.5) < 5 * sqrt(1.0 / 12 / N));
	assert_true(fabs(square / N - 1.0 / 3) < 5 * sqrt(4.0 / 45 / N));
	assert_true(fabs(normal / N) < 5 * sqrt(1.0 / N));
	assert_true(fabs(power[2] / N - 1) < 5 * sqrt(2.0 / N));
	assert_true(fabs(power[3] / N) < 5 * sqrt(15.0 / N));
	assert_true(fabs(power[4] / N - 3) < 5 * sqrt(96.0 / N));
}

/* Other seeds, streams and neighbours are independent: correlations of 100,000 pairs. */
static void independence(void **state)
{
	enum { N = 100000 };
	double seed = 0, stream = 0, next = 0;

	(void)state;
	for (uint64_t i = 0; i < N; i++) {
		const double x = random_normal(1, 0, i);

		seed += x * random_normal(2, 0, i);
		stream += x * random_normal(1, 1, i);
		next += x * random_normal(1, 0, i + 1);
	}
	assert_true(fabs(seed / N) < 5 / sqrt(N));
	assert_true(fabs(stream / N) < 5 / sqrt(N));
	assert_true(fabs(next / N) < 5 / sqrt(N));
}

/* Every order of three items comes about equally often (1,000 of 6,000; standard deviation 29), the
 * counters go on, and all items stay. */
static void shuffled(void **state)
{
	uint64_t index = 0;
	int seen[6] = { 0 };

	(void)state;
	for (int i = 0; i < 6000; i++) {
		size_t items[] = { 0, 1, 2 };

		random_shuffle(items, 3, 1, 4, &index);
		assert_int_equal(items[0] + items[1] + items[2], 3);
		assert_true(items[0] != items[1] && items[1] != items[2]);
		seen[2 * items[0] + (items[1] > items[2])]++;
	}
	assert_true(index == 12000);
	for (int i = 0; i < 6; i++)
		assert_true(seen[i] > 1000 - 150 && seen[i] < 1000 + 150);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(known_answers),
		cmocka_unit_test(uniform_is_open_and_exact),
		cmocka_unit_test(moments),
		cmocka_unit_test(independence),
		cmocka_unit_test(shuffled),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

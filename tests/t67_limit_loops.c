/* SPDX-License-Identifier: MIT
 *
 * The loops of the machine's limits: each does the arithmetic it is named for, against plain C of this
 * file, and moves the bytes it says.  How fast anything is, is never asserted.
 */
#include "support.h"

#include "../harness/measure/limits_words.h"

static bool runs_here(const struct limit *limit)
{
	if (!(limit->needs & ~cpu_features()))
		return true;
	printf("# SKIP %s: this CPU does not run it\n", limit->value.name);
	return false;
}

/* 16-bit floats are the upper halves of these small whole numbers' float32. */
static uint16_t bf16_of(int value)
{
	const float x = (float)value;
	uint32_t bits;

	memcpy(&bits, &x, sizeof bits);
	return (uint16_t)(bits >> 16);
}

/* Factor i of a and b in a loop's type, as numbers: within what vpmaddubsw adds without saturating
 * (2 * 255 * 63 < 32768), and what float32 and bf16 hold. */
static int factor_a(const char *thing, int i)
{
	if (!strcmp(thing, "int8_dot"))
		return (i * 37 + 11) % 256;
	if (!strcmp(thing, "int16"))
		return (i * 7919 + 5) % 65536 - 32768;
	return (i * 5 + 3) % 32 - 15;
}

static int factor_b(const char *thing, int i)
{
	if (!strcmp(thing, "int8_dot"))
		return (i * 29 + 7) % 127 - 63;
	if (!strcmp(thing, "int16"))
		return 32767 - (i * 4241 + 9) % 65536;
	return (i * 3 + 2) % 16 - 8;
}

static void put_factor(unsigned char *place, const char *thing, int i, int value)
{
	const int16_t whole = (int16_t)value;
	const uint16_t half = bf16_of(value);
	const float real = (float)value;

	if (!strcmp(thing, "int8_dot"))
		place[i] = (unsigned char)value;
	else if (!strcmp(thing, "int16"))
		memcpy(place + 2 * i, &whole, 2);
	else if (!strcmp(thing, "bf16_dot"))
		memcpy(place + 2 * i, &half, 2);
	else
		memcpy(place + 4 * i, &real, 4);
}

static bool is_float(const char *thing)
{
	return !strcmp(thing, "f32") || !strcmp(thing, "bf16_dot");
}

/* Sum number `lane` of chain `chain` before the loop. */
static uint32_t first_sum(const char *thing, int chain, int lane)
{
	const float x = (float)(chain * 100 - lane);
	uint32_t bits;

	memcpy(&bits, &x, sizeof bits);
	return is_float(thing) ? bits : 0xfffff000u + (uint32_t)(chain * 16 + lane) * 37u;
}

/* After it: whole sums go around at 2^32, floats here stay exact. */
static uint32_t last_sum(const struct limit *limit, const char *thing, int chain, int lane,
			 int rounds)
{
	const uint32_t first = first_sum(thing, chain, lane);
	int64_t dot = 0;
	float x;
	uint32_t bits;

	for (int i = lane * limit->macs; i < (lane + 1) * limit->macs; i++)
		dot += (int64_t)factor_a(thing, i) * factor_b(thing, i);
	if (!is_float(thing))
		return first + (uint32_t)(dot * rounds);
	memcpy(&x, &first, sizeof x);
	x += (float)(dot * rounds);
	memcpy(&bits, &x, sizeof bits);
	return bits;
}

static void check_arithmetic(const struct limit *limit, int rounds)
{
	static struct limit_operands operands;
	const int elements = limit->lanes * limit->macs;
	char thing[16];

	limit_thing(thing, sizeof thing, limit);
	memset(&operands, 0xee, sizeof operands);
	for (int i = 0; i < elements; i++) {
		put_factor(operands.a, thing, i, factor_a(thing, i));
		put_factor(operands.b, thing, i, factor_b(thing, i));
	}
	for (int chain = 0; chain < limit->chains; chain++)
		for (int lane = 0; lane < limit->lanes; lane++) {
			const uint32_t sum = first_sum(thing, chain, lane);

			memcpy(&operands.sums[chain][4 * lane], &sum, 4);
		}
	limit->multiply(&operands, rounds);
	for (int chain = 0; chain < limit->chains; chain++)
		for (int lane = 0; lane < limit->lanes; lane++) {
			const uint32_t expected = last_sum(limit, thing, chain, lane, rounds);
			uint32_t found;

			memcpy(&found, &operands.sums[chain][4 * lane], 4);
			if (found != expected)
				fail_msg("%s: %d rounds, chain %d lane %d: %08x, expected %08x",
					 limit->value.name, rounds, chain, lane, found, expected);
		}
}

static void arithmetic_is_right(void **state)
{
	static const int rounds[] = { 0, 1, 2, 7, 1000 };

	(void)state;
	for (const struct value *const *v = limit_values; *v; v++)
		for (size_t r = 0; r < sizeof rounds / sizeof *rounds; r++)
			if (limit_of(*v)->kind == LIMIT_ARITHMETIC &&
			    (r ? !(limit_of(*v)->needs & ~cpu_features()) : runs_here(limit_of(*v))))
				check_arithmetic(limit_of(*v), rounds[r]);
}

enum { ROOM = 64 * MOVE_STEP, EDGE = 256 };

static void check_move(const struct limit *limit, int64_t bytes, int64_t passes)
{
	static _Alignas(64) unsigned char from[ROOM + 2 * EDGE], to[ROOM + 2 * EDGE];
	uint32_t sum = 0, got;

	for (size_t i = 0; i < sizeof from; i++)
		from[i] = (unsigned char)(i * 31 + i / 256);
	memset(to, 0x11, sizeof to);
	for (int64_t i = 0; i < bytes; i += 4) {
		uint32_t word;

		memcpy(&word, from + EDGE + i, 4);
		sum += word * (uint32_t)passes;
	}
	got = limit->move(to + EDGE, from + EDGE, bytes, passes);
	if (got != (limit->kind == LIMIT_READ ? sum : 0))
		fail_msg("%s: %lld bytes %lld times: sum %08x, expected %08x", limit->value.name,
			 (long long)bytes, (long long)passes, got, sum);
	for (int64_t i = 0; i < (int64_t)sizeof to; i++) {
		const bool within = passes && i >= EDGE && i < EDGE + bytes;
		const int expected = !within || limit->kind == LIMIT_READ ? 0x11 :
				     limit->kind == LIMIT_WRITE		  ? LIMIT_BYTE :
									    from[i];

		if (to[i] != expected)
			fail_msg("%s: %lld bytes: byte %lld is %02x, expected %02x",
				 limit->value.name, (long long)bytes, (long long)i - EDGE, to[i],
				 expected);
	}
}

static void moves_are_right(void **state)
{
	static const int64_t steps[] = { 1, 2, 3, 47, 64 };

	(void)state;
	for (const struct value *const *v = limit_values; *v; v++) {
		if (limit_of(*v)->kind == LIMIT_ARITHMETIC || !runs_here(limit_of(*v)))
			continue;
		for (size_t s = 0; s < sizeof steps / sizeof *steps; s++)
			for (int64_t passes = 0; passes < 4; passes++)
				check_move(limit_of(*v), steps[s] * MOVE_STEP, passes);
	}
}

static void table_is_complete(void **state)
{
	static const char *const things[] = { "int8_dot", "int16", "f32",  "read",
					      "write",    "copy",  NULL };

	(void)state;
	for (const char *const *thing = things; *thing; thing++) {
		char name[40];

		snprintf(name, sizeof name, "%s__ref", *thing);
		if (!value_find(limit_values, name))
			fail_msg("%s has no loop in plain C", *thing);
	}
	for (const struct value *const *v = limit_values; *v; v++) {
		const struct limit *limit = limit_of(*v);
		char thing[24];
		size_t known = 0;

		limit_thing(thing, sizeof thing, limit);
		assert_true(strstr((*v)->name, "__") != NULL && strlen(thing) < 16);
		assert_int_equal(!limit->needs, !strcmp(limit_isa(limit), "ref"));
		if (limit->kind == LIMIT_ARITHMETIC) {
			assert_non_null(limit->multiply);
			assert_true(limit->chains <= CHAINS_WIDE && limit->lanes <= LANES_MOST);
			assert_int_equal(limit_operations(limit),
					 2 * limit->chains * limit->lanes * limit->macs);
			assert_string_equal(limit_unit(limit), "GOPS");
		} else {
			assert_non_null(limit->move);
			assert_string_equal(limit_unit(limit), "GB/s");
		}
		while (things[known] && strcmp(things[known], thing))
			known++;
		assert_true(things[known] || !strcmp(thing, "bf16_dot"));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(arithmetic_is_right),
		cmocka_unit_test(moves_are_right),
		cmocka_unit_test(table_is_complete),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: MIT */
#include "check_cases.h"

#include "../axes/tables.h"
#include "../conv.h"
#include "../random.h"

#include <stdarg.h>
#include <stdio.h>

static bool is_prime(int64_t n)
{
	for (int64_t i = 2; i * i <= n; i++)
		if (n % i == 0)
			return false;
	return n > 1;
}

int check_sizes_of(int64_t tile, int64_t sizes[CHECK_SIZES])
{
	const int64_t wanted[] = { 1, tile - 1, tile, tile + 1, 2 * tile + 1 };
	int count = 0;

	for (int i = 0; i < CHECK_SIZES; i++)
		if (wanted[i] > (count ? sizes[count - 1] : 0))
			sizes[count++] = wanted[i];
	while (!is_prime(sizes[count - 1]))
		sizes[count - 1]++;
	return count;
}

/* Places in a code range where kernels break: both ends and their neighbours, the middle. */
static int32_t draw_zero(enum qs_type type, uint32_t word)
{
	int32_t least, most;

	if (!type_range(type, &least, &most))
		return WORKLOAD_NO_ZERO;
	const int32_t middle = (int32_t)(((int64_t)least + most) >> 1);
	const int32_t zeros[] = { WORKLOAD_NO_ZERO, least, least + 1, middle, middle + 1, most };
	return zeros[word % (sizeof zeros / sizeof *zeros)];
}

/* Codes: neither floats nor sums. */
static bool has_clamp(enum qs_type type)
{
	int32_t least, most;

	return type_range(type, &least, &most) && type != QS_S32 && type != QS_S64;
}

/* The whole range of y's type, a range of 2 .. 7 bits, or one that begins at the zero point. */
static void draw_clamp(struct workload_spec *spec, uint32_t word)
{
	const int most = type_bits(spec->like->y) - 1;
	const int bits = 2 + (int)(word >> 8) % (most < 6 ? most : 6);

	if (!type_range(spec->like->y, &spec->low, &spec->high)) {
		spec->low = INT32_MIN;
		spec->high = INT32_MAX;
	} else if (!has_clamp(spec->like->y)) {
		return;
	} else if (word % 3 == 1) {
		spec->high = (1 << (spec->low < 0 ? bits - 1 : bits)) - 1;
		spec->low = spec->low < 0 ? -spec->high - 1 : 0;
	} else if (word % 3 == 2 && spec->y.zero != WORKLOAD_NO_ZERO) {
		spec->low = spec->y.zero;
	}
}

static void draw_operand(struct workload_operand *operand, enum qs_type type, uint32_t word)
{
	/* elements that share a byte: rows begin on one */
	operand->pad = type_stride(type, 1) * (int64_t)(word % 4);
	operand->per_row = word >> 4 & 1;
	operand->zero = draw_zero(type, word >> 8);
}

struct workload_spec check_case_draw(const struct qs_kernel *kernel, uint64_t seed,
				     uint64_t index)
{
	const struct random4 first = random_at(seed, 1, index), second = random_at(seed, 2, index);
	struct workload_spec spec = { .like = kernel, .seed = seed + index,
				      .style = index % WORKLOAD_STYLES,
				      .over_read = kernel->over_read };

	draw_operand(&spec.a, kernel->a, first.word[0]);
	draw_operand(&spec.w, kernel->w, first.word[1]);
	draw_operand(&spec.y, kernel->y, first.word[2]);
	draw_clamp(&spec, first.word[3]);
	spec.guard = second.word[0] % WORKLOAD_GUARDS;
	spec.bias = op_is_product(kernel->op) && second.word[1] & 1;
	spec.round = second.word[2] % QS_ROUNDS;
	spec.threads = 1 + (int)(second.word[2] >> 8) % 4;
	if (workload_requantizes(kernel))
		spec.requantize = (second.word[2] >> 16) % QS_REQUANTIZE_RULES;
	/* few bits, or few large weights, may let a kernel choose another route */
	if (kernel->w && second.word[3] % 3 == 0)
		spec.w_bits = 2 + (int)(second.word[3] >> 8) % 6;
	else if (kernel->w && second.word[3] % 3 == 1)
		spec.w_values = value_find(weight_values, "normal");
	return spec;
}

/* snprintf that goes on from *at and stops at the end. */
static void add(char *out, size_t size, size_t *at, const char *format, ...)
	__attribute__((format(printf, 4, 5)));

static void add(char *out, size_t size, size_t *at, const char *format, ...)
{
	va_list arguments;
	int length;

	va_start(arguments, format);
	length = vsnprintf(out + *at, size - *at, format, arguments);
	va_end(arguments);
	*at += length > 0 ? (size_t)length : 0;
	*at = *at < size ? *at : size - 1;
}

static void add_operand(char *out, size_t size, size_t *at, const char *name,
			const struct workload_operand *operand, enum qs_type type)
{
	int32_t least, most;

	if (!type)
		return;
	add(out, size, at, ", %s", name);
	if (operand->pad)
		add(out, size, at, " pad %lld", (long long)operand->pad);
	if (!type_range(type, &least, &most) || type == QS_S32 || type == QS_S64)
		return;
	if (operand->zero == WORKLOAD_NO_ZERO)
		add(out, size, at, " zero none");
	else
		add(out, size, at, " zero %d", (int)operand->zero);
	if (operand->per_row)
		add(out, size, at, " a row");
}

static const char *mode_name(enum qs_requantize mode)
{
	for (const struct value *const *value = requantization_values; *value; value++)
		if (requantization_mode(*value) == mode)
			return (*value)->name;
	return "an unknown mode";
}

void check_case_describe(char *out, size_t size, const struct workload_spec *spec)
{
	const struct qs_kernel *like = spec->like;
	const char *style = spec->style == WORKLOAD_EXTREME ? "extreme" : "random";
	char conv[CONV_TEXT_SIZE];
	size_t at = 0;

	conv_print(conv, sizeof conv, &spec->conv);
	if (spec->conv.batch)
		add(out, size, &at, "%s %s", conv, style);
	else
		add(out, size, &at, "m %lld n %lld k %lld %s", (long long)spec->m,
		    (long long)spec->n, (long long)spec->k, style);
	add_operand(out, size, &at, "a", &spec->a, like->a);
	add_operand(out, size, &at, "w", &spec->w, like->w);
	add_operand(out, size, &at, "y", &spec->y, like->y);
	if (spec->bias)
		add(out, size, &at, ", bias");
	if (spec->w_bits)
		add(out, size, &at, ", weights of %d bits", spec->w_bits);
	if (spec->w_values)
		add(out, size, &at, ", %s weights", spec->w_values->name);
	if (workload_requantizes(like))
		add(out, size, &at, ", %s", mode_name(spec->requantize));
	if (has_clamp(like->y))
		add(out, size, &at, ", %s, clamp %d %d",
		    spec->round == QS_HALF_AWAY ? "half_away" : "half_even", (int)spec->low,
		    (int)spec->high);
	add(out, size, &at, ", guard %s, case seed %llu",
	    spec->guard == GUARD_AFTER ? "after" : "before", (unsigned long long)spec->seed);
}

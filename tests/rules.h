/* SPDX-License-Identifier: MIT
 *
 * Rules and tensors in one line, for tests of accuracy.
 */
#ifndef QS_RULES_H
#define QS_RULES_H

#include "../harness/measure/operand.h"
#include "golden.h"

static inline const struct value *find(const struct value *const *values, const char *name)
{
	const struct value *value = value_find(values, name);

	if (!value)
		fail_msg("no value '%s'", name);
	return value;
}

/* granularity: "tensor", "channel", "channel1", "group32", ...; bits 32: float */
static inline struct rule rule_of(int bits, const char *scheme, const char *granularity,
				  const char *calibration)
{
	struct rule rule = { .bits = bits };
	char name[16] = "";
	const char *number;

	rule.format = find(format_values, bits < 32 ? "int" : "float");
	if (bits == 32)
		return rule;
	rule.scheme = find(scheme_values, scheme);
	rule.scale = find(scale_values, "real");
	rule.calibration = find(calibration_values, calibration);
	rule.calibration_parameter = rule.calibration->standard;
	rule.calibration_parameter_high = rule.calibration->pair;        /* [-1, 1]       */
	rule.granularity.axis = -1;
	number = granularity + strcspn(granularity, "0123456789");
	memcpy(name, granularity, (size_t)(number - granularity));
	rule.granularity.value = find(granularity_values, name);
	if (!strcmp(name, "channel") && *number)
		rule.granularity.axis = atoi(number);
	if (!strcmp(name, "group"))
		rule.granularity.group = atoll(number);
	return rule;
}

static inline struct tensor tensor_of(const struct env *env, float *values, int64_t rows,
				      int64_t columns)
{
	return (struct tensor){ .env = env, .rank = 2, .shape = { rows, columns }, .axis = 0,
				.order = { 0, 1 }, .rows = rows, .columns = columns,
				.values = values };
}

/* The same bits in every number; two NaN are equal. */
static inline void assert_same_numbers(const struct error_numbers *a, const struct error_numbers *b)
{
	const double x[] = { a->mse, a->rmse, a->rmse_over_step, a->sqnr_db, a->max_abs,
			     a->mean_error, a->cosine, a->saturated_fraction, a->zero_fraction,
			     a->bytes, a->range_low, a->range_high, a->scale, a->zero_point,
			     a->abs_error_p95, a->abs_error_p999, a->bias_over_step,
			     a->kl_divergence, a->output_sqnr_db, a->output_relative_rmse,
			     a->calibration_bound_db };
	const double y[] = { b->mse, b->rmse, b->rmse_over_step, b->sqnr_db, b->max_abs,
			     b->mean_error, b->cosine, b->saturated_fraction, b->zero_fraction,
			     b->bytes, b->range_low, b->range_high, b->scale, b->zero_point,
			     b->abs_error_p95, b->abs_error_p999, b->bias_over_step,
			     b->kl_divergence, b->output_sqnr_db, b->output_relative_rmse,
			     b->calibration_bound_db };

	assert_memory_equal(x, y, sizeof x);
	assert_int_equal(a->elements, b->elements);
	assert_int_equal(a->exact, b->exact);
}

/* Measures one rule; the case's grids are kept. */
static inline struct operand_case measure_rule(const struct tensor *tensor, const struct rule *rule,
					       enum qs_round round)
{
	struct operand_case one = { .rule = rule, .round = round, .keep = true };
	const struct slicing slicing = slicing_of(rule);
	struct error error;

	if (operand_measure(tensor, &slicing, "tensor", &one, 1, &error))
		fail_msg("%s", error.text);
	return one;
}

#endif

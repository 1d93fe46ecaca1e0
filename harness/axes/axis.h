/* SPDX-License-Identifier: MIT
 *
 * One table per axis.  A table's row is a const struct whose first member is `struct value`, so a
 * `const struct value *` that was looked up by name converts to the row's own type (C11
 * 6.7.2.1p15).  `list`, the config check, "did you mean", the README test and the property tests
 * all go over these tables: adding a value is one file and one line.
 */
#ifndef QS_AXIS_H
#define QS_AXIS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

struct value {
	const char *name;       /* as a config writes it                                 */
	const char *summary;    /* one line for `list` and the README                    */
	const char *source;     /* where the rule comes from: paper, specification, file */
	const char *parameter;  /* NULL: none; else written {"name": NUMBER} in a config */
	double standard, least, most;    /* the parameter's default and legal interval   */
	bool whole;             /* the parameter is a whole number                       */
	bool needs_parameter;   /* the bare name is not allowed ({"group": 32})          */
	bool pair;              /* it is two of them: {"fixed": [LOW, HIGH]}, LOW < HIGH;
				 * has to be given, and `parameter` says "[LOW, HIGH]"    */
	bool takes_patterns;    /* {"skip": ["conv1", "fc*"]}: globs, always; no number  */
};

static inline bool value_stands_alone(const struct value *value)
{
	return !value->needs_parameter && !value->takes_patterns;
}

struct axis {
	const char *name;       /* as `quantsweep list NAME` and a config's key say it   */
	const char *summary;
	const struct value *const *values;       /* ended by NULL; slow to fast, plain to fine */
	const char *prefix;     /* of a name in a config; NULL: the axis is no key of it */
};

/* The tables.  Each is defined beside its values: the small ones in harness/axes/, calibration in
 * harness/calibrate/calibrations.c, format in harness/formats/formats.c, synthetic in
 * datasets/synthetic/generators.c, network in datasets/networks/networks.c, layer in
 * harness/network/operations/operations.c, metric in harness/measure/metrics/metrics.c, reader in
 * datasets/readers/readers.c, limit in harness/measure/limits/limits.c, warning in
 * harness/measure/warnings.c, verdict in harness/measure/verdict_rules.c. */
extern const struct value *const format_values[], *const scheme_values[], *const scale_values[],
	*const granularity_values[], *const calibration_values[], *const range_values[],
	*const rounding_values[], *const requantization_values[], *const policy_values[],
	*const recovery_values[], *const cache_values[], *const isa_values[],
	*const operation_values[], *const result_values[], *const measure_values[],
	*const weight_values[], *const synthetic_values[],
	*const reader_values[], *const network_values[], *const layer_operation_values[],
	*const metric_values[], *const limit_values[], *const warning_values[],
	*const verdict_values[];

/* All of them, in the order of the README, ended by a NULL name. */
extern const struct axis axes[];

const struct axis *axis_find(const char *name);                  /* NULL: no such axis   */
const struct value *value_find(const struct value *const *values, const char *name);
/* The name in the table nearest to `name` by edit distance; NULL when none is near. */
const char *value_nearest(const struct value *const *values, const char *name);
/* Prints an axis as `list` shows it. */
void axis_print(FILE *out, const struct axis *axis);
/* As the definition of harness/config_schema.json, in one line; nothing where prefix is NULL. */
void axis_print_schema(FILE *out, const struct axis *axis);
/* The same as a Markdown table: the README holds it, and a test compares the two. */
void axis_print_markdown(FILE *out, const struct axis *axis);

#endif

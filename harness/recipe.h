/* SPDX-License-Identifier: MIT
 *
 * A recipe is all that decides the numbers: the rule for weights, the rule for activations,
 * rounding, requantization, policy, recovery.  No kernel, no machine.
 *
 * Its text is the middle of a label and the part of the accuracy key that hashes it:
 *
 *         w=int4.symmetric.real.group32.mse a=int8.asymmetric.real.tensor.minmax.static \
 *         half_even float all none s1
 *
 * Every axis that has a meaning for the subject is written, defaults too; one that has none is
 * absent: a tensor, quantize and dequantize have no requantization, policy, recovery; a float rule
 * is `w=float`; where nothing is quantized there is no rounding either.  How many samples make a
 * batch of calibration stands before the seed, as cb32, where a rule hangs on it.  The seed of a
 * subject in which nothing is random (tensors of files) stays 1, whatever the config says.
 * Parameters stand behind a name in brackets: percentile(99.99), fixed(-1;1), channel(2),
 * skip(conv1;fc%2A); groups are group32.
 */
#ifndef QS_RECIPE_H
#define QS_RECIPE_H

#include "axes/tables.h"
#include "error.h"
#include "text.h"

#include <stdint.h>

enum { POLICY_NAME_SIZE = 3 * PATTERNS_MOST + 32 };      /* any policy_name, with its end */
enum { CALIBRATION_NAME_SIZE = 96 };     /* any calibration_name, with its end            */
enum { CALIBRATION_BATCH_MOST = 1 << 20 };

struct granularity {
	const struct value *value;
	int axis;               /* channel: the tensor's axis; -1: its own output channel */
	int64_t group;          /* group: elements that share a scale                    */
};

struct rule {
	const struct value *format;      /* NULL: this operand does not exist            */
	int bits;                        /* 32 where the format is float                 */
	/* the rest is NULL where the format has no such choice (float) */
	const struct value *scheme, *scale;
	struct granularity granularity;
	const struct value *calibration;
	double calibration_parameter;    /* 0 where the calibration has none             */
	double calibration_parameter_high;       /* the second of a pair, else 0          */
	const struct value *range;       /* activations only                             */
};

struct recipe {
	struct rule weights, activations;
	const struct value *rounding;    /* NULL: nothing is rounded                     */
	/* NULL where the subject has none (tensors) */
	const struct value *requantization, *policy, *recovery;
	double policy_parameter;         /* 0 where the policy has none                   */
	/* globs on layer names joined by ';', or NULL; the config's, or the read label's */
	const char *policy_patterns;
	int64_t calibration_batch;       /* 0: has no meaning, see recipe_has_batches     */
	uint64_t seed;
};

bool rule_is_float(const struct rule *rule);     /* absent counts as float               */
/* Its calibration hangs on the order of values and on batches. */
bool rule_is_in_order(const struct rule *rule);
/* Samples are parted into batches for a range of it: static activations of a rule in order.  (A
 * slice of weights, and of a dynamic range a sample, is one batch.) */
bool recipe_has_batches(const struct recipe *recipe);

enum qs_round recipe_round(const struct recipe *recipe); /* half to even where there is none   */

/* Appends the recipe's text. */
void recipe_write(struct text *out, const struct recipe *recipe);
/* Reads what recipe_write wrote; the whole of `text` must be used. */
int recipe_read(struct recipe *recipe, const struct env *env, const char *text,
		struct error *error);
/* Of one that recipe_read made. */
void recipe_free(struct recipe *recipe, const struct env *env);
/* As view `choice` names them: "tensor", "channel", "group32"; "percentile(99.99)"; of a recipe
 * with a policy "all", "skip_smaller_than(4096)", "skip(conv1;fc%2A)".  Return the number of
 * characters, as snprintf. */
int granularity_name(char *out, size_t size, const struct granularity *granularity);
int calibration_name(char *out, size_t size, const struct rule *rule);
int policy_name(char *out, size_t size, const struct recipe *recipe);
bool rule_equal(const struct rule *a, const struct rule *b);

#endif

/* SPDX-License-Identifier: MIT
 *
 * One block of "sweep": every axis with its values, defaults filled in.
 */
#include "config_parts.h"

#include "recipe.h"

#include <stddef.h>

struct axis_key {
	const char *name;
	size_t offset; /* of its list in struct rule_axes or struct sweep */
	const struct value *const *values;
	const char *standard, *standard_of_activations;
};

static const struct axis_key rule_keys[] = {
	{ "scheme", offsetof(struct rule_axes, scheme), scheme_values, "symmetric", "asymmetric" },
	{ "scale", offsetof(struct rule_axes, scale), scale_values, "real", "real" },
	{ "granularity", offsetof(struct rule_axes, granularity), granularity_values, "channel",
	  "tensor" },
	{ "calibration", offsetof(struct rule_axes, calibration), calibration_values, "minmax",
	  "minmax" },
	{ "range", offsetof(struct rule_axes, range), range_values, NULL, "static" },
};

static const struct axis_key sweep_keys[] = {
	{ "rounding", offsetof(struct sweep, rounding), rounding_values, "half_even", NULL },
	{ "requantization", offsetof(struct sweep, requantization), requantization_values, "float",
	  NULL },
	{ "policy", offsetof(struct sweep, policy), policy_values, "all", NULL },
	{ "recovery", offsetof(struct sweep, recovery), recovery_values, "none", NULL },
	{ "cache", offsetof(struct sweep, cache), cache_values, "warm", NULL },
};

static const struct {
	const char *name;
	size_t offset;
	double least, most, standard;
} number_keys[] = {
	{ "threads", offsetof(struct sweep, threads), 1, 1024, 1 },
	{ "batch", offsetof(struct sweep, batch), 1, 65536, 1 },
	{ "calibration_batch", offsetof(struct sweep, calibration_batch), 1,
	  CALIBRATION_BATCH_MOST, 32 },
	{ "seed", offsetof(struct sweep, seed), 0, 9007199254740992.0, 1 },
};

#define COUNT(array) (sizeof(array) / sizeof *(array))

static struct setting_list *list_at(void *owner, size_t offset)
{
	return (struct setting_list *)((char *)owner + offset);
}

/* block NULL: the operand is float. */
static int rule_read(const struct config_reader *reader, const cJSON *block, bool activations,
		     struct rule_axes *rule)
{
	static const struct json_key keys[] = {
		{ "format", false }, { "bits", false },        { "scheme", false },
		{ "scale", false },  { "granularity", false }, { "calibration", false },
		{ NULL, false },
	};
	static const struct json_key activation_keys[] = {
		{ "format", false }, { "bits", false },        { "scheme", false },
		{ "scale", false },  { "granularity", false }, { "calibration", false },
		{ "range", false },  { NULL, false },
	};

	if (block && document_keys(reader->document, block, activations ? activation_keys : keys,
				   activations ? "a block of activations" : "a block of weights",
				   reader->error))
		return -1;
	if (formats_read(reader, block, &rule->format))
		return -1;
	for (size_t i = 0; i < COUNT(rule_keys); i++) {
		const struct axis_key *key = &rule_keys[i];
		const char *standard = activations ? key->standard_of_activations : key->standard;

		if (standard &&
		    names_read(reader, block ? document_get(block, key->name) : NULL, key->name,
			       key->values, standard, list_at(rule, key->offset)))
			return -1;
	}
	return 0;
}

int sweep_read(const struct config_reader *reader, const cJSON *item, struct sweep *sweep)
{
	static const struct json_key keys[] = {
		{ "weights", false },        { "activations", false }, { "rounding", false },
		{ "requantization", false }, { "policy", false },      { "recovery", false },
		{ "kernel", false },         { "threads", false },     { "batch", false },
		{ "cache", false },          { "seed", false },        { "only", false },
		{ "calibration_batch", false },                        { NULL, false },
	};

	if (document_keys(reader->document, item, keys, "a sweep block", reader->error))
		return -1;
	sweep->line = document_line(reader->document, item);
	if (rule_read(reader, document_get(item, "weights"), false, &sweep->weights) ||
	    rule_read(reader, document_get(item, "activations"), true, &sweep->activations) ||
	    kernels_read(reader, document_get(item, "kernel"), &sweep->kernel) ||
	    filters_read(reader, document_get(item, "only"), &sweep->only))
		return -1;
	for (size_t i = 0; i < COUNT(sweep_keys); i++) {
		const struct axis_key *key = &sweep_keys[i];

		if (names_read(reader, document_get(item, key->name), key->name, key->values,
			       key->standard, list_at(sweep, key->offset)))
			return -1;
	}
	for (size_t i = 0; i < COUNT(number_keys); i++)
		if (numbers_read(reader, document_get(item, number_keys[i].name),
				 number_keys[i].least, number_keys[i].most,
				 number_keys[i].standard, list_at(sweep, number_keys[i].offset)))
			return -1;
	return 0;
}

static void rule_axes_free(const struct env *env, struct rule_axes *rule)
{
	settings_free(env, &rule->format);
	for (size_t i = 0; i < COUNT(rule_keys); i++)
		settings_free(env, list_at(rule, rule_keys[i].offset));
}

void sweep_free(const struct env *env, struct sweep *sweep)
{
	rule_axes_free(env, &sweep->weights);
	rule_axes_free(env, &sweep->activations);
	settings_free(env, &sweep->kernel);
	filter_free(&sweep->only);
	for (size_t i = 0; i < COUNT(sweep_keys); i++)
		settings_free(env, list_at(sweep, sweep_keys[i].offset));
	for (size_t i = 0; i < COUNT(number_keys); i++)
		settings_free(env, list_at(sweep, number_keys[i].offset));
}

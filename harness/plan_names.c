/* SPDX-License-Identifier: MIT
 *
 * What races and timing cells are called, and their keys.
 *
 *         gemm:64x1024x1024:w6 u8s8s8_channel t1 warm rndnu zeros          a race of an op
 *         gemm:64x1024x1024:w6 | gemm_u8s8s8_channel__avx2 t1 b1 warm rndnu zeros
 *         network:builtin:glyphs:u8s8s32:dynamic:skip_first_last t1 b32 warm  of a network
 *         network:builtin:glyphs:u8s8s32:dynamic:skip_first_last | best t1 b32 warm
 */
#include "plan_parts.h"

#include "text.h"

#include <string.h>

const char *runner_name(const struct qs_kernel *kernel)
{
	return kernel->op == RUN_OF_NETWORK ? kernel_isa(kernel) : kernel->name;
}

/* The usual range and policy are not written; a run in floats has neither. */
static void write_network(struct text *out, const struct race_terms *terms, const char *name)
{
	const struct recipe *plain = &terms->network->plain;
	char policy[POLICY_NAME_SIZE];

	text_add(out, "network:%s:%s", name, terms->types);
	if (!plain->policy)
		return;
	if (((const struct range_rule *)plain->activations.range)->per_sample)
		text_add(out, ":%s", plain->activations.range->name);
	policy_name(policy, sizeof policy, plain);
	if (plain->policy != *policy_values)
		text_add(out, ":%s", policy);
}

static void write_op(struct text *out, const struct race_terms *terms)
{
	const struct subject *subject = terms->subject;
	char shape[CONV_TEXT_SIZE];

	shape_print(shape, sizeof shape, subject->operation->has_n, subject->m, subject->n,
		    subject->k, &subject->conv);
	text_add(out, "%s:%s", subject->operation->value.name, shape);
	if (terms->detail.w_bits)
		text_add(out, ":w%d", terms->detail.w_bits);
	if (terms->detail.w_values)
		text_add(out, ":%s", terms->detail.w_values->name);
}

char *race_name(const struct env *env, const struct race_terms *terms, struct error *error)
{
	struct text text = { .env = env };

	if (terms->network) {
		write_network(&text, terms, terms->network->layers->name);
		text_add(&text, " t%d b%d %s", terms->threads, terms->batch, terms->cache->name);
	} else {
		write_op(&text, terms);
		text_add(&text, " %s t%d %s", terms->types, terms->threads, terms->cache->name);
	}
	race_detail_write(&text, &terms->detail);
	return text_take(&text, error);
}

char *timing_label(const struct env *env, const struct race_terms *terms, const char *runner,
		   struct error *error)
{
	struct text text = { .env = env };
	char *name, *copy, *label = NULL;

	if (terms->network)
		write_network(&text, terms, terms->network->layers->name);
	else
		write_op(&text, terms);
	name = text_take(&text, error);
	copy = name ? env_copy_text(env, runner, error) : NULL;
	const struct label parts = { .subject = name,
				     .kernel = copy,
				     .threads = terms->threads,
				     .batch = terms->batch,
				     .cache = terms->cache,
				     .detail = terms->detail };

	if (copy)
		label = label_write(&parts, env, error);
	env_free(env, name);
	env_free(env, copy);
	return label;
}

char *runner_label(const struct env *env, const struct race_terms *terms,
		   const struct qs_kernel *kernel, struct error *error)
{
	struct race_terms own = *terms;
	struct network_terms floats;
	char types[TYPES_SIZE];

	if (!terms->network || kernel->a != QS_F32)
		return timing_label(env, terms, runner_name(kernel), error);
	floats = *terms->network;
	floats.plain.policy = NULL;
	kernel_types(types, sizeof types, kernel);
	own.types = types;
	own.network = &floats;
	own.detail = (struct race_detail){ 0 };
	return timing_label(env, &own, runner_name(kernel), error);
}

/* The same code on the same shape and machine, whatever recipe it serves.  The types are the
 * race's: a guest of other types has its times, and its ratios, in that race. */
int timing_key(struct maker *maker, char key[KEY_SIZE], const struct race_terms *terms,
	       const struct pick *pick)
{
	struct text text = { .env = maker->plan->env };
	char *words;

	text_add(&text, "timing ");
	if (terms->network) {
		write_network(&text, terms, terms->network->content);
	} else {
		const struct subject *subject = terms->subject;
		char shape[CONV_TEXT_SIZE];

		shape_print(shape, sizeof shape, true, subject->m, subject->n, subject->k,
			    &subject->conv);
		text_add(&text, "%s %s", subject->operation->value.name, shape);
	}
	text_add(&text, " %s %s %s %s t%d b%d %s", terms->types, pick->kernel->name,
		 pick->library->hash, maker->options->machine ? maker->options->machine : "",
		 terms->threads, terms->batch, terms->cache->name);
	race_detail_write(&text, &terms->detail);
	if (terms->detail.w_bits)
		text_add(&text, " w%d", terms->detail.w_bits);
	if (terms->detail.w_values)
		text_add(&text, " %s", terms->detail.w_values->name);
	words = text_take(&text, maker->error);
	if (!words)
		return -1;
	hash_text(key, words);
	env_free(maker->plan->env, words);
	return 0;
}

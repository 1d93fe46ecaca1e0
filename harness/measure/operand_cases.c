/* SPDX-License-Identifier: MIT
 *
 * Many rules for one tensor: each distinct one is measured once, those of one slicing together.
 */
#include "operand.h"

static bool same_case(const struct operand_case *a, const struct operand_case *b)
{
	return rule_equal(a->rule, b->rule) && a->batch == b->batch &&
	       (a->round == b->round || rule_is_float(a->rule));
}

size_t operand_case_find(struct operand_case *cases, size_t *count, const struct operand_case *one)
{
	size_t i = 0;

	while (i < *count && !same_case(&cases[i], one))
		i++;
	if (i == *count)
		cases[(*count)++] = *one;
	return i;
}

struct alike {                  /* cases of one slicing, and where they stand            */
	struct operand_case *cases;
	size_t *places;
	size_t count;
};

static void gather(struct alike *alike, const struct operand_case *cases, size_t count,
		   const struct slicing *slicing)
{
	alike->count = 0;
	for (size_t i = 0; i < count; i++) {
		const struct slicing other = slicing_of(cases[i].rule);

		if (cases[i].outcome != OUTCOME_PLANNED || !slicing_equal(slicing, &other))
			continue;
		alike->cases[alike->count] = cases[i];
		alike->places[alike->count++] = i;
	}
}

int operand_measure_all(const struct tensor *tensor, const char *name, struct operand_case *cases,
			size_t count, struct error *error)
{
	const struct env *env = tensor->env;
	struct alike alike = {
		.cases = env_new(env, count, sizeof *alike.cases, "rules", error),
		.places = env_new(env, count, sizeof *alike.places, "rules", error),
	};
	int failed = alike.cases && alike.places ? 0 : -1;

	for (size_t i = 0; i < count && !failed; i++) {
		const struct slicing slicing = slicing_of(cases[i].rule);

		if (cases[i].outcome != OUTCOME_PLANNED)
			continue;
		gather(&alike, cases, count, &slicing);
		failed = operand_measure(tensor, &slicing, name, alike.cases, alike.count, error);
		for (size_t j = 0; j < alike.count && !failed; j++)
			cases[alike.places[j]] = alike.cases[j];
	}
	env_free(env, alike.cases);
	env_free(env, alike.places);
	return failed;
}

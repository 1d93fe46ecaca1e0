/* SPDX-License-Identifier: MIT
 *
 * Nodes whose inputs are all constants, computed while the network is read.
 */
#include "lowering.h"

#include "../../datasets/layout.h"

#include <math.h>
#include <string.h>

struct graph_value *lowering_new_constant(struct lowering *lowering, int rank,
					  const int64_t *shape, bool floating)
{
	struct graph_value *value;
	int64_t elements;

	if (lowering->folded_count == lowering->graph->node_count) {
		lowering_refuse(lowering, "it makes a second constant");
		return NULL;
	}
	if (!layout_elements(rank, shape, &elements) || elements > lowering->folded_left) {
		lowering_refuse(lowering, "the constants that are made have more than four times "
					  "the elements of the file's");
		return NULL;
	}
	lowering->folded_left -= elements;
	value = &lowering->folded[lowering->folded_count++];
	*value = (struct graph_value){ .rank = rank, .elements = elements };
	memcpy(value->shape, shape, (size_t)rank * sizeof *shape);
	if (floating)
		value->floats = env_new(lowering->env, (size_t)elements, sizeof(float),
					"constants", lowering->error);
	else
		value->wholes = env_new(lowering->env, (size_t)elements, sizeof(int64_t),
					"constants", lowering->error);
	return value->floats || value->wholes ? value : NULL;
}

/* A new constant of this shape as the node's output; NULL with a sentence. */
static struct graph_value *make(struct lowering *lowering, int rank, const int64_t *shape,
				bool floating)
{
	struct graph_value *made = lowering_new_constant(lowering, rank, shape, floating);
	struct lowered value = { .kind = LOWERED_CONSTANT, .rank = rank, .constant = made };

	if (!made)
		return NULL;
	memcpy(value.shape, shape, (size_t)rank * sizeof *shape);
	return lowering_set(lowering, &value) ? NULL : made;
}

static void copy_element(struct graph_value *to, int64_t i, const struct graph_value *from,
			 int64_t j)
{
	if (to->floats)
		to->floats[i] = from->floats[j];
	else
		to->wholes[i] = from->wholes[j];
}

void lowered_of_constant(struct lowered *value, const struct lowered *constant)
{
	int order[RANK_MAX];

	for (int i = 0; i < RANK_MAX; i++)
		order[i] = i;
	lowered_dense(value, 0, constant->rank, constant->shape, order);
	value->kind = LOWERED_CONSTANT;
}

/* The next index of a shape, the last axis fastest. */
static void count_on(int64_t *index, int rank, const int64_t *shape)
{
	for (int a = rank; a-- > 0;) {
		if (++index[a] < shape[a])
			return;
		index[a] = 0;
	}
}

int lowering_fold_view(struct lowering *lowering, const struct lowered *constant,
		       const struct lowered *seen)
{
	const struct env *env = lowering->env;
	int64_t *places[RANK_MAX] = { NULL }, index[RANK_MAX] = { 0 };
	struct graph_value *made = make(lowering, seen->rank, seen->shape,
					constant->constant->floats != NULL);
	bool failed = !made;

	for (int a = 0; !failed && a < seen->rank; a++) {
		places[a] = env_new(env, (size_t)seen->shape[a], sizeof(int64_t),
				    "places of an axis", lowering->error);
		failed = !places[a];
		if (!failed)
			lowered_places(seen, a, places[a]);
	}
	for (int64_t i = 0; !failed && i < made->elements; i++) {
		int64_t from = seen->offset;

		for (int a = 0; a < seen->rank; a++)
			from += places[a][index[a]];
		copy_element(made, i, constant->constant, from);
		count_on(index, seen->rank, seen->shape);
	}
	for (int a = 0; a < seen->rank; a++)
		env_free(env, places[a]);
	return failed ? -1 : 0;
}

/* Both constants of one kind; 1: floats, 0: whole numbers. */
static int same_kind(const struct lowering *lowering, const struct lowered *a,
		     const struct lowered *b)
{
	if (!a->constant->floats == !b->constant->floats)
		return a->constant->floats != NULL;
	return lowering_refuse(lowering, "one of its constants is of floats, the other of whole "
					 "numbers");
}

static double of_floats(char operation, double x, double y)
{
	return operation == 'A' ? x + y : operation == 'S' ? x - y : operation == 'M' ? x * y
										       : x / y;
}

/* false: it has no meaning. */
static bool of_wholes(char operation, int64_t x, int64_t y, int64_t *out)
{
	if (x == BATCH_SIZE || y == BATCH_SIZE || (operation == 'D' && (!y || y == -1)))
		return false;
	if (operation == 'D') {
		*out = x / y;
		return true;
	}
	return operation == 'A' ? !__builtin_add_overflow(x, y, out) :
	       operation == 'S' ? !__builtin_sub_overflow(x, y, out)
				: !__builtin_mul_overflow(x, y, out);
}

/* Where element `index` of the output is in a constant that is repeated along axes of 1. */
static int64_t place_of(const struct lowered *constant, int rank, const int64_t *index)
{
	int64_t place = 0;

	for (int i = 0; i < constant->rank; i++)
		place = place * constant->shape[i] +
			(constant->shape[i] == 1 ? 0 : index[i + rank - constant->rank]);
	return place;
}

static bool common_shape(const struct lowered *a, const struct lowered *b, int rank,
			 int64_t *shape)
{
	for (int i = 0; i < rank; i++) {
		const int x = i - (rank - a->rank), y = i - (rank - b->rank);
		const int64_t of_a = x < 0 ? 1 : a->shape[x], of_b = y < 0 ? 1 : b->shape[y];

		if (of_a != of_b && of_a != 1 && of_b != 1)
			return false;
		shape[i] = of_a == 1 ? of_b : of_a;
	}
	return true;
}

static int fold_arithmetic(struct lowering *lowering)
{
	const struct lowered *a = lowering_input(lowering, 0);
	const struct lowered *b = a ? lowering_input(lowering, 1) : NULL;
	const char operation = *lowering->node->type;
	int64_t shape[RANK_MAX], index[RANK_MAX] = { 0 };
	struct graph_value *made;
	int floats, rank;

	if (!b || (floats = same_kind(lowering, a, b)) < 0)
		return -1;
	rank = a->rank > b->rank ? a->rank : b->rank;
	if (!common_shape(a, b, rank, shape))
		return lowering_refuse(lowering, "its constants have shapes that do not fit "
						 "together");
	made = make(lowering, rank, shape, floats);
	for (int64_t i = 0; made && i < made->elements; i++) {
		const int64_t x = place_of(a, rank, index), y = place_of(b, rank, index);

		if (floats)
			made->floats[i] =
				(float)of_floats(operation, (double)a->constant->floats[x],
						 (double)b->constant->floats[y]);
		else if (!of_wholes(operation, a->constant->wholes[x], b->constant->wholes[y],
				    &made->wholes[i]))
			return lowering_refuse(lowering, "it calculates with the batch's size, or "
							 "past 64 bits");
		count_on(index, rank, shape);
	}
	return made ? 0 : -1;
}

static int fold_concat(struct lowering *lowering)
{
	const struct graph_attribute *attribute = graph_attribute(lowering->node, "axis");
	const size_t count = lowering->node->input_count;
	const struct lowered *first = lowering_input(lowering, 0), *next;
	struct graph_value *made;
	int64_t length = 0, at = 0;

	if (!first || first->rank != 1 || (attribute && attribute->number != 0 &&
					   attribute->number != -1))
		return lowering_refuse(lowering, "constants of one axis are concatenated");
	for (size_t i = 0; i < count; i++, length += next->shape[0]) {
		next = lowering_input(lowering, i);
		if (!next || next->rank != 1 || same_kind(lowering, first, next) < 0)
			return lowering_refuse(lowering, "constants of one axis and one kind are "
							 "concatenated");
	}
	made = make(lowering, 1, &length, first->constant->floats != NULL);
	for (size_t i = 0; made && i < count; i++) {
		next = lowering_input(lowering, i);
		for (int64_t j = 0; j < next->shape[0]; j++)
			copy_element(made, at++, next->constant, j);
	}
	return made ? 0 : -1;
}

/* Of a list: one of its numbers, or some. */
static int fold_gather(struct lowering *lowering)
{
	const struct lowered *list = lowering_input(lowering, 0);
	const struct lowered *indices = list ? lowering_wholes_of(lowering, 1) : NULL;
	struct graph_value *made;

	if (!indices)
		return -1;
	if (list->rank != 1)
		return lowering_refuse(lowering, "it gathers from a constant of %d axes; from one "
						 "of 1 it is done", list->rank);
	made = make(lowering, indices->rank, indices->shape, list->constant->floats != NULL);
	for (int64_t i = 0; made && i < made->elements; i++) {
		int64_t at = indices->constant->wholes[i];

		at += at < 0 ? list->shape[0] : 0;
		if (at < 0 || at >= list->shape[0])
			return lowering_refuse(lowering, "it gathers number %lld of %lld",
					       (long long)at, (long long)list->shape[0]);
		copy_element(made, i, list->constant, at);
	}
	return made ? 0 : -1;
}

enum { TO_FLOAT = 1, TO_DOUBLE = 11, TO_INT32 = 6, TO_INT64 = 7 };

static int fold_cast(struct lowering *lowering)
{
	const struct lowered *input = lowering_input(lowering, 0);
	const struct graph_value *from = input ? input->constant : NULL;
	struct graph_value *made;
	int64_t to = 0;

	if (!from || lowering_whole(lowering, "to", &to))
		return -1;
	if (to != TO_FLOAT && to != TO_DOUBLE && to != TO_INT32 && to != TO_INT64)
		return lowering_refuse(lowering, "it casts to data type %lld; to floats and whole "
						 "numbers of 32 and 64 bits it is done",
				       (long long)to);
	made = make(lowering, input->rank, input->shape, to == TO_FLOAT || to == TO_DOUBLE);
	for (int64_t i = 0; made && i < made->elements; i++) {
		const double x = from->floats ? (double)from->floats[i] : 0;

		if (made->floats)
			made->floats[i] = from->floats ? from->floats[i] : (float)from->wholes[i];
		else if (from->floats && !(fabs(x) < 0x1p62))
			return lowering_refuse(lowering, "it casts %g to a whole number", x);
		else
			made->wholes[i] = from->floats ? (int64_t)x : from->wholes[i];
	}
	return made ? 0 : -1;
}

static const struct {
	const char *type;
	int (*fold)(struct lowering *lowering);
} foldings[] = {
	{ "Add", fold_arithmetic }, { "Sub", fold_arithmetic }, { "Mul", fold_arithmetic },
	{ "Div", fold_arithmetic }, { "Concat", fold_concat },  { "Gather", fold_gather },
	{ "Cast", fold_cast },
};
enum { FOLDINGS = sizeof foldings / sizeof *foldings };

static size_t find(const struct lowering *lowering)
{
	size_t i = 0;

	while (i < FOLDINGS && strcmp(foldings[i].type, lowering->node->type))
		i++;
	return i;
}

bool lowering_folds(const struct lowering *lowering)
{
	if (!lowering->node->input_count || find(lowering) == FOLDINGS)
		return false;
	for (size_t i = 0; i < lowering->node->input_count; i++)
		if (!lowering_is_constant(lowering, i))
			return false;
	return true;
}

int lowering_fold(struct lowering *lowering)
{
	return foldings[find(lowering)].fold(lowering);
}

/* SPDX-License-Identifier: MIT
 *
 * Values in another place: each index of an axis of the output is one of the input, or a pad.
 *
 * Resize, nearest: along an axis of n places that becomes m, scale r = m / n (or as given),
 * place i of the output is place x(i) of the input:
 *
 *   asymmetric           i / r
 *   half_pixel           (i + 0.5) / r - 0.5
 *   pytorch_half_pixel   the same, but 0 where m is 1
 *   align_corners        i (n - 1) / (m - 1)
 *
 * rounded as nearest_mode says and kept inside of the input.
 */
#include "../lowering.h"
#include "../run.h"

#include <math.h>
#include <string.h>

extern const struct layer_operation layer_move;

enum { OPSET_OF_COORDINATES = 11 };

struct tables {
	int64_t *axis[RANK_MAX];         /* NULL: nothing is moved along it               */
	int64_t shape[RANK_MAX];
};

static void tables_free(const struct env *env, struct tables *tables)
{
	for (int i = 0; i < RANK_MAX; i++)
		env_free(env, tables->axis[i]);
}

static int new_table(struct lowering *lowering, struct tables *tables, int axis, int64_t size)
{
	tables->shape[axis] = size;
	if (size < 1 || size > lowering->moves_left)
		return lowering_refuse(lowering, "its axis %d would have %lld places", axis,
				       (long long)size);
	tables->axis[axis] = env_new(lowering->env, (size_t)size, sizeof(int64_t),
				     "places of an axis", lowering->error);
	return tables->axis[axis] ? 0 : -1;
}

/* The output, or the input itself where nothing is moved. */
static int finish(struct lowering *lowering, const struct lowered *input, struct tables *tables,
		  float pad)
{
	struct layers *layers = lowering->layers;
	struct lowered out;
	bool moves = false;

	for (int i = 0; i < input->rank; i++)
		moves |= tables->axis[i] != NULL;
	if (!moves)
		return lowering_pass(lowering, input);
	if (lowering_move(lowering, input, tables->shape, tables->axis, &out))
		return -1;
	out.name = lowering->node->name;
	layers->layers[layers->count - 1].pad = pad;
	/* another value than 0 has a code of its own */
	if (pad != 0)
		layers->grid_of[layers->count] = layers->count;
	return lowering_set(lowering, &out);
}

enum pad_mode { PAD_CONSTANT, PAD_REFLECT, PAD_EDGE };

/* Place i of the input, which may lie outside of its `size`. */
static int64_t padded(enum pad_mode mode, int64_t i, int64_t size)
{
	if (i >= 0 && i < size)
		return i;
	if (mode == PAD_CONSTANT)
		return MAP_PAD;
	if (mode == PAD_EDGE)
		return i < 0 ? 0 : size - 1;
	return i < 0 ? -i : 2 * size - 2 - i;
}

static int pad_axis(struct lowering *lowering, const struct lowered *input, struct tables *tables,
		    int axis, enum pad_mode mode, int64_t before, int64_t after)
{
	const int64_t size = input->shape[axis];

	if (!before && !after)
		return 0;
	if (lowering->batched && !axis)
		return lowering_refuse(lowering, "it pads axis 0, the batch");
	if (before > INT32_MAX || after > INT32_MAX || before < -size || after < -size ||
	    (mode == PAD_REFLECT && (before >= size || after >= size)))
		return lowering_refuse(lowering, "it pads axis %d of %lld places by %lld and %lld",
				       axis, (long long)size, (long long)before, (long long)after);
	if (new_table(lowering, tables, axis, size + before + after))
		return -1;
	for (int64_t i = 0; i < size + before + after; i++)
		tables->axis[axis][i] = padded(mode, i - before, size);
	return 0;
}

static int pad_value(const struct lowering *lowering, float *value)
{
	const struct graph_attribute *attribute = graph_attribute(lowering->node, "value");
	const struct lowered *input;

	*value = attribute ? (float)attribute->number : 0;
	if (lowering_has(lowering, 2)) {
		input = lowering_floats(lowering, 2);
		if (!input)
			return -1;
		if (input->constant->elements != 1)
			return lowering_refuse(lowering, "its value is not one number");
		*value = *input->constant->floats;
	}
	return isfinite(*value) ? 0 : lowering_refuse(lowering, "it pads with %g", (double)*value);
}

static int pad_node(struct lowering *lowering, const struct lowered *input, struct tables *tables)
{
	static const char *const modes[] = { "constant", "reflect", "edge" };
	const struct graph_attribute *attribute = graph_attribute(lowering->node, "mode");
	const char *name = attribute && attribute->text ? attribute->text : modes[PAD_CONSTANT];
	int64_t pads[2 * RANK_MAX];
	enum pad_mode mode = PAD_CONSTANT;
	float value;
	int count;

	while (mode <= PAD_EDGE && strcmp(modes[mode], name))
		mode++;
	if (mode > PAD_EDGE)
		return lowering_refuse(lowering, "its mode is '%s'; constant, reflect and edge are "
						 "computed", name);
	if (lowering_list(lowering, "pads", 1, pads, 2 * RANK_MAX, &count) ||
	    pad_value(lowering, &value))
		return -1;
	if (count != 2 * input->rank)
		return lowering_refuse(lowering, "it has %d pads for %d axes", count, input->rank);
	for (int i = 0; i < input->rank; i++)
		if (pad_axis(lowering, input, tables, i, mode, pads[i], pads[i + input->rank]))
			return -1;
	return finish(lowering, input, tables, mode == PAD_CONSTANT ? value : 0);
}

struct resize {
	const char *coordinates, *nearest;
};

static double coordinate(const struct resize *resize, int64_t i, int64_t from, int64_t to,
			 double scale)
{
	if (!strcmp(resize->coordinates, "asymmetric"))
		return (double)i / scale;
	if (!strcmp(resize->coordinates, "align_corners"))
		return to == 1 ? 0 : (double)(i * (from - 1)) / (double)(to - 1);
	if (!strcmp(resize->coordinates, "pytorch_half_pixel") && to == 1)
		return 0;
	return ((double)i + 0.5) / scale - 0.5;
}

static int64_t nearest(const struct resize *resize, double x, int64_t size)
{
	double place;

	if (!strcmp(resize->nearest, "floor"))
		place = floor(x);
	else if (!strcmp(resize->nearest, "ceil"))
		place = ceil(x);
	else if (!strcmp(resize->nearest, "round_prefer_ceil"))
		place = floor(x + 0.5);
	else
		place = ceil(x - 0.5);
	return place < 0 ? 0 : place > (double)(size - 1) ? size - 1 : (int64_t)place;
}

/* Attributes as they are left out since operator set 11; before that there is one way. */
static int read_resize(const struct lowering *lowering, struct resize *resize)
{
	static const struct { const char *name, *standard; const char *known[5]; } texts[] = {
		{ "mode", "nearest", { "nearest" } },
		{ "coordinate_transformation_mode", "half_pixel",
		  { "half_pixel", "pytorch_half_pixel", "align_corners", "asymmetric" } },
		{ "nearest_mode", "round_prefer_floor",
		  { "round_prefer_floor", "round_prefer_ceil", "floor", "ceil" } },
	};
	const char *found[3] = { NULL };

	for (size_t i = 0; i < 3; i++) {
		const struct graph_attribute *attribute =
			graph_attribute(lowering->node, texts[i].name);
		bool known = false;

		found[i] = attribute && attribute->text ? attribute->text : texts[i].standard;
		for (const char *const *k = texts[i].known; *k; k++)
			known |= !strcmp(*k, found[i]);
		if (!known)
			return lowering_refuse(lowering, "its attribute '%s' is '%s', which is not "
							 "computed", texts[i].name, found[i]);
	}
	*resize = (struct resize){ found[1], found[2] };
	if (lowering->graph->opset < OPSET_OF_COORDINATES ||
	    !strcmp(lowering->node->type, "Upsample"))
		*resize = (struct resize){ "asymmetric", "floor" };
	return 0;
}

/* Sizes or scales of all axes: sizes[i] is the output's, scales[i] its share of the input's. */
static int read_sizes(const struct lowering *lowering, const struct lowered *input, int64_t *sizes,
		      double *scales)
{
	const struct graph_attribute *attribute = graph_attribute(lowering->node, "scales");
	const size_t place = lowering->node->input_count > 2 ? 2 : 1;
	const struct lowered *given = NULL;
	int count = -1;

	if (lowering_list(lowering, "sizes", 3, sizes, RANK_MAX, &count))
		return -1;
	if (count < 0 && !attribute) {
		given = lowering_floats(lowering, place);
		if (!given)
			return -1;
	}
	if (count < 0)
		count = (int)(given ? given->constant->elements < RANK_MAX + 1
					      ? given->constant->elements : RANK_MAX + 1
				    : (int64_t)attribute->count);
	if (count != input->rank)
		return lowering_refuse(lowering, "it has %d sizes or scales for %d axes", count,
				       input->rank);
	for (int i = 0; i < count; i++) {
		const double size = (double)input->shape[i];

		if (!given && !attribute) {
			scales[i] = (double)sizes[i] / size;
			continue;
		}
		scales[i] = given ? (double)given->constant->floats[i] : attribute->numbers[i];
		if (!(scales[i] > 0 && scales[i] * size < 0x1p31))
			return lowering_refuse(lowering, "its scale %g of axis %d is not possible",
					       scales[i], i);
		sizes[i] = (int64_t)floor(size * scales[i]);
	}
	return 0;
}

static int resize_node(struct lowering *lowering, const struct lowered *input,
		       struct tables *tables)
{
	int64_t sizes[RANK_MAX];
	double scales[RANK_MAX];
	struct resize resize = { NULL, NULL };

	if (read_resize(lowering, &resize) || read_sizes(lowering, input, sizes, scales))
		return -1;
	for (int i = 0; i < input->rank; i++) {
		const int64_t size = input->shape[i];

		if (sizes[i] == size && scales[i] == 1)
			continue;
		if (lowering->batched && !i)
			return lowering_refuse(lowering, "it resizes axis 0, the batch");
		if (new_table(lowering, tables, i, sizes[i]))
			return -1;
		for (int64_t j = 0; j < sizes[i]; j++)
			tables->axis[i][j] = nearest(&resize, coordinate(&resize, j, size, sizes[i],
									 scales[i]), size);
	}
	return finish(lowering, input, tables, 0);
}

static int lower(struct lowering *lowering)
{
	const struct lowered *input = lowering_edge(lowering, 0);
	struct tables tables = { .axis = { NULL } };
	int failed;

	if (!input)
		return -1;
	memcpy(tables.shape, input->shape, sizeof tables.shape);
	failed = strcmp(lowering->node->type, "Pad") ? resize_node(lowering, input, &tables)
						      : pad_node(lowering, input, &tables);
	tables_free(lowering->env, &tables);
	return failed;
}

const struct layer_operation layer_move = {
	.value = { .name = "move",
		   .summary = "Pad, Resize and Upsample (nearest), and what a view or a slice has "
			      "to move; codes stay on the grid of the input",
		   .source = "Operators.md of the ONNX project" },
	.types = (const char *const[]){ "Pad", "Resize", "Upsample", NULL },
	.lower = lower,
	.run_float = run_move_float,
	.run_integer = run_move_integer,
	.prepare_integer = prepare_move_integer,
};

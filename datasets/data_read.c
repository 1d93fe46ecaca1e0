/* SPDX-License-Identifier: MIT
 *
 * The samples, classes and targets of files, as a network takes them.
 */
#include "data_parts.h"
#include "layout.h"

#include <math.h>
#include <string.h>

static const double class_most = 2147483647.0;

int data_read_classes(const struct data_spec *spec, const struct env *env, int32_t *classes,
		      struct error *error)
{
	const struct data_file *file = spec->file;
	const struct opened_data *opened = spec->opened;
	const char *path = file->labels ? file->labels : file->path;
	struct data_member member;
	int failed;

	if (data_member_open(&member, env, opened->folder, path, error))
		return -1;
	if (!file->labels)
		member.column = opened->label_column;
	failed = data_member_lines(&member) != opened->available
			 ? fail(error, STATUS_INPUT, "%s: has %lld labels, %s %lld samples", path,
				(long long)data_member_lines(&member), file->path,
				(long long)opened->available)
			 : 0;
	for (int64_t i = 0; i < spec->samples && !failed; i++) {
		double value;

		failed = data_member_line(&member, file->skip + i, &value, error);
		if (!failed && !(value >= 0 && value <= class_most && value == floor(value)))
			failed = fail(error, STATUS_INPUT,
				      "%s: label %lld is %g, expected a class: "
				      "0, 1, ...",
				      path, (long long)(file->skip + i), value);
		if (!failed)
			classes[i] = (int32_t)value;
	}
	data_member_close(&member);
	return failed ? -1 : 0;
}

static double channel_number(const struct data_channels *channels, int64_t channel)
{
	return channels->numbers[channels->count > 1 ? channel : 0];
}

/* One sample's numbers as they are in the file; x[elements]. */
static int read_sample(const struct data_member *member, const struct data_spec *spec,
		       int64_t index, double *x, struct error *error)
{
	const struct opened_data *opened = spec->opened;
	const int64_t elements = opened->elements, label = opened->label_column;
	const int64_t step = spec->file->stride ? spec->file->stride : elements;

	if (label < 0)
		return data_member_values(member, index * step, elements, x, error);
	if (label && data_member_values(member, index * (elements + 1), label, x, error))
		return -1;
	return label == elements ? 0
				 : data_member_values(member, index * (elements + 1) + label + 1,
						      elements - label, x + label, error);
}

/* The values of a sample that the network takes, still in the file's order. */
static void change(const struct data_spec *spec, const double *x, float *y)
{
	const struct data_file *file = spec->file;
	const struct opened_data *opened = spec->opened;
	const int axis = data_channel_axis(file, opened->rank);
	const int64_t channels = axis < 0 ? 1 : opened->shape[axis];
	const int64_t after = axis == 0 ? opened->elements / channels : 1;

	for (int64_t i = 0; i < opened->elements; i++) {
		const int64_t channel = i / after % channels;
		const double scaled = (x[i] + file->offset) * channel_number(&file->scale, channel);

		y[i] = (float)((scaled - channel_number(&file->mean, channel)) /
			       channel_number(&file->std, channel));
	}
}

/* Between the graph's order, dense, and where the network has a sample: from the one to the other
 * (`put`) or back. */
static void move(const struct sample_axes *network, bool put, const float *from, float *to)
{
	int64_t at[RANK_MAX] = { 0 }, place = 0, elements = 1;

	for (int i = 0; i < network->rank; i++)
		elements *= network->shape[i];
	for (int64_t e = 0; e < elements; e++) {
		to[put ? place : e] = from[put ? e : place];
		for (int axis = network->rank; axis-- > 0;) {
			place += network->stride[axis];
			if (++at[axis] < network->shape[axis])
				break;
			place -= network->stride[axis] * network->shape[axis];
			at[axis] = 0;
		}
	}
}

/* Transposed and put in its place; spare[elements]. */
static void lay_out(int rank, const int64_t *shape, const int *order,
		    const struct sample_axes *network, const float *from, float *spare, float *to)
{
	int64_t stride[RANK_MAX];

	layout_strides(stride, rank, shape, false);
	layout_copy(spare, from, rank, shape, stride, order);
	move(network, true, spare, to);
}

struct sample_room { /* for one sample of inputs or targets                   */
	double *x;
	float *y, *spare;
};

static int room_new(struct sample_room *room, const struct env *env, int64_t elements,
		    struct error *error)
{
	room->x = env_new(env, (size_t)elements, sizeof *room->x, "a sample", error);
	room->y = env_new(env, (size_t)elements, sizeof *room->y, "a sample", error);
	room->spare = env_new(env, (size_t)elements, sizeof *room->spare, "a sample", error);
	return room->x && room->y && room->spare ? 0 : -1;
}

static void room_free(struct sample_room *room, const struct env *env)
{
	env_free(env, room->x);
	env_free(env, room->y);
	env_free(env, room->spare);
}

static int check_unchanged(const struct data_spec *spec, const struct env *env, struct error *error)
{
	struct opened_data now = { .folder = spec->opened->folder };

	if (data_hash_files(spec->file, env, &now, error))
		return -1;
	if (!strcmp(now.hash, spec->opened->hash))
		return 0;
	return fail(error, STATUS_INPUT,
		    "%s: it, its labels or its target have changed since the "
		    "plan was made; start again when they are at rest",
		    spec->file->path);
}

struct data_inputs {
	const struct env *env;
	const struct data_spec *spec;
	struct data_member member;
	struct sample_room room;
};

/* Of files that are known to be as they were. */
static int open_inputs(struct data_inputs **inputs, const struct env *env,
		       const struct data_spec *spec, struct error *error)
{
	const struct opened_data *opened = spec->opened;
	struct data_inputs *made = env_new(env, 1, sizeof *made, "samples of a file", error);

	*inputs = NULL;
	if (!made)
		return -1;
	if (data_member_open(&made->member, env, opened->folder, spec->file->path, error)) {
		env_free(env, made);
		return -1;
	}
	made->env = env;
	made->spec = spec;
	*inputs = made;
	if (!room_new(&made->room, env, opened->elements, error))
		return 0;
	data_inputs_close(made);
	*inputs = NULL;
	return -1;
}

int data_inputs_open(struct data_inputs **inputs, const struct env *env,
		     const struct data_spec *spec, struct error *error)
{
	*inputs = NULL;
	return check_unchanged(spec, env, error) || open_inputs(inputs, env, spec, error) ? -1 : 0;
}

int data_inputs_read(struct data_inputs *inputs, int64_t sample, float *x, struct error *error)
{
	const struct data_spec *spec = inputs->spec;
	const struct opened_data *opened = spec->opened;
	const struct sample_room *room = &inputs->room;

	if (read_sample(&inputs->member, spec, spec->file->skip + sample, room->x, error))
		return -1;
	change(spec, room->x, room->y);
	lay_out(opened->rank, opened->shape, opened->order, &opened->input, room->y, room->spare,
		x);
	return 0;
}

void data_inputs_close(struct data_inputs *inputs)
{
	if (!inputs)
		return;
	room_free(&inputs->room, inputs->env);
	data_member_close(&inputs->member);
	env_free(inputs->env, inputs);
}

static int read_inputs(struct data *data, const struct data_spec *spec, struct error *error)
{
	struct data_inputs *inputs;
	int failed = open_inputs(&inputs, data->env, spec, error);

	for (int64_t i = 0; i < spec->samples && !failed; i++)
		failed = data_inputs_read(inputs, i, data->x + i * data->inputs, error);
	data_inputs_close(inputs);
	return failed;
}

/* The greatest value that a pixel of the target's type has. */
static double peak_of(const struct data_file *file, const char *type)
{
	return file->peak > 0            ? file->peak
	       : !strcmp(type, "uint8")  ? UINT8_MAX
	       : !strcmp(type, "uint16") ? UINT16_MAX
					 : 1;
}

static int read_targets(struct data *data, const struct data_spec *spec, struct error *error)
{
	const struct data_file *file = spec->file;
	const struct opened_data *opened = spec->opened;
	const int64_t outputs = data->outputs;
	struct sample_room room = { 0 };
	struct data_member member;
	int order[RANK_MAX], failed, rank = 1;
	const int64_t *shape = &outputs;

	if (data_member_open(&member, data->env, opened->folder, file->target, error))
		return -1;
	if (member.info->rank > 1 && member.info->shape[0] == opened->available) {
		rank = member.info->rank - 1;
		shape = member.info->shape + 1;
	}
	data->peak = peak_of(file, member.info->type);
	failed = data_fit(file, file->target, "output", rank, shape, &opened->output, order,
			  error) ||
		 room_new(&room, data->env, outputs, error);
	for (int64_t i = 0; i < spec->samples && !failed; i++) {
		failed = data_member_values(&member, (file->skip + i) * outputs, outputs, room.x,
					    error);
		for (int64_t j = 0; j < outputs && !failed; j++)
			room.y[j] = (float)room.x[j];
		if (!failed)
			lay_out(rank, shape, order, &opened->output, room.y, room.spare,
				data->targets + i * outputs);
	}
	room_free(&room, data->env);
	data_member_close(&member);
	return failed ? -1 : 0;
}

/* The inputs once more, as the network puts them out. */
static int copy_inputs(struct data *data, const struct opened_data *opened, struct error *error)
{
	float *spare = env_new(data->env, (size_t)data->inputs, sizeof *spare, "a sample", error);

	for (int64_t i = 0; i < data->samples && spare; i++) {
		move(&opened->input, false, data->x + i * data->inputs, spare);
		move(&opened->output, true, spare, data->targets + i * data->outputs);
	}
	env_free(data->env, spare);
	return spare ? 0 : -1;
}

static int make(struct data *data, const struct data_spec *spec, struct error *error)
{
	const struct data_file *file = spec->file;
	const struct env *env = data->env;
	const size_t samples = (size_t)data->samples;

	data->x = env_new(env, samples * (size_t)data->inputs, sizeof *data->x,
			  "the samples of a network", error);
	if (!data->x || read_inputs(data, spec, error))
		return -1;
	if (data_file_has_classes(file)) {
		data->classes = env_new(env, samples, sizeof *data->classes,
					"the classes of samples", error);
		if (!data->classes || data_read_classes(spec, env, data->classes, error))
			return -1;
	}
	if (!file->target)
		return 0;
	data->targets = env_new(env, samples * (size_t)data->outputs, sizeof *data->targets,
				"the targets of samples", error);
	if (!data->targets)
		return -1;
	if (!file->target_is_input)
		return read_targets(data, spec, error);
	data->peak = peak_of(file, "");
	return copy_inputs(data, spec->opened, error);
}

int data_file_make(struct data *data, const struct env *env, const struct data_spec *spec,
		   struct error *error)
{
	const struct opened_data *opened = spec->opened;
	int64_t outputs;

	*data = (struct data){
		.env = env, .samples = spec->samples, .inputs = (int)opened->elements, .peak = 1
	};
	if (!layout_elements(opened->output.rank, opened->output.shape, &outputs) ||
	    outputs > INT32_MAX || opened->elements > INT32_MAX)
		return fail(error, STATUS_INPUT, "%s: a sample of more than 2^31 - 1 values",
			    spec->file->path);
	data->outputs = (int)outputs;
	if (!check_unchanged(spec, env, error) && !make(data, spec, error))
		return 0;
	data_free(data);
	return -1;
}

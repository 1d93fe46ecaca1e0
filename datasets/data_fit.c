/* SPDX-License-Identifier: MIT
 *
 * Do the samples of files, with what is right for them, fit a network?
 */
#include "data_parts.h"
#include "layout.h"

#include <string.h>

/* The sizes of a sample, for a sentence: 32x32x3. */
static const char *shape_text(char out[128], int rank, const int64_t *shape)
{
	int used = snprintf(out, 128, "%s", rank ? "" : "1 value");

	for (int i = 0; i < rank && used < 100; i++)
		used += snprintf(out + used, 128 - (size_t)used, "%s%lld", i ? "x" : "",
				 (long long)shape[i]);
	return out;
}

/* Sizes without ones. */
static int squeeze(int64_t *out, int rank, const int64_t *shape, const int *order)
{
	int count = 0;

	for (int i = 0; i < rank; i++)
		if (shape[order ? order[i] : i] != 1)
			out[count++] = shape[order ? order[i] : i];
	return count;
}

static bool same_sizes(int rank, const int64_t *shape, const int *order,
		       const struct sample_axes *network)
{
	int64_t a[RANK_MAX], b[RANK_MAX];
	const int count = squeeze(a, rank, shape, order);

	return count == squeeze(b, network->rank, network->shape, NULL) &&
	       !memcmp(a, b, (size_t)count * sizeof *a);
}

/* One side has a single axis and as many values. */
static bool is_flat(int rank, const int64_t *shape, const struct sample_axes *network)
{
	int64_t sizes[RANK_MAX], here, there;

	return layout_elements(rank, shape, &here) &&
	       layout_elements(network->rank, network->shape, &there) && here == there &&
	       (squeeze(sizes, rank, shape, NULL) <= 1 ||
		squeeze(sizes, network->rank, network->shape, NULL) <= 1);
}

/* order[i] of a sample whose axes are those of the layout, for a network that has the other one. */
static const int transposed[][3] = { [LAYOUT_NCHW] = { 1, 2, 0 }, [LAYOUT_NHWC] = { 2, 0, 1 } };

/* What would help: a layout under which the sample fits, if there is one. */
static int refuse(const char *path, const char *what, int rank, const int64_t *shape,
		  const struct sample_axes *network, struct error *error)
{
	char here[128], there[128], help[128];

	snprintf(help, sizeof help, "\"shape\" says what a sample is, \"layout\" (NCHW or NHWC) "
		 "which axes it has");
	for (int layout = LAYOUT_NCHW; layout <= LAYOUT_NHWC && rank == 3; layout++)
		if (same_sizes(rank, shape, transposed[layout], network))
			snprintf(help, sizeof help, "\"layout\": \"%s\" has it transposed",
				 layout == LAYOUT_NCHW ? "NCHW" : "NHWC");
	return fail(error, STATUS_INPUT, "%s: a sample is %s, the network's %s is %s; %s", path,
		    shape_text(here, rank, shape), what,
		    shape_text(there, network->rank, network->shape), help);
}

int data_fit(const struct data_file *file, const char *path, const char *what, int rank,
	     const int64_t *shape, const struct sample_axes *network, int *order,
	     struct error *error)
{
	for (int i = 0; i < rank; i++)
		order[i] = i;
	if (same_sizes(rank, shape, NULL, network))
		return 0;
	if (file->layout && rank == 3 &&
	    same_sizes(rank, shape, transposed[file->layout], network)) {
		memcpy(order, transposed[file->layout], sizeof transposed[file->layout]);
		return 0;
	}
	return is_flat(rank, shape, network) ? 0
					     : refuse(path, what, rank, shape, network, error);
}

static int check_channels(const struct data_file *file, const struct opened_data *opened,
			  const char *key, const struct data_channels *channels,
			  struct error *error)
{
	const int axis = data_channel_axis(file, opened->rank);

	if (channels->count == 1)
		return 0;
	if (axis < 0)
		return fail(
			error, STATUS_INPUT,
			"%s: \"%s\" has %zu numbers; which axis the "
			"channels are is said by \"layout\" (NCHW or NHWC) for samples of three "
			"axes",
			file->path, key, channels->count);
	if (opened->shape[axis] == (int64_t)channels->count)
		return 0;
	return fail(error, STATUS_INPUT, "%s: \"%s\" has %zu numbers, a sample %lld channels",
		    file->path, key, channels->count, (long long)opened->shape[axis]);
}

/* As many as there are samples; as many values as the network puts out. */
static int check_target(const struct data_spec *spec, const struct env *env,
			const struct sample_axes *output, struct error *error)
{
	const struct data_file *file = spec->file;
	const int64_t available = spec->opened->available;
	struct data_member member;
	int64_t elements = 0;
	int order[RANK_MAX], failed;

	if (!file->target)
		return 0;
	layout_elements(output->rank, output->shape, &elements);
	if (file->target_is_input)
		return elements == spec->opened->elements
			       ? 0
			       : fail(error, STATUS_INPUT,
				      "%s: \"target\": \"input\" needs as many "
				      "outputs as inputs; the network has %lld of %lld",
				      file->path, (long long)elements,
				      (long long)spec->opened->elements);
	if (data_member_open(&member, env, spec->opened->folder, file->target, error))
		return -1;
	const struct tensor_info *info = member.info;

	failed = info->elements != available * elements
			 ? fail(error, STATUS_INPUT,
				"%s: has %lld values; %lld samples of %lld "
				"outputs have %lld",
				file->target, (long long)info->elements, (long long)available,
				(long long)elements, (long long)(available * elements))
		 : info->rank > 1 && info->shape[0] == available
			 ? data_fit(file, file->target, "output", info->rank - 1, info->shape + 1,
				    output, order, error)
			 : 0;
	data_member_close(&member);
	return failed;
}

static int check_classes(const struct data_spec *spec, const struct env *env, int64_t outputs,
			 struct error *error)
{
	const struct data_file *file = spec->file;
	int32_t *classes;
	int failed;

	if (!data_file_has_classes(file))
		return 0;
	classes = env_new(env, (size_t)spec->samples, sizeof *classes, "the classes of samples",
			  error);
	failed = classes ? data_read_classes(spec, env, classes, error) : -1;
	/* one output, or one score, tells two classes apart */
	for (int64_t i = 0; i < spec->samples && !failed; i++)
		if (classes[i] >= (outputs > 2 ? outputs : 2))
			failed = fail(error, STATUS_INPUT,
				      "%s: label %lld is %d, the network has "
				      "%lld outputs",
				      file->labels ? file->labels : file->path,
				      (long long)(file->skip + i), classes[i], (long long)outputs);
	env_free(env, classes);
	return failed;
}

int data_file_fit(struct data_spec *spec, const struct env *env, const struct sample_axes *input,
		  const struct sample_axes *output, struct error *error)
{
	const struct data_file *file = spec->file;
	struct opened_data *opened = spec->opened;
	int64_t outputs = 0;

	layout_elements(output->rank, output->shape, &outputs);
	opened->input = *input;
	opened->output = *output;
	return data_fit(file, file->path, "input", opened->rank, opened->shape, input,
			opened->order, error) ||
			       check_channels(file, opened, "scale", &file->scale, error) ||
			       check_channels(file, opened, "mean", &file->mean, error) ||
			       check_channels(file, opened, "std", &file->std, error) ||
			       check_target(spec, env, output, error) ||
			       check_classes(spec, env, outputs, error)
		       ? -1
		       : 0;
}

/* SPDX-License-Identifier: MIT */
#include "data_file.h"

#include "../harness/hash.h"
#include "data_parts.h"
#include "layout.h"

#include <string.h>

/* What a sample is, of a file without a label column. */
static int look_at_samples(const struct data_file *file, const struct data_member *member,
			   struct opened_data *opened, struct error *error)
{
	const struct tensor_info *info = member->info;
	const int64_t total = info->elements;

	if (!file->rank) {
		opened->rank = info->rank ? info->rank - 1 : 0;
		opened->available = info->rank ? info->shape[0] : 1;
		for (int i = 0; i < opened->rank; i++)
			opened->shape[i] = info->shape[i + 1];
		opened->elements = opened->available ? total / opened->available : 0;
		return 0;
	}
	opened->rank = file->rank;
	memcpy(opened->shape, file->shape, sizeof opened->shape);
	if (!layout_elements(file->rank, file->shape, &opened->elements))
		return fail(error, STATUS_INPUT, "%s: a sample of \"shape\" has too many values",
			    file->path);
	if (!file->stride && total % opened->elements)
		return fail(error, STATUS_INPUT,
			    "%s: its %lld values are no whole number of samples of %lld",
			    file->path, (long long)total, (long long)opened->elements);
	opened->available =
		total < opened->elements
			? 0
			: (total - opened->elements) /
					  (file->stride ? file->stride : opened->elements) +
				  1;
	return 0;
}

/* A line is a sample and its label. */
static int look_at_table(const struct data_file *file, const struct data_member *member,
			 struct opened_data *opened, struct error *error)
{
	const struct tensor_info *info = member->info;

	if (info->rank != 2 || file->stride)
		return fail(error, STATUS_INPUT,
			    "%s: a \"label_column\" is one of a table of lines "
			    "and columns",
			    file->path);
	opened->label_column = data_member_column(member, file->label_column, error);
	if (opened->label_column < 0)
		return -1;
	opened->available = info->shape[0];
	opened->elements = info->shape[1] - 1;
	opened->rank = 1;
	opened->shape[0] = opened->elements;
	if (!file->rank)
		return 0;
	opened->rank = file->rank;
	memcpy(opened->shape, file->shape, sizeof opened->shape);
	int64_t elements;

	if (layout_elements(file->rank, file->shape, &elements) && elements == opened->elements)
		return 0;
	return fail(error, STATUS_INPUT,
		    "%s: \"shape\" has %lld values, a line without its label "
		    "%lld",
		    file->path, (long long)elements, (long long)opened->elements);
}

static int look(const struct data_file *file, const struct data_member *member,
		struct opened_data *opened, struct error *error)
{
	opened->label_column = -1;
	if (file->label_column)
		return look_at_table(file, member, opened, error);
	return look_at_samples(file, member, opened, error);
}

/* How many of those that are there, from spec->file->skip on. */
static int count_samples(struct data_spec *spec, int64_t most, struct error *error)
{
	const struct data_file *file = spec->file;
	const int64_t available = spec->opened->available, left = available - file->skip;

	if (left < 1 || !spec->opened->elements)
		return fail(error, STATUS_INPUT,
			    "%s: holds %lld samples, and %lld are to be "
			    "skipped: none is left",
			    file->path, (long long)available, (long long)file->skip);
	if (spec->samples)
		most = spec->samples;
	spec->samples = left < most ? left : most;
	return 0;
}

/* Adds the hash of another file's bytes and of the member's name. */
static int add_hash(struct opened_data *opened, const struct env *env, const char *path,
		    struct error *error)
{
	struct data_member member;
	char both[2 * KEY_SIZE + 64], one[KEY_SIZE];

	if (!path)
		return 0;
	if (data_member_open(&member, env, opened->folder, path, error))
		return -1;
	hash_bytes(one, member.file.bytes, member.file.size);
	snprintf(both, sizeof both, "%s %s %.40s", opened->hash, one, member.info->name);
	hash_text(opened->hash, both);
	data_member_close(&member);
	return 0;
}

int data_hash_files(const struct data_file *file, const struct env *env, struct opened_data *opened,
		    struct error *error)
{
	opened->hash[0] = '\0';
	return add_hash(opened, env, file->path, error) ||
			       add_hash(opened, env, file->labels, error) ||
			       add_hash(opened, env, file->target_is_input ? NULL : file->target,
					error)
		       ? -1
		       : 0;
}

int data_file_open(struct data_spec *spec, const struct env *env, const char *folder, int64_t most,
		   struct error *error)
{
	struct data_member member;
	int failed;

	spec->opened = env_new(env, 1, sizeof *spec->opened, "data of a file", error);
	if (!spec->opened)
		return -1;
	spec->opened->folder = folder;
	failed = data_member_open(&member, env, folder, spec->file->path, error);
	if (!failed) {
		failed = look(spec->file, &member, spec->opened, error);
		data_member_close(&member);
	}
	if (!failed && !count_samples(spec, most, error) &&
	    !data_hash_files(spec->file, env, spec->opened, error))
		return 0;
	data_file_close(spec, env);
	return -1;
}

void data_file_close(struct data_spec *spec, const struct env *env)
{
	env_free(env, spec->opened);
	spec->opened = NULL;
}

static void write_channels(struct text *out, const char *key, const struct data_channels *channels,
			   double standard)
{
	char number[32];

	if (channels->count == 1 && !(channels->numbers[0] < standard) &&
	    !(channels->numbers[0] > standard))
		return;
	text_add(out, " %s", key);
	for (size_t i = 0; i < channels->count; i++) {
		print_double(number, channels->numbers[i]);
		text_add(out, "%s%s", i ? "," : "", number);
	}
}

void data_file_write(struct text *out, const struct data_spec *spec, bool named)
{
	const struct data_file *file = spec->file;
	char number[32];

	text_add(out, "%s", named ? file->path : spec->opened->hash);
	if (named && file->labels)
		text_add(out, " labels %s", file->labels);
	if (named && file->target)
		text_add(out, " target %s", file->target);
	else if (file->target_is_input)
		text_add(out, " target input");
	if (file->label_column)
		text_add(out, " label_column %s%s", file->label_column,
			 file->evaluation ? "" : " left out");
	if (file->skip)
		text_add(out, " skip %lld", (long long)file->skip);
	if (file->stride)
		text_add(out, " stride %lld", (long long)file->stride);
	for (int i = 0; i < file->rank; i++)
		text_add(out, "%s%lld", i ? "x" : " shape ", (long long)file->shape[i]);
	if (file->layout)
		text_add(out, " %s", file->layout == LAYOUT_NCHW ? "NCHW" : "NHWC");
	if (file->offset < 0 || file->offset > 0) {
		print_double(number, file->offset);
		text_add(out, " offset %s", number);
	}
	write_channels(out, "scale ", &file->scale, 1);
	write_channels(out, "mean ", &file->mean, 0);
	write_channels(out, "std ", &file->std, 1);
	if (file->peak > 0) {
		print_double(number, file->peak);
		text_add(out, " peak %s", number);
	}
}

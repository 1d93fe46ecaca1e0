/* SPDX-License-Identifier: MIT
 *
 * NumPy's .npz: a zip file whose members NAME.npy are arrays, stored or deflated; other members are
 * passed over.
 *
 * A member is inflated when it is asked for, and kept until another one is.  Its size is what its
 * own header says and at most MEMBER_MOST bytes, so that a small file cannot ask for more; memory
 * grows with what is really there.  Source: numpy.savez; PKWARE's APPNOTE.
 */
#include "npy.h"

#include <string.h>
#include <zip.h>

enum { MEMBERS_MOST = 1 << 16, PREFIX = NPY_HEADER_MOST + 12, PIECE_FIRST = 1 << 20 };
static const uint64_t member_most = UINT64_C(1) << 30;

struct member {
	zip_uint64_t index;
	struct npy_array array;
};

struct npz {
	zip_t *zip;
	size_t count, capacity;
	struct member *members;        /* in the order of file->tensors                         */
	const struct member *inflated; /* whose bytes these are; NULL: none             */
	unsigned char *bytes;
};

static int open_zip(struct tensor_file *file, struct npz *npz, struct error *error)
{
	zip_error_t reason;
	zip_source_t *source;

	zip_error_init(&reason);
	source = zip_source_buffer_create(file->bytes, file->size, 0, &reason);
	if (source)
		npz->zip = zip_open_from_source(source, ZIP_RDONLY, &reason);
	if (source && !npz->zip)
		zip_source_free(source);
	if (!npz->zip)
		fail(error, STATUS_INPUT, "%s: is not a .npz file: libzip says: %s", file->path,
		     zip_error_strerror(&reason));
	zip_error_fini(&reason);
	return npz->zip ? 0 : -1;
}

/* in: NULL where the member cannot even be opened. */
static int wrong_member(const struct tensor_file *file, zip_file_t *in, const char *name,
			struct error *error)
{
	const struct npz *npz = file->self;

	return fail(error, STATUS_INPUT, "%s: member '%.100s' cannot be read: libzip says: %s",
		    file->path, name, in ? zip_file_strerror(in) : zip_strerror(npz->zip));
}

/* Reads until `size` bytes are there or the member ends. */
static int64_t read_bytes(zip_file_t *in, unsigned char *out, size_t size)
{
	size_t have = 0;

	while (have < size) {
		const zip_int64_t got = zip_fread(in, out + have, size - have);

		if (got < 0)
			return -1;
		if (!got)
			break;
		have += (size_t)got;
	}
	return (int64_t)have;
}

/* The header of a member whose name ends in .npy. */
static int read_header(const struct tensor_file *file, const struct npz *npz, struct member *member,
		       const char *name, struct error *error)
{
	unsigned char *prefix = env_new(file->env, PREFIX, 1, "a .npz member", error);
	zip_file_t *in = prefix ? zip_fopen_index(npz->zip, member->index, 0) : NULL;
	char *path = NULL;
	int64_t have = -1;
	int failed = -1;

	if (in)
		have = read_bytes(in, prefix, PREFIX);
	if (prefix && have < 0)
		wrong_member(file, in, name, error);
	else if (prefix)
		path = env_print(file->env, error, "%s#%.100s", file->path, name);
	if (path)
		failed = npy_parse(&member->array, path, prefix, (size_t)have, error);
	if (in)
		zip_fclose(in);
	env_free(file->env, path);
	env_free(file->env, prefix);
	return failed;
}

static int add_member(struct tensor_file *file, struct npz *npz, zip_uint64_t index,
		      struct error *error)
{
	const char *name = zip_get_name(npz->zip, index, 0);
	const size_t length = name ? strlen(name) : 0;
	struct member *member;
	struct tensor_info *info;
	zip_stat_t stat;
	char *short_name;

	if (length < 5 || strcmp(name + length - 4, ".npy"))
		return 0;
	if (zip_stat_index(npz->zip, index, 0, &stat) || !(stat.valid & ZIP_STAT_SIZE))
		return wrong_member(file, NULL, name, error);
	if (stat.size > member_most)
		return fail(error, STATUS_INPUT,
			    "%s: member '%.100s' has %llu bytes; more than "
			    "2^30 are not inflated, save it as .npy",
			    file->path, name, (unsigned long long)stat.size);
	if (env_grow(file->env, &npz->members, &npz->capacity, npz->count, sizeof *npz->members,
		     "the members of a .npz file", error))
		return -1;
	member = &npz->members[npz->count++];
	*member = (struct member){ .index = index, .array.size = (size_t)stat.size };
	if (read_header(file, npz, member, name, error))
		return -1;
	short_name = env_print(file->env, error, "%.*s", (int)(length - 4), name);
	info = short_name ? tensor_file_add(file, short_name, member->array.element,
					    member->array.rank, member->array.shape, error)
			  : NULL;
	env_free(file->env, short_name);
	if (!info)
		return -1;
	info->weight = info->floating && info->rank > 1;
	return 0;
}

static int npz_open(struct tensor_file *file, struct error *error)
{
	struct npz *npz = env_new(file->env, 1, sizeof *npz, "a .npz file", error);
	zip_int64_t count;

	file->self = npz;
	if (!npz || open_zip(file, npz, error))
		return -1;
	count = zip_get_num_entries(npz->zip, 0);
	if (count > MEMBERS_MOST)
		return fail(error, STATUS_INPUT, "%s: has %lld members; at most %d are read",
			    file->path, (long long)count, MEMBERS_MOST);
	for (zip_int64_t i = 0; i < count; i++)
		if (add_member(file, npz, (zip_uint64_t)i, error))
			return -1;
	if (!npz->count)
		return fail(error, STATUS_INPUT,
			    "%s: holds no array: none of its %lld members is "
			    "named NAME.npy",
			    file->path, (long long)count);
	for (size_t i = 0; i < file->count; i++)
		file->tensors[i].place = i;
	file->summary = env_print(file->env, error, "NumPy .npz, %zu arrays", npz->count);
	return file->summary ? 0 : -1;
}

/* Reads on in pieces that double, so that a size alone takes no memory; the zip's checksum is
 * looked at behind the last byte. */
static int inflate(const struct tensor_file *file, struct npz *npz, const struct member *member,
		   zip_file_t *in, struct error *error)
{
	const char *name = zip_get_name(npz->zip, member->index, 0);
	size_t have = 0, room = 0;
	unsigned char beyond;

	while (have < member->array.size) {
		const size_t left = member->array.size - room, more = room ? room : PIECE_FIRST;
		unsigned char *bytes;
		int64_t got;

		room += more < left ? more : left;
		bytes = file->env->resize(file->env, npz->bytes, room);
		if (!bytes)
			return fail_memory(error, room, name);
		npz->bytes = bytes;
		got = read_bytes(in, bytes + have, room - have);
		if (got < 0)
			return wrong_member(file, in, name, error);
		have += (size_t)got;
		if (have < room)
			return fail(error, STATUS_INPUT,
				    "%s: member '%.100s' ends after %zu of %zu "
				    "bytes",
				    file->path, name, have, member->array.size);
	}
	const int64_t more = read_bytes(in, &beyond, 1);

	if (more > 0)
		return fail(error, STATUS_INPUT,
			    "%s: member '%.100s' holds more than its %zu bytes", file->path, name,
			    member->array.size);
	return more ? wrong_member(file, in, name, error) : 0;
}

/* The member's elements; NULL with a sentence. */
static const unsigned char *member_data(const struct tensor_file *file,
					const struct tensor_info *info, struct error *error)
{
	struct npz *npz = file->self;
	const struct member *member = &npz->members[info->place];
	zip_file_t *in;
	int failed;

	if (npz->inflated == member)
		return npz->bytes + member->array.data;
	npz->inflated = NULL;
	env_free(file->env, npz->bytes);
	npz->bytes = NULL;
	in = zip_fopen_index(npz->zip, member->index, 0);
	if (!in) {
		wrong_member(file, NULL, info->name, error);
		return NULL;
	}
	failed = inflate(file, npz, member, in, error);
	zip_fclose(in);
	if (failed)
		return NULL;
	npz->inflated = member;
	return npz->bytes + member->array.data;
}

static int npz_load(const struct tensor_file *file, const struct tensor_info *info,
		    struct tensor *out, struct error *error)
{
	const struct npz *npz = file->self;
	const unsigned char *data = member_data(file, info, error);

	return data ? npy_load(&npz->members[info->place].array, data, file, info, out, error) : -1;
}

static int npz_values(const struct tensor_file *file, const struct tensor_info *info, int64_t first,
		      int64_t count, double *out, struct error *error)
{
	const struct npz *npz = file->self;
	const unsigned char *data = member_data(file, info, error);

	if (!data)
		return -1;
	npy_values(&npz->members[info->place].array, data, first, count, out);
	return 0;
}

static void npz_close(struct tensor_file *file)
{
	struct npz *npz = file->self;

	if (!npz)
		return;
	if (npz->zip)
		zip_discard(npz->zip);
	env_free(file->env, npz->members);
	env_free(file->env, npz->bytes);
	env_free(file->env, npz);
}

const struct reader reader_npz = {
	.value = { .name = "npz",
		   .summary =
			   "NumPy arrays in a zip file; weights are floating with two axes or more",
		   .source = "NumPy, numpy.savez; PKWARE APPNOTE, read by libzip" },
	.suffix = ".npz",
	.open = npz_open,
	.load = npz_load,
	.values = npz_values,
	.close = npz_close,
};

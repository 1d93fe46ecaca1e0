/* SPDX-License-Identifier: MIT
 *
 * A reader makes tensors out of a file.  It executes nothing, trusts nothing: every count and
 * offset is checked against the file's size before it is used, nothing recurses on the input, and
 * no allocation is larger than a small multiple of the file.
 */
#ifndef QS_READER_H
#define QS_READER_H

#include "../../harness/axes/axis.h"
#include "../tensor.h"

struct tensor_file {            /* an open file: the list of what is in it               */
	const struct env *env;
	const struct reader *reader;
	char *path;
	const unsigned char *bytes;      /* the file, mapped read-only                   */
	size_t size;
	bool mapped;            /* bytes are this struct's to unmap                      */
	size_t count, capacity;
	struct tensor_info *tensors;
	void *self;             /* the reader's own                                      */
	char *summary;          /* one line for `inspect`: "ONNX opset 13, 22 nodes"; may be NULL */
};

struct reader {
	struct value value;     /* name: npy, safetensors, onnx                          */
	const char *suffix;     /* ".npy"                                                */
	const char *other_suffix;        /* another one that it reads; NULL: none        */
	bool single;            /* a file is one tensor: its path alone is the name      */
	bool samples;           /* holds samples, not weights: globs of tensors pass over it */
	/* Fills tensors and summary from bytes; path is for messages. */
	int (*open)(struct tensor_file *file, struct error *error);
	/* Reads one as float32 in the canonical layout (float64 is rounded half-even, float16 and
	 * bfloat16 are exact; integer types are refused with a sentence).  NULL: through values. */
	int (*load)(const struct tensor_file *file, const struct tensor_info *info,
		    struct tensor *out, struct error *error);
	/* Elements [first, first + count) in C order, of any type of numbers: exact but for whole
	 * numbers beyond 2^53.  NULL: no samples are read from such a file. */
	int (*values)(const struct tensor_file *file, const struct tensor_info *info, int64_t first,
		      int64_t count, double *out, struct error *error);
	void (*close)(struct tensor_file *file);         /* what open put into self; may be NULL */
};

/* The reader of a path by its suffix; NULL: none. */
const struct reader *reader_find(const char *path);
/* ".npy, .safetensors or .onnx", for sentences: of files with tensors, or with samples. */
void reader_suffixes(char *out, size_t size, bool samples);

/* By the file's suffix; a suffix of no reader is an error that lists the known ones. */
int tensor_file_open(struct tensor_file *file, const struct env *env, const char *path,
		     struct error *error);
/* The same on bytes in memory, for tests and fuzzers; they must outlive the file. */
int tensor_file_open_bytes(struct tensor_file *file, const struct env *env,
			   const struct reader *reader, const char *path,
			   const unsigned char *bytes, size_t size, struct error *error);
int tensor_file_load(const struct tensor_file *file, const struct tensor_info *info,
		     struct tensor *out, struct error *error);
/* Elements [first, first + count), which lie in the tensor, in C order. */
int tensor_file_values(const struct tensor_file *file, const struct tensor_info *info,
		       int64_t first, int64_t count, double *out, struct error *error);
void tensor_file_close(struct tensor_file *file);

#endif

/* SPDX-License-Identifier: MIT
 *
 * The host of kernel libraries: opens a shared object with the interface of kernels/kernel.h,
 * checks its table, and picks kernels.
 */
#ifndef QS_LIBRARY_H
#define QS_LIBRARY_H

#include "../kernels/kernel.h"
#include "env.h"
#include "hash.h"

#include <stdbool.h>

struct library {
	char *name;             /* quantsweep; peers; for a user's the file's name       */
	char *path;
	char hash[KEY_SIZE];    /* of the file: part of every timing key                 */
	const struct qs_library *table;
	void *handle;
	bool may_die;           /* what it does is asked in processes that may die       */
};

struct libraries {
	const struct env *env;
	size_t count, capacity;
	struct library *libraries;       /* ours first                                   */
	char no_peers[600];     /* why no peer is open; "" where they are, or not asked for */
};

/* Opens ours: the file $QUANTSWEEP_KERNELS names (tests of two builds), else the one beside the
 * program or one folder up.  Trouble with it is STATUS_MACHINE, with a user's STATUS_INPUT.  On -1
 * nothing is open. */
int libraries_open(struct libraries *libraries, const struct env *env, struct error *error);
/* Opens the peers' (oneDNN, XNNPACK, ...) for a command that times or checks kernels: the file that
 * $QUANTSWEEP_PEERS names, none where that is empty, else the one beside ours.  One that was named
 * and cannot be opened is trouble, STATUS_MACHINE; that there is none beside ours, or one without
 * a library that it needs, is not: ->no_peers says so. */
int libraries_add_peers(struct libraries *libraries, struct error *error);
/* Opens one more, by path: --kernels PATH.  It is tried in another process first: one that crashes
 * or hangs as it is loaded is refused with a sentence.  On -1 those that were open stay open. */
int libraries_add(struct libraries *libraries, const char *path, struct error *error);
/* The same without the trial, for a process that may die. */
int libraries_add_untried(struct libraries *libraries, const char *path, struct error *error);
/* The interface that the library at `path` speaks; trouble with it is STATUS_INPUT. */
int library_interface(const struct env *env, const char *path, uint32_t *interface,
		      struct error *error);
void libraries_close(struct libraries *libraries);

/* Whose code the kernel is: the peer's name, else its library's. */
const char *library_of_kernel(const struct library *library, const struct qs_kernel *kernel);
/* The peers there are kernels for, ended by NULL: such a word is known where no peer is open. */
extern const char *const peer_names[];
bool peer_is_known(const char *name);

/* "u8s8s32", the part of a kernel's name between the first '_' and "__". */
int kernel_types(char *out, size_t size, const struct qs_kernel *kernel);
/* "avx2", the part behind "__". */
const char *kernel_isa(const struct qs_kernel *kernel);
/* The same operation and types (groups included), by name. */
bool kernel_has_types(const struct qs_kernel *kernel, enum qs_op op, const char *types);

/* The reference (needs == 0) of the same operation and types, from ours; NULL: there is none. */
const struct qs_kernel *kernel_reference(const struct libraries *libraries, enum qs_op op,
					 const char *types);
/* `best`: the last row of our table that has these types, that the CPU (env->cpu) runs and that
 * does not refuse the task.  Never a measured winner.  NULL: none; *reason says why. */
const struct qs_kernel *kernel_best(const struct libraries *libraries, enum qs_op op,
				    const char *types, const struct qs_task *task,
				    const char **reason);
enum { REFUSAL_TEXT = 128 };

/* What refuse() says of the task, "" where it takes it.  A user's is asked in another process: of
 * one that dies of it "" is said: whoever checks the kernel will see that. */
int kernel_refusal(char out[REFUSAL_TEXT], const struct library *library,
		   const struct qs_kernel *kernel, const struct qs_task *task,
		   struct error *error);
/* The library's kernel of this full name; NULL: it has none. */
const struct qs_kernel *kernel_find(const struct library *library, const char *name);

/* "f32"; NULL for QS_NONE and anything else. */
const char *type_name(enum qs_type type);
/* Bits of an element: 2 .. 64; 0 for QS_NONE. */
int type_bits(enum qs_type type);
/* The least number of elements >= `elements` that fill whole bytes. */
int64_t type_stride(enum qs_type type, int64_t elements);
/* The code range of a whole-number type, cut to s32 where it is wider; false for floats. */
bool type_range(enum qs_type type, int32_t *least, int32_t *most);
/* "gemm"; NULL for anything else. */
const char *op_name(enum qs_op op);
/* A sum of products: y is [m][n].  Else y is [m][k]. */
bool op_is_product(enum qs_op op);
/* What the scales are per that the kernel's types name, of w of a product, of y of quantize, of a
 * of the others; *group: of groups their size, else 0. */
enum qs_per kernel_per(const struct qs_kernel *kernel, int64_t *group);
/* How many scales an operand of rows x columns has; group > 0 where per groups. */
int64_t operand_scales(enum qs_per per, int64_t group, int64_t rows, int64_t columns);
/* Length of a row of y; of dynamic quantization in bytes, scale and zero point included. */
int64_t task_width(const struct qs_task *task);
/* A task of the kernel's types: tight strides, scales of 1 (one number in memory, whatever their
 * count) where a code type needs them, zero points 0, no bias, y's full range, half_even.  For
 * asking refuse(); n is taken as 1 where the operation has none. */
void task_plain(struct qs_task *task, const struct qs_kernel *kernel, int64_t m, int64_t n,
		int64_t k);
/* The same of a convolution, whose conv the task then points to; a's strides are its channels. */
void task_plain_conv(struct qs_task *task, const struct qs_kernel *kernel,
		     const struct qs_conv *conv);
/* Of the two the one that conv->batch asks for: 0 is no convolution. */
void task_of_shape(struct qs_task *task, const struct qs_kernel *kernel, int64_t m, int64_t n,
		   int64_t k, const struct qs_conv *conv);
/* Rows of a, and elements of a row. */
int64_t task_a_rows(const struct qs_task *task);
int64_t task_a_columns(const struct qs_task *task);

#endif

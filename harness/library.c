/* SPDX-License-Identifier: MIT
 *
 * Opening kernel libraries and picking kernels.
 */
#include "library.h"

#include "library_check.h"
#include "library_parts.h"

#include <dlfcn.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define OUR_FILE "libquantsweep_kernels.so"

static const struct {
	const char *name;
	int bits;
	int32_t least, most;
} types[QS_TYPES] = {
	[QS_F32] = { "f32", 32, 0, 0 },
	[QS_S64] = { "s64", 64, INT32_MIN, INT32_MAX },
	[QS_S32] = { "s32", 32, INT32_MIN, INT32_MAX },
	[QS_S16] = { "s16", 16, INT16_MIN, INT16_MAX },
	[QS_S8] = { "s8", 8, INT8_MIN, INT8_MAX },
	[QS_U8] = { "u8", 8, 0, UINT8_MAX },
	[QS_S4] = { "s4", 4, -8, 7 },
	[QS_U4] = { "u4", 4, 0, 15 },
	[QS_S3] = { "s3", 3, -4, 3 },
	[QS_S2] = { "s2", 2, -2, 1 },
};

static const char *const ops[QS_OPS] = {
	[QS_GEMM] = "gemm",
	[QS_CONV2D] = "conv2d",
	[QS_QUANTIZE] = "quantize",
	[QS_DEQUANTIZE] = "dequantize",
	[QS_DYNAMIC_QUANTIZE] = "dynamicquantize",
	[QS_REQUANTIZE] = "requantize",
};

const char *type_name(enum qs_type type)
{
	return (unsigned)type < QS_TYPES ? types[type].name : NULL;
}

int type_bits(enum qs_type type)
{
	return (unsigned)type < QS_TYPES ? types[type].bits : 0;
}

int64_t type_stride(enum qs_type type, int64_t elements)
{
	const int64_t whole = type_bits(type) == 3 ? 8 : type_bits(type) ? 8 / type_bits(type) : 1;

	return whole > 1 ? (elements + whole - 1) / whole * whole : elements;
}

bool type_range(enum qs_type type, int32_t *least, int32_t *most)
{
	if ((unsigned)type >= QS_TYPES || types[type].least == types[type].most)
		return false;
	*least = types[type].least;
	*most = types[type].most;
	return true;
}

const char *op_name(enum qs_op op)
{
	return (unsigned)op < QS_OPS ? ops[op] : NULL;
}

bool op_is_product(enum qs_op op)
{
	return op == QS_GEMM || op == QS_CONV2D;
}

int64_t task_width(const struct qs_task *task)
{
	if (task->op == QS_DYNAMIC_QUANTIZE)
		return task->k + (int64_t)(sizeof(float) + sizeof(int32_t));
	return op_is_product(task->op) ? task->n : task->k;
}

int kernel_types(char *out, size_t size, const struct qs_kernel *kernel)
{
	const char *from = strchr(kernel->name, '_') + 1;

	return snprintf(out, size, "%.*s", (int)(strstr(from, "__") - from), from);
}

const char *kernel_isa(const struct qs_kernel *kernel)
{
	return strstr(kernel->name, "__") + 2;
}

bool kernel_has_types(const struct qs_kernel *kernel, enum qs_op op, const char *wanted)
{
	char have[KERNEL_NAME_MAX + 1];

	kernel_types(have, sizeof have, kernel);
	return kernel->op == op && !strcmp(have, wanted);
}

int library_open_table(struct library *library, const char *path, enum status status,
		       struct error *error)
{
	qs_library_function *function;
	void *symbol;

	if (library_check_file(library->path, status, error))
		return -1;
	library->handle = dlopen(library->path, RTLD_NOW | RTLD_LOCAL);
	if (!library->handle)
		return fail(error, status, "%s: the kernel library cannot be loaded: %s", path,
			    dlerror());
	symbol = dlsym(library->handle, QS_LIBRARY_SYMBOL);
	if (!symbol)
		return fail(error, status,
			    "%s: no symbol '" QS_LIBRARY_SYMBOL "'; a kernel library exports "
			    "it (see kernels/kernel.h)",
			    path);
	memcpy(&function, &symbol, sizeof function);     /* ISO C has no cast for it */
	library->table = function();
	return 0;
}

static void library_free(const struct env *env, struct library *library)
{
	if (library->handle)
		dlclose(library->handle);
	env_free(env, library->name);
	env_free(env, library->path);
}

char *library_path(const struct env *env, const char *path, struct error *error)
{
	return env_print(env, error, "%s%s", strchr(path, '/') ? "" : "./", path);
}

int library_open(struct libraries *libraries, const char *path, enum library_kind kind,
		 struct error *error)
{
	const enum status status = kind == LIBRARY_USERS ? STATUS_INPUT : STATUS_MACHINE;
	const struct env *env = libraries->env;
	const char *slash = strrchr(path, '/');
	struct library library = { .may_die = kind == LIBRARY_USERS };

	if (env_grow(env, &libraries->libraries, &libraries->capacity, libraries->count,
		     sizeof library, "the list of kernel libraries", error))
		return -1;
	library.path = library_path(env, path, error);
	if (!library.path || library_open_table(&library, path, status, error) ||
	    hash_file(library.hash, library.path, error) ||
	    library_check_table(library.table, path, status, error))
		goto failed;
	library.name = env_copy_text(env,
				     kind != LIBRARY_USERS ? library.table->name
				     : slash               ? slash + 1
							   : path,
				     error);
	if (!library.name)
		goto failed;
	libraries->libraries[libraries->count++] = library;
	return 0;
failed:
	library_free(env, &library);
	return -1;
}

int library_interface(const struct env *env, const char *path, uint32_t *interface,
		      struct error *error)
{
	struct library library = { .path = library_path(env, path, error) };
	int failed = !library.path ||
		     library_open_table(&library, path, STATUS_INPUT, error);

	if (!failed && !library.table)
		failed = fail(error, STATUS_INPUT,
			      "%s: " QS_LIBRARY_SYMBOL "() gave NULL, expected a table", path);
	if (!failed)
		*interface = library.table->interface;
	library_free(env, &library);
	return failed ? -1 : 0;
}

/* The path of ours: the environment's word, else beside the program, else one folder up (a test
 * program lies in build/tests). */
static int our_path(char path[PATH_MAX], struct error *error)
{
	const char *given = getenv("QUANTSWEEP_KERNELS");
	char program[PATH_MAX];
	ssize_t length;

	if (given && *given) {
		if (snprintf(path, PATH_MAX, "%s", given) >= PATH_MAX)
			return fail(error, STATUS_MACHINE,
				    "the path in QUANTSWEEP_KERNELS is too long");
		return 0;
	}
	length = readlink("/proc/self/exe", program, sizeof program - 1);
	if (length < 0)
		return fail(error, STATUS_MACHINE, "/proc/self/exe cannot be read: %s; set "
			    "QUANTSWEEP_KERNELS to the path of " OUR_FILE, strerror(errno));
	program[length] = '\0';
	for (int up = 0; up < 2; up++) {
		char *slash = strrchr(program, '/');

		if (!slash)
			break;
		*slash = '\0';
		if (snprintf(path, PATH_MAX, "%s/" OUR_FILE, program) < PATH_MAX &&
		    !access(path, R_OK))
			return 0;
	}
	return fail(error, STATUS_MACHINE,
		    OUR_FILE " is neither beside the program nor one folder up "
			     "(%s); build it, or set QUANTSWEEP_KERNELS to its path",
		    program);
}

int libraries_open(struct libraries *libraries, const struct env *env, struct error *error)
{
	char path[PATH_MAX];

	*libraries = (struct libraries){ .env = env };
	if (our_path(path, error) || library_environment(env->cpu, error) ||
	    library_open(libraries, path, LIBRARY_OURS, error)) {
		libraries_close(libraries);
		return -1;
	}
	return 0;
}

int libraries_add(struct libraries *libraries, const char *path, struct error *error)
{
	return library_try(libraries->env, path, STATUS_INPUT, error) ||
			       libraries_add_untried(libraries, path, error)
		       ? -1
		       : 0;
}

int libraries_add_untried(struct libraries *libraries, const char *path, struct error *error)
{
	return library_open(libraries, path, LIBRARY_USERS, error);
}

void libraries_close(struct libraries *libraries)
{
	for (size_t i = libraries->count; i-- > 0;)
		library_free(libraries->env, &libraries->libraries[i]);
	env_free(libraries->env, libraries->libraries);
	*libraries = (struct libraries){ .env = libraries->env };
}

const struct qs_kernel *kernel_reference(const struct libraries *libraries, enum qs_op op,
					 const char *wanted)
{
	const struct qs_library *ours = libraries->libraries[0].table;

	for (size_t i = 0; i < ours->count; i++)
		if (!ours->kernels[i]->needs && kernel_has_types(ours->kernels[i], op, wanted))
			return ours->kernels[i];
	return NULL;
}

const struct qs_kernel *kernel_best(const struct libraries *libraries, enum qs_op op,
				    const char *wanted, const struct qs_task *task,
				    const char **reason)
{
	const struct qs_library *ours = libraries->libraries[0].table;

	*reason = "no kernel of these types";
	for (size_t i = ours->count; i-- > 0;) {
		const struct qs_kernel *kernel = ours->kernels[i];
		const char *refused;

		if (!kernel_has_types(kernel, op, wanted) || kernel->needs & ~libraries->env->cpu)
			continue;
		refused = kernel->refuse(task);
		if (!refused) {
			*reason = NULL;
			return kernel;
		}
		*reason = refused;
	}
	return NULL;
}

const struct qs_kernel *kernel_find(const struct library *library, const char *name)
{
	for (size_t i = 0; i < library->table->count; i++)
		if (!strcmp(library->table->kernels[i]->name, name))
			return library->table->kernels[i];
	return NULL;
}

enum qs_per kernel_per(const struct qs_kernel *kernel, int64_t *group)
{
	const char *end = strstr(kernel->name, "__"), *from = end;

	*group = 0;
	while (from > kernel->name && *from != '_')
		from--;
	while (from > kernel->name && from[-1] != '_')
		from--;
	if (!strncmp(from, "channel__", 9))
		return op_is_product(kernel->op) ? QS_PER_ROW : QS_PER_COLUMN;
	if (*from != 'g' || from[1] < '1' || from[1] > '9')
		return QS_PER_TENSOR;
	for (from++; from < end; from++)
		*group = 10 * *group + (*from - '0');
	return QS_PER_GROUP;
}

int64_t operand_scales(enum qs_per per, int64_t group, int64_t rows, int64_t columns)
{
	switch (per) {
	case QS_PER_ROW: return rows;
	case QS_PER_COLUMN: return columns;
	case QS_PER_GROUP: return rows * ((columns + group - 1) / group);
	default: return 1;
	}
}

/* The operand that the suffix of a kernel's types is about. */
static struct qs_operand *scaled_operand(struct qs_task *task)
{
	if (op_is_product(task->op))
		return &task->w;
	return task->op == QS_QUANTIZE ? &task->y : &task->a;
}

static void operand_plain(struct qs_operand *operand, enum qs_type type, int64_t stride,
			  bool scaled)
{
	static const float one = 1;
	int32_t least, most;

	operand->type = type;
	operand->stride = type ? type_stride(type, stride) : 0;
	operand->scales = 1;
	if (scaled && type_range(type, &least, &most))
		operand->scale = &one;
}

void task_plain(struct qs_task *task, const struct qs_kernel *kernel, int64_t m, int64_t n,
		int64_t k)
{
	const bool product = op_is_product(kernel->op);
	const bool raw = product && (kernel->y == QS_S32 || kernel->y == QS_S64);
	const bool dynamic = kernel->op == QS_DYNAMIC_QUANTIZE;
	struct qs_operand *scaled;

	*task = (struct qs_task){ .op = kernel->op, .m = m, .n = product ? n : 1, .k = k,
				  .threads = 1 };
	scaled = scaled_operand(task);
	operand_plain(&task->a, kernel->a, k, true);
	operand_plain(&task->w, kernel->w, k, true);
	operand_plain(&task->y, kernel->y, product ? n : dynamic ? k + 8 : k, !raw && !dynamic);
	scaled->per = kernel_per(kernel, &scaled->group);
	scaled->scales = operand_scales(scaled->per, scaled->group, product ? n : m, k);
	if (!type_range(kernel->y, &task->low, &task->high)) {
		task->low = INT32_MIN;
		task->high = INT32_MAX;
	}
}

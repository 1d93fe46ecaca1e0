/* SPDX-License-Identifier: MIT
 *
 * Opening kernel libraries.  A user's file is judged before it is trusted: it must be an ELF object
 * whose segments lie within it (the dynamic linker maps a cut file and dies of SIGBUS), have the
 * symbol, speak this interface and hold a sane table.  What its code does then is its own matter;
 * workers keep a crash away from the run.
 */
#include "library.h"

#include <dlfcn.h>
#include <elf.h>
#include <errno.h>
#include <limits.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define OUR_FILE "libquantsweep_kernels.so"

enum { KERNELS_MAX = 4096, KERNEL_NAME_MAX = 100, TILE_MAX = 1 << 16, OVER_READ_MAX = 1 << 16 };

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
};

static const char *const ops[QS_OPS] = {
	[QS_GEMM] = "gemm",
	[QS_CONV2D] = "conv2d",
	[QS_QUANTIZE] = "quantize",
	[QS_DEQUANTIZE] = "dequantize",
};

const char *type_name(enum qs_type type)
{
	return (unsigned)type < QS_TYPES ? types[type].name : NULL;
}

int type_bits(enum qs_type type)
{
	return (unsigned)type < QS_TYPES ? types[type].bits : 0;
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

/* [a-z0-9]+(_[a-z0-9]+)* up to the end of the text. */
static bool is_words(const char *text)
{
	for (; *text; text++) {
		const bool letter = (*text >= 'a' && *text <= 'z') || (*text >= '0' && *text <= '9');

		if (!letter && (*text != '_' || !text[1] || text[1] == '_'))
			return false;
	}
	return true;
}

/* <operation>_<a><w><y>[_g<N>|_channel]__<isa>[_<variant>], agreeing with the row's own fields. */
static bool name_fits(const struct qs_kernel *kernel)
{
	const char *name = kernel->name, *isa = strstr(name, "__"), *rest;
	char start[64];
	int length;

	length = snprintf(start, sizeof start, "%s_%s%s%s", op_name(kernel->op),
			  type_name(kernel->a), kernel->w ? type_name(kernel->w) : "",
			  type_name(kernel->y));
	if (strlen(name) > KERNEL_NAME_MAX || !isa || isa == name || strncmp(name, start, (size_t)length))
		return false;
	rest = name + length;
	if (!strncmp(rest, "_channel__", 10)) {
		rest += 8;
	} else if (rest[0] == '_' && rest[1] == 'g' && rest[2] >= '1' && rest[2] <= '9') {
		for (rest += 3; *rest >= '0' && *rest <= '9'; rest++)
			;
	}
	return rest == isa && isa[2] && isa[2] != '_' && is_words(isa + 2);
}

/* What is wrong with one row; NULL: nothing. */
static const char *kernel_fault(const struct qs_kernel *kernel)
{
	if (!kernel)
		return "is NULL";
	if (!kernel->name || !*kernel->name)
		return "has no name";
	if (!op_name(kernel->op) || !type_name(kernel->a) || !type_name(kernel->y) ||
	    (kernel->w && !type_name(kernel->w)))
		return "has an operation or a type that this program does not know";
	if (!name_fits(kernel))
		return "has a name that is not <operation>_<types>__<isa>[_<variant>] of its own "
		       "operation and types";
	if (!kernel->refuse || !kernel->prepare || !kernel->units || !kernel->run ||
	    !kernel->release)
		return "lacks one of refuse, prepare, units, run, release";
	if (!kernel->tile_m || !kernel->tile_n || !kernel->tile_k || kernel->tile_m > TILE_MAX ||
	    kernel->tile_n > TILE_MAX || kernel->tile_k > TILE_MAX)
		return "has a tile size outside 1 .. 65536";
	if (kernel->over_read > OVER_READ_MAX)
		return "reads more than 65536 bytes past the end";
	if (!(kernel->claim_relative >= 0) || !isfinite(kernel->claim_relative))
		return "claims an error that is not a number >= 0";
	return NULL;
}

static int table_check(const struct qs_library *table, const char *path, enum status status,
		       struct error *error)
{
	if (!table)
		return fail(error, status, "%s: " QS_LIBRARY_SYMBOL "() gave NULL, expected a table", path);
	if (table->interface != QS_INTERFACE)
		return fail(error, status, "%s: speaks kernel interface %u, this program speaks %u; "
			    "build the library with this program's kernels/kernel.h", path,
			    table->interface, QS_INTERFACE);
	if (!table->name || !table->kernels || !table->count || table->count > KERNELS_MAX)
		return fail(error, status, "%s: the kernel table has %zu rows, expected a name and "
			    "1 to %d rows", path, table->kernels ? table->count : (size_t)0,
			    KERNELS_MAX);
	for (size_t i = 0; i < table->count; i++) {
		const struct qs_kernel *kernel = table->kernels[i];
		const char *fault = kernel_fault(kernel);

		if (fault)
			return fail(error, status, "%s: kernel %zu of the table, '%.120s', %s", path, i,
				    kernel && kernel->name ? kernel->name : "", fault);
		for (size_t j = 0; j < i; j++)
			if (!strcmp(table->kernels[j]->name, kernel->name))
				return fail(error, status, "%s: two kernels have the name '%s'",
					    path, kernel->name);
	}
	return 0;
}

/* The file is a whole 64-bit ELF object: what the dynamic linker takes on trust. */
static int elf_check(const char *path, enum status status, struct error *error)
{
	FILE *file = fopen(path, "rb");
	Elf64_Ehdr head;
	long size;
	int result = 0;

	if (!file)
		return fail(error, status, "%s: the kernel library cannot be read: %s", path,
			    strerror(errno));
	if (fread(&head, sizeof head, 1, file) != 1 || memcmp(head.e_ident, ELFMAG, SELFMAG) ||
	    head.e_ident[EI_CLASS] != ELFCLASS64 || head.e_type != ET_DYN ||
	    head.e_phentsize != sizeof(Elf64_Phdr) || fseek(file, 0, SEEK_END) ||
	    (size = ftell(file)) < 0 || head.e_phoff > (uint64_t)size ||
	    fseek(file, (long)head.e_phoff, SEEK_SET)) {
		result = fail(error, status, "%s: not a shared object; build it with `cc -shared "
			      "-fPIC`", path);
		goto out;
	}
	for (unsigned i = 0; i < head.e_phnum; i++) {
		Elf64_Phdr part;
		uint64_t end;

		if (fread(&part, sizeof part, 1, file) != 1 ||
		    (part.p_type == PT_LOAD &&
		     (__builtin_add_overflow(part.p_offset, part.p_filesz, &end) ||
		      end > (uint64_t)size))) {
			result = fail(error, status, "%s: the shared object is cut short at %ld bytes; "
				      "build or copy it again", path, size);
			break;
		}
	}
out:
	fclose(file);
	return result;
}

static int library_open(struct libraries *libraries, const char *path, bool ours,
			struct error *error)
{
	const enum status status = ours ? STATUS_MACHINE : STATUS_INPUT;
	const struct env *env = libraries->env;
	const char *slash = strrchr(path, '/');
	struct library library = { 0 };
	qs_library_function *function;

	if (env_grow(env, &libraries->libraries, &libraries->capacity, libraries->count,
		     sizeof library, "the list of kernel libraries", error))
		return -1;
	/* A name without '/' would be looked for in the system's folders. */
	library.path = env_print(env, error, "%s%s", slash ? "" : "./", path);
	if (!library.path || elf_check(library.path, status, error) ||
	    hash_file(library.hash, library.path, error))
		goto failed;
	library.handle = dlopen(library.path, RTLD_NOW | RTLD_LOCAL);
	if (!library.handle) {
		fail(error, status, "%s: the kernel library cannot be loaded: %s", path, dlerror());
		goto failed;
	}
	void *const symbol = dlsym(library.handle, QS_LIBRARY_SYMBOL);
	if (!symbol) {
		fail(error, status, "%s: no symbol '" QS_LIBRARY_SYMBOL "'; a kernel library exports "
		     "it (see kernels/kernel.h)", path);
		goto failed;
	}
	memcpy(&function, &symbol, sizeof function);     /* ISO C has no cast for it */
	library.table = function();
	if (table_check(library.table, path, status, error))
		goto failed;
	library.name = env_copy_text(env, ours ? library.table->name : slash ? slash + 1 : path,
				     error);
	if (!library.name)
		goto failed;
	libraries->libraries[libraries->count++] = library;
	return 0;
failed:
	if (library.handle)
		dlclose(library.handle);
	env_free(env, library.path);
	return -1;
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
			return fail(error, STATUS_MACHINE, "the path in QUANTSWEEP_KERNELS is too long");
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
	return fail(error, STATUS_MACHINE, OUR_FILE " is neither beside the program nor one folder up "
		    "(%s); build it, or set QUANTSWEEP_KERNELS to its path", program);
}

int libraries_open(struct libraries *libraries, const struct env *env, struct error *error)
{
	char path[PATH_MAX];

	*libraries = (struct libraries){ .env = env };
	if (our_path(path, error) || library_open(libraries, path, true, error)) {
		libraries_close(libraries);
		return -1;
	}
	return 0;
}

int libraries_add(struct libraries *libraries, const char *path, struct error *error)
{
	return library_open(libraries, path, false, error);
}

void libraries_close(struct libraries *libraries)
{
	for (size_t i = libraries->count; i-- > 0;) {
		struct library *library = &libraries->libraries[i];

		dlclose(library->handle);
		env_free(libraries->env, library->name);
		env_free(libraries->env, library->path);
	}
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

const struct qs_kernel *kernel_find(const struct libraries *libraries, const char *name,
				    const struct library **library)
{
	for (size_t i = 0; i < libraries->count; i++) {
		const struct qs_library *table = libraries->libraries[i].table;

		for (size_t j = 0; j < table->count; j++) {
			if (strcmp(table->kernels[j]->name, name))
				continue;
			if (library)
				*library = &libraries->libraries[i];
			return table->kernels[j];
		}
	}
	return NULL;
}

static void operand_plain(struct qs_operand *operand, enum qs_type type, int64_t stride,
			  bool scaled)
{
	static const float one = 1;
	int32_t least, most;

	operand->type = type;
	operand->stride = type ? stride : 0;
	if (scaled && type_range(type, &least, &most)) {
		operand->scale = &one;
		operand->scales = 1;
	}
}

void task_plain(struct qs_task *task, const struct qs_kernel *kernel, int64_t m, int64_t n,
		int64_t k)
{
	const bool product = kernel->op == QS_GEMM || kernel->op == QS_CONV2D;
	const bool raw = product && (kernel->y == QS_S32 || kernel->y == QS_S64);

	*task = (struct qs_task){ .op = kernel->op, .m = m, .n = product ? n : 1, .k = k };
	operand_plain(&task->a, kernel->a, k, true);
	operand_plain(&task->w, kernel->w, k, true);
	operand_plain(&task->y, kernel->y, product ? n : k, !raw);
	if (!type_range(kernel->y, &task->low, &task->high)) {
		task->low = INT32_MIN;
		task->high = INT32_MAX;
	}
}

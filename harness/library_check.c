/* SPDX-License-Identifier: MIT */
#include "library_check.h"

#include "library.h"

#include <elf.h>
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

enum { KERNELS_MAX = 4096, PEER_NAME_MAX = 30, TILE_MAX = 1 << 16, OVER_READ_MAX = 1 << 16 };

/* [a-z0-9]+(_[a-z0-9]+)* up to the end of the text. */
static bool is_words(const char *text)
{
	for (; *text; text++) {
		const bool letter =
			(*text >= 'a' && *text <= 'z') || (*text >= '0' && *text <= '9');

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
	if (strlen(name) > KERNEL_NAME_MAX || !isa || isa == name ||
	    strncmp(name, start, (size_t)length))
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
	if (kernel->peer && (!*kernel->peer || strlen(kernel->peer) > PEER_NAME_MAX ||
			     *kernel->peer == '_' || !is_words(kernel->peer)))
		return "names a peer by other than up to 30 letters a-z, digits and single '_'";
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

int library_check_table(const struct qs_library *table, const char *path, enum status status,
			struct error *error)
{
	if (!table)
		return fail(error, status,
			    "%s: " QS_LIBRARY_SYMBOL "() gave NULL, expected a table", path);
	if (table->interface != QS_INTERFACE)
		return fail(error, status,
			    "%s: speaks kernel interface %u, this program speaks %u; "
			    "build the library with this program's kernels/kernel.h",
			    path, table->interface, QS_INTERFACE);
	if (!table->name || !table->kernels || !table->count || table->count > KERNELS_MAX)
		return fail(error, status, "%s: the kernel table has %zu rows, expected a name and "
			    "1 to %d rows", path, table->kernels ? table->count : (size_t)0,
			    KERNELS_MAX);
	for (size_t i = 0; i < table->count; i++) {
		const struct qs_kernel *kernel = table->kernels[i];
		const char *fault = kernel_fault(kernel);

		if (fault)
			return fail(error, status, "%s: kernel %zu of the table, '%.120s', %s",
				    path, i, kernel && kernel->name ? kernel->name : "", fault);
		for (size_t j = 0; j < i; j++)
			if (!strcmp(table->kernels[j]->name, kernel->name))
				return fail(error, status, "%s: two kernels have the name '%s'",
					    path, kernel->name);
	}
	return 0;
}

/* The file is a whole 64-bit ELF object: what the dynamic linker takes on trust. */
int library_check_file(const char *path, enum status status, struct error *error)
{
	struct stat about;
	Elf64_Ehdr head;
	FILE *file;
	long size;
	int result = 0;

	/* a pipe or a device could wait for ever */
	if (!stat(path, &about) && !S_ISREG(about.st_mode))
		return fail(error, status, "%s: not a file, expected a shared object", path);
	file = fopen(path, "rb");
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
			result = fail(error, status,
				      "%s: the shared object is cut short at %ld bytes; "
				      "build or copy it again",
				      path, size);
			break;
		}
	}
out:
	fclose(file);
	return result;
}


/* SPDX-License-Identifier: MIT
 *
 * quantsweep list: every value of every axis, and every kernel.
 */
#include "../axes/tables.h"
#include "../library.h"
#include "../text.h"
#include "command.h"

#include <string.h>

extern const struct command command_list;

enum { KERNELS, MARKDOWN, SCHEMA };

static const struct option options[] = {
	[KERNELS] = { "--kernels", "PATH", "list this kernel library too", true },
	[MARKDOWN] = { "--markdown", NULL, "the axes as Markdown tables, as in the README", false },
	[SCHEMA] = { "--schema", NULL, "the axes as definitions, as in harness/config_schema.json",
		     false },
	{ 0 },
};

static const char kernel_axis[] = "kernel";

static int unknown_axis(const char *name, struct error *error)
{
	const char *names[32];
	size_t count = 0;

	for (const struct axis *axis = axes; axis->name && count < 31; axis++)
		names[count++] = axis->name;
	names[count++] = kernel_axis;
	return fail_unknown(error, nearest_name(name, names, count),
			    "`quantsweep list` prints all of them", "list: unknown axis '%s'",
			    name);
}

/* The names of the features that a kernel or a feature set needs. */
static void print_needs(uint64_t needs)
{
	static const struct {
		uint64_t bit;
		const char *name;
	} features[] = {
		{ QS_CPU_AVX2, "AVX2, FMA, F16C" },
		{ QS_CPU_AVXVNNI, "AVX-VNNI" },
		{ QS_CPU_AVX512BW, "AVX-512 F, BW, DQ, VL" },
		{ QS_CPU_AVX512VNNI, "AVX-512 VNNI" },
		{ QS_CPU_AVX512BF16, "AVX-512 BF16" },
		{ QS_CPU_NEON, "NEON" },
		{ QS_CPU_NEONDOT, "dot product" },
	};
	const char *separator = "";

	for (size_t i = 0; i < sizeof features / sizeof *features; i++)
		if (needs & features[i].bit) {
			printf("%s%s", separator, features[i].name);
			separator = ", ";
		}
	printf("%s", *separator ? "" : "plain C");
}

static void print_kernels(const struct libraries *libraries)
{
	printf("%s: what can be timed; a config names them by `best`, an ISA, a library, or a "
	       "glob\n",
	       kernel_axis);
	for (size_t i = 0; i < libraries->count; i++) {
		const struct library *library = &libraries->libraries[i];

		for (size_t j = 0; j < library->table->count; j++) {
			const struct qs_kernel *kernel = library->table->kernels[j];

			printf("  %-34s %-11s needs ", kernel->name,
			       library_of_kernel(library, kernel));
			print_needs(kernel->needs);
			printf("%s\n", kernel->needs & ~libraries->env->cpu
					       ? "; this CPU does not run it"
					       : "; this CPU runs it");
		}
	}
	if (*libraries->no_peers)
		printf("  no peers: %s\n", libraries->no_peers);
}

static void print_machine(const struct env *env)
{
	printf("  this CPU runs:");
	for (const struct value *const *value = isa_values; *value; value++)
		if (!(((const struct isa *)*value)->features & ~env->cpu))
			printf(" %s", (*value)->name);
	putchar('\n');
}

static void print_axis(const struct env *env, const struct axis *axis)
{
	axis_print(stdout, axis);
	if (axis->values == isa_values)
		print_machine(env);
}

typedef void axis_printer(FILE *out, const struct axis *axis);

static int list_for_file(axis_printer *print, const char *name, struct error *error)
{
	if (name && !axis_find(name))
		return unknown_axis(name, error);
	for (const struct axis *axis = axes; axis->name; axis++)
		if (!name || axis == axis_find(name))
			print(stdout, axis);
	return 0;
}

static int list(struct libraries *libraries, const char *name, struct error *error)
{
	if ((!name || !strcmp(name, kernel_axis)) && libraries_add_peers(libraries, error))
		return -1;
	if (name && !strcmp(name, kernel_axis)) {
		print_kernels(libraries);
		return 0;
	}
	if (name && !axis_find(name))
		return unknown_axis(name, error);
	if (name) {
		print_axis(libraries->env, axis_find(name));
		return 0;
	}
	for (const struct axis *axis = axes; axis->name; axis++) {
		print_axis(libraries->env, axis);
		putchar('\n');
	}
	print_kernels(libraries);
	return 0;
}

static int run(const struct env *env, int argc, char **argv, struct error *error)
{
	struct option_walk walk = { .command = &command_list, .argc = argc, .argv = argv };
	struct libraries libraries;
	const char *value, *name = NULL;
	axis_printer *print = NULL;
	int option, result = 0;

	if (libraries_open(&libraries, env, error))
		return -1;
	while (!result && (option = option_next(&walk, &value, error)) != OPTION_END) {
		if (option == KERNELS)
			result = libraries_add(&libraries, value, error);
		else if (option == MARKDOWN)
			print = axis_print_markdown;
		else if (option == SCHEMA)
			print = axis_print_schema;
		else if (option == OPTION_WORD)
			result = option_word(&command_list, "axis", &name, value, error);
		else
			result = -1;
	}
	if (!result)
		result = print ? list_for_file(print, name, error) : list(&libraries, name, error);
	libraries_close(&libraries);
	return result;
}

const struct command command_list = {
	.name = "list",
	.synopsis = "[AXIS] [OPTION ...]",
	.summary = "every value of every axis, with one line of help and its source",
	.options = options,
	.notes = "AXIS is a key of a config (scheme, calibration, ...), or op, synthetic, reader, "
		 "isa,\n"
		 "limit, kernel; without it, all of them.",
	.run = run,
};

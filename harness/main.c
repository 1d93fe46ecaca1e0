/* SPDX-License-Identifier: MIT
 *
 * The one place that prints an error and exits.
 */
#include "commands/command.h"

#include "text.h"
#include "version.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>

static void print_help(void)
{
	printf("quantsweep %s: which quantization to ship, what it costs in accuracy, what it "
	       "gains in "
	       "speed\n\nusage: quantsweep COMMAND [OPTION ...]\n\n",
	       version_number);
	for (const struct command *const *c = commands; *c; c++)
		if (!(*c)->hidden)
			printf("  %-10s %s\n", (*c)->name, (*c)->summary);
	printf("\n`quantsweep COMMAND --help` says more of a command.\n"
	       "exit status: 0 done, 1 a regression, a failed check or a failed cell, 2 wrong "
	       "usage, "
	       "config or\ninput file, 3 inconclusive, 4 trouble with the machine (disk, database, "
	       "missing tool)\n");
}

static void print_command_help(const struct command *command)
{
	printf("usage: quantsweep %s %s\n\n%s\n", command->name, command->synopsis,
	       command->summary);
	printf("\noptions:\n");
	for (const struct option *o = command->options; o && o->name; o++) {
		char left[64];

		snprintf(left, sizeof left, "%s%s%s", o->name, o->argument ? " " : "",
			 o->argument ? o->argument : "");
		printf("  %-22s %s%s\n", left, o->help, o->many ? " (may be repeated)" : "");
	}
	printf("  %-22s %s\n", "--help", "this text");
	if (command->notes)
		printf("\n%s\n", command->notes);
}

static int unknown_command(const char *name, struct error *error)
{
	const char *names[32];
	size_t count = 0;

	for (const struct command *const *c = commands; *c && count < 32; c++)
		if (!(*c)->hidden)
			names[count++] = (*c)->name;
	return fail_unknown(error, nearest_name(name, names, count),
			    "`quantsweep --help` lists the commands", "unknown command '%s'", name);
}

static bool asks_for_help(int argc, char **argv)
{
	for (int i = 1; i < argc && strcmp(argv[i], "--"); i++)
		if (!strcmp(argv[i], "--help") || !strcmp(argv[i], "-h"))
			return true;
	return false;
}

static int run_command(int argc, char **argv, struct error *error)
{
	const struct env env = env_system();

	if (argc < 2)
		return fail(error, STATUS_INPUT,
			    "no command was given; `quantsweep --help` lists them");
	if (!strcmp(argv[1], "--help") || !strcmp(argv[1], "-h") || !strcmp(argv[1], "help")) {
		print_help();
		return 0;
	}
	if (!strcmp(argv[1], "--version")) {
		printf("quantsweep %s (%s, %s)\n", version_number, version_compiler, version_build);
		return 0;
	}
	for (const struct command *const *c = commands; *c; c++) {
		if (strcmp((*c)->name, argv[1]))
			continue;
		if (asks_for_help(argc - 1, argv + 1)) {
			print_command_help(*c);
			return 0;
		}
		return (*c)->run(&env, argc - 1, argv + 1, error);
	}
	return unknown_command(argv[1], error);
}

/* A standard stream that is closed would give its number to the next file that is opened, and what
 * is printed would go into that.  What takes its place fails as a closed one does. */
static void hold_standard_streams(void)
{
	for (int number = 0; number < 3; number++)
		if (fcntl(number, F_GETFD) < 0 &&
		    open("/dev/null", number ? O_RDONLY : O_WRONLY) != number)
			return;
}

int main(int argc, char **argv)
{
	struct error error = { 0 };
	enum status status = STATUS_DONE;

	hold_standard_streams();
	if (run_command(argc, argv, &error))
		status = error.status;
	else
		error = (struct error){ 0 }; /* of a first try that a second made good */
	if (fflush(stdout) || ferror(stdout)) {
		status = status_worse(status, STATUS_MACHINE);
		if (!*error.text)
			fail(&error, STATUS_MACHINE,
			     "writing to standard output failed; is the disk full?");
	}
	if (*error.text)
		fprintf(stderr, "quantsweep: %s\n", error.text);
	return (int)status;
}

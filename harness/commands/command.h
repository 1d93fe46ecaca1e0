/* SPDX-License-Identifier: MIT
 *
 * One table of commands; each is one file of this folder with one const struct.  main looks the
 * name up, gives it the arguments, prints the error's sentence and exits with the status.
 */
#ifndef QS_COMMAND_H
#define QS_COMMAND_H

#include "../env.h"

#include <stdbool.h>

struct option {
	const char *name;       /* "--jobs"                                              */
	/* "N"; NULL: a flag; "[=BOOL]": it may be left out, and is given as --name=BOOL alone */
	const char *argument;
	const char *help;       /* one line                                              */
	bool many;              /* may be repeated                                       */
};

struct command {
	const char *name, *synopsis, *summary;
	const struct option *options;    /* ended by a NULL name; --help is always there */
	const char *notes;      /* further lines of --help; may be NULL                  */
	bool hidden;            /* not in `quantsweep --help`                            */
	/* argv[0] is the command's name.  Returns 0 or -1 with *error; a command that did its work
	 * and found something (a regression, a failed cell) fills *error with STATUS_FAILED. */
	int (*run)(const struct env *env, int argc, char **argv, struct error *error);
};

extern const struct command *const commands[];   /* ended by NULL, in the order of --help */

/* Walks argv by the command's option table.  Each call gives the next option (its index in
 * `options`, *value its argument) or OPTION_WORD (a word that is no option, in *value),
 * OPTION_END or OPTION_WRONG with *error (unknown option with the nearest known one, a missing
 * argument, an option given twice that may not be).  "--name=value" is understood; "--" ends
 * options. */
enum { OPTION_END = -1, OPTION_WORD = -2, OPTION_WRONG = -3 };
struct option_walk {
	const struct command *command;
	int argc;
	char **argv;
	int next;
	bool words_only;
	unsigned long long seen;
};
int option_next(struct option_walk *walk, const char **value, struct error *error);
/* Keeps a word in *place; a second one is an error.  what: "database". */
int option_word(const struct command *command, const char *what, const char **place,
		const char *value, struct error *error);
/* A whole number in [least, most]; the sentence names the option. */
int option_whole(const char *name, const char *value, long long least, long long most,
		 long long *out, struct error *error);
/* The words as a shell would take them back, for the caller to free. */
char *command_as_typed(const struct env *env, int argc, char **argv, struct error *error);
/* Applies --isa NAME to env->cpu. */
int option_isa(struct env *env, const char *name, struct error *error);

#endif

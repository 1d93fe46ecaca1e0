/* SPDX-License-Identifier: MIT
 *
 * What the speed gate found, one row a bench, worst first, for a person and for a CI.
 */
#ifndef QS_SPEED_REPORT_H
#define QS_SPEED_REPORT_H

#include "accepted.h"
#include "decision.h"

#include <stdio.h>

enum speed_word {               /* worst first                                           */
	WORD_REGRESSED,         /* two decisions say so: fails                           */
	WORD_WRONG,             /* the new kernel fails its check or dies: fails, no speed */
	WORD_INCONCLUSIVE,
	WORD_ACCEPTED,          /* slower, within what accepted.csv allows               */
	WORD_GONE,              /* the old library alone has it                          */
	WORD_NEW,               /* the new library alone has it, or it alone is right    */
	WORD_IMPROVED,
	WORD_UNCHANGED,
	WORD_REFUSED,           /* stored times that cannot be compared: see floors.h    */
	SPEED_WORDS
};

struct speed_row {
	enum speed_word word;
	const char *cell_key, *race;     /* of the new kernel; NULL of GONE              */
	char *label;            /* "TASK | KERNEL t1 b1 warm"; of GONE the kernel's name  */
	const char *kernel;
	char *kernel_copy;      /* NULL, or `kernel` where nobody else keeps it           */
	char *task;             /* "gemm:64x512x512 u8s8s32"; NULL of GONE               */
	int launches[2];        /* of the two decisions                                  */
	/* of the decision that counts, where it has launches: the log of how many times as long the
	 * new kernel takes; ns of a call, the median over launches of the medians */
	struct center effect;   /* of stored times without an interval: NaN              */
	double old_ns, new_ns;
	double seconds;         /* of all its launches                                   */
	const struct accepted_entry *accepted;   /* NULL: there is no entry              */
	char note[400];         /* what else to say; "": nothing                         */
	char *again;            /* the command that repeats it alone; NULL: there is none */
};

struct speed_report {
	size_t count;
	struct speed_row *rows;
	size_t words[SPEED_WORDS];       /* rows of each                                 */
	/* As they were given; of stored times the new and the old file. */
	const char *config, *library;
	const char *old_hash, *new_hash, *run_id;        /* NULL of stored times         */
	double max_regress;     /* fraction                                              */
	int handicap;           /* per mille                                             */
	double seconds;
	size_t launches;
	char warning[400];      /* "": none                                              */
	const struct accepted *accepted;         /* NULL: no file was given              */
	const char *accepted_path;
};

/* "regressed". */
const char *speed_word_name(enum speed_word word);
bool speed_word_fails(enum speed_word word);
bool speed_row_is_measured(const struct speed_row *row);
/* exp(r) - 1, in percent. */
double speed_percent(double r);
/* Worst first; counts the words. */
void speed_report_sort(struct speed_report *report);
/* "31 benches: 1 regressed, 30 unchanged". */
int speed_count_words(char *out, size_t size, const struct speed_report *report);
/* "123.4 us". */
int speed_print_time(char *out, size_t size, double ns);

void speed_print_text(FILE *out, const struct speed_report *report);
/* For a comment on a pull request: what failed or changed as a table, the rest folded. */
void speed_print_markdown(FILE *out, const struct speed_report *report);
/* One test case a bench; NEW, GONE and INCONCLUSIVE are skipped ones. */
void speed_print_junit(FILE *out, const struct speed_report *report);
/* One object; README, "Gate", says what it holds. */
void speed_print_json(FILE *out, const struct speed_report *report);

#endif

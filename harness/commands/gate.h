/* SPDX-License-Identifier: MIT
 *
 * What `quantsweep gate` was asked, and its ways to answer.
 */
#ifndef QS_COMMAND_GATE_H
#define QS_COMMAND_GATE_H

#include "../gate/speed_report.h"
#include "../progress.h"
#include "study.h"

enum gate_mode { GATE_BASELINE, GATE_REMAKE, GATE_AGAINST, GATE_STORED, GATE_MODES };

struct gate_request {
	enum gate_mode mode;
	const char *subject;    /* the mode's argument: a baseline, a library, a database */
	const char *word;       /* the word that is no option: a database or a config     */
	double tolerance;
	struct study_request study;      /* of AGAINST; its env is that of all modes     */
	double max_regress;     /* fraction                                              */
	double budget_s;        /* 0: none                                               */
	bool inconclusive_fails;
	const char *accepted;   /* NULL: not given                                       */
	int handicap;           /* per mille; 0: none                                    */
	const char *markdown, *junit, *json;     /* files; NULL: not asked for           */
	enum progress_mode progress;
	char *command;          /* as typed                                              */
};

/* --baseline and --remake. */
int gate_baseline(const struct gate_request *request, const struct env *env, struct error *error);
/* --against: the speed of two libraries. */
int gate_against(const struct gate_request *request, struct error *error);

/* --stored: times of two result files. */
int gate_stored(const struct gate_request *request, const struct env *env, struct error *error);

/* The text on standard output, the files that were asked for, and the status as an error where
 * something failed. */
int gate_conclude(const struct gate_request *request, const struct env *env,
		  const struct speed_report *report, struct error *error);

#endif

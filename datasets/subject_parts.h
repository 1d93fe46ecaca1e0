/* SPDX-License-Identifier: MIT
 *
 * What subject.c and subject_network.c share.
 */
#ifndef QS_SUBJECT_PARTS_H
#define QS_SUBJECT_PARTS_H

#include "subject.h"

struct opening {                /* what subjects_open carries about                      */
	struct subjects *subjects;
	const char *data;
	struct error *error;
};

/* Takes the subject over, also on failure. */
int subject_add(struct opening *opening, struct subject *subject);

/* A subject for each pair of calibration and evaluation. */
int subject_open_network(struct opening *opening, const struct subject_spec *spec);
/* The networks of files and the data that have been opened. */
void subjects_close_networks(struct subjects *subjects);
int subject_network_hash(char key[KEY_SIZE], const struct subject *subject, const struct env *env,
			 struct error *error);

#endif

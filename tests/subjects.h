/* SPDX-License-Identifier: MIT
 *
 * Subjects of specs, opened and hashed, for tests.
 */
#ifndef QS_TEST_SUBJECTS_H
#define QS_TEST_SUBJECTS_H

#include "support.h"

#include "../datasets/subject.h"

static struct env env;

static inline int set_env(void **state)
{
	(void)state;
	env = env_system();
	return 0;
}

static inline int open_specs(struct subjects *subjects, struct subject_spec *specs, size_t count,
			     struct error *error)
{
	struct config config = { .env = &env, .path = (char *)"c.json", .subject_count = count,
				 .subjects = specs };

	return subjects_open(subjects, &config, scratch_dir(), error);
}

static inline void hash_subject(char key[KEY_SIZE], struct subject_spec spec)
{
	struct subjects subjects;
	struct error error;

	assert_int_equal(open_specs(&subjects, &spec, 1, &error), 0);
	assert_int_equal(subject_hash(key, subjects.subjects, &env, &error), 0);
	subjects_free(&subjects);
}

#endif

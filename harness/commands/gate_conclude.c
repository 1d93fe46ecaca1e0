/* SPDX-License-Identifier: MIT
 *
 * The end of a speed gate: what it found, in each form that was asked for, and the exit status.
 */
#include "gate.h"

#include "../files.h"

static int write_report(const struct env *env, const char *path, const struct speed_report *report,
			void (*print)(FILE *, const struct speed_report *), struct error *error)
{
	struct new_file file;

	if (!path)
		return 0;
	if (folders_make(env, path, error) || file_begin(&file, env, path, error))
		return -1;
	print(file.out, report);
	return file_end(&file, error);
}

static int judge(const struct gate_request *request, const struct speed_report *report,
		 struct error *error)
{
	const size_t regressed = report->words[WORD_REGRESSED], wrong = report->words[WORD_WRONG],
		     inconclusive = report->words[WORD_INCONCLUSIVE];

	if (regressed || wrong)
		return fail(error, STATUS_FAILED,
			    "%zu of %zu benches are more than %g %% slower than those of %s, and "
			    "%zu are "
			    "wrong",
			    regressed, report->count, 100 * report->max_regress, report->library,
			    wrong);
	if (inconclusive && request->inconclusive_fails)
		return fail(error, STATUS_INCONCLUSIVE, "%zu of %zu benches are inconclusive",
			    inconclusive, report->count);
	return 0;
}

int gate_conclude(const struct gate_request *request, const struct env *env,
		  const struct speed_report *report, struct error *error)
{
	speed_print_text(stdout, report);
	if (write_report(env, request->markdown, report, speed_print_markdown, error) ||
	    write_report(env, request->junit, report, speed_print_junit, error) ||
	    write_report(env, request->json, report, speed_print_json, error))
		return -1;
	return judge(request, report, error);
}

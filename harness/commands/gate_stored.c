/* SPDX-License-Identifier: MIT
 *
 * gate --stored: times of two result files, where nothing can be run again.
 */
#include "gate.h"

#include "../gate/floors.h"

#include <unistd.h>

static size_t second_level_bytes(void)
{
	const long bytes = sysconf(_SC_LEVEL2_CACHE_SIZE);

	return bytes > 0 ? (size_t)bytes : 0;
}

/* Where nothing can be told the user must hear it: a silent pass would look like a check. */
static void warn_unjudged(struct speed_report *report)
{
	const size_t judged = report->count - report->words[WORD_REFUSED] -
			      report->words[WORD_NEW] - report->words[WORD_GONE];

	if (!judged)
		snprintf(report->warning, sizeof report->warning,
			 "nothing could be judged; `quantsweep gate --against` runs the older "
			 "library again, which always can");
}

int gate_stored(const struct gate_request *request, const struct env *env, struct error *error)
{
	struct store *old = NULL, *new = NULL;
	struct machine machine;
	struct speed_report report = { .config = request->word,
				       .library = request->subject,
				       .max_regress = request->max_regress };
	int failed = machine_read(&machine, env, error) ||
		     store_open_read(&old, env, request->subject, error) ||
		     store_open_read(&new, env, request->word, error);
	const struct floor_conditions conditions = { .machine = machine.id,
						     .cache_bytes = second_level_bytes() };

	if (!failed)
		failed = floors_compare(&report, env, old, new, &conditions, error);
	if (!failed) {
		warn_unjudged(&report);
		failed = gate_conclude(request, env, &report, error);
		floors_free(&report, env);
	}
	store_close(old);
	store_close(new);
	return failed ? -1 : 0;
}

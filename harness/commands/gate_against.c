/* SPDX-License-Identifier: MIT
 *
 * gate --against: our kernels in turn with an older library's, launch by launch, until each is
 * decided.
 */
#include "gate_benches.h"

#include "../fixed_math.h"
#include "../random.h"

#include <string.h>
#include <sys/stat.h>

enum { SEED_USUAL = 1, TRIES = 2 };

static volatile sig_atomic_t interrupted;

static void on_interrupt(int number)
{
	(void)number;
	interrupted = 1;
}

struct against {
	const struct gate_request *request;
	struct study study;
	struct libraries old;
	struct accepted accepted;
	struct gate_benches benches;
	struct speed_report report;
	struct decision_rule rule;
	struct progress progress;
	struct store *store;
	uint64_t seed, start;
	double spent;    /* seconds in launches                                   */
	const char *now; /* the label of the last launch                          */
};

static double seconds_since(const struct env *env, uint64_t start)
{
	return (double)(env->now_ns(env) - start) * 1e-9;
}

/* Every launch has operands and coins of its own. */
static uint64_t seed_of(const struct against *against, size_t bench, int decision, int launch,
			int attempt)
{
	const uint64_t index = (uint64_t)((attempt * 2 + decision) * LAUNCHES_MOST + launch);
	const struct random4 random = random_at(against->seed, 1 + bench, index);

	return (uint64_t)random.word[0] << 32 | random.word[1];
}

/* A worker that died is started once more, because somebody else may have killed it. */
static int launch_pair(struct against *against, size_t bench, int decision, int launch,
		       struct duel_launch *found, struct error *error)
{
	const struct gate_pair *pair = &against->benches.pairs[bench];
	struct race_options options = { .stop = &interrupted };

	for (int attempt = 0; attempt < TRIES; attempt++) {
		options.seed = seed_of(against, bench, decision, launch, attempt);
		if (duel_launch(against->study.env, &pair->task, &options, found, error))
			return -1;
		if (!*found->trouble || found->verdict != VERDICT_NOT_RUN)
			break;
	}
	return 0;
}

static int store_launch(const struct against *against, const struct gate_pair *pair, int decision,
			int launch, const struct duel_launch *found, struct error *error)
{
	const struct stored_duel duel = {
		.cell_key = pair->cell->key,
		.old_hash = against->report.old_hash,
		.new_hash = against->report.new_hash,
		.decision = decision,
		.launch = launch,
		.handicap = against->request->handicap,
		.started = seconds_since(against->study.env, against->start) - found->seconds,
		.launched = found,
	};

	return store_put_duel(against->store, &duel, error);
}

static int launch_bench(void *self, size_t bench, int decision, int launch, double *r,
			char trouble[256], struct error *error)
{
	struct against *against = self;
	struct gate_pair *pair = &against->benches.pairs[bench];
	struct duel_launch found;

	against->now = pair->cell->label;
	progress_show(&against->progress, against->now);
	if (launch_pair(against, bench, decision, launch, &found, error))
		return -1;
	if (!*found.trouble && store_launch(against, pair, decision, launch, &found, error))
		return -1;
	against->report.launches++;
	against->spent += found.seconds;
	pair->seconds += found.seconds;
	pair->launches++;
	*r = found.result.r;
	pair->old_ns[decision][launch] = found.result.a.median_ns;
	pair->new_ns[decision][launch] = found.result.b.median_ns;
	pair->blame = found.blame;
	pair->verdict = found.verdict;
	memcpy(trouble, found.trouble, sizeof found.trouble);
	return 0;
}

/* Seconds that the open benches still take, if each is decided at its next look. */
static double seconds_left(const struct against *against, int which)
{
	const struct gate_benches *benches = &against->benches;
	double left = 0;

	for (size_t i = 0; i < benches->count; i++) {
		const struct speed_bench *bench = &benches->speed[i];
		const struct decision *decision = &bench->decisions[which];
		const struct gate_pair *pair = &benches->pairs[i];

		if (*bench->trouble || decision->verdict != SPEED_OPEN ||
		    (which && bench->decisions[0].verdict != SPEED_REGRESSED))
			continue;
		left += (decision_next_look(decision) - decision->count) *
			(pair->launches ? pair->seconds / pair->launches
					: against->spent / (double)against->report.launches);
	}
	return left;
}

static void tell(void *self, size_t open, int decision)
{
	struct against *against = self;

	progress_set(&against->progress, against->spent, seconds_left(against, decision),
		     against->benches.count - open, against->now);
}

/* Asked before anything is timed: a share of the units that is no whole number. */
static int check_handicap(const struct against *against, struct error *error)
{
	const int handicap = against->request->handicap;

	for (size_t i = 0; handicap && i < against->benches.count; i++) {
		const struct gate_pair *pair = &against->benches.pairs[i];
		const struct race_options options = { .seed = against->seed, .stop = &interrupted };
		struct duel_task task = pair->task;
		struct duel_launch found;

		task.only_check = true;
		if (duel_launch(against->study.env, &task, &options, &found, error))
			return -1;
		if (found.units % 1000 && found.units * handicap % 1000)
			return fail(
				error, STATUS_INPUT,
				"--handicap %d: '%s' has %lld units, and %d per mille of them is "
				"no whole number; choose P so that units times P is a multiple "
				"of 1000",
				handicap, pair->cell->label, (long long)found.units, handicap);
	}
	return 0;
}

/* dlopen would give one handle for both. */
static int check_two_files(const struct against *against, struct error *error)
{
	const char *ours = against->study.libraries.libraries[0].path;
	const char *path = against->request->subject;
	struct stat a, b;

	if (stat(ours, &a) || stat(path, &b) || a.st_dev != b.st_dev || a.st_ino != b.st_ino)
		return 0;
	return fail(error, STATUS_INPUT,
		    "--against '%s': is the very file that is gated; give an older library, or a "
		    "copy of this one (cp) to see what the gate says of equal code",
		    path);
}

static int open_benches(struct against *against, struct error *error)
{
	const struct gate_request *request = against->request;
	struct speed_report *report = &against->report;
	struct accepted *accepted = NULL;

	if (request->accepted) {
		if (accepted_read(&against->accepted, against->study.env, request->accepted, error))
			return -1;
		accepted = &against->accepted;
	}
	if (check_two_files(against, error) ||
	    libraries_add(&against->old, request->subject, error) ||
	    gate_benches_make(&against->benches, report, request, &against->study.plan,
			      &against->old.libraries[0], accepted, error))
		return -1;
	report->accepted = accepted;
	report->accepted_path = request->accepted;
	report->old_hash = against->old.libraries[0].hash;
	report->new_hash = against->study.libraries.libraries[0].hash;
	if (report->count)
		return 0;
	return fail(error, STATUS_INPUT,
		    "%s: plans no kernel of ours with one thread and a warm cache, so there is "
		    "nothing to gate; `quantsweep plan %s --cells` prints what it plans",
		    request->word, request->word);
}

static int decide(struct against *against, struct error *error)
{
	const struct env *env = against->study.env;
	const struct speed_options options = { .rule = against->rule,
					       .seed = against->seed,
					       .budget_s = against->request->budget_s,
					       .launch = launch_bench,
					       .tell = tell,
					       .self = against };
	int failed;

	progress_start(&against->progress, env, against->request->progress, stderr, 0,
		       against->benches.count);
	failed = speed_decide(env, against->benches.speed, against->benches.count, &options, error);
	progress_end(&against->progress);
	return failed;
}

static int begin_run(struct against *against, struct error *error)
{
	const struct gate_request *request = against->request;
	const struct study *study = &against->study;
	const struct run_info info = { .machine = &study->machine,
				       .config_path = request->word,
				       .config_text = study->config.text,
				       .command = request->command,
				       .data = request->study.data,
				       .jobs = 1,
				       .isa = request->study.isa };

	if (store_open(&against->store, study->env, study->path, error) ||
	    store_begin_gate(against->store, &info, &study->plan, against->benches.cells,
			     against->benches.cell_count, error))
		return -1;
	against->report.run_id = store_run_id(against->store);
	return 0;
}

/* Ends the run also where it was cut short; the first trouble is what is told. */
static int end_run(struct against *against, int failed, struct error *error)
{
	const double seconds = seconds_since(against->study.env, against->start);
	const struct run_totals totals = { .seconds = seconds,
					   .race_seconds = against->spent,
					   .interrupted = failed };
	struct error second;

	against->report.seconds = seconds;
	return store_end_run(against->store, &totals, failed ? &second : error) || failed ? -1 : 0;
}

static int store_verdicts(const struct against *against, struct error *error)
{
	int failed = 0;

	for (size_t i = 0; i < against->report.count && !failed; i++) {
		struct stored_verdict verdict;

		gate_row_stored(&verdict, &against->report, &against->report.rows[i]);
		failed = store_put_verdict(against->store, &verdict, error);
	}
	return failed;
}

static int time_all(struct against *against, struct error *error)
{
	int failed;

	if (open_benches(against, error) || check_handicap(against, error) ||
	    begin_run(against, error))
		return -1;
	failed = decide(against, error);
	if (!failed) {
		gate_benches_finish(&against->benches, &against->rule);
		speed_report_sort(&against->report);
		failed = store_verdicts(against, error);
	}
	if (end_run(against, failed, error)) {
		if (error->status == STATUS_INTERRUPTED)
			fail(error, STATUS_INTERRUPTED,
			     "interrupted after %zu launches, which are stored in %s; nothing was "
			     "decided",
			     against->report.launches, against->study.path);
		return -1;
	}
	return gate_conclude(against->request, against->study.env, &against->report, error);
}

static int open_study(struct against *against, struct error *error)
{
	const struct gate_request *request = against->request;
	uint32_t interface;

	if (study_open(&against->study, &request->study, error) ||
	    library_interface(against->study.env, request->subject, &interface, error))
		return -1;
	against->old.env = against->study.env;
	against->start = against->study.env->now_ns(against->study.env);
	if (interface == QS_INTERFACE)
		return time_all(against, error);
	snprintf(against->report.warning, sizeof against->report.warning,
		 "the interface differs: %.200s speaks kernel interface %u, ours %u; their speeds "
		 "are not comparable",
		 request->subject, interface, QS_INTERFACE);
	return gate_conclude(request, against->study.env, &against->report, error);
}

int gate_against(const struct gate_request *request, struct error *error)
{
	const struct sigaction action = { .sa_handler = on_interrupt };
	struct against against = {
		.request = request,
		.rule = { .tau_fail = fixed_log(1 + request->max_regress),
			  .tau_pass = fixed_log(1 + 1.5 * request->max_regress) },
		.seed = request->study.has_seed ? request->study.seed : SEED_USUAL,
		.report = { .config = request->word,
			    .library = request->subject,
			    .max_regress = request->max_regress,
			    .handicap = request->handicap },
	};
	int failed;

	sigaction(SIGINT, &action, NULL);
	sigaction(SIGTERM, &action, NULL);
	failed = open_study(&against, error);
	store_close(against.store);
	gate_benches_free(&against.benches, &against.report);
	accepted_free(&against.accepted);
	if (against.old.env)
		libraries_close(&against.old);
	if (against.study.env)
		study_close(&against.study);
	return failed;
}

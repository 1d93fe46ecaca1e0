/* SPDX-License-Identifier: MIT
 *
 * quantsweep show: the rows of a view, for a person or for another program.
 */
#include "command.h"
#include "show.h"

#include <string.h>

extern const struct command command_show;

static const struct option options[] = {
	{ "--view", "NAME", "which rows (default choice)", false },
	{ "--where", "FILTER", "only rows that match: COLUMN=GLOB,COLUMN>=NUMBER,...", true },
	{ "--sort", "COLUMN", "in this order; COLUMN:desc turns it round", false },
	{ "--limit", "N", "at most N rows", false },
	{ "--csv", NULL, "every column with every digit, as RFC 4180 says", false },
	{ "--json", NULL, "the same as a JSON array of objects", false },
	{ 0 }
};
enum { VIEW, WHERE, SORT, LIMIT, CSV, JSON };

/* What a person reads: a rule's five words are one, a unit stands in the header, the rest is in the
 * label of the command. */
#define RULE(operand)                                                                              \
	"CASE WHEN " operand "_scheme IS NULL THEN " operand "_format ELSE " operand               \
	"_format || " operand "_bits || '.' || " operand "_scheme || '.' || " operand              \
	"_scale || '.' || " operand "_granularity || '.' || " operand "_calibration END"
/* rounding apart, all that a recipe says */
#define RECIPE                                                                                     \
	RULE("weight") " AS weights, " RULE("activation") " || coalesce('.' || activation_range, " \
	"'') AS activations, requantization, policy"
#define ERROR_RULE                                                                                 \
	"CASE WHEN scheme IS NULL THEN format ELSE format || bits || '.' || scheme || '.' "        \
	"|| scale || '.' || granularity || '.' || calibration END"

static const struct view_words {
	const char *view;
	const char *columns; /* of the table; NULL: all */
	const char *order;   /* unless --sort says otherwise */
	bool again;          /* choice_label, config, data, config_name make a command */
} views[] = {
	{ "choice",
	  "subject, " RECIPE ", rounding, kernel, bytes, sqnr_db AS \"sqnr [dB]\", mse, "
	  "coalesce(value_integer, value_simulated) AS value, median_ns AS \"median [ns]\", "
	  "speedup_over_float AS \"speedup\"",
	  "subject, bytes, sqnr_db DESC, label", true },
	{ "error",
	  "subject, tensor, " ERROR_RULE " AS rule, rounding, bytes, mse, "
	  "rmse_over_step AS \"rmse/step\", sqnr_db AS \"sqnr [dB]\", max_abs, saturated_fraction "
	  "AS saturated, "
	  "zero_fraction AS zeroed",
	  "label, tensor", true },
	{ "drift",
	  "subject, " RECIPE ", layer, operation, isolated_sqnr_db AS \"isolated [dB]\", "
	  "cumulative_sqnr_db AS \"cumulative [dB]\", integer_sqnr_db AS \"integer [dB]\", "
	  "cumulative_relative_rmse AS \"relative rmse\", "
	  "activation_saturated_fraction AS saturated, step_gap_local AS \"local gap [steps]\", "
	  "step_gap AS \"gap [steps]\", differing_fraction AS differing",
	  "label, layer_index", true },
	{ "task",
	  "coalesce(subject, label) AS subject, " RECIPE ", metric, execution, samples, "
	  "value, lost, gained, difference, low, high, "
	  "CASE told_apart WHEN 0 THEN 'no' WHEN 1 THEN 'yes' END AS \"told apart\"",
	  "network, evaluation_samples, evaluation_seed, execution = 'float' DESC, label, "
	  "execution",
	  true },
	{ "sensitivity",
	  "subject, " RECIPE ", part, rank, layer, operation, "
	  "only_sqnr_db AS \"alone [dB]\", only_metric AS \"alone\", "
	  "only_lost_points AS \"loses [points]\", quantized_sqnr_db AS \"all [dB]\", "
	  "quantized_metric AS \"all\", spared_gained_db AS \"spared gains [dB]\", "
	  "spared_gained_points AS \"spared gains [points]\", metric, samples",
	  "label, part <> 'both', part, rank", true },
	{ "network",
	  "label, metric, samples, bytes, integer_macs AS \"integer macs\", "
	  "float_macs AS \"float macs\", integer_hash AS \"hash of integer outputs\", "
	  "no_integer AS \"no integer run\"",
	  "label", true },
	{ "verdict",
	  "subject, layer, rule, severity, value, threshold, sentence, place",
	  "label, place, layer_place", true },
	{ "ranges",
	  "subject, activation_bits AS bits, activation_scheme AS scheme, activation_calibration "
	  "AS calibration, layer, range_low AS low, range_high AS high, step, calibrated_low AS "
	  "\"calibrated from\", calibrated_high AS \"to\", calibrated_bulk AS \"99.9 % within\", "
	  "seen_low AS \"seen from\", seen_high AS \"to\", saturated_fraction AS saturated, "
	  "channel_spread AS \"channels apart\"",
	  "label, layer_index", true },
	{ "calibration",
	  "CASE scope WHEN 'all' THEN 'all' WHEN 'bits' THEN bits || ' bits' ELSE subject || ' ' "
	  "|| tensor END AS \"where\", format || bits || '.' || scheme || '.' || scale || '.' || "
	  "granularity || coalesce('.' || range, '') || ' ' || rounding AS rule, judged_by AS "
	  "\"judged by\", calibration || iif(order_dependent, ' *', '') AS calibration, wins, "
	  "places, sqnr_db AS \"sqnr [dB]\", behind_db AS \"behind [dB]\", worst_behind_db AS "
	  "\"worst [dB]\", runner_up AS \"next\", margin_db AS \"next behind [dB]\", "
	  "minmax_behind_db AS \"minmax behind [dB]\"",
	  "scope = 'place', scope = 'bits', judged_by DESC, iif(scope = 'bits', bits, 0), "
	  "iif(scope = 'place', 0, -wins), behind_db, subject, tensor, bits, label",
	  true },
	{ "throughput",
	  "race, kernel, verdict, launches, median_ns AS \"median [ns]\", spread, "
	  "gops AS \"Gop/s\", gbytes_per_s AS \"GB/s\", ratio_to_reference AS \"x reference\", "
	  "ratio_to_float AS \"x float\"",
	  "race, median_ns IS NULL, median_ns, kernel", true },
	{ "peers",
	  "race, kernel, median_ns AS \"median [ns]\", gops AS \"Gop/s\", "
	  "CASE WHEN share IS NOT NULL THEN printf('%.0f %%', 100 * share) || ' of ' || share_of "
	  "END AS share, "
	  "coalesce(peer, '-') AS peer, CASE WHEN peer_verdict NOT IN ('exact', 'within') THEN "
	  "peer_verdict WHEN best_peer THEN 'best' END AS \"is\", "
	  "peer_median_ns AS \"median [ns]\", ratio AS \"times as fast\", "
	  "ratio_low AS \"from\", ratio_high AS \"to\"",
	  "operation, types, shape, race, kernel, best_peer DESC, peer_median_ns IS NULL, "
	  "peer_median_ns, peer_kernel",
	  true },
	{ "trend",
	  "datetime(started, 'unixepoch') AS \"started [UTC]\", version, race, kernel, launches, "
	  "least_ns AS \"least [ns]\", median_ns AS \"median [ns]\", "
	  "ratio_to_reference AS \"x reference\", "
	  "CASE change_point WHEN 1 THEN printf('%+.1f %%', 100 * change - 100) END AS \"change\"",
	  "machine_id, race, library, label, place", false },
	{ "gate",
	  "run_number AS \"run\", label, verdict, 100 * change AS \"change [%]\", "
	  "100 * change_low AS \"from [%]\", 100 * change_high AS \"to [%]\", "
	  "old_ns AS \"old [ns]\", new_ns AS \"new [ns]\", launches + confirming_launches AS "
	  "launches, note",
	  "run_number, change IS NULL, change DESC, label", false },
	{ "skip", "label, reason", "reason, label", true },
	{ "failed", "label, reason", "label", true },
	{ "warning", "label, warning", "warning, label", true },
	{ "planned", "run_id, kind, label, outcome, reason", "run_number, kind, label, race",
	  false },
	{ "histogram", NULL, "subject, tensor, seed, bin", false },
	{ "run",
	  "run_id, run_number AS \"run\", datetime(started, 'unixepoch') AS \"started [UTC]\", "
	  "state, name, seconds AS \"time [s]\", jobs, version, compiler, command",
	  "run_number", false },
	{ "machine", NULL, "machine_id", false },
};

struct request {
	const char *path, *view, *sort;
	const struct view_words *words; /* NULL: a view of which nothing special is known */
	bool descending, csv, json;
	long long limit; /* -1: all */
	struct filter where;
};

static int find_view(struct request *request, const char *name, struct error *error)
{
	size_t count = 0;

	for (; store_views[count]; count++)
		if (!strcmp(store_views[count], name))
			request->view = store_views[count];
	for (size_t i = 0; i < sizeof views / sizeof *views; i++)
		if (!strcmp(views[i].view, name))
			request->words = &views[i];
	if (request->view)
		return 0;
	return fail_unknown(error, nearest_name(name, store_views, count),
			    "`quantsweep show --help` lists the views", "--view '%s': unknown",
			    name);
}

/* "COLUMN", "COLUMN:asc" or "COLUMN:desc"; the ending is cut off in `column`. */
static int read_sort(struct request *request, const char *value, char column[64],
		     struct error *error)
{
	const char *colon = strchr(value, ':');
	const size_t length = colon ? (size_t)(colon - value) : strlen(value);

	if (length >= 64 || (colon && strcmp(colon, ":desc") && strcmp(colon, ":asc")))
		return fail(error, STATUS_INPUT,
			    "--sort '%s': expected COLUMN, COLUMN:asc or COLUMN:desc", value);
	memcpy(column, value, length);
	column[length] = '\0';
	request->sort = column;
	request->descending = colon && colon[1] == 'd';
	return 0;
}

static int read_request(struct request *request, const struct env *env, int argc, char **argv,
			char column[64], struct error *error)
{
	struct option_walk walk = { .command = &command_show, .argc = argc, .argv = argv };
	const char *value, *view = "choice";
	int option, failed = 0;

	while (!failed && (option = option_next(&walk, &value, error)) != OPTION_END) {
		switch (option) {
		case VIEW:
			view = value;
			break;
		case WHERE:
			failed = filter_add(&request->where, env, value, error);
			break;
		case SORT:
			failed = read_sort(request, value, column, error);
			break;
		case LIMIT:
			failed = option_whole("--limit", value, 0, 1ll << 53, &request->limit,
					      error);
			break;
		case CSV:
			request->csv = true;
			break;
		case JSON:
			request->json = true;
			break;
		case OPTION_WORD:
			failed = option_word(&command_show, "database", &request->path, value,
					     error);
			break;
		default:
			failed = -1;
		}
	}
	if (failed)
		return -1;
	if (!request->path)
		return fail(error, STATUS_INPUT, "show: no database was given: quantsweep show DB");
	if (request->csv && request->json)
		return fail(error, STATUS_INPUT, "show: --csv or --json, not both");
	return find_view(request, view, error);
}

enum { AGAIN_COLUMNS = 4, BIND_ROOM = 64 };

/* The command's four pieces are the last columns of every SELECT whose view has them. */
static int write_select(struct text *sql, struct store *store, const struct request *request,
			const char **bind, int *bound, struct error *error)
{
	const struct view_words *words = request->words;
	const bool table = !request->csv && !request->json;

	text_add(sql, "SELECT %s%s FROM \"%s\"",
		 table && words && words->columns ? words->columns : "*",
		 words && words->again ? ", choice_label, config, data, config_name" : "",
		 request->view);
	if (store_where(store, request->view, &request->where, sql, bind, BIND_ROOM, bound, error))
		return -1;
	if (request->sort) {
		if (store_check_column(store, request->view, request->sort, error))
			return -1;
		text_add(sql, " ORDER BY \"%s\".\"%s\" IS NULL, \"%s\".\"%s\"%s", request->view,
			 request->sort, request->view, request->sort,
			 request->descending ? " DESC" : "");
	}
	if (words)
		text_add(sql, "%s%s", request->sort ? ", " : " ORDER BY ", words->order);
	text_add(sql, " LIMIT %lld", request->limit);
	return 0;
}

struct showing {
	const struct request *request;
	struct printer printer;
	struct error error;
	bool failed;
};

static char *again_text(struct showing *showing, const struct row *row)
{
	const char *const *pieces = row->values + row->columns - AGAIN_COLUMNS;
	struct text text = { .env = showing->printer.env };

	if (!pieces[0] || !pieces[1]) {
		text_add(&text, "-");
		return text_take(&text, &showing->error);
	}
	store_again(&text, &(struct again){ .label = pieces[0],
					    .config = pieces[1],
					    .data = pieces[2],
					    .config_name = pieces[3],
					    .store = showing->request->path });
	return text_take(&text, &showing->error);
}

static int print_row(void *self, const struct row *row)
{
	struct showing *showing = self;
	struct printer *printer = &showing->printer;
	const int columns = row->columns - (printer->has_again ? AGAIN_COLUMNS : 0);
	char *again = printer->has_again ? again_text(showing, row) : NULL;

	if (printer->has_again && !again) {
		showing->failed = true;
		return -1;
	}
	if (showing->request->csv) {
		csv_row(printer, row, columns, again);
	} else if (showing->request->json) {
		json_row(printer, row, columns, again);
	} else if (table_row(printer, row, columns, again, &showing->error)) {
		showing->failed = true;
	}
	env_free(printer->env, again);
	return showing->failed || ferror(printer->out);
}

static int print_column(void *self, const struct row *row)
{
	csv_column(self, row->values[0]);
	return 0;
}

/* The header stands there even where no row does. */
static int print_header(struct store *store, struct showing *showing, struct error *error)
{
	const char *const view[] = { showing->request->view };

	if (store_query(store, "SELECT name FROM pragma_table_xinfo(?1)", view, 1, print_column,
			&showing->printer, error))
		return -1;
	csv_header_end(&showing->printer);
	return 0;
}

static void print_end(struct showing *showing)
{
	struct printer *printer = &showing->printer;
	const struct request *request = showing->request;

	if (request->json)
		json_end(printer);
	else if (!request->csv && printer->rows)
		table_end(printer);
	else if (!request->csv)
		fprintf(printer->out, "no rows in view '%s' of %s%s\n", request->view,
			request->path, request->where.count ? " match" : "");
}

static int show(struct store *store, const struct env *env, const struct request *request,
		struct error *error)
{
	struct showing showing = { .request = request,
				   .printer = { .env = env,
						.out = stdout,
						.has_again =
							request->words && request->words->again } };
	struct text sql = { .env = env };
	const char *bind[BIND_ROOM];
	char *select = NULL;
	int bound = 0, failed;

	failed = write_select(&sql, store, request, bind, &bound, error);
	if (!failed)
		select = text_take(&sql, error);
	if (!failed && request->csv)
		failed = print_header(store, &showing, error);
	failed = failed || !select ||
				 store_query(store, select, bind, bound, print_row, &showing, error)
			 ? -1
			 : 0;
	if (!failed && showing.failed) {
		*error = showing.error;
		failed = -1;
	}
	if (!failed)
		print_end(&showing);
	table_free(&showing.printer);
	text_free(&sql);
	env_free(env, select);
	return failed;
}

static int run_show(const struct env *env, int argc, char **argv, struct error *error)
{
	struct request request = { .limit = -1 };
	struct store *store = NULL;
	char column[64];
	int failed = read_request(&request, env, argc, argv, column, error);

	if (!failed)
		failed = store_open_read(&store, env, request.path, error);
	if (!failed)
		failed = show(store, env, &request, error);
	store_close(store);
	filter_free(&request.where);
	return failed;
}

const struct command command_show = {
	.name = "show",
	.synopsis =
		"DB [--view NAME] [--where FILTER] [--sort COLUMN] [--limit N] [--csv | --json]",
	.summary = "print stored rows: choices, errors, times, skips and more",
	.options = options,
	.notes = "Views: choice (what a recipe costs and gains), error (each tensor), drift (each "
		 "layer of a\nnetwork), task (what its answers are worth), verdict (what is wrong "
		 "with it, in words),\ncalibration (which rule wins where; over all: --where "
		 "scope=all), calibration_tried (each behind\nthe best), ranges (of activations), "
		 "network, throughput (each kernel), peers (each beside\nothers'), layers (times "
		 "of networks), skip, failed, warning, planned, histogram, run, machine,\n"
		 "sensitivity, limit, trend, gate.\n"
		 "Each row of a measured cell ends with the command that measures it alone.",
	.run = run_show,
};

/* SPDX-License-Identifier: MIT
 *
 * quantsweep show, as a user runs it: the table, CSV by RFC 4180, JSON, sorting, limits, the
 * command that measures a row again, and wrong words.
 */
#include "stored.h"

#include <cjson/cJSON.h>

static struct stored stored;

static void expect_out(const char *command, const char *expected)
{
	struct outcome_text outcome = run_shell("%s", command);

	if (outcome.status || strcmp(outcome.out, expected))
		fail_msg("%s: status %d %s\nfound:\n%s\nexpected:\n%s", command, outcome.status,
			 outcome.err, outcome.out, expected);
	outcome_free(&outcome);
}

static void the_table(void **state)
{
	(void)state;
	expect_out("$QS show results/hand.db --where weight_bits=4",
		   "subject                   weights                            activations  "
		   "requantization  policy  rounding   kernel"
		   "  bytes  sqnr [dB]  mse  value  median [ns]  speedup  again\n"
		   "synthetic:outliers:64x64  int4.symmetric.real.tensor.minmax            -  "
		   "             -       -  half_even       -"
		   "    100       20.5  0.1      -            -        -  quantsweep run "
		   "configs/hand.json --again --only "
		   "'label=synthetic:outliers:64x64 w=int4.symmetric.real.tensor.minmax half_even "
		   "s1'\n");
	/* 4 significant digits, but whole nanoseconds */
	expect_out("$QS show results/hand.db --view throughput --where 'race=*u8*' | awk -F '  +' "
		   "'{ print $2 \"|\" $3 \"|\" $5 \"|\" $7 \"|\" $8 }'",
		   "kernel|verdict|median [ns]|Gop/s|GB/s\n"
		   "gemm_u8s8s32__ref|exact|1000|1.028|0.3213\n"
		   "gemm_u8s8s32__avx2|exact|2000|0.513|0.1603\n"
		   "gemm_f32f32f32__ref|exact|3000|0.3418|0.2991\n");
	expect_out("$QS show results/hand.db --where weight_bits=3",
		   "no rows in view 'choice' of results/hand.db match\n");
	expect_out("$QS show results/hand.db --view drift",
		   "no rows in view 'drift' of results/hand.db\n");
}

static void order_and_limit(void **state)
{
	(void)state;
	expect_out("$QS show results/hand.db --view error --csv --sort mse --limit 2 | cut -d , -f "
		   "15 | tr -d '\\r'",
		   "mse\n0\n0\n");
	expect_out("$QS show results/hand.db --view error --csv --sort mse:desc --limit 2 | cut -d "
		   ", -f 15 | "
		   "tr -d '\\r'",
		   "mse\n0.1\n0.025\n");
	/* NULL comes last, whichever the order */
	expect_out("$QS show results/hand.db --csv --sort sqnr_db:desc | tail -1 | cut -d , -f 31",
		   "\n");
	expect_out("$QS show results/hand.db --csv --sort sqnr_db:asc | tail -1 | cut -d , -f 31",
		   "\n");
	expect_out("$QS show results/hand.db --limit 0 --json", "[]\n");
}

static void csv(void **state)
{
	struct outcome_text outcome = run_shell("$QS show results/hand.db --view warning --csv");
	const char *again = ",\"a \"\"quoted\"\", warning\nof two lines\",";

	(void)state;
	assert_int_equal(outcome.status, 0);
	assert_string_equal(strtok(outcome.out, "\r"),
			    "run_id,label,warning,cell_key,choice_label,config,"
			    "data,config_name,name,seen,effect,advice,command");
	outcome_free(&outcome);
	outcome = run_shell("$QS show results/hand.db --view warning --csv");
	if (!strstr(outcome.out, again) || strcmp(outcome.out + strlen(outcome.out) - 2, "\r\n"))
		fail_msg("%s", outcome.out);
	outcome_free(&outcome);
	/* the header stands there without a row */
	expect_out("$QS show results/hand.db --view failed --csv",
		   "run_id,label,reason,kind,cell_key,choice_label,config,data,config_name,"
		   "command\r\n");
	/* every digit */
	expect_out(
		"$QS show results/hand.db --view error --csv --where 'stored_scale>0' | tail -1 | "
		"grep -o '0.14285714285714[0-9]*'",
		"0.14285714285714285\n");
}

static void json(void **state)
{
	struct outcome_text outcome = run_shell("$QS show results/hand.db --json --sort label");
	cJSON *rows = cJSON_Parse(outcome.out), *row;
	struct error error = { 0 };
	struct store *store;

	(void)state;
	assert_non_null(rows);
	assert_int_equal(cJSON_GetArraySize(rows), 6);
	row = cJSON_GetArrayItem(rows, 0);
	assert_true(cJSON_IsNumber(cJSON_GetObjectItem(row, "sqnr_db")) ||
		    cJSON_IsNull(cJSON_GetObjectItem(row, "sqnr_db")));
	assert_true(cJSON_IsNumber(cJSON_GetObjectItem(row, "weight_bits")));
	assert_true(cJSON_IsString(cJSON_GetObjectItem(row, "label")));
	assert_true(cJSON_IsString(cJSON_GetObjectItem(row, "command")));
	assert_true(cJSON_IsNull(cJSON_GetObjectItem(row, "metric")));
	cJSON_Delete(rows);
	outcome_free(&outcome);
	/* what JSON cannot hold: quotes, control characters, bytes that are no UTF-8, infinity */
	if (store_open(&store, &stored.env, scratch("odd.db"), &error))
		fail_msg("%s", error.text);
	stored.machine.cpu[0] = '\0';
	strcpy(stored.machine.cpu,
	       "\"q\\\" \t\n\x01 \xc3\xa9 \xff\xc3 \xed\xa0\x80 \xf0\x9f\x99\x82 \xc0\x80");
	if (store_begin_run(store, &stored.run, &stored.plan, &error))
		fail_msg("%s", error.text);
	struct accuracy_result result = stored_result(&stored, SYMMETRIC4);

	result.row[0].max_abs = INFINITY;
	result.row[0].mean_error = -INFINITY;
	if (store_put_accuracy(store, &stored.plan, SYMMETRIC4, &result, &error))
		fail_msg("%s", error.text);
	store_close(store);
	expect_out("$QS show odd.db --view machine --json | grep -o '\"cpu\":.*,\"feat'",
		   "\"cpu\":\"\\\"q\\\\\\\" \\u0009\\u000a\\u0001 \xc3\xa9 \\ufffd\\ufffd "
		   "\\ufffd\\ufffd\\ufffd \xf0\x9f\x99\x82 \\ufffd\\ufffd\",\"feat\n");
	expect_out("$QS show odd.db --view error --json | grep -o "
		   "'\"max_abs\":[^,]*,\"mean_error\":[^,]*'",
		   "\"max_abs\":1e999,\"mean_error\":-1e999\n");
	/* and a terminal is not commanded */
	outcome = run_shell("$QS show odd.db --view machine");
	assert_null(strpbrk(outcome.out, "\x01\t"));
	outcome_free(&outcome);
}

/* Each row's command measures it: its label is one of the plan's, quoted for a shell. */
static void commands(void **state)
{
	static const struct {
		const char *view, *where, *label;
	} cases[] = {
		{ "choice", "kernel=*avx2", " | gemm_u8s8s32__avx2 t1 b1 warm'" },
		{ "throughput", "kernel=*avx2", " | gemm_u8s8s32__avx2 t1 b1 warm'" },
		/* a guest: a choice of its race */
		{ "throughput", "guest=1", " | gemm_u8s8s32__" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct outcome_text outcome =
			run_shell("$QS show results/hand.db --view %s --where '%s'", cases[i].view,
				  cases[i].where);

		if (outcome.status || !strstr(outcome.out, cases[i].label))
			fail_msg("%s: %s%s", cases[i].view, outcome.out, outcome.err);
		outcome_free(&outcome);
	}
	/* an op's error has no label of its own in a plan: that of a choice that measures it */
	expect_out("$QS show results/hand.db --view error --where 'tensor=y,label=*int8*' | "
		   "grep -o ' | gemm_u8s8s32__avx2 t1 b1 warm'",
		   " | gemm_u8s8s32__avx2 t1 b1 warm\n");
	/* another file than the config's own is named, and what a shell would read is quoted */
	expect_out("cp results/hand.db \"it's.db\" && $QS show \"it's.db\" --limit 1 | "
		   "grep -o 'quantsweep run .* --again'",
		   "quantsweep run configs/hand.json --store 'it'\\''s.db' --again\n");
	expect_out("$QS show ./results/hand.db --limit 1 | grep -c -- --store || true", "0\n");
}

static void wrong_words(void **state)
{
	static const struct {
		const char *arguments, *words;
		int status;
	} cases[] = {
		{ "", "no database was given", 2 },
		{ "none.db", "none.db: no such file", 2 },
		{ "results", "is a folder, not a database", 4 },
		{ "results/hand.db more.db", "one database at a time", 2 },
		{ "results/hand.db --view chioce", "did you mean 'choice'?", 2 },
		{ "results/hand.db --view qqqqqq", "lists the views", 2 },
		{ "results/hand.db --sort sqnrdb", "did you mean 'sqnr_db'?", 2 },
		{ "results/hand.db --sort mse:up", "expected COLUMN, COLUMN:asc or COLUMN:desc",
		  2 },
		{ "results/hand.db --limit -1", "whole number", 2 },
		{ "results/hand.db --limit x", "whole number", 2 },
		{ "results/hand.db --where weight_bits", "expected COLUMN=GLOB", 2 },
		{ "results/hand.db --where weigth_bits=4", "did you mean 'weight_bits'?", 2 },
		{ "results/hand.db --view skip --where mse=4", "view 'skip' has no column 'mse'",
		  2 },
		{ "results/hand.db --csv --json", "not both", 2 },
		{ "results/hand.db --josn", "did you mean '--json'?", 2 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct outcome_text outcome = run_shell("$QS show %s", cases[i].arguments);
		const char *end = strchr(outcome.err, '\n');

		if (outcome.status != cases[i].status || !strstr(outcome.err, cases[i].words) ||
		    !end || end[1] || *outcome.out)
			fail_msg("show %s: status %d '%s', expected %d '%s'", cases[i].arguments,
				 outcome.status, outcome.err, cases[i].status, cases[i].words);
		outcome_free(&outcome);
	}
}

static void every_view(void **state)
{
	(void)state;
	for (const char *const *view = store_views; *view; view++)
		for (int form = 0; form < 3; form++) {
			const char *const forms[] = { "", "--csv", "--json" };
			struct outcome_text outcome = run_shell(
				"$QS show results/hand.db --view %s %s", *view, forms[form]);

			if (outcome.status || !*outcome.out)
				fail_msg("%s %s: %s", *view, forms[form], outcome.err);
			outcome_free(&outcome);
		}
	/* nothing is left beside the file */
	expect_out("ls results", "hand.db\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_table),  cmocka_unit_test(order_and_limit),
		cmocka_unit_test(csv),        cmocka_unit_test(json),
		cmocka_unit_test(commands),   cmocka_unit_test(wrong_words),
		cmocka_unit_test(every_view),
	};
	int failed;

	scratch_dir();
	stored_make(&stored);
	stored_file(&stored, scratch("results/hand.db"));
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	stored_free(&stored);
	return failed;
}

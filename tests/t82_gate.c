/* SPDX-License-Identifier: MIT
 *
 * The deterministic half of the gate: which change is worse, what a baseline file may look like,
 * and the command with its exit status.
 */
#include "stored_network.h"

#include "../harness/gate/gate.h"
#include "../harness/plan.h"

static struct stored stored;
static struct stored_networks networks;

static void directions(void **state)
{
	static const struct {
		enum better better;
		double old, new;
		bool exact;
		double tolerance;
		int change;
	} cases[] = {
		{ BETTER_LESS, 1, 1, false, 0, 0 },
		{ BETTER_LESS, 1, 1.0000000000000002, false, 0, -1 },
		{ BETTER_LESS, 1, 0.9999999999999999, false, 0, 1 },
		{ BETTER_LESS, 1, 1.01, false, 0.01000001, 0 },
		{ BETTER_LESS, 2, 2.5, false, 0.25, 0 },
		{ BETTER_LESS, 1, 1.02, false, 0.01, -1 },
		{ BETTER_LESS, 1, 0.98, false, 0.01, 1 },
		{ BETTER_LESS, 0, 1e-300, false, 0.5, -1 },
		{ BETTER_LESS, 1e-300, 0, true, 0, 1 },
		{ BETTER_LESS, 1, INFINITY, false, 0.5, -1 },
		{ BETTER_LESS, INFINITY, INFINITY, false, 0, 0 },
		{ BETTER_MORE, 20, 21, false, 0, 1 },
		{ BETTER_MORE, 20, 19, false, 0, -1 },
		{ BETTER_MORE, 20, 19.9, false, 0.01, 0 },
		{ BETTER_MORE, -3, -2, false, 0, 1 },
		{ BETTER_NEAR_ZERO, -0.5, -0.25, false, 0, 1 },
		{ BETTER_NEAR_ZERO, -0.25, 0.5, false, 0, -1 },
		{ BETTER_NEAR_ZERO, -0.25, 0.25, false, 0, -1 },
		{ BETTER_NEAR_ZERO, 0, -0.0, false, 0, 0 },
		{ BETTER_NEVER, 64, 65, false, 0.9, -1 },
		{ BETTER_NEVER, 64, 63, false, 0.9, -1 },
		{ BETTER_NEVER, 64, 64, false, 0, 0 },
		/* none: only an error that is gone is better */
		{ BETTER_MORE, NAN, NAN, false, 0, 0 },
		{ BETTER_MORE, 20, NAN, true, 0, 1 },
		{ BETTER_MORE, 20, NAN, false, 0, -1 },
		{ BETTER_MORE, NAN, 20, false, 0, -1 },
		{ BETTER_LESS, NAN, 1, false, 0, -1 },
		{ BETTER_LESS, 1, NAN, true, 0, -1 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		double size;
		const int change = number_compare(cases[i].better, cases[i].old, cases[i].new,
						  cases[i].exact, cases[i].tolerance, &size);

		if (change != cases[i].change)
			fail_msg("case %zu: %d, expected %d", i, change, cases[i].change);
	}
}

/* the version of this revision, in words */
#define WORDS_OF(x) #x
#define WORDS(x) WORDS_OF(x)
#define OURS WORDS(ARITHMETIC_VERSION)
#define HEAD "# quantsweep baseline: arithmetic version " OURS "\n"
#define COLUMNS HEAD "label,tensor,mse,sqnr_db\n"

static int parse(struct baseline *baseline, const struct env *env, const char *text,
		 struct error *error)
{
	return baseline_parse(baseline, env, "b.csv", text, strlen(text), error);
}

static void good_files(void **state)
{
	static const char text[] =
		"# quantsweep baseline: arithmetic version 17\r\nlabel,tensor,cosine,mse\r\n"
		"b,\"w,\"\"x\"\"\",,0.1\n"
		"b,a,1e-3,inf\r\n"
		"a,tensor,\"1\",0x1p-3";
	struct baseline baseline;
	struct error error = { 0 };

	(void)state;
	if (parse(&baseline, &stored.env, text, &error))
		fail_msg("%s", error.text);
	assert_int_equal(baseline.arithmetic, 17);
	assert_int_equal(baseline.count, 3);
	/* sorted */
	assert_string_equal(baseline.rows[0].label, "a");
	assert_true(baseline.rows[0].value[0] == 0.125 && baseline.rows[0].value[10] == 1);
	assert_string_equal(baseline.rows[1].tensor, "a");
	assert_true(isinf(baseline.rows[1].value[0]));
	assert_string_equal(baseline.rows[2].tensor, "w,\"x\"");
	assert_true(isnan(baseline.rows[2].value[10]) && baseline.rows[2].value[0] == 0.1);
	assert_int_equal(baseline.rows[2].line, 3);
	assert_true(baseline.has[0] && baseline.has[10] && !baseline.has[1]);
	baseline_free(&baseline);
	assert_int_equal(parse(&baseline, &stored.env, COLUMNS, &error), 0);
	assert_int_equal(baseline.count, 0);
	baseline_free(&baseline);
}

static void garbage(void **state)
{
	static const struct {
		const char *text, *words;
	} cases[] = {
		{ "", "b.csv:1: expected '# quantsweep baseline: arithmetic version N'" },
		{ "label,tensor,mse\n", "b.csv:1: expected" },
		{ "# quantsweep baseline: arithmetic version \nlabel", "b.csv:1: expected" },
		{ "# quantsweep baseline: arithmetic version -1\nlabel",
		  "b.csv:1: the arithmetic version is no" },
		{ "# quantsweep baseline: arithmetic version 99999999\n",
		  "b.csv:1: the arithmetic version is no" },
		{ "# quantsweep baseline: arithmetic version 999999999999999999999\n",
		  "b.csv:1: expected" },
		{ HEAD, "b.csv:2: the first two columns must be 'label' and 'tensor'" },
		{ HEAD "tensor,label,mse\n", "b.csv:2: the first two" },
		{ HEAD "label,tensor\n", "b.csv:2: no column of numbers" },
		{ HEAD "label,tensor,mse,mse\n", "b.csv:2: a column stands twice" },
		{ HEAD "label,tensor,sqnr\n", "b.csv:2: unknown column 'sqnr'" },
		{ HEAD "label,tensor,sqnr_dB\n", "did you mean 'sqnr_db'?" },
		{ COLUMNS "a,tensor,1\n", "b.csv:3: the row has fewer fields" },
		{ COLUMNS "a,tensor,1,2,3\n", "b.csv:3: the row has more fields" },
		{ COLUMNS "\n", "b.csv:3: a label or a tensor is empty" },
		{ COLUMNS "a,,1,2\n", "b.csv:3: a label or a tensor is empty" },
		{ COLUMNS "a,tensor,1,2\nb,tensor,one,2\n", "b.csv:4: mse: 'one' is no number" },
		{ COLUMNS "a,tensor,nan,2\n", "b.csv:3: mse: 'nan' is no number" },
		{ COLUMNS "a,tensor, 1,2\n", "b.csv:3: mse: ' 1' is no number" },
		{ COLUMNS "a,tensor,1,2 x\n", "b.csv:3: sqnr_db: '2 x' is no number" },
		{ COLUMNS "\"a,tensor,1,2\n", "b.csv:3: a quoted field has no end" },
		{ COLUMNS "\"a\"b,tensor,1,2\n",
		  "b.csv:3: something stands behind a quoted field" },
		{ COLUMNS "a\"b\",tensor,1,2\n", "b.csv:3: a quote stands inside" },
		{ HEAD "label,tensor,integer_hash,mse,integer_hash\n",
		  "b.csv:2: a column stands twice" },
		{ HEAD "label,tensor,integer_hahs\n", "did you mean 'integer_hash'?" },
		{ COLUMNS "a,tensor,1,2\nb,tensor,1,2\na,tensor,1,2\n",
		  "b.csv:5: the row 'a' of tensor 'tensor' stands in line 3 too" },
		{ "<<<<<<< HEAD\n" HEAD, "b.csv:1: expected" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct baseline baseline;
		struct error error = { 0 };

		if (!parse(&baseline, &stored.env, cases[i].text, &error))
			fail_msg("case %zu was read", i);
		assert_int_equal(error.status, STATUS_INPUT);
		if (!strstr(error.text, cases[i].words))
			fail_msg("case %zu: '%s', expected '%s'", i, error.text, cases[i].words);
	}
	struct baseline baseline;
	struct error error = { 0 };

	assert_int_equal(baseline_parse(&baseline, &stored.env, "b.csv", "a\0b", 3, &error), -1);
	assert_non_null(strstr(error.text, "a byte 0"));
}

static void no_memory(void **state)
{
	static const char old[] = COLUMNS "a,tensor,1,2\nb,tensor,1,2\nc,tensor,1,2\n";
	static const char new[] = COLUMNS "a,tensor,2,2\nc,tensor,0,2\nd,tensor,1,2\n";
	FILE *out = fopen("/dev/null", "w");
	bool done = false;
	long at;

	(void)state;
	for (at = 0; !done && at < 200; at++) {
		struct failing failing = { .fail_at = at };
		const struct env env = env_failing(&failing);
		const struct gate_words words = { "b.csv", "x.db", "c.json", NULL, "c" };
		struct baseline a = { 0 }, b = { 0 };
		struct findings findings = { 0 };
		struct error error = { 0 };

		done = !parse(&a, &env, old, &error) && !parse(&b, &env, new, &error) &&
		       !gate_compare(&findings, &a, &b, 0, &error) &&
		       !gate_report(out, &findings, &a, &b, &words, &error);
		if (!done && error.status != STATUS_MACHINE)
			fail_msg("allocation %ld: '%s'", at, error.text);
		findings_free(&findings);
		baseline_free(&a);
		baseline_free(&b);
	}
	fclose(out);
	assert_true(done && at > 10);
}

/* $QS gate with these arguments: its status, and words in its output or its error. */
static void expect_gate(const char *arguments, int status, const char *words)
{
	struct outcome_text outcome = run_shell("$QS gate %s", arguments);

	if (outcome.status != status || !(strstr(outcome.out, words) || strstr(outcome.err, words)))
		fail_msg("gate %s: status %d\n%s%s\nexpected %d '%s'", arguments, outcome.status,
			 outcome.out, outcome.err, status, words);
	outcome_free(&outcome);
}

static void remake_and_pass(void **state)
{
	char *text;

	(void)state;
	expect_gate("--remake base.csv results/hand.db", 0,
		    "9 rows of results/hand.db written to base.csv (arithmetic version " OURS ")");
	text = read_text(scratch("base.csv"));
	assert_non_null(strstr(text, HEAD
			       "label,tensor,mse,rmse,rmse_over_step,max_abs,mean_error,"
			       "saturated_fraction,zero_fraction,bytes,elements,sqnr_db,cosine\n"));
	/* %.17g, NULL empty, sorted */
	assert_non_null(strstr(text,
			       "\nsynthetic:outliers:64x64 w=int4.symmetric.real.tensor.minmax "
			       "half_even s1,tensor,0.10000000000000001,0.31622776601683794,"
			       "0.28999999999999998,0.30000000000000004,-0.0001,0.25,0.125,"
			       "100,64,20.5,0.90000000000000002\n"));
	assert_non_null(strstr(text, ",y,0,0,,0,0,,,,192,,1\n"));
	assert_true(strstr(text, "\ngemm") < strstr(text, "\nsynthetic"));
	free(text);
	expect_gate("--baseline base.csv results/hand.db", 0,
		    "9 rows: 0 worse, 0 missing, 0 better, 0 new, 9 equal (arithmetic version " OURS ", "
		    "tolerance 0)");
	/* nothing temporary is left, and the old file stays where the new one cannot be written */
	struct outcome_text files = run_shell("ls base.csv*");

	assert_string_equal(files.out, "base.csv\n");
	outcome_free(&files);
	expect_gate("--remake none/base.csv results/hand.db", 4,
		    "none/base.csv: cannot be written");
	expect_gate("--remake results results/hand.db", 4, "what was there stays");
}

static void verdicts(void **state)
{
	static const struct {
		const char *change; /* sed's */
		const char *arguments;
		int status;
		const char *words;
	} cases[] = {
		{ "s/,20.5,/,20.6,/", "", 1, "sqnr_db 20.6 -> 20.5 (-0.485 %, worse)" },
		{ "s/,20.5,/,20.6,/", "--tolerance 0.01", 0,
		  "9 equal (arithmetic version " OURS ", tolerance 0.01)" },
		{ "s/,20.5,/,20.4,/", "", 0,
		  "baseline is stale: `quantsweep gate --remake changed.csv" },
		{ "s/tensor,0.10000000000000001/tensor,0.09/", "", 1,
		  "WORSE   synthetic:outliers:64x64 w=int4" },
		{ "s/tensor,0.10000000000000001/tensor,0.09/", "", 1,
		  "quantsweep run configs/hand.json --again --only 'label=synthetic:outliers:64x64 "
		  "w=int4" },
		{ "s/tensor,0.10000000000000001/tensor,0.09/", "", 1,
		  "1 rows are worse than changed.csv and 0 are missing" },
		{ "s/tensor,0.10000000000000001/tensor,0.2/", "", 0,
		  "BETTER  synthetic:outliers:64x64 w=int4" },
		{ "s/,192,,1$/,192,5,1/", "", 0, "sqnr_db 5 -> none (better)" },
		{ "s/,100,64,/,99,64,/", "", 1, "bytes 99 -> 100" },
		/* a gain in one number does not hide the loss in another */
		{ "s/,100,64,20.5,/,101,64,20.6,/", "", 1,
		  "bytes 101 -> 100 (-0.99 %, better), sqnr_db 20.6 -> 20.5 (-0.485 %, worse)" },
		{ "s/,100,64,/,100,65,/", "--tolerance 0.5", 1, "elements 65 -> 64 (-1.54 %, must not change)" },
		{ "/int4/d", "", 0, "NEW     synthetic:outliers:64x64 w=int4" },
		{ "s/outliers:64x64 w=int4/outliers:64x64 w=int3/", "", 1,
		  "MISSING synthetic:outliers:64x64 w=int3" },
		{ "s/^gemm:4x8x16/gemm:9x8x16/", "", 1, "s1 | *'" },
		{ "s/version [0-9]*/version 99/", "", 2,
		  "arithmetic version 99 and the measured rows have " OURS },
		{ "s/,20.5,/,x,/", "", 2, "changed.csv:9: sqnr_db: 'x' is no number" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		char arguments[200];
		struct outcome_text changed =
			run_shell("sed '%s' base.csv >changed.csv && ! cmp -s "
				  "base.csv changed.csv",
				  cases[i].change);

		if (changed.status)
			fail_msg("sed '%s' changes nothing", cases[i].change);
		outcome_free(&changed);
		snprintf(arguments, sizeof arguments, "--baseline changed.csv %s results/hand.db",
			 cases[i].arguments);
		expect_gate(arguments, cases[i].status, cases[i].words);
	}
}

#define INT8 "builtin:hand:cal256:eval8 w=int8.symmetric.real.channel.minmax " \
	"a=int8.asymmetric.real.tensor.minmax.static half_even float all none s1"

/* A network has rows of its weights, its layers, its task and of itself; the float run stands
 * once. */
static void remake_networks(void **state)
{
	static const char *const rows[] = {
		"\nlabel,tensor,mse,rmse,rmse_over_step,max_abs,mean_error,saturated_fraction,"
		"zero_fraction,bytes,elements,sqnr_db,cosine,island,isolated_sqnr_db,"
		"isolated_relative_rmse,cumulative_sqnr_db,cumulative_relative_rmse,"
		"integer_sqnr_db,integer_relative_rmse,activation_saturated_fraction,"
		"weight_saturated_fraction,step_gap_local,differing_fraction_local,step_gap,"
		"differing_fraction,samples,value,lost,gained,integer_macs,float_macs,"
		"integer_hash\n",
		"\n" INT8 ",conv1.weight,0.01,0.10000000000000001,0.28999999999999998,0.25,-0.001,0,"
		"0.03125,100,90,33,0.98999999999999999,,,,,,,,,,,,,,,,,,,,\n",
		"\n" INT8 ",layer:fc,,,0.28000000000000003,2.5,,,,,,,0.997,0,48,0.029999999999999999,"
		"27,0.059999999999999998,26,0.089999999999999997,0.125,0.0625,0,0,2,0.002,,,,,,,\n",
		"\n" INT8 ",network,,,,,,,,1000,,,,,,,,,,,,,,,,,8,,,,400,0,",
		"\n" INT8 ",task:top1:integer,,,,,,,,,,,,,,,,,,,,,,,,,8,0.75,2,1,,,\n",
		"\nbuiltin:hand:eval8 float,task:top1:float,,,,,,,,,,,,,,,,,,,,,,,,,8,0.875,,,,,\n",
		"\nbuiltin:curve:eval8 float,task:mse:float,",
	};
	char *text;

	(void)state;
	expect_gate("--remake nets.csv results/nets.db", 0, "37 rows of results/nets.db written");
	text = read_text(scratch("nets.csv"));
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
		if (!strstr(text, rows[i]))
			fail_msg("no '%s' in:\n%s", rows[i], text);
	free(text);
	expect_gate("--baseline nets.csv results/nets.db", 0,
		    "37 rows: 0 worse, 0 missing, 0 better, 0 new, 37 equal");
}

static void verdicts_of_networks(void **state)
{
	static const struct {
		const char *change; /* sed's */
		int status;
		const char *words;
	} cases[] = {
		{ "s/,1,,,$/,2,,,/", 1, "gained 2 -> 1 (-50 %, worse)" },
		{ "s/,0.75,2,1,,,$/,0.75,3,1,,,/", 0, "lost 3 -> 2 (-33.3 %, better)" },
		{ "s/integer\\(.*\\),0.75,/integer\\1,0.875,/", 1,
		  "value 0.875 -> 0.75 (-14.3 %, worse)" },
		{ "s/integer\\(.*\\),0.75,/integer\\1,0.5,/", 0, "value 0.5 -> 0.75 (+50 %, better)" },
		/* a loss is better when it is less */
		{ "s/,0.6875,/,0.5,/", 1, "value 0.5 -> 0.6875 (+37.5 %, worse)" },
		{ "s/,0.6875,/,0.75,/", 0, "value 0.75 -> 0.6875 (-8.33 %, better)" },
		{ "s/0,0,2,0.002,/0,0,1,0.002,/", 1, "step_gap 1 -> 2 (+100 %, worse)" },
		{ "s/0,0,2,0.002,/0,0,3,0.002,/", 0, "step_gap 3 -> 2 (-33.3 %, better)" },
		{ "s/,0,48,0.029/,1,48,0.029/", 1, "island 1 -> 0 (-100 %, must not change)" },
		{ "s/,0,48,0.029/,0,47,0.029/", 0, "isolated_sqnr_db 47 -> 48 (+2.13 %, better)" },
		{ "s/,0,48,0.029/,0,47,0.029/", 0, "BETTER  " INT8 " [layer:fc]" },
		{ "s/,27,0.0599/,28,0.0599/", 1, "cumulative_sqnr_db 28 -> 27 (-3.57 %, worse)" },
		{ "s/,26,0.0899/,,0.0899/", 1, "integer_sqnr_db none -> 26 (worse)" },
		{ "s/,8,,,,400,0,/,8,,,,300,100,/", 1,
		  "integer_macs 300 -> 400 (+33.3 %, must not change)" },
		{ "s/,400,0,.*/,400,0,0123/", 1, "integer_hash 0123 -> " },
		{ "s/,,,,400,0,.*/,,,,400,0,/", 1, "integer_hash none -> " },
		{ "s/,layer:fc,/,layer:fc2,/", 1,
		  "MISSING " INT8 " [layer:fc2]\n        quantsweep run configs/hand.json --store "
		  "results/nets.db --again --only 'label=" INT8 "'\n" },
		{ "/layer:add/d", 0, "NEW     " INT8 " [layer:add]" },
		{ "s/:eval8 float/:eval9 float/", 1,
		  "MISSING builtin:curve:eval9 float [task:mse:float]\nMISSING builtin:hand" },
		/* the file of a version that knew no networks, and one that somebody cut */
		{ "s/\\(,[^,]*\\)\\{20\\}$//;/layer:\\|task:\\|network/d", 0,
		  "changed.csv lacks the columns island, isolated_sqnr_db, " },
		{ "s/,[^,]*$//", 0,
		  "changed.csv lacks the columns integer_hash: they are not compared; `quantsweep "
		  "gate --remake changed.csv results/nets.db` writes them" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct outcome_text changed =
			run_shell("sed '%s' nets.csv >changed.csv && ! cmp -s nets.csv changed.csv",
				  cases[i].change);

		if (changed.status)
			fail_msg("sed '%s' changes nothing", cases[i].change);
		outcome_free(&changed);
		expect_gate("--baseline changed.csv results/nets.db", cases[i].status,
			    cases[i].words);
	}
}

/* The worst stands first, and a long list is cut. */
static void the_order(void **state)
{
	struct outcome_text outcome =
		run_shell("sed -e 's/tensor,0.10000000000000001/tensor,0.09/' -e "
			  "'s/tensor,0.025/tensor,0.001/' "
			  "-e '/group32/d' base.csv >changed.csv; for i in $(seq 30); do echo "
			  "\"gone$i,tensor,,,,,,,,,,,\"; "
			  "done >>changed.csv; $QS gate --baseline changed.csv results/hand.db");
	const char *first =
		strstr(outcome.out, "WORSE   synthetic:outliers:64x64 w=int8.symmetric");
	const char *second = strstr(outcome.out, "WORSE   synthetic:outliers:64x64 w=int4");

	(void)state;
	assert_int_equal(outcome.status, 1);
	if (!first || !second || first > second ||
	    !strstr(outcome.out, "MISSING ... and 10 more\n") ||
	    !strstr(outcome.out, "39 rows: 2 worse, 30 missing") ||
	    !strstr(outcome.out, "NEW     synthetic:outliers:64x64 w=int8.asymmetric"))
		fail_msg("%s", outcome.out);
	outcome_free(&outcome);
}

static void wrong_words(void **state)
{
	(void)state;
	expect_gate("", 2, "give --baseline CSV to compare, --remake CSV to write");
	expect_gate("--baseline a.csv --remake b.csv x.db", 2,
		    "--remake does not go with --baseline");
	expect_gate("--baseline base.csv", 2, "no database was given");
	expect_gate("--baseline base.csv a.db b.db", 2, "one database or config at a time");
	expect_gate("--baseline none.csv results/hand.db", 2, "none.csv: cannot be read");
	expect_gate("--baseline results results/hand.db", 2, "results: cannot be read");
	expect_gate("--baseline base.csv none.db", 2, "none.db: no such file");
	expect_gate("--baseline base.csv --tolerance -1 results/hand.db", 2, "from 0 to below 1");
	expect_gate("--baseline base.csv --tolerance nan results/hand.db", 2, "from 0 to below 1");
	expect_gate("--baseline base.csv --tolerance 1x results/hand.db", 2, "from 0 to below 1");
	expect_gate("--remake x.csv --tolerance 0.1 results/hand.db", 2,
		    "--tolerance does not go with --remake");
	expect_gate("--basline base.csv results/hand.db", 2, "did you mean '--baseline'?");
	expect_gate("--baseline base.csv base.csv", 4, "base.csv: is not a database");
	expect_gate("--remake x.csv empty.db", 2, "no accuracy row is stored");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(directions),      cmocka_unit_test(good_files),
		cmocka_unit_test(garbage),         cmocka_unit_test(no_memory),
		cmocka_unit_test(remake_and_pass), cmocka_unit_test(verdicts),
		cmocka_unit_test(remake_networks), cmocka_unit_test(verdicts_of_networks),
		cmocka_unit_test(the_order),       cmocka_unit_test(wrong_words),
	};
	struct store *store;
	struct error error;
	int failed;

	scratch_dir();
	stored_make(&stored);
	stored_networks_make(&networks);
	stored_file(&stored, scratch("results/hand.db"));
	stored_networks_file(&networks, scratch("results/nets.db"));
	failed = store_open(&store, &stored.env, scratch("empty.db"), &error);
	store_close(store);
	if (!failed)
		failed = cmocka_run_group_tests(tests, NULL, NULL);
	stored_networks_free(&networks);
	stored_free(&stored);
	return failed;
}

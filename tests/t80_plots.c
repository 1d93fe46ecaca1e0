/* SPDX-License-Identifier: MIT
 *
 * Figures: what gnuplot is given, what it draws of each figure of plots/, what is said when a file
 * of the folder is wrong, and words put where they cannot be read as anything else.
 */
#include "reported.h"

#include "../harness/report/figures.h"
#include "../harness/report/words.h"

#include <sys/stat.h>
#include <unistd.h>

static struct env env;

static void use_plots(const char *folder)
{
	char path[1024];

	snprintf(path, sizeof path, "%s/%s", source_dir(), "plots");
	setenv("QUANTSWEEP_PLOTS", folder ? folder : path, 1);
}

/* A folder with these files: name, text, name, text, ..., NULL. */
static const char *plots_of(const char *const *files)
{
	static char folder[600];
	static int count;

	snprintf(folder, sizeof folder, "%s/plots%d", scratch_dir(), count++);
	assert_int_equal(mkdir(folder, 0777), 0);
	for (; *files; files += 2) {
		char path[800];

		snprintf(path, sizeof path, "%s/%s", folder, files[0]);
		write_file(path, files[1], strlen(files[1]));
	}
	use_plots(folder);
	return folder;
}

static int draw(const char *folder, const char *figure, FILE *say, struct error *error)
{
	const struct plots_options options = { .folder = folder,
					       .figures = &figure,
					       .figure_count = figure ? 1 : 0,
					       .format = "svg",
					       .say = say };
	struct store *store;
	int result;

	assert_int_equal(store_open_read(&store, &env, scratch("hand.db"), error), 0);
	result = plots_draw(store, &env, &options, error);
	store_close(store);
	return result;
}

static void expect_wrong(const char *const *files, const char *figure, enum status status,
			 const char *words)
{
	struct error error;
	const char *folder = plots_of(files);

	assert_int_equal(draw(scratch("wrong"), figure, NULL, &error), -1);
	if (error.status != status || !strstr(error.text, words))
		fail_msg("%s: '%s' (%d), expected '%s'", folder, error.text, (int)error.status,
			 words);
	use_plots(NULL);
}

static void each_figure(void **state)
{
	static const struct {
		const char *name, *words[3];
	} figures[] = {
		{ "accuracy_by_bytes",
		  { "builtin:tiny: right answers, % (400 samples)", "weights, kilobytes",
		    "told apart from float" } },
		{ "calibration_by_distribution",
		  { "gaussian:4x8", "symmetric, 4 bits", "minmax" } },
		{ "calibration_damage",
		  { "builtin:tiny: calibration on other samples", "256 × 0.25",
		    "weights 8, activations 8" } },
		{ "calibration_wins", { "tensors, 4 bits", "dB behind the best", "8/8" } },
		{ "clipping", { "gaussian:4x8  (asymmetric, 4 bits)", "values in a bin", "mse" } },
		{ "drift_by_layer",
		  { "builtin:curve (weights per channel, minmax; activations 8 bits, minmax)",
		    "add1", "weights 4 bits" } },
		{ "error_by_bits", { "gaussian:4x8", "SQNR (dB)", "asymmetric, tensor" } },
		{ "peers_by_shape", { "gemm u8s8s32", "2x3x4", "of peak" } },
		{ "roofline", { "1 thread", "operations a byte", "ours, 8 bits and more" } },
		{ "saturated_against_zeroed", { "4 bits, per tensor", "saturated", "mse" } },
		{ "sensitivity_by_layer",
		  { "builtin:tiny (weights 4 bits per channel, minmax; activations 8 bits, minmax)",
		    "spared: output gains (dB)", "all layers quantized" } },
		{ "sqnr_by_bytes", { "gaussian:4x8", "bits an element", "not beaten in both" } },
		{ "step_gap_by_layer",
		  { "builtin:tiny (weights 8 bits per channel, minmax; activations 8 bits, minmax)",
		    "q31_double", "largest gap, steps" } },
		{ "throughput_by_kernel",
		  { "gemm_u8s8s32__avx512vnni", "5 × float", "wrong: 17 % of its outputs" } },
	};
	struct error error;

	(void)state;
	if (!has_gnuplot())
		return;
	if (draw(scratch("a folder/with 'quotes'"), NULL, NULL, &error))
		fail_msg("%s", error.text);
	for (size_t i = 0; i < sizeof figures / sizeof *figures; i++) {
		char name[128];

		snprintf(name, sizeof name, "a folder/with 'quotes'/%s.svg", figures[i].name);
		char *svg = read_text(scratch(name));

		assert_non_null(svg);
		assert_non_null(strstr(svg, "</svg>"));
		assert_null(strstr(svg, "<script"));
		for (int j = 0; j < 3; j++)
			if (!strstr(svg, figures[i].words[j]))
				fail_msg("%s does not say '%s'", figures[i].name,
					 figures[i].words[j]);
		free(svg);
	}
}

static void no_rows(void **state)
{
	static const char *const files[] = { "none.sql",
					     "-- empty: there is nothing\nSELECT 1 AS x WHERE 0",
					     "none.gp", "# none?\nplot DATA\n", NULL };
	char *said = NULL;
	size_t length;
	FILE *say = open_memstream(&said, &length);
	struct error error;

	(void)state;
	plots_of(files);
	write_file(scratch("none.svg"), "old", 3);
	assert_int_equal(draw(scratch_dir(), NULL, say, &error), 0);
	fclose(say);
	assert_string_equal(said, "no figure none: there is nothing\n");
	assert_int_equal(access(scratch("none.svg"), F_OK), -1);
	free(said);
	use_plots(NULL);
}

static void wrong_files(void **state)
{
	static const char gp[] = "# why?\neval canvas(300, 200)\nplot DATA using \"x\":\"x\"\n";
	static const char style[] = "canvas(w, h) = 'set terminal svg; set output OUT'\n";

	(void)state;
	expect_wrong(
		(const char *const[]){ "a.sql", "SELECT nothing FROM nowhere", "a.gp", gp, NULL },
		NULL, STATUS_INPUT, "a.sql: ");
	expect_wrong(
		(const char *const[]){ "a.sql", "SELECT 1; DROP TABLE cell", "a.gp", gp, NULL },
		NULL, STATUS_INPUT, "a.sql: ");
	expect_wrong((const char *const[]){ "a.sql", "SELECT 1 AS x", NULL }, NULL, STATUS_INPUT,
		     "has no a.gp beside it");
	expect_wrong((const char *const[]){ "a.gp", gp, NULL }, NULL, STATUS_INPUT,
		     "holds no figure");
	expect_wrong((const char *const[]){ "clipping.sql", "SELECT 1", "clipping.gp", gp, NULL },
		     "cliping", STATUS_INPUT, "did you mean 'clipping'?");
	expect_wrong((const char *const[]){ "clipping.sql", "SELECT 1", "clipping.gp", gp, NULL },
		     "heat", STATUS_INPUT, "holds clipping");
	use_plots("/nowhere/at/all");
	struct error error;

	assert_int_equal(draw(scratch("wrong"), NULL, NULL, &error), -1);
	assert_non_null(strstr(error.text, "QUANTSWEEP_PLOTS"));
	if (!has_gnuplot())
		return;
	expect_wrong(
		(const char *const[]){ "a.sql", "SELECT 1 AS x", "a.gp", "# why?\nplto x\n", NULL },
		NULL, STATUS_INPUT, "a.gp: gnuplot cannot draw it: ");
	expect_wrong((const char *const[]){ "style.gp", style, "a.sql", "SELECT 1 AS x", "a.gp",
					    "# why?\nprint 1\n", NULL },
		     NULL, STATUS_INPUT, "a.gp drew nothing");
}

static void no_gnuplot(void **state)
{
	char *path = strdup(getenv("PATH"));
	struct error error;

	(void)state;
	setenv("PATH", scratch_dir(), 1);
	assert_int_equal(draw(scratch("none"), NULL, NULL, &error), -1);
	setenv("PATH", path, 1);
	assert_int_equal(error.status, STATUS_MACHINE);
	assert_non_null(strstr(error.text, "apt-get install gnuplot-nox"));
	free(path);
}

/* What gnuplot reads: blocks, absent cells, and names that would end a cell or a string. */
static void the_data(void **state)
{
	struct figure figure = {
		.name = "x",
		.sql_path = "x.sql",
		.question = "it's?",
		.sql = "SELECT column1 AS panel, column2 AS series, column3 AS x, column4 AS label"
		       " FROM (VALUES ('p', 'a''b', 1, 'tab' || char(9) || 'in \"it\"'),"
		       " ('p', 'a''b', NULL, ''), ('p', 'c', 0.1, '#'), ('q', 'c', 3, 'z'))"
	};
	const struct drawing drawing = { "svg", "o'ut.svg", true };
	struct store *store;
	struct error error;
	size_t rows;

	(void)state;
	assert_int_equal(store_open_read(&store, &env, scratch("hand.db"), &error), 0);
	assert_int_equal(figure_write_data(&figure, store, &env, &drawing, scratch("x.tsv"),
					   scratch("x.gp"), &rows, &error),
			 0);
	store_close(store);
	assert_int_equal(rows, 4);
	char *data = read_text(scratch("x.tsv")), *start = read_text(scratch("x.gp"));

	assert_string_equal(data,
			    "panel\tseries\tx\tlabel\np\ta'b\t1\ttab in 'it'\np\ta'b\t?\t \n\n\n"
			    "panel\tseries\tx\tlabel\np\tc\t0.1\t#\n\n\n"
			    "panel\tseries\tx\tlabel\nq\tc\t3\tz\n");
	assert_non_null(strstr(start, "\nOUT = 'o''ut.svg'\nFORMAT = 'svg'\nQUESTION = 'it''s?'\n"
				      "ROWS = 4\nBLOCKS = 3\n"));
	assert_non_null(strstr(start, "array SERIES[2]\nSERIES[1] = 'a''b'\nSERIES[2] = 'c'\n"
				      "SERIES_COUNT = 2\n"));
	assert_non_null(strstr(start, "FIRST[1] = 1\nLAST[1] = 1\nLAST[1] = 2\nFIRST[2] = 3\n"
				      "LAST[2] = 3\n"));
	free(data);
	free(start);
}

static void words(void **state)
{
	static const struct {
		const char *in, *plain, *html, *gnuplot;
	} cases[] = {
		{ "a<b>&'\"", "a<b>&'\"", "a&lt;b&gt;&amp;&#39;&quot;", "'a<b>&''\"'" },
		{ "a\tb\nc\x1b[0m", "a b c [0m",
		  "a\xEF\xBF\xBD" "b\xEF\xBF\xBD" "c\xEF\xBF\xBD[0m",
		  "'a b c [0m'" },
		/* not UTF-8: a lone byte, an overlong '/', a surrogate, a cut character (RFC 3629)
		 */
		{ "\xff", "\xEF\xBF\xBD", "\xEF\xBF\xBD", "'\xEF\xBF\xBD'" },
		{ "\xC0\xAF", "\xEF\xBF\xBD\xEF\xBF\xBD", "\xEF\xBF\xBD\xEF\xBF\xBD",
		  "'\xEF\xBF\xBD\xEF\xBF\xBD'" },
		{ "\xED\xA0\x80", "\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD",
		  "\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD",
		  "'\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD'" },
		{ "\xE2\x82", "\xEF\xBF\xBD\xEF\xBF\xBD", "\xEF\xBF\xBD\xEF\xBF\xBD",
		  "'\xEF\xBF\xBD\xEF\xBF\xBD'" },
		{ "\xE2\x82\xAC\xF0\x9F\x98\x80", "\xE2\x82\xAC\xF0\x9F\x98\x80",
		  "\xE2\x82\xAC\xF0\x9F\x98\x80", "'\xE2\x82\xAC\xF0\x9F\x98\x80'" },
		/* right-to-left override, CSI as one C1 character */
		{ "\xE2\x80\xAE\xC2\x9B", "  ", "\xEF\xBF\xBD\xEF\xBF\xBD", "'  '" },
	};
	static const struct {
		long long count;
		const char *words;
	} counts[] = { { 0, "0" },        { 999, "999" },
		       { 1000, "1,000" }, { -1234567, "-1,234,567" },
		       { -100, "-100" },  { 12345678, "12,345,678" } };
	static const struct {
		double ns;
		const char *words;
	} times[] = { { 1, "1.00 ns" },     { 412.3, "412 ns" },    { 999.6, "1.00 µs" },
		      { 12345, "12.3 µs" }, { 1200000, "1.20 ms" }, { 3e12, "3000 s" } };
	char out[32];

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct text text[3] = { { .env = &env }, { .env = &env }, { .env = &env } };

		add_plain(&text[0], cases[i].in);
		add_html(&text[1], cases[i].in);
		add_gnuplot(&text[2], cases[i].in);
		assert_string_equal(text[0].bytes, cases[i].plain);
		assert_string_equal(text[1].bytes, cases[i].html);
		assert_string_equal(text[2].bytes, cases[i].gnuplot);
		for (int j = 0; j < 3; j++)
			text_free(&text[j]);
	}
	for (size_t i = 0; i < sizeof counts / sizeof *counts; i++) {
		print_count(out, counts[i].count);
		assert_string_equal(out, counts[i].words);
	}
	for (size_t i = 0; i < sizeof times / sizeof *times; i++) {
		print_time(out, times[i].ns);
		assert_string_equal(out, times[i].words);
	}
}

static void without_memory(void **state)
{
	struct failing failing = { 0, -1 };
	struct env short_of = env_failing(&failing);
	struct figures figures;
	struct error error;
	long calls;

	(void)state;
	assert_int_equal(figures_open(&figures, &short_of, &error), 0);
	assert_true(figures.count >= 10);
	figures_free(&figures);
	calls = failing.calls;
	for (long at = 0; at < calls; at++) {
		failing = (struct failing){ 0, at };
		assert_int_equal(figures_open(&figures, &short_of, &error), -1);
		assert_int_equal(error.status, STATUS_MACHINE);
	}
}

static void the_command(void **state)
{
	struct outcome_text outcome;

	(void)state;
	outcome = run_shell("$QS plot hand.db --format gif");
	assert_int_equal(outcome.status, 2);
	assert_non_null(strstr(outcome.err, "expected svg or png"));
	outcome_free(&outcome);
	if (!has_gnuplot())
		return;
	outcome =
		run_shell("$QS plot hand.db --figure clipping --figure error_by_bits --format png");
	assert_string_equal(outcome.out, "drew hand.figures/clipping.png\n"
					 "drew hand.figures/error_by_bits.png\n");
	assert_int_equal(outcome.status, 0);
	outcome_free(&outcome);
	outcome = run_shell("test \"$(head -c 4 hand.figures/clipping.png | tail -c 3)\" = PNG");
	assert_int_equal(outcome.status, 0);
	outcome_free(&outcome);
}

/* Six runs, of which the last three take half of the time: 100, 100, 100, 50, 50, 50 %. */
static void a_trend(void **state)
{
	sqlite3 *db = reported_open(scratch("runs.db"));
	struct outcome_text outcome;
	char *svg;

	(void)state;
	reported_gemm(db);
	for (int run = 2; run <= 6; run++) {
		char *sql = sqlite3_mprintf(
			"INSERT INTO run (run_id, run_number, machine_id, started, state, name, "
			"config, command, jobs, version, compiler, build, arithmetic, config_text) "
			"VALUES ('r%d', %d, 'm', %d, 'done', 'hand', 'c', 'q', 1, '0', 'c', 'b', 1, "
			"''); INSERT INTO launch (cell_key, race, set_number, run_number, launch, "
			"guest, verdict, ended, median_ns, least_ns) SELECT cell_key, race, %d, %d, "
			"0, 0, 'exact', 0, 90, %d FROM launch WHERE cell_key LIKE '%%vnni' AND "
			"set_number = 1", run, run, run, run, run, run > 3 ? 45 : 90);

		reported_execute(db, sql);
		sqlite3_free(sql);
	}
	reported_close(db);
	if (!has_gnuplot())
		return;
	outcome = run_shell("$QS plot hand.db --figure trend --out none");
	assert_int_equal(outcome.status, 0);
	assert_non_null(strstr(outcome.out, "no race was run twice"));
	outcome_free(&outcome);
	outcome = run_shell("$QS plot runs.db --figure trend --out runs");
	if (outcome.status)
		fail_msg("%s", outcome.err);
	outcome_free(&outcome);
	svg = read_text(scratch("runs/trend.svg"));
	assert_non_null(svg);
	assert_non_null(strstr(svg, "gemm_u8s8s32__avx512vnni"));
	assert_non_null(strstr(svg, "-50 %"));
	assert_null(strstr(svg, "gemm_u8s8s32__avx2"));  /* one run is no line */
	free(svg);
}

static int make(void **state)
{
	(void)state;
	env = env_system();
	use_plots(NULL);
	reported_make(scratch("hand.db"));
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_figure),    cmocka_unit_test(no_rows),
		cmocka_unit_test(wrong_files),    cmocka_unit_test(no_gnuplot),
		cmocka_unit_test(the_data),       cmocka_unit_test(words),
		cmocka_unit_test(without_memory), cmocka_unit_test(the_command),
		cmocka_unit_test(a_trend),
	};

	return cmocka_run_group_tests(tests, make, NULL);
}

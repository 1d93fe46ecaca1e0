/* SPDX-License-Identifier: MIT
 *
 * Filters as SQL, queries that are answered with a sentence, and values as they come back.
 */
#include "stored.h"

static struct stored stored;

static struct store *one_run(const char *name)
{
	const char *path = scratch(name);

	stored_file(&stored, path);
	return stored_open(&stored, path);
}

static int count_rows(void *self, const struct row *row)
{
	(void)row;
	++*(int *)self;
	return 0;
}

static void filters(void **state)
{
	static const struct {
		const char *filters[3];
		int rows; /* -1: an error with `words` */
		const char *words;
	} cases[] = {
		{ { NULL }, 6, NULL },
		{ { "weight_bits=4" }, 1, NULL },
		{ { "weight_bits!=4" }, 5, NULL },
		{ { "weight_bits<=8" }, 5, NULL },
		{ { "weight_bits>8" }, 1, NULL },
		{ { "weight_bits<1e1,subject=synthetic*" }, 3, NULL },
		{ { "weight_bits=4", "weight_granularity=group*" }, 2, NULL },
		{ { "weight_bits=[!48]*" }, 1, NULL },
		/* NULL matches nothing */
		{ { "kernel!=x" }, 3, NULL },
		{ { "kernel=*" }, 3, NULL },
		{ { "sqnr_db>=20.5" }, 5, NULL },
		{ { "sqnr_db=20.5" }, 1, NULL },
		/* a text is no number */
		{ { "label>0" }, 0, NULL },
		{ { "label=* | gemm_u8s8s32__avx2 t1 b1 warm" }, 1, NULL },
		{ { "weight_bit=4" }, -1, "no column 'weight_bit'; did you mean 'weight_bits'?" },
		{ { "qqqqqqqq=4" }, -1, "no column 'qqqqqqqq'" },
	};
	struct store *store = one_run("filter.db");

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct filter filter = { 0 };
		struct text sql = { .env = &stored.env };
		struct error error = { 0 };
		const char *bind[8];
		int bound = 0, rows = 0, failed;

		for (int j = 0; j < 3 && cases[i].filters[j]; j++)
			assert_int_equal(
				filter_add(&filter, &stored.env, cases[i].filters[j], &error), 0);
		text_add(&sql, "SELECT * FROM choice");
		failed = store_where(store, "choice", &filter, &sql, bind, 8, &bound, &error);
		if (failed) {
			assert_int_equal(cases[i].rows, -1);
			assert_int_equal(error.status, STATUS_INPUT);
			if (!strstr(error.text, cases[i].words))
				fail_msg("found '%s', expected '%s'", error.text, cases[i].words);
		} else if (store_query(store, sql.bytes, bind, bound, count_rows, &rows, &error)) {
			fail_msg("%s", error.text);
		} else if (rows != cases[i].rows) {
			fail_msg("%s: %d rows, expected %d", cases[i].filters[0], rows,
				 cases[i].rows);
		}
		text_free(&sql);
		filter_free(&filter);
	}
	store_close(store);
}

static void too_many_filters(void **state)
{
	struct store *store = one_run("filter.db");
	struct filter filter = { 0 };
	struct text sql = { .env = &stored.env };
	struct error error = { 0 };
	const char *bind[2];
	int bound = 0;

	(void)state;
	for (int i = 0; i < 3; i++)
		assert_int_equal(filter_add(&filter, &stored.env, "label=x", &error), 0);
	assert_int_equal(store_where(store, "choice", &filter, &sql, bind, 2, &bound, &error), -1);
	assert_int_equal(error.status, STATUS_INPUT);
	text_free(&sql);
	filter_free(&filter);
	store_close(store);
}

static void wrong_queries(void **state)
{
	static const struct {
		const char *sql, *words;
	} cases[] = {
		{ "SELEC 1", "the query is wrong: near \"SELEC\"" },
		{ "SELECT no FROM choice", "no such column: no" },
		{ "SELECT 1; SELECT 2", "not one SELECT" },
		{ "SELECT 1; DROP VIEW choice", "not one SELECT" },
		{ "DELETE FROM run", "not one SELECT" },
		{ "ATTACH 'x.db' AS x", "too many attached databases" },
		{ "", "empty" },
		{ "-- nothing", "empty" },
		{ "SELECT load_extension('x')", "the query is wrong" },
	};
	struct store *store = one_run("query.db");
	int rows = 0;

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct error error = { 0 };

		if (!store_query(store, cases[i].sql, NULL, 0, count_rows, &rows, &error))
			fail_msg("%s was run", cases[i].sql);
		assert_int_equal(error.status, STATUS_INPUT);
		if (!strstr(error.text, cases[i].words))
			fail_msg("found '%s', expected '%s'", error.text, cases[i].words);
	}
	stored_expect(store, "SELECT count(*) FROM run -- a comment may stand behind it\n;", "1");
	store_close(store);
}

static int look_at_types(void *self, const struct row *row)
{
	(void)self;
	assert_int_equal(row->columns, 5);
	assert_string_equal(row->names[1], "real");
	assert_string_equal(row->values[0], "3");
	assert_string_equal(row->values[1], "0.1");
	assert_string_equal(row->values[2], "x");
	assert_null(row->values[3]);
	assert_string_equal(row->values[4], "1e+300");
	assert_int_equal(row->types[0], CELL_INTEGER);
	assert_int_equal(row->types[1], CELL_REAL);
	assert_int_equal(row->types[2], CELL_TEXT);
	assert_int_equal(row->types[3], CELL_NULL);
	return 0;
}

static void types_of_values(void **state)
{
	struct store *store = one_run("types.db");
	struct error error;

	(void)state;
	assert_int_equal(store_query(store, "SELECT 3, 0.1 AS real, 'x', NULL, 1e300", NULL, 0,
				     look_at_types, NULL, &error),
			 0);
	store_close(store);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(filters),
		cmocka_unit_test(too_many_filters),
		cmocka_unit_test(wrong_queries),
		cmocka_unit_test(types_of_values),
	};
	int failed;

	scratch_dir();
	stored_make(&stored);
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	stored_free(&stored);
	return failed;
}

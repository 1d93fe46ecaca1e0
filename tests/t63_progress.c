/* SPDX-License-Identifier: MIT
 *
 * Progress with a false clock: each text is worked out by hand.
 */
#include "support.h"

#include "../harness/progress.h"

static const uint64_t second = UINT64_C(1000000000);

static void time_left_is_the_live_rate(void **state)
{
	static const struct {
		double cost, total, gone_s, left_s;
	} cases[] = {
		{ 25, 100, 10, 30 },        /* 2.5 a second, 75 to do */
		{ 50, 100, 10, 10 },
		{ 1, 1000000, 2, 1999998 },
		{ 100, 100, 7, 0 },
		{ 120, 100, 7, 0 },         /* the estimate was too low */
		{ 0, 100, 10, -1 },         /* nothing is done: no rate */
		{ 50, 100, 0.999, -1 },     /* too early to tell */
		{ 50, 100, 1, 1 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		const struct progress progress = { .cost = cases[i].cost,
						   .total_cost = cases[i].total,
						   .start_ns = 3 * second };
		const uint64_t now = 3 * second + (uint64_t)(cases[i].gone_s * 1e9);
		const double left = progress_seconds_left(&progress, now);

		if (left < cases[i].left_s - 1e-9 || left > cases[i].left_s + 1e-9)
			fail_msg("case %zu: %g s left, expected %g", i, left, cases[i].left_s);
	}
}

#define E_ACUTE "\303\251"     /* two bytes, one character */

static void bar_texts(void **state)
{
	static const struct {
		size_t cells, total_cells;
		double cost, total, gone_s;
		int columns;
		const char *label, *text;
	} cases[] = {
		{ 0, 84, 0, 100, 0, 80, "label",
		  "0/84 [>                   ] less than 1 s  label" },
		{ 0, 84, 0, 100, 2, 80, "label", "0/84 [>                   ] 2 s  label" },
		{ 37, 84, 25, 100, 12, 80, "label",
		  "37/84 [=====>              ] 12 s, 36 s left  label" },
		{ 37, 84, 25, 100, 3600, 80, "label",
		  "37/84 [=====>              ] 60 min, 3 h 0 min left  label" },
		{ 84, 84, 100, 100, 12, 80, "",
		  "84/84 [====================] 12 s, less than 1 s left  " },
		{ 90, 84, 200, 100, 12, 80, "",
		  "90/84 [====================] 12 s, less than 1 s left  " },
		/* the label is cut, then the line itself: one that wraps would not vanish */
		{ 37, 84, 25, 100, 12, 50, "a label",
		  "37/84 [=====>              ] 12 s, 36 s left  a la" },
		{ 37, 84, 25, 100, 12, 46, "a label",
		  "37/84 [=====>              ] 12 s, 36 s left  " },
		{ 37, 84, 25, 100, 12, 30, "a label", "37/84 [=====>              ] 1" },
		{ 37, 84, 25, 100, 12, 3, "a label", "37/" },
		/* characters, not bytes; what would move the cursor is shown as ? */
		{ 0, 1, 0, 0, 2, 35, E_ACUTE E_ACUTE E_ACUTE,
		  "0/1 [>                   ] 2 s  " E_ACUTE E_ACUTE E_ACUTE },
		{ 0, 1, 0, 0, 2, 34, E_ACUTE E_ACUTE E_ACUTE,
		  "0/1 [>                   ] 2 s  " E_ACUTE E_ACUTE },
		{ 0, 1, 0, 0, 2, 80, "a\033[Kb\nc\377d\177",
		  "0/1 [>                   ] 2 s  a?[Kb?c?d?" },
		/* without costs the cells count; without either it is done */
		{ 1, 2, 0, 0, 2, 80, "", "1/2 [==========>         ] 2 s  " },
		{ 0, 0, 0, 0, 2, 80, "", "0/0 [====================] 2 s  " },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		const struct progress progress = {
			.cells = cases[i].cells, .total_cells = cases[i].total_cells,
			.cost = cases[i].cost, .total_cost = cases[i].total,
		};
		const uint64_t now = (uint64_t)(cases[i].gone_s * 1e9);
		char text[256], small[16];
		size_t length;

		length = progress_bar_text(text, sizeof text, &progress, cases[i].label, now,
					   cases[i].columns);
		if (strcmp(text, cases[i].text))
			fail_msg("case %zu:\n'%s', expected\n'%s'", i, text, cases[i].text);
		assert_int_equal(length, strlen(text));
		progress_bar_text(small, sizeof small, &progress, cases[i].label, now,
				  cases[i].columns);
		assert_int_equal(strlen(small), length < sizeof small ? length : sizeof small - 1);
	}
}

static void plain_texts(void **state)
{
	const struct progress begun = {
		.cells = 37, .total_cells = 84, .cost = 44.9, .total_cost = 100
	};
	const struct progress fresh = { .total_cells = 84, .total_cost = 100 };
	char text[256], small[16];

	(void)state;
	progress_plain_text(text, sizeof text, &begun, "a label", 449 * second / 10);
	assert_string_equal(text, "37 of 84 cells, 44 %, 45 s, about 55 s left: a label");
	progress_plain_text(text, sizeof text, &fresh, "a\tlabel", 0);
	assert_string_equal(text, "0 of 84 cells, 0 %, less than 1 s: a?label");
	progress_plain_text(small, sizeof small, &begun, "a label", 0);
	assert_string_equal(small, "37 of 84 cells,");
}

/* All that a progress of this mode writes while the clock goes by tenths of a second and each step
 * is one cell of cost 1, up to 12 s. */
static char *written(enum progress_mode mode)
{
	uint64_t now = 0;
	const struct env env = env_with_clock(&now);
	struct progress progress;
	FILE *out = fopen(scratch("written"), "w");

	assert_non_null(out);
	progress_start(&progress, &env, mode, out, 120, 120);
	for (int i = 1; i <= 120; i++) {
		now += second / 20;
		progress_show(&progress, "now");
		now += second / 20;
		progress_step(&progress, 1, "then");
	}
	progress_end(&progress);
	progress_end(&progress);         /* a second one is harmless */
	fclose(out);
	return read_text(scratch("written"));
}

static void a_file_gets_plain_lines(void **state)
{
	char *plain = written(PROGRESS_PLAIN), *usual = written(PROGRESS_AUTO);
	char *none = written(PROGRESS_NONE);

	(void)state;
	assert_string_equal(plain, "50 of 120 cells, 41 %, 5 s, about 7 s left: then\n"
				   "100 of 120 cells, 83 %, 10 s, about 2 s left: then\n");
	assert_string_equal(usual, plain);
	assert_string_equal(none, "");
	free(plain);
	free(usual);
	free(none);
}

static void a_bar_is_drawn_over_itself_and_vanishes(void **state)
{
	char *bar = written(PROGRESS_BAR);
	const size_t length = strlen(bar);
	int draws = 0;

	(void)state;
	assert_null(strchr(bar, '\n'));
	for (const char *c = bar; (c = strstr(c, "/120 [")); c++)
		draws++;
	assert_int_equal(draws, 120);    /* 12 s at one each tenth of a second */
	assert_true(length > 4 && !strcmp(bar + length - 4, "\r\033[K"));
	free(bar);
}

static void modes_are_read(void **state)
{
	static const char *const names[] = { "auto", "bar", "plain", "none" };
	enum progress_mode mode;
	struct error error = { 0 };

	(void)state;
	for (int i = 0; i < 4; i++) {
		assert_int_equal(progress_mode_read(&mode, names[i], &error), 0);
		assert_int_equal(mode, i);
	}
	assert_int_equal(progress_mode_read(&mode, "loud", &error), -1);
	assert_int_equal(error.status, STATUS_INPUT);
	assert_string_equal(error.text, "--progress: 'loud' was given; auto, bar, plain or none is "
					"expected");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(time_left_is_the_live_rate),
		cmocka_unit_test(bar_texts),
		cmocka_unit_test(plain_texts),
		cmocka_unit_test(a_file_gets_plain_lines),
		cmocka_unit_test(a_bar_is_drawn_over_itself_and_vanishes),
		cmocka_unit_test(modes_are_read),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

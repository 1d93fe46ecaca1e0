/* SPDX-License-Identifier: MIT */
#include "baseline.h"

#include "../files.h"
#include "../quote.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Rows of view `error` hold these; the order is that of the file's columns. */
const struct metric metrics[METRICS] = {
	{ "mse", BETTER_LESS },
	{ "rmse", BETTER_LESS },
	{ "rmse_over_step", BETTER_LESS },
	{ "max_abs", BETTER_LESS },
	{ "mean_error", BETTER_NEAR_ZERO },
	{ "saturated_fraction", BETTER_LESS },
	{ "zero_fraction", BETTER_LESS },
	{ "bytes", BETTER_LESS },
	{ "elements", BETTER_NEVER },
	{ "sqnr_db", BETTER_MORE },
	{ "cosine", BETTER_MORE },
};

int baseline_order(const void *a, const void *b)
{
	const struct baseline_row *x = a, *y = b;
	const int by_label = strcmp(x->label, y->label);

	return by_label ? by_label : strcmp(x->tensor, y->tensor);
}

static void row_free(const struct env *env, struct baseline_row *row)
{
	env_free(env, row->label);
	env_free(env, row->tensor);
	env_free(env, row->choice_label);
	env_free(env, row->config);
	env_free(env, row->data);
	env_free(env, row->config_name);
}

void baseline_free(struct baseline *baseline)
{
	if (!baseline->env)
		return;
	for (size_t i = 0; i < baseline->count; i++)
		row_free(baseline->env, &baseline->rows[i]);
	env_free(baseline->env, baseline->rows);
	*baseline = (struct baseline){ .env = baseline->env };
}

struct loading {
	struct baseline *baseline;
	struct error *error;
	bool failed;
};

enum { TEXT_COLUMNS = 6 };

static int load_row(void *self, const struct row *row)
{
	struct loading *loading = self;
	struct baseline *baseline = loading->baseline;
	struct baseline_row *new;

	loading->failed = true;
	if (env_grow(baseline->env, &baseline->rows, &baseline->capacity, baseline->count,
		     sizeof *baseline->rows, "the rows", loading->error))
		return -1;
	new = &baseline->rows[baseline->count++];
	*new = (struct baseline_row){ 0 };
	char **const texts[TEXT_COLUMNS] = { &new->label,  &new->tensor, &new->choice_label,
					     &new->config, &new->data,   &new->config_name };

	for (int i = 0; i < TEXT_COLUMNS; i++) {
		if (!row->values[i])
			continue;
		*texts[i] = env_copy_text(baseline->env, row->values[i], loading->error);
		if (!*texts[i])
			return -1;
	}
	for (int i = 0; i < METRICS; i++)
		new->value[i] = row->values[TEXT_COLUMNS + i]
					? strtod(row->values[TEXT_COLUMNS + i], NULL)
					: NAN;
	loading->failed = false;
	return 0;
}

static int load_version(void *self, const struct row *row)
{
	struct baseline *baseline = self;

	baseline->arithmetic = row->values[0] ? atoi(row->values[0]) : 0;
	return 0;
}

int baseline_load(struct baseline *baseline, struct store *store, const struct env *env,
		  struct error *error)
{
	struct loading loading = { .baseline = baseline, .error = error };
	struct text sql = { .env = env };
	char *select;
	int failed;

	*baseline = (struct baseline){ .env = env };
	if (store_query(store, "SELECT max(arithmetic) FROM error", NULL, 0, load_version, baseline,
			error))
		return -1;
	text_add(&sql, "SELECT label, tensor, choice_label, config, data, config_name");
	for (int i = 0; i < METRICS; i++) {
		text_add(&sql, ", %s", metrics[i].name);
		baseline->has[i] = true;
	}
	text_add(&sql, " FROM error WHERE arithmetic = %d ORDER BY label, tensor",
		 baseline->arithmetic);
	select = text_take(&sql, error);
	failed = !select || store_query(store, select, NULL, 0, load_row, &loading, error) ||
		 loading.failed;
	env_free(env, select);
	if (failed)
		baseline_free(baseline);
	return failed ? -1 : 0;
}

static void print(FILE *out, const struct baseline *baseline)
{
	fprintf(out, "# quantsweep baseline: arithmetic version %d\nlabel,tensor",
		baseline->arithmetic);
	for (int i = 0; i < METRICS; i++)
		if (baseline->has[i])
			fprintf(out, ",%s", metrics[i].name);
	putc('\n', out);
	for (size_t i = 0; i < baseline->count; i++) {
		const struct baseline_row *row = &baseline->rows[i];

		print_csv_text(out, row->label);
		putc(',', out);
		print_csv_text(out, row->tensor);
		for (int j = 0; j < METRICS; j++) {
			if (!baseline->has[j])
				continue;
			putc(',', out);
			if (!isnan(row->value[j]))
				fprintf(out, "%.17g", row->value[j]);
		}
		putc('\n', out);
	}
}

int baseline_write(const struct baseline *baseline, const char *path, struct error *error)
{
	struct new_file file;

	if (file_begin(&file, baseline->env, path, error))
		return -1;
	print(file.out, baseline);
	return file_end(&file, error);
}

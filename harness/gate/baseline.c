/* SPDX-License-Identifier: MIT */
#include "baseline.h"

#include "../files.h"
#include "../quote.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum {
	TENSOR = 1 << ROW_TENSOR, LAYER = 1 << ROW_LAYER, TASK = 1 << ROW_TASK,
	NETWORK = 1 << ROW_NETWORK
};

const struct gate_column gate_columns[COLUMNS] = {
	{ "mse", BETTER_LESS, TENSOR, NULL },
	{ "rmse", BETTER_LESS, TENSOR, NULL },
	{ "rmse_over_step", BETTER_LESS, TENSOR | LAYER, NULL },
	{ "max_abs", BETTER_LESS, TENSOR | LAYER, NULL },
	{ "mean_error", BETTER_NEAR_ZERO, TENSOR, NULL },
	{ "saturated_fraction", BETTER_LESS, TENSOR, NULL },
	{ "zero_fraction", BETTER_LESS, TENSOR, NULL },
	{ "bytes", BETTER_LESS, TENSOR | NETWORK, NULL },
	{ "elements", BETTER_NEVER, TENSOR, NULL },
	{ "sqnr_db", BETTER_MORE, TENSOR, "max_abs" },
	{ "cosine", BETTER_MORE, TENSOR | LAYER, "max_abs" },
	{ "island", BETTER_NEVER, LAYER, NULL },
	{ "isolated_sqnr_db", BETTER_MORE, LAYER, "isolated_relative_rmse" },
	{ "isolated_relative_rmse", BETTER_LESS, LAYER, NULL },
	{ "cumulative_sqnr_db", BETTER_MORE, LAYER, "cumulative_relative_rmse" },
	{ "cumulative_relative_rmse", BETTER_LESS, LAYER, NULL },
	{ "integer_sqnr_db", BETTER_MORE, LAYER, "integer_relative_rmse" },
	{ "integer_relative_rmse", BETTER_LESS, LAYER, NULL },
	{ "activation_saturated_fraction", BETTER_LESS, LAYER, NULL },
	{ "weight_saturated_fraction", BETTER_LESS, LAYER, NULL },
	{ "step_gap_local", BETTER_LESS, LAYER, NULL },
	{ "differing_fraction_local", BETTER_LESS, LAYER, NULL },
	{ "step_gap", BETTER_LESS, LAYER, NULL },
	{ "differing_fraction", BETTER_LESS, LAYER, NULL },
	{ "samples", BETTER_NEVER, TASK | NETWORK, NULL },
	{ "value", BETTER_BY_METRIC, TASK, NULL },
	{ "lost", BETTER_LESS, TASK, NULL },
	{ "gained", BETTER_MORE, TASK, NULL },
	{ "integer_macs", BETTER_NEVER, NETWORK, NULL },
	{ "float_macs", BETTER_NEVER, NETWORK, NULL },
};
const char hash_column[] = "integer_hash";

/* The view of each kind of rows, and the column `tensor` of the file. */
static const struct {
	const char *view, *tensor;
} kinds[ROW_KINDS] = {
	[ROW_TENSOR] = { "error", "tensor" },
	[ROW_LAYER] = { "drift", "'layer:' || layer" },
	[ROW_TASK] = { "task", "'task:' || metric || ':' || execution" },
	[ROW_NETWORK] = { "network", "'network'" },
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
	env_free(env, row->hash);
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

enum { TEXT_COLUMNS = 7 };

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
	char **const texts[TEXT_COLUMNS] = { &new->label, &new->tensor,      &new->choice_label,
					     &new->config, &new->data,        &new->config_name,
					     &new->hash };

	for (int i = 0; i < TEXT_COLUMNS; i++) {
		if (!row->values[i])
			continue;
		*texts[i] = env_copy_text(baseline->env, row->values[i], loading->error);
		if (!*texts[i])
			return -1;
	}
	for (int i = 0; i < COLUMNS; i++)
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

static int load_kind(struct loading *loading, struct store *store, enum row_kind kind)
{
	struct baseline *baseline = loading->baseline;
	const size_t before = baseline->count;
	struct text sql = { .env = baseline->env };
	char *select;
	int failed;

	text_add(&sql, "SELECT label, %s, choice_label, config, data, config_name, %s",
		 kinds[kind].tensor, kind == ROW_NETWORK ? hash_column : "NULL");
	for (int i = 0; i < COLUMNS; i++)
		text_add(&sql, ", %s",
			 gate_columns[i].kinds >> kind & 1 ? gate_columns[i].name : "NULL");
	text_add(&sql, " FROM %s WHERE arithmetic = %d", kinds[kind].view, baseline->arithmetic);
	select = text_take(&sql, loading->error);
	failed = !select ||
		 store_query(store, select, NULL, 0, load_row, loading, loading->error) ||
		 loading->failed;
	env_free(baseline->env, select);
	for (int i = 0; i < COLUMNS; i++)
		baseline->has[i] |= gate_columns[i].kinds >> kind & 1 &&
				    (kind == ROW_TENSOR || baseline->count > before);
	baseline->has_hash |= kind == ROW_NETWORK && baseline->count > before;
	return failed ? -1 : 0;
}

int baseline_load(struct baseline *baseline, struct store *store, const struct env *env,
		  struct error *error)
{
	static const char version[] =
		"SELECT max(version) FROM (SELECT max(arithmetic) AS version FROM error "
		"UNION ALL SELECT max(arithmetic) FROM network)";
	struct loading loading = { .baseline = baseline, .error = error };
	int failed;

	*baseline = (struct baseline){ .env = env };
	failed = store_query(store, version, NULL, 0, load_version, baseline, error);
	for (int i = 0; i < ROW_KINDS && !failed; i++)
		failed = load_kind(&loading, store, (enum row_kind)i);
	if (failed)
		baseline_free(baseline);
	else if (baseline->count)
		qsort(baseline->rows, baseline->count, sizeof *baseline->rows, baseline_order);
	return failed ? -1 : 0;
}

static void print(FILE *out, const struct baseline *baseline)
{
	fprintf(out, "# quantsweep baseline: arithmetic version %d\nlabel,tensor",
		baseline->arithmetic);
	for (int i = 0; i < COLUMNS; i++)
		if (baseline->has[i])
			fprintf(out, ",%s", gate_columns[i].name);
	fprintf(out, baseline->has_hash ? ",%s\n" : "\n", hash_column);
	for (size_t i = 0; i < baseline->count; i++) {
		const struct baseline_row *row = &baseline->rows[i];

		print_csv_text(out, row->label);
		putc(',', out);
		print_csv_text(out, row->tensor);
		for (int j = 0; j < COLUMNS; j++) {
			if (!baseline->has[j])
				continue;
			putc(',', out);
			if (!isnan(row->value[j]))
				fprintf(out, "%.17g", row->value[j]);
		}
		if (baseline->has_hash)
			fprintf(out, ",%s", row->hash ? row->hash : "");
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

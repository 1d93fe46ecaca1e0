/* SPDX-License-Identifier: MIT
 *
 * What each layer of a network costs by itself: rows beside those of its cell, which a cell may get
 * later than its other rows, and of more samples again.
 */
#include "store_internal.h"

enum { RUN_KEYS = 2, RUN_COMPARED = 4, PART_KEYS = 3, LAYER_KEYS = 4 };

static const char *const part_names[PARTS] = {
	[PART_WEIGHTS] = "weights", [PART_ACTIVATIONS] = "activations", [PART_BOTH] = "both"
};

/* Which rows, and whether their metric has right and wrong. */
struct rows {
	struct store *store;
	const struct accuracy_cell *cell;
	const struct sensitivity *sensitivity;
	enum sensitivity_part part;
};

static int put_run(const struct rows *rows, const char *metric, struct error *error)
{
	const struct sensitivity *sensitivity = rows->sensitivity;
	const uint64_t *runs = sensitivity->runs;
	const struct field fields[] = {
		field_text("cell_key", rows->cell->key),
		field_whole("samples", sensitivity->samples),
		field_text("metric", metric),
		field_real("float_value", sensitivity->float_value),
		field_whole("base_runs", (long long)runs[SENSITIVITY_BASE]),
		field_whole("only_runs", (long long)runs[SENSITIVITY_ONLY]),
		field_whole("spared_runs", (long long)runs[SENSITIVITY_SPARED]),
		field_whole("macs", (long long)sensitivity->macs),
	};
	const struct stored_row row = { .put = PUT_SENSITIVITY_RUN,
					.get = GET_SENSITIVITY_RUN,
					.label = rows->cell->label,
					.what = "sensitivity by metric",
					.name = metric,
					.fields = fields,
					.keys = RUN_KEYS,
					.compared = RUN_COMPARED,
					.count = sizeof fields / sizeof *fields };

	return store_put_row(rows->store, &row, error);
}

static struct field field_answers(const char *name, const struct rows *rows,
				  const struct sensitivity_answer *answer, int64_t count)
{
	return rows->sensitivity->counted && answer->known ? field_whole(name, count)
							   : field_null(name);
}

static int put_part(const struct rows *rows, struct error *error)
{
	const char *name = part_names[rows->part];
	const struct sensitivity_answer *answer = &rows->sensitivity->quantized[rows->part];
	const struct field fields[] = {
		field_text("cell_key", rows->cell->key),
		field_whole("samples", rows->sensitivity->samples),
		field_text("part", name),
		field_real("quantized_sqnr_db", answer->sqnr_db),
		field_real("quantized_value", answer->value),
		field_answers("quantized_lost", rows, answer, answer->lost),
		field_answers("quantized_gained", rows, answer, answer->gained),
	};
	const struct stored_row row = { .put = PUT_SENSITIVITY_PART,
					.get = GET_SENSITIVITY_PART,
					.label = rows->cell->label,
					.what = "part",
					.name = name,
					.fields = fields,
					.keys = PART_KEYS,
					.compared = sizeof fields / sizeof *fields,
					.count = sizeof fields / sizeof *fields };

	return store_put_row(rows->store, &row, error);
}

static int put_layer(const struct rows *rows, const struct layer *layer, size_t index,
		     struct error *error)
{
	const struct sensitivity_layer *numbers = &rows->sensitivity->layers[index];
	const struct sensitivity_answer *only = &numbers->only[rows->part];
	const struct sensitivity_answer *spared = &numbers->spared[rows->part];
	const struct field fields[] = {
		field_text("cell_key", rows->cell->key),
		field_whole("samples", rows->sensitivity->samples),
		field_text("part", part_names[rows->part]),
		field_whole("layer_index", (long long)index),
		field_real("only_sqnr_db", only->sqnr_db),
		field_real("only_value", only->value),
		field_answers("only_lost", rows, only, only->lost),
		field_answers("only_gained", rows, only, only->gained),
		field_real("spared_sqnr_db", spared->sqnr_db),
		field_real("spared_value", spared->value),
		field_answers("spared_lost", rows, spared, spared->lost),
		field_answers("spared_gained", rows, spared, spared->gained),
	};
	const struct stored_row row = { .put = PUT_SENSITIVITY_LAYER,
					.get = GET_SENSITIVITY_LAYER,
					.label = rows->cell->label,
					.what = "sensitivity of layer",
					.name = layer->name,
					.fields = fields,
					.keys = LAYER_KEYS,
					.compared = sizeof fields / sizeof *fields,
					.count = sizeof fields / sizeof *fields };

	return store_put_row(rows->store, &row, error);
}

int store_put_sensitivity(struct store *store, const struct accuracy_cell *cell,
			  const struct layers *layers, const struct network_result *result,
			  struct error *error)
{
	struct rows rows = { .store = store, .cell = cell, .sensitivity = result->sensitivity };

	if (put_run(&rows, result->metric->name, error))
		return -1;
	for (int part = 0; part < PARTS; part++) {
		if (!rows.sensitivity->has[part])
			continue;
		rows.part = (enum sensitivity_part)part;
		if (put_part(&rows, error))
			return -1;
		for (size_t i = 0; i < result->layer_count; i++)
			if (rows.sensitivity->layers[i].has[part] &&
			    put_layer(&rows, &layers->layers[i], i, error))
				return -1;
	}
	return 0;
}

/* SPDX-License-Identifier: MIT
 *
 * The list of all axes, and what is asked of any of them.
 */
#include "tables.h"

#include "../quote.h"

#include <string.h>

const struct axis axes[] = {
	{ "format", "what a code is", format_values, "" },
	{ "scheme", "how a range becomes a scale and a zero point for b-bit codes", scheme_values,
	  "" },
	{ "scale", "which scales may be stored", scale_values, "" },
	{ "granularity", "which values share one scale", granularity_values, "" },
	{ "calibration", "where a range is clipped", calibration_values, "" },
	{ "range", "when the range of activations is taken", range_values, "" },
	{ "rounding", "where a tie between two codes goes", rounding_values, "" },
	{ "requantization", "how an integer sum becomes an output code", requantization_values,
	  "" },
	{ "policy", "which layers are quantized", policy_values, "" },
	{ "recovery", "what is done to win accuracy back", recovery_values, "" },
	{ "op", "the operations that can be a subject", operation_values, NULL },
	{ "y", "what the sums of a product become: a key of an op subject", result_values, "" },
	{ "w_values", "which codes the weights of a race have: a key of an op subject",
	  weight_values, "" },
	{ "synthetic", "the distributions of synthetic:NAME", synthetic_values, "synthetic:" },
	{ "network", "the embedded networks", network_values, "builtin:" },
	{ "layer", "what nodes of a network become", layer_operation_values, NULL },
	{ "reader", "the file formats of tensors", reader_values, NULL },
	{ "measure", "what is measured", measure_values, "" },
	{ "metric", "what a network's task is judged by", metric_values, "" },
	{ "cache", "where the data of a timed call lie", cache_values, "" },
	{ "isa", "the feature sets of --isa", isa_values, NULL },
	{ "limit", "the loops that measure a machine's limits", limit_values, NULL },
	{ "warning", "what is said about times: seen, what it does to the number, what to do",
	  warning_values, NULL },
	{ "verdict", "what is said about a network under a recipe, and when", verdict_values,
	  NULL },
	{ 0 }
};

const struct axis *axis_find(const char *name)
{
	for (const struct axis *axis = axes; axis->name; axis++)
		if (!strcmp(axis->name, name))
			return axis;
	return NULL;
}

const struct value *value_find(const struct value *const *values, const char *name)
{
	for (; *values; values++)
		if (!strcmp((*values)->name, name))
			return *values;
	return NULL;
}

const char *value_nearest(const struct value *const *values, const char *name)
{
	const char *names[64] = { NULL };
	size_t count = 0;

	while (count < sizeof names / sizeof *names && values[count]) {
		names[count] = values[count]->name;
		count++;
	}
	return nearest_name(name, names, count);
}

static void print_parameter(FILE *out, const struct value *value)
{
	fprintf(out, "  %-20s {\"%s\": %s}, %s%.10g to %.10g", "", value->name, value->parameter,
		value->pair    ? "two numbers, the lower one first, "
		: value->whole ? "a whole number, "
			       : "",
		value->least, value->most);
	if (value->needs_parameter)
		fprintf(out, "; has to be given");
	else if (value->standard >= value->least)
		fprintf(out, "; %g where left out", value->standard);
	fputc('\n', out);
}

static bool has_object(const struct value *value)
{
	return value->parameter || value->takes_patterns;
}

/* {"NAME": NUMBER}, {"NAME": [LOW, HIGH]} or {"NAME": [PATTERN, ...]} */
static void print_object(FILE *out, const struct value *value)
{
	static const char pattern[] = "\"type\": \"string\", \"pattern\": \"^[^;]+$\"";

	fprintf(out,
		", { \"type\": \"object\", \"required\": [\"%s\"], \"additionalProperties\": "
		"false, \"properties\": { \"%s\": { \"description\": ",
		value->name, value->name);
	print_json_text(out, value->summary);
	if (value->takes_patterns)
		fprintf(out,
			", \"anyOf\": [{ %s }, { \"type\": \"array\", \"minItems\": 1, "
			"\"maxItems\": 1024, \"items\": { %s } }] } } }",
			pattern, pattern);
	else
		fprintf(out, ", %s\"type\": \"%s\", \"minimum\": %.17g, \"maximum\": %.17g }%s } }",
			value->pair ? "\"type\": \"array\", \"minItems\": 2, \"maxItems\": 2, "
				      "\"items\": { "
				    : "",
			value->whole ? "integer" : "number", value->least, value->most,
			value->pair ? " }" : "");
}

void axis_print_schema(FILE *out, const struct axis *axis)
{
	const char *separator = "";
	bool objects = false;

	if (!axis->prefix)
		return;
	for (const struct value *const *value = axis->values; *value; value++)
		objects |= has_object(*value);
	fprintf(out, "    \"%s\": { %s\"enum\": [", axis->name, objects ? "\"anyOf\": [{ " : "");
	for (const struct value *const *value = axis->values; *value; value++) {
		if (!value_stands_alone(*value))
			continue;
		fprintf(out, "%s\"%s%s\"", separator, axis->prefix, (*value)->name);
		separator = ", ";
	}
	fprintf(out, "]%s", objects ? " }" : "");
	for (const struct value *const *value = axis->values; *value; value++)
		if (has_object(*value))
			print_object(out, *value);
	fprintf(out, "%s },\n", objects ? "]" : "");
}

/* What there is to say of a value beyond its words, each between `before` and `after`. */
static void print_notes(FILE *out, const struct axis *axis, const struct value *value,
			const char *before, const char *after)
{
	if (axis->values != calibration_values)
		return;
	const struct calibration *calibration = calibration_of(value);

	if (calibration->observer)
		fprintf(out, "%sorder-dependent: hangs on calibration_batch and on the order of "
			"samples%s", before, after);
	if (calibration->finest.words)
		fprintf(out, "%sper tensor%s alone: %s%s", before,
			calibration->finest.kind == PER_CHANNEL ? " or channel" : "",
			calibration->finest.words, after);
}

void axis_print(FILE *out, const struct axis *axis)
{
	fprintf(out, "%s: %s\n", axis->name, axis->summary);
	for (const struct value *const *value = axis->values; *value; value++) {
		fprintf(out, "  %-20s %s\n", (*value)->name, (*value)->summary);
		if ((*value)->parameter)
			print_parameter(out, *value);
		if ((*value)->takes_patterns)
			fprintf(out, "  %-20s {\"%s\": [\"GLOB\", ...]}, at least one; a "
				"';' in a name is written ?\n", "", (*value)->name);
		print_notes(out, axis, *value, "                       ", "\n");
		fprintf(out, "  %-20s source: %s\n", "", (*value)->source);
	}
}

/* A cell of a table: '|' would end it. */
static void print_cell(FILE *out, const char *words)
{
	for (; *words; words++)
		fprintf(out, *words == '|' ? "\\|" : "%c", *words);
}

void axis_print_markdown(FILE *out, const struct axis *axis)
{
	fprintf(out, "**%s**: ", axis->name);
	print_cell(out, axis->summary);
	fprintf(out, "\n\n| value | meaning | source |\n|---|---|---|\n");
	for (const struct value *const *value = axis->values; *value; value++) {
		if ((*value)->takes_patterns)
			fprintf(out, "| `{\"%s\": [\"GLOB\", ...]}` | ", (*value)->name);
		else if ((*value)->needs_parameter)
			fprintf(out, "| `{\"%s\": %s}` | ", (*value)->name, (*value)->parameter);
		else if ((*value)->parameter)
			fprintf(out, "| `%s`, `{\"%s\": %s}` | ", (*value)->name, (*value)->name,
				(*value)->parameter);
		else
			fprintf(out, "| `%s` | ", (*value)->name);
		print_cell(out, (*value)->summary);
		print_notes(out, axis, *value, "; *", "*");
		fprintf(out, " | ");
		print_cell(out, (*value)->source);
		fprintf(out, " |\n");
	}
	fprintf(out, "\n");
}

/* SPDX-License-Identifier: MIT
 *
 * The table of the verdict's rules, in the order in which they are named, and the view that is made
 * of it.
 */
#include "verdict_rules.h"

#define RULES(X)                                                                                   \
	X(calibration_constant) X(calibration_narrow) X(calibration_wide) X(integer_wrong)         \
	X(bias_overflow) X(weight_spread) X(weight_coarse) X(bias_coarse) X(outlier) X(saturated)  \
	X(sign_unused) X(range_unused) X(activation_spread) X(requantized) X(input_coarse)         \
	X(layer_alone) X(drift) X(weights_constant) X(outputs_constant) X(noise)

#define DECLARE(name) extern const struct verdict_rule verdict_##name;
RULES(DECLARE)

#define POINT(name) &verdict_##name.value,
const struct value *const verdict_values[] = { RULES(POINT) NULL };

#define RECIPE                                                                                     \
	" c.weight_format, c.weight_bits, c.weight_scheme, c.weight_granularity,"                  \
	" c.weight_calibration, c.activation_format, c.activation_bits, c.activation_scheme,"      \
	" c.activation_granularity, c.activation_calibration, c.activation_range, c.rounding,"     \
	" c.requantization, c.policy"

static const char facts[] =
	"CREATE TEMP VIEW verdict AS WITH "
	"layers AS MATERIALIZED (SELECT l.*," RECIPE ", w.sqnr_db AS weight_sqnr_db,"
	" w.zero_fraction AS weight_zero_fraction"
	" FROM network n JOIN cell c ON c.cell_key = n.cell_key"
	" JOIN layer l ON l.cell_key = n.cell_key"
	" LEFT JOIN accuracy w ON w.cell_key = l.cell_key AND w.layer_index = l.layer_index"
	" AND w.execution = 'simulated'), "
	"ranges AS MATERIALIZED (SELECT r.*," RECIPE ", l.operation, l.rmse_over_step,"
	" max(-seen_low, seen_high) AS seen, max(-calibrated_low, calibrated_high) AS calibrated,"
	" max(-range_low, range_high) AS reach, range_high - range_low AS width,"
	" max(seen_high, 0) - min(seen_low, 0) AS seen_width"
	" FROM network n JOIN cell c ON c.cell_key = n.cell_key"
	" JOIN calibrated_range r ON r.cell_key = n.cell_key"
	" LEFT JOIN layer l ON l.cell_key = r.cell_key AND l.layer_index = r.layer_index), "
	"outputs AS MATERIALIZED (SELECT n.cell_key, n.samples, c.activation_calibration,"
	" z.cumulative_sqnr_db AS sqnr_db, z.layer_index + 1 AS layers,"
	" (SELECT max(cumulative_sqnr_db) FROM layer f WHERE f.cell_key = n.cell_key"
	" AND f.layer_index = 0) AS first_db,"
	" replace(c.label, '.' || c.activation_calibration || '.' || c.activation_range || ' ',"
	" '.* ') AS rest, coalesce(i.difference, s.difference) AS difference,"
	" coalesce(i.low, s.low) AS low, coalesce(i.high, s.high) AS high,"
	" coalesce(i.low > 0 OR i.high < 0, s.low > 0 OR s.high < 0) AS told_apart,"
	" coalesce(i.lost, s.lost) AS lost"
	" FROM network n JOIN cell c ON c.cell_key = n.cell_key"
	" LEFT JOIN layer z ON z.cell_key = n.cell_key AND z.layer_index ="
	" (SELECT max(layer_index) FROM layer m WHERE m.cell_key = n.cell_key)"
	" LEFT JOIN task_value s ON s.cell_key = n.cell_key AND s.metric = n.metric"
	" AND s.execution = 'simulated'"
	" LEFT JOIN task_value i ON i.cell_key = n.cell_key AND i.metric = n.metric"
	" AND i.execution = 'integer'), "
	"found AS MATERIALIZED (";

/* place: among the rules that speak of a cell; layer_place: among a rule's layers.  A symptom of a
 * layer is explained by a cause there, in what it reads (as a rule the layer before) or by numbers
 * that mean nothing anywhere; a symptom of the network by any cause. */
static const char judged[] =
	"), unexplained AS (SELECT * FROM found f WHERE NOT EXISTS (SELECT 1 FROM found r"
	" WHERE r.cell_key = f.cell_key AND (instr(r.explains, ' ' || f.rule || ' ')"
	" OR (f.symptom AND NOT r.symptom AND r.severity > 1 AND (r.severity > 2"
	" OR f.layer_index IS NULL OR f.layer_index - r.layer_index IN (0, 1)))))), "
	"placed AS (SELECT *, dense_rank() OVER (PARTITION BY cell_key ORDER BY turn) AS place,"
	" row_number() OVER (PARTITION BY cell_key, rule ORDER BY"
	" CASE WHEN from_first THEN layer_index END, CASE WHEN at_most THEN value ELSE -value END,"
	" layer_index) AS layer_place,"
	" count(*) OVER (PARTITION BY cell_key, rule) AS layers FROM unexplained) "
	"SELECT n.run_id, p.cell_key, n.label, n.seed, n.network, p.layer_index, p.layer, p.rule,"
	" p.severity, p.value, p.threshold, p.seen || ': ' || p.advice AS sentence, p.seen,"
	" p.advice, p.place, p.layer_place, p.layers, n.subject, n.arithmetic, n.run_number,"
	" n.choice_label, n.config, n.data, n.config_name"
	" FROM placed p JOIN network n ON n.cell_key = p.cell_key";

void verdict_view(struct text *out)
{
	char threshold[32];

	text_add(out, "%s", facts);
	for (int i = 0; verdict_values[i]; i++) {
		const struct verdict_rule *rule = verdict_rule_of(verdict_values[i]);

		print_double(threshold, rule->threshold);
		text_add(out,
			 "%sSELECT cell_key, layer_index, layer, value, seen, advice, '%s' AS rule,"
			 " %d AS severity, %s AS threshold, %d AS at_most, %d AS turn,"
			 " %d AS from_first, %d AS symptom, ' %s ' AS explains FROM (%s)"
			 " WHERE value %s %s",
			 i ? " UNION ALL " : "", rule->value.name, (int)rule->severity, threshold,
			 rule->at_most, i, rule->from_first, rule->symptom,
			 rule->explains ? rule->explains : "", rule->sql,
			 rule->at_most ? "<=" : ">=", threshold);
	}
	text_add(out, "%s", judged);
}

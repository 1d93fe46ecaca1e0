/* SPDX-License-Identifier: MIT
 *
 * The table of the verdict's rules, in the order in which they are named among equals, and the view
 * that is made of it.
 */
#include "verdict_rules.h"

extern const struct verdict_rule verdict_saturated, verdict_requantized;

const struct value *const verdict_values[] = { &verdict_saturated.value, &verdict_requantized.value,
					       NULL };

static const char facts[] =
	"CREATE TEMP VIEW verdict AS WITH "
	"layers AS MATERIALIZED (SELECT l.*, n.metric, n.samples, c.weight_format, c.weight_bits,"
	" c.weight_scheme, c.weight_granularity, c.weight_calibration, c.activation_format,"
	" c.activation_bits, c.activation_scheme, c.activation_calibration, c.activation_range,"
	" c.rounding, c.requantization, c.policy, w.sqnr_db AS weight_sqnr_db,"
	" w.zero_fraction AS weight_zero_fraction"
	" FROM network n JOIN cell c ON c.cell_key = n.cell_key"
	" JOIN layer l ON l.cell_key = n.cell_key"
	" LEFT JOIN accuracy w ON w.cell_key = l.cell_key AND w.layer_index = l.layer_index"
	" AND w.execution = 'simulated'), "
	"found AS MATERIALIZED (";

/* place: among the rules that speak of a cell; layer_place: among a rule's layers. */
static const char judged[] =
	"), unexplained AS (SELECT * FROM found f WHERE NOT EXISTS (SELECT 1 FROM found r"
	" WHERE r.cell_key = f.cell_key AND instr(r.explains, ' ' || f.rule || ' '))), "
	"placed AS (SELECT *, dense_rank() OVER (PARTITION BY cell_key"
	" ORDER BY severity DESC, turn) AS place,"
	" row_number() OVER (PARTITION BY cell_key, rule"
	" ORDER BY CASE WHEN from_first THEN layer_index END, value DESC, layer_index)"
	" AS layer_place,"
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
			 " %d AS severity, %s AS threshold, %d AS turn, %d AS from_first,"
			 " ' %s ' AS explains FROM (%s) WHERE value >= %s",
			 i ? " UNION ALL " : "", rule->value.name, (int)rule->severity, threshold,
			 i, rule->from_first, rule->explains ? rule->explains : "", rule->sql,
			 threshold);
	}
	text_add(out, "%s", judged);
}

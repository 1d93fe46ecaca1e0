/* SPDX-License-Identifier: MIT
 *
 * The verdict: what is wrong with a network under a recipe, in sentences, worst first, and nothing
 * of a healthy one.  One table of rules; a rule is a SELECT over stored numbers and a threshold.
 * The view `verdict` is written from the table each time a file is opened, so that a file's numbers
 * are judged by the rules of the program that reads them.
 *
 * A rule's SELECT gives cell_key, layer_index (-1: the network's input; NULL: the network as a
 * whole), layer, value, seen (what is wrong, with numbers) and advice (what to do).  It reads
 * these, of which the first two have the columns of the cell's recipe too:
 *
 *   layers   table layer; weight_sqnr_db, weight_zero_fraction: of the layer's weights
 *   ranges   table calibrated_range; seen, calibrated, reach: the largest |x| of evaluation, of
 *            calibration and of the chosen range; operation, rmse_over_step: of the layer
 *   outputs  one row a cell: sqnr_db, cumulative and simulated, of the network's output; first_db:
 *            of its first layer; rest: the label without the activations' calibration; difference,
 *            low, high, lost, told_apart: of the task
 *
 * The order of the table is that of what is said: what is broken before what loses accuracy, and
 * that before remarks; among equals from causes to what follows from them.
 */
#ifndef QS_VERDICT_RULES_H
#define QS_VERDICT_RULES_H

#include "../axes/axis.h"
#include "../text.h"

enum verdict_severity {
	VERDICT_REMARK = 1,     /* worth knowing                                         */
	VERDICT_LOSS,           /* accuracy is lost, and this is why                     */
	VERDICT_BROKEN          /* numbers that mean nothing: data or arithmetic is wrong */
};

struct verdict_rule {
	struct value value;     /* summary: when it speaks; source: why from there on     */
	enum verdict_severity severity;
	double threshold;       /* it speaks where `value` is at least this,             */
	bool at_most;           /* or at most                                            */
	bool from_first;        /* the first layer is the cause, later ones follow from it;
				 * else the layer furthest past the threshold is named first */
	bool symptom;           /* it speaks only where no other rule gives a cause: of a layer
				 * there, in what it reads, or broken numbers; of the network any */
	const char *explains;   /* rules, parted by spaces, that have nothing to add where this
				 * one speaks; NULL: none                                 */
	const char *sql;
};

static inline const struct verdict_rule *verdict_rule_of(const struct value *value)
{
	return (const struct verdict_rule *)value;
}

/* Appends the statement that makes the temporary view. */
void verdict_view(struct text *out);

#endif

/* SPDX-License-Identifier: MIT
 *
 * What the summary says: a sheet a question, in the order of reading.
 *
 * Where an error is zero the SQNR has no number: such a row counts as better than any other.
 */
#include "summary.h"

#define WORDS_OF(rule)                                                                             \
	"CASE WHEN " rule "_format IS NULL THEN NULL ELSE " rule "_format || "                     \
	"CASE " rule "_format WHEN 'int' THEN " rule "_bits ELSE '' END"                           \
	" || coalesce(' ' || " rule "_scheme, '')"                                                 \
	" || CASE " rule "_scale WHEN 'power_of_two' THEN ' power_of_two' ELSE '' END"             \
	" || coalesce(' ' || " rule "_granularity, '') || coalesce(' ' || " rule "_calibration, '')" \
	" END"

/* c: the rows of the run; a: one row an accuracy cell, that of its fastest correct kernel. */
static const char rows_sql[] =
	"WITH c AS MATERIALIZED (SELECT *,"
	" coalesce(sqnr_db, CASE exact WHEN 1 THEN 1e9 END) AS quality,"
	" substr(label, instr(label, ' ') + 1) AS recipe,"
	" " WORDS_OF("weight") " AS w_words, " WORDS_OF("activation") " AS a_words,"
	" CASE activation_range WHEN 'dynamic' THEN ', dynamic' ELSE '' END"
	" || coalesce(', ' || nullif(rounding, 'half_even'), '')"
	" || CASE seed WHEN 1 THEN '' ELSE ', seed ' || seed END AS other_words"
	" FROM choice WHERE ?1 IS NULL OR run_id = ?1),"
	" a AS MATERIALIZED (SELECT * FROM (SELECT *, row_number() OVER (PARTITION BY accuracy_key"
	" ORDER BY coalesce(verdict IN ('exact', 'within'), 0) DESC, median_ns IS NULL, median_ns,"
	" label) AS nth FROM c) WHERE nth = 1),";

/* front: those of one kind of subject that no other of the same subject beats in bytes and error.
 * Among equals the simplest.  size_class: whole bits an element.  best: front, and which of it stands
 * in the terminal: of up to two subjects the best of each class, of up to 16 the best within 4.5 and
 * within 8.5 bits an element, scales included (else the smallest). */
static const char front_sql[] =
	" ordered AS (SELECT *, max(quality) OVER (PARTITION BY subject ORDER BY bytes,"
	" quality DESC, coalesce(weight_scheme, activation_scheme) = 'symmetric' DESC,"
	" coalesce(weight_calibration, activation_calibration) = 'minmax' DESC,"
	" activation_range IS 'dynamic', rounding IS NOT 'half_even', label"
	" ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS smaller_has"
	" FROM a WHERE subject_kind = ?2 AND quality IS NOT NULL AND bytes IS NOT NULL),"
	" front AS (SELECT *, round(bits_per_element) AS size_class FROM ordered"
	" WHERE smaller_has IS NULL OR quality > smaller_has),"
	" many AS (SELECT count(DISTINCT subject) AS subjects FROM front),"
	" placed AS (SELECT *, row_number() OVER (PARTITION BY subject, size_class"
	" ORDER BY quality DESC) AS class_place,"
	" coalesce(max(CASE WHEN bits_per_element <= 4.5 THEN bits_per_element END) OVER same,"
	" min(bits_per_element) OVER same) AS within_4,"
	" coalesce(max(CASE WHEN bits_per_element <= 8.5 THEN bits_per_element END) OVER same,"
	" min(bits_per_element) OVER same) AS within_8"
	" FROM front WINDOW same AS (PARTITION BY subject)),"
	" best AS (SELECT *, subjects <= 16 AND CASE WHEN subjects <= 2 THEN class_place = 1"
	" ELSE bits_per_element IN (within_4, within_8) END AS brief FROM placed, many)";

/* t: tensors with a number, the rule's words without regard to whose rule it is. */
static const char tensor_rows_sql[] =
	" t AS MATERIALIZED (SELECT *, coalesce(weight_bits, activation_bits) AS bits,"
	" coalesce(weight_scheme, activation_scheme) AS scheme,"
	" coalesce(weight_scale, activation_scale) AS scale,"
	" coalesce(weight_granularity, activation_granularity) AS granularity,"
	" coalesce(weight_calibration, activation_calibration) AS calibration"
	" FROM a WHERE subject_kind = 'tensor' AND quality IS NOT NULL)";

#define AGAIN " label AS again_label, config, data, config_name"

static const char tensors_sql[] =
	" SELECT subject, bytes, bits_per_element, sqnr_db,"
	" coalesce(w_words, a_words) || other_words AS words, brief," AGAIN
	" FROM best ORDER BY subject, bytes";

/* A recipe for all tensors: the sum of the bytes, the median and the least of the SQNR.  Recipes
 * that some tensor has not are left out: their sums would not compare. */
static const char one_recipe_sql[] =
	", of_recipe AS (SELECT *, count(*) OVER whole AS n, sum(bytes) OVER whole AS all_bytes,"
	" 8.0 * sum(bytes) OVER whole / sum(elements) OVER whole AS all_bits,"
	" row_number() OVER (PARTITION BY recipe ORDER BY quality, label) AS place"
	" FROM t WINDOW whole AS (PARTITION BY recipe)),"
	" many AS (SELECT count(DISTINCT subject) AS subjects FROM t),"
	" made AS (SELECT max(CASE place WHEN (n + 1) / 2 THEN quality END) AS quality,"
	" max(CASE place WHEN (n + 1) / 2 THEN label END) AS middle_label,"
	" max(CASE place WHEN (n + 1) / 2 THEN sqnr_db END) AS middle,"
	" max(CASE place WHEN 1 THEN label END) AS worst_label,"
	" max(CASE place WHEN 1 THEN sqnr_db END) AS worst,"
	" max(CASE place WHEN 1 THEN subject END) AS worst_subject,"
	" recipe, all_bytes, all_bits, max(coalesce(w_words, a_words) || other_words) AS words,"
	" max(scheme = 'symmetric') AS symmetric, max(calibration = 'minmax') AS minmax"
	" FROM of_recipe, many WHERE n = subjects AND subjects > 1 GROUP BY recipe),"
	" ordered AS (SELECT *, max(quality) OVER (ORDER BY all_bytes, quality DESC, symmetric DESC,"
	" minmax DESC, recipe ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS smaller_has"
	" FROM made),"
	" front AS (SELECT *, row_number() OVER (PARTITION BY round(all_bits) ORDER BY quality DESC)"
	" AS class_place FROM ordered WHERE smaller_has IS NULL OR quality > smaller_has)"
	" SELECT *, class_place = 1 AND subjects > 16 AS brief FROM front, many ORDER BY all_bytes";

static const char hardest_sql[] =
	", near AS (SELECT *, row_number() OVER (ORDER BY quality, label) AS place,"
	" count(*) OVER () AS n FROM best WHERE bits_per_element = within_4)"
	" SELECT subject, bytes, bits_per_element, sqnr_db, coalesce(w_words, a_words) || other_words"
	" AS words, 1 AS brief," AGAIN
	" FROM near WHERE subjects > 16 AND (place <= 3 OR place > n - 3) ORDER BY place";

static const char operations_sql[] =
	" SELECT subject, bytes, bits_per_element, sqnr_db,"
	" CASE WHEN verdict IN ('exact', 'within') THEN median_ns END AS median_ns,"
	" CASE WHEN verdict IN ('exact', 'within') THEN speedup_over_float END AS speedup_over_float,"
	" coalesce(kernel, skip) AS kernel,"
	" coalesce('w ' || w_words, '') || CASE WHEN w_words IS NOT NULL AND a_words IS NOT NULL"
	" THEN ', ' ELSE '' END || coalesce('a ' || a_words, '') || other_words AS words, brief,"
	AGAIN " FROM best ORDER BY subject, bytes";

static const char fastest_sql[] =
	" timed AS (SELECT *, row_number() OVER (PARTITION BY timing_key, race ORDER BY label)"
	" AS copy FROM c WHERE median_ns IS NOT NULL AND verdict IN ('exact', 'within')),"
	" placed AS (SELECT *, min(median_ns) OVER same AS least, row_number() OVER"
	" (PARTITION BY operation, shape, types, threads, batch, cache, machine_id"
	" ORDER BY median_ns, kernel) AS place FROM timed WHERE copy = 1"
	" WINDOW same AS (PARTITION BY operation, shape, types, threads, batch, cache, machine_id)),"
	" many AS (SELECT count(*) AS tasks FROM placed WHERE place = 1)"
	" SELECT operation || ' ' || shape || CASE WHEN threads > 1 THEN ', ' || threads || ' threads'"
	" ELSE '' END || CASE WHEN batch > 1 THEN ', batch ' || batch ELSE '' END"
	" || CASE WHEN cache <> 'warm' THEN ', ' || cache ELSE '' END AS task, types,"
	" CASE library WHEN 'quantsweep' THEN kernel ELSE library || ' ' || kernel END AS kernel,"
	" median_ns, speedup_over_float,"
	" CASE place WHEN 1 THEN 'fastest' ELSE 'within 20 % of it' END AS standing,"
	" tasks <= 12 AS brief," AGAIN
	" FROM placed, many WHERE median_ns <= 1.2 * least"
	" ORDER BY operation, shape, threads, batch, cache, types, place";

/* Pairs of cells that differ in one axis alone, the label with its word blotted out being equal. */
static const char effects_sql[] =
	", one AS MATERIALIZED ("
	" SELECT 'scheme' AS axis, scheme AS word, scheme <> 'symmetric' AS grade, subject, label,"
	" sqnr_db, replace(recipe, '.' || scheme || '.', '.*.') AS rest FROM t"
	" WHERE sqnr_db IS NOT NULL"
	" UNION ALL SELECT 'granularity', granularity,"
	" CASE WHEN granularity = 'tensor' THEN 0 WHEN granularity GLOB 'group*' THEN 2 ELSE 1 END,"
	" subject, label, sqnr_db, replace(recipe, '.' || granularity || '.', '.*.') FROM t"
	" WHERE sqnr_db IS NOT NULL"
	" UNION ALL SELECT 'scale', scale, scale <> 'real', subject, label, sqnr_db,"
	" replace(recipe, '.' || scale || '.', '.*.') FROM t WHERE sqnr_db IS NOT NULL),"
	" pair AS (SELECT h.axis, h.word AS high, l.word AS low, h.subject,"
	" h.sqnr_db - l.sqnr_db AS gain, h.label AS high_label, l.label AS low_label"
	" FROM one h JOIN one l ON h.subject = l.subject AND h.rest = l.rest AND h.axis = l.axis"
	" WHERE h.grade > l.grade),"
	" placed AS (SELECT *, row_number() OVER (PARTITION BY axis, high, low"
	" ORDER BY gain, high_label) AS place, count(*) OVER (PARTITION BY axis, high, low) AS n"
	" FROM pair)"
	" SELECT high || ' over ' || low AS what, n AS pairs, count(DISTINCT subject) AS tensors,"
	" max(CASE place WHEN (n + 1) / 2 THEN gain END) AS middle,"
	" max(CASE place WHEN (n + 1) / 2 THEN high_label END) AS middle_high,"
	" max(CASE place WHEN (n + 1) / 2 THEN low_label END) AS middle_low,"
	" max(CASE place WHEN 1 THEN gain END) AS least,"
	" max(CASE place WHEN 1 THEN high_label END) AS least_high,"
	" max(CASE place WHEN 1 THEN low_label END) AS least_low,"
	" max(CASE place WHEN n THEN gain END) AS most,"
	" max(CASE place WHEN n THEN high_label END) AS most_high,"
	" max(CASE place WHEN n THEN low_label END) AS most_low,"
	" max(CASE place WHEN n THEN subject END) AS most_subject, 1 AS brief"
	" FROM placed GROUP BY axis, high, low ORDER BY axis DESC, low = 'tensor' DESC, length(high),"
	" high";

static const char calibrations_sql[] =
	", one AS (SELECT calibration, bits, quality, max(quality) OVER same AS best,"
	" count(*) OVER same AS rules FROM"
	" (SELECT *, replace(replace(recipe || ' ', '.' || calibration || ' ', '.* '),"
	" '.' || calibration || '.', '.*.') AS rest FROM t)"
	" WINDOW same AS (PARTITION BY subject, rest))"
	" SELECT calibration, sum(quality = best AND bits <= 3) AS to_3, sum(quality = best AND"
	" bits = 4) AS at_4, sum(quality = best AND bits BETWEEN 5 AND 7) AS to_7,"
	" sum(quality = best AND bits >= 8) AS from_8, sum(quality = best) AS wins,"
	" count(*) AS tries, 1 AS brief"
	" FROM one WHERE rules > 1 AND calibration IS NOT NULL GROUP BY calibration"
	" ORDER BY wins DESC, calibration";

static const char skipped_sql[] =
	"SELECT reason, count(*) AS cells, min(label) AS example,"
	" row_number() OVER (ORDER BY count(*) DESC) <= 5 AS brief FROM skip"
	" WHERE ?1 IS NULL OR run_id = ?1 GROUP BY reason ORDER BY cells DESC, reason";

static const char failed_sql[] =
	"SELECT label, reason, row_number() OVER (ORDER BY label) <= 3 AS brief,"
	" choice_label AS again_label, config, data, config_name"
	" FROM failed WHERE ?1 IS NULL OR run_id = ?1 ORDER BY label";

#define OF_ROW(name) .source = name, .choice = name, .label = "again_label"
#define SQNR_OF(name) .source = name, .choice = "sqnr_db", .label = name "_label"
#define SQNR_GAIN(name)                                                                            \
	.source = name, .choice = "sqnr_db", .label = name "_high", .minus = name "_low"

const struct summary_sheet summary_sheets[] = {
	{ "one_recipe", "One recipe for all tensors: the best median error at each size",
	  "Of the recipes that every tensor was measured with: no other is smaller and better in the "
	  "median.  Bytes are of all tensors together.",
	  { rows_sql, tensor_rows_sql, one_recipe_sql }, NULL, false,
	  { { "bytes", FORM_COUNT, .source = "all_bytes" },
	    { "bits", FORM_BITS, .source = "all_bits" },
	    { "median dB", FORM_DECIBEL, SQNR_OF("middle") },
	    { "worst dB", FORM_DECIBEL, SQNR_OF("worst") },
	    { "worst tensor", FORM_SUBJECT, .source = "worst_subject" },
	    { "recipe", FORM_WORDS, .source = "words" } } },
	{ "tensors", "Best error at each size, tensor by tensor",
	  "SQNR in dB (higher is better); no other choice for the tensor is smaller and better.  Bits "
	  "are those of one element, scales and zero points included.",
	  { rows_sql, front_sql, tensors_sql }, "tensor", false,
	  { { "tensor", FORM_SUBJECT, .source = "subject" },
	    { "bytes", FORM_COUNT, OF_ROW("bytes") },
	    { "bits", FORM_BITS, OF_ROW("bits_per_element") },
	    { "SQNR dB", FORM_DECIBEL, OF_ROW("sqnr_db") },
	    { "recipe", FORM_WORDS, .source = "words" } } },
	{ "hardest", "The hardest and the easiest tensors within 4.5 bits an element",
	  "Each with its own best recipe of at most that size, else its smallest.",
	  { rows_sql, front_sql, hardest_sql }, "tensor", false,
	  { { "tensor", FORM_SUBJECT, .source = "subject" },
	    { "bytes", FORM_COUNT, OF_ROW("bytes") },
	    { "bits", FORM_BITS, OF_ROW("bits_per_element") },
	    { "SQNR dB", FORM_DECIBEL, OF_ROW("sqnr_db") },
	    { "recipe", FORM_WORDS, .source = "words" } } },
	{ "operations", "Best error at each size of the weights, operation by operation",
	  "SQNR of the output against the float operation; the time is that of the fastest correct kernel "
	  "of the recipe's types, x float how many times as fast as our best float kernel.",
	  { rows_sql, front_sql, operations_sql }, "op", false,
	  { { "operation", FORM_SUBJECT, .source = "subject" },
	    { "bytes", FORM_COUNT, OF_ROW("bytes") },
	    { "bits", FORM_BITS, OF_ROW("bits_per_element") },
	    { "SQNR dB", FORM_DECIBEL, OF_ROW("sqnr_db") },
	    { "time", FORM_TIME, OF_ROW("median_ns") },
	    { "x float", FORM_RATIO, OF_ROW("speedup_over_float") },
	    { "kernel", FORM_WORDS, .source = "kernel" },
	    { "recipe", FORM_WORDS, .source = "words", .below = true } } },
	{ "fastest", "Fastest correct kernel (one launch cannot tell differences under 20 %)",
	  "Median time of a call; kernels within 20 % of the fastest are named with it.",
	  { rows_sql, fastest_sql }, NULL, false,
	  { { "task", FORM_WORDS, .source = "task" },
	    { "types", FORM_WORDS, .source = "types" },
	    { "kernel", FORM_WORDS, .source = "kernel" },
	    { "time", FORM_TIME, OF_ROW("median_ns") },
	    { "x float", FORM_RATIO, OF_ROW("speedup_over_float") },
	    { "", FORM_WORDS, .source = "standing" } } },
	{ "effects", "What one choice buys in dB of SQNR, all others being equal",
	  "Over pairs of cells of one tensor that differ in this alone: median, least and greatest gain.",
	  { rows_sql, tensor_rows_sql, effects_sql }, NULL, false,
	  { { "choice", FORM_WORDS, .source = "what" },
	    { "median", FORM_GAIN, SQNR_GAIN("middle") },
	    { "least", FORM_GAIN, SQNR_GAIN("least") },
	    { "greatest", FORM_GAIN, SQNR_GAIN("most") },
	    { "pairs", FORM_COUNT, .source = "pairs" },
	    { "tensors", FORM_COUNT, .source = "tensors" },
	    { "greatest on", FORM_SUBJECT, .source = "most_subject" } } },
	{ "calibrations", "How often each calibration has the least error",
	  "Among cells of one tensor that differ in the calibration alone; equals win together.",
	  { rows_sql, tensor_rows_sql, calibrations_sql }, NULL, false,
	  { { "calibration", FORM_WORDS, .source = "calibration" },
	    { "to 3 bits", FORM_COUNT, .source = "to_3" },
	    { "4 bits", FORM_COUNT, .source = "at_4" },
	    { "5 to 7", FORM_COUNT, .source = "to_7" },
	    { "8 and up", FORM_COUNT, .source = "from_8" },
	    { "all", FORM_COUNT, .source = "wins" },
	    { "of cells", FORM_COUNT, .source = "tries" } } },
	{ "skipped", "Skipped", "What the plan left out, by reason.", { skipped_sql }, NULL, false,
	  { { "cells", FORM_COUNT, .source = "cells" },
	    { "reason", FORM_WORDS, .source = "reason" },
	    { "for example", FORM_WORDS, .source = "example", .report_only = true } } },
	{ "failed", "Failed", "What was tried and has no number.", { failed_sql }, NULL, true,
	  { { "reason", FORM_WORDS, .source = "reason" },
	    { "cell", FORM_WORDS, .source = "label", .report_only = true } } },
	{ 0 }
};

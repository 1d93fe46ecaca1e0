/* SPDX-License-Identifier: MIT
 *
 * What the summary says: a sheet a question, in the order of reading.  The queries are in
 * summary.sql.
 */
#include "summary.h"

#define OF_ROW(name) .source = name, .choice = name, .label = "again_label"
#define SQNR_OF(name) .source = name, .choice = "sqnr_db", .label = name "_label"
#define SQNR_GAIN(name)                                                                            \
	.source = name, .choice = "sqnr_db", .label = name "_high", .minus = name "_low"

const struct summary_sheet summary_sheets[] = {
	{ "one_recipe", "One recipe for all tensors: the best median error at each size",
	  "Of the recipes that every tensor was measured with: no other is smaller and better in "
	  "the median.  Bytes are of all tensors together.",
	  { "rows", "tensor_rows", "one_recipe" }, NULL, false,
	  { { "bytes", FORM_COUNT, .source = "all_bytes" },
	    { "bits", FORM_BITS, .source = "all_bits" },
	    { "median dB", FORM_DECIBEL, SQNR_OF("middle") },
	    { "worst dB", FORM_DECIBEL, SQNR_OF("worst") },
	    { "worst tensor", FORM_SUBJECT, .source = "worst_subject" },
	    { "recipe", FORM_WORDS, .source = "words" } } },
	{ "tensors", "Best error at each size, tensor by tensor",
	  "SQNR in dB (higher is better); no other choice for the tensor is smaller and better.  "
	  "Bits are those of one element, scales and zero points included.",
	  { "rows", "front", "tensors" }, "tensor", false,
	  { { "tensor", FORM_SUBJECT, .source = "subject" },
	    { "bytes", FORM_COUNT, OF_ROW("bytes") },
	    { "bits", FORM_BITS, OF_ROW("bits_per_element") },
	    { "SQNR dB", FORM_DECIBEL, OF_ROW("sqnr_db") },
	    { "recipe", FORM_WORDS, .source = "words" } } },
	{ "hardest", "The hardest and the easiest tensors within 4.5 bits an element",
	  "Each with its own best recipe of at most that size, else its smallest.",
	  { "rows", "front", "hardest" }, "tensor", false,
	  { { "tensor", FORM_SUBJECT, .source = "subject" },
	    { "bytes", FORM_COUNT, OF_ROW("bytes") },
	    { "bits", FORM_BITS, OF_ROW("bits_per_element") },
	    { "SQNR dB", FORM_DECIBEL, OF_ROW("sqnr_db") },
	    { "recipe", FORM_WORDS, .source = "words" } } },
	{ "operations", "Best error at each size of the weights, operation by operation",
	  "SQNR of the output against the float operation; the time is that of the fastest correct "
	  "kernel of the recipe's types, x float how many times as fast as our best float kernel.",
	  { "rows", "front", "operations" }, "op", false,
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
	  { "rows", "fastest" }, NULL, false,
	  { { "task", FORM_WORDS, .source = "task" },
	    { "types", FORM_WORDS, .source = "types" },
	    { "kernel", FORM_WORDS, .source = "kernel" },
	    { "time", FORM_TIME, OF_ROW("median_ns") },
	    { "x float", FORM_RATIO, OF_ROW("speedup_over_float") },
	    { "", FORM_WORDS, .source = "standing" } } },
	{ "effects", "What one choice buys in dB of SQNR, all others being equal",
	  "Over pairs of cells of one tensor that differ in this alone: median, least and greatest "
	  "gain.",
	  { "rows", "tensor_rows", "effects" }, NULL, false,
	  { { "choice", FORM_WORDS, .source = "what" },
	    { "median", FORM_GAIN, SQNR_GAIN("middle") },
	    { "least", FORM_GAIN, SQNR_GAIN("least") },
	    { "greatest", FORM_GAIN, SQNR_GAIN("most") },
	    { "pairs", FORM_COUNT, .source = "pairs" },
	    { "tensors", FORM_COUNT, .source = "tensors" },
	    { "greatest on", FORM_SUBJECT, .source = "most_subject" } } },
	{ "calibrations", "How often each calibration has the least error",
	  "Among cells of one tensor that differ in the calibration alone; equals win together.",
	  { "rows", "tensor_rows", "calibrations" }, NULL, false,
	  { { "calibration", FORM_WORDS, .source = "calibration" },
	    { "to 3 bits", FORM_COUNT, .source = "to_3" },
	    { "4 bits", FORM_COUNT, .source = "at_4" },
	    { "5 to 7", FORM_COUNT, .source = "to_7" },
	    { "8 and up", FORM_COUNT, .source = "from_8" },
	    { "all", FORM_COUNT, .source = "wins" },
	    { "of cells", FORM_COUNT, .source = "tries" } } },
	{ "skipped", "Skipped", "What the plan left out, by reason.", { "skipped" }, NULL, false,
	  { { "cells", FORM_COUNT, .source = "cells" },
	    { "reason", FORM_WORDS, .source = "reason" },
	    { "for example", FORM_WORDS, .source = "example", .report_only = true } } },
	{ "failed", "Failed", "What was tried and has no number.", { "failed" }, NULL, true,
	  { { "reason", FORM_WORDS, .source = "reason" },
	    { "cell", FORM_WORDS, .source = "label", .report_only = true } } },
	{ 0 }
};

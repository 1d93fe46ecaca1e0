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

#define VALUE_OF_ROW                                                                               \
	.source = "value", .shown = "value_shown", .choice_of = "value_column",                    \
	.label = "again_label"
#define OF_LAYER(name)                                                                             \
	.source = name "_sqnr_db", .shown = name "_shown", .choice = name "_sqnr_db",              \
	.label = "again_label"

const struct summary_sheet summary_sheets[] = {
	{ "cheapest", "The smallest recipe of each network that its samples do not tell from float",
	  "What the task is worth in integer arithmetic, where the recipe runs so, else "
	  "simulated, and its difference to float with the interval (95 %) that holds the true "
	  "one: its lower end may be lost unseen.  Among many recipes the luckiest was taken; "
	  "more evaluation samples make the interval narrower.",
	  { "rows", "network_rows", "cheapest" }, "network", false,
	  .columns = {
		{ "network", FORM_SUBJECT, .source = "name" },
		{ "bytes", FORM_COUNT, OF_ROW("bytes") },
		{ "float", FORM_SHOWN, .source = "value_float", .shown = "float_shown",
		  .choice = "value_float", .label = "value_label" },
		{ "value", FORM_SHOWN, VALUE_OF_ROW },
		{ "against float", FORM_WORDS, .source = "against" },
		{ "recipe", FORM_WORDS, .source = "words", .below = true } },
	},
	{ "networks", "Networks: the best recipe at each width of weights",
	  "Lost and gained: samples that float answers and the recipe does not, and the "
	  "reverse.  The interval (95 %) is that of the difference; where it holds 0 these "
	  "samples do not tell the two apart.",
	  { "rows", "network_rows", "networks" }, "network", false,
	  .columns = {
		{ "network", FORM_SUBJECT, .source = "name" },
		{ "bytes", FORM_COUNT, OF_ROW("bytes") },
		{ "value", FORM_SHOWN, VALUE_OF_ROW },
		{ "lost", FORM_COUNT, OF_ROW("lost") },
		{ "gained", FORM_COUNT, OF_ROW("gained") },
		{ "against float", FORM_WORDS, .source = "against" },
		{ "recipe", FORM_WORDS, .source = "words", .below = true } },
	},
	{ "verdict", "What is wrong, and what to do: worst first",
	  "Of each network under the smallest recipe that is not told apart from float, else the "
	  "best one; five rules at most, each with the layer that it fits most.  The rules and "
	  "their thresholds: quantsweep list verdict.",
	  { "rows", "network_rows", "verdict" }, "network", false,
	  .columns = {
		{ "network", FORM_SUBJECT, .source = "name" },
		{ "layer", FORM_WORDS, .source = "layer" },
		{ "rule", FORM_WORDS, .source = "rule" },
		{ "finding", FORM_WORDS, .source = "sentence", .below = true },
		{ "recipe", FORM_WORDS, .source = "words", .report_only = true } },
	},
	{ "gathers", "Where the error of the same recipes gathers",
	  "SQNR is the last layer's, simulated, from the network's input.  Below 20 dB an error "
	  "is more than a tenth of its signal: the first such layer.  The worst layer is the one "
	  "that loses most alone, with float inputs.",
	  { "rows", "network_rows", "networks" }, "network", false,
	  .columns = {
		{ "network", FORM_SUBJECT, .source = "name" },
		{ "bytes", FORM_COUNT, OF_ROW("bytes") },
		{ "simulated", FORM_SHOWN, .source = "value_simulated",
		  .shown = "simulated_shown", .choice = "value_simulated",
		  .label = "again_label" },
		{ "integer", FORM_SHOWN, .source = "value_integer", .shown = "integer_shown",
		  .choice = "value_integer", .label = "again_label" },
		{ "SQNR dB", FORM_DECIBEL, OF_ROW("sqnr_db") },
		{ "first below 20 dB", FORM_WORDS, .source = "first_layer" },
		{ "worst layer", FORM_WORDS, .source = "worst_layer" },
		{ "dB alone", FORM_DECIBEL, OF_ROW("worst_isolated_db") },
		{ "recipe", FORM_WORDS, .source = "words", .below = true } },
	  .report_only = true,
	},
	{ "layers", "Layer by layer: the smallest recipe not told apart from float, and the worst",
	  "SQNR in dB of each layer's output.  Isolated: the layer alone is quantized and reads "
	  "float inputs; cumulative: it reads what the quantized layers before it wrote; "
	  "integer: the same in integer arithmetic.  Error: cumulative, a share of the signal.  "
	  "Clipped: output codes cut off.  Gap: the largest difference between integer and "
	  "simulation in steps, both fed the simulated codes; differ: codes that differ, both "
	  "from the input.",
	  { "rows", "network_rows", "layers" }, "network", false,
	  .columns = {
		{ "network", FORM_SUBJECT, .source = "name" },
		{ "recipe", FORM_WORDS, .source = "what" },
		{ "layer", FORM_WORDS, .source = "layer" },
		{ "operation", FORM_WORDS, .source = "operation" },
		{ "isolated", FORM_SHOWN, OF_LAYER("isolated") },
		{ "cumulative", FORM_SHOWN, OF_LAYER("cumulative") },
		{ "error %", FORM_PLAIN, .source = "percent" },
		{ "integer", FORM_SHOWN, OF_LAYER("integer") },
		{ "clipped %", FORM_PLAIN, .source = "saturated_percent" },
		{ "gap", FORM_PLAIN, OF_ROW("step_gap_local") },
		{ "differ %", FORM_PLAIN, .source = "differing_percent" } },
	  .report_only = true, .view = "drift", .place = "layer",
	},
	{ "parting", "Where simulation and integer arithmetic part most, by requantization",
	  "The layer with the largest gap when its integer run is fed the simulated codes, in "
	  "steps, and the share of its codes that differ; then the largest gap and share "
	  "anywhere when both run from the input.",
	  { "parting" }, NULL, false,
	  .columns = {
		{ "network", FORM_SUBJECT, .source = "name" },
		{ "requantization", FORM_WORDS, .source = "requantization" },
		{ "layer", FORM_WORDS, .source = "where_it_is" },
		{ "gap", FORM_PLAIN, OF_ROW("step_gap_local") },
		{ "differ %", FORM_PLAIN, .source = "local_percent" },
		{ "gap from input", FORM_PLAIN, .source = "most_steps" },
		{ "differ %", FORM_PLAIN, .source = "whole_percent" } },
	  .view = "drift", .place = "layer",
	},
	{ "sensitive", "The layers that cost their network most, each quantized alone, then spared",
	  "SQNR in dB of the network's output: with all that the recipe quantizes of this layer, "
	  "its weights alone, its activations alone, everything else in float.  Loses: right "
	  "answers, % of the samples.  Spared: what the output gains where only this layer stays "
	  "in float.  Simulated, on the samples of sensitivity.",
	  { "sensitive" }, NULL, false,
	  .columns = {
		{ "network", FORM_SUBJECT, .source = "name" },
		{ "bits", FORM_WORDS, .source = "bits" },
		{ "layer", FORM_WORDS, .source = "layer" },
		{ "operation", FORM_WORDS, .source = "operation", .report_only = true },
		{ "dB alone", FORM_SHOWN, .source = "only_sqnr_db", .shown = "only_shown",
		  .choice = "only_sqnr_db", .label = "again_label" },
		{ "weights", FORM_SHOWN, .source = "weights_db", .shown = "weights_shown" },
		{ "activations", FORM_SHOWN, .source = "activations_db",
		  .shown = "activations_shown" },
		{ "loses %", FORM_PLAIN, OF_ROW("only_lost_points") },
		{ "spared dB", FORM_SHOWN, .source = "spared_gained_db", .shown = "gained_shown",
		  .choice = "spared_gained_db", .label = "again_label" },
		{ "spared %", FORM_PLAIN, OF_ROW("spared_gained_points") },
		{ "recipe", FORM_WORDS, .source = "words", .report_only = true } },
	  .view = "sensitivity", .place = "layer_part",
	},
	{ "damage", "What calibration on other samples costs",
	  "One recipe, its ranges of activations chosen from other samples: fewer of the task's "
	  "own, or every input times a factor, a constant added, classes left out.  Cost: "
	  "against the same recipe with the most samples of the task's own, with the interval "
	  "(95 %) over the same evaluation; % of the samples, where right answers are counted.",
	  { "rows", "network_rows", "damage" }, "network", false,
	  .columns = {
		{ "network", FORM_SUBJECT, .source = "name" },
		{ "bits", FORM_WORDS, .source = "bits" },
		{ "calibration", FORM_WORDS, .source = "samples" },
		{ "value", FORM_SHOWN, VALUE_OF_ROW },
		{ "cost", FORM_WORDS, .source = "cost" },
		{ "against float", FORM_WORDS, .source = "against", .report_only = true },
		{ "recipe", FORM_WORDS, .source = "words", .report_only = true } },
	},
	{ "no_integer", "Recipes that no integer arithmetic can run",
	  "Their numbers are of the simulated run alone.",
	  { "no_integer" }, NULL, false,
	  .columns = {
		{ "recipes", FORM_COUNT, .source = "cells" },
		{ "reason", FORM_WORDS, .source = "reason" },
		{ "for example", FORM_WORDS, .source = "example", .report_only = true } },
	},
	{ "one_recipe", "One recipe for all tensors: the best median error at each size",
	  "Of the recipes that every tensor was measured with: no other is smaller and better in "
	  "the median.  Bytes are of all tensors together.",
	  { "rows", "tensor_rows", "one_recipe" }, NULL, false,
	  .columns = {
		{ "bytes", FORM_COUNT, .source = "all_bytes" },
		{ "bits", FORM_BITS, .source = "all_bits" },
		{ "median dB", FORM_DECIBEL, SQNR_OF("middle") },
		{ "worst dB", FORM_DECIBEL, SQNR_OF("worst") },
		{ "worst tensor", FORM_SUBJECT, .source = "worst_subject" },
		{ "recipe", FORM_WORDS, .source = "words" } },
	},
	{ "tensors", "Best error at each size, tensor by tensor",
	  "SQNR in dB (higher is better); no other choice for the tensor is smaller and better.  "
	  "Bits are those of one element, scales and zero points included.",
	  { "rows", "front", "tensors" }, "tensor", false,
	  .columns = {
		{ "tensor", FORM_SUBJECT, .source = "subject" },
		{ "bytes", FORM_COUNT, OF_ROW("bytes") },
		{ "bits", FORM_BITS, OF_ROW("bits_per_element") },
		{ "SQNR dB", FORM_DECIBEL, OF_ROW("sqnr_db") },
		{ "recipe", FORM_WORDS, .source = "words" } },
	},
	{ "hardest", "The hardest and the easiest tensors within 4.5 bits an element",
	  "Each with its own best recipe of at most that size, else its smallest.",
	  { "rows", "front", "hardest" }, "tensor", false,
	  .columns = {
		{ "tensor", FORM_SUBJECT, .source = "subject" },
		{ "bytes", FORM_COUNT, OF_ROW("bytes") },
		{ "bits", FORM_BITS, OF_ROW("bits_per_element") },
		{ "SQNR dB", FORM_DECIBEL, OF_ROW("sqnr_db") },
		{ "recipe", FORM_WORDS, .source = "words" } },
	},
	{ "operations", "Best error at each size of the weights, operation by operation",
	  "SQNR of the output against the float operation; the time is that of the fastest "
	  "correct kernel of the recipe's types, x float how many times as fast as our best "
	  "float kernel.",
	  { "rows", "front", "operations" }, "op", false,
	  .columns = {
		{ "operation", FORM_SUBJECT, .source = "subject" },
		{ "bytes", FORM_COUNT, OF_ROW("bytes") },
		{ "bits", FORM_BITS, OF_ROW("bits_per_element") },
		{ "SQNR dB", FORM_DECIBEL, OF_ROW("sqnr_db") },
		{ "time", FORM_TIME, OF_ROW("median_ns") },
		{ "x float", FORM_RATIO, OF_ROW("speedup_over_float") },
		{ "kernel", FORM_WORDS, .source = "kernel" },
		{ "recipe", FORM_WORDS, .source = "words", .below = true } },
	},
	{ "fastest", "Fastest correct kernel, and those that its launches do not tell from it",
	  "Median time of a call over launches.  Named with the fastest is a kernel where the "
	  "interval (95 % or more) of the two times in the same launch holds 1; of fewer than 5 "
	  "launches, which tell no differences under 20 %, one that is within them.  Of the "
	  "roof: the time that this machine's limit alone would take, over the least time.",
	  { "rows", "fastest" }, NULL, false,
	  .columns = {
		{ "task", FORM_WORDS, .source = "task" },
		{ "types", FORM_WORDS, .source = "types" },
		{ "kernel", FORM_WORDS, .source = "kernel" },
		{ "time", FORM_TIME, OF_ROW("median_ns") },
		{ "x float", FORM_RATIO, OF_ROW("speedup_over_float") },
		{ "of roof", FORM_SHOWN, .source = "roofline_fraction", .shown = "roof_shown",
		  .choice = "roofline_fraction", .label = "again_label" },
		{ "roof", FORM_WORDS, .source = "roofline_bound", .report_only = true },
		{ "", FORM_WORDS, .source = "standing" },
		{ "times as long", FORM_WORDS, .source = "times_as_long", .report_only = true } },
	},
	{ "peers", "Our kernels beside the libraries that people use",
	  "Of each race the kernel that `best` means, then others that were asked for.  Share: of "
	  "the peak of its types; of a gemm with one row of a loop that only reads as many bytes "
	  "as its weights have; of an AVX2 kernel on codes of the peak of 16-bit products in AVX2; "
	  "of other operations of copying.  Times as fast: as the fastest peer that is not wrong, "
	  "of AVX2 kernels on codes as one that needs no VNNI, in the same launches, with the "
	  "interval (95 % or more).",
	  { "peers" }, NULL, false,
	  .columns = {
		{ "task", FORM_WORDS, .source = "task" },
		{ "kernel", FORM_WORDS, .source = "kernel" },
		{ "time", FORM_TIME, .source = "median_ns" },
		{ "GOPS", FORM_WORDS, .source = "gops" },
		{ "share", FORM_WORDS, .source = "share_shown" },
		{ "best peer", FORM_WORDS, .source = "peer_kernel" },
		{ "times as fast", FORM_WORDS, .source = "ratio_shown" },
		{ "wrong peers", FORM_WORDS, .source = "wrong", .report_only = true } },
	},
	{ "time_warnings", "Before the times are trusted",
	  "What was seen while they were measured, what it does to them, what to do.",
	  { "time_warnings" }, NULL, false,
	  .columns = {
		{ "races", FORM_WORDS, .source = "races" },
		{ "seen", FORM_WORDS, .source = "seen" },
		{ "does", FORM_WORDS, .source = "effect", .below = true },
		{ "to do", FORM_WORDS, .source = "advice", .below = true } },
	},
	{ "effects", "What one choice buys in dB of SQNR, all others being equal",
	  "Over pairs of cells of one tensor that differ in this alone: median, least and "
	  "greatest gain.",
	  { "rows", "tensor_rows", "effects" }, NULL, false,
	  .columns = {
		{ "choice", FORM_WORDS, .source = "what" },
		{ "median", FORM_GAIN, SQNR_GAIN("middle") },
		{ "least", FORM_GAIN, SQNR_GAIN("least") },
		{ "greatest", FORM_GAIN, SQNR_GAIN("most") },
		{ "pairs", FORM_COUNT, .source = "pairs" },
		{ "tensors", FORM_COUNT, .source = "tensors" },
		{ "greatest on", FORM_SUBJECT, .source = "most_subject" } },
	},
	{ "calibrations", "How often each calibration has the least error",
	  "Among cells of one tensor that differ in the calibration alone, where not all are "
	  "equal; of several with the least error all win.  Behind the best: the middle cell and "
	  "the worst one.  View calibration has each place.",
	  { "rows", "tensor_rows", "calibrations" }, NULL, false,
	  .columns = {
		{ "calibration", FORM_WORDS, .source = "calibration" },
		{ "to 3 bits", FORM_COUNT, .source = "to_3" },
		{ "4 bits", FORM_COUNT, .source = "at_4" },
		{ "5 to 7", FORM_COUNT, .source = "to_7" },
		{ "8 and up", FORM_COUNT, .source = "from_8" },
		{ "all", FORM_COUNT, .source = "wins" },
		{ "of cells", FORM_COUNT, .source = "tries" },
		{ "behind, dB", FORM_PLAIN, .source = "middle" },
		{ "worst, dB", FORM_PLAIN, .source = "worst" } },
	},
	{ "skipped", "Skipped",
	  "What the plan left out, by reason.",
	  { "skipped" }, NULL, false,
	  .columns = {
		{ "cells", FORM_COUNT, .source = "cells" },
		{ "reason", FORM_WORDS, .source = "reason" },
		{ "for example", FORM_WORDS, .source = "example", .report_only = true } },
	},
	{ "failed", "Failed",
	  "What was tried and has no number.",
	  { "failed" }, NULL, true,
	  .columns = {
		{ "reason", FORM_WORDS, .source = "reason" },
		{ "cell", FORM_WORDS, .source = "label", .report_only = true } },
	},
	{ 0 }
};

/* SPDX-License-Identifier: MIT
 *
 * Rules about weights and biases.
 */
#include "verdict_rules.h"

const struct verdict_rule verdict_weight_spread = {
	.value = { .name = "weight_spread",
		   .summary = "weights share one scale, and the largest channel is at least 16 "
			      "times as large as the middle one",
		   .source = "the middle channel loses 4 bits, 24 dB; in the embedded networks "
			     "the two are 2.5 apart" },
	.severity = VERDICT_LOSS,
	.threshold = 16,
	.explains = "weight_coarse",
	.sql = "SELECT cell_key, layer_index, layer, weight_channel_spread AS value,"
	       " printf('the weights of %s share one scale, and their channels differ by %.3g"
	       " times, and the middle one keeps %.2g of %d codes', layer, weight_channel_spread,"
	       " (1 << weight_bits) / weight_channel_spread, 1 << weight_bits) AS seen,"
	       " 'quantize them per channel' AS advice"
	       " FROM layers WHERE weight_granularity = 'tensor' AND NOT island",
};

const struct verdict_rule verdict_weight_coarse = {
	.value = { .name = "weight_coarse",
		   .summary = "the codes of a layer's weights leave 12 dB or less",
		   .source = "an error of a quarter of the weights' own size; 4 bits leave 12.6 "
			     "dB or more in the embedded networks, 3 bits 12 or less" },
	.severity = VERDICT_LOSS,
	.threshold = 12,
	.at_most = true,
	.sql = "SELECT cell_key, layer_index, layer, weight_sqnr_db AS value,"
	       " printf('%d bits leave the weights of %s %.1f dB, and make %.0f %% of them 0',"
	       " weight_bits, layer, weight_sqnr_db, 100 * weight_zero_fraction) AS seen,"
	       " CASE weight_granularity WHEN 'tensor' THEN 'quantize them per channel, or give"
	       " them more bits' ELSE 'give them more bits, or leave the layer in float' END"
	       " AS advice FROM layers WHERE NOT island",
};

const struct verdict_rule verdict_bias_overflow = {
	.value = { .name = "bias_overflow",
		   .summary = "a bias is 2^31 of its units or more: input step times weight step",
		   .source = "sums are kept in 32 bits" },
	.severity = VERDICT_BROKEN,
	.threshold = 2147483648.0,
	.sql = "SELECT cell_key, layer_index, layer, bias_units AS value,"
	       " printf('a bias of %s is %.3g of its units and does not fit in 32 bits, for the"
	       " weights beside it are next to nothing', layer, bias_units) AS seen,"
	       " printf('take them out, or leave %s in float', layer) AS advice"
	       " FROM layers",
};

const struct verdict_rule verdict_bias_coarse = {
	.value = { .name = "bias_coarse",
		   .summary = "rounding a bias to its units moves the output by half a step or "
			      "more",
		   .source = "in the embedded networks it moves it by less than 0.01 steps" },
	.severity = VERDICT_LOSS,
	.threshold = 0.5,
	.sql = "SELECT cell_key, layer_index, layer, bias_error_steps AS value,"
	       " printf('the biases of %s are rounded to units of input step times weight step,"
	       " which moves its output by up to %.2g steps', layer, bias_error_steps) AS seen,"
	       " 'look for a weight that is far too large, or give weights or activations more"
	       " bits' AS advice FROM layers",
};

const struct verdict_rule verdict_weights_constant = {
	.value = { .name = "weights_constant",
		   .summary = "at least 5 % of a layer's output channels have weights of one value",
		   .source = "such a channel does not tell one input from another" },
	.severity = VERDICT_REMARK,
	.threshold = 0.05,
	.sql = "SELECT cell_key, layer_index, layer, weight_dead_fraction AS value,"
	       " CASE weight_dead_fraction WHEN 1 THEN printf('the weights of %s are constant',"
	       " layer) ELSE printf('the weights of %.2g %% of the channels of %s are constant',"
	       " 100 * weight_dead_fraction, layer) END AS seen,"
	       " 'look at the file and the training, or take the channels out' AS advice FROM"
	       " layers",
};

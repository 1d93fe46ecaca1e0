/* SPDX-License-Identifier: MIT
 *
 * What edges hold: onto grids, to codes and back.
 */
#include "execute_parts.h"

#include <string.h>

static int fail_infinite(const char *edge, const float *values, int64_t elements,
			 struct error *error)
{
	int64_t bad = 0;

	for (int64_t i = 0; i < elements; i++)
		bad += !isfinite(values[i]);
	return fail(error, STATUS_FAILED,
		    "activations of '%s': %lld of the %lld values of a sample are NaN or "
		    "infinite: they have no range; float32 cannot hold this network's "
		    "values", edge, (long long)bad, (long long)elements);
}

/* The grid of one sample, chosen by the rule from the sample's own values. */
static int choose_grid(struct execution_room *room, const struct quantizer *quantizer,
		       const char *edge, const float *values, int64_t elements, struct grid *grid,
		       float *scale, struct error *error)
{
	const struct rule *rule = quantizer->rule;
	const bool of_extremes = calibration_of(rule->calibration)->of_extremes;
	float extremes[2];

	if (!room->slices.env &&
	    slice_room_new(&room->slices, room->env, room->edge_elements, error))
		return -1;
	if (!loops_best()->range(values, elements, &extremes[0], &extremes[1]))
		return fail_infinite(edge, values, elements, error);
	const struct slice slice = of_extremes ? slice_of(&room->slices, extremes, 2)
					       : slice_of(&room->slices, values, elements);
	struct chosen chosen;

	if (slice_choose(&chosen, rule, quantizer->round, &slice, room->env, error))
		return -1;
	if (chosen.reason)
		return fail(error, STATUS_INPUT, "activations of '%s': no range for the %lld "
			    "values of a sample: %s; take a static range or another calibration",
			    edge, (long long)elements, chosen.reason);
	*grid = chosen.grid;
	*scale = chosen.scale;
	return 0;
}

void set_grids(const struct quantizer *quantizer, const struct grid *grid, float scale,
	       int64_t first, int64_t count, struct edge_values *to)
{
	const int32_t zero = grid->zero + (quantizer_has_u8(quantizer) ? code_move(grid) : 0);

	for (int64_t s = first; s < first + count; s++)
		to->grids[s] = (struct sample_grid){ .scale = scale, .zero = zero };
}

int quantize_values(struct execution_room *room, const struct quantizer *quantizer,
		    const char *edge, const float *from, int64_t elements, int64_t batch,
		    struct edge_values *to, struct tally *tally, struct error *error)
{
	const struct format *format = format_of(quantizer->rule->format);
	const int64_t at_once = quantizer->dynamic ? 1 : batch;
	struct grid grid = quantizer->grid;
	float scale = quantizer->scale;
	struct tally unused = { 0 };

	for (int64_t s = 0; s < batch; s += at_once) {
		const int64_t place = s * elements;

		if (quantizer->dynamic && choose_grid(room, quantizer, edge, from + place, elements,
						      &grid, &scale, error))
			return -1;
		format->simulate(from + place, at_once * elements, &grid, scale, quantizer->round,
				 to->values + place, tally ? tally : &unused);
		set_grids(quantizer, &grid, scale, s, at_once, to);
	}
	to->state = EDGE_ON_GRID;
	return 0;
}

/* As qs_affine_code gives them, a NaN included, moved to u8. */
static void encode(const float *x, int64_t count, const struct grid *grid, float scale,
		   enum qs_round round, uint8_t *codes)
{
	const struct loop_grid loop = { scale, grid->zero, grid->low, grid->high, round };

	loops_best()->encode(x, count, &loop, code_move(grid), codes);
}

uint8_t quantize_code(const struct quantizer *quantizer, float x)
{
	uint8_t code;

	encode(&x, 1, &quantizer->grid, quantizer->scale, quantizer->round, &code);
	return code;
}

int quantize_codes(struct execution_room *room, const struct quantizer *quantizer,
		   const char *edge, const float *from, int64_t elements, int64_t batch,
		   struct edge_values *to, struct error *error)
{
	const int64_t at_once = quantizer->dynamic ? 1 : batch;
	struct grid grid = quantizer->grid;
	float scale = quantizer->scale;

	for (int64_t s = 0; s < batch; s += at_once) {
		const int64_t place = s * elements;

		if (quantizer->dynamic && choose_grid(room, quantizer, edge, from + place, elements,
						      &grid, &scale, error))
			return -1;
		encode(from + place, at_once * elements, &grid, scale, quantizer->round,
		       to->codes + place);
		set_grids(quantizer, &grid, scale, s, at_once, to);
	}
	to->state = EDGE_CODED;
	return 0;
}

/* A value is n * scale rounded once, |n| <= 255: its quotient is within 2^-22 of n, relatively, and
 * rounds to n. */
void edge_encode(const struct edge_values *from, int64_t elements, int64_t batch,
		 struct edge_values *to)
{
	const size_t count = (size_t)(elements * batch);

	to->state = from->state == EDGE_RAW ? EDGE_RAW : EDGE_CODED;
	if (from->state == EDGE_RAW) {
		memcpy(to->values, from->values, count * sizeof *to->values);
		return;
	}
	memcpy(to->grids, from->grids, (size_t)batch * sizeof *to->grids);
	if (from->state == EDGE_CODED) {
		memcpy(to->codes, from->codes, count);
		return;
	}
	for (int64_t s = 0; s < batch; s++) {
		const struct sample_grid grid = from->grids[s];

		loops_best()->encode_exact(from->values + s * elements, elements, grid.scale,
					   grid.zero, to->codes + s * elements);
	}
}

void edge_decode(const struct edge_values *from, int64_t elements, int64_t batch,
		 struct edge_values *to)
{
	const size_t count = (size_t)(elements * batch);

	to->state = from->state == EDGE_RAW ? EDGE_RAW : EDGE_ON_GRID;
	if (from->state != EDGE_RAW)
		memcpy(to->grids, from->grids, (size_t)batch * sizeof *to->grids);
	if (from->state != EDGE_CODED) {
		memcpy(to->values, from->values, count * sizeof *to->values);
		return;
	}
	for (int64_t s = 0; s < batch; s++) {
		const struct sample_grid grid = from->grids[s];

		loops_best()->decode(from->codes + s * elements, elements, grid.scale, grid.zero,
				     to->values + s * elements);
	}
}

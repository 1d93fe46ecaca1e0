/* SPDX-License-Identifier: MIT
 *
 * One tensor under many rules: the inner part of accuracy_measure, without a plan.
 *
 * A slicing says which values share a scale.  All rules of one slicing are measured together: each
 * slice is sorted once, each distinct range is chosen once, and the errors are summed as the slices
 * come, so that the memory does not grow with the number of slices or rules.
 */
#ifndef QS_OPERAND_H
#define QS_OPERAND_H

#include "../calibrate/calibrate.h"
#include "accuracy.h"

struct slicing {
	enum granularity_kind kind;      /* a dynamic range per tensor is one of rows     */
	int axis;               /* of PER_CHANNEL: the tensor's axis; -1: its rows       */
	int64_t group;          /* of PER_GROUP, along a row; the last may be short      */
	bool per_sample;        /* along an axis, and yet a range for each sample: a skip */
};

struct slice_grid {
	float scale;            /* as stored                                             */
	int32_t zero;
};

struct operand_case {
	const struct rule *rule;
	enum qs_round round;
	int64_t batch;          /* rows in a batch of calibration; 0: a slice is one batch */
	bool keep;              /* keep the grids, for operand_simulate                  */
	/* filled in: */
	enum outcome outcome;   /* DONE, SKIPPED or FAILED                               */
	char reason[REASON_SIZE], warning[REASON_SIZE];
	struct error_numbers numbers;    /* of a DONE case                               */
	struct slice_grid *grids;        /* [slices] in order; NULL unless kept: env_free */
	int32_t low, high;      /* the code range of all grids                           */
	uint64_t visits;        /* those of a shared range or sort count once            */
	double seconds;
};

/* The slicing of a rule; one that is float has that of the whole tensor. */
struct slicing slicing_of(const struct rule *rule);
bool slicing_equal(const struct slicing *a, const struct slicing *b);

/* Measures cases[count], all of this slicing, on a finite tensor.  `name` is what error_numbers
 * call it.  -1: no memory; then nothing is kept. */
int operand_measure(const struct tensor *tensor, const struct slicing *slicing, const char *name,
		    struct operand_case *cases, size_t count, struct error *error);
/* The same, the pass over the values on at most so many threads. */
int operand_measure_on(int threads, const struct tensor *tensor, const struct slicing *slicing,
		       const char *name, struct operand_case *cases, size_t count,
		       struct error *error);

/* The index of the case of this rule and rounding among cases[*count]; where there is none it is
 * put behind the others.  There must be room. */
size_t operand_case_find(struct operand_case *cases, size_t *count, const struct operand_case *one);
/* operand_measure for cases[count] of any slicings. */
int operand_measure_all(const struct tensor *tensor, const char *name, struct operand_case *cases,
			size_t count, struct error *error);
/* What the range of a slice hangs on, beside its values. */
struct choice_terms {
	const struct rule *rule;
	enum qs_round round;    /* where the calibration looks at it                     */
	int64_t batch;          /* as of operand_case, where it has an observer          */
};

/* Two give every slice the same range: they differ in slicing at most, and in what their
 * calibration does not look at. */
bool same_choice(const struct choice_terms *a, const struct choice_terms *b);

/* back[rows * columns] = the tensor as the case's codes mean it; the case was DONE and kept, or is
 * float. */
void operand_simulate(const struct tensor *tensor, const struct operand_case *one, float *back);

/* The codes that operand_simulate's values come from, less 2^(b-1) where they are unsigned, with
 * their scales and zero points, one a row and group: scales[rows][groups], a single one repeated.
 * The case was DONE and kept and is not float; its scales do not change along a row but by group.
 * codes NULL: scales and zero points alone.  8 bits at most where codes are asked for. */
struct operand_codes {
	int8_t *codes;          /* [rows][columns]                                       */
	float *scales;
	int32_t *zeros;         /* in the domain of codes                                */
};
int operand_encode(const struct tensor *tensor, const struct operand_case *one,
		   struct operand_codes *out, struct error *error);
/* Scales along a row: its groups, or 1; 0: scales of another axis, which cross the rows. */
int64_t operand_groups(const struct tensor *tensor, const struct operand_case *one);

/* 0, or -1 with the sentence "tensor 'x' holds 3 NaN and 1 infinite values, the first at index 17":
 * the index counts in the order of tensor->shape, row-major. */
int tensor_check_finite(const struct tensor *tensor, const char *name, struct error *error);

#endif

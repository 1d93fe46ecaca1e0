/* SPDX-License-Identifier: MIT
 *
 * Accuracy cells of an op subject.  gemm and conv2d: rows "a", "w" and "y"; y is the output of the
 * float product on the simulated operands against that on the operands themselves, output_* of w
 * that on simulated weights and float activations.  Our f32 products are one chain of fused
 * multiply-adds on every ISA, so `best` gives the reference's bits.
 * quantize and dequantize: one row "y", the values that come back against those that went in.
 *
 * Each distinct rule of an operand is calibrated once; cells go by weight rule, so that its
 * simulated weights are made and packed once; activations are simulated for each cell.
 */
#include "accuracy_job.h"

#include "error_shape.h"
#include "error_sums.h"

#include <math.h>
#include <string.h>

struct op_operand {
	const char *name;       /* "a" or "w"                                            */
	struct tensor tensor;
	struct operand_case *cases;      /* the distinct rules, [count]                  */
	size_t count;
	size_t *case_of;        /* [job->count]                                          */
	float *back;            /* simulated, with room for a kernel's over-read         */
};

struct gemm {
	struct qs_task task;
	const struct qs_kernel *kernel;
	void *prepared;         /* the weights at hand, packed                           */
	float *y, *y_float;     /* [m * n]                                               */
	int64_t outputs;        /* m * n                                                 */
	struct value_bins *bins;         /* of y_float                                    */
};

struct op {
	struct accuracy_job *job;
	const struct env *env;
	struct op_operand a, w;          /* w.tensor.values NULL: no weights             */
	struct gemm gemm;
};

/* The distinct rules of the job's cells, and which one each cell has. */
static int find_cases(struct op *op, struct op_operand *operand, bool weights, struct error *error)
{
	const struct accuracy_job *job = op->job;

	operand->cases = env_new(op->env, job->count, sizeof *operand->cases, "rules", error);
	operand->case_of = env_new(op->env, job->count, sizeof *operand->case_of, "rules", error);
	if (!operand->cases || !operand->case_of)
		return -1;
	for (size_t i = 0; i < job->count; i++) {
		const struct recipe *recipe = &job->plan->accuracies[job->cells[i]].recipe;
		struct operand_case one;

		case_of(&one, recipe, weights ? &recipe->weights : &recipe->activations);
		one.keep = op->gemm.y != NULL;
		operand->case_of[i] = operand_case_find(operand->cases, &operand->count, &one);
	}
	return 0;
}

static int measure_cases(struct op_operand *operand, struct error *error)
{
	return operand_measure_all(&operand->tensor, operand->name, operand->cases, operand->count,
				   error);
}

static void operand_free(const struct op *op, struct op_operand *operand)
{
	for (size_t i = 0; i < operand->count; i++)
		env_free(op->env, operand->cases[i].grids);
	env_free(op->env, operand->cases);
	env_free(op->env, operand->case_of);
	env_free(op->env, operand->back);
	tensor_free(&operand->tensor);
}

/* Room for simulated values, with what a kernel may read behind the last. */
static float *new_back(const struct op *op, const struct tensor *tensor, struct error *error)
{
	const size_t extra = op->gemm.kernel->over_read / sizeof(float) + 1;

	return env_new(op->env, (size_t)tensor->rows * (size_t)tensor->columns + extra,
		       sizeof(float), "simulated values", error);
}

/* Packs the weights in w->back. */
static int pack(struct op *op, struct error *error)
{
	struct gemm *gemm = &op->gemm;
	const char *reason;
	size_t bytes;

	gemm->prepared = gemm->kernel->prepare(&gemm->task, op->w.back, &bytes, &reason);
	if (gemm->prepared)
		return 0;
	if (!reason)
		return fail_memory(error, 0, "packed weights");
	return fail(error, STATUS_FAILED, "%s refused float weights: %s", gemm->kernel->name,
		    reason);
}

static void unpack(struct gemm *gemm)
{
	if (gemm->prepared)
		gemm->kernel->release(gemm->prepared);
	gemm->prepared = NULL;
}

static int multiply(const struct op *op, float *y, struct error *error)
{
	const struct qs_kernel *kernel = op->gemm.kernel;
	void *const prepared = op->gemm.prepared;

	if (kernel->run(prepared, op->a.back, y, 0, kernel->units(prepared)))
		return fail(error, STATUS_MACHINE, "%s failed", kernel->name);
	return 0;
}

static void take_floats(struct op_operand *operand)
{
	const struct tensor *tensor = &operand->tensor;

	memcpy(operand->back, tensor->values,
	       (size_t)(tensor->rows * tensor->columns) * sizeof(float));
}

static int gemm_new(struct op *op, struct error *error)
{
	const struct subject *subject = op->job->subject;
	const struct libraries *libraries = op->job->plan->libraries;
	const enum qs_op product = subject->operation->op;
	const struct qs_kernel *reference = kernel_reference(libraries, product, "f32f32f32");
	struct gemm *gemm = &op->gemm;
	const char *reason;

	if (!reference)
		return fail(error, STATUS_MACHINE, "the kernel library has no %s_f32f32f32",
			    subject->operation->value.name);
	task_of_shape(&gemm->task, reference, subject->m, subject->n, subject->k, &subject->conv);
	gemm->kernel = kernel_best(libraries, product, "f32f32f32", &gemm->task, &reason);
	if (!gemm->kernel)
		return fail(error, STATUS_FAILED, "no float %s for this shape: %s",
			    subject->operation->value.name, reason);
	gemm->outputs = subject->m * subject->n;
	gemm->y = env_new(op->env, (size_t)gemm->outputs, sizeof *gemm->y, "an output", error);
	gemm->y_float = env_new(op->env, (size_t)gemm->outputs, sizeof *gemm->y_float, "an output",
				error);
	op->a.back = new_back(op, &op->a.tensor, error);
	op->w.back = new_back(op, &op->w.tensor, error);
	if (!gemm->y || !gemm->y_float || !op->a.back || !op->w.back)
		return -1;
	take_floats(&op->a);
	take_floats(&op->w);
	if (pack(op, error))
		return -1;
	const int failed = multiply(op, gemm->y_float, error);
	unpack(gemm);
	if (failed)
		return -1;
	gemm->bins = value_bins_new(op->env, gemm->y_float, gemm->outputs, error);
	return gemm->bins ? 0 : -1;
}

/* An operand that was not measured ends the cell; its warning is the cell's. */
static bool take_operand(struct accuracy_result *result, const struct op_operand *operand,
			 const struct operand_case *one)
{
	const size_t used = strlen(result->warning);

	if (one->outcome != OUTCOME_DONE) {
		result->outcome = one->outcome;
		snprintf(result->reason, sizeof result->reason, "%s: %.240s", operand->name,
			 one->reason);
		return false;
	}
	if (*one->warning)
		snprintf(result->warning + used, sizeof result->warning - used, "%s%s: %.120s",
			 used ? "; " : "", operand->name, one->warning);
	result->row[result->rows++] = one->numbers;
	return true;
}

/* Work that a case shares is told once, with its first cell. */
static void take_work(struct accuracy_result *result, struct operand_case *one)
{
	result->element_visits += one->visits;
	result->seconds += one->seconds;
	one->visits = 0;
	one->seconds = 0;
}

static int finish_y(const struct op *op, struct accuracy_result *result, struct error *error)
{
	const struct gemm *gemm = &op->gemm;
	struct error_numbers *numbers = &result->row[result->rows];
	struct error_sums sums = { 0 };
	struct error_shape shape = { 0 };
	int failed;

	error_sums_add(&sums, gemm->y_float, gemm->y, gemm->outputs, 0);
	if (error_sums_numbers(&sums, false, "y", numbers)) {
		failed = error_shape_add(&shape, op->env, gemm->bins, gemm->y_float, gemm->y,
					 gemm->outputs, error);
		error_shape_numbers(&shape, gemm->bins, numbers);
		error_shape_free(&shape, op->env);
		result->rows++;
		result->outcome = OUTCOME_DONE;
		return failed;
	}
	result->outcome = OUTCOME_FAILED;
	result->rows = 0;
	snprintf(result->reason, sizeof result->reason,
		 "an output is infinite: the sums reach past the end of float32");
	return 0;
}

/* The packed weights on float activations. */
static int measure_weights_alone(struct op *op, struct error_numbers *numbers, struct error *error)
{
	struct error_sums sums = { 0 };
	struct error_numbers output;

	take_floats(&op->a);
	if (multiply(op, op->gemm.y, error))
		return -1;
	error_sums_add(&sums, op->gemm.y_float, op->gemm.y, op->gemm.outputs, 0);
	if (!error_sums_numbers(&sums, false, "y", &output))
		return 0;
	numbers->output_sqnr_db = output.sqnr_db;
	numbers->output_relative_rmse = error_sums_relative(&sums);
	return 0;
}

static int gemm_cell(struct op *op, size_t i, struct error *error)
{
	const struct accuracy_job *job = op->job;
	struct accuracy_result *result = &job->results[job->cells[i] - job->first];
	struct operand_case *a = &op->a.cases[op->a.case_of[i]];
	struct operand_case *w = &op->w.cases[op->w.case_of[i]];
	const uint64_t start = op->env->now_ns(op->env);

	take_work(result, a);
	take_work(result, w);
	if (!take_operand(result, &op->a, a) || !take_operand(result, &op->w, w)) {
		result->rows = 0;
		return 0;
	}
	operand_simulate(&op->a.tensor, a, op->a.back);
	if (multiply(op, op->gemm.y, error) || finish_y(op, result, error))
		return -1;
	result->seconds += (double)(op->env->now_ns(op->env) - start) * 1e-9;
	return 0;
}

/* All cells of one weight rule. */
static int gemm_cells(struct op *op, size_t weights, struct error *error)
{
	struct accuracy_job *job = op->job;
	int failed = 0;

	if (op->w.cases[weights].outcome == OUTCOME_DONE) {
		operand_simulate(&op->w.tensor, &op->w.cases[weights], op->w.back);
		if (pack(op, error) ||
		    measure_weights_alone(op, &op->w.cases[weights].numbers, error))
			return -1;
	}
	for (size_t i = 0; i < job->count && !failed && !job->stopped; i++) {
		if (op->w.case_of[i] != weights)
			continue;
		failed = gemm_cell(op, i, error);
		if (!failed)
			job_done(job, job->cells[i]);
	}
	unpack(&op->gemm);
	return failed;
}

static void unary_cell(struct op *op, size_t i)
{
	struct accuracy_job *job = op->job;
	struct accuracy_result *result = &job->results[job->cells[i] - job->first];
	struct operand_case *a = &op->a.cases[op->a.case_of[i]];
	struct error_numbers *y = &result->row[0];

	take_work(result, a);
	if (!take_operand(result, &op->a, a))
		return;
	result->outcome = OUTCOME_DONE;
	y->tensor = "y";
	y->saturated_fraction = y->zero_fraction = y->bytes = (double)NAN;
}

static int measure_op(struct op *op, bool has_weights, struct error *error)
{
	struct accuracy_job *job = op->job;

	if (has_weights && gemm_new(op, error))
		return -1;
	if (find_cases(op, &op->a, false, error) || measure_cases(&op->a, error))
		return -1;
	if (!has_weights) {
		for (size_t i = 0; i < job->count && !job->stopped; i++) {
			unary_cell(op, i);
			job_done(job, job->cells[i]);
		}
		return 0;
	}
	if (find_cases(op, &op->w, true, error) || measure_cases(&op->w, error))
		return -1;
	for (size_t i = 0; i < op->w.count && !job->stopped; i++)
		if (gemm_cells(op, i, error))
			return -1;
	return 0;
}

int op_job(struct accuracy_job *job, struct error *error)
{
	struct op op = { .job = job, .env = job->plan->env, .a.name = "a", .w.name = "w" };
	const bool has_weights = job->subject->operation->has_weights;
	const bool first = !*job->histogram_count;
	int failed = job_load(job, &job->subject->a, &op.a.tensor, error);

	if (!failed && has_weights)
		failed = job_load(job, &job->subject->w, &op.w.tensor, error);
	if (!failed && first) {
		struct histogram *histogram = job->histograms;

		histogram_fill(histogram++, &op.a.tensor, "a");
		if (has_weights)
			histogram_fill(histogram++, &op.w.tensor, "w");
		*job->histogram_count = (int)(histogram - job->histograms);
	}
	if (!failed)
		failed = measure_op(&op, has_weights, error);
	unpack(&op.gemm);
	env_free(op.env, op.gemm.y);
	env_free(op.env, op.gemm.y_float);
	env_free(op.env, op.gemm.bins);
	operand_free(&op, &op.a);
	operand_free(&op, &op.w);
	return failed < 0 ? -1 : 0;
}

/* SPDX-License-Identifier: MIT
 *
 * Operands from a seed, and verdicts.  Rows of the extreme style are all greatest, all least,
 * alternating and mixed in turn, so that every corner of the range of a sum is met.
 */
#include "workload_values.h"

#include "../conv.h"
#include "../random.h"
#include "guarded.h"

#include <math.h>

bool workload_requantizes(const struct qs_kernel *like)
{
	return like->op == QS_REQUANTIZE ||
	       (op_is_product(like->op) && (like->y == QS_S8 || like->y == QS_U8));
}

struct workload_spec workload_usual(const struct qs_kernel *like, int64_t m, int64_t n, int64_t k,
				    uint64_t seed)
{
	const struct workload_operand none = { .zero = WORKLOAD_NO_ZERO }, code = { .zero = 3 };
	struct workload_spec spec = { .like = like, .m = m, .n = n, .k = k, .seed = seed,
				      .a = code, .w = none, .y = code,
				      .bias = op_is_product(like->op) };

	spec.w.per_row = true;
	spec.threads = 1;
	if (!type_range(like->y, &spec.low, &spec.high)) {
		spec.low = INT32_MIN;
		spec.high = INT32_MAX;
	}
	return spec;
}

/* What the operand's scales are per: what the kernel's types say, or by rows where the spec asks
 * for that and the operation knows it. */
static enum qs_per scales_per(const struct workload_spec *spec, const struct qs_operand *operand,
			      const struct workload_operand *wanted)
{
	/* a patch of a convolution is of several rows of a */
	if (operand->per != QS_PER_TENSOR || workload_requantizes(spec->like) ||
	    (spec->conv.batch && wanted == &spec->a))
		return operand->per;
	return wanted->per_row ? QS_PER_ROW : QS_PER_TENSOR;
}

/* How many scales it needs; and sets what they are per. */
static size_t count_scales(const struct workload_spec *spec, struct qs_operand *operand,
			   const struct workload_operand *wanted, int64_t rows, int64_t columns)
{
	int32_t least, most;

	operand->stride += wanted->pad;
	if (!operand->scale || !type_range(operand->type, &least, &most))
		return 0;
	operand->per = scales_per(spec, operand, wanted);
	operand->scales = operand_scales(operand->per, operand->group, rows, columns);
	return (size_t)operand->scales;
}

/* Draws scales and zero points of one operand from `at` on; gives the next free place.  unit: not
 * 0: a scale is so many times what a unit of the sum is worth. */
static size_t make_map(struct workload *workload, const struct workload_spec *spec,
		       struct qs_operand *operand, const struct workload_operand *wanted,
		       float unit, size_t at)
{
	int32_t least, most;

	if (!operand->scale || !type_range(operand->type, &least, &most))
		return at;
	const bool sums = operand->type == QS_S32;
	const uint32_t levels = (uint32_t)most - (uint32_t)least + !sums;

	operand->scale = workload->scales + at;
	operand->zero = sums || wanted->zero == WORKLOAD_NO_ZERO ? NULL : workload->zeros + at;
	for (int64_t i = 0; i < operand->scales; i++) {
		const size_t place = at + (size_t)i;
		const uint32_t word = random_at(spec->seed, STREAM_ZEROS, place).word[0];

		workload->scales[place] = unit > 0 ? unit * values_unit(spec, place)
						   : values_scale(spec, place);
		workload->zeros[place] =
			i ? (int32_t)(least + (int64_t)(word % levels)) : wanted->zero;
	}
	return at + (size_t)operand->scales;
}

static int allocate_maps(struct workload *workload, size_t scales, struct error *error)
{
	const struct env *env = workload->env;
	const size_t n = (size_t)workload->task.n;

	workload->scales = env_new(env, scales + 1, sizeof(float), "scales", error);
	workload->zeros = env_new(env, scales + 1, sizeof(int32_t), "zero points", error);
	workload->bias = env_new(env, n, sizeof(int64_t), "a bias", error);
	workload->bias_f32 = env_new(env, n, sizeof(float), "a bias", error);
	return workload->scales && workload->zeros && workload->bias && workload->bias_f32 ? 0 : -1;
}

static int make_maps(struct workload *workload, const struct workload_spec *spec,
		     struct error *error)
{
	struct qs_task *task = &workload->task;
	const bool requantizes = workload_requantizes(spec->like);
	const bool product = op_is_product(task->op);
	size_t at = count_scales(spec, &task->a, &spec->a, task_a_rows(task), task_a_columns(task));

	at += count_scales(spec, &task->w, &spec->w, task->n, task->k);
	at += count_scales(spec, &task->y, &spec->y, task->m, task_width(task));
	if (allocate_maps(workload, at, error))
		return -1;
	/* of a requantized result the unit hangs on y's scale, and of a gemm's on a's */
	at = make_map(workload, spec, &task->y, &spec->y, 0, 0);
	if (requantizes && !product) {
		make_map(workload, spec, &task->a, &spec->a, *task->y.scale, at);
		return 0;
	}
	at = make_map(workload, spec, &task->a, &spec->a, 0, at);
	make_map(workload, spec, &task->w, &spec->w,
		 requantizes ? *task->y.scale / *task->a.scale : 0, at);
	return 0;
}

static int make_task(struct workload *workload, const struct workload_spec *spec,
		     struct error *error)
{
	struct qs_task *task = &workload->task;

	workload->conv = spec->conv;
	task_of_shape(task, spec->like, spec->m, spec->n, spec->k, &workload->conv);
	if (make_maps(workload, spec, error))
		return -1;
	for (int64_t i = 0; i < task->n; i++) {
		const uint32_t word = random_at(spec->seed, STREAM_BIAS, (uint64_t)i).word[0];

		workload->bias[i] = (int64_t)(word >> 11) - (1 << 20);
		workload->bias_f32[i] = values_near_one(word);
	}
	if (spec->bias && spec->like->y == QS_F32)
		task->bias_f32 = workload->bias_f32;
	else if (spec->bias)
		task->bias = workload->bias;
	task->threads = spec->threads > 1 ? spec->threads : 1;
	task->requantize = spec->requantize;
	task->round = spec->round;
	task->low = spec->low;
	task->high = spec->high;
	return 0;
}

static int make_buffer(struct guarded *buffer, const struct workload_spec *spec,
		       const struct qs_operand *operand, int64_t rows, int64_t columns,
		       uint32_t over_read, struct error *error)
{
	const int64_t bits = type_bits(operand->type);
	int64_t total;

	if (__builtin_mul_overflow(rows - 1, operand->stride, &total) ||
	    __builtin_add_overflow(total, columns, &total) ||
	    __builtin_mul_overflow(total, bits, &total) || total > INT64_MAX / 2)
		return fail_memory(error, SIZE_MAX, "a kernel's operand");
	return guarded_make(buffer, (size_t)(total + 7) / 8, bits < 8 ? 1 : (size_t)bits / 8,
			    spec->guard == GUARD_AFTER, over_read, error);
}

static int make_expected(struct workload *workload, const struct qs_kernel *reference,
			 struct error *error)
{
	const struct qs_task *task = &workload->task;
	struct workload_call call;
	const char *reason;
	int status;

	if (!workload_prepare(&call, workload, reference, &reason))
		return fail(error, STATUS_INPUT, "%s cannot take m %lld n %lld k %lld: %s",
			    reference->name, (long long)task->m, (long long)task->n,
			    (long long)task->k, reason);
	status = reference->run(call.prepared, workload->a.data, workload->expected.data, 0,
				call.units);
	workload_release(&call);
	if (status)
		return fail(error, STATUS_MACHINE, "%s failed with %d", reference->name, status);
	for (int64_t i = 0; i < task->m && task->y.type == QS_F32; i++)
		for (int64_t j = 0; j < task_width(task); j++) {
			const float *row =
				(const float *)workload->expected.data + i * task->y.stride;
			const double y = fabs((double)row[j]);

			if (isfinite(y) && y > workload->largest)
				workload->largest = y;
		}
	return 0;
}

static int check_sizes(const struct workload_spec *spec, struct error *error)
{
	char shape[CONV_TEXT_SIZE];
	int64_t m, n, k;

	if (spec->conv.batch) {
		conv_print(shape, sizeof shape, &spec->conv);
		if (spec->like->op != QS_CONV2D || !conv_sizes(&spec->conv, &m, &n, &k))
			return fail(error, STATUS_INPUT, "no convolution has the sizes %s", shape);
		return 0;
	}
	if (spec->m < 1 || spec->n < 1 || spec->k < 1 || spec->m > INT32_MAX ||
	    spec->n > INT32_MAX || spec->k > INT32_MAX)
		return fail(error, STATUS_INPUT,
			    "sizes m %lld n %lld k %lld, expected 1 to 2^31 - 1",
			    (long long)spec->m, (long long)spec->n, (long long)spec->k);
	return 0;
}

int workload_make(struct workload *workload, const struct env *env,
		  const struct workload_spec *spec, const struct qs_kernel *reference,
		  struct error *error)
{
	struct qs_task *task = &workload->task;

	*workload = (struct workload){ .env = env };
	if (check_sizes(spec, error) || make_task(workload, spec, error) ||
	    make_buffer(&workload->a, spec, &task->a, task_a_rows(task), task_a_columns(task),
			spec->over_read, error) ||
	    (task->w.type &&
	     make_buffer(&workload->w, spec, &task->w, task->n, task->k, 0, error)) ||
	    make_buffer(&workload->y, spec, &task->y, task->m, task_width(task), 0, error) ||
	    make_buffer(&workload->expected, spec, &task->y, task->m, task_width(task), 0, error))
		goto failed;
	values_fill(spec, task, &task->a, task_a_rows(task), workload->a.data, STREAM_A);
	guarded_freeze(&workload->a);
	if (task->w.type) {
		values_fill(spec, task, &task->w, task->n, workload->w.data, STREAM_W);
		guarded_freeze(&workload->w);
	}
	if (!make_expected(workload, reference, error))
		return 0;
failed:
	workload_free(workload);
	return -1;
}

void workload_free(struct workload *workload)
{
	const struct env *env = workload->env;

	guarded_free(&workload->a);
	guarded_free(&workload->w);
	guarded_free(&workload->y);
	guarded_free(&workload->expected);
	env_free(env, workload->scales);
	env_free(env, workload->zeros);
	env_free(env, workload->bias);
	env_free(env, workload->bias_f32);
	*workload = (struct workload){ .env = env };
}

bool workload_prepare(struct workload_call *call, const struct workload *workload,
		      const struct qs_kernel *kernel, const char **reason)
{
	*call = (struct workload_call){ .kernel = kernel, .workload = workload };
	*reason = kernel->refuse(&workload->task);
	if (*reason)
		return false;
	call->prepared = kernel->prepare(&workload->task, workload->w.data, &call->bytes, reason);
	if (!call->prepared) {
		*reason = *reason ? *reason : "out of memory";
		return false;
	}
	call->units = kernel->units(call->prepared);
	return true;
}

int workload_call(const struct workload_call *call)
{
	return call->kernel->run(call->prepared, call->workload->a.data, call->workload->y.data, 0,
				 call->units);
}

void workload_release(struct workload_call *call)
{
	call->kernel->release(call->prepared);
	call->prepared = NULL;
}

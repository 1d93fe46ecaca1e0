/* SPDX-License-Identifier: MIT
 *
 * Operands from a seed, and verdicts.  Rows of the extreme style are all greatest, all least,
 * alternating and mixed in turn, so that every corner of the range of a sum is met.
 */
#include "workload.h"

#include "../random.h"
#include "guarded.h"

#include <math.h>

enum stream { STREAM_A = 1, STREAM_W, STREAM_SCALES, STREAM_ZEROS, STREAM_BIAS, STREAM_SPLIT };

/* In (-1, 1), never denormal. */
static float near_one(uint32_t word)
{
	return ((float)(int32_t)(word >> 8) - 8388607.5f) * 0x1p-23f;
}

struct workload_spec workload_usual(const struct qs_kernel *like, int64_t m, int64_t n, int64_t k,
				    uint64_t seed)
{
	const struct workload_operand none = { .zero = WORKLOAD_NO_ZERO }, code = { .zero = 3 };
	struct workload_spec spec = { .like = like, .m = m, .n = n, .k = k, .seed = seed,
				      .a = code, .w = none, .y = code,
				      .bias = op_is_product(like->op) };

	spec.w.per_row = true;
	if (!type_range(like->y, &spec.low, &spec.high)) {
		spec.low = INT32_MIN;
		spec.high = INT32_MAX;
	}
	return spec;
}

static float make_scale(const struct workload_spec *spec, uint64_t index)
{
	static const float extreme[] = { 1, 0.5f, 0x1p-10f, 1e-40f, 1e38f, 0.1f, 0x1p-149f,
					 0.011764706f, 4 };

	if (spec->style == WORKLOAD_EXTREME)
		return extreme[(spec->seed + index) % (sizeof extreme / sizeof *extreme)];
	return 0.05f + 0.04f * near_one(random_at(spec->seed, STREAM_SCALES, index).word[0]);
}

/* Fills scales and zero points of one operand from `at` on; gives the next free place. */
static size_t make_map(struct workload *workload, const struct workload_spec *spec,
		       struct qs_operand *operand, const struct workload_operand *wanted,
		       int64_t rows, size_t at)
{
	int32_t least, most;

	operand->stride += wanted->pad;
	if (!operand->scale || !type_range(operand->type, &least, &most))
		return at;
	operand->per = wanted->per_row ? QS_PER_ROW : QS_PER_TENSOR;
	operand->scales = wanted->per_row ? rows : 1;
	operand->scale = workload->scales + at;
	operand->zero = wanted->zero == WORKLOAD_NO_ZERO ? NULL : workload->zeros + at;
	for (int64_t i = 0; i < operand->scales; i++) {
		const uint32_t word = random_at(spec->seed, STREAM_ZEROS, at + (size_t)i).word[0];
		const uint32_t levels = (uint32_t)most - (uint32_t)least + 1;

		workload->scales[at + (size_t)i] = make_scale(spec, at + (uint64_t)i);
		workload->zeros[at + (size_t)i] =
			i ? least + (int32_t)(levels ? word % levels : word >> 1) : wanted->zero;
	}
	return at + (size_t)operand->scales;
}

static int make_task(struct workload *workload, const struct workload_spec *spec,
		     struct error *error)
{
	struct qs_task *task = &workload->task;
	const struct env *env = workload->env;
	size_t at;

	task_plain(task, spec->like, spec->m, spec->n, spec->k);
	const size_t rows = 2 * (size_t)task->m + (size_t)task->n;
	workload->scales = env_new(env, rows, sizeof(float), "scales", error);
	workload->zeros = env_new(env, rows, sizeof(int32_t), "zero points", error);
	workload->bias = env_new(env, (size_t)task->n, sizeof(int64_t), "a bias", error);
	workload->bias_f32 = env_new(env, (size_t)task->n, sizeof(float), "a bias", error);
	if (!workload->scales || !workload->zeros || !workload->bias || !workload->bias_f32)
		return -1;
	at = make_map(workload, spec, &task->a, &spec->a, task->m, 0);
	at = make_map(workload, spec, &task->w, &spec->w, task->n, at);
	make_map(workload, spec, &task->y, &spec->y, task->m, at);
	for (int64_t i = 0; i < task->n; i++) {
		const uint32_t word = random_at(spec->seed, STREAM_BIAS, (uint64_t)i).word[0];

		workload->bias[i] = (int64_t)(word >> 11) - (1 << 20);
		workload->bias_f32[i] = near_one(word);
	}
	if (spec->bias && spec->like->y == QS_F32)
		task->bias_f32 = workload->bias_f32;
	else if (spec->bias)
		task->bias = workload->bias;
	task->round = spec->round;
	task->low = spec->low;
	task->high = spec->high;
	return 0;
}

/* Floats to be quantized: quotients that a rounding can get wrong, times the row's scale. */
static float extreme_quotient(uint32_t word)
{
	static const float quotients[] = {
		0, 0.5f, 1.5f, 2.5f, 0.49999997f, 0.50000006f, 1.4999999f, 63.5f, 126.5f, 127.5f,
		127.50001f, 128.5f, 254.5f, 255.5f, 256, 4194303.5f, 8388607.5f, 8388608, 8388609,
		1e9f, 2147483648.0f, 3e9f, 1e30f, INFINITY, 0x1p-149f, 0x1p-126f,
	};
	const float q = quotients[(word >> 1) % (sizeof quotients / sizeof *quotients)];

	return word & 1 ? -q : q;
}

/* Floats to be multiplied: of many magnitudes, denormals and zeros of both signs; no sum of fewer
 * than 2^40 products overflows. */
static float extreme_factor(uint32_t word)
{
	const float mantissa = 1 + (float)(word >> 16) * 0x1p-16f;
	const float sign = word & 1 ? -1 : 1;

	switch (word >> 1 & 7) {
	case 0: return sign * 0;
	case 1: return sign * mantissa * 0x1p-140f;
	case 2: return sign * mantissa * 0x1p-75f;
	case 3: return sign * mantissa * 0x1p40f;
	default: return sign * ldexpf(mantissa, (int)(word >> 4 & 31) - 16);
	}
}

static float make_float(const struct workload_spec *spec, const struct qs_task *task, int64_t row,
			uint32_t word)
{
	const struct qs_operand *y = &task->y;
	int32_t least, most;

	if (task->op != QS_QUANTIZE)
		return spec->style == WORKLOAD_EXTREME ? extreme_factor(word) : near_one(word);
	const int64_t at = y->scales == 1 ? 0 : row;
	if (spec->style == WORKLOAD_EXTREME)
		return extreme_quotient(word) * y->scale[at];
	type_range(y->type, &least, &most);
	const float middle = 0.5f * (float)(least + most) - (float)(y->zero ? y->zero[at] : 0);
	return y->scale[at] * (middle + 0.625f * (float)(most - least) * near_one(word));
}

static void put_code(enum qs_type type, void *data, int64_t index, int32_t code)
{
	uint8_t *const byte = (uint8_t *)data + index / 2;

	switch (type) {
	case QS_S4:
	case QS_U4:
		*byte = (uint8_t)(index & 1 ? (*byte & 0x0f) | code << 4
					    : (*byte & 0xf0) | (code & 15));
		return;
	case QS_S8:
	case QS_U8: ((uint8_t *)data)[index] = (uint8_t)code; return;
	case QS_S16: ((int16_t *)data)[index] = (int16_t)code; return;
	case QS_S32: ((int32_t *)data)[index] = code; return;
	default: ((int64_t *)data)[index] = code; return;
	}
}

static int32_t make_code(const struct workload_spec *spec, int32_t least, int32_t most, int64_t row,
			 int64_t column, uint32_t word)
{
	const uint64_t levels = (uint64_t)((int64_t)most - least);

	if (spec->style != WORKLOAD_EXTREME)
		return (int32_t)(least + (int64_t)((uint64_t)word * (levels + 1) >> 32));
	switch (row & 3) {
	case 0: return most;
	case 1: return least;
	case 2: return column & 1 ? most : least;
	default: return word & 1 ? most : least;
	}
}

static void fill(const struct workload_spec *spec, const struct qs_task *task,
		 const struct qs_operand *operand, int64_t rows, void *data, enum stream stream)
{
	struct random4 random = { { 0 } };
	uint64_t drawn = 0;
	int32_t least = 0, most = 0;
	const bool codes = type_range(operand->type, &least, &most);

	for (int64_t row = 0; row < rows; row++)
		for (int64_t column = 0; column < task->k; column++, drawn++) {
			const int64_t at = row * operand->stride + column;
			uint32_t word;

			if (drawn % 4 == 0)
				random = random_at(spec->seed, stream, drawn / 4);
			word = random.word[drawn % 4];
			if (codes)
				put_code(operand->type, data, at,
					 make_code(spec, least, most, row, column, word));
			else
				((float *)data)[at] = make_float(spec, task, row, word);
		}
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

int workload_make(struct workload *workload, const struct env *env,
		  const struct workload_spec *spec, const struct qs_kernel *reference,
		  struct error *error)
{
	struct qs_task *task = &workload->task;

	*workload = (struct workload){ .env = env };
	if (spec->m < 1 || spec->n < 1 || spec->k < 1 || spec->m > INT32_MAX ||
	    spec->n > INT32_MAX || spec->k > INT32_MAX)
		return fail(error, STATUS_INPUT,
			    "sizes m %lld n %lld k %lld, expected 1 to 2^31 - 1",
			    (long long)spec->m, (long long)spec->n, (long long)spec->k);
	if (type_bits(spec->like->y) < 8)
		return fail(error, STATUS_INPUT, "%s: results of %d bits cannot be compared",
			    spec->like->name, type_bits(spec->like->y));
	if (make_task(workload, spec, error) ||
	    make_buffer(&workload->a, spec, &task->a, task->m, task->k, spec->over_read, error) ||
	    (task->w.type &&
	     make_buffer(&workload->w, spec, &task->w, task->n, task->k, 0, error)) ||
	    make_buffer(&workload->y, spec, &task->y, task->m, task_width(task), 0, error) ||
	    make_buffer(&workload->expected, spec, &task->y, task->m, task_width(task), 0, error))
		goto failed;
	fill(spec, task, &task->a, task->m, workload->a.data, STREAM_A);
	guarded_freeze(&workload->a);
	if (task->w.type) {
		fill(spec, task, &task->w, task->n, workload->w.data, STREAM_W);
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

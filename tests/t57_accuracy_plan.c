/* SPDX-License-Identifier: MIT
 *
 * accuracy_measure on plans made by hand: tensors, operations, seeds, histograms, what was measured
 * before, stopping, tensors that cannot be measured, lack of memory, every instruction set.
 */
#include "support.h"

#include "rules.h"

#include "../harness/sums.h"

enum { CELLS = 6, M = 5, N = 7, K = 40 };

struct fixture {
	struct env env;
	struct libraries libraries;
	struct subject subject;
	struct accuracy_cell cells[CELLS];
	struct plan plan;
	struct accuracy_result results[CELLS];
	struct histogram histograms[2];
	int histogram_count;
	int done, stop_after;   /* calls of cell_done; 0: never stop                     */
	struct error error;
};

static struct source synthetic(const char *generator, int64_t rows, int64_t columns)
{
	static char name[] = "synthetic:x";

	return (struct source){ .name = name, .generator = find(synthetic_values, generator),
				.rank = 2, .shape = { rows, columns }, .rows = rows,
				.columns = columns };
}

static void fixture_new(struct fixture *f, enum subject_kind kind)
{
	*f = (struct fixture){ .env = env_system() };
	f->subject = (struct subject){ .kind = kind };
	f->plan = (struct plan){ .env = &f->env, .libraries = &f->libraries,
				 .subjects = { .count = 1, .subjects = &f->subject },
				 .accuracies = f->cells, .accuracy_count = CELLS };
	for (int i = 0; i < CELLS; i++) {
		f->cells[i].recipe.seed = 1;
		f->cells[i].recipe.rounding = find(rounding_values, "half_even");
	}
}

static int cell_done(void *self, size_t cell, const struct accuracy_result *result)
{
	struct fixture *f = self;

	assert_ptr_equal(result, &f->results[cell]);
	assert_int_not_equal(result->outcome, OUTCOME_PLANNED);
	return ++f->done == f->stop_after;
}

static int measure(struct fixture *f)
{
	f->done = 0;
	memset(f->results, 0, sizeof f->results);
	return accuracy_measure(&f->plan, 0, CELLS, 1, f->results, f->histograms,
				&f->histogram_count, cell_done, f, &f->error);
}

static void tensors(void **state)
{
	static const char *const granularities[CELLS] = { "tensor", "group32", "tensor", "channel",
							  "tensor", "tensor" };
	struct fixture f;
	uint64_t total = 0;

	(void)state;
	fixture_new(&f, SUBJECT_TENSOR);
	f.subject.w = synthetic("gaussian", 16, 100);
	for (int i = 0; i < CELLS; i++)
		f.cells[i].recipe.weights = rule_of(4 + i, "symmetric", granularities[i], "mse");
	f.cells[4].recipe.seed = 2;
	f.cells[5].outcome = OUTCOME_REUSED;
	assert_int_equal(measure(&f), 0);
	assert_int_equal(f.done, 5);
	assert_int_equal(f.results[5].outcome, OUTCOME_PLANNED);
	for (int i = 0; i < 5; i++) {
		assert_int_equal(f.results[i].outcome, OUTCOME_DONE);
		assert_int_equal(f.results[i].rows, 1);
		assert_string_equal(f.results[i].row[0].tensor, "tensor");
		assert_int_equal(f.results[i].row[0].elements, 1600);
		assert_true(f.results[i].seconds > 0);
	}
	/* the seed makes other data, and more bits a smaller error */
	assert_true(f.results[2].row[0].mse < f.results[0].row[0].mse / 3);
	assert_true(f.results[4].row[0].range_high != f.results[2].row[0].range_high);
	assert_int_equal(f.histogram_count, 1);
	assert_string_equal(f.histograms[0].tensor, "tensor");
	for (int i = 0; i < HISTOGRAM_BINS; i++)
		total += f.histograms[0].count[i];
	assert_int_equal(total, 1600);
	assert_true(f.histograms[0].low < -2 && f.histograms[0].high > 2);
	assert_true(f.histograms[0].count[0] >= 1);
	assert_true(f.histograms[0].count[HISTOGRAM_BINS - 1] >= 1);
	f.stop_after = 2;
	assert_int_equal(measure(&f), 0);
	assert_int_equal(f.done, 2);
}

static void activations(void **state)
{
	struct fixture f;

	(void)state;
	fixture_new(&f, SUBJECT_TENSOR);
	f.subject.as_activations = true;
	f.subject.a = synthetic("relu", 16, 100);
	f.plan.accuracy_count = CELLS;
	for (int i = 0; i < CELLS; i++)
		f.cells[i].recipe.activations =
			rule_of(8, i % 2 ? "asymmetric" : "symmetric_unsigned", "tensor", "minmax");
	assert_int_equal(measure(&f), 0);
	assert_int_equal(f.done, CELLS);
	assert_int_equal(f.results[0].outcome, OUTCOME_DONE);
	assert_true(f.results[0].row[0].mse == f.results[1].row[0].mse);
	assert_true(f.histograms[0].low == 0);
}

/* A file with a NaN: each cell has failed and says where. */
static void not_finite(void **state)
{
	static const char header[] = "{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), }";
	unsigned char file[128 + 24] = "\x93NUMPY\x01\x00\x76\x00";
	const float values[6] = { 1, 2, 3, 4, NAN, INFINITY };
	char path[512], name[] = "x.npy", member[] = "x";
	struct fixture f;

	(void)state;
	memset(file + 10, ' ', 118);
	memcpy(file + 10, header, sizeof header - 1);
	file[127] = '\n';
	memcpy(file + 128, values, sizeof values);
	write_file(scratch("x.npy"), file, sizeof file);
	fixture_new(&f, SUBJECT_TENSOR);
	snprintf(path, sizeof path, "%s", scratch("x.npy"));
	f.subject.w = (struct source){ .name = name, .path = path, .member = member, .rank = 2,
				       .shape = { 2, 3 }, .rows = 2, .columns = 3 };
	for (int i = 0; i < CELLS; i++)
		f.cells[i].recipe.weights = rule_of(8, "symmetric", "tensor", "minmax");
	assert_int_equal(measure(&f), 0);
	assert_int_equal(f.done, CELLS);
	for (int i = 0; i < CELLS; i++) {
		assert_int_equal(f.results[i].outcome, OUTCOME_FAILED);
		assert_string_equal(f.results[i].reason,
				    "tensor 'x.npy' holds 1 NaN and 1 infinite values, the first "
				    "at index 4");
	}
	assert_int_equal(f.histogram_count, 0);
	snprintf(path, sizeof path, "%s", scratch("none.npy"));
	assert_int_equal(measure(&f), 0);
	assert_int_equal(f.results[0].outcome, OUTCOME_FAILED);
	assert_non_null(strstr(f.results[0].reason, "none.npy"));
}

static void gemm_new(struct fixture *f)
{
	fixture_new(f, SUBJECT_OP);
	f->subject.operation = (const struct operation *)find(operation_values, "gemm");
	f->subject.m = M;
	f->subject.n = N;
	f->subject.k = K;
	f->subject.a = synthetic("relu", M, K);
	f->subject.w = synthetic("channel_spread", N, K);
	for (int i = 0; i < CELLS; i++) {
		f->cells[i].recipe.weights =
			rule_of(i % 2 ? 4 : 8, "symmetric", "channel", "minmax");
		f->cells[i].recipe.activations = rule_of(8, "asymmetric", "tensor", "minmax");
	}
	f->cells[2].recipe.weights = rule_of(32, NULL, NULL, NULL);
	f->cells[3].recipe.activations = rule_of(32, NULL, NULL, NULL);
	f->cells[4].recipe.weights = f->cells[4].recipe.activations = rule_of(32, NULL, NULL, NULL);
	f->cells[5].recipe.weights = rule_of(8, "symmetric_unsigned", "channel", "minmax");
	if (libraries_open(&f->libraries, &f->env, &f->error))
		fail_msg("%s", f->error.text);
}

/* y by the definition: one chain of fmaf over k ascending, on what operand_simulate gives. */
static double gemm_error(const struct fixture *f, const struct recipe *recipe)
{
	struct tensor a, w;
	struct error error;
	static float a_back[M * K], w_back[N * K];
	struct sum squares = { 0 };

	assert_int_equal(source_load(&f->subject.a, &f->env, recipe->seed, &a, &error), 0);
	assert_int_equal(source_load(&f->subject.w, &f->env, recipe->seed, &w, &error), 0);
	struct operand_case a_case = measure_rule(&a, &recipe->activations, QS_HALF_EVEN);
	struct operand_case w_case = measure_rule(&w, &recipe->weights, QS_HALF_EVEN);
	operand_simulate(&a, &a_case, a_back);
	operand_simulate(&w, &w_case, w_back);
	for (int i = 0; i < M * N; i++) {
		float y_float = 0, y = 0;

		for (int k = 0; k < K; k++) {
			const int in_a = i / N * K + k, in_w = i % N * K + k;

			y_float = fmaf(a.values[in_a], w.values[in_w], y_float);
			y = fmaf(a_back[in_a], w_back[in_w], y);
		}
		sum_add(&squares, ((double)y - (double)y_float) * ((double)y - (double)y_float));
	}
	env_free(&f->env, a_case.grids);
	env_free(&f->env, w_case.grids);
	tensor_free(&a);
	tensor_free(&w);
	return sum_total(&squares) / (M * N);
}

static void gemm(void **state)
{
	struct fixture f;

	(void)state;
	gemm_new(&f);
	assert_int_equal(measure(&f), 0);
	assert_int_equal(f.done, CELLS);
	for (int i = 0; i < 5; i++) {
		const struct accuracy_result *result = &f.results[i];

		assert_int_equal(result->outcome, OUTCOME_DONE);
		assert_int_equal(result->rows, 3);
		assert_string_equal(result->row[0].tensor, "a");
		assert_string_equal(result->row[1].tensor, "w");
		assert_string_equal(result->row[2].tensor, "y");
		assert_int_equal(result->row[2].elements, M * N);
		assert_true(result->row[2].mse == gemm_error(&f, &f.cells[i].recipe));
		assert_true(isnan(result->row[2].bytes));
		assert_true(isnan(result->row[2].saturated_fraction));
	}
	assert_true(f.results[1].row[2].mse > f.results[0].row[2].mse);
	assert_true(f.results[2].row[1].exact && !f.results[2].row[2].exact);
	assert_true(f.results[4].row[2].exact);
	assert_int_equal(f.results[5].outcome, OUTCOME_SKIPPED);
	assert_string_equal(f.results[5].reason, "w: the observed minimum is below 0");
	assert_int_equal(f.results[5].rows, 0);
	assert_int_equal(f.histogram_count, 2);
	assert_string_equal(f.histograms[1].tensor, "w");
	libraries_close(&f.libraries);
}

/* Every feature set that this CPU has gives the same bits. */
static void any_isa(void **state)
{
	struct accuracy_result first[CELLS];
	struct fixture f;

	(void)state;
	for (const struct value *const *isa = isa_values; *isa; isa++) {
		const uint64_t features = ((const struct isa *)*isa)->features;

		gemm_new(&f);
		if (features & ~f.env.cpu) {
			print_message("# SKIP %s: this CPU lacks it\n", (*isa)->name);
		} else {
			f.env.cpu = features;
			assert_int_equal(measure(&f), 0);
			if (!features)
				memcpy(first, f.results, sizeof first);
			for (int i = 0; i < CELLS; i++) {
				assert_int_equal(first[i].rows, f.results[i].rows);
				for (int row = 0; row < first[i].rows; row++)
					assert_same_numbers(&first[i].row[row],
							    &f.results[i].row[row]);
			}
		}
		libraries_close(&f.libraries);
	}
}

static void unary(void **state)
{
	static const char *const names[] = { "quantize", "dequantize" };

	(void)state;
	for (int i = 0; i < 2; i++) {
		struct fixture f;

		fixture_new(&f, SUBJECT_OP);
		f.subject.operation = (const struct operation *)find(operation_values, names[i]);
		f.subject.m = M;
		f.subject.n = 1;
		f.subject.k = K;
		f.subject.a = synthetic("gaussian", M, K);
		for (int j = 0; j < CELLS; j++)
			f.cells[j].recipe.activations =
				rule_of(3 + j, "asymmetric", "tensor", "mse");
		assert_int_equal(measure(&f), 0);
		assert_int_equal(f.done, CELLS);
		assert_int_equal(f.results[0].rows, 1);
		assert_string_equal(f.results[0].row[0].tensor, "y");
		assert_true(f.results[0].row[0].mse > f.results[5].row[0].mse);
		assert_int_equal(f.histogram_count, 1);
	}
}

static void no_memory(void **state)
{
	int failed = -1;

	(void)state;
	for (long fail_at = 0; failed; fail_at++) {
		struct failing failing = { .fail_at = -1 };
		struct fixture f;

		gemm_new(&f);
		f.env = env_failing(&failing);
		failing.fail_at = fail_at;
		failed = measure(&f);
		if (failed)
			assert_int_equal(f.error.status, STATUS_MACHINE);
		assert_true(fail_at < 300);
		failing.fail_at = -1;
		libraries_close(&f.libraries);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(tensors), cmocka_unit_test(activations),
		cmocka_unit_test(not_finite), cmocka_unit_test(gemm), cmocka_unit_test(any_isa),
		cmocka_unit_test(unary), cmocka_unit_test(no_memory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

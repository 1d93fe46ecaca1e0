/* SPDX-License-Identifier: MIT
 *
 * The .npy reader: arrays that NumPy wrote, garbage, damage, lack of memory.
 */
#include "files.h"

extern const struct reader reader_npy;

static const char *golden(const char *name)
{
	static char path[1200];

	snprintf(path, sizeof path, "%s/tests/golden/array_%s.npy", source_dir(), name);
	return path;
}

/* tests/golden/make/arrays.py: the values are (0 .. 23) / 8 - 1 as [2][3][4] */
static void arrays_by_numpy(void **state)
{
	static const struct {
		const char *name, *type, *summary;
	} cases[] = {
		{ "c_f4", "float32", "NumPy .npy 1.0, C order, little-endian" },
		{ "fortran_f8_big", "float64", "NumPy .npy 1.0, Fortran order, big-endian" },
		{ "v2_f2", "float16", "NumPy .npy 2.0, C order, little-endian" },
		{ "v3_fortran_f4", "float32", "NumPy .npy 3.0, Fortran order, little-endian" },
	};
	const struct env env = env_system();
	struct tensor_file file;
	struct tensor tensor;
	struct error error;

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		assert_int_equal(tensor_file_open(&file, &env, golden(cases[i].name), &error), 0);
		assert_string_equal(file.summary, cases[i].summary);
		assert_string_equal(file.tensors->type, cases[i].type);
		assert_true(file.tensors->weight && file.tensors->floating);
		assert_int_equal(tensor_file_load(&file, file.tensors, &tensor, &error), 0);
		assert_int_equal(tensor.rank, 3);
		assert_int_equal(tensor.rows, 2);
		assert_int_equal(tensor.columns, 12);
		for (int j = 0; j < 24; j++)
			assert_true(tensor.values[j] == (float)j / 8 - 1);
		tensor_free(&tensor);
		tensor_file_close(&file);
	}
}

static void scalars_and_vectors_are_one_row(void **state)
{
	const struct env env = env_system();
	struct tensor_file file;
	struct tensor tensor;
	struct error error;

	(void)state;
	assert_int_equal(tensor_file_open(&file, &env, golden("scalar_f8"), &error), 0);
	assert_int_equal(tensor_file_load(&file, file.tensors, &tensor, &error), 0);
	assert_true(tensor.rank == 0 && tensor.rows == 1 && tensor.columns == 1);
	assert_true(*tensor.values == 0.1f);
	tensor_free(&tensor);
	tensor_file_close(&file);
	assert_int_equal(tensor_file_open(&file, &env, golden("vector_f4_big"), &error), 0);
	assert_string_equal(file.tensors->name, "array_vector_f4_big");
	assert_int_equal(tensor_file_load(&file, file.tensors, &tensor, &error), 0);
	assert_true(tensor.rank == 1 && tensor.rows == 1 && tensor.columns == 5);
	assert_true(tensor.values[4] == -0.5f);
	tensor_free(&tensor);
	tensor_file_close(&file);
}

static void listed_but_not_loaded(void **state)
{
	static const struct {
		const char *name, *want;
	} cases[] = {
		{ "int32", "*tensor 'array_int32' is of type int32; only floating tensors *" },
		{ "empty", "*tensor 'array_empty' has no elements: one of its axes is 0" },
	};
	const struct env env = env_system();
	struct tensor_file file;
	struct tensor tensor;
	struct error error;

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		assert_int_equal(tensor_file_open(&file, &env, golden(cases[i].name), &error), 0);
		assert_int_equal(file.count, 1);
		assert_int_equal(tensor_file_load(&file, file.tensors, &tensor, &error), -1);
		assert_int_equal(error.status, STATUS_INPUT);
		if (!glob_match(cases[i].want, error.text, false))
			fail_msg("%s", error.text);
		tensor_file_close(&file);
	}
}

/* Spellings that numpy.load takes: other order of keys, double quotes, no comma, Python 2's L. */
static void other_spellings(void **state)
{
	static const char *const headers[] = {
		"{'shape': (2, 2), 'fortran_order': False, 'descr': '<f4'}",
		"{\"descr\": \"<f4\",\"fortran_order\":False,\"shape\":(2,2)}",
		"{'descr': '<f4', 'fortran_order': False, 'shape': (2L, 2L), }   \n",
		" { 'descr' : '=f4' , 'fortran_order' : False , 'shape' : ( 2 , 2 , ) , } ",
	};
	const struct env env = env_system();

	(void)state;
	for (size_t i = 0; i < sizeof headers / sizeof *headers; i++) {
		unsigned char bytes[200] = "\x93NUMPY\x01";
		const size_t length = strlen(headers[i]);

		bytes[8] = (unsigned char)length;
		memcpy(bytes + 10, headers[i], length);
		assert_int_equal(open_and_load(&env, &reader_npy, bytes, 10 + length + 16), 0);
	}
}

static void garbage(void **state)
{
	(void)state;
	assert_true(check_garbage("tensor", &reader_npy) >= 12);
}

static void damage(void **state)
{
	(void)state;
	hammer(&reader_npy, golden("fortran_f8_big"), true, 128, 10000);
}

static void memory_runs_out(void **state)
{
	(void)state;
	starve(&reader_npy, golden("fortran_f8_big"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(arrays_by_numpy),
		cmocka_unit_test(scalars_and_vectors_are_one_row),
		cmocka_unit_test(listed_but_not_loaded),
		cmocka_unit_test(other_spellings),
		cmocka_unit_test(garbage),
		cmocka_unit_test(damage),
		cmocka_unit_test(memory_runs_out),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

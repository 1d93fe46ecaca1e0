/* SPDX-License-Identifier: MIT
 *
 * The .safetensors reader: each floating type, which tensors are weights, garbage, damage, lack of
 * memory.  (A real file against NumPy is in t20.)
 */
#include "files.h"

extern const struct reader reader_safetensors;

/* Values 1, -2.5, 0.5, 3 in each type; by hand from IEEE 754. */
static const char header[] =
	"{\"__metadata__\":{\"format\":\"pt\"},\"a.f32\":{\"dtype\":\"F32\",\"shape\":[2,2],\"data_offsets\":[0,16]},\"b.f16\":{\"dtype\":\"F16\",\"shape\":[2,2],\"data_offsets\":[16,24]},\"c.bf16\":{\"dtype\":\"BF16\",\"shape\":[2,2],\"data_offsets\":[24,32]},\"d.f64\":{\"dtype\":\"F64\",\"shape\":[2,2],\"data_offsets\":[32,64]},\"bias\":{\"dtype\":\"F32\",\"shape\":[4],\"data_offsets\":[64,80]},\"row\":{\"dtype\":\"F32\",\"shape\":[1,4,1],\"data_offsets\":[80,96]},\"scalar\":{\"dtype\":\"F32\",\"shape\":[],\"data_offsets\":[96,100]},\"none\":{\"dtype\":\"F32\",\"shape\":[0,4],\"data_offsets\":[100,100]},\"count\":{\"dtype\":\"I64\",\"shape\":[1,1],\"data_offsets\":[104,112]}}   ";

static const uint32_t f32[] = { 0x3f800000, 0xc0200000, 0x3f000000, 0x40400000 };
static const uint16_t f16[] = { 0x3c00, 0xc100, 0x3800, 0x4200 };
static const uint16_t bf16[] = { 0x3f80, 0xc020, 0x3f00, 0x4040 };
static const double f64[] = { 1, -2.5, 0.5, 3 };

static size_t make_file(unsigned char *bytes)
{
	const size_t length = sizeof header - 1;
	unsigned char *data = bytes + 8 + length;

	memset(bytes, 0, 8);
	bytes[0] = (unsigned char)length;
	bytes[1] = (unsigned char)(length >> 8);
	memcpy(bytes + 8, header, length);
	memset(data, 0, 112);
	memcpy(data, f32, 16);
	memcpy(data + 16, f16, 8);
	memcpy(data + 24, bf16, 8);
	memcpy(data + 32, f64, 32);
	return 8 + length + 112;
}

static void types_and_weights(void **state)
{
	static const bool weight[] = { true, true, true, true, false, false, false, false, false };
	const struct env env = env_system();
	unsigned char bytes[2000];
	const size_t size = make_file(bytes);
	struct tensor_file file;
	struct tensor tensor;
	struct error error;

	(void)state;
	assert_int_equal(tensor_file_open_bytes(&file, &env, &reader_safetensors, "x", bytes, size,
						&error), 0);
	assert_string_equal(file.summary, "safetensors, 9 tensors");
	assert_int_equal(file.count, 9);
	for (size_t i = 0; i < 9; i++)
		assert_int_equal(file.tensors[i].weight, weight[i]);
	for (size_t i = 0; i < 4; i++) {
		assert_int_equal(tensor_file_load(&file, &file.tensors[i], &tensor, &error), 0);
		for (int j = 0; j < 4; j++)
			assert_true(tensor.values[j] == (float)f64[j]);
		tensor_free(&tensor);
	}
	assert_int_equal(tensor_file_load(&file, &file.tensors[7], &tensor, &error), -1);
	assert_non_null(strstr(error.text, "has no elements"));
	assert_int_equal(tensor_file_load(&file, &file.tensors[8], &tensor, &error), -1);
	assert_non_null(strstr(error.text, "is of type int64"));
	tensor_file_close(&file);
}

static void garbage(void **state)
{
	(void)state;
	assert_true(check_garbage("tensor", &reader_safetensors) >= 12);
}

/* 1.1 million values: too many for a tree of them; answered before it is built. */
static void a_header_too_dense(void **state)
{
	enum { N = 1100000 };
	const struct env env = env_system();
	unsigned char *bytes = malloc(N);
	struct tensor_file file;
	struct error error;

	(void)state;
	memset(bytes, ',', N);
	memset(bytes, 0, 8);
	for (int i = 0; i < 3; i++)
		bytes[i] = (unsigned char)((N - 8) >> 8 * i);
	bytes[8] = '{';
	assert_int_equal(tensor_file_open_bytes(&file, &env, &reader_safetensors, "x", bytes, N,
						&error), -1);
	assert_string_equal(error.text, "x: the header has more than 1048576 values");
	free(bytes);
}

static void damage(void **state)
{
	unsigned char bytes[2000];
	const size_t size = make_file(bytes);

	(void)state;
	write_file(scratch("good.safetensors"), bytes, size);
	hammer(&reader_safetensors, scratch("good.safetensors"), true,
	       sizeof header + 8, 10000);
}

static void memory_runs_out(void **state)
{
	unsigned char bytes[2000];
	const size_t size = make_file(bytes);

	(void)state;
	write_file(scratch("good.safetensors"), bytes, size);
	starve(&reader_safetensors, scratch("good.safetensors"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(types_and_weights),
		cmocka_unit_test(garbage),
		cmocka_unit_test(a_header_too_dense),
		cmocka_unit_test(damage),
		cmocka_unit_test(memory_runs_out),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: MIT
 *
 * Requantization against published networks: the ToyCar autoencoder of mlcommons/tiny (ten fully
 * connected layers) on the 196 windows of one of its recordings, byte by byte.
 *
 * Truth: sha256 of all output bytes by the reference_integer_ops of tensorflow/tflite-micro at
 * 90b983c2b3f1, compiled with TFLITE_SINGLE_ROUNDING 0 and 1, and, for single rounding of the first
 * file, by tfjs-tflite 0.0.1-alpha.10 too; the score that mlcommons/tiny published for it
 * (tflite_quant_fullint_anomaly_score_ToyCar_id_01.csv, made with TensorFlow 2.3.0) is that of
 * q31_ties_up, to 7 decimals.
 */
#include "support.h"

#include "../kernels/affine.h"
#include "../kernels/requantize.h"

enum {
	WINDOWS = 196,
	INPUTS = 640,
	HOP = 128,
	LAYERS = 10,
	/* of the schema of .tflite files, version 3 */
	FULLY_CONNECTED = 9,
	RELU = 1
};

struct file {
	const unsigned char *bytes;
	size_t size;
};

/* The few words of FlatBuffers that are needed: little endian, offsets are from their own place. */
static uint64_t read_word(const struct file *file, size_t at, size_t size)
{
	uint64_t word = 0;

	assert_true(at <= file->size && size <= file->size - at);
	memcpy(&word, file->bytes + at, size);
	return word;
}

static size_t follow(const struct file *file, size_t at)
{
	return at + read_word(file, at, 4);
}

/* The place of a table's field, 0 where it is left out. */
static size_t field(const struct file *file, size_t table, size_t index)
{
	const size_t list = table - (size_t)(int32_t)read_word(file, table, 4);
	const size_t entry = 4 + 2 * index;

	if (entry + 2 > read_word(file, list, 2))
		return 0;
	const size_t offset = read_word(file, list + entry, 2);

	return offset ? table + offset : 0;
}

/* The first element of a field's vector, its length in *count. */
static size_t vector(const struct file *file, size_t table, size_t index, size_t *count)
{
	const size_t at = field(file, table, index);

	assert_true(at > 0);
	*count = read_word(file, follow(file, at), 4);
	return follow(file, at) + 4;
}

static size_t element(const struct file *file, size_t table, size_t index, size_t i)
{
	size_t count;
	const size_t first = vector(file, table, index, &count);

	assert_true(i < count);
	return follow(file, first + 4 * i);
}

struct affine {
	float scale;
	int32_t zero;
};

struct dense {
	const int8_t *weights;  /* [outputs][inputs] */
	const int32_t *bias;
	size_t inputs, outputs;
	struct affine a, w, y;
	bool relu;
};

/* Model 2: subgraphs, 4: buffers; subgraph 0: tensors, 3: operators; tensor 2: buffer,
 * 4: quantization, of that 2: scale, 3: zero_point; operator 0: opcode_index, 1: inputs,
 * 2: outputs, 4: options, of that 0: fused_activation_function. */
static struct affine affine_of(const struct file *file, size_t tensor)
{
	const size_t rule = follow(file, field(file, tensor, 4));
	struct affine affine;
	uint32_t bits;
	size_t count;

	bits = (uint32_t)read_word(file, vector(file, rule, 2, &count), 4);
	assert_int_equal(count, 1);
	memcpy(&affine.scale, &bits, sizeof bits);
	affine.zero = (int32_t)read_word(file, vector(file, rule, 3, &count), 8);
	return affine;
}

static const void *data_of(const struct file *file, size_t root, size_t tensor, size_t *bytes)
{
	const size_t buffer = read_word(file, field(file, tensor, 2), 4);

	return file->bytes + vector(file, element(file, root, 4, buffer), 0, bytes);
}

/* The tensor that stands at place i of an operator's inputs or outputs. */
static size_t tensor_at(const struct file *file, size_t graph, size_t operator, size_t list,
			size_t i)
{
	size_t count;
	const size_t first = vector(file, operator, list, &count);

	assert_true(i < count);
	return element(file, graph, 0, read_word(file, first + 4 * i, 4));
}

static int opcode_of(const struct file *file, size_t root, size_t operator)
{
	const size_t index = field(file, operator, 0);
	const size_t code = element(file, root, 1, index ? read_word(file, index, 4) : 0);

	return (int)read_word(file, field(file, code, 0), 1);
}

static size_t read_layers(const struct file *file, struct dense layers[LAYERS])
{
	const size_t root = follow(file, 0), graph = element(file, root, 2, 0);
	size_t operators, count = 0, bytes;

	vector(file, graph, 3, &operators);
	for (size_t i = 0; i < operators; i++) {
		const size_t operator = element(file, graph, 3, i);
		struct dense *layer = &layers[count];

		if (opcode_of(file, root, operator) != FULLY_CONNECTED)
			continue;
		assert_true(count++ < LAYERS);
		const size_t a = tensor_at(file, graph, operator, 1, 0);
		const size_t w = tensor_at(file, graph, operator, 1, 1);
		const size_t bias = tensor_at(file, graph, operator, 1, 2);
		const size_t options = field(file, operator, 4);
		const size_t fused = options ? field(file, follow(file, options), 0) : 0;

		layer->a = affine_of(file, a);
		layer->w = affine_of(file, w);
		layer->y = affine_of(file, tensor_at(file, graph, operator, 2, 0));
		layer->bias = data_of(file, root, bias, &bytes);
		layer->outputs = bytes / 4;
		layer->weights = data_of(file, root, w, &bytes);
		layer->inputs = bytes / layer->outputs;
		layer->relu = fused && read_word(file, fused, 1) == RELU;
		assert_int_equal(layer->w.zero, 0);
	}
	return count;
}

static void run_layer(const struct dense *layer, enum qs_requantize mode, const int8_t *in,
		      int8_t *out)
{
	const int32_t low = layer->relu && layer->y.zero > -128 ? layer->y.zero : -128;
	struct qs_requantizer requantizer;

	assert_true(qs_requantizer_make(&requantizer, mode, QS_HALF_EVEN,
					(double)layer->a.scale * (double)layer->w.scale /
						(double)layer->y.scale));
	for (size_t j = 0; j < layer->outputs; j++) {
		const int8_t *weights = layer->weights + j * layer->inputs;
		int32_t sum = layer->bias[j];

		for (size_t k = 0; k < layer->inputs; k++)
			sum += (in[k] - layer->a.zero) * weights[k];
		out[j] = (int8_t)qs_requantize_code(&requantizer, sum, layer->y.zero, low, 127);
	}
}

/* All windows: half away from 0 at the input, as TensorFlow Lite's QUANTIZE does. */
static void run_network(const struct dense *layers, enum qs_requantize mode, const float *sound,
			int8_t *out)
{
	int8_t edges[2][INPUTS];

	for (size_t window = 0; window < WINDOWS; window++) {
		for (size_t i = 0; i < INPUTS; i++)
			edges[0][i] = (int8_t)qs_affine_code(sound[HOP * window + i],
							     layers[0].a.scale, layers[0].a.zero,
							     -128, 127, QS_HALF_AWAY);
		for (size_t layer = 0; layer < LAYERS; layer++)
			run_layer(&layers[layer], mode, edges[layer % 2], edges[1 - layer % 2]);
		memcpy(out + window * INPUTS, edges[LAYERS % 2], INPUTS);
	}
}

/* The published script's: the mean of (input - value)^2 in double; a value is s * q - s * z with
 * each term and the difference rounded to float32. */
static double score_of(const int8_t *codes, struct affine y, const float *sound)
{
	double sum = 0;

	for (size_t i = 0; i < WINDOWS * INPUTS; i++) {
		const float scaled = y.scale * (float)codes[i];
		const float value = scaled + -(float)y.zero * y.scale;
		const double error = (double)sound[HOP * (i / INPUTS) + i % INPUTS] - (double)value;

		sum += error * error;
	}
	return sum / (WINDOWS * INPUTS);
}

static bool has_sha256(const int8_t *bytes, const char *sha256)
{
	struct outcome_text outcome;
	bool same;

	write_file(scratch("codes"), bytes, WINDOWS * INPUTS);
	outcome = run_shell("sha256sum codes");
	assert_int_equal(outcome.status, 0);
	same = !strncmp(outcome.out, sha256, 64);
	if (!same)
		print_message("sha256 of the codes: %.64s\n", outcome.out);
	outcome_free(&outcome);
	return same;
}

static size_t read_bytes(void *out, size_t most, const char *data, const char *name)
{
	char path[1024];
	FILE *file;
	size_t count;

	snprintf(path, sizeof path, "%s/%s", data, name);
	file = fopen(path, "rb");
	if (!file)
		fail_msg("%s is not there", path);
	count = fread(out, 1, most, file);
	fclose(file);
	return count;
}

static void toycar(void **state)
{
	static const struct {
		const char *file;
		enum qs_requantize mode;
		const char *sha256;
		double score;
	} cases[] = {
		{ "tflite/ad01_fullint.tflite", QS_REQUANTIZE_Q31_DOUBLE,
		  "42ff5351d16704616f096a45984d62287ce5c92f2d7ca3136735a26bb3d8683e", 10.2597849 },
		{ "tflite/ad01_fullint.tflite", QS_REQUANTIZE_Q31_SINGLE,
		  "ef97e3dae104207129e822065e306f348c28f3a7c0c96768bbcef3ed1f3f9e87", 10.2675647 },
		/* float32's 24 bits are enough here: the codes of single rounding */
		{ "tflite/ad01_fullint.tflite", QS_REQUANTIZE_FLOAT,
		  "ef97e3dae104207129e822065e306f348c28f3a7c0c96768bbcef3ed1f3f9e87", 10.2675647 },
		/* the published score is 10.260287884484411 */
		{ "tflite/ad01_fullint.tflite", QS_REQUANTIZE_Q31_TIES_UP,
		  "f22b60dc2ad7cd5e8f2b12b53d50fa380a2cbbeeac81812ab5856d6cce0822fe", 10.2602879 },
		{ "tflite/ad01_int8.tflite", QS_REQUANTIZE_Q31_DOUBLE,
		  "654b37bf250a47f78421250dc2f1543eb4fe468b074a095911807235b5f58b9a", NAN },
		{ "tflite/ad01_int8.tflite", QS_REQUANTIZE_Q31_SINGLE,
		  "9f0696980aee2335c523cb51ff8db9d2b3a7f4515690b75105884d2671c20ee5", NAN },
		{ "tflite/ad01_int8.tflite", QS_REQUANTIZE_Q31_TIES_UP,
		  "d453c393a68119eb01dc120fed6c8fe0dd5822e08bba30deefee0eab7eb97fed", NAN },
	};
	static _Alignas(16) unsigned char bytes[300000];
	static float sound[HOP * (WINDOWS - 1) + INPUTS];
	static int8_t codes[WINDOWS * INPUTS];
	const char *data = shared_data();

	(void)state;
	if (!data) {
		print_message("# the published networks are not here, nothing to check\n");
		return;
	}
	assert_int_equal(read_bytes(sound, sizeof sound, data,
				    "data/ad01_normal_id_01_00000000_hist_librosa.f32"),
			 sizeof sound);
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct file file = { .bytes = bytes };
		struct dense layers[LAYERS];

		file.size = read_bytes(bytes, sizeof bytes, data, cases[i].file);
		assert_int_equal(read_layers(&file, layers), LAYERS);
		run_network(layers, cases[i].mode, sound, codes);
		if (!has_sha256(codes, cases[i].sha256))
			fail_msg("%s, mode %d", cases[i].file, (int)cases[i].mode);
		const double score = score_of(codes, layers[LAYERS - 1].y, sound);

		print_message("# %s, mode %d: score %.10f\n", cases[i].file, (int)cases[i].mode,
			      score);
		assert_true(isnan(cases[i].score) || fabs(score - cases[i].score) < 1e-7);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(toycar),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: MIT
 *
 * Float execution of whole networks from files against what ONNX Runtime 1.20.1 made of the same inputs,
 * and against published figures; the same bits for batches of 1, 7 and 64.
 */
#include "model_runs.h"

static struct numbers load(const char *name)
{
	const struct env env = env_system();
	struct tensor_file file;
	struct tensor tensor;
	struct error error;
	struct numbers out;
	char path[1200];

	snprintf(path, sizeof path, "%s/%s", shared_data(), name);
	assert_int_equal(tensor_file_open(&file, &env, path, &error), 0);
	assert_int_equal(tensor_file_load(&file, file.tensors, &tensor, &error), 0);
	tensor_file_close(&file);
	out.count = tensor.rows * tensor.columns;
	out.values = malloc((size_t)out.count * sizeof *out.values);
	memcpy(out.values, tensor.values, (size_t)out.count * sizeof *out.values);
	tensor_free(&tensor);
	return out;
}

static float read_u8(const unsigned char *at)
{
	return *at;
}

static float read_s8(const unsigned char *at)
{
	return (float)(int8_t)*at;
}

/* MNIST images 0 .. 499, * scale + shift in float32 as NumPy makes it. */
static struct numbers digits(const char *what)
{
	struct numbers x = tail("data/mnist_test_even-images-idx3-ubyte", 5000 * 784, 1, read_u8);

	x.count = 500 * 784;
	for (int64_t i = 0; i < x.count; i++)
		if (strstr(what, "255"))
			x.values[i] /= 255;
	for (int64_t i = 0; strstr(what, "mean") && i < x.count; i++)
		x.values[i] = (x.values[i] - 0.1307F) / 0.3081F;
	return x;
}

/* Lines `label,R,G,B,R,...`: 50 images of 32 x 32, channels last. */
static struct numbers small_images(int *labels)
{
	struct numbers x = { 50 * 3072, malloc(50 * 3072 * sizeof(float)) };
	char path[1200], *text, *at;

	snprintf(path, sizeof path, "%s/data/eran_cifar10_test_even.csv", shared_data());
	text = at = read_text(path);
	assert_non_null(text);
	for (int64_t i = 0; i < x.count; i++) {
		if (i % 3072 == 0)
			labels[i / 3072] = (int)strtol(at, &at, 10);
		x.values[i] = (float)strtol(at + 1, &at, 10);
	}
	free(text);
	return x;
}

/* Channels first, (x / 255 - mean) / deviation. */
static struct numbers channels_first(const double *mean, const double *deviation)
{
	int labels[50];
	struct numbers x = small_images(labels), out = { x.count, malloc(sizeof(float) * 153600) };

	for (int64_t i = 0; i < x.count; i++) {
		const int64_t channel = i % 3, pixel = i / 3 % 1024, image = i / 3072;

		out.values[(image * 3 + channel) * 1024 + pixel] =
			(float)(((double)x.values[i] / 255 - mean[channel]) / deviation[channel]);
	}
	free(x.values);
	return out;
}

/* The frames of a spectrogram of 128 numbers, 5 of them a window, one frame on from each. */
static struct numbers windows(void)
{
	struct numbers x = tail("data/ad01_normal_id_01_00000000_hist_librosa.f32", 25600, 4,
				read_f32);
	struct numbers out = { 196 * 640, malloc(196 * 640 * sizeof(float)) };

	for (int64_t i = 0; i < out.count; i++)
		out.values[i] = x.values[i / 640 * 128 + i % 640];
	free(x.values);
	return out;
}

static struct numbers words(void)
{
	struct numbers x = tail("data/kws01_even_x.npy", 500 * 490, 1, read_s8);

	for (int64_t i = 0; i < x.count; i++)
		x.values[i] = (x.values[i] - 83) * 0.5847029F;
	return x;
}

static struct numbers large_images(void)
{
	return tail("data/cifar10_test2000_jpeg_x.npy", 2000 * 3072, 1, read_u8);
}

static struct numbers input_of(const char *what)
{
	static const double base_mean[] = { 0.485, 0.456, 0.406 };
	static const double base_deviation[] = { 0.225, 0.225, 0.225 };
	static const double mean[] = { 0.4914, 0.4822, 0.4465 };
	static const double deviation[] = { 0.2471, 0.2435, 0.2616 };
	struct numbers x;
	int labels[50];

	if (strstr(what, ".npy"))
		return load(what);
	if (!strncmp(what, "digits", 6))
		return digits(what);
	if (!strcmp(what, "base"))
		return channels_first(base_mean, base_deviation);
	if (!strcmp(what, "resnet"))
		return channels_first(mean, deviation);
	if (!strcmp(what, "windows"))
		return windows();
	if (!strcmp(what, "words"))
		return words();
	if (!strcmp(what, "jpeg"))
		return large_images();
	x = small_images(labels);
	for (int64_t i = 0; !strcmp(what, "images/255") && i < x.count; i++)
		x.values[i] /= 255;
	return x;
}

static int64_t count_right(const struct numbers *y, int64_t classes, const struct numbers *labels)
{
	int64_t right = 0;

	for (int64_t i = 0; i < labels->count; i++)
		right += (float)class_of(y->values + i * classes, classes) == labels->values[i];
	return right;
}

static const struct model models[] = {
	{ "acasxu_1_1", "expected/acasxu_x.npy", "expected/acasxu_1_1_y.npy", 5, 0 },
	{ "acasxu_3_3", "expected/acasxu_x.npy", "expected/acasxu_3_3_y.npy", 5, 0 },
	{ "acasxu_5_9", "expected/acasxu_x.npy", "expected/acasxu_5_9_y.npy", 5, 0 },
	{ "lindex_deep", "expected/lindex_x.npy", "expected/lindex_deep_y.npy", 0, 0 },
	{ "burn_mnist", "digits/255 mean", "expected/burn_mnist_y.npy", 10, 130 },
	{ "wonnx_opt_mnist", "digits", "expected/wonnx_opt_mnist_y.npy", 10, 130 },
	{ "mnist_fc_256x4", "digits/255", "expected/mnist_fc_256x4_y.npy", 10, 130 },
	{ "mnist_convnet_avgpool", "digits/255", "expected/mnist_convnet_avgpool_y.npy", 10, 130 },
	{ "cifar10_medium", "images/255", "expected/cifar10_medium_y.npy", 10, 0 },
	{ "cifar_base_kw", "base", "expected/cifar_base_kw_y.npy", 10, 0 },
	{ "cifar_resnet_2b", "resnet", "expected/cifar_resnet_2b_y.npy", 10, 0 },
	{ "resnet8_fp32", "images", "expected/resnet8_fp32_y.npy", 10, 0 },
	{ "resnet8_fp32", "jpeg", "expected/resnet8_fp32_jpeg_y.npy", 10, 70 },
	{ "kws_dscnn_fp32", "words", "expected/kws_dscnn_fp32_y.npy", 12, 70 },
	{ "ad01_fp32", "windows", "expected/ad01_fp32_y.npy", 0, 0 },
};

/* The mean squared error of a reconstruction. */
static double score(const struct numbers *x, const struct numbers *y)
{
	double sum = 0;

	for (int64_t i = 0; i < x->count; i++)
		sum += ((double)x->values[i] - (double)y->values[i]) *
		       ((double)x->values[i] - (double)y->values[i]);
	return sum / (double)x->count;
}

/* Published and known figures beside the outputs. */
static void check_figures(const struct model *model, const struct numbers *x,
			  const struct numbers *y)
{
	int64_t right;
	int classes[50];
	struct numbers labels;

	if (!strcmp(model->name, "ad01_fp32")) {
		printf("# %s: score %.6f\n", model->name, score(x, y));
		assert_true(fabs(score(x, y) - 9.7071) <= 1e-4);
	} else if (!strcmp(model->input, "images")) {
		labels = (struct numbers){ 50, malloc(50 * sizeof(float)) };
		free(small_images(classes).values);
		for (int i = 0; i < 50; i++)
			labels.values[i] = (float)classes[i];
		right = count_right(y, 10, &labels);
		printf("# %s: %lld of 50\n", model->name, (long long)right);
		assert_true(llabs(right - 46) <= 1);
		free(labels.values);
	} else if (!strcmp(model->input, "jpeg")) {
		labels = tail("data/cifar10_test2000_y.npy", 2000, 1, read_u8);
		right = count_right(y, 10, &labels);
		printf("# %s: %lld of 2000\n", model->name, (long long)right);
		assert_true(llabs(right - 1528) <= 1);
		free(labels.values);
	} else if (!strcmp(model->input, "words")) {
		labels = tail("data/kws01_even_y.npy", 500, 1, read_u8);
		right = count_right(y, 12, &labels);
		printf("# %s: %lld of 500\n", model->name, (long long)right);
		assert_true(llabs(right - 453) <= 1);
		free(labels.values);
	}
}

static void all_models(void **state)
{
	const struct env env = env_system();

	(void)state;
	if (!shared_data()) {
		printf("# SKIP no shared data\n");
		return;
	}
	for (size_t i = 0; i < sizeof models / sizeof *models; i++) {
		const struct model *model = &models[i];
		struct numbers x = input_of(model->input), expected = load(model->expected), y;
		struct layers layers;
		double worst;

		open_model(&layers, &env, model->name);
		y = run(&layers, &x, 64);
		worst = compare(model->name, &y, &expected, model->classes);
		printf("# %s: %zu layers, %lld numbers, off by at most %.2g of the largest\n",
		       model->name, layers.count, (long long)y.count, worst);
		/* the anomaly network is ill-conditioned: another float32 order is 5e-5 off */
		assert_true(worst <= (strcmp(model->name, "ad01_fp32") ? 1e-5 : 1e-3));
		check_figures(model, &x, &y);
		check_batches(model, &layers, &x, &y);
		free(x.values);
		free(y.values);
		free(expected.values);
		layers_free(&layers);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(all_models),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

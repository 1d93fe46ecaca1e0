/* SPDX-License-Identifier: MIT */
#include "model.h"

#include "../axes/tables.h"
#include "../files.h"
#include "../text.h"

#include <string.h>
#include <sys/stat.h>

enum { NAME_MOST = 100, CONFIG_MOST = 1 << 20 };

static const char folder[] = "results/";
static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-";
static const char first_line[] = "// Written by `quantsweep run --model`";

/* Activations are static, of 8 bits; kernel and threads: `best`, one. */
static const char standard_sweep[] =
	"    { \"weights\": { \"bits\": 8, \"granularity\": \"channel\",\n"
	"                   \"calibration\": [\"minmax\", \"mse\"] },\n"
	"      \"activations\": { \"calibration\": [\"minmax\", { \"percentile\": 99.99 }] },\n"
	"      \"policy\": [\"all\", \"skip_first_last\"] },\n"
	"    { \"weights\": { \"bits\": 4, \"granularity\": { \"group\": 32 },\n"
	"                   \"calibration\": [\"minmax\", \"mse\"] },\n"
	"      \"activations\": { \"calibration\": [\"minmax\", { \"percentile\": 99.99 }] },\n"
	"      \"policy\": [\"all\", \"skip_first_last\"] },\n";
static const char quick_sweep[] =
	"    { \"weights\": { \"bits\": 8 }, \"activations\": {} },\n"
	"    { \"weights\": { \"bits\": 4, \"granularity\": { \"group\": 32 } },\n"
	"      \"activations\": {} },\n";
static const char full_sweep[] =
	"    { \"weights\": { \"bits\": [4, 8],\n"
	"                   \"granularity\": [\"tensor\", \"channel\", { \"group\": 32 }],\n"
	"                   \"calibration\": [\"minmax\", \"mse\"] },\n"
	"      \"activations\": { \"scheme\": [\"asymmetric\", \"symmetric\"],\n"
	"                       \"calibration\": [\"minmax\", \"mse\",\n"
	"                                       { \"percentile\": 99.99 }] },\n"
	"      \"policy\": [\"all\", \"skip_first_last\"] },\n"
	"    { \"weights\": { \"bits\": [4, 8],\n"
	"                   \"granularity\": [\"channel\", { \"group\": 32 }] },\n"
	"      \"activations\": { \"range\": \"dynamic\" } },\n"
	"    { \"weights\": { \"bits\": [2, 3, 4, 6],\n"
	"                   \"granularity\": [\"channel\", { \"group\": 32 }],\n"
	"                   \"calibration\": \"mse\" } },\n";

static const char *const sweeps[] = {
	[MODEL_STANDARD] = standard_sweep,
	[MODEL_QUICK] = quick_sweep,
	[MODEL_FULL] = full_sweep,
};

bool model_is_asked(const struct model_request *request)
{
	return request->model || request->calibration || request->evaluation || request->labels ||
	       request->sweep != MODEL_STANDARD;
}

/* The file's name without folder and .onnx, with '_' for what no config's name may hold. */
static void name_of(char name[NAME_MOST + 1], const char *model)
{
	const char *slash = strrchr(model, '/'), *base = slash ? slash + 1 : model;
	size_t length = strlen(base);

	if (length > 5 && !strcmp(base + length - 5, ".onnx"))
		length -= 5;
	if (length > NAME_MOST)
		length = NAME_MOST;
	for (size_t i = 0; i < length; i++)
		name[i] = strchr(letters, base[i]) && (i || !strchr(".-", base[i])) ? base[i] : '_';
	name[length] = '\0';
}

/* A path as the config in results/ sees it, as JSON. */
static void add_path(struct text *text, const char *path)
{
	text_add(text, "\"%s", *path == '/' ? "" : "../");
	for (const char *c = path; *c; c++) {
		if (*c == '"' || *c == '\\')
			text_add(text, "\\%c", *c);
		else if ((unsigned char)*c < 0x20)
			text_add(text, "\\u%04x", (unsigned)*c);
		else
			text_add_bytes(text, c, 1);
	}
	text_add(text, "\"");
}

/* All that there are: left out, sensitivity would not be among them. */
static void add_measures(struct text *text)
{
	text_add(text, ",\n  \"measure\": [");
	for (const struct value *const *value = measure_values; *value; value++)
		text_add(text, "%s\"%s\"", value == measure_values ? "" : ", ", (*value)->name);
	text_add(text, "]");
}

static char *write_text(const struct env *env, const struct model_request *request,
			const char *name, struct error *error)
{
	const bool judged_apart = request->evaluation != NULL;
	struct text text = { .env = env };

	text_add(&text, "{\n  %s; --quick and --full write other lists, and any line may\n"
			"  // be changed: delete this comment then, and it is not written over.\n",
		 first_line);
	text_add(&text, "  \"name\": \"%s\",\n  \"subjects\": [\n    { \"network\": ", name);
	add_path(&text, request->model);
	text_add(&text, ",\n      \"calibration_data\": { \"file\": ");
	add_path(&text, request->calibration);
	text_add(&text, ", \"samples\": 256 },\n      \"evaluation_data\": { \"file\": ");
	add_path(&text, judged_apart ? request->evaluation : request->calibration);
	if (request->labels) {
		text_add(&text, ", \"labels\": ");
		add_path(&text, request->labels);
	}
	text_add(&text, " } }\n  ],\n  \"sweep\": [\n%s    {}\n  ]", sweeps[request->sweep]);
	if (request->sweep != MODEL_QUICK)
		add_measures(&text);
	text_add(&text, "\n}\n");
	return text_take(&text, error);
}

static int check(const struct model_request *request, struct error *error)
{
	struct stat found;

	if (!request->model)
		return fail(error, STATUS_INPUT,
			    "run: --calibration, --evaluation, --labels, --quick and --full go "
			    "with --model FILE; a config says these things itself");
	if (!request->calibration)
		return fail(error, STATUS_INPUT,
			    "run: --model wants --calibration FILE: samples that the network's "
			    "activations are calibrated on (256 at most are taken)");
	if (stat(request->model, &found))
		return fail(error, STATUS_INPUT, "--model '%s': there is no such file",
			    request->model);
	return 0;
}

/* May the file be written over?  One that somebody else made, or changed and said so, may not. */
static int check_ours(const struct env *env, const char *path, struct error *error)
{
	struct stat found;
	size_t length;
	char *text;
	bool ours;

	if (stat(path, &found))
		return 0;
	text = file_read(env, path, CONFIG_MOST, &length, error);
	if (!text)
		return -1;
	ours = strstr(text, first_line) != NULL;
	env_free(env, text);
	if (ours)
		return 0;
	return fail(error, STATUS_INPUT,
		    "%s: is there and was not written by `quantsweep run --model`; run it "
		    "(`quantsweep run %s`), or rename it", path, path);
}

char *model_config(const struct env *env, const struct model_request *request,
		   struct error *error)
{
	char name[NAME_MOST + 1];
	char *path, *text;
	int failed;

	if (check(request, error))
		return NULL;
	name_of(name, request->model);
	path = env_print(env, error, "%s%s.json", folder, name);
	text = path ? write_text(env, request, name, error) : NULL;
	failed = !text || check_ours(env, path, error) || folders_make(env, path, error) ||
		 file_write(env, path, text, strlen(text), error);
	env_free(env, text);
	if (!failed)
		return path;
	env_free(env, path);
	return NULL;
}

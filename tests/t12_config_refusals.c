/* SPDX-License-Identifier: MIT
 *
 * The sentence for each config that is wrong, for damaged ones and for those that cannot be read; lack
 * of memory.
 */
#include "configs.h"

#include <dirent.h>

static void long_lists_are_refused(void **state)
{
	struct text text = { .env = env() };
	struct error error;
	char *json;

	(void)state;
	text_add(&text, "{\"name\":\"x\"," TENSOR ",\n\"sweep\":{\n\"seed\":[0");
	for (int i = 1; i <= 1024; i++)
		text_add(&text, ",%d", i);
	text_add(&text, "]}}");
	json = text_take(&text, &error);
	assert_non_null(json);
	read_wrong(json, "x.json:3: sweep.seed: a list of more than 1024 values");
	env_free(env(), json);
	text_add(&text, "[0");
	for (int i = 1; i < 1 << 18; i++)
		text_add(&text, ",0");
	text_add(&text, "\n]");
	json = text_take(&text, &error);
	assert_non_null(json);
	read_wrong(json, "x.json:1: more than 262144 values in one config");
	env_free(env(), json);
}

/* A folder of NAME.json with a NAME.expect that the one sentence must match. */
static void garbage(const char *kind)
{
	char folder[512];
	const struct dirent *entry;
	DIR *files;
	int count = 0;

	snprintf(folder, sizeof folder, "%s/tests/garbage/%s", source_dir(), kind);
	files = opendir(folder);
	assert_non_null(files);
	while ((entry = readdir(files))) {
		const size_t length = strlen(entry->d_name);
		char path[1024];
		struct config config;
		struct error error = { 0 }, again = { 0 };
		char *expected, *found;

		if (length < 6 || strcmp(entry->d_name + length - 5, ".json"))
			continue;
		snprintf(path, sizeof path, "%s/%s", folder, entry->d_name);
		if (!config_read(&config, env(), path, &error))
			fail_msg("%s was taken", path);
		assert_int_equal(error.status, STATUS_INPUT);
		strcpy(path + strlen(path) - 5, ".expect");
		expected = read_text(path);
		assert_non_null(expected);
		expected[strcspn(expected, "\n")] = '\0';
		found = strstr(error.text, entry->d_name);
		if (!found || !glob_match(expected, found, false))
			fail_msg("%s\ngives    %s\nexpected %s", entry->d_name, error.text,
				 expected);
		free(expected);
		/* the same from the same: a struct error that was used before does not matter */
		strcpy(path + strlen(path) - 7, ".json");
		assert_int_equal(config_read(&config, env(), path, &again), -1);
		assert_string_equal(again.text, error.text);
		count++;
	}
	closedir(files);
	assert_true(count >= 12);
}

static void wrong_syntax(void **state)
{
	(void)state;
	garbage("config_syntax");
}

static void wrong_meaning(void **state)
{
	(void)state;
	garbage("config_meaning");
}

static void files_that_cannot_be_read(void **state)
{
	struct config config;
	struct error error = { 0 };

	(void)state;
	assert_int_equal(config_read(&config, env(), scratch("none.json"), &error), -1);
	assert_int_equal(error.status, STATUS_INPUT);
	assert_non_null(strstr(error.text, "none.json: cannot be read: No such file"));
	assert_int_equal(config_read(&config, env(), scratch_dir(), &error), -1);
	assert_non_null(strstr(error.text, ": cannot be read: Is a directory"));
	assert_int_equal(config_read(&config, env(), "/dev/zero", &error), -1);
	assert_string_equal(error.text, "/dev/zero: found more than 16777216 bytes, too large");
}

static const char good[] =
	"{\n  // a comment\n  \"name\": \"x\",\n  \"subjects\": [\n"
	"    { \"tensor\": \"synthetic:outliers\", \"shape\": [256, 1024], \"as\": \"activations\" "
	"},\n"
	"    { \"tensor\": \"m\\u00f6del.onnx#**/*\" },\n"
	"    { \"op\": \"gemm\", \"m\": 64, \"n\": 512, \"k\": 1024, \"a\": \"x.npy\" },\n"
	"    { \"network\": \"builtin:glyphs\", \"evaluation_data\": { \"samples\": 10 },\n"
	"      \"calibration_data\": [{ \"seed\": [1, 2], \"shift\": 0.5 }, { \"drop_classes\": 3 }] "
	"}\n  ],\n"
	"  \"sweep\": [{ \"weights\": { \"bits\": [2, 8, \"float\"], \"granularity\": { \"group\": "
	"32 } },\n"
	"    \"activations\": { \"calibration\": [{ \"percentile\": 99.99 }, \"minmax\"] },\n"
	"    \"policy\": [\"all\", { \"skip\": [\"b*\", \"a\"] }],\n"
	"    \"kernel\": [\"ref\", \"*vnni\"], \"seed\": [1, 2], \"only\": \"subject=*\" }],\n"
	"  \"measure\": [\"error\", \"throughput\"], \"exclude\": "
	"[\"weight_bits<3,kernel=*ref\"]\n}\n";

static uint64_t next_random(uint64_t *seed)
{
	*seed ^= *seed << 13;
	*seed ^= *seed >> 7;
	*seed ^= *seed << 17;
	return *seed;
}

/* Ten thousand damaged configs: taken, or refused with a sentence that names the file. */
static void damage_never_hurts(void **state)
{
	uint64_t seed = 0x9e3779b97f4a7c15;
	int taken = 0;

	(void)state;
	for (int round = 0; round < 10000; round++) {
		char json[sizeof good];
		size_t length = sizeof good - 1;
		struct config config;
		struct error error = { 0 };

		memcpy(json, good, sizeof good);
		for (uint64_t flips = next_random(&seed) % 4; flips; flips--)
			json[next_random(&seed) % length] ^= (char)(1 << next_random(&seed) % 8);
		if (next_random(&seed) % 4 == 0)
			length = next_random(&seed) % length;
		if (!config_parse(&config, env(), "x.json", json, length, &error)) {
			taken++;
			config_free(&config);
			continue;
		}
		assert_int_equal(error.status, STATUS_INPUT);
		assert_int_equal(strncmp(error.text, "x.json:", 7), 0);
	}
	assert_true(taken > 100 && taken < 9000);
}

static void memory_may_run_out(void **state)
{
	struct failing failing = { .fail_at = 0 };
	int failed;

	(void)state;
	do {
		const struct env failing_env = env_failing(&failing);
		struct config config;
		struct error error = { 0 };

		failing.calls = 0;
		failed = config_parse(&config, &failing_env, "x.json", good, sizeof good - 1,
				      &error);
		if (failed)
			assert_int_equal(error.status, STATUS_MACHINE);
		else
			config_free(&config);
		failing.fail_at++;
	} while (failed);
	assert_true(failing.fail_at > 40);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(long_lists_are_refused),
		cmocka_unit_test(wrong_syntax),
		cmocka_unit_test(wrong_meaning),
		cmocka_unit_test(files_that_cannot_be_read),
		cmocka_unit_test(damage_never_hurts),
		cmocka_unit_test(memory_may_run_out),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

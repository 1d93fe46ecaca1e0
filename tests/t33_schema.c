/* SPDX-License-Identifier: MIT
 *
 * harness/config_schema.json says what the config reader takes: its enums are the tables, its keys
 * are the reader's, its defaults hold; every study conforms, and of the wrong configs all but those
 * that no schema can see are refused by it too.
 */
#include "support.h"

#include "../harness/config.h"
#include "../harness/text.h"

#include <cJSON.h>
#include <dirent.h>
#include <math.h>

static cJSON *schema;

static const struct env *env(void)
{
	static struct env system;

	system = env_system();
	return &system;
}

/* JSON with full-line comments. */
static cJSON *read_json(const char *path)
{
	char *text = read_text(path);
	cJSON *json;

	assert_non_null(text);
	for (char *line = text; line; line = strchr(line, '\n')) {
		line += *line == '\n';
		if (!strncmp(line + strspn(line, " \t"), "//", 2))
			memset(line, ' ', strcspn(line, "\n"));
	}
	json = cJSON_Parse(text);
	free(text);
	return json;
}

static const cJSON *get(const cJSON *object, const char *key)
{
	return cJSON_GetObjectItemCaseSensitive(object, key);
}

static const cJSON *definition(const char *name)
{
	const cJSON *found = get(get(schema, "$defs"), name);

	if (!found)
		fail_msg("$defs has no '%s'", name);
	return found;
}

static bool is_type(const cJSON *json, const char *type)
{
	if (!strcmp(type, "integer"))
		return cJSON_IsNumber(json) && json->valuedouble == floor(json->valuedouble);
	return !strcmp(type, cJSON_IsString(json)   ? "string"
			     : cJSON_IsNumber(json) ? "number"
			     : cJSON_IsArray(json)  ? "array"
			     : cJSON_IsObject(json) ? "object"
						    : "");
}

static bool conforms(const cJSON *json, const cJSON *rule);

/* The words of the schema that this file uses, and no other: an unknown one fails the test. */
static bool conforms_object(const cJSON *json, const cJSON *rule)
{
	const cJSON *properties = get(rule, "properties"), *item;

	cJSON_ArrayForEach(item,
			   get(rule, "required")) if (!get(json, item->valuestring)) return false;
	cJSON_ArrayForEach(item, json)
	{
		const cJSON *property = get(properties, item->string);

		if (!property || !conforms(item, property))
			return false;
	}
	return true;
}

static bool conforms_array(const cJSON *json, const cJSON *rule)
{
	const cJSON *least = get(rule, "minItems"), *most = get(rule, "maxItems"), *item;
	const int count = cJSON_GetArraySize(json);

	if ((least && count < least->valuedouble) || (most && count > most->valuedouble))
		return false;
	cJSON_ArrayForEach(item, json) if (!conforms(item, get(rule, "items"))) return false;
	return true;
}

static bool in_enum(const cJSON *json, const cJSON *values)
{
	const cJSON *value;

	cJSON_ArrayForEach(value, values) if (cJSON_Compare(json, value, true)) return true;
	return false;
}

/* The five patterns that the schema has, in C. */
static bool fits_pattern(const char *text, const char *pattern)
{
	if (!strcmp(pattern, "^[^;]+$"))
		return *text && !strchr(text, ';');
	if (!strcmp(pattern, "^[^#]"))
		return *text && *text != '#';
	if (!strcmp(pattern, "^.+\\.onnx$"))
		return strlen(text) > 5 && !strcmp(text + strlen(text) - 5, ".onnx");
	if (strstr(pattern, "synthetic"))
		return strncmp(text, "synthetic:", 10) && *text && *text != '#';
	assert_string_equal(pattern, "^[A-Za-z0-9_][A-Za-z0-9._-]*$");
	return *text && !strchr(".-", *text) &&
	       !text[strspn(text,
			    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-")];
}

static bool conforms_word(const cJSON *json, const cJSON *rule, const cJSON *word)
{
	const char *name = word->string;
	const cJSON *choice;

	if (!strcmp(name, "type"))
		return is_type(json, word->valuestring) &&
		       (!cJSON_IsObject(json) || conforms_object(json, rule)) &&
		       (!cJSON_IsArray(json) || conforms_array(json, rule));
	if (!strcmp(name, "enum"))
		return in_enum(json, word);
	if (!strcmp(name, "minimum"))
		return json->valuedouble >= word->valuedouble;
	if (!strcmp(name, "maximum"))
		return json->valuedouble <= word->valuedouble;
	if (!strcmp(name, "minLength"))
		return strlen(json->valuestring) >= (size_t)word->valuedouble;
	if (!strcmp(name, "maxLength"))
		return strlen(json->valuestring) <= (size_t)word->valuedouble;
	if (!strcmp(name, "pattern"))
		return fits_pattern(json->valuestring, word->valuestring);
	if (!strcmp(name, "$ref"))
		return conforms(json, definition(word->valuestring + strlen("#/$defs/")));
	if (!strcmp(name, "anyOf")) {
		cJSON_ArrayForEach(choice, word) if (conforms(json, choice)) return true;
		return false;
	}
	if (!strstr(" $schema $defs title description required additionalProperties properties "
		    "items "
		    "minItems maxItems ",
		    name))
		fail_msg("the schema uses '%s', which this test does not know", name);
	return true;
}

static bool conforms(const cJSON *json, const cJSON *rule)
{
	const cJSON *word;

	assert_non_null(rule);
	/* the type first: the other words ask for a value of it */
	word = get(rule, "type");
	if (word && !conforms_word(json, rule, word))
		return false;
	cJSON_ArrayForEach(word, rule) if (strcmp(word->string, "type") &&
					   !conforms_word(json, rule, word)) return false;
	return true;
}

static bool names(const cJSON *values, const char *name, const char *prefix)
{
	const cJSON *value;

	cJSON_ArrayForEach(
		value, values) if (!strncmp(value->valuestring, prefix, strlen(prefix)) &&
				   !strcmp(value->valuestring + strlen(prefix), name)) return true;
	return false;
}

/* {"name": NUMBER} of the axis, or NULL. */
static const cJSON *parameter_of(const cJSON *axis, const char *name)
{
	const cJSON *choice;

	cJSON_ArrayForEach(choice,
			   get(axis, "anyOf")) if (get(get(choice, "properties"),
						       name)) return get(get(choice, "properties"),
									 name);
	return NULL;
}

/* Every value of the table in the schema with its parameter's bounds, and as many as there are. */
static void axis_is_table(const char *name, const struct value *const *values, const char *prefix)
{
	const cJSON *axis = definition(name), *first = cJSON_GetArrayItem(get(axis, "anyOf"), 0);
	const cJSON *listed = get(first ? first : axis, "enum");
	int bare = 0, parameters = 0;

	for (const struct value *const *v = values; *v; v++) {
		const cJSON *parameter = parameter_of(axis, (*v)->name);

		if (value_stands_alone(*v) && !names(listed, (*v)->name, prefix))
			fail_msg("%s '%s' is not in the schema", name, (*v)->name);
		bare += value_stands_alone(*v);
		if (!((*v)->parameter || (*v)->takes_patterns) != !parameter)
			fail_msg("%s '%s': its parameter is not what the schema says", name,
				 (*v)->name);
		parameters += parameter != NULL;
		if (!(*v)->parameter)
			continue;
		if ((*v)->pair) {
			assert_string_equal(get(parameter, "type")->valuestring, "array");
			assert_true(get(parameter, "minItems")->valuedouble == 2);
			assert_true(get(parameter, "maxItems")->valuedouble == 2);
			parameter = get(parameter, "items");
		}
		assert_true(get(parameter, "minimum")->valuedouble == (*v)->least);
		assert_true(get(parameter, "maximum")->valuedouble == (*v)->most);
		assert_string_equal(get(parameter, "type")->valuestring,
				    (*v)->whole ? "integer" : "number");
	}
	assert_int_equal(cJSON_GetArraySize(listed), bare);
	if (first)
		assert_int_equal(cJSON_GetArraySize(get(axis, "anyOf")), 1 + parameters);
}

static void enums_are_tables(void **state)
{
	(void)state;
	axis_is_table("format", format_values, "");
	axis_is_table("scheme", scheme_values, "");
	axis_is_table("scale", scale_values, "");
	axis_is_table("granularity", granularity_values, "");
	axis_is_table("calibration", calibration_values, "");
	axis_is_table("range", range_values, "");
	axis_is_table("rounding", rounding_values, "");
	axis_is_table("requantization", requantization_values, "");
	axis_is_table("policy", policy_values, "");
	axis_is_table("recovery", recovery_values, "");
	axis_is_table("y", result_values, "");
	axis_is_table("w_values", weight_values, "");
	axis_is_table("cache", cache_values, "");
	axis_is_table("measure", measure_values, "");
	axis_is_table("synthetic", synthetic_values, "synthetic:");
	axis_is_table("network", network_values, "builtin:");
	axis_is_table("metric", metric_values, "");
}

static void operations_are_the_table(void **state)
{
	const cJSON *products = get(get(get(definition("product"), "properties"), "op"), "enum");
	const cJSON *unaries = get(get(get(definition("unary"), "properties"), "op"), "enum");
	const cJSON *convolutions =
		get(get(get(definition("convolution"), "properties"), "op"), "enum");
	int count = 0;

	(void)state;
	for (const struct value *const *v = operation_values; *v; v++, count++) {
		const struct operation *operation = (const struct operation *)*v;

		assert_true(names(operation->is_convolution ? convolutions
				  : operation->has_weights  ? products
							    : unaries,
				  (*v)->name, ""));
		assert_true(operation->has_n == operation->has_weights);
	}
	assert_int_equal(cJSON_GetArraySize(products) + cJSON_GetArraySize(convolutions) +
				 cJSON_GetArraySize(unaries),
			 count);
}

static void bits_are_the_formats(void **state)
{
	const cJSON *range = cJSON_GetArrayItem(get(definition("bit"), "anyOf"), 0);

	(void)state;
	for (const struct value *const *v = format_values; *v; v++) {
		const struct format *format = format_of(*v);

		if (format->is_float)
			continue;
		assert_true(get(range, "minimum")->valuedouble == format->bits_least);
		assert_true(get(range, "maximum")->valuedouble == format->bits_most);
	}
}

/* The keys that the reader knows, from its own sentence about one that it does not know. */
static void keys_are(const char *json, const cJSON *object)
{
	struct config config;
	struct error error = { 0 };
	const cJSON *property;
	char *known, *name, *rest = NULL;
	int count = 0;

	assert_int_equal(config_parse(&config, env(), "x.json", json, strlen(json), &error), -1);
	known = strstr(error.text, "known are ");
	if (!known)
		fail_msg("%s gives %s", json, error.text);
	for (name = strtok_r(known + strlen("known are "), ", ", &rest); name;
	     name = strtok_r(NULL, ", ", &rest), count++)
		if (!get(get(object, "properties"), name))
			fail_msg("key '%s' is not in the schema", name);
	cJSON_ArrayForEach(property, get(object, "properties")) count--;
	assert_int_equal(count, 0);
	assert_true(cJSON_IsFalse(get(object, "additionalProperties")));
}

static void keys_are_the_readers(void **state)
{
	const cJSON *block = definition("block");

	(void)state;
	keys_are("{\"qqqqqq\":0}", schema);
	keys_are("{\"name\":\"x\",\"subjects\":[{\"op\":\"gemm\",\"shape\":1}],\"sweep\":{}}",
		 definition("product"));
	keys_are("{\"name\":\"x\",\"subjects\":[{\"op\":\"quantize\",\"shape\":1}],\"sweep\":{}}",
		 definition("unary"));
	keys_are("{\"name\":\"x\",\"subjects\":[{\"tensor\":\"a.npy\",\"m\":1}],\"sweep\":{}}",
		 definition("tensor"));
	keys_are("{\"name\":\"x\",\"subjects\":[{\"network\":\"a\",\"m\":1}],\"sweep\":{}}",
		 definition("network_subject"));
	keys_are("{\"name\":\"x\",\"subjects\":[{\"network\":\"builtin:arm\","
		 "\"calibration_data\":{\"qqqqqq\":1}}],\"sweep\":{}}",
		 definition("calibration_data"));
	keys_are("{\"name\":\"x\",\"subjects\":[{\"network\":\"builtin:arm\","
		 "\"evaluation_data\":{\"qqqqqq\":1}}],\"sweep\":{}}",
		 definition("evaluation_data"));
	keys_are("{\"name\":\"x\",\"subjects\":[{\"network\":\"a.onnx\","
		 "\"calibration_data\":{\"file\":\"x.npy\",\"qqqqqq\":1}}],\"sweep\":{}}",
		 definition("calibration_file"));
	keys_are("{\"name\":\"x\",\"subjects\":[{\"network\":\"builtin:arm\","
		 "\"evaluation_data\":{\"file\":\"x.npy\",\"qqqqqq\":1}}],\"sweep\":{}}",
		 definition("evaluation_file"));
	keys_are("{\"name\":\"x\",\"subjects\":[{\"tensor\":\"a.npy\"}],\"sweep\":{\"qqqqqq\":1}}",
		 block);
	keys_are("{\"name\":\"x\",\"subjects\":[{\"tensor\":\"a.npy\"}],\"sweep\":{\"weights\":{"
		 "\"qqqqqq\":1}}}",
		 get(get(block, "properties"), "weights"));
	keys_are("{\"name\":\"x\",\"subjects\":[{\"tensor\":\"a.npy\"}],"
		 "\"sweep\":{\"activations\":{\"qqqqqq\":1}}}",
		 get(get(block, "properties"), "activations"));
}

typedef void file_check(const char *path, const char *name);

static int each_json(const char *folder_name, file_check *check)
{
	char folder[512], path[1024];
	const struct dirent *entry;
	DIR *files;
	int count = 0;

	snprintf(folder, sizeof folder, "%s/%s", source_dir(), folder_name);
	files = opendir(folder);
	assert_non_null(files);
	while ((entry = readdir(files))) {
		const size_t length = strlen(entry->d_name);

		if (length < 6 || strcmp(entry->d_name + length - 5, ".json"))
			continue;
		snprintf(path, sizeof path, "%s/%s", folder, entry->d_name);
		check(path, entry->d_name);
		count++;
	}
	closedir(files);
	return count;
}

static void is_study(const char *path, const char *name)
{
	cJSON *json = read_json(path);
	struct config config;
	struct error error;

	(void)name;
	assert_non_null(json);
	if (!conforms(json, schema))
		fail_msg("%s does not conform to the schema", path);
	cJSON_Delete(json);
	if (config_read(&config, env(), path, &error))
		fail_msg("%s", error.text);
	config_free(&config);
}

static void studies_conform(void **state)
{
	(void)state;
	assert_true(each_json("configs", is_study) >= 2);
	assert_true(each_json("tests/studies", is_study) >= 1);
}

static void is_wrong(const char *path, const char *name)
{
	/* what stands between two keys, or behind a name, no schema says */
	static const char unseen[] =
		" doubled_key.json doubled_key_escaped.json synthetic_without_shape.json "
		"file_with_shape.json shape_too_large.json op_too_large.json bits_of_float.json "
		"int_without_bits.json measure_of_nobody.json exclude_unknown_column.json "
		"exclude_of_a_result.json exclude_without_sign.json data_no_such_class.json "
		"data_no_class_left.json data_class_of_a_regression.json data_too_many.json "
		"policy_pattern_long.json only_unknown_column.json network_of_a_file.json "
		"file_none.json file_stride_alone.json fixed_upside_down.json fixed_of_equals.json ";
	cJSON *json = read_json(path);
	char word[128];

	assert_non_null(json);
	snprintf(word, sizeof word, " %s ", name);
	if (conforms(json, schema) != !!strstr(unseen, word))
		fail_msg("%s: %s", name,
			 strstr(unseen, word) ? "the schema sees it" : "the schema takes it");
	cJSON_Delete(json);
}

static void wrong_ones_do_not(void **state)
{
	(void)state;
	assert_true(each_json("tests/garbage/config_meaning", is_wrong) > 40);
}

static int read_schema(void **state)
{
	char path[512];

	(void)state;
	snprintf(path, sizeof path, "%s/harness/config_schema.json", source_dir());
	schema = read_json(path);
	return schema ? 0 : -1;
}

static int free_schema(void **state)
{
	(void)state;
	cJSON_Delete(schema);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(enums_are_tables),     cmocka_unit_test(operations_are_the_table),
		cmocka_unit_test(bits_are_the_formats), cmocka_unit_test(keys_are_the_readers),
		cmocka_unit_test(studies_conform),      cmocka_unit_test(wrong_ones_do_not),
	};

	return cmocka_run_group_tests(tests, read_schema, free_schema);
}

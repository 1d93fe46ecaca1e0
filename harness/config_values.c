/* SPDX-License-Identifier: MIT
 *
 * One axis of a sweep: a name, {"name": NUMBER}, {"name": [LOW, HIGH]}, {"name": [PATTERN, ...]}, a
 * number, or a list of them.
 */
#include "config_parts.h"

#include "text.h"

#include <math.h>
#include <string.h>

const cJSON *list_first(const cJSON *item)
{
	return cJSON_IsArray(item) ? item->child : item;
}

const cJSON *list_next(const cJSON *item, const cJSON *element)
{
	return cJSON_IsArray(item) ? element->next : NULL;
}

int list_check(const struct config_reader *reader, const cJSON *item)
{
	int count = 0;

	for (const cJSON *e = list_first(item); e && count <= AXIS_VALUES_MOST;
	     e = list_next(item, e))
		count++;
	if (!count)
		return document_fail(reader->document, item, reader->error,
				     "found an empty list, expected at least one value");
	if (count > AXIS_VALUES_MOST)
		return document_fail(reader->document, item, reader->error,
				     "a list of more than %d values", AXIS_VALUES_MOST);
	return 0;
}

static bool same_setting(const struct setting *a, const struct setting *b)
{
	return a->value == b->value && a->number == b->number && a->high == b->high &&
	       (a->text ? b->text && !strcmp(a->text, b->text) : !b->text);
}

/* text is copied.  A double of one that is there vanishes. */
static int add_setting(const struct config_reader *reader, struct setting_list *list,
		       struct setting setting)
{
	for (size_t i = 0; i < list->count; i++)
		if (same_setting(&list->settings[i], &setting))
			return 0;
	if (env_grow(reader->env, &list->settings, &list->capacity, list->count,
		     sizeof *list->settings, "the values of an axis", reader->error))
		return -1;
	if (setting.text) {
		setting.text = env_copy_text(reader->env, setting.text, reader->error);
		if (!setting.text)
			return -1;
	}
	list->settings[list->count++] = setting;
	return 0;
}

void settings_free(const struct env *env, struct setting_list *list)
{
	for (size_t i = 0; i < list->count; i++)
		env_free(env, list->settings[i].text);
	env_free(env, list->settings);
	*list = (struct setting_list){ 0 };
}

int unknown_name(const struct config_reader *reader, const cJSON *item, const char *axis,
		 const struct value *const *values, const char *name)
{
	char otherwise[80];

	snprintf(otherwise, sizeof otherwise, "`quantsweep list %s` prints the known ones", axis);
	fail_unknown(reader->error, value_nearest(values, name), otherwise, "unknown %s '%.60s'",
		     axis, name);
	return document_fail(reader->document, item, reader->error, "%s", reader->error->text);
}

/* A parameter of `value`. */
static int read_parameter(const struct config_reader *reader, const cJSON *item,
			  const struct value *value, double *number)
{
	char found[64], least[32], most[32];
	const double x = cJSON_IsNumber(item) ? item->valuedouble : NAN;

	if (!(x >= value->least && x <= value->most) || (value->whole && x != floor(x))) {
		print_double(least, value->least);
		print_double(most, value->most);
		return document_fail(reader->document, item, reader->error,
				     "found %s, expected a %snumber from %s to %s",
				     document_found(found, item), value->whole ? "whole " : "",
				     least, most);
	}
	*number = x + 0.0;       /* there is no -0 */
	return 0;
}

/* The list of {"name": [LOW, HIGH]}. */
static int read_two(const struct config_reader *reader, const cJSON *item, struct setting *setting)
{
	const struct value *value = setting->value;
	const cJSON *low = cJSON_IsArray(item) ? item->child : NULL;
	const cJSON *high = low ? low->next : NULL;
	char found[64];

	if (!high || high->next)
		return document_fail(reader->document, item, reader->error,
				     "found %s, expected two numbers, as in {\"%s\": [-1, 1]}",
				     document_found(found, item), value->name);
	if (read_parameter(reader, low, value, &setting->number) ||
	    read_parameter(reader, high, value, &setting->high))
		return -1;
	if (setting->number < setting->high)
		return 0;
	return document_fail(reader->document, item, reader->error,
			     "found %.10g and %.10g, expected the lower number first",
			     setting->number, setting->high);
}

static double standard_number(const struct value *value)
{
	return value->parameter ? value->standard : 0;
}

/* Where the name is written alone. */
static int read_alone(const struct config_reader *reader, const cJSON *item, const char *axis,
		      struct setting *setting)
{
	const struct value *value = setting->value;

	if (value->takes_patterns)
		return document_fail(reader->document, item, reader->error,
				     "%s '%s' needs its patterns: {\"%s\": [\"conv1\", \"fc*\"]}",
				     axis, value->name, value->name);
	if (value->pair)
		return document_fail(reader->document, item, reader->error,
				     "%s '%s' needs its two numbers: {\"%s\": [-1, 1]}", axis,
				     value->name, value->name);
	if (value->needs_parameter)
		return document_fail(reader->document, item, reader->error,
				     "%s '%s' needs its number: {\"%s\": %g}", axis, value->name,
				     value->name, value->standard);
	setting->number = standard_number(value);
	return 0;
}

/* What stands behind the name in an object; a setting->text is then new. */
static int read_behind(const struct config_reader *reader, const cJSON *item, const char *axis,
		       struct setting *setting)
{
	const struct value *value = setting->value;

	if (value->takes_patterns) {
		setting->text = patterns_read(reader, item);
		return setting->text ? 0 : -1;
	}
	if (!value->parameter)
		return document_fail(reader->document, item, reader->error,
				     "%s '%s' takes no number; write \"%s\"", axis, value->name,
				     value->name);
	if (value->pair)
		return read_two(reader, item, setting);
	return read_parameter(reader, item, value, &setting->number);
}

/* A name alone, or an object of one name. */
static int read_name(const struct config_reader *reader, const cJSON *item, const char *axis,
		     const struct value *const *values, struct setting *setting)
{
	const bool object = cJSON_IsObject(item) && item->child && !item->child->next;
	const char *name = object                 ? item->child->string
			   : cJSON_IsString(item) ? item->valuestring
						  : NULL;
	char found[64];

	if (!name)
		return document_fail(reader->document, item, reader->error,
				     "found %s, expected a %s, like \"%s\"",
				     document_found(found, item), axis, values[0]->name);
	setting->value = value_find(values, name);
	if (!setting->value)
		return unknown_name(reader, object ? item->child : item, axis, values, name);
	return object ? read_behind(reader, item->child, axis, setting)
		      : read_alone(reader, item, axis, setting);
}

int names_read(const struct config_reader *reader, const cJSON *item, const char *axis,
	       const struct value *const *values, const char *standard, struct setting_list *list)
{
	if (!item) {
		const struct value *value = value_find(values, standard);

		return add_setting(
			reader, list,
			(struct setting){ .value = value, .number = standard_number(value) });
	}
	if (list_check(reader, item))
		return -1;
	for (const cJSON *e = list_first(item); e; e = list_next(item, e)) {
		struct setting setting = { .line = document_line(reader->document, e) };
		int failed = read_name(reader, e, axis, values, &setting) ||
			     add_setting(reader, list, setting);

		env_free(reader->env, setting.text);
		if (failed)
			return -1;
	}
	return 0;
}

int numbers_read(const struct config_reader *reader, const cJSON *item, double least, double most,
		 double standard, struct setting_list *list)
{
	if (!item)
		return add_setting(reader, list, (struct setting){ .number = standard });
	if (list_check(reader, item))
		return -1;
	for (const cJSON *e = list_first(item); e; e = list_next(item, e)) {
		struct setting setting = { .line = document_line(reader->document, e) };

		if (document_whole(reader->document, e, least, most, &setting.number,
				   reader->error) ||
		    add_setting(reader, list, setting))
			return -1;
	}
	return 0;
}

int reals_read(const struct config_reader *reader, const cJSON *item, double least, double most,
	       double standard, struct setting_list *list)
{
	char found[64];

	if (!item)
		return add_setting(reader, list, (struct setting){ .number = standard });
	if (list_check(reader, item))
		return -1;
	for (const cJSON *e = list_first(item); e; e = list_next(item, e)) {
		if (!cJSON_IsNumber(e) || !(e->valuedouble >= least && e->valuedouble <= most))
			return document_fail(reader->document, e, reader->error,
					     "found %s, expected a number from %g to %g",
					     document_found(found, e), least, most);
		/* + 0: there is no -0 */
		if (add_setting(reader, list,
				(struct setting){ .number = e->valuedouble + 0.0,
						  .line = document_line(reader->document, e) }))
			return -1;
	}
	return 0;
}

int kernels_read(const struct config_reader *reader, const cJSON *item, struct setting_list *list)
{
	char best[] = "best";

	if (!item)
		return add_setting(reader, list, (struct setting){ .text = best });
	if (list_check(reader, item))
		return -1;
	for (const cJSON *e = list_first(item); e; e = list_next(item, e)) {
		if (document_string(reader->document, e,
				    "\"best\", an ISA, a library, or a glob on "
				    "kernel names",
				    reader->error) ||
		    add_setting(reader, list,
				(struct setting){ .text = e->valuestring,
						  .line = document_line(reader->document, e) }))
			return -1;
	}
	return 0;
}

static int add_bits(const struct config_reader *reader, const cJSON *item,
		    const struct value *value, struct setting_list *list)
{
	const struct format *format = format_of(value);
	char found[64];

	if (!cJSON_IsNumber(item) || !(item->valuedouble >= format->bits_least) ||
	    !(item->valuedouble <= format->bits_most) ||
	    item->valuedouble != floor(item->valuedouble))
		return document_fail(reader->document, item, reader->error,
				     "found %s, expected a whole number from %d to %d%s",
				     document_found(found, item), format->bits_least,
				     format->bits_most, ", or \"float\"");
	return add_setting(reader, list,
			   (struct setting){ .value = value,
					     .number = item->valuedouble,
					     .line = document_line(reader->document, item) });
}

static int add_float(const struct config_reader *reader, const cJSON *item,
		     struct setting_list *list)
{
	const struct value *value = value_find(format_values, "float");

	return add_setting(
		reader, list,
		(struct setting){ .value = value,
				  .number = format_of(value)->bits_standard,
				  .line = item ? document_line(reader->document, item) : 0 });
}

/* One element of "bits": the word "float" is a format, a number goes to each format that has bits
 * to choose.  *takers counts those. */
static int add_element(const struct config_reader *reader, const cJSON *item,
		       const struct setting_list *formats, struct setting_list *list,
		       size_t *takers)
{
	*takers = 0;
	if (cJSON_IsString(item) && !strcmp(item->valuestring, "float"))
		return add_float(reader, item, list);
	for (size_t i = 0; i < formats->count; i++) {
		const struct value *value = formats->settings[i].value;

		if (format_of(value)->is_float)
			continue;
		++*takers;
		if (add_bits(reader, item, value, list))
			return -1;
	}
	if (*takers)
		return 0;
	return document_fail(
		reader->document, item, reader->error,
		"format 'float' has no bits to choose; take \"bits\" or \"format\" out");
}

static int cross_bits(const struct config_reader *reader, const cJSON *bits,
		      const struct setting_list *formats, struct setting_list *list)
{
	size_t takers = 0, served = 0;

	if (list_check(reader, bits))
		return -1;
	for (const cJSON *e = list_first(bits); e; e = list_next(bits, e)) {
		if (add_element(reader, e, formats, list, &takers))
			return -1;
		served += takers;
	}
	for (size_t i = 0; i < formats->count; i++) {
		const struct setting *setting = &formats->settings[i];

		if (format_of(setting->value)->is_float) {
			if (add_float(reader, bits, list))
				return -1;
		} else if (!served && setting->line) {
			return document_fail(
				reader->document, bits, reader->error,
				"format '%s' is asked for and has no number of bits here",
				setting->value->name);
		}
	}
	return 0;
}

int formats_read(const struct config_reader *reader, const cJSON *block, struct setting_list *list)
{
	struct setting_list formats = { 0 };
	const cJSON *bits;
	int failed = 0;

	if (!block)
		return add_float(reader, NULL, list);
	bits = document_get(block, "bits");
	failed = names_read(reader, document_get(block, "format"), "format", format_values, "int",
			    &formats);
	if (!failed && bits)
		failed = cross_bits(reader, bits, &formats, list);
	for (size_t i = 0; !failed && !bits && i < formats.count; i++) {
		struct setting setting = formats.settings[i];

		setting.number = format_of(setting.value)->bits_standard;
		failed = add_setting(reader, list, setting);
	}
	settings_free(reader->env, &formats);
	return failed;
}

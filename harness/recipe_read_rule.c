/* SPDX-License-Identifier: MIT
 *
 * One rule of a recipe's text: int4.symmetric.real.group32.mse.
 */
#include "recipe_reader.h"

#include <string.h>

static int read_format(struct recipe_reader *reader, struct rule *rule)
{
	char *digits;
	uint64_t bits;

	if (reader_take(reader, ". "))
		return -1;
	rule->format = value_find(format_values, reader->word);
	if (rule->format && format_has_one_width(rule->format)) {
		rule->bits = format_of(rule->format)->bits_standard;
		return 0;
	}
	digits = reader->word + strlen(reader->word);
	while (digits > reader->word && digits[-1] >= '0' && digits[-1] <= '9')
		digits--;
	if (reader_whole(reader, digits, 64, &bits))
		return -1;
	*digits = '\0';
	if (reader_value(reader, "format", format_values, &rule->format))
		return -1;
	const struct format *format = format_of(rule->format);

	if (format_has_one_width(rule->format) || (int)bits < format->bits_least ||
	    (int)bits > format->bits_most)
		return fail(reader->error, STATUS_INPUT, "recipe '%s': format '%s' has no %d bits",
			    reader->text, rule->format->name, (int)bits);
	rule->bits = (int)bits;
	return 0;
}

static int read_granularity(struct recipe_reader *reader, struct granularity *granularity)
{
	char *parameter, *digits;
	uint64_t number;

	if (reader_split(reader, &parameter))
		return -1;
	granularity->axis = -1;
	digits = reader->word + strcspn(reader->word, "0123456789");
	if (*digits) {
		if (reader_whole(reader, digits, UINT64_C(1) << 53, &number))
			return -1;
		*digits = '\0';
		granularity->group = (int64_t)number;
	}
	if (reader_value(reader, "granularity", granularity_values, &granularity->value))
		return -1;
	const enum granularity_kind kind = granularity_kind_of(granularity->value);

	if ((kind == PER_GROUP) != (granularity->group > 0) || (parameter && kind != PER_CHANNEL))
		return fail(reader->error, STATUS_INPUT,
			    "recipe '%s': granularity '%s' with a wrong "
			    "number; expected tensor, channel, channel(AXIS) or group32",
			    reader->text, reader->word);
	if (parameter) {
		if (reader_whole(reader, parameter, 63, &number))
			return -1;
		granularity->axis = (int)number;
	}
	return 0;
}

/* LOW;HIGH */
static int read_pair(struct recipe_reader *reader, struct rule *rule, char *pair)
{
	const struct value *value = rule->calibration;
	char *high = strchr(pair, ';');

	if (high)
		*high++ = '\0';
	if (reader_number(reader, value, pair, &rule->calibration_parameter) ||
	    reader_number(reader, value, high ? high : "", &rule->calibration_parameter_high))
		return -1;
	if (rule->calibration_parameter < rule->calibration_parameter_high)
		return 0;
	return fail(reader->error, STATUS_INPUT,
		    "recipe '%s': %s(%s;%s): expected the lower number first", reader->text,
		    value->name, pair, high);
}

static int read_calibration(struct recipe_reader *reader, struct rule *rule)
{
	char asked[POLICY_NAME_SIZE], name[CALIBRATION_NAME_SIZE], *parameter;

	memcpy(asked, reader->word, sizeof asked);
	if (reader_split(reader, &parameter) ||
	    reader_value(reader, "calibration", calibration_values, &rule->calibration))
		return -1;
	if (!parameter != !rule->calibration->parameter)
		return reader_wrong_brackets(reader, "calibration", rule->calibration, parameter);
	if (!parameter)
		return 0;
	if (rule->calibration->pair ? read_pair(reader, rule, parameter)
				    : reader_number(reader, rule->calibration, parameter,
						    &rule->calibration_parameter))
		return -1;
	calibration_name(name, sizeof name, rule);
	return reader_spelling(reader, "calibration", asked, name);
}

/* Takes a '.' and the part behind it. */
static int next_part(struct recipe_reader *reader, const char *expected)
{
	if (*reader->at != '.')
		return fail(reader->error, STATUS_INPUT,
			    "recipe '%s': expected '.' and a %s at character "
			    "%zu",
			    reader->text, expected, (size_t)(reader->at - reader->text) + 1);
	reader->at++;
	return reader_take(reader, ". ");
}

int reader_rule(struct recipe_reader *reader, struct rule *rule, bool has_range)
{
	if (read_format(reader, rule))
		return -1;
	if (rule_is_float(rule))
		return 0;
	if (next_part(reader, "scheme") ||
	    reader_value(reader, "scheme", scheme_values, &rule->scheme) ||
	    next_part(reader, "scale") ||
	    reader_value(reader, "scale", scale_values, &rule->scale) ||
	    next_part(reader, "granularity") || read_granularity(reader, &rule->granularity) ||
	    next_part(reader, "calibration") || read_calibration(reader, rule))
		return -1;
	if (!has_range)
		return 0;
	if (next_part(reader, "range"))
		return -1;
	return reader_value(reader, "range", range_values, &rule->range);
}

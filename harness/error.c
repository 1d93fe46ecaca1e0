/* SPDX-License-Identifier: MIT */
#include "error.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static void write_text(char *text, size_t size, const char *format, va_list arguments)
{
	const int wanted = vsnprintf(text, size, format, arguments);

	if (wanted < 0)
		snprintf(text, size, "an error whose sentence could not be written");
	else if ((size_t)wanted >= size)
		memcpy(text + size - 4, "...", 4);
	for (char *c = text; *c; c++)
		if ((unsigned char)*c < ' ' || *c == 0x7f)
			*c = *c == '\n' || *c == '\r' ? ' ' : '?';
}

int fail(struct error *error, enum status status, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	error->status = status;
	write_text(error->text, sizeof error->text, format, arguments);
	va_end(arguments);
	return -1;
}

int fail_unknown(struct error *error, const char *nearest, const char *otherwise,
		 const char *format, ...)
{
	char words[sizeof error->text];
	va_list arguments;

	va_start(arguments, format);
	write_text(words, sizeof words, format, arguments);
	va_end(arguments);
	if (nearest)
		return fail(error, STATUS_INPUT, "%s; did you mean '%s'?", words, nearest);
	return fail(error, STATUS_INPUT, "%s; %s", words, otherwise);
}

int fail_memory(struct error *error, size_t bytes, const char *what)
{
	return fail(error, STATUS_MACHINE, "no memory: %zu bytes were asked for %s; close other "
		    "programs, or run fewer jobs with --jobs", bytes, what);
}

int fail_prefix(struct error *error, const char *format, ...)
{
	struct error old = *error;
	va_list arguments;
	char prefix[sizeof error->text];

	va_start(arguments, format);
	write_text(prefix, sizeof prefix, format, arguments);
	va_end(arguments);
	return fail(error, old.status, "%s%s", prefix, old.text);
}

enum status status_worse(enum status a, enum status b)
{
	static const enum status order[] = { STATUS_INTERRUPTED, STATUS_MACHINE, STATUS_INPUT,
					     STATUS_FAILED, STATUS_INCONCLUSIVE };

	for (size_t i = 0; i < sizeof order / sizeof *order; i++)
		if (a == order[i] || b == order[i])
			return order[i];
	return STATUS_DONE;
}

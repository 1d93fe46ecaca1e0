/* SPDX-License-Identifier: MIT */
#include "env.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static uint64_t system_now_ns(const struct env *env)
{
	struct timespec now;

	(void)env;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * UINT64_C(1000000000) + (uint64_t)now.tv_nsec;
}

static void *system_resize(const struct env *env, void *old, size_t bytes)
{
	(void)env;
	if (!bytes) {
		free(old);
		return NULL;
	}
	return realloc(old, bytes);
}

struct env env_system(void)
{
	return (struct env){ .now_ns = system_now_ns, .resize = system_resize,
			     .cpu = cpu_features() };
}

void *env_new(const struct env *env, size_t count, size_t size, const char *what,
	      struct error *error)
{
	size_t bytes;
	void *memory;

	if (__builtin_mul_overflow(count, size, &bytes)) {
		fail_memory(error, SIZE_MAX, what);
		return NULL;
	}
	bytes = bytes ? bytes : 1;
	memory = env->resize(env, NULL, bytes);
	if (!memory) {
		fail_memory(error, bytes, what);
		return NULL;
	}
	return memset(memory, 0, bytes);
}

int env_grow(const struct env *env, void *items, size_t *capacity, size_t count, size_t size,
	     const char *what, struct error *error)
{
	void *old, *grown;
	size_t wanted, bytes;

	if (count < *capacity)
		return 0;
	wanted = *capacity ? *capacity * 2 : 16;
	while (wanted <= count)
		wanted *= 2;
	if (__builtin_mul_overflow(wanted, size, &bytes))
		return fail_memory(error, SIZE_MAX, what);
	memcpy(&old, items, sizeof old);
	grown = env->resize(env, old, bytes);
	if (!grown)
		return fail_memory(error, bytes, what);
	memset((char *)grown + *capacity * size, 0, bytes - *capacity * size);
	memcpy(items, &grown, sizeof grown);
	*capacity = wanted;
	return 0;
}

char *env_copy_text(const struct env *env, const char *text, struct error *error)
{
	const size_t bytes = strlen(text) + 1;
	char *copy = env_new(env, bytes, 1, "a text", error);

	return copy ? memcpy(copy, text, bytes) : NULL;
}

char *env_print(const struct env *env, struct error *error, const char *format, ...)
{
	va_list arguments, again;
	char *text = NULL;
	int length;

	va_start(arguments, format);
	va_copy(again, arguments);
	length = vsnprintf(NULL, 0, format, arguments);
	if (length >= 0)
		text = env_new(env, (size_t)length + 1, 1, "a text", error);
	if (text)
		vsnprintf(text, (size_t)length + 1, format, again);
	va_end(again);
	va_end(arguments);
	return text;
}

void env_free(const struct env *env, void *memory)
{
	if (memory)
		env->resize(env, memory, 0);
}

/* SPDX-License-Identifier: MIT */
#include "guarded.h"

#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

static size_t page_bytes(void)
{
	return (size_t)sysconf(_SC_PAGESIZE);
}

int guarded_make(struct guarded *buffer, size_t bytes, size_t align, bool at_end, size_t slack,
		 struct error *error)
{
	const size_t page = page_bytes();
	size_t inner;
	char *map;

	if (__builtin_add_overflow(bytes, slack + page - 1, &inner) || inner > SIZE_MAX / 2)
		return fail_memory(error, SIZE_MAX, "a kernel's operand");
	inner = inner / page * page;
	map = mmap(NULL, inner + 2 * page, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (map == MAP_FAILED)
		return fail_memory(error, inner, "a kernel's operand");
	if (mprotect(map + page, inner, PROT_READ | PROT_WRITE)) {
		munmap(map, inner + 2 * page);
		return fail_memory(error, inner, "a kernel's operand");
	}
	buffer->inner = map + page;
	buffer->inner_bytes = inner;
	buffer->data = buffer->inner + (at_end ? (inner - bytes - slack) & ~(align - 1) : 0);
	buffer->bytes = bytes;
	memset(buffer->inner, GUARD_PATTERN, inner);
	return 0;
}

void guarded_freeze(const struct guarded *buffer)
{
	mprotect(buffer->inner, buffer->inner_bytes, PROT_READ);
}

bool guarded_untouched(const char *from, const char *to)
{
	for (; from < to; from++)
		if ((unsigned char)*from != GUARD_PATTERN)
			return false;
	return true;
}

void guarded_free(struct guarded *buffer)
{
	if (buffer->inner)
		munmap(buffer->inner - page_bytes(), buffer->inner_bytes + 2 * page_bytes());
	*buffer = (struct guarded){ 0 };
}

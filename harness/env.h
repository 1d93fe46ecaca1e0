/* SPDX-License-Identifier: MIT
 *
 * The world comes in through one struct, so that a test can make it fail: the clock, the memory,
 * the CPU's features.  A test gives a false clock and the timing arithmetic is exact; it gives an
 * allocator whose n-th call fails and each error path is walked.
 *
 * Functions that allocate take `const struct env *` or keep the one they were made with.
 */
#ifndef QS_ENV_H
#define QS_ENV_H

#include "error.h"

#include <stddef.h>
#include <stdint.h>

struct env {
	uint64_t (*now_ns)(const struct env *);  /* monotonic                            */
	void *(*resize)(const struct env *, void *old, size_t bytes); /* realloc; NULL   */
	uint64_t cpu;           /* QS_CPU_* bits that may be used; --isa masks it        */
	void *self;             /* for the functions above                               */
};

/* The real clock, allocator and CPU of this process. */
struct env env_system(void);

/* count * size bytes, zeroed, never NULL on success; count or size 0 gives one byte.
 * Overflow and lack of memory fill *error (what: "the plan", "tensor 'x'"). */
void *env_new(const struct env *env, size_t count, size_t size, const char *what,
	      struct error *error);
/* Grows an array so that index `count` may be written: *items has room for *capacity elements of
 * `size` bytes.  0 or -1; on -1 the array is as it was. */
int env_grow(const struct env *env, void *items, size_t *capacity, size_t count, size_t size,
	     const char *what, struct error *error);
char *env_copy_text(const struct env *env, const char *text, struct error *error);
/* printf into fresh memory; NULL when there is none. */
char *env_print(const struct env *env, struct error *error, const char *format, ...)
	__attribute__((format(printf, 3, 4)));
void env_free(const struct env *env, void *memory);

/* The CPU's own features as QS_CPU_* bits, by CPUID and XGETBV. */
uint64_t cpu_features(void);

#endif

/* SPDX-License-Identifier: MIT
 *
 * What the system says about the machine: its caches and its memory.
 */
#ifndef QS_CPU_H
#define QS_CPU_H

#include <stdint.h>

enum { CACHE_LEVELS = 3 };

struct cache {                  /* of one level: data or unified                         */
	int64_t bytes;          /* 0: the system names none                              */
	int cpus;               /* processors that share it, >= 1                        */
};

/* The caches of the first processor, taken to be those of all: L1, L2, L3.  Linux's sysfs under
 * `root` (NULL: /sys/devices/system/cpu/cpu0/cache), else sysconf, whose caches nobody shares. */
void caches_read(struct cache caches[CACHE_LEVELS], const char *root);
/* Bytes that can be had without swapping; 0: the system does not say. */
int64_t memory_available(void);

#endif

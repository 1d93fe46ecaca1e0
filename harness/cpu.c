/* SPDX-License-Identifier: MIT */
#include "../kernels/kernel.h"
#include "cpu.h"
#include "env.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#if defined __x86_64__
#include <cpuid.h>

/* The register states the operating system saves, XCR0 (Intel SDM vol. 1, 13.3). */
static uint64_t saved_states(void)
{
	uint32_t low, high;

	__asm__ volatile("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
	return (uint64_t)high << 32 | low;
}

uint64_t cpu_features(void)
{
	enum { YMM = 0x6, ZMM = 0xe6 };
	uint32_t a, b, c, d, b7, c7, d7, a71 = 0;
	uint64_t states, found = 0;

	if (!__get_cpuid(1, &a, &b, &c, &d) || !(c & bit_OSXSAVE))
		return 0;
	states = saved_states();
	if (!__get_cpuid_count(7, 0, &a, &b7, &c7, &d7) || (states & YMM) != YMM)
		return 0;
	if (a >= 1)
		__get_cpuid_count(7, 1, &a71, &b, &d, &d);
	if (!(b7 & bit_AVX2) || !(c & bit_FMA) || !(c & bit_F16C))
		return 0;
	found |= QS_CPU_AVX2;
	if (a71 & (1u << 4))
		found |= QS_CPU_AVXVNNI;
	if ((states & ZMM) == ZMM && b7 & bit_AVX512F && b7 & bit_AVX512BW && b7 & bit_AVX512DQ &&
	    b7 & bit_AVX512VL) {
		found |= QS_CPU_AVX512BW;
		if (c7 & bit_AVX512VNNI)
			found |= QS_CPU_AVX512VNNI;
		if (a71 & (1u << 5))
			found |= QS_CPU_AVX512BF16;
	}
	return found;
}

#else

uint64_t cpu_features(void)
{
	return 0;
}

#endif

/* The text of ROOT/indexI/NAME without its line's end; false where there is none. */
static bool cache_text(char *out, int size, const char *root, int index, const char *name)
{
	char path[512];
	FILE *file;
	bool found;

	snprintf(path, sizeof path, "%s/index%d/%s", root, index, name);
	file = fopen(path, "re");
	found = file && fgets(out, size, file);
	if (file)
		fclose(file);
	if (found)
		out[strcspn(out, "\n")] = '\0';
	return found;
}

/* "48K", "32768K", "1M". */
static int64_t read_size(const char *text)
{
	char *unit;
	const long long number = strtoll(text, &unit, 10);
	const int shift = *unit == 'K' ? 10 : *unit == 'M' ? 20 : 0;

	return number > 0 && number < 1ll << 40 ? (int64_t)number << shift : 0;
}

/* "0-3,8-11": 8. */
static int count_cpus(const char *list)
{
	int count = 0;

	while (*list >= '0' && *list <= '9') {
		char *end;
		const long first = strtol(list, &end, 10);
		const long last = *end == '-' ? strtol(end + 1, &end, 10) : first;

		count += last >= first && last < 1 << 20 ? (int)(last - first) + 1 : 0;
		list = *end == ',' ? end + 1 : end;
	}
	return count > 0 ? count : 1;
}

void caches_read(struct cache caches[CACHE_LEVELS], const char *root)
{
	static const int names[CACHE_LEVELS] = { _SC_LEVEL1_DCACHE_SIZE, _SC_LEVEL2_CACHE_SIZE,
						 _SC_LEVEL3_CACHE_SIZE };
	char text[4096];

	for (int i = 0; i < CACHE_LEVELS; i++)
		caches[i] = (struct cache){ .cpus = 1 };
	if (!root)
		root = "/sys/devices/system/cpu/cpu0/cache";
	for (int i = 0; cache_text(text, sizeof text, root, i, "level"); i++) {
		const int level = atoi(text);

		if (level < 1 || level > CACHE_LEVELS ||
		    !cache_text(text, sizeof text, root, i, "type") || !strcmp(text, "Instruction"))
			continue;
		if (cache_text(text, sizeof text, root, i, "size"))
			caches[level - 1].bytes = read_size(text);
		if (cache_text(text, sizeof text, root, i, "shared_cpu_list"))
			caches[level - 1].cpus = count_cpus(text);
	}
	for (int i = 0; i < CACHE_LEVELS; i++) {
		const long bytes = caches[i].bytes ? 0 : sysconf(names[i]);

		if (bytes > 0)
			caches[i].bytes = bytes;
	}
}

int64_t memory_available(void)
{
	FILE *file = fopen("/proc/meminfo", "re");
	long long kilobytes = 0;
	char line[256];

	while (file && !kilobytes && fgets(line, sizeof line, file))
		if (sscanf(line, "MemAvailable: %lld", &kilobytes) != 1)
			kilobytes = 0;
	if (file)
		fclose(file);
	return kilobytes > 0 && kilobytes < 1ll << 50 ? (int64_t)kilobytes << 10 : 0;
}

/* SPDX-License-Identifier: MIT */
#include "../kernels/kernel.h"
#include "env.h"

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
	}
	return found;
}

#else

uint64_t cpu_features(void)
{
	return 0;
}

#endif

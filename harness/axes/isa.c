/* SPDX-License-Identifier: MIT
 *
 * Feature sets by name.  ref < avx2 < avxvnni; avx2 < avx512bw < avx512vnni <
 * avx512bf16; ref < neon < neondot.
 */
#include "tables.h"

enum {
	AVX2 = QS_CPU_AVX2,
	AVX512BW = AVX2 | QS_CPU_AVX512BW,
};

static const struct isa ref = {
	.value = { .name = "ref",
		   .summary = "plain C: the reference kernels alone",
		   .source = "C11" },
	.features = 0,
};

static const struct isa avx2 = {
	.value = { .name = "avx2",
		   .summary = "x86-64 with AVX2, FMA and F16C",
		   .source = "Intel 64 and IA-32 Architectures Software Developer's Manual" },
	.features = AVX2,
};

static const struct isa avxvnni = {
	.value = { .name = "avxvnni",
		   .summary = "avx2 and AVX-VNNI (vpdpbusd on 256 bits)",
		   .source = "Intel 64 and IA-32 Architectures Software Developer's Manual" },
	.features = AVX2 | QS_CPU_AVXVNNI,
};

static const struct isa avx512bw = {
	.value = { .name = "avx512bw",
		   .summary = "avx2 and AVX-512 F, BW, DQ and VL",
		   .source = "Intel 64 and IA-32 Architectures Software Developer's Manual" },
	.features = AVX512BW,
};

static const struct isa avx512vnni = {
	.value = { .name = "avx512vnni",
		   .summary = "avx512bw and AVX-512 VNNI (vpdpbusd on 512 bits)",
		   .source = "Intel 64 and IA-32 Architectures Software Developer's Manual" },
	.features = AVX512BW | QS_CPU_AVX512VNNI,
};

static const struct isa avx512bf16 = {
	.value = { .name = "avx512bf16",
		   .summary = "avx512vnni and AVX-512 BF16 (vdpbf16ps)",
		   .source = "Intel 64 and IA-32 Architectures Software Developer's Manual" },
	.features = AVX512BW | QS_CPU_AVX512VNNI | QS_CPU_AVX512BF16,
};

static const struct isa neon = {
	.value = { .name = "neon",
		   .summary = "AArch64 with Advanced SIMD",
		   .source = "Arm Architecture Reference Manual for A-profile" },
	.features = QS_CPU_NEON,
};

static const struct isa neondot = {
	.value = { .name = "neondot",
		   .summary = "neon and the dot product instructions (sdot, udot)",
		   .source = "Arm Architecture Reference Manual for A-profile, FEAT_DotProd" },
	.features = QS_CPU_NEON | QS_CPU_NEONDOT,
};

const struct value *const isa_values[] = {
	&ref.value, &avx2.value, &avxvnni.value, &avx512bw.value, &avx512vnni.value,
	&avx512bf16.value, &neon.value, &neondot.value, NULL
};

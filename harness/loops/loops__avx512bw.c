/* SPDX-License-Identifier: MIT */
#define LOOPS loops_avx512bw
#define NEEDS (QS_CPU_AVX2 | QS_CPU_AVX512BW)
#include "loops_body.h"

/* SPDX-License-Identifier: MIT */
#define LOOPS loops_avx2
#define NEEDS QS_CPU_AVX2
#include "loops_body.h"

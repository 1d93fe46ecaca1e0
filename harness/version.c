/* SPDX-License-Identifier: MIT */
#include "version.h"

const char version_number[] = QS_VERSION;
const char version_compiler[] = QS_COMPILER;
const char version_build[] = QS_BUILD;

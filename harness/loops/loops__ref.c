/* SPDX-License-Identifier: MIT */
#define LOOPS loops_ref
#define NEEDS 0
#include "loops_body.h"

/* SPDX-License-Identifier: MIT */
#include "fuzz_reader.h"

extern const struct reader reader_idx;

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	fuzz_reader(&reader_idx, bytes, size);
	return 0;
}

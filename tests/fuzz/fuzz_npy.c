/* SPDX-License-Identifier: MIT */
#include "fuzz_reader.h"

extern const struct reader reader_npy;

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	fuzz_reader(&reader_npy, bytes, size);
	return 0;
}

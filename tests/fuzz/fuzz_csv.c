/* SPDX-License-Identifier: MIT */
#include "fuzz_reader.h"

extern const struct reader reader_csv;

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	fuzz_reader(&reader_csv, bytes, size);
	return 0;
}

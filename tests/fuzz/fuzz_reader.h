/* SPDX-License-Identifier: MIT
 *
 * What the fuzz targets of readers share: open, load all floating tensors, read
 * their numbers, close.  Run one with
 *
 *         cmake --preset fuzz && cmake --build --preset fuzz
 *         build-fuzz/tests/fuzz_onnx -max_total_time=60 -max_len=65536 NEW tests/fuzz/corpus/onnx
 *
 * (NEW is an empty folder that takes what is found).
 */
#ifndef QS_FUZZ_READER_H
#define QS_FUZZ_READER_H

#include "../../datasets/readers/reader.h"

enum { VALUES_MOST = 4096 };

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

static inline void fuzz_reader(const struct reader *reader, const uint8_t *bytes, size_t size)
{
	const struct env env = env_system();
	struct tensor_file file;
	struct tensor tensor;
	struct error error;

	if (tensor_file_open_bytes(&file, &env, reader, "input", bytes, size, &error))
		return;
	for (size_t i = 0; i < file.count; i++) {
		const struct tensor_info *info = &file.tensors[i];
		double value;

		if (!tensor_file_load(&file, info, &tensor, &error))
			tensor_free(&tensor);
		for (int64_t at = 0; at < info->elements && at < VALUES_MOST; at++)
			if (tensor_file_values(&file, info, at, 1, &value, &error))
				break;
	}
	tensor_file_close(&file);
}

#endif

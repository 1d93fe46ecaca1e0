/* SPDX-License-Identifier: MIT
 *
 * Bytes as an ONNX network: parsed, and lowered to layers.  Run as fuzz_reader.h tells.
 */
#include "../../harness/network/layers.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	const struct env env = env_system();
	struct graph graph;
	struct layers layers;
	struct error error;

	if (graph_parse_onnx(&graph, &env, "input", (const char *)bytes, size, &error))
		return 0;
	if (!layers_make(&layers, &graph, &env, &error))
		layers_free(&layers);
	graph_free(&graph);
	return 0;
}

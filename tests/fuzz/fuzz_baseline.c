/* SPDX-License-Identifier: MIT
 *
 * libFuzzer on a baseline's bytes: no crash, no leak; what is read can be compared with itself.
 */
#include "../../harness/gate/gate.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const unsigned char *bytes, size_t size);

int LLVMFuzzerTestOneInput(const unsigned char *bytes, size_t size)
{
	const struct env env = env_system();
	struct baseline baseline;
	struct findings findings;
	struct error error;

	if (baseline_parse(&baseline, &env, "fuzz.csv", (const char *)bytes, size, &error))
		return 0;
	if (gate_compare(&findings, &baseline, &baseline, 0, &error) || findings.count)
		abort();
	findings_free(&findings);
	baseline_free(&baseline);
	return 0;
}

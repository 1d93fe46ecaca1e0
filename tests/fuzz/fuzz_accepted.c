/* SPDX-License-Identifier: MIT
 *
 * libFuzzer on the bytes of a file of accepted slowdowns: no crash, no leak; each entry is found.
 */
#include "../../harness/gate/accepted.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const unsigned char *bytes, size_t size);

int LLVMFuzzerTestOneInput(const unsigned char *bytes, size_t size)
{
	const struct env env = env_system();
	struct accepted accepted;
	struct error error;

	if (accepted_parse(&accepted, &env, "fuzz.csv", (const char *)bytes, size, &error))
		return 0;
	for (size_t i = 0; i < accepted.count; i++)
		if (accepted_find(&accepted, accepted.entries[i].label) != &accepted.entries[i] ||
		    !(accepted.entries[i].allowed > 0))
			abort();
	accepted_free(&accepted);
	return 0;
}

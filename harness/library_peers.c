/* SPDX-License-Identifier: MIT
 *
 * The peers' library: where it lies, what it is told before it is loaded, and what is said where it
 * is not there.
 */
#include "library_parts.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define PEERS_FILE "libquantsweep_peers.so"

const char *const peer_names[] = { "onednn", "xnnpack", "openblas", "gemmlowp", NULL };

bool peer_is_known(const char *name)
{
	for (const char *const *peer = peer_names; *peer; peer++)
		if (!strcmp(*peer, name))
			return true;
	return false;
}

const char *library_of_kernel(const struct library *library, const struct qs_kernel *kernel)
{
	return kernel->peer ? kernel->peer : library->name;
}

static int set(const char *name, const char *value, bool over, struct error *error)
{
	return setenv(name, value, over) ? fail_memory(error, strlen(value), "the environment") : 0;
}

/* oneDNN's word for a feature set (dnnl_set_max_cpu_isa). */
static const char *onednn_isa(uint64_t cpu)
{
	if (cpu & QS_CPU_AVX512BF16)
		return "AVX512_CORE_BF16";
	if (cpu & QS_CPU_AVX512VNNI)
		return "AVX512_CORE_VNNI";
	if (cpu & QS_CPU_AVX512BW)
		return "AVX512_CORE";
	if (cpu & QS_CPU_AVXVNNI)
		return "AVX2_VNNI";
	return cpu & QS_CPU_AVX2 ? "AVX2" : "SSE41";
}

/* OpenBLAS 0.3.21 takes a CPU that is younger than itself for a Haswell, and does half of what it
 * could on Zen 5: it is told of AVX-512, unless the user has told it something. */
static int set_openblas(uint64_t cpu, struct error *error)
{
	if (cpu & QS_CPU_AVX512BW)
		return set("OPENBLAS_CORETYPE", "SkylakeX", false, error);
	if (!(cpu_features() & ~cpu))
		return 0;
	return set("OPENBLAS_CORETYPE", cpu & QS_CPU_AVX2 ? "Haswell" : "Nehalem", true, error);
}

int library_environment(uint64_t cpu, struct error *error)
{
	if (set("OMP_NUM_THREADS", "1", true, error) ||
	    set("OPENBLAS_NUM_THREADS", "1", true, error) || set_openblas(cpu, error))
		return -1;
	return cpu_features() & ~cpu ? set("DNNL_MAX_CPU_ISA", onednn_isa(cpu), true, error) : 0;
}

int libraries_add_peers(struct libraries *libraries, struct error *error)
{
	const char *given = getenv("QUANTSWEEP_PEERS");
	const char *ours = libraries->libraries[0].path, *slash = strrchr(ours, '/');
	struct error reason = { 0 };
	char path[PATH_MAX];

	*libraries->no_peers = '\0';
	/* again: --isa may have been read since ours was opened */
	if (library_environment(libraries->env->cpu, error))
		return -1;
	if (given && *given) {
		if (library_try(libraries->env, given, STATUS_MACHINE, error) ||
		    library_open(libraries, given, LIBRARY_PEERS, error))
			return -1;
		libraries->libraries[libraries->count - 1].may_die = true;
		return 0;
	}
	if (given) {
		snprintf(libraries->no_peers, sizeof libraries->no_peers,
			 "QUANTSWEEP_PEERS is empty");
		return 0;
	}
	snprintf(path, sizeof path, "%.*s" PEERS_FILE, (int)(slash - ours) + 1, ours);
	if (access(path, F_OK)) {
		snprintf(libraries->no_peers, sizeof libraries->no_peers,
			 "there is no " PEERS_FILE " beside %.400s (cmake says what the build "
			 "lacked); QUANTSWEEP_PEERS may name one",
			 ours);
		return 0;
	}
	if (library_open(libraries, path, LIBRARY_PEERS, &reason))
		snprintf(libraries->no_peers, sizeof libraries->no_peers, "%.*s",
			 (int)sizeof libraries->no_peers - 1, reason.text);
	return 0;
}

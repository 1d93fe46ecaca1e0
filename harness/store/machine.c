/* SPDX-License-Identifier: MIT
 *
 * Which machine this is: what decides a time and does not change from day to day.  Processors that
 * are offline, a limit on this process and --isa do not make another machine.
 */
#include "store_internal.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

/* The value of the first `NAME : VALUE` of /proc/cpuinfo; false where there is none. */
static bool cpuinfo_value(const char *name, char *out, size_t size)
{
	char line[1024];
	FILE *file = fopen("/proc/cpuinfo", "re");
	bool found = false;

	while (file && !found && fgets(line, sizeof line, file)) {
		const size_t length = strlen(name);
		const char *at = line + length;

		if (strncmp(line, name, length))
			continue;
		at += strspn(at, " \t");
		if (*at++ != ':')
			continue;
		at += strspn(at, " \t");
		snprintf(out, size, "%.*s", (int)strcspn(at, "\n"), at);
		found = true;
	}
	if (file)
		fclose(file);
	return found;
}

static void write_features(char *out, size_t size)
{
	static const struct {
		uint64_t bit;
		const char *name;
	} known[] = { { QS_CPU_AVX2, "avx2" },         { QS_CPU_AVXVNNI, "avxvnni" },
		      { QS_CPU_AVX512BW, "avx512bw" }, { QS_CPU_AVX512VNNI, "avx512vnni" },
		      { QS_CPU_NEON, "neon" },         { QS_CPU_NEONDOT, "neondot" } };
	const uint64_t features = cpu_features();
	size_t length = 0;

	*out = '\0';
	for (size_t i = 0; i < sizeof known / sizeof *known && length < size; i++)
		if (features & known[i].bit)
			length += (size_t)snprintf(out + length, size - length, "%s%s",
						   length ? " " : "", known[i].name);
}

int machine_read(struct machine *machine, const struct env *env, struct error *error)
{
	struct utsname system;
	char *identity;

	*machine = (struct machine){ .cores = (int)sysconf(_SC_NPROCESSORS_CONF) };
	if (uname(&system))
		return fail(error, STATUS_MACHINE, "the system does not say what it is (uname)");
	snprintf(machine->kernel, sizeof machine->kernel, "%.40s %.80s", system.sysname,
		 system.release);
	if (!cpuinfo_value("model name", machine->cpu, sizeof machine->cpu) &&
	    !cpuinfo_value("CPU part", machine->cpu, sizeof machine->cpu))
		snprintf(machine->cpu, sizeof machine->cpu, "%s", system.machine);
	cpuinfo_value("microcode", machine->microcode, sizeof machine->microcode);
	write_features(machine->features, sizeof machine->features);
	identity = env_print(env, error, "%s\n%s\n%s\n%d", machine->cpu, machine->features,
			     machine->microcode, machine->cores);
	if (!identity)
		return -1;
	hash_text(machine->id, identity);
	env_free(env, identity);
	return 0;
}

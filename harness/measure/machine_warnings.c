/* SPDX-License-Identifier: MIT */
#include "machine_warnings.h"

#include <math.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

enum { WORDS = 200 };

/* A line of ROOT/NAME that begins with `start`, without its end; false where there is none. */
static bool read_line(const struct machine_seen *seen, const char *name, const char *start,
		      char *line, int size)
{
	char path[512];
	FILE *file;
	bool found = false;

	snprintf(path, sizeof path, "%s%s", seen->root, name);
	file = fopen(path, "re");
	while (file && !found && fgets(line, size, file))
		found = !strncmp(line, start, strlen(start));
	if (file)
		fclose(file);
	if (found)
		line[strcspn(line, "\n")] = '\0';
	return found;
}

static bool see_governor(const struct machine_seen *seen, char words[WORDS])
{
	char line[64];

	if (!read_line(seen, "/sys/devices/system/cpu/cpu0/cpufreq/scaling_governor", "", line,
		       sizeof line) ||
	    !strcmp(line, "performance"))
		return false;
	snprintf(words, WORDS, "the clock's governor is '%s'", line);
	return true;
}

/* What runs beside us: the load of the last minute, less one for this program. */
static bool see_neighbours(const struct machine_seen *seen, char words[WORDS])
{
	char line[128];
	double load;

	if (!read_line(seen, "/proc/loadavg", "", line, sizeof line) ||
	    sscanf(line, "%lf", &load) != 1 || !(load >= 1.5))
		return false;
	snprintf(words, WORDS, "the load of the last minute is %.1f", load);
	return true;
}

/* Time that the host gave to others, of all since the start. */
static bool see_stolen(const struct machine_seen *seen, char words[WORDS])
{
	double user, nice, system, idle, wait, irq, soft, steal;
	char line[256];

	if (!read_line(seen, "/proc/stat", "cpu ", line, sizeof line) ||
	    sscanf(line, "cpu %lf %lf %lf %lf %lf %lf %lf %lf", &user, &nice, &system, &idle, &wait,
		   &irq, &soft, &steal) != 8)
		return false;
	const double busy = user + nice + system + irq + soft + steal;

	if (!(steal > 0.01 * busy))
		return false;
	snprintf(words, WORDS, "the host took %.1f %% of this virtual machine's busy time",
		 100 * steal / busy);
	return true;
}

static bool see_clock(const struct machine_seen *seen, char words[WORDS])
{
	if (!(seen->clock_s > 1e-6))
		return false;
	snprintf(words, WORDS, "the clock moves in steps of %.3g s", seen->clock_s);
	return true;
}

static bool see_unpinned(const struct machine_seen *seen, char words[WORDS])
{
	if (!seen->limits || seen->limits->pinned)
		return false;
	snprintf(words, WORDS, "a worker could not be pinned to its processors");
	return true;
}

static bool see_spread(const struct machine_seen *seen, char words[WORDS])
{
	const struct limit_result *widest = NULL;

	for (size_t i = 0; seen->limits && i < seen->limits->count; i++) {
		const struct limit_result *result = &seen->limits->results[i];

		if (result->spread > 0.1 && (!widest || result->spread > widest->spread))
			widest = result;
	}
	if (!widest)
		return false;
	snprintf(words, WORDS, "the launches of %s (%s) differ by %.0f %%", widest->name,
		 widest->limit->value.name, 100 * widest->spread);
	return true;
}

static const struct {
	bool (*see)(const struct machine_seen *seen, char words[WORDS]);
	const char *effect, *advice;
} warnings[] = {
	{ see_governor, "the clock follows the load, so the first milliseconds are slower",
	  "set it to performance (cpupower frequency-set -g performance)" },
	{ see_neighbours, "other programs take time, caches and bandwidth",
	  "end them, or measure again later: of several measurements the highest is right" },
	{ see_stolen, "others on the same host slow every launch",
	  "take more launches, or a machine of your own" },
	{ see_clock, "short samples are rounded", "use a kernel with high-resolution timers" },
	{ see_unpinned, "the scheduler may move it between caches and slower cores",
	  "allow it more processors (taskset, the container's cpuset)" },
	{ see_spread, "the machine was not quiet; the best launch counts, which may still be low",
	  "measure again without --quick on a quieter machine" },
};

int machine_warnings(struct text *out, const struct machine_seen *seen)
{
	char words[WORDS];
	int count = 0;

	for (size_t i = 0; i < sizeof warnings / sizeof *warnings; i++)
		if (warnings[i].see(seen, words)) {
			text_add(out, "warning: %s: %s; %s\n", words, warnings[i].effect,
				 warnings[i].advice);
			count++;
		}
	return count;
}

double clock_resolution(void)
{
	struct timespec step;

	return clock_getres(CLOCK_MONOTONIC, &step)
		       ? NAN
		       : (double)step.tv_sec + (double)step.tv_nsec * 1e-9;
}

/* SPDX-License-Identifier: MIT */
#include "surroundings.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

/* The first line of FOLDER/NAME without its end; false where there is none. */
static bool read_line(char *out, int size, const char *folder, const char *name)
{
	char path[512];
	FILE *file;
	bool found;

	snprintf(path, sizeof path, "%s/%s", folder, name);
	file = fopen(path, "re");
	found = file && fgets(out, size, file);
	if (file)
		fclose(file);
	if (found)
		out[strcspn(out, "\n")] = '\0';
	return found;
}

/* "cpu3 user nice system idle iowait irq softirq steal ..." (proc(5)); false: not such a line. */
static bool read_times(const char *line, int *cpu, int64_t *busy, int64_t *stolen)
{
	long long t[8] = { 0 };
	int used = 0;

	*cpu = -1;
	if (strncmp(line, "cpu", 3))
		return false;
	line += 3;
	if (*line >= '0' && *line <= '9') {
		const long number = strtol(line, (char **)&line, 10);

		*cpu = number < PROCESSORS_MOST ? (int)number : PROCESSORS_MOST;
	}
	used = sscanf(line, "%lld %lld %lld %lld %lld %lld %lld %lld", &t[0], &t[1], &t[2], &t[3],
		      &t[4], &t[5], &t[6], &t[7]);
	*busy = t[0] + t[1] + t[2] + t[5] + t[6];
	*stolen = t[7];
	return used >= 4;
}

static void look(struct processor_times *times, const char *proc)
{
	char path[512], line[512];
	FILE *file;
	int64_t busy, stolen;
	int cpu;

	*times = (struct processor_times){ 0 };
	for (int i = 0; i < PROCESSORS_MOST; i++)
		times->busy_of[i] = -1;
	snprintf(path, sizeof path, "%s/stat", proc);
	file = fopen(path, "re");
	while (file && fgets(line, sizeof line, file) && read_times(line, &cpu, &busy, &stolen)) {
		if (cpu < 0) {
			times->busy = busy;
			times->stolen = stolen;
			times->known = true;
		} else if (cpu < PROCESSORS_MOST) {
			times->busy_of[cpu] = busy;
			times->count++;
		}
	}
	if (file)
		fclose(file);
}

void surroundings_start(struct surroundings *around, const char *proc, const char *sys)
{
	const long ticks = sysconf(_SC_CLK_TCK);

	*around = (struct surroundings){ .proc = proc ? proc : "/proc", .sys = sys ? sys : "/sys",
					 .ticks_per_s = ticks > 0 ? (double)ticks : 100 };
}

void surroundings_before(struct surroundings *around)
{
	look(&around->before, around->proc);
}

static void see_governor(struct surroundings *around, int cpu)
{
	char name[100], governor[sizeof around->governor];

	snprintf(name, sizeof name, "devices/system/cpu/cpu%d/cpufreq/scaling_governor",
		 cpu < 0 ? 0 : cpu);
	if (!*around->governor &&
	    read_line(governor, sizeof governor, around->sys, name) &&
	    strcmp(governor, "performance") != 0)
		memcpy(around->governor, governor, sizeof governor);
}

/* Ticks that the others of the list, like "0,4" or "2-3", were busy; -1: none is there. */
static int64_t busy_siblings(const char *list, int cpu, const struct processor_times *before,
			     const struct processor_times *after)
{
	int64_t busy = -1;

	while (*list >= '0' && *list <= '9') {
		char *end;
		const long first = strtol(list, &end, 10);
		const long last = *end == '-' ? strtol(end + 1, &end, 10) : first;

		for (long i = first; i <= last && i < PROCESSORS_MOST; i++)
			if (i != cpu && before->busy_of[i] >= 0 && after->busy_of[i] >= 0)
				busy = (busy < 0 ? 0 : busy) + after->busy_of[i] -
				       before->busy_of[i];
		list = *end == ',' ? end + 1 : end;
	}
	return busy;
}

static void see_siblings(struct surroundings *around, double seconds, int cpu,
			 const struct processor_times *after)
{
	char name[100], list[512];
	int64_t busy;

	snprintf(name, sizeof name, "devices/system/cpu/cpu%d/topology/thread_siblings_list", cpu);
	if (cpu < 0 || !read_line(list, sizeof list, around->sys, name))
		return;
	busy = busy_siblings(list, cpu, &around->before, after);
	if (busy < 0)
		return;
	around->sibling_s += (double)busy / around->ticks_per_s;
	around->sibling_seconds += seconds;
}

void surroundings_after(struct surroundings *around, double seconds, double own_s, int cpu,
			int threads)
{
	struct processor_times after;

	see_governor(around, cpu);
	look(&after, around->proc);
	if (!after.known || !around->before.known || !(seconds > 0))
		return;
	const double busy_s = (double)(after.busy - around->before.busy) / around->ticks_per_s;
	const double stolen = (double)(after.stolen - around->before.stolen);

	/* a sum over launches: a tick that is counted late is made good by the next */
	around->other_s += busy_s - own_s;
	around->stolen_s += stolen / around->ticks_per_s;
	around->seconds += seconds;
	around->processors = after.count;
	if (threads == 1)
		see_siblings(around, seconds, cpu, &after);
}

static double seconds_of(const struct timeval *time)
{
	return (double)time->tv_sec + (double)time->tv_usec * 1e-6;
}

double processor_seconds(void)
{
	struct rusage self, children;

	if (getrusage(RUSAGE_SELF, &self) || getrusage(RUSAGE_CHILDREN, &children))
		return 0;
	return seconds_of(&self.ru_utime) + seconds_of(&self.ru_stime) +
	       seconds_of(&children.ru_utime) + seconds_of(&children.ru_stime);
}

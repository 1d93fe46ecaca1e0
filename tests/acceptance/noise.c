/* SPDX-License-Identifier: MIT
 *
 * A bad neighbour for tests/acceptance/gate.sh, until it is killed:
 *
 *         noise memory    64 MB copied over and over, in bursts of 150 ms with 150 ms between
 *         noise cpu       a busy loop, in bursts of 40 ms with 60 ms between
 *
 * Lengths are drawn from an exponential distribution with that mean.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { BYTES = 32 << 20 }; /* copied to as many more */

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static double drawn(double mean)
{
	return -mean * log((rand() + 1.0) / (RAND_MAX + 1.0));
}

static void pause_for(double seconds)
{
	const struct timespec t = { (time_t)seconds, (long)(1e9 * (seconds - floor(seconds))) };

	nanosleep(&t, NULL);
}

int main(int argc, char **argv)
{
	const int memory = argc > 1 && !strcmp(argv[1], "memory");
	char *from = malloc(BYTES), *to = malloc(BYTES);
	volatile unsigned long spin = 0;

	if (!from || !to || argc != 2 || (!memory && strcmp(argv[1], "cpu")))
		return 2;
	memset(from, 1, BYTES);
	for (;;) {
		const double end = now() + drawn(memory ? 0.15 : 0.04);

		while (now() < end) {
			if (memory)
				memcpy(to, from, BYTES);
			else
				for (int i = 0; i < 10000; i++)
					spin += (unsigned long)i;
		}
		pause_for(drawn(memory ? 0.15 : 0.06));
	}
}

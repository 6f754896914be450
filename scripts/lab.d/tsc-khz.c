// SPDX-License-Identifier: GPL-2.0
/*
 * tsc-khz - print the rate of this machine's TSC in kHz
 *
 * An emulated CPU shows the TSC of the machine below it. A kernel in it that
 * measures the rate while that machine is busy can be wrong by any factor, and
 * with it every clock that the tests use; so it is told.
 */
#include <stdint.h>
#include <stdio.h>
#include <time.h>
#include <x86intrin.h>

#define SPAN_NS	300000000ULL

/* Both clocks at one instant: the reading with the least between. */
static void read_both(uint64_t *tsc, uint64_t *ns)
{
	uint64_t best = UINT64_MAX;

	for (int i = 0; i < 100; i++) {
		uint64_t before = __rdtsc(), after;
		struct timespec ts;

		clock_gettime(CLOCK_MONOTONIC, &ts);
		after = __rdtsc();
		if (after - before >= best)
			continue;
		best = after - before;
		*tsc = before + best / 2;
		*ns = ts.tv_sec * 1000000000ULL + ts.tv_nsec;
	}
}

int main(void)
{
	uint64_t tsc, ns, from_tsc, from_ns;

	read_both(&from_tsc, &from_ns);
	do {
		nanosleep(&(struct timespec){ .tv_nsec = 10000000 }, NULL);
		read_both(&tsc, &ns);
	} while (ns - from_ns < SPAN_NS);
	printf("%llu\n", (unsigned long long)((tsc - from_tsc) * 1000000 / (ns - from_ns)));
	return 0;
}

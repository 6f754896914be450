// SPDX-License-Identifier: GPL-2.0
/*
 * vmproducer - sends a value each period: 00, 01, ... in hexadecimal
 *
 * vmproducer [COUNT [PERIOD-MS]], without end if COUNT is not given or 0
 */
#include <errno.h>
#include <time.h>

#include "hamr.h"

#define ME "vmproducer"

static void wait_for_period(struct timespec *next, unsigned long period_ms)
{
	next->tv_sec += (time_t)(period_ms / 1000);
	next->tv_nsec += (long)(period_ms % 1000) * 1000000;
	if (next->tv_nsec >= 1000000000) {
		next->tv_sec++;
		next->tv_nsec -= 1000000000;
	}
	while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, next, NULL) == EINTR)
		;
}

/* One dispatch of the thread. */
static int run(struct partsched_port *write_port, struct partsched_port *write_count,
	       hamr_value value, hamr_count count)
{
	int ret;

	/* first, so that nobody has a value that is not counted */
	ret = partsched_port_put(write_count, &count, sizeof(count));
	if (!ret)
		ret = partsched_port_put(write_port, &value, sizeof(value));
	if (ret) {
		/* the consumer's queue is full: it will be told of the loss */
		printf(ME ": value [ %02X ] is refused: status %d\n", value, ret);
		return 0;
	}
	ret = partsched_port_kick(write_port);
	if (ret)
		printf(ME ": event: %s\n", strerror(-ret));
	return ret;
}

int main(int argc, char **argv)
{
	unsigned long nr = argc > 1 ? hamr_number(ME, argv[1]) : 0;
	unsigned long period_ms = argc > 2 ? hamr_number(ME, argv[2]) : HAMR_PERIOD_MS, i;
	struct partsched_port write_port, write_count;
	struct timespec next;

	setvbuf(stdout, NULL, _IOLBF, 0);
	puts("VM App " ME " started");
	hamr_open(ME, &write_port, "outgoing event data port", "write_port");
	hamr_open(ME, &write_count, "outgoing data port", "write_count");
	puts("Hello from " ME "'s run method");
	clock_gettime(CLOCK_MONOTONIC, &next);
	for (i = 0; !nr || i < nr; i++) {
		if (run(&write_port, &write_count, (hamr_value)i, i + 1))
			return 1;
		wait_for_period(&next, period_ms);
	}
	puts(ME ": done");
	return 0;
}

/* SPDX-License-Identifier: GPL-2.0 */
/*
 * clock - deadlines of the tests
 *
 * No test waits for a time: it waits for a condition, and gives up at a
 * deadline. How generous a deadline is, is said here and nowhere else.
 */
#ifndef TEST_CLOCK_H
#define TEST_CLOCK_H

#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define NSEC_PER_MSEC	1000000ULL
#define NSEC_PER_SEC	1000000000ULL

/*
 * The tests also run where a CPU is emulated, at the mercy of another
 * machine's load. A stated bound is multiplied by this: what fails then was
 * lost, not late.
 */
#define TEST_EMULATION	30ULL
/* With a kernel that checks every access: a launcher's death has taken it over 3 s. */
#define TEST_EMULATION_CHECKED	100ULL

/* For what has no stated bound: to start a guest, to build up a state. */
#define TEST_PATIENCE_NS	(60 * NSEC_PER_SEC)

/* Of one test, by the harness; more than any deadline within it. */
#define TEST_TIMEOUT_S	180

/**
 * now_ns() - CLOCK_MONOTONIC
 */
static inline uint64_t now_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * NSEC_PER_SEC + ts.tv_nsec;
}

/**
 * bound_ns() - how long the module may take to act on a thread
 *
 * Return: the stated bound for a thread that is to die, stop, be traced or
 * leave: 100 ms, whatever the windows are; for this machine.
 */
static inline uint64_t bound_ns(void)
{
	const char *kernel = getenv("PARTSCHED_LAB");
	bool checked = kernel && !strcmp(kernel, "debug");

	return 100 * NSEC_PER_MSEC * (checked ? TEST_EMULATION_CHECKED : TEST_EMULATION);
}

/* One step of a wait; short, but it lets others run. A test may have longer ones. */
#ifndef UNTIL_STEP_NS
#define UNTIL_STEP_NS	(2 * NSEC_PER_MSEC)
#endif

static inline void until_step(void)
{
	nanosleep(&(struct timespec){ .tv_nsec = UNTIL_STEP_NS }, NULL);
}

/*
 * UNTIL() - wait for a condition; true when it came before the deadline. It is
 * looked at once more after the deadline, so that a slow machine cannot miss
 * what has come.
 */
#define UNTIL(_condition, _timeout_ns) ({					\
	uint64_t _deadline_ns = now_ns() + (_timeout_ns);			\
	bool _late, _came;							\
										\
	do {									\
		_late = now_ns() > _deadline_ns;				\
		_came = (_condition);						\
		if (!_came && !_late)						\
			until_step();						\
	} while (!_came && !_late);						\
	_came;									\
})

#endif /* TEST_CLOCK_H */

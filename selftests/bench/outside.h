/* SPDX-License-Identifier: GPL-2.0 */
/*
 * outside - when a vCPU thread was in its guest or in user mode, by the kernel's trace
 *
 * For a launcher that is not ours, and a guest that writes down nothing. The events of
 * entering and leaving the kernel are traced, none of which is the module's. Whatever
 * is not certainly the kernel counts as user mode: the end of a system call, the work
 * of a page fault. Each event costs what it measures some hundred instructions, so
 * other figures of such a run are not comparable.
 */
#ifndef BENCH_OUTSIDE_H
#define BENCH_OUTSIDE_H

#include <stdint.h>
#include <sys/types.h>

#include "../lib/witness.h"
#include "error.h"

/**
 * struct outside_share - of one kind of time
 * @all_ns: all of it
 * @outside_ns: what lies in no window
 * @overrun_ns: of that, what ended last after a window's end
 */
struct outside_share {
	uint64_t all_ns;
	uint64_t outside_ns;
	uint64_t overrun_ns;
};

/**
 * struct outside_result - what was found
 * @events: how many were read
 * @guest: in the guest
 * @user: in user mode
 */
struct outside_result {
	uint64_t events;
	struct outside_share guest;
	struct outside_share user;
};

/**
 * outside_begin() - begin to trace a thread
 * @tid: thread
 * @error: why not
 *
 * Return: 0 or -1.
 */
int outside_begin(pid_t tid, struct ps_error *error);

/**
 * outside_stop() - the trace is long enough
 */
void outside_stop(void);

/**
 * outside_measure() - read the trace, and hold it against the plan
 * @tid: the same thread
 * @clock: at least two pairs
 * @plan: of one window
 * @result: receives it
 * @error: why not
 *
 * Return: 0, or -1: events were lost, say.
 */
int outside_measure(pid_t tid, const struct witness_clock *clock, const struct witness_plan *plan,
		    struct outside_result *result, struct ps_error *error);

#endif /* BENCH_OUTSIDE_H */

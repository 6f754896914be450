/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Counters. Each has one writer at a time (the vCPU's thread, or the timer of
 * the CPU that its window is on) and any number of readers, who see each number
 * whole but not all of one instant.
 */
#ifndef PARTSCHED_STATS_H
#define PARTSCHED_STATS_H

#include <linux/compiler.h>
#include <linux/types.h>

/**
 * struct ps_extent - smallest, largest and sum of what was measured
 * @count: measurements
 * @sum_ns: their sum
 * @min_ns: the smallest, valid when @count is not 0
 * @max_ns: the largest
 */
struct ps_extent {
	u64 count;
	u64 sum_ns;
	u64 min_ns;
	u64 max_ns;
};

/**
 * struct ps_stats - what is known of one vCPU's time
 * @opened: windows opened with a thread attached
 * @late: of these, opened later than the module parameter late_ns
 * @open_latency: planned start to the thread's coming onto the CPU
 * @close_overrun: planned end to the thread's leaving the CPU
 * @inside_ns: time on a CPU inside windows
 * @outside_ns: time on a CPU outside windows, the host's own path included
 * @steal_ns: time parked inside KVM_RUN, credited to the guest as steal
 * @theft_ns: time runnable inside an open window, but not on the CPU
 * @overruns: windows after which it was in the way of another one, or ran outside
 *	its own, and had to give way
 * @preempted: times that another task took the CPU in its window
 * @preempted_max_ns: the longest of these
 * @ready_ns: the same where others of its partition share the window: there it
 *	is theirs
 */
struct ps_stats {
	u64 opened;
	u64 late;
	struct ps_extent open_latency;
	struct ps_extent close_overrun;
	u64 inside_ns;
	u64 outside_ns;
	u64 steal_ns;
	u64 theft_ns;
	u64 overruns;
	u64 preempted;
	u64 preempted_max_ns;
	u64 ready_ns;
};

static inline void ps_count(u64 *counter, u64 n)
{
	WRITE_ONCE(*counter, *counter + n);
}

static inline void ps_extent_add(struct ps_extent *e, u64 ns)
{
	if (!e->count || ns < e->min_ns)
		WRITE_ONCE(e->min_ns, ns);
	if (ns > e->max_ns)
		WRITE_ONCE(e->max_ns, ns);
	ps_count(&e->sum_ns, ns);
	ps_count(&e->count, 1);
}

#endif /* PARTSCHED_STATS_H */

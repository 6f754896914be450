/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The frame timer: one per planned CPU, opens and closes windows. See frame.c.
 */
#ifndef PARTSCHED_FRAME_H
#define PARTSCHED_FRAME_H

#include <linux/types.h>

#include "stats.h"

struct ps_plan_table;
struct ps_schedule;

/**
 * struct ps_switch - a schedule and the instant at which all CPUs take it up
 * @schedule: the schedule, of the plan in force or of the next one; or the one
 *	in force once more, with another epoch
 * @end_ns: when what is in force before ends, with its last window
 * @at_ns: when it begins, its epoch; not before @end_ns, and later where it has
 *	to wait for the grid of its clock: no window is open in between
 * @offset_ns: from CLOCK_MONOTONIC to the plan's clock, when @at_ns was chosen
 * @number: another one for each, never 0
 * @by_request: it is from one schedule of a plan to another, so that the
 *	partitions' change actions count
 *
 * The instants are CLOCK_MONOTONIC.
 */
struct ps_switch {
	struct ps_schedule *schedule;
	u64 end_ns;
	u64 at_ns;
	s64 offset_ns;
	u32 number;
	bool by_request;
};

/**
 * struct ps_frame_stats - what is known of one planned CPU
 * @edges: edges handled
 * @missed: windows that began and ended before they were handled
 * @latency: planned edge to timer handler
 */
struct ps_frame_stats {
	u64 edges;
	u64 missed;
	struct ps_extent latency;
};

int ps_frame_start(int cpu, struct ps_switch *change);
void ps_frame_stop(int cpu);
void ps_frame_pend(struct ps_switch *change);
int ps_frame_join(int cpu, struct ps_switch *change);
bool ps_frame_took(int cpu, const struct ps_switch *change);
void ps_frame_stats(int cpu, struct ps_frame_stats *stats);
u64 ps_frame_missed(const struct ps_plan_table *table, u32 index, u64 *opened);
void ps_frame_init(void);

#endif /* PARTSCHED_FRAME_H */

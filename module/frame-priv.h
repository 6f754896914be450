/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the frame timer and those who start and stop it share.
 */
#ifndef PARTSCHED_FRAME_PRIV_H
#define PARTSCHED_FRAME_PRIV_H

#include <linux/hrtimer.h>
#include <linux/percpu.h>
#include <linux/seqlock.h>

#include "frame.h"
#include "schedule.h"

struct ps_vcpu;

/**
 * struct ps_frame - a planned CPU's place in its schedule
 * @timer: the frame timer; all below is its own
 * @seq: lets others read the cursor whole
 * @cpu: the CPU
 * @schedule: the schedule in force here, NULL: none
 * @slots: its plan's vCPUs
 * @table: its table for this CPU
 * @cursor: where we are in it
 * @epoch_ns: start of frame 0
 * @next_ns: the next edge
 * @armed_ns: when the timer fires, before @next_ns by the guard, or by ps_lead_ns
 *	and ps_way_extra_ns() at most
 * @guarded: by the guard
 * @cleared: it has fired for the next edge already, to clear the way
 * @early_ns: when it fired, while a guarded edge is handled; else 0
 * @switched: the last change taken up
 * @change: its number
 * @by_request: it is to another schedule of the plan
 * @open: the window that is open, of @schedule; the first of a shared one
 * @stats: see struct ps_frame_stats
 */
struct ps_frame {
	struct hrtimer timer;
	seqcount_t seq;
	int cpu;
	struct ps_schedule *schedule;
	struct ps_vcpu **slots;
	struct ps_plan_table *table;
	struct ps_cursor cursor;
	u64 epoch_ns;
	u64 next_ns;
	u64 armed_ns;
	bool guarded;
	bool cleared;
	u64 early_ns;
	const struct ps_switch *switched;
	u32 change;
	bool by_request;
	const struct ps_window *open;
	struct ps_frame_stats stats;
};

DECLARE_PER_CPU(struct ps_frame, ps_frames);

/* What all CPUs are to take up, NULL: nothing; see ps_frame_pend(). */
extern struct ps_switch *ps_pending;

enum hrtimer_restart ps_frame_timer(struct hrtimer *timer);

#endif /* PARTSCHED_FRAME_PRIV_H */

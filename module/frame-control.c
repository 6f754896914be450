// SPDX-License-Identifier: GPL-2.0
/*
 * The frame timers from outside: joined, stopped, told of changes, asked. See
 * frame.c.
 */
#include <linux/hrtimer.h>
#include <linux/percpu.h>
#include <linux/smp.h>

#include "compat/hrtimer.h"
#include "frame-priv.h"
#include "grace.h"
#include "param.h"
#include "plan.h"

static void join_here(void *data)
{
	struct ps_frame *frame = this_cpu_ptr(&ps_frames);
	const struct ps_switch *change = data;

	frame->open = NULL;
	frame->guarded = false;
	frame->cleared = false;
	WRITE_ONCE(frame->switched, NULL);
	frame->next_ns = change->end_ns;
	frame->armed_ns = change->end_ns - READ_ONCE(ps_lead_ns);
	hrtimer_start(&frame->timer, ns_to_ktime(frame->armed_ns),
		      HRTIMER_MODE_ABS_PINNED_HARD);
}

/**
 * ps_frame_join() - have a CPU that runs no schedule look for a change
 * @cpu: the CPU
 * @change: its instant; it counts when it is announced by then
 *
 * The CPU takes up whatever has been announced by its .end_ns, as those do
 * that run a schedule already: a change that is withdrawn in time leaves no
 * trace. May be called again, with another instant.
 *
 * Context: process, may sleep; ps_mutex held.
 * Return: 0, or -ENXIO if the CPU is offline.
 */
int ps_frame_join(int cpu, struct ps_switch *change)
{
	return smp_call_function_single(cpu, join_here, change, true);
}

/**
 * ps_frame_stop() - stop a CPU at once, its open window closed
 * @cpu: the CPU
 *
 * Context: process, may sleep; ps_mutex held.
 */
void ps_frame_stop(int cpu)
{
	struct ps_frame *frame = per_cpu_ptr(&ps_frames, cpu);

	hrtimer_cancel(&frame->timer);
	ps_grace_stop(cpu);
	WRITE_ONCE(frame->schedule, NULL);
	frame->open = NULL;
	frame->switched = NULL;
}

/**
 * ps_frame_pend() - announce a change of schedule to all CPUs, or take it back
 * @change: the change; NULL once all CPUs have taken it up
 *
 * Each CPU has an edge or a frame's start when the schedule in force ends, and
 * looks here then; where that comes earlier, it has looked in the frame before.
 * A CPU that is late takes it up late, with the same epoch.
 *
 * Context: any.
 */
void ps_frame_pend(struct ps_switch *change)
{
	smp_store_release(&ps_pending, change);
}

/**
 * ps_frame_took() - whether a CPU has taken up a change
 * @cpu: the CPU
 * @change: the change
 */
bool ps_frame_took(int cpu, const struct ps_switch *change)
{
	return READ_ONCE(per_cpu_ptr(&ps_frames, cpu)->switched) == change;
}

/**
 * ps_frame_stats() - copy a CPU's counters
 * @cpu: the CPU
 * @stats: filled in
 */
void ps_frame_stats(int cpu, struct ps_frame_stats *stats)
{
	*stats = per_cpu_ptr(&ps_frames, cpu)->stats;
}

/**
 * ps_frame_missed() - how often a window has begun and was not opened
 * @table: the table of a CPU
 * @index: the window's place in it
 * @opened: receives how often it was opened
 *
 * Both since the plan began, whenever the schedule was in force.
 */
u64 ps_frame_missed(const struct ps_plan_table *table, u32 index, u64 *opened)
{
	const struct ps_frame *frame = per_cpu_ptr(&ps_frames, table->table.cpu);
	unsigned int seq;
	u64 due;

	do {
		seq = read_seqcount_begin(&frame->seq);
		due = table->frames;
		if (frame->schedule && frame->table == table)
			due += ps_cursor_due(&table->table,
					     &frame->cursor, index);
		/* a window that opens meanwhile counts in both or in none */
		*opened = READ_ONCE(table->opened[index]);
	} while (read_seqcount_retry(&frame->seq, seq));
	return due > *opened ? due - *opened : 0;
}

/**
 * ps_frame_init() - prepare all CPUs' timers
 */
void ps_frame_init(void)
{
	int cpu;

	for_each_possible_cpu(cpu) {
		struct ps_frame *frame = per_cpu_ptr(&ps_frames, cpu);

		frame->cpu = cpu;
		seqcount_init(&frame->seq);
		hrtimer_setup(&frame->timer, ps_frame_timer, CLOCK_MONOTONIC,
			      HRTIMER_MODE_ABS_PINNED_HARD);
	}
}

/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The way of those that open. See way.c.
 */
#ifndef PARTSCHED_WAY_H
#define PARTSCHED_WAY_H

#include <linux/ptrace.h>
#include <linux/sched.h>
#include <linux/types.h>

#include <asm/irq_regs.h>

#include "band.h"
#include "frame-priv.h"
#include "opening.h"
#include "thread.h"

/*
 * Whether a thread whose window has just closed is certain to reach the gate
 * in a bounded number of instructions: it was interrupted in user mode, or in
 * its guest (the flag outlives the exit by which the timer came).
 */
static inline bool ps_way_parks_at_once(const struct ps_thread *thread)
{
	return thread->task == current &&
	       ((current->flags & PF_VCPU) || user_mode(get_irq_regs()));
}

/*
 * Whether a thread of this CPU is in the way of the next one: runnable, and not
 * about to be asleep in the gate. One that sleeps elsewhere tells when it wakes.
 */
static inline bool ps_way_runs_on(const struct ps_thread *thread)
{
	return READ_ONCE(thread->task->on_rq) &&
	       !ps_thread_is(thread, PS_PARKED);
}

struct ps_opening ps_way_next(const struct ps_frame *frame);
bool ps_way_begin(const struct ps_frame *frame);
void ps_way_clear(const struct ps_frame *frame, struct ps_thread *thread,
		  const struct ps_opening *opening);
u64 ps_way_suspect_extra_ns(const struct ps_frame *frame);

/**
 * ps_way_extra_ns() - how much earlier the timer comes to the next edge than it
 *	would to another one
 * @frame: this CPU's
 *
 * The end of a suspect's window comes that much earlier if another one follows:
 * what the kernel does for it in one piece, with interrupts off, is over then by
 * the edge.
 *
 * Context: hard irq, or interrupts off on the frame's CPU.
 * Return: nanoseconds.
 */
static inline u64 ps_way_extra_ns(const struct ps_frame *frame)
{
	const struct ps_window *open = frame->open;
	const struct ps_thread *thread;

	if (!open || unlikely(open->shared > 1))
		return 0;
	thread = rcu_dereference_check(frame->slots[open->slot]->thread, true);
	if (likely(!thread || !ps_band_suspects(thread)))
		return 0;
	return ps_way_suspect_extra_ns(frame);
}

#endif /* PARTSCHED_WAY_H */

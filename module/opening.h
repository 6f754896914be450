/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A window as a whole: the vCPUs that share it, which most often is one.
 */
#ifndef PARTSCHED_OPENING_H
#define PARTSCHED_OPENING_H

#include <linux/rcupdate.h>
#include <linux/types.h>

#include "bouncer.h"
#include "gate.h"
#include "plan.h"
#include "schedule.h"
#include "thread.h"

/**
 * struct ps_opening - a window, and whose it is
 * @schedule: the schedule
 * @window: the first of those that share it; NULL: there is none
 */
struct ps_opening {
	const struct ps_schedule *schedule;
	const struct ps_window *window;
};

static inline struct ps_vcpu *ps_opening_vcpu(const struct ps_schedule *schedule,
					      const struct ps_window *window)
{
	return schedule->plan->slots[window->slot];
}

/* How often it was opened; only the timer of its CPU counts that. */
static inline u32 ps_opening_turn(const struct ps_opening *opening)
{
	const struct ps_schedule *schedule = opening->schedule;

	return (u32)schedule->opened[opening->window - schedule->windows];
}

bool ps_opening_same_vcpus(const struct ps_opening *a,
			   const struct ps_opening *b);
const struct ps_window *ps_opening_take_turns(const struct ps_opening *opening,
					      u32 place, u32 turn);
void ps_opening_queue_shared(const struct ps_opening *closing);
void ps_opening_wake_shared(const struct ps_opening *opening, int cpu);

/**
 * ps_opening_same() - whether two windows are those of the same vCPUs
 * @a: one, or none
 * @b: the other, or none
 *
 * Context: any, hard irq included.
 */
static inline bool ps_opening_same(const struct ps_opening *a,
				   const struct ps_opening *b)
{
	if (!a->window || !b->window)
		return a->window == b->window;
	if (likely(a->window->shared == 1 && b->window->shared == 1))
		return ps_opening_vcpu(a->schedule, a->window) ==
		       ps_opening_vcpu(b->schedule, b->window);
	return ps_opening_same_vcpus(a, b);
}

static inline void ps_opening_queue_one(const struct ps_vcpu *vcpu)
{
	struct ps_thread *thread = rcu_dereference_check(vcpu->thread, true);

	if (thread && !ps_thread_is(thread, PS_EXILED) &&
	    !ps_gate_queue(thread))
		ps_bouncer_kick();
}

/**
 * ps_opening_queue() - queue the gates of those whose window is about to close
 * @closing: the window
 *
 * Context: hard irq, which is the RCU read side.
 */
static inline void ps_opening_queue(const struct ps_opening *closing)
{
	if (likely(closing->window->shared == 1))
		ps_opening_queue_one(ps_opening_vcpu(closing->schedule,
						     closing->window));
	else
		ps_opening_queue_shared(closing);
}

static inline void ps_opening_wake_one(const struct ps_vcpu *vcpu, int cpu)
{
	struct ps_thread *thread = rcu_dereference_check(vcpu->thread, true);

	if (thread && ps_thread_lives_on(thread, cpu))
		ps_gate_wake(thread);
}

/**
 * ps_opening_wake() - wake those whose window is about to open
 * @opening: the window
 * @cpu: this CPU
 *
 * Context: hard irq, which is the RCU read side.
 */
static inline void ps_opening_wake(const struct ps_opening *opening, int cpu)
{
	if (likely(opening->window->shared == 1))
		ps_opening_wake_one(ps_opening_vcpu(opening->schedule,
						    opening->window), cpu);
	else
		ps_opening_wake_shared(opening, cpu);
}

#endif /* PARTSCHED_OPENING_H */

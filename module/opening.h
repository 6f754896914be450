/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A window as a whole: the vCPUs that share it, which most often is one.
 */
#ifndef PARTSCHED_OPENING_H
#define PARTSCHED_OPENING_H

#include <linux/types.h>

#include "plan.h"
#include "schedule.h"

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
struct ps_thread *ps_opening_waiter(const struct ps_opening *opening, int cpu);
const struct ps_window *ps_opening_take_turns(const struct ps_opening *opening,
					      u32 place, u32 turn);

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

#endif /* PARTSCHED_OPENING_H */

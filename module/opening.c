// SPDX-License-Identifier: GPL-2.0
/*
 * A window as a whole. See opening.h.
 */
#include "opening.h"
#include "thread.h"

/**
 * ps_opening_same_vcpus() - whether two windows are those of the same vCPUs
 * @a: one
 * @b: the other
 *
 * In the same order, that is; who has the same priorities in both stands in
 * the same order.
 *
 * Context: any, hard irq included.
 */
bool ps_opening_same_vcpus(const struct ps_opening *a,
			   const struct ps_opening *b)
{
	u32 i;

	if (a->window->shared != b->window->shared)
		return false;
	for (i = 0; i < a->window->shared; i++)
		if (ps_opening_vcpu(a->schedule, &a->window[i]) !=
		    ps_opening_vcpu(b->schedule, &b->window[i]))
			return false;
	return true;
}

/**
 * ps_opening_waiter() - the thread that is certain to run when a window opens
 * @opening: the window, or none
 * @cpu: its CPU
 *
 * Context: hard irq, which is the RCU read side, on @cpu.
 * Return: a thread that is parked there and has the window alone, or NULL.
 */
struct ps_thread *ps_opening_waiter(const struct ps_opening *opening, int cpu)
{
	const struct ps_vcpu *vcpu;
	struct ps_thread *thread;

	if (!opening->window || opening->window->shared > 1)
		return NULL;
	vcpu = ps_opening_vcpu(opening->schedule, opening->window);
	thread = rcu_dereference_check(vcpu->thread, true);
	return thread && ps_thread_lives_on(thread, cpu) &&
	       ps_thread_is(thread, PS_PARKED) ? thread : NULL;
}

/**
 * ps_opening_take_turns() - who is let in when into a window that is shared
 * @opening: the window
 * @place: in which order, from 0
 * @turn: how often it was opened before
 *
 * The higher priority comes first. Equals that take turns take turns in being
 * the first as well: a window may be no multiple of theirs.
 *
 * Context: any, hard irq included.
 * Return: the window of the vCPU that is let in as the @place-th.
 */
const struct ps_window *ps_opening_take_turns(const struct ps_opening *opening,
					      u32 place, u32 turn)
{
	const struct ps_window *first = opening->window, *w = &first[place];
	u32 from = place, to = place + 1;

	if (!READ_ONCE(ps_opening_vcpu(opening->schedule, w)->quantum_ns))
		return w;
	while (from && first[from - 1].priority == w->priority)
		from--;
	while (to < first->shared && first[to].priority == w->priority)
		to++;
	return &first[from + (place - from + turn) % (to - from)];
}

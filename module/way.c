// SPDX-License-Identifier: GPL-2.0
/*
 * The way of those that open: whether the one before is out of it by the edge,
 * and what the frame timer does ahead of the edge that it is. What becomes of
 * the thread's priority is band.c's.
 */
#include <linux/minmax.h>
#include <linux/sched.h>

#include "band.h"
#include "frame-priv.h"
#include "param.h"
#include "plan.h"
#include "way.h"

/*
 * The timer comes so many leads earlier to the end of a suspect's window, but not
 * more than that, for it waits with interrupts off, and no more than one part in
 * so many of the window.
 */
#define PS_SUSPECT_LEADS 3
#define PS_SUSPECT_MAX_NS 10000
#define PS_SUSPECT_SHARE 64

/* What a change of schedule opens here at once. */
static struct ps_opening opens_first(const struct ps_frame *frame,
				     const struct ps_switch *change)
{
	struct ps_opening opening = { change->schedule };
	const struct ps_plan_table *table =
		ps_schedule_table(change->schedule, frame->cpu);

	if (table && !table->table.windows[0].offset_ns &&
	    READ_ONCE(change->at_ns) <= READ_ONCE(change->end_ns))
		opening.window = table->table.windows;
	return opening;
}

/**
 * ps_way_next() - what the next edge opens
 * @frame: this CPU's
 *
 * Context: hard irq.
 * Return: no window if it only closes one.
 */
struct ps_opening ps_way_next(const struct ps_frame *frame)
{
	const struct ps_switch *change = READ_ONCE(ps_pending);
	struct ps_opening opening = { frame->schedule };
	const struct ps_table *table;
	const struct ps_window *w;
	u64 end_ns;

	if (unlikely(change && change != frame->switched &&
		     frame->next_ns >= READ_ONCE(change->end_ns)))
		return opens_first(frame, change);
	if (!frame->schedule)
		return opening;
	table = &frame->table->table;
	w = &table->windows[frame->cursor.index];
	if (frame->cursor.open) {
		end_ns = w->offset_ns + w->duration_ns;
		w += w->shared;
		if (w == table->windows + table->nr) {
			w = table->windows;
			end_ns -= table->frame_ns;
		}
		if (w->offset_ns != end_ns)
			return opening;
	}
	opening.window = w;
	return opening;
}

/*
 * The thread of a window that may be in the way: of several that share it only
 * the one that runs, for the others are below whoever has a window alone.
 */
static struct ps_thread *runs_in(const struct ps_frame *frame,
				 const struct ps_window *first)
{
	struct ps_thread *thread;
	u32 i;

	for (i = 0; i < first->shared; i++) {
		const struct ps_vcpu *vcpu = frame->slots[first[i].slot];

		thread = rcu_dereference_check(vcpu->thread, true);
		if (thread && (first->shared == 1 || thread->task == current))
			return thread;
	}
	return NULL;
}

/**
 * ps_way_begin() - whether the closing thread has to be put below the one that
 *	opens
 * @frame: this CPU's, ahead of its next edge
 *
 * That begins here and takes until after the edge: the thread is somewhere in
 * the kernel.
 *
 * Context: hard irq.
 */
bool ps_way_begin(const struct ps_frame *frame)
{
	struct ps_opening opening = ps_way_next(frame);
	struct ps_opening closing = { frame->schedule, frame->open };
	const struct ps_thread *next;
	struct ps_thread *thread;

	if (!opening.window || !closing.window ||
	    ps_opening_same(&opening, &closing))
		return false;
	thread = runs_in(frame, closing.window);
	if (!thread || ps_way_parks_at_once(thread) || !ps_way_runs_on(thread) ||
	    ps_thread_is(thread, PS_EXILED) || ps_thread_is(thread, PS_DEMOTED))
		return false;
	next = ps_opening_waiter(&opening, frame->cpu);
	if (ps_band_gives_way(thread, next))
		return false;
	ps_band_demote(thread, next);
	return true;
}

/**
 * ps_way_clear() - have a thread out of the way whose window closes
 * @frame: this CPU's
 * @thread: somewhere in the kernel
 * @opening: what opens at that edge, or no window
 *
 * Context: hard irq, before that is opened.
 */
void ps_way_clear(const struct ps_frame *frame, struct ps_thread *thread,
		  const struct ps_opening *opening)
{
	const struct ps_thread *next = ps_opening_waiter(opening, frame->cpu);

	if (ps_band_gives_way(thread, next))
		ps_band_overran(thread);
	else
		ps_band_demote(thread, next);
}

/**
 * ps_way_suspect_extra_ns() - ps_way_extra_ns() of a suspect
 * @frame: this CPU's
 *
 * Context: hard irq, or interrupts off on the frame's CPU.
 * Return: nanoseconds.
 */
u64 ps_way_suspect_extra_ns(const struct ps_frame *frame)
{
	struct ps_opening closing = { frame->schedule, frame->open };
	struct ps_opening opening = ps_way_next(frame);

	if (!opening.window || ps_opening_same(&opening, &closing))
		return 0;
	return min3((u64)frame->open->duration_ns / PS_SUSPECT_SHARE,
		    PS_SUSPECT_LEADS * (u64)READ_ONCE(ps_lead_ns),
		    (u64)PS_SUSPECT_MAX_NS);
}

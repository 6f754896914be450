// SPDX-License-Identifier: GPL-2.0
/*
 * The frame timer: one hrtimer per planned CPU, pinned, in hard irq, armed at
 * absolute edges computed from one epoch, so that nothing ever adds up.
 *
 * Its path has no allocation, no lock that another CPU takes and no loop over
 * partitions, only over the vCPUs that share the one window. It moves window
 * states, wakes, queues task work and counts. All that may sleep, or has to be
 * done to a thread from outside, is the bouncer's.
 */
#include <linux/hrtimer.h>
#include <linux/ktime.h>
#include <linux/percpu.h>
#include <linux/sched.h>
#include <linux/seqlock.h>
#include <linux/smp.h>
#include <linux/timekeeping.h>

#include <asm/irq_regs.h>

#include "account.h"
#include "band.h"
#include "bouncer.h"
#include "frame-priv.h"
#include "gate.h"
#include "grace.h"
#include "guard.h"
#include "kick.h"
#include "live.h"
#include "opening.h"
#include "param.h"
#include "plan.h"
#include "start.h"
#include "thread.h"
#include "trace.h"
#include "turn.h"
#include "wait.h"

DEFINE_PER_CPU(struct ps_frame, ps_frames);
struct ps_switch *ps_pending;

/*
 * Whether a thread whose window has just closed is certain to reach the gate
 * in a bounded number of instructions: it was interrupted in user mode, or in
 * its guest (the flag outlives the exit by which the timer came).
 */
static bool parks_at_once(const struct ps_thread *thread)
{
	return thread->task == current &&
	       ((current->flags & PF_VCPU) || user_mode(get_irq_regs()));
}

/*
 * Whether a thread of this CPU is in the way of the next one: runnable, and not
 * about to be asleep in the gate. One that sleeps elsewhere tells when it wakes.
 */
static bool runs_on(const struct ps_thread *thread)
{
	return READ_ONCE(thread->task->on_rq) &&
	       !ps_thread_is(thread, PS_PARKED);
}

/*
 * Close a vCPU's window; hard irq, which is the RCU read side. @next_cpu is
 * where the vCPU has its next one. Should another CPU have opened that already,
 * because this edge is handled late, the state stays: the thread has to leave
 * here all the same, and the gate knows one CPU from the other.
 */
static __always_inline void
close_window(struct ps_frame *frame, struct ps_vcpu *vcpu, u32 crowd,
	     int next_cpu, u64 edge_ns, u64 now_ns)
{
	struct ps_thread *thread = rcu_dereference_check(vcpu->thread, true);

	if (thread && ps_thread_lives_on(thread, frame->cpu)) {
		ps_account_edge(thread, edge_ns, false);
		ps_account_stolen(vcpu);
	}
	ps_vcpu_move(vcpu, edge_ns, false, next_cpu);
	trace_window_close(vcpu, frame->cpu, edge_ns, now_ns - edge_ns);
	if (!thread || ps_thread_is(thread, PS_EXILED))
		return;
	if (!ps_gate_queue(thread)) {
		ps_bouncer_kick();
		return;
	}
	if (parks_at_once(thread))
		return;		/* the gate says that it can be moved */
	if (ps_thread_moves(thread))
		ps_bouncer_kick();
	/*
	 * One that waited for its turn is below everybody who has a window
	 * alone, and is watched when it gets the CPU; see account.c.
	 */
	if (crowd > 1 && thread->task != current)
		return;
	if (runs_on(thread))
		ps_band_demote(thread);
}

static __always_inline void
open_window(struct ps_frame *frame, struct ps_vcpu *vcpu,
	    const struct ps_window *window, u32 crowd, u64 edge_ns, u64 now_ns)
{
	struct ps_thread *thread = rcu_dereference_check(vcpu->thread, true);
	struct partsched_guest_live_vcpu live = {
		.generation = frame->schedule->plan->generation,
		.schedule_id = frame->schedule->id,
		.window_id = window->id,
		.frame = frame->cursor.frame,
		.start_ns = edge_ns,
		.end_ns = edge_ns + window->duration_ns,
	};
	bool late = now_ns - edge_ns > READ_ONCE(ps_late_ns);
	u64 state;

	if (unlikely(vcpu->change != frame->change)) {
		vcpu->change = frame->change;
		if (frame->by_request && thread)
			ps_start_first_window(vcpu, thread, frame->change,
					      window->action);
	}
	state = ps_state_read(&vcpu->partition->state);
	if (unlikely(thread && ps_state_order(state) != vcpu->start))
		ps_start_take(vcpu, thread, state);
	live.start = vcpu->start;
	live.start_action = vcpu->start_action;
	live.mode = ps_state_mode(state);
	live.start_condition = ps_state_condition(state);
	live.nr_starts = (u32)atomic_read(&vcpu->partition->nr_starts);
	ps_live_open(vcpu, &live);
	if (thread && ps_thread_lives_on(thread, frame->cpu))
		ps_account_edge(thread, edge_ns, true);
	vcpu->theft_before_ns = vcpu->stats.theft_ns;
	WRITE_ONCE(vcpu->open_ns, edge_ns);
	ps_vcpu_move(vcpu, edge_ns, true, frame->cpu);
	trace_window_open(vcpu, frame->cpu, edge_ns, now_ns - edge_ns);
	if (!thread)
		return;
	ps_count(&vcpu->stats.opened, 1);
	/*
	 * One that has not been moved here yet is not woken: that is for the
	 * bouncer, who moves it first. It writes where the thread lives, then
	 * (full barrier) looks at the window; we the other way round.
	 */
	if (ps_thread_lives_on(thread, frame->cpu)) {
		/* halted or idle: its window passes without it */
		if (unlikely(ps_start_sleeps(vcpu))) {
			set_bit(PS_OVERSLEPT, &thread->flags);
			return;
		}
		if (frame->early_ns)
			ps_guard_begin(edge_ns, frame->early_ns, crowd > 1);
		if (unlikely(!ps_gate_wake(thread))) {
			if (ps_kick_due(vcpu))
				ps_kick_hurry(thread);
			if (ps_thread_is(thread, PS_STARTS))
				ps_bouncer_kick();
		} else if (frame->schedule->guard_ns && !frame->early_ns) {
			ps_guard_missed();
		}
		if (unlikely(ps_thread_is(thread, PS_DEMOTED)))
			ps_bouncer_kick();
		if (unlikely(crowd > 1) && thread->task == current)
			ps_turn_begin(thread);
	} else if (!ps_thread_is(thread, PS_EXILED)) {
		late = true;
		ps_bouncer_kick();
	}
	if (late)
		ps_count(&vcpu->stats.late, 1);
}

/* How many vCPUs have a window that the timer opens or not, -1: no window. */
static u32 crowd_at(const struct ps_table *table, int index)
{
	return index < 0 ? 0 : table->windows[index].shared;
}

/* Take up a new schedule when the one before has ended. */
static void take_up(struct ps_frame *frame, const struct ps_switch *change)
{
	const struct ps_cursor *cursor = &frame->cursor;
	struct ps_plan_table *left = frame->table;
	struct ps_advance advance;

	if (frame->schedule) {
		/* what was slept through in the old one was missed in it */
		ps_cursor_advance(&left->table, &frame->cursor,
				  READ_ONCE(change->end_ns) - 1 - frame->epoch_ns,
				  &advance);
		ps_count(&frame->stats.missed,
			 advance.skipped +
			 crowd_at(&left->table, advance.open));
		/* the last window of a frame may end with it */
		left->frames += cursor->frame +
			(cursor->open && cursor->index +
			 crowd_at(&left->table, cursor->index) ==
			 left->table.nr);
	}
	WRITE_ONCE(frame->switched, change);
	frame->change = change->number;
	frame->by_request = change->by_request;
	frame->schedule = change->schedule;
	frame->slots = change->schedule->plan->slots;
	frame->table = ps_schedule_table(change->schedule, frame->cpu);
	frame->epoch_ns = READ_ONCE(change->at_ns);
	frame->cursor = (struct ps_cursor){ 0 };
	if (!frame->table)
		WRITE_ONCE(frame->schedule, NULL);
}

/*
 * The CPU of the vCPU's next window after one that closes. When a change of
 * schedule comes before that, it is the change's first one.
 */
static int next_cpu(const struct ps_frame *frame, const struct ps_vcpu *vcpu,
		    const struct ps_window *window, u64 close_ns)
{
	const struct ps_switch *change = READ_ONCE(ps_pending);

	if (unlikely(change && change != frame->switched && window->last &&
		     READ_ONCE(change->end_ns) - close_ns <
		     frame->schedule->frame_ns))
		return READ_ONCE(vcpu->coming_cpu);
	return window->next_cpu;
}

static noinline void close_shared(struct ps_frame *frame, bool at_change,
				  u64 edge_ns, u64 now_ns)
{
	const struct ps_window *first = frame->open;
	u32 i;

	for (i = 0; i < first->shared; i++) {
		struct ps_vcpu *vcpu = frame->slots[first[i].slot];

		close_window(frame, vcpu, first->shared, at_change ?
			     READ_ONCE(vcpu->coming_cpu) :
			     next_cpu(frame, vcpu, &first[i], edge_ns),
			     edge_ns, now_ns);
	}
	ps_turn_pause();
}

/* Close the window that is open; @at_change: a change of schedule is why. */
static __always_inline void close_open(struct ps_frame *frame, bool at_change,
				       u64 edge_ns, u64 now_ns)
{
	const struct ps_window *w = frame->open;
	struct ps_vcpu *vcpu;

	if (unlikely(w->shared > 1)) {
		close_shared(frame, at_change, edge_ns, now_ns);
		return;
	}
	vcpu = frame->slots[w->slot];
	close_window(frame, vcpu, 1, at_change ? READ_ONCE(vcpu->coming_cpu) :
		     next_cpu(frame, vcpu, w, edge_ns), edge_ns, now_ns);
}

static noinline void open_shared(struct ps_frame *frame,
				 const struct ps_window *first, u64 edge_ns,
				 u64 now_ns)
{
	const struct ps_opening opening = { frame->schedule, first };
	u32 turn = ps_opening_turn(&opening), i;

	for (i = 0; i < first->shared; i++) {
		const struct ps_window *w = ps_opening_take_turns(&opening,
								  i, turn);
		struct ps_vcpu *vcpu = frame->slots[w->slot];

		ps_count(&frame->table->opened[w - frame->table->table.windows],
			 1);
		WRITE_ONCE(vcpu->crowd, first->shared);
		WRITE_ONCE(vcpu->place, i);
		open_window(frame, vcpu, w, first->shared, edge_ns, now_ns);
	}
}

static __always_inline void open_at(struct ps_frame *frame, int index,
				    u64 edge_ns, u64 now_ns)
{
	const struct ps_window *w = &frame->table->table.windows[index];
	struct ps_vcpu *vcpu;

	if (unlikely(w->shared > 1)) {
		open_shared(frame, w, edge_ns, now_ns);
		return;
	}
	ps_count(&frame->table->opened[index], 1);
	vcpu = frame->slots[w->slot];
	if (unlikely(vcpu->crowd > 1)) {
		WRITE_ONCE(vcpu->crowd, 1);
		WRITE_ONCE(vcpu->place, 0);
	}
	open_window(frame, vcpu, w, 1, edge_ns, now_ns);
}

/* Whether the window that opens is that of the same vCPUs. */
static __always_inline bool goes_on(const struct ps_frame *frame,
				    const struct ps_window *w)
{
	if (unlikely(w->shared > 1 || frame->open->shared > 1)) {
		const struct ps_opening a = { frame->schedule, frame->open };
		const struct ps_opening b = { frame->schedule, w };

		return ps_opening_same_vcpus(&a, &b);
	}
	return frame->slots[w->slot] == frame->slots[frame->open->slot];
}

static __always_inline void step(struct ps_frame *frame, u64 now_ns)
{
	const struct ps_plan_table *table = frame->table;
	const struct ps_window *opening = NULL;
	struct ps_advance advance;
	u64 close_ns = 0, open_ns = 0;
	bool closing = false;

	/* before the epoch: the one before has ended */
	if (now_ns < frame->epoch_ns)
		return;
	ps_cursor_advance(&table->table, &frame->cursor,
			  now_ns - frame->epoch_ns, &advance);
	if (advance.skipped)
		ps_count(&frame->stats.missed, advance.skipped);
	if (advance.close >= 0 && frame->open) {
		closing = true;
		close_ns = frame->epoch_ns + advance.close_ns;
		ps_extent_add(&frame->stats.latency, now_ns - close_ns);
		ps_count(&frame->stats.edges, 1);
	}
	if (advance.open >= 0) {
		opening = &table->table.windows[advance.open];
		open_ns = frame->epoch_ns + advance.open_ns;
		ps_extent_add(&frame->stats.latency, now_ns - open_ns);
		ps_count(&frame->stats.edges, 1);
	}
	/* the same vCPUs' windows that touch are one: none need see the gate */
	if (closing &&
	    (!opening || close_ns != open_ns || !goes_on(frame, opening)))
		close_open(frame, false, close_ns, now_ns);
	if (opening)
		open_at(frame, advance.open, open_ns, now_ns);
	if (closing || opening)
		frame->open = opening;
}

/*
 * The next instant to wake up at: an edge, or the start of a frame that begins
 * with a gap, for that is where changes of the plan are taken up.
 */
static u64 next_ns(const struct ps_frame *frame, u64 now_ns)
{
	const struct ps_table *table = &frame->table->table;
	const struct ps_cursor *cursor = &frame->cursor;
	u64 frame_start_ns = frame->epoch_ns + cursor->frame * table->frame_ns;

	if (!cursor->open && !cursor->index && now_ns < frame_start_ns)
		return frame_start_ns;
	return frame->epoch_ns + ps_cursor_next_ns(table, cursor);
}

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

/* What the next edge opens; no window if it only closes one. */
static struct ps_opening opens_next(const struct ps_frame *frame)
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

/*
 * Whether the closing thread has to be put below the one that opens, which
 * begins here and takes until after the edge: it is somewhere in the kernel.
 */
static bool in_the_way(const struct ps_frame *frame)
{
	struct ps_opening opening = opens_next(frame);
	struct ps_opening closing = { frame->schedule, frame->open };
	struct ps_thread *thread;

	if (!opening.window || !closing.window ||
	    ps_opening_same(&opening, &closing))
		return false;
	thread = runs_in(frame, closing.window);
	if (!thread || parks_at_once(thread) || !runs_on(thread) ||
	    ps_thread_is(thread, PS_EXILED) || ps_thread_is(thread, PS_DEMOTED))
		return false;
	ps_band_demote(thread);
	return true;
}

static noinline u64 find_guard_ns(const struct ps_frame *frame)
{
	struct ps_opening closing = { frame->schedule, frame->open };
	struct ps_opening opening;

	/* the start of a frame that begins with a gap opens nothing */
	if (frame->next_ns != frame->epoch_ns +
	    ps_cursor_next_ns(&frame->table->table, &frame->cursor))
		return 0;
	opening = opens_next(frame);
	if (!opening.window || ps_opening_same(&opening, &closing))
		return 0;
	return ps_guard_ns(frame->schedule);
}

/* How long before the next edge its switch begins, 0: at the edge. */
static u64 next_guard_ns(const struct ps_frame *frame)
{
	if (!frame->schedule->guard_ns || !ps_guard_armed())
		return 0;
	return find_guard_ns(frame);
}

static void arm_next(struct ps_frame *frame, u64 now_ns)
{
	u64 lead_ns = READ_ONCE(ps_lead_ns), guard_ns, left_ns;

	frame->next_ns = next_ns(frame, now_ns);
	frame->armed_ns = frame->next_ns;
	left_ns = frame->next_ns - now_ns;
	guard_ns = next_guard_ns(frame);
	frame->guarded = guard_ns;
	frame->cleared = false;
	if (guard_ns)
		frame->armed_ns -= min(guard_ns, left_ns);
	else if (left_ns > lead_ns)
		frame->armed_ns -= lead_ns;
}

/*
 * A change may cut the gap at the end of a frame short, in order to get back to
 * a clock's grid: its instant is no edge then, and comes before the next one.
 */
static noinline void arm_change(struct ps_frame *frame, u64 now_ns)
{
	const struct ps_switch *change = READ_ONCE(ps_pending);
	u64 lead_ns = READ_ONCE(ps_lead_ns), end_ns;

	if (!change || change == frame->switched)
		return;
	end_ns = READ_ONCE(change->end_ns);
	if (frame->next_ns <= end_ns || end_ns <= now_ns)
		return;
	frame->guarded = false;
	frame->next_ns = end_ns;
	frame->armed_ns = end_ns;
	if (end_ns - now_ns > lead_ns)
		frame->armed_ns -= lead_ns;
}

/* Take up what is announced, if the schedule in force has ended. */
static noinline void follow_change(struct ps_frame *frame,
				   const struct ps_switch *change, u64 now_ns)
{
	if (now_ns < READ_ONCE(change->end_ns))
		return;
	/* its end came before that, or with it */
	if (frame->open)
		close_open(frame, true, frame->epoch_ns +
			   ps_cursor_next_ns(&frame->table->table,
					     &frame->cursor), now_ns);
	frame->open = NULL;
	take_up(frame, change);
	ps_bouncer_kick();
}

/*
 * A guarded edge is handled as if it were here already: all that it opens is
 * marked with the edge, and waits for it by itself. Not without the probe that
 * makes it wait.
 */
static bool begin_guard(struct ps_frame *frame, u64 now_ns)
{
	if (likely(ps_guard_armed())) {
		frame->early_ns = now_ns;
		return true;
	}
	frame->guarded = false;
	frame->armed_ns = frame->next_ns;
	hrtimer_set_expires(&frame->timer, ns_to_ktime(frame->armed_ns));
	return false;
}

/**
 * ps_frame_timer() - the timer's handler
 * @timer: &struct ps_frame.timer
 *
 * The timer comes ps_lead_ns before its edge, does all that there is to do at
 * the edge, as if it were here already, and waits for it last: by its arrival
 * the closing guest has left, so it has no instruction after its end, and the
 * timer's own latency and all its work are done when the edge is there. The
 * closing window's tail, or the gap, pays for it. Nothing runs on this CPU
 * before the handler ends, neither who is closed nor who is woken here.
 *
 * Context: hard irq, on the CPU that it is pinned to.
 */
enum hrtimer_restart ps_frame_timer(struct hrtimer *timer)
{
	struct ps_frame *frame = container_of(timer, struct ps_frame, timer);
	const struct ps_switch *change;
	u64 now_ns, edge_ns;
	bool waits = false;

	/* the kernel moves the timers of a CPU that dies without asking us */
	if (unlikely(smp_processor_id() != frame->cpu)) {
		WRITE_ONCE(frame->schedule, NULL);
		ps_bouncer_kick();
		return HRTIMER_NORESTART;
	}

	now_ns = ktime_get_ns();
	edge_ns = frame->next_ns;
	if (now_ns < edge_ns) {
		/* a clock that went back is not waited for */
		if (unlikely(now_ns < frame->armed_ns)) {
			hrtimer_set_expires(timer, ns_to_ktime(frame->armed_ns));
			return HRTIMER_RESTART;
		}
		if (frame->guarded) {
			if (!begin_guard(frame, now_ns))
				return HRTIMER_RESTART;
		} else if (!frame->cleared && in_the_way(frame)) {
			/* again, when nobody is or can be helped any more */
			frame->cleared = true;
			frame->armed_ns = edge_ns - (edge_ns - frame->armed_ns) / 4;
			hrtimer_set_expires(timer, ns_to_ktime(frame->armed_ns));
			return HRTIMER_RESTART;
		} else {
			waits = true;
		}
		now_ns = edge_ns;
	}
	raw_write_seqcount_begin(&frame->seq);
	change = READ_ONCE(ps_pending);
	if (unlikely(change && change != frame->switched))
		follow_change(frame, change, now_ns);
	if (frame->schedule)
		step(frame, now_ns);
	raw_write_seqcount_end(&frame->seq);
	frame->early_ns = 0;

	if (frame->schedule) {
		arm_next(frame, now_ns);
		if (unlikely(READ_ONCE(ps_pending)))
			arm_change(frame, now_ns);
		hrtimer_set_expires(timer, ns_to_ktime(frame->armed_ns));
	}
	if (waits) {
		now_ns = ktime_get_ns();
		if (now_ns < edge_ns)
			ps_wait_until(edge_ns, now_ns);
	}
	return frame->schedule ? HRTIMER_RESTART : HRTIMER_NORESTART;
}

static void start_here(void *data)
{
	struct ps_frame *frame = this_cpu_ptr(&ps_frames);
	struct ps_switch *change = data;

	raw_write_seqcount_begin(&frame->seq);
	frame->open = NULL;
	take_up(frame, change);
	raw_write_seqcount_end(&frame->seq);
	if (!frame->schedule)
		return;
	arm_next(frame, change->at_ns - 1);
	hrtimer_start(&frame->timer, ns_to_ktime(frame->armed_ns),
		      HRTIMER_MODE_ABS_PINNED_HARD);
}

/**
 * ps_frame_start() - start a CPU that runs no schedule
 * @cpu: an online CPU with windows in the schedule
 * @change: the schedule and its epoch, at least a millisecond ahead
 *
 * The timer is pinned to the CPU that arms it, so that CPU has to do it.
 *
 * Context: process, may sleep; ps_mutex held.
 * Return: 0, or -ENXIO if the CPU is offline.
 */
int ps_frame_start(int cpu, struct ps_switch *change)
{
	return smp_call_function_single(cpu, start_here, change, true);
}

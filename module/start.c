// SPDX-License-Identifier: GPL-2.0
/*
 * Starts: how a partition is made to end its life and to begin anew.
 *
 * The module decides when, and sees to it that no instruction more of the
 * partition's former life is run; to start a guest is its launcher's. An order
 * to start is a number in the partition's state. Each of its vCPU threads takes
 * it in a window of its own: it is made to leave KVM_RUN (EINTR) before it runs
 * a guest instruction, and finds the order in the live page. The launcher looks
 * there before each KVM_RUN. One that does not, as QEMU, goes on; its
 * supervisor hears of the order by an event.
 *
 * At the first window after a change of schedule (ScheduleChangeAction of ARINC
 * 653 part 2) the timer gives the order: no window is open, so nobody runs. At
 * any other time it is given in two steps:
 *
 *  1. the partition is held, as if it were halted, and each thread has to pass
 *     its gate (ps_start_begin())
 *  2. once none of them can be in its guest any more, the order is given and
 *     the partition let go (ps_start_serve(), at once or by the bouncer)
 *
 * or the first vCPU might begin anew, and clear the memory, while another one
 * still writes to it. A thread that was interrupted in user mode may have looked
 * for orders already, and be about to call KVM_RUN: it is not held there, but
 * let go on in its window, and caught in KVM_RUN before the order is given.
 *
 * Who takes an order does so on the CPU of its window, with interrupts off: the
 * timer that opens it, or the thread in its gate when it is open already.
 */
#include <linux/irqflags.h>
#include <linux/ktime.h>
#include <linux/partsched.h>
#include <linux/sched.h>

#include "bouncer.h"
#include "gate.h"
#include "live.h"
#include "lock.h"
#include "mode.h"
#include "start.h"
#include "thread.h"

/* A thread that has to pass its gate mostly has done so after this time. */
#define PS_STOPPING_NS 20000
/* It is looked at again so often for a while, then when somebody parks. */
#define PS_STOPPING_SOON_NS NSEC_PER_MSEC
/* A thread that does not come by in all that time is not waited for. */
#define PS_STOPPING_MAX_NS (2 * NSEC_PER_SEC)

/*
 * An action of a schedule. All CPUs with a first window of the partition come to
 * the same end. As the mode table has it for an operator: nothing is refused.
 */
static void order(struct ps_partition *partition, u32 change, u32 action)
{
	s64 old = atomic64_read(&partition->state);
	struct ps_state state;

	change &= PS_STATE_NUMBER;
	do {
		state = ps_state_unpack(old);
		if (state.change == change)
			return;
		state.change = change;
		if (action == PARTSCHED_CHANGE_IDLE) {
			state.mode = PARTSCHED_MODE_IDLE;
		} else {
			state.cold = action == PARTSCHED_CHANGE_COLD_START;
			state.mode = state.cold ? PARTSCHED_MODE_COLD_START :
						  PARTSCHED_MODE_WARM_START;
			state.condition = PARTSCHED_START_NORMAL;
			state.order = ps_state_next_order(state.order);
		}
		state.requester = PARTSCHED_BY_SCHEDULE;
	} while (!atomic64_try_cmpxchg(&partition->state, &old,
				       (s64)ps_state_pack(&state)));
	if (action != PARTSCHED_CHANGE_IDLE)
		atomic_inc(&partition->nr_starts);
}

static void act(struct ps_thread *thread, u32 action)
{
	WRITE_ONCE(thread->action, action);
	set_bit(PS_ACTED, &thread->flags);
}

/**
 * ps_start_first_window() - a vCPU's first window after a change of schedule
 * @vcpu: the vCPU
 * @thread: its thread
 * @change: number of the change, not 0
 * @action: what the schedule says of the partition, PARTSCHED_CHANGE_*
 *
 * Before the window opens, so that the gate sees what comes of it.
 *
 * Context: hard irq, the window's CPU.
 */
void ps_start_first_window(struct ps_vcpu *vcpu, struct ps_thread *thread,
			   u32 change, u32 action)
{
	if (action == PARTSCHED_CHANGE_IGNORE)
		return;
	order(vcpu->partition, change, action);
	act(thread, action);
	ps_bouncer_kick();
}

/**
 * ps_start_take() - take an order
 * @vcpu: has not taken it yet
 * @thread: its thread
 * @word: the partition's state
 *
 * Also by a vCPU that had no window in the schedule of the order.
 *
 * Context: interrupts off, on the CPU of its window.
 */
void ps_start_take(struct ps_vcpu *vcpu, struct ps_thread *thread, u64 word)
{
	struct ps_state state = ps_state_unpack(word);

	vcpu->start_action = ps_state_action(word);
	WRITE_ONCE(vcpu->start, state.order);
	/* one that has just come has begun by itself */
	if (test_and_clear_bit(PS_FRESH, &thread->flags))
		return;
	clear_bit(PS_DROWSY, &thread->flags);
	set_bit(PS_STARTS, &thread->flags);
	if (state.requester == PARTSCHED_BY_SCHEDULE)
		act(thread, vcpu->start_action);
	set_bit(PS_CALLED, &thread->flags);
	ps_bouncer_kick();
}

/**
 * ps_start_here() - take an order in a window that is open already
 * @thread: current's; it passes the gate
 *
 * Context: the thread's own.
 */
void ps_start_here(struct ps_thread *thread)
{
	struct ps_vcpu *vcpu = thread->vcpu;
	unsigned long irqflags;
	u64 word;

	local_irq_save(irqflags);
	word = ps_state_read(&vcpu->partition->state);
	if (ps_vcpu_open_on(vcpu, raw_smp_processor_id()) &&
	    ps_state_order(word) != vcpu->start) {
		ps_start_take(vcpu, thread, word);
		ps_live_renew(vcpu, word);
	}
	local_irq_restore(irqflags);
}

/**
 * ps_start_midway() - a thread goes on to where an interrupt has kept it from
 * @thread: current's, with PS_MIDWAY; it leaves the gate
 *
 * Context: the thread's own.
 */
void ps_start_midway(struct ps_thread *thread)
{
	if (unlikely(test_bit(PS_HOLD_STOPPING,
			      &thread->vcpu->partition->holds)) &&
	    !ps_thread_is(thread, PS_EXILED)) {
		set_bit(PS_CATCH, &thread->flags);
		ps_gate_watch(thread);
	}
	smp_mb__before_atomic();
	clear_bit(PS_MIDWAY, &thread->flags);
}

/**
 * ps_start_deliver() - have an order to start carried out before the guest runs
 * @thread: current's, with PS_STARTS; it passes the gate
 * @guest: whether it is inside KVM_RUN
 *
 * In user mode the launcher may have looked for orders already, and be on its
 * way to KVM_RUN: the gate has to be passed there again.
 *
 * Context: the thread's own.
 */
void ps_start_deliver(struct ps_thread *thread, bool guest)
{
	if (!guest) {
		ps_gate_watch(thread);
		return;
	}
	clear_bit(PS_STARTS, &thread->flags);
	/* KVM leaves with EINTR, as for a signal, before it enters the guest */
	ps_thread_nudge(thread);
	/* the mode may be NORMAL now */
	ps_bouncer_kick();
}

static struct ps_thread *thread_of(const struct ps_vcpu *vcpu)
{
	ps_assert_locked();
	return rcu_dereference_protected(vcpu->thread, true);
}

/**
 * ps_start_fresh() - a new thread has taken a vCPU's place
 * @thread: the thread, not yet seen by the timers
 *
 * It has begun by itself, so no order that was given before concerns it; and
 * the first one of a partition ends its idleness.
 *
 * Context: ps_mutex held.
 */
void ps_start_fresh(struct ps_thread *thread)
{
	struct ps_partition *partition = thread->vcpu->partition;
	bool alone = true;
	u32 i;

	for (i = 0; i < partition->nr_vcpus; i++)
		if (thread_of(&partition->vcpus[i]))
			alone = false;
	if (ps_start_due(thread->vcpu))
		set_bit(PS_FRESH, &thread->flags);
	if (alone)
		ps_mode_attached(partition);
}

/**
 * ps_start_stop() - have all threads of a partition pass their gates
 * @partition: held by now
 *
 * Who runs, in its guest or in user mode, parks; who sleeps does when it wakes.
 *
 * Context: ps_mutex held.
 */
void ps_start_stop(struct ps_partition *partition)
{
	u32 i;

	/* what holds it first, then whether a gate is queued: see gate.c */
	smp_mb();
	for (i = 0; i < partition->nr_vcpus; i++) {
		struct ps_thread *thread = thread_of(&partition->vcpus[i]);

		if (thread)
			ps_gate_queue(thread);
	}
}

/**
 * ps_start_release() - let those go on whose window is open
 * @partition: held no more
 *
 * Context: ps_mutex held.
 */
void ps_start_release(struct ps_partition *partition)
{
	u32 i;

	/* that first, then who is parked */
	smp_mb();
	for (i = 0; i < partition->nr_vcpus; i++) {
		struct ps_thread *thread = thread_of(&partition->vcpus[i]);

		if (thread && ps_vcpu_open(thread->vcpu))
			ps_gate_wake(thread);
	}
}

/*
 * Whether a thread passes its gate, and looks for orders, before one more
 * instruction of its guest: the work is queued, so who sleeps in the kernel
 * does, and who has come to the gate, but not midway.
 */
static bool is_quiet(const struct ps_thread *thread)
{
	if (!thread || ps_thread_is(thread, PS_EXILED))
		return true;
	if (ps_thread_is(thread, PS_MIDWAY) || ps_thread_is(thread, PS_CATCH))
		return false;
	return ps_thread_is(thread, PS_PARKED) ||
	       (!READ_ONCE(thread->task->on_cpu) &&
		!READ_ONCE(thread->task->on_rq));
}

static bool quiet(const struct ps_partition *partition)
{
	u32 i;

	for (i = 0; i < partition->nr_vcpus; i++)
		if (!is_quiet(thread_of(&partition->vcpus[i])))
			return false;
	return true;
}

/*
 * Whether it is worth while to look at those that are not quiet again very soon:
 * only somebody who has a CPU gets any further. The others, all of them on a
 * machine with one CPU, tell when they have had it: they park, or sleep.
 */
static bool comes_soon(const struct ps_partition *partition)
{
	u32 i;

	for (i = 0; i < partition->nr_vcpus; i++) {
		const struct ps_thread *thread =
			thread_of(&partition->vcpus[i]);

		if (!is_quiet(thread) && READ_ONCE(thread->task->on_cpu))
			return true;
	}
	return false;
}

/*
 * One that sleeps in a halted guest comes to no gate by itself. In its window
 * only: it costs the CPU something.
 */
static void call(struct ps_thread *thread)
{
	if (ps_vcpu_open(thread->vcpu) && ps_thread_is(thread, PS_PLACED) &&
	    !ps_thread_is(thread, PS_EXILED) &&
	    !ps_thread_is(thread, PS_PARKED))
		ps_thread_nudge(thread);
}

/* Nobody is in the former life any more. */
static void give_order(struct ps_partition *partition)
{
	s64 old = atomic64_read(&partition->state);
	struct ps_state state;
	bool starts;
	u32 i;

	do {
		state = ps_state_unpack(old);
		starts = ps_mode_starts(state.mode);
		if (!starts)
			break;
		state.order = ps_state_next_order(state.order);
	} while (!atomic64_try_cmpxchg(&partition->state, &old,
				       (s64)ps_state_pack(&state)));
	clear_bit(PS_HOLD_STOPPING, &partition->holds);
	ps_start_release(partition);
	for (i = 0; starts && i < partition->nr_vcpus; i++) {
		struct ps_thread *thread = thread_of(&partition->vcpus[i]);

		if (thread)
			call(thread);
	}
}

/**
 * ps_start_begun() - whether any vCPU has taken the last order
 * @partition: the partition
 *
 * Context: ps_mutex held.
 */
bool ps_start_begun(const struct ps_partition *partition)
{
	u32 order = ps_state_order(ps_state_read(&partition->state));
	u32 i;

	if (test_bit(PS_HOLD_STOPPING, &partition->holds))
		return false;
	for (i = 0; i < partition->nr_vcpus; i++)
		if (thread_of(&partition->vcpus[i]) &&
		    READ_ONCE(partition->vcpus[i].start) == order)
			return true;
	return false;
}

/* Whether a vCPU's thread has been told of the last order. */
static bool told(const struct ps_vcpu *vcpu, u32 order)
{
	return READ_ONCE(vcpu->start) == order &&
	       !ps_thread_is(thread_of(vcpu), PS_STARTS);
}

/* A start is over when all threads have been told that have windows. */
static void settle(struct ps_partition *partition)
{
	u64 word = ps_state_read(&partition->state);
	struct ps_state state = ps_state_unpack(word);
	bool any = false;
	u32 i;

	if (!ps_mode_starts(state.mode) || partition->traits.initialises)
		return;
	for (i = 0; i < partition->nr_vcpus; i++) {
		const struct ps_vcpu *vcpu = &partition->vcpus[i];

		if (!thread_of(vcpu) || ps_vcpu_cpu(vcpu) < 0)
			continue;
		if (!told(vcpu, state.order))
			return;
		any = true;
	}
	if (!any)
		return;
	state.mode = PARTSCHED_MODE_NORMAL;
	/* a timer may have brought another order: next time */
	atomic64_cmpxchg(&partition->state, (s64)word,
			 (s64)ps_state_pack(&state));
}

/**
 * ps_start_serve() - see to starts that were begun
 * @partition: the partition
 *
 * Context: ps_mutex held.
 * Return: whether it is to be looked at again very soon.
 */
bool ps_start_serve(struct ps_partition *partition)
{
	bool stopping = test_bit(PS_HOLD_STOPPING, &partition->holds);
	u64 since_ns = 0;

	if (unlikely(stopping)) {
		since_ns = ktime_get_ns() - partition->stopping_ns;
		if (quiet(partition) || since_ns > PS_STOPPING_MAX_NS) {
			give_order(partition);
			stopping = false;
		}
	}
	if (!stopping)
		settle(partition);
	ps_mode_tell(partition);
	return stopping && since_ns < PS_STOPPING_SOON_NS &&
	       comes_soon(partition);
}

/**
 * ps_start_begin() - have a partition start
 * @partition: in COLD_START or WARM_START by now, and PS_HOLD_STOPPING
 *
 * Context: ps_mutex held.
 */
void ps_start_begin(struct ps_partition *partition)
{
	partition->stopping_ns = ktime_get_ns();
	atomic_inc(&partition->nr_starts);
	ps_start_stop(partition);
	/* who is midway in an open window is to go on */
	ps_start_release(partition);
	while (comes_soon(partition) &&
	       ktime_get_ns() - partition->stopping_ns < PS_STOPPING_NS)
		cpu_relax();
	if (ps_start_serve(partition))
		ps_bouncer_kick();
}

/**
 * ps_start_call() - wake a thread that sleeps too deep to come for its order
 * @thread: the thread
 *
 * One that has gone to sleep in KVM_RUN after it has taken the order has not
 * been to its gate there, but leaves KVM_RUN now: that is all there is to do.
 *
 * Context: ps_mutex held.
 */
void ps_start_call(struct ps_thread *thread)
{
	ps_assert_locked();
	/* the timer that opens its next window sees to it that it is looked at */
	if (likely(!ps_thread_is(thread, PS_STARTS)) ||
	    ps_thread_is(thread, PS_EXILED) || !ps_vcpu_open(thread->vcpu))
		return;
	if (test_and_clear_bit(PS_DROWSY, &thread->flags)) {
		clear_bit(PS_STARTS, &thread->flags);
		ps_thread_nudge(thread);
	} else if (test_and_clear_bit(PS_CALLED, &thread->flags)) {
		call(thread);
	}
}

/**
 * ps_start_tell() - an action of a schedule that has not been told of
 * @thread: the thread
 *
 * Context: ps_mutex held.
 * Return: enum partsched_change_action, PARTSCHED_CHANGE_IGNORE: none.
 */
u32 ps_start_tell(struct ps_thread *thread)
{
	ps_assert_locked();
	if (!test_and_clear_bit(PS_ACTED, &thread->flags))
		return PARTSCHED_CHANGE_IGNORE;
	return READ_ONCE(thread->action);
}

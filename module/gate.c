// SPDX-License-Identifier: GPL-2.0
/*
 * The gate: where a vCPU thread waits for its window.
 *
 * A vCPU thread enters its guest only through KVM's "work before guest entry"
 * point (xfer_to_guest_mode_handle_work()) and returns to user space only
 * through the exit-to-user loop; both run pending task work. A task work
 * queued by the frame timer is therefore passed before one more instruction
 * of the guest or of its launcher, and this one sleeps until the window opens.
 *
 * This file is all there is of the mechanism that stops a thread; the other
 * files only decide when.
 *
 * Never lost: the gate clears its queued bit, then (full barrier) tests the
 * window; the timer moves the window, then (full barrier) tests the bit. One
 * of the two sees the other. Likewise for parking: the gate sets PS_PARKED and
 * its sleep state, then tests; the timer moves the window, then tests
 * PS_PARKED and wakes.
 */
#include <linux/hrtimer.h>
#include <linux/sched.h>
#include <linux/sched/signal.h>
#include <linux/sched/task_stack.h>
#include <linux/task_work.h>

#include <asm/syscall.h>

#include "band.h"
#include "bouncer.h"
#include "compat/task_work.h"
#include "frame.h"
#include "gate.h"
#include "guard.h"
#include "kick.h"
#include "start.h"
#include "thread.h"
#include "trace.h"

/* How often a thread that is watched is looked for before a guest entry. */
#define PS_RECHECK_NS 20000

enum verdict {
	PASS,		/* go on */
	HOLD,		/* sleep; a fatal signal wakes */
	HOLD_DYING,	/* sleep until the bouncer has moved us away to die */
};

static enum verdict gate_verdict(struct ps_thread *thread)
{
	/*
	 * exit_task_work() runs after the signals are gone: nobody could kill
	 * a thread that parked there.
	 */
	if (current->flags & PF_EXITING)
		return PASS;
	if (ps_thread_is(thread, PS_EXILED)) {
		if (ps_thread_is(thread, PS_LEAVING) || signal_pending(current) ||
		    !ps_thread_in_kvm_run(thread))
			return PASS;
		/* about to enter the guest on a CPU that is not its own */
		set_bit(PS_RECALL, &thread->flags);
		return HOLD;
	}
	if (!ps_thread_is(thread, PS_PLACED))
		return fatal_signal_pending(current) ? PASS : HOLD;
	/* a window on another CPU is none: the bouncer moves us there first */
	if (ps_vcpu_open_on(thread->vcpu, raw_smp_processor_id()) &&
	    (!ps_start_held(thread->vcpu) ||
	     (ps_thread_is(thread, PS_MIDWAY) &&
	      ps_start_stopping(thread->vcpu))))
		return PASS;
	if (ps_thread_is(thread, PS_LEAVING) || fatal_signal_pending(current))
		return HOLD_DYING;
	return HOLD;
}

/* Whether the bouncer has something to do that waits for this thread to park. */
static bool bouncer_waits(const struct ps_thread *thread)
{
	return !ps_thread_is(thread, PS_PLACED) ||
	       ps_thread_is(thread, PS_RECALL) ||
	       ps_thread_is(thread, PS_DEMOTED) || ps_thread_moves(thread) ||
	       /* midway it is not where a start could be ordered */
	       (ps_start_stopping(thread->vcpu) &&
		!ps_thread_is(thread, PS_MIDWAY));
}

/*
 * Note where a thread was on its way to. One that an interrupt has brought here
 * from user mode may have looked for orders already, and be about to enter the
 * guest; who comes from a system call is not.
 */
static void note_way(struct ps_thread *thread, bool guest)
{
	if (!guest && syscall_get_nr(current, task_pt_regs(current)) < 0)
		set_bit(PS_MIDWAY, &thread->flags);
	else if (unlikely(ps_thread_is(thread, PS_CATCH)))
		clear_bit(PS_CATCH, &thread->flags);
}

/* What KVM tells a guest as steal time: see kvm_steal_time, record_steal_time(). */
static u64 told_ns(void)
{
#ifdef CONFIG_SCHED_INFO
	return current->sched_info.run_delay;
#else
	return 0;
#endif
}

/*
 * Sleep, and say for how long: by the notifiers' own times, so that no clock is
 * read on this path. Somebody may have woken us before we slept, and what we
 * waited for others once we were woken the scheduler tells by itself.
 */
static u64 sleep_here(const struct ps_thread *thread)
{
	u64 before_ns = thread->slept_ns, told = told_ns(), slept_ns;

	schedule();
	if (thread->slept_ns == before_ns)
		return 0;
	slept_ns = thread->woke_ns - thread->slept_ns;
	told = told_ns() - told;
	return slept_ns > told ? slept_ns - told : 0;
}

/*
 * Tell the guest, as steal time, what it spent here: run_delay does not move for
 * a thread that sleeps.
 */
static void credit_steal(struct ps_thread *thread, u64 parked_ns)
{
	ps_count(&thread->vcpu->stats.steal_ns, parked_ns);
#ifdef CONFIG_SCHED_INFO
	preempt_disable();
	current->sched_info.run_delay += parked_ns;
	preempt_enable();
#endif
}

/**
 * ps_gate_hold() - wait, if the plan says so, until it says otherwise
 * @thread: current's
 *
 * Context: the thread's own, may sleep; KVM's vcpu->mutex may be held, but no
 * SRCU section of KVM's is (it leaves kvm->srcu before its entry work).
 */
void ps_gate_hold(struct ps_thread *thread)
{
	struct ps_vcpu *vcpu = thread->vcpu;
	bool guest = ps_thread_in_kvm_run(thread);
	bool parked = false, open;
	u64 steal_ns = 0, window, open_ns;

	if (guest && !ps_thread_is(thread, PS_CONFIRMED))
		set_bit(PS_CONFIRMED, &thread->flags);
	if (unlikely(ps_thread_is(thread, PS_LOWERED)) &&
	    !ps_vcpu_open_on(vcpu, raw_smp_processor_id()))
		ps_band_return(thread);

	note_way(thread, guest);
	for (;;) {
		/*
		 * Not RUNNING before the flag, so that a waker who sees the
		 * flag also finds a state that it can change.
		 */
		enum verdict verdict;

		set_bit(PS_PARKED, &thread->flags);
		/*
		 * KILLABLE: a SIGKILL must not wait for the window. NOLOAD: a
		 * closed partition is no load. FREEZABLE_UNSAFE: suspend may
		 * freeze us although KVM holds vcpu->mutex; nobody who takes
		 * it is needed for the thaw. Full barrier: see above.
		 */
		set_current_state(TASK_KILLABLE | TASK_NOLOAD |
				  TASK_FREEZABLE_UNSAFE);
		verdict = gate_verdict(thread);
		if (verdict == PASS)
			break;
		if (!parked) {
			parked = true;
			trace_gate(vcpu, thread->tid, guest);
		}
		if (verdict == HOLD_DYING) {
			set_current_state(TASK_UNINTERRUPTIBLE | TASK_NOLOAD |
					  TASK_FREEZABLE_UNSAFE);
			if (gate_verdict(thread) != HOLD_DYING)
				continue;
			ps_bouncer_kick();
		} else if (bouncer_waits(thread)) {
			ps_bouncer_kick();
		}
		steal_ns += sleep_here(thread);
	}
	__set_current_state(TASK_RUNNING);
	if (unlikely(ps_thread_is(thread, PS_MIDWAY)))
		ps_start_midway(thread);
	clear_bit(PS_PARKED, &thread->flags);
	/* the window, as the verdict saw it, then the kicks: see kick.c */
	smp_mb__after_atomic();

	/* the state first: the instant is written before it */
	window = atomic64_read_acquire(&vcpu->window);
	open_ns = READ_ONCE(vcpu->open_ns);
	open = ps_window_open_on(window, raw_smp_processor_id());
	/*
	 * Woken long before it: the window has been another one meanwhile. And
	 * who shares it waited for the one before. And one that was halted waited
	 * for the operator.
	 */
	if (parked && open && !READ_ONCE(vcpu->place) &&
	    ps_thread_is(thread, PS_PLACED) &&
	    likely(!ps_thread_is(thread, PS_OVERSLEPT)) &&
	    thread->slept_ns < open_ns &&
	    thread->woke_ns + PARTSCHED_MAX_GUARD_NS >= open_ns) {
		u64 latency_ns = thread->woke_ns > open_ns ?
			thread->woke_ns - open_ns : 0;

		ps_extent_add(&vcpu->stats.open_latency, latency_ns);
		trace_release(vcpu, thread->tid, latency_ns);
	}
	if (unlikely(ps_thread_is(thread, PS_OVERSLEPT)))
		clear_bit(PS_OVERSLEPT, &thread->flags);
	if (unlikely(open && ps_start_due(vcpu)) &&
	    !ps_thread_is(thread, PS_EXILED))
		ps_start_here(thread);
	if (unlikely(ps_thread_is(thread, PS_STARTS) && open))
		ps_start_deliver(thread, guest);
	/* with a guard ahead of the edge, but the guest waits for it */
	if (unlikely(open && ps_kick_due(vcpu)) &&
	    !ps_thread_is(thread, PS_EXILED))
		ps_kick_deliver(vcpu->partition);
	if (ps_thread_is(thread, PS_EXILED))
		ps_gate_watch(thread);
	else if (unlikely(ps_band_suspects(thread)) && open)
		ps_band_lower(thread);
	if (ps_guard_armed() && open && !ps_thread_is(thread, PS_EXILED))
		steal_ns += ps_guard_wait(thread, open_ns, guest, parked);
	if (guest && steal_ns)
		credit_steal(thread, steal_ns);
}

/**
 * ps_gate() - the task work
 * @work: &struct ps_thread.gate_work
 *
 * Context: the thread's own, on its way to the guest or to user space, or
 * dying.
 */
void ps_gate(struct callback_head *work)
{
	struct ps_thread *thread = container_of(work, struct ps_thread,
						gate_work);

	clear_bit(PS_GATE_QUEUED, &thread->flags);
	smp_mb__after_atomic();
	if (!ps_thread_is(thread, PS_LEFT))
		ps_gate_hold(thread);
	ps_thread_put(thread);
}

/**
 * ps_gate_queue() - make a thread pass the gate before its next instruction
 * @thread: the thread
 *
 * Does not wake a thread that sleeps: it passes the gate when it wakes up.
 *
 * Context: any, hard irq included; under RCU, or with a reference.
 * Return: false if the thread is past its last task work.
 */
bool ps_gate_queue(struct ps_thread *thread)
{
	if (test_and_set_bit(PS_GATE_QUEUED, &thread->flags))
		return true;
	/* a timer may have loaded the pointer just before the last put */
	if (!refcount_inc_not_zero(&thread->refs))
		return false;
	if (!task_work_add(thread->task, &thread->gate_work,
			   PS_TWA_RESUME_NOALLOC))
		return true;
	ps_thread_put(thread);
	return false;
}

/**
 * ps_gate_wake() - wake a thread if it is parked
 * @thread: the thread; the window or flag that lets it pass is already set,
 *	and a full barrier stands in between
 *
 * Context: any, hard irq included.
 * Return: whether it was parked.
 */
bool ps_gate_wake(struct ps_thread *thread)
{
	if (!ps_thread_is(thread, PS_PARKED))
		return false;
	/*
	 * One that runs, or has been woken and is about to, sets its state and
	 * then, after a full barrier, looks whether it may pass: it will see
	 * what was set for it. That saves the timer the task's lock.
	 */
	if (READ_ONCE(thread->task->__state) != TASK_RUNNING)
		wake_up_process(thread->task);
	return true;
}

/**
 * ps_gate_watch() - watch an exiled thread for its way back into the guest
 * @thread: current's
 *
 * An exiled thread passes the gate on its way to user space, where its signal
 * is handled, and nothing of the kernel's marks its next KVM_RUN. So the gate
 * is queued again by a timer, over and over while the thread runs, until it is
 * passed inside KVM_RUN, where the thread parks and asks to be recalled.
 *
 * Context: the thread's own, also from its sched_in notifier.
 */
void ps_gate_watch(struct ps_thread *thread)
{
	if (!ps_thread_is(thread, PS_LEAVING))
		hrtimer_start(&thread->recheck, ns_to_ktime(PS_RECHECK_NS),
			      HRTIMER_MODE_REL_PINNED_HARD);
}

/**
 * ps_gate_recheck() - the timer of ps_gate_watch()
 * @timer: &struct ps_thread.recheck
 *
 * Context: hard irq, on the CPU that the thread was on.
 */
enum hrtimer_restart ps_gate_recheck(struct hrtimer *timer)
{
	struct ps_thread *thread = container_of(timer, struct ps_thread,
						recheck);

	if (!ps_thread_watched(thread) ||
	    ps_thread_is(thread, PS_LEAVING) || !READ_ONCE(thread->on_ns))
		return HRTIMER_NORESTART;
	if (!ps_gate_queue(thread))
		return HRTIMER_NORESTART;
	hrtimer_forward_now(timer, ns_to_ktime(PS_RECHECK_NS));
	return HRTIMER_RESTART;
}

// SPDX-License-Identifier: GPL-2.0
/*
 * Turns: vCPUs that share a window at one rank, of a partition with a quantum,
 * run one after the other, each for a quantum.
 *
 * A timer of the CPU runs while such a thread does. When it fires it queues a
 * task work, like the gate's, which the thread passes before one more
 * instruction of its guest; and that yields, which puts the thread behind its
 * equals. It goes off the CPU by itself and runnable, so KVM tells its guest
 * that it was preempted. Who is preempted by a higher rank keeps its place and
 * the rest of its turn; who sleeps gives it up.
 *
 * A turn costs about what the switch between two windows does. Where that is more
 * than a quantum, on a host that is slow for whatever reason, nobody would ever
 * get to an instruction of its own: so turns that end in the kernel, one after
 * the other, grow.
 */
#include <linux/hrtimer.h>
#include <linux/ktime.h>
#include <linux/percpu.h>
#include <linux/sched.h>
#include <linux/smp.h>
#include <linux/task_work.h>
#include <linux/timekeeping.h>

#include <asm/irq_regs.h>

#include "compat/hrtimer.h"
#include "compat/task_work.h"
#include "guard.h"
#include "thread.h"
#include "turn.h"

/* The rest of a turn is not shorter: the timer has to be armed before it. */
#define PS_MIN_REST_NS 2000

/* A turn is not longer than the quantum times two to the power of this. */
#define PS_MAX_SHIFT 6

/**
 * struct turn - the turn on a CPU
 * @timer: ends it
 * @thread: whose it is
 */
struct turn {
	struct hrtimer timer;
	struct ps_thread *thread;
};

static DEFINE_PER_CPU(struct turn, turns);

/*
 * Count the turns that have ended in the kernel. One says nothing: the thread may
 * have been in its guest before.
 */
static void note_place(struct ps_thread *thread)
{
	if ((current->flags & PF_VCPU) || user_mode(get_irq_regs()))
		thread->turn_in_kernel = 0;
	else if (thread->turn_in_kernel <= PS_MAX_SHIFT)
		thread->turn_in_kernel++;
}

static enum hrtimer_restart turn_over(struct hrtimer *timer)
{
	struct turn *turn = container_of(timer, struct turn, timer);
	struct ps_thread *thread = READ_ONCE(turn->thread);

	/*
	 * The timer is stopped when the thread leaves the CPU, so it is there;
	 * unless the kernel has moved the timer of a CPU that dies.
	 */
	if (!thread || thread->task != current ||
	    test_and_set_bit(PS_TURN_QUEUED, &thread->flags))
		return HRTIMER_NORESTART;
	note_place(thread);
	thread->turn_window = atomic64_read(&thread->vcpu->window);
	if (refcount_inc_not_zero(&thread->refs) &&
	    task_work_add(thread->task, &thread->turn_work,
			  PS_TWA_RESUME_NOALLOC))
		ps_thread_put(thread);
	return HRTIMER_NORESTART;
}

/**
 * ps_turn() - the task work
 * @work: &struct ps_thread.turn_work
 *
 * Context: the thread's own, on its way to the guest or to user space, or
 * dying.
 */
void ps_turn(struct callback_head *work)
{
	struct ps_thread *thread = container_of(work, struct ps_thread,
						turn_work);

	clear_bit(PS_TURN_QUEUED, &thread->flags);
	/* what was left over from another window has been paid by its end */
	if (!(current->flags & PF_EXITING) &&
	    thread->turn_window == atomic64_read(&thread->vcpu->window)) {
		yield();
		/* nobody else was ready, so no notifier has begun the next one */
		preempt_disable();
		if (!ps_thread_is(thread, PS_LEFT))
			ps_turn_begin(thread);
		preempt_enable();
	}
	ps_thread_put(thread);
}

/**
 * ps_turn_begin() - let a turn run, or what is left of it
 * @thread: current's
 *
 * Does nothing for one that has its window alone, or none on this CPU.
 *
 * Context: hard irq, or process with preemption off.
 */
void ps_turn_begin(struct ps_thread *thread)
{
	struct turn *turn = this_cpu_ptr(&turns);
	u64 quantum_ns = READ_ONCE(thread->vcpu->quantum_ns);
	u64 left_ns = thread->turn_left_ns;
	u64 now_ns, open_ns;

	if (!quantum_ns || READ_ONCE(thread->vcpu->crowd) < 2 ||
	    !ps_vcpu_open_on(thread->vcpu, smp_processor_id()))
		return;
	thread->turn_left_ns = 0;
	if (unlikely(thread->turn_in_kernel > 1))
		quantum_ns <<= thread->turn_in_kernel - 1;
	if (!left_ns || left_ns > quantum_ns)
		left_ns = quantum_ns;
	/* the wait for a guarded edge may be longer than a turn, and is none */
	if (ps_guard_armed()) {
		now_ns = ktime_get_mono_fast_ns();
		open_ns = READ_ONCE(thread->vcpu->open_ns);
		if (now_ns < open_ns)
			left_ns += open_ns - now_ns;
	}
	WRITE_ONCE(turn->thread, thread);
	hrtimer_start(&turn->timer, ns_to_ktime(max_t(u64, left_ns,
						      PS_MIN_REST_NS)),
		      HRTIMER_MODE_REL_PINNED_HARD);
}

/* Stop the timer; what is left of the turn is kept. */
static void stop(struct turn *turn)
{
	struct ps_thread *thread = READ_ONCE(turn->thread);
	s64 left_ns;

	if (!thread || !hrtimer_active(&turn->timer))
		return;
	left_ns = ktime_to_ns(hrtimer_get_remaining(&turn->timer));
	if (hrtimer_try_to_cancel(&turn->timer) > 0)
		thread->turn_left_ns = max_t(s64, left_ns, 1);
}

/**
 * ps_turn_end() - a thread leaves the CPU
 * @thread: current's
 * @ready: it is preempted, or yields; otherwise it sleeps, and its turn is over
 *
 * Context: interrupts off, the run queue's lock may be held.
 */
void ps_turn_end(struct ps_thread *thread, bool ready)
{
	struct turn *turn = this_cpu_ptr(&turns);

	if (READ_ONCE(turn->thread) == thread)
		stop(turn);
	if (!ready)
		thread->turn_left_ns = 0;
}

/**
 * ps_turn_pause() - stop the turn on this CPU, if there is one: its window
 *	closes, or its thread leaves
 *
 * Context: preemption off.
 */
void ps_turn_pause(void)
{
	unsigned long irqflags;

	local_irq_save(irqflags);
	stop(this_cpu_ptr(&turns));
	local_irq_restore(irqflags);
}

/**
 * ps_turn_forget() - drop all CPUs' last pointers to a thread
 * @thread: gone from its vCPU for an RCU grace period
 *
 * Context: process, may sleep.
 */
void ps_turn_forget(struct ps_thread *thread)
{
	int cpu;

	for_each_possible_cpu(cpu) {
		struct turn *turn = per_cpu_ptr(&turns, cpu);

		if (cmpxchg(&turn->thread, thread, NULL) == thread)
			hrtimer_cancel(&turn->timer);
	}
}

/**
 * ps_turn_init() - prepare all CPUs' timers
 */
void ps_turn_init(void)
{
	int cpu;

	for_each_possible_cpu(cpu)
		hrtimer_setup(&per_cpu_ptr(&turns, cpu)->timer, turn_over,
			      CLOCK_MONOTONIC, HRTIMER_MODE_REL_PINNED_HARD);
}

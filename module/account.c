// SPDX-License-Identifier: GPL-2.0
/*
 * Whose time it was: accounting of attached threads by preempt notifiers.
 *
 * A thread's time on a CPU is cut at the planned edges by the frame timer and
 * at context switches by the notifiers, so each piece lies wholly inside or
 * wholly outside a window. The timer runs on the CPU that the thread is pinned
 * to, and the notifiers with interrupts off there: one writer at a time. A
 * thread that is exiled, or has not been moved to its window's CPU yet, is on
 * another one, and its time there is all outside.
 *
 * KVM's own notifier may run before or after this one, so the costs of loading
 * and putting a vCPU may fall on either side of a cut.
 */
#include <linux/irq_work.h>
#include <linux/ktime.h>
#include <linux/sched.h>
#include <linux/sched/clock.h>
#include <linux/timekeeping.h>

#include "account.h"
#include "bouncer.h"
#include "gate.h"
#include "grace.h"
#include "guard.h"
#include "kick.h"
#include "start.h"
#include "thread.h"
#include "turn.h"

static u64 after(u64 t, u64 from)
{
	return t > from ? t - from : 0;
}

/*
 * Another task had the CPU in the thread's window, who is known: what the
 * scheduler went on to. Never on the path of a switch that is planned.
 */
static void add_theft(struct ps_thread *thread, u64 ns)
{
	struct ps_vcpu *vcpu = thread->vcpu;
	struct ps_stats *stats = &vcpu->stats;

	/* after the planned end, before a timer that was late: not its window */
	if (!ns)
		return;
	ps_count(&stats->theft_ns, ns);
	ps_count(&stats->preempted, 1);
	if (ns > stats->preempted_max_ns)
		WRITE_ONCE(stats->preempted_max_ns, ns);
	memcpy(vcpu->preemptor, thread->next_comm, sizeof(vcpu->preemptor));
	WRITE_ONCE(vcpu->preemptor_pid, thread->next_pid);
	if (thread->next_foreign)
		ps_count(&thread->foreign, 1);
}

/* Time that a thread was ready in its open window, and another one ran. */
static void add_ready(struct ps_thread *thread, u64 ns)
{
	struct ps_vcpu *vcpu = thread->vcpu;

	if (READ_ONCE(vcpu->crowd) > 1)
		ps_count(&vcpu->stats.ready_ns, ns);
	else
		add_theft(thread, ns);
}

/*
 * How long all in all a thread has been runnable and not on a CPU, as the
 * scheduler has it up to its last coming onto one.
 */
static u64 delay_ns(const struct task_struct *task)
{
#ifdef CONFIG_SCHED_INFO
	return task->sched_info.run_delay;
#else
	return 0;
#endif
}

/*
 * Since when a thread that is in the run queue of this CPU has been there, 0 if
 * it is not. One that was woken passes no notifier until it runs.
 */
static u64 queued_since(const struct ps_thread *thread, u64 now_ns)
{
#ifdef CONFIG_SCHED_INFO
	u64 queued_ns = READ_ONCE(thread->task->sched_info.last_queued);

	if (queued_ns && READ_ONCE(thread->task->on_rq))
		return now_ns - min(now_ns, after(local_clock(), queued_ns));
#endif
	return 0;
}

/* One that is off the CPU when its window closes, and maybe ready. */
static noinline void account_ready_edge(struct ps_thread *thread, u64 edge_ns)
{
	struct ps_vcpu *vcpu = thread->vcpu;

	if (!thread->off_ns)
		WRITE_ONCE(thread->off_ns, queued_since(thread, edge_ns));
	if (!thread->off_ns)
		return;
	add_ready(thread, after(edge_ns, max(thread->off_ns,
					   READ_ONCE(vcpu->open_ns))));
	WRITE_ONCE(thread->off_ns, edge_ns);
}

/**
 * ps_account_edge() - cut a thread's time at a planned edge
 * @thread: the thread whose window opens or closes
 * @edge_ns: the planned edge
 * @opens: whether it opens
 *
 * Context: hard irq, on the thread's CPU, before the window state moves.
 */
void ps_account_edge(struct ps_thread *thread, u64 edge_ns, bool opens)
{
	struct ps_stats *stats = &thread->vcpu->stats;

	if (ps_thread_is(thread, PS_EXILED))
		return;
	if (opens) {
		if (thread->on_ns) {
			ps_count(&stats->outside_ns,
				 after(edge_ns, thread->on_ns));
			thread->on_ns = edge_ns;
			thread->overrun_edge_ns = 0;
		}
		/* since the window before it: by whoever had that, on its way out */
		if (thread->off_ns) {
			WRITE_ONCE(thread->off_ns, edge_ns);
			thread->next_foreign = false;
		}
		return;
	}
	if (thread->on_ns) {
		ps_count(&stats->inside_ns, after(edge_ns, thread->on_ns));
		thread->on_ns = max(edge_ns, thread->on_ns);
		thread->overrun_edge_ns = edge_ns;
	} else if (unlikely(thread->off_ns ||
			    READ_ONCE(thread->vcpu->crowd) > 1)) {
		account_ready_edge(thread, edge_ns);
	}
}

/* A thread that comes onto the CPU of its open window: what it waited there. */
static noinline void account_wait(struct ps_thread *thread, u64 now_ns)
{
	struct ps_vcpu *vcpu = thread->vcpu;
	u64 since_ns = thread->off_ns;

	/* one that has been woken waits for others, or not */
	if (!since_ns)
		since_ns = now_ns - min(now_ns, delay_ns(current) -
					thread->delay_ns);
	add_ready(thread, after(now_ns,
			      max(since_ns, READ_ONCE(vcpu->open_ns))));
}

static void account_on(struct preempt_notifier *notifier, int cpu)
{
	struct ps_thread *thread = container_of(notifier, struct ps_thread,
						notifier);
	struct ps_vcpu *vcpu = thread->vcpu;
	unsigned long irqflags;
	bool open;
	u64 now_ns;

	local_irq_save(irqflags);
	now_ns = ktime_get_mono_fast_ns();
	if (unlikely(thread->off_ns || READ_ONCE(vcpu->crowd) > 1) &&
	    ps_vcpu_open_on(vcpu, cpu))
		account_wait(thread, now_ns);
	WRITE_ONCE(thread->off_ns, 0);
	thread->woke_ns = now_ns;
	/* what it waits for a guarded edge is neither inside nor outside */
	if (ps_guard_armed() && ps_vcpu_open_on(vcpu, cpu))
		now_ns = max(now_ns, READ_ONCE(vcpu->open_ns));
	WRITE_ONCE(thread->on_ns, now_ns);
	local_irq_restore(irqflags);

	if (current->flags & PF_EXITING)
		return;
	if (unlikely(ps_thread_watched(thread)))
		ps_gate_watch(thread);
	if (ps_thread_is(thread, PS_EXILED))
		return;
	if (unlikely(current->mm != thread->mm)) {
		/* execve(): KVM's files are closed, the bouncer sees it, too */
		ps_bouncer_kick();
		return;
	}
	if (!ps_thread_is(thread, PS_PLACED))
		return;
	/*
	 * However it came here: not one instruction more of the guest's without
	 * a window that is open on this CPU. The bouncer may have been held up
	 * for so long that it brings the thread where its window was.
	 */
	open = ps_vcpu_open_on(vcpu, cpu);
	if (unlikely(!open))
		ps_gate_queue(thread);
	/*
	 * The bouncer changes the mask before it says so. One that has never
	 * had a window may be anywhere.
	 */
	if (unlikely(!ps_thread_lives_on(thread, cpu) &&
		     !ps_thread_lives_on(thread, -1) &&
		     cpu != ps_vcpu_cpu(vcpu))) {
		if (!test_and_set_bit(PS_STRAY, &thread->flags))
			ps_bouncer_kick();
		return;
	}
	/*
	 * A closed thread that runs is one that woke up outside its window: it
	 * has to reach the gate, which from a halted guest is a short way. If
	 * it is not parked when the grace is over, it goes below the band.
	 */
	if (!open) {
		if (!ps_thread_is(thread, PS_PARKED))
			ps_grace_watch(thread);
	} else if (unlikely(READ_ONCE(vcpu->quantum_ns))) {
		ps_turn_begin(thread);
	}
}

static void account_off(struct preempt_notifier *notifier,
			struct task_struct *next)
{
	struct ps_thread *thread = container_of(notifier, struct ps_thread,
						notifier);
	struct ps_vcpu *vcpu = thread->vcpu;
	u64 now_ns = ktime_get_mono_fast_ns();
	unsigned int state = READ_ONCE(current->__state);
	bool open = ps_vcpu_open_on(vcpu, raw_smp_processor_id());

	if (thread->on_ns) {
		u64 ran_ns = after(now_ns, thread->on_ns);

		if (open && !ps_thread_is(thread, PS_EXILED))
			ps_count(&vcpu->stats.inside_ns, ran_ns);
		else
			ps_count(&vcpu->stats.outside_ns, ran_ns);
		WRITE_ONCE(thread->on_ns, 0);
	}
	if (thread->overrun_edge_ns) {
		/* a guard has closed it before the edge that it was cut at */
		if (now_ns < thread->overrun_edge_ns)
			ps_count(&vcpu->stats.inside_ns,
				 now_ns - thread->overrun_edge_ns);
		ps_extent_add(&vcpu->stats.close_overrun,
			      after(now_ns, thread->overrun_edge_ns));
		thread->overrun_edge_ns = 0;
	}
	if (unlikely(READ_ONCE(vcpu->rank))) {
		ps_turn_end(thread, state == TASK_RUNNING);
		thread->delay_ns = delay_ns(current);
	}
	if (state == TASK_RUNNING) {
		WRITE_ONCE(thread->off_ns, now_ns);
		memcpy(thread->next_comm, next->comm,
		       sizeof(thread->next_comm));
		thread->next_comm[TASK_COMM_LEN - 1] = '\0';
		thread->next_pid = next->pid;
		thread->next_foreign = !(next->flags & PF_KTHREAD);
		/* whoever opened has preempted it: it can be moved as it is */
		if (unlikely(!open && ps_thread_moves(thread) &&
			     ps_thread_is(thread, PS_PLACED) &&
			     !ps_thread_is(thread, PS_EXILED)))
			ps_bouncer_kick_atomic();
	} else {
		thread->slept_ns = now_ns;
		/* in a halted guest: nothing holds it in exile any more */
		if (unlikely(ps_thread_is(thread, PS_EXILED) &&
			     !ps_thread_is(thread, PS_PARKED) &&
			     !ps_thread_is(thread, PS_LEAVING) &&
			     state != TASK_DEAD && ps_thread_in_kvm_run(thread))) {
			set_bit(PS_RECALL, &thread->flags);
			ps_bouncer_kick_atomic();
		}
		/* likewise, and has maybe not looked for its order */
		if (unlikely(ps_thread_is(thread, PS_STARTS)) &&
		    !ps_thread_is(thread, PS_PARKED) &&
		    ps_thread_in_kvm_run(thread)) {
			set_bit(PS_DROWSY, &thread->flags);
			ps_bouncer_kick_atomic();
		}
		/* asleep elsewhere than in the gate: an order may wait for it */
		if (unlikely(!ps_thread_is(thread, PS_PARKED)) &&
		    unlikely(ps_start_stopping(vcpu)))
			ps_bouncer_kick_atomic();
		/* in a halted guest, and has not seen what is due */
		if (unlikely(open && ps_kick_due(vcpu)) &&
		    !ps_thread_is(thread, PS_PARKED) &&
		    !ps_thread_is(thread, PS_EXILED))
			ps_bouncer_kick_atomic();
		/* asleep elsewhere than in the gate, which tells by itself */
		if (unlikely(ps_thread_moves(thread) &&
			     ps_thread_is(thread, PS_PLACED) &&
			     !ps_thread_is(thread, PS_PARKED) &&
			     !ps_thread_is(thread, PS_EXILED)))
			ps_bouncer_kick_atomic();
	}
	if (unlikely(state == TASK_DEAD)) {
		set_bit(PS_DEAD, &thread->flags);
		/* rq lock held: the bouncer can only be woken from an irq */
		ps_bouncer_kick_atomic();
	}
}

/* @sched_in: irqs on, preemption off; @sched_out: rq lock held, irqs off */
struct preempt_ops ps_account_ops = {
	.sched_in = account_on,
	.sched_out = account_off,
};

/**
 * ps_account_start() - begin to account for the thread that runs here
 * @thread: current's
 *
 * Context: preemption off.
 */
void ps_account_start(struct ps_thread *thread)
{
	WRITE_ONCE(thread->on_ns, ktime_get_mono_fast_ns());
	thread->off_ns = 0;
	thread->delay_ns = delay_ns(current);
	thread->slept_ns = thread->on_ns;
	thread->woke_ns = thread->on_ns;
	thread->overrun_edge_ns = 0;
	/* that of no window */
	thread->overrun_open_ns = U64_MAX;
}

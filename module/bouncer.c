// SPDX-License-Identifier: GPL-2.0
/*
 * The bouncer: one kernel thread on the housekeeping CPUs that does to vCPU
 * threads, from outside, all that may sleep: masks and priorities, exile and
 * recall, arrivals that are pending, departures, events.
 *
 * It is SCHED_FIFO above the open band, so that on a machine with one CPU, or
 * where every CPU has windows, it still gets its turn; it works in bounded
 * steps and then sleeps. Nothing of it runs on the system's workqueues, which
 * may sit on a planned CPU behind a guest.
 */
#include <linux/hrtimer.h>
#include <linux/irq_work.h>
#include <linux/kthread.h>
#include <linux/ktime.h>
#include <linux/sched.h>
#include <linux/sched/signal.h>
#include <linux/timekeeping.h>
#include <uapi/linux/sched/types.h>

#include "band.h"
#include "bouncer.h"
#include "children.h"
#include "event.h"
#include "frame.h"
#include "gate.h"
#include "health.h"
#include "housekeeping.h"
#include "kick.h"
#include "level.h"
#include "lock.h"
#include "mode.h"
#include "param.h"
#include "plan.h"
#include "start.h"
#include "thread.h"
#include "trace.h"

#define PS_BOUNCER_PRIORITY 98

/* Not more often than this where the bouncer takes its time from windows. */
#define PS_SHARED_POLL_MS 50u

/* A thread that says it parks is asleep within this time, or was preempted. */
#define PS_PARKING_NS	10000
/* It is looked for again after this long, then. */
#define PS_MOVE_RETRY_NS 50000

/* After this many windows without one KVM_RUN a thread is no vCPU. */
#define PS_UNCONFIRMED_WINDOWS 1000

static struct task_struct *bouncer;
static atomic_t kicked;

/* CPUs whose missed windows have been told of. */
static u64 told_missed[NR_CPUS];

/**
 * ps_bouncer_kick() - have the bouncer look at all threads soon
 *
 * Context: any in which a task may be woken; not under a run queue's lock.
 */
void ps_bouncer_kick(void)
{
	if (!atomic_xchg(&kicked, 1))
		wake_up_process(bouncer);
}

static void kick_from_irq(struct irq_work *work)
{
	ps_bouncer_kick();
}

/* Hard: else PREEMPT_RT runs it in a thread, which on a planned CPU starves. */
static struct irq_work kick_work = IRQ_WORK_INIT_HARD(kick_from_irq);

/**
 * ps_bouncer_kick_atomic() - the same from under a run queue's lock
 *
 * Context: any.
 */
void ps_bouncer_kick_atomic(void)
{
	irq_work_queue(&kick_work);
}

/**
 * ps_bouncer_bind() - keep the bouncer off the planned CPUs
 * @housekeeping: where it may run, not empty
 *
 * Context: may sleep.
 */
void ps_bouncer_bind(const struct cpumask *housekeeping)
{
	set_cpus_allowed_ptr(bouncer, housekeeping);
}

/*
 * Let a thread live where its window is, or its next one: for one asleep this
 * writes the mask and nothing else, and no stopper runs.
 */
static bool settle(struct ps_thread *thread)
{
	while (ps_thread_moves(thread)) {
		int cpu = ps_vcpu_cpu(thread->vcpu);

		if (cpu < 0)
			break;
		if (set_cpus_allowed_ptr(thread->task, cpumask_of(cpu)))
			return false;
		trace_move(thread->vcpu, thread->tid, thread->cpu, cpu);
		WRITE_ONCE(thread->cpu, cpu);
		/* then the window is looked at: see open_window() */
		smp_mb();
	}
	return true;
}

/*
 * Put a parked thread on the CPU of its window, in the open band, under the
 * timers.
 */
static void place(struct ps_thread *thread)
{
	struct ps_vcpu *vcpu = thread->vcpu;
	bool recalled = ps_thread_is(thread, PS_EXILED);

	/* without windows one in exile stays there, and a new one where it is */
	if (ps_vcpu_cpu(vcpu) < 0 && recalled)
		return;
	/* tried again at the next poll: the CPU is on its way out, or back */
	if (!settle(thread))
		return;
	ps_band_raise(thread);
	clear_bit(PS_RECALL, &thread->flags);
	clear_bit(PS_EXILED, &thread->flags);
	clear_bit(PS_STRAY, &thread->flags);
	if (!test_and_set_bit(PS_PLACED, &thread->flags))
		ps_start_fresh(thread);
	rcu_assign_pointer(vcpu->thread, thread);
	/* one that sleeps elsewhere than in the gate passes it when it wakes up */
	if (recalled && !ps_thread_is(thread, PS_PARKED))
		ps_gate_queue(thread);
	/* the timer moves the window, then reads the pointer: see gate.c */
	smp_mb();
	/* an edge before that told nobody; serve_attached() has another look */
	if (ps_thread_moves(thread))
		ps_bouncer_kick();
	if (ps_vcpu_open(vcpu))
		ps_gate_wake(thread);
	ps_kick_serve(thread);
	if (recalled) {
		ps_event_thread(PARTSCHED_EVENT_RECALLED, thread, NULL);
		return;
	}
	thread->windows_at_arrival = READ_ONCE(vcpu->stats.opened);
	trace_attach(vcpu, thread->tid);
	pr_info("partsched: %s vCPU %u is thread %d (%s): the module stays until it is detached\n",
		vcpu->partition->name, vcpu->index, thread->tid,
		thread->task->comm);
	ps_event_thread(PARTSCHED_EVENT_ATTACHED, thread, NULL);
}

/*
 * Move a thread off the planned CPU to where it may run user code, stop, be
 * traced or die, without a window and without harm.
 */
static void exile(struct ps_thread *thread, const char *reason)
{
	struct task_struct *task = thread->task;

	set_cpus_allowed_ptr(task, ps_housekeeping());
	WRITE_ONCE(thread->cpu, -1);
	clear_bit(PS_RECALL, &thread->flags);
	ps_band_leave(thread, SCHED_NORMAL, 0, 0, false);
	smp_mb__after_atomic();
	ps_gate_wake(thread);
	trace_exile(thread->vcpu, thread->tid);
	ps_event_thread(PARTSCHED_EVENT_EXILED, thread, reason);
}

/* Give back the mask and policy it came with, if they are still as we set them. */
static void restore(struct ps_thread *thread)
{
	struct task_struct *task = thread->task;
	bool was_placed = ps_thread_is(thread, PS_PLACED);
	bool exiled = ps_thread_is(thread, PS_EXILED);
	bool ours = cpumask_equal(&task->cpus_mask,
				  exiled ? ps_housekeeping() :
				  thread->cpu < 0 ? &thread->old_mask :
				  cpumask_of(thread->cpu));

	RCU_INIT_POINTER(thread->vcpu->thread, NULL);
	if (was_placed) {
		if (!ours || set_cpus_allowed_ptr(task, &thread->old_mask))
			set_cpus_allowed_ptr(task, cpu_possible_mask);
		ps_band_leave(thread, thread->old_policy, thread->old_priority,
			      thread->old_nice, thread->old_reset);
	}
	WRITE_ONCE(thread->cpu, -1);
	set_bit(PS_EXILED, &thread->flags);
	smp_mb__after_atomic();
	ps_gate_wake(thread);
}

/* Out of the list, out of its vCPU, off to the reaper. */
static void finish(struct ps_thread *thread, u32 state)
{
	struct ps_vcpu *vcpu = thread->vcpu;
	bool arrived = ps_thread_is(thread, PS_ARRIVED);
	bool lost = ps_thread_is(thread, PS_LOST) ||
		    !ps_thread_is(thread, PS_LEAVING);

	WRITE_ONCE(thread->state, state);
	set_bit(PS_LEAVING, &thread->flags);
	if (rcu_access_pointer(vcpu->thread) == thread)
		RCU_INIT_POINTER(vcpu->thread, NULL);
	vcpu->holder = NULL;
	list_del(&thread->node);
	if (arrived) {
		trace_detach(vcpu, thread->tid);
		ps_event_thread(PARTSCHED_EVENT_DETACHED, thread,
				thread->reason ?: "the thread ended");
	} else {
		ps_event_thread(PARTSCHED_EVENT_REFUSED, thread,
				thread->reason ?: "the thread ended");
	}
	if (arrived) {
		if (lost)
			ps_health_lost(thread);
		ps_mode_left(vcpu->partition);
	}
	ps_thread_put(thread);
}

static void serve_pending(struct ps_thread *thread, u64 now_ns)
{
	const char *reason = NULL;

	if (READ_ONCE(thread->task->flags) & PF_EXITING)
		reason = "the thread ended before it was seen in KVM_RUN";
	else if (ps_thread_is(thread, PS_LEAVING))
		reason = thread->reason;
	else if (now_ns >= thread->deadline_ns)
		reason = thread->attempts ?
			"no vCPU: the thread ran, but never inside KVM_RUN" :
			"no vCPU: the thread did not run in all that time";
	if (!reason) {
		ps_thread_try(thread, now_ns);
		return;
	}
	/* the thread itself may be arriving right now: one of us wins */
	if (cmpxchg(&thread->state, PARTSCHED_ATTACH_PENDING,
		    PARTSCHED_ATTACH_REFUSED) != PARTSCHED_ATTACH_PENDING)
		return;
	thread->reason = reason;
	finish(thread, PARTSCHED_ATTACH_REFUSED);
}

static void serve_leaving(struct ps_thread *thread)
{
	if (READ_ONCE(thread->state) != PARTSCHED_ATTACH_DETACHING) {
		WRITE_ONCE(thread->state, PARTSCHED_ATTACH_DETACHING);
		restore(thread);
	}
	ps_thread_unhook(thread);
	ps_gate_wake(thread);
}

static bool asleep(const struct ps_thread *thread)
{
	return !READ_ONCE(thread->task->on_cpu) &&
	       !READ_ONCE(thread->task->on_rq);
}

/*
 * Whether a thread is off the CPU, so that to move it costs no CPU anything. One
 * that parks, or has just been preempted, tells so before it is, and is waited
 * for. One that is still ready is preempted by whoever has the CPU by right, and
 * would not park before that one is done: it is moved as it is, and parks there.
 */
static bool movable(const struct ps_thread *thread)
{
	const struct task_struct *task = thread->task;
	u64 until_ns = ktime_get_ns() + PS_PARKING_NS;

	while ((ps_thread_is(thread, PS_PARKED) || !READ_ONCE(thread->on_ns)) &&
	       READ_ONCE(task->on_cpu) && ktime_get_ns() < until_ns)
		cpu_relax();
	return !READ_ONCE(task->on_cpu) &&
	       (!READ_ONCE(task->on_rq) || thread->rank ||
		ps_thread_is(thread, PS_LOWERED));
}

/*
 * Move a thread to where its next window is, as soon as it sleeps. One whose
 * window is open there already is late, and one that somebody else has moved is
 * wrong where it is: these two at once, whatever they do. False if the CPU is
 * on its way out.
 */
static bool move(struct ps_thread *thread, bool open)
{
	if (test_and_clear_bit(PS_STRAY, &thread->flags)) {
		pr_warn_ratelimited("partsched: thread %d (%s vCPU %u) was moved off CPU %d; put back\n",
				    thread->tid, thread->vcpu->partition->name,
				    thread->vcpu->index, thread->cpu);
		WRITE_ONCE(thread->cpu, -1);
	} else if (!ps_thread_moves(thread) || (!open && !movable(thread))) {
		return true;
	}
	if (!settle(thread))
		return false;
	/* the timer found it living elsewhere, and left it to us */
	if (ps_vcpu_open(thread->vcpu))
		ps_gate_wake(thread);
	return true;
}

/* Whoever is above the open band is the administrator's, and cannot be stopped. */
static void tell_preempted(struct ps_thread *thread)
{
	const struct ps_vcpu *vcpu = thread->vcpu;
	u64 foreign = READ_ONCE(thread->foreign);
	u64 count = foreign - thread->foreign_told;
	char reason[PARTSCHED_REASON_MAX];

	if (likely(!count))
		return;
	thread->foreign_told = foreign;
	scnprintf(reason, sizeof(reason), "by %.*s, pid %d; %llu ns at most so far",
		  TASK_COMM_LEN - 1, vcpu->preemptor,
		  READ_ONCE(vcpu->preemptor_pid),
		  READ_ONCE(vcpu->stats.preempted_max_ns));
	pr_warn_ratelimited("partsched: %s vCPU %u was preempted in its window %llu times, last %s: its priority is above theirs, or the fair server let it\n",
			    vcpu->partition->name, vcpu->index, count, reason);
	ps_event_preempted(thread, count, reason);
}

static void serve_attached(struct ps_thread *thread)
{
	struct task_struct *task = thread->task;
	bool parked = ps_thread_is(thread, PS_PARKED);
	bool exiled = ps_thread_is(thread, PS_EXILED);
	bool open;
	u32 action;

	if ((READ_ONCE(task->flags) & PF_EXITING) ||
	    fatal_signal_pending(task)) {
		if (!exiled)
			exile(thread, "it is dying");
		return;
	}
	/* a pointer to compare; it is not followed */
	if (READ_ONCE(task->mm) != thread->mm) {
		set_bit(PS_LOST, &thread->flags);
		ps_thread_leave(thread, "the thread called execve()");
		serve_leaving(thread);
		return;
	}
	if (!ps_thread_is(thread, PS_PLACED)) {
		if (parked)
			place(thread);
		return;
	}
	if (exiled) {
		if (ps_thread_is(thread, PS_RECALL) &&
		    (parked || (asleep(thread) && !task_sigpending(task))))
			place(thread);
		return;
	}
	if (!ps_thread_is(thread, PS_CONFIRMED) &&
	    READ_ONCE(thread->vcpu->stats.opened) -
	    thread->windows_at_arrival > PS_UNCONFIRMED_WINDOWS) {
		set_bit(PS_LOST, &thread->flags);
		ps_thread_leave(thread, "no vCPU: never seen inside KVM_RUN");
		serve_leaving(thread);
		return;
	}
	tell_preempted(thread);
	ps_health_look(thread);
	action = ps_start_tell(thread);
	if (action != PARTSCHED_CHANGE_IGNORE)
		ps_event_action(thread, action);
	ps_start_call(thread);
	open = ps_vcpu_open(thread->vcpu) && !ps_start_held(thread->vcpu);
	/* not for a notification, as our own: a window is soon enough for it */
	if (!open && task_sigpending(task)) {
		exile(thread, "a signal is pending");
		return;
	}
	/* while CPUs go and come with the machine's sleep, nobody moves */
	if (!ps_plan_paused() && !move(thread, open)) {
		/* it comes back by itself, when its CPU does */
		exile(thread, "its CPU is going offline");
		return;
	}
	ps_kick_serve(thread);
	if (test_and_clear_bit(PS_OVERRUN, &thread->flags))
		ps_event_thread(PARTSCHED_EVENT_OVERRUN, thread, NULL);
	if (ps_thread_is(thread, PS_DEMOTED) &&
	    (ps_thread_is(thread, PS_PARKED) || ps_vcpu_open(thread->vcpu)))
		ps_band_raise(thread);
	/* a new plan ranks it differently */
	if (!ps_thread_is(thread, PS_DEMOTED) &&
	    thread->rank != READ_ONCE(thread->vcpu->rank))
		ps_band_raise(thread);
}

/* Whether it has to be moved as soon as it is asleep, which it is about to be. */
static bool moves_soon(const struct ps_thread *thread)
{
	return ps_thread_is(thread, PS_PARKED) &&
	       ps_thread_is(thread, PS_PLACED) &&
	       !ps_thread_is(thread, PS_EXILED) && ps_thread_moves(thread);
}

/* Returns whether it is to be looked at again very soon. */
static bool serve(struct ps_thread *thread, u64 now_ns)
{
	if (ps_thread_is(thread, PS_LEFT) || ps_thread_is(thread, PS_DEAD)) {
		finish(thread, PARTSCHED_ATTACH_DETACHED);
		return false;
	}
	switch (READ_ONCE(thread->state)) {
	case PARTSCHED_ATTACH_PENDING:
		serve_pending(thread, now_ns);
		break;
	case PARTSCHED_ATTACH_ATTACHED:
		if (ps_thread_is(thread, PS_LEAVING)) {
			serve_leaving(thread);
			break;
		}
		serve_attached(thread);
		/* not short of it, for it is of others, too */
		return ps_start_serve(thread->vcpu->partition) |
		       moves_soon(thread);
	case PARTSCHED_ATTACH_DETACHING:
		serve_leaving(thread);
		break;
	}
	return false;
}

static void tell_missed(void)
{
	const struct ps_plan *plan = ps_plan_current(NULL);
	struct ps_frame_stats stats;
	bool some = false;
	int cpu;

	if (!plan)
		return;
	for_each_cpu(cpu, &plan->cpus) {
		ps_frame_stats(cpu, &stats);
		if (stats.missed == told_missed[cpu])
			continue;
		ps_event_missed(cpu, stats.missed - told_missed[cpu]);
		told_missed[cpu] = stats.missed;
		some = true;
	}
	ps_health_missed(some);
}

/*
 * Look at all threads. Returns when to do so again: soon while somebody is on
 * the way in or out, else at the poll rate, and then not inside a window.
 */
static ktime_t serve_all(void)
{
	struct ps_thread *thread, *next;
	u64 now_ns = ktime_get_ns();
	u64 sleep_ns = KTIME_MAX, poll_ns, wake_ns = KTIME_MAX;

	ps_lock();
	ps_plan_settle();
	ps_plan_follow_clock();
	poll_ns = (ps_housekeeping_shared() ? max(ps_poll_ms, PS_SHARED_POLL_MS) :
		   ps_poll_ms) * (u64)NSEC_PER_MSEC;
	ps_children_evict();
	list_for_each_entry_safe(thread, next, &ps_threads, node) {
		bool settled = READ_ONCE(thread->state) ==
			PARTSCHED_ATTACH_ATTACHED;

		sleep_ns = min_t(u64, sleep_ns,
				 settled ? poll_ns : NSEC_PER_MSEC);
		if (serve(thread, now_ns))
			sleep_ns = min_t(u64, sleep_ns, PS_MOVE_RETRY_NS);
	}
	if (ps_plan_changing())
		sleep_ns = min_t(u64, sleep_ns, poll_ns);
	if (ps_plan_current(NULL)) {
		sleep_ns = min_t(u64, sleep_ns, NSEC_PER_SEC);
		tell_missed();
	}
	if (sleep_ns != KTIME_MAX) {
		wake_ns = ktime_get_ns() + sleep_ns;
		if (sleep_ns >= poll_ns)
			wake_ns = ps_housekeeping_gap_ns(wake_ns);
	}
	ps_unlock();
	return wake_ns;
}

static int bouncer_main(void *unused)
{
	ktime_t wake = 0;

	while (!kthread_should_stop()) {
		if (!atomic_xchg(&kicked, 0)) {
			set_current_state(TASK_IDLE);
			if (!atomic_read(&kicked) && !kthread_should_stop())
				schedule_hrtimeout(wake == KTIME_MAX ? NULL :
						   &wake, HRTIMER_MODE_ABS);
			__set_current_state(TASK_RUNNING);
			atomic_set(&kicked, 0);
		}
		wake = serve_all();
	}
	return 0;
}

/**
 * ps_bouncer_init() - start the bouncer
 *
 * Return: 0 or a negative error.
 */
int ps_bouncer_init(void)
{
	struct sched_attr attr = {
		.size = sizeof(attr),
		.sched_policy = SCHED_FIFO,
		.sched_priority = PS_BOUNCER_PRIORITY,
	};
	struct task_struct *task;

	task = kthread_create(bouncer_main, NULL, "ps_bouncer");
	if (IS_ERR(task))
		return PTR_ERR(task);
	bouncer = task;
	sched_setattr_nocheck(task, &attr);
	wake_up_process(task);
	return 0;
}

/**
 * ps_bouncer_exit() - stop it; no thread is under the plan any more
 */
void ps_bouncer_exit(void)
{
	irq_work_sync(&kick_work);
	kthread_stop(bouncer);
}

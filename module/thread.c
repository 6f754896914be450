// SPDX-License-Identifier: GPL-2.0
/*
 * Threads on their way under the plan and out of it. See thread.h.
 */
#include <linux/ktime.h>
#include <linux/module.h>
#include <linux/sched.h>
#include <linux/sched/mm.h>
#include <linux/sched/signal.h>
#include <linux/sched/task.h>
#include <linux/slab.h>

#include "account.h"
#include "bouncer.h"
#include "compat/hrtimer.h"
#include "compat/task_work.h"
#include "gate.h"
#include "grace.h"
#include "lock.h"
#include "start.h"
#include "thread.h"
#include "turn.h"

/* A pending thread is asked again after this long, if it was asked in vain. */
#define PS_RETRY_NS	NSEC_PER_MSEC
/* A pending thread that does not come by is woken after this long. */
#define PS_NUDGE_NS	(200 * NSEC_PER_MSEC)

/* Threads under the plan, or on the way in or out; under ps_mutex. */
LIST_HEAD(ps_threads);

/* All that hold a reference on the module: those at the reaper's, too. */
static atomic_t thread_count;

/**
 * ps_thread_count() - threads that keep the module from being removed
 */
unsigned int ps_thread_count(void)
{
	return atomic_read(&thread_count);
}

/**
 * ps_thread_in_kvm_run() - whether current is inside KVM_RUN
 * @thread: current's
 *
 * KVM registers a preempt notifier for as long as it has a vCPU loaded, and a
 * task work that finds it there was run from KVM's guest entry: other ioctls
 * of a vCPU pass no such point. So a notifier that is not ours is the proof;
 * it needs no symbol of KVM's, on any kernel or architecture.
 *
 * Context: the thread's own.
 */
bool ps_thread_in_kvm_run(const struct ps_thread *thread)
{
	const struct preempt_notifier *notifier;

	hlist_for_each_entry(notifier, &current->preempt_notifiers, link)
		if (notifier != &thread->notifier)
			return true;
	return false;
}

/*
 * Register and wait to be placed. The window's state holds the thread from
 * here on, so no instruction of the guest's runs before its first window.
 */
static void arrive(struct callback_head *work)
{
	struct ps_thread *thread = container_of(work, struct ps_thread,
						arrive_work);

	clear_bit(PS_ARRIVE_QUEUED, &thread->flags);
	if (current->flags & PF_EXITING)
		goto out;
	if (!READ_ONCE(thread->proven) && !ps_thread_in_kvm_run(thread)) {
		thread->attempts++;
		goto out;
	}
	if (cmpxchg(&thread->state, PARTSCHED_ATTACH_PENDING,
		    PARTSCHED_ATTACH_ATTACHED) != PARTSCHED_ATTACH_PENDING)
		goto out;

	preempt_disable();
	ps_account_start(thread);
	preempt_notifier_init(&thread->notifier, &ps_account_ops);
	preempt_notifier_register(&thread->notifier);
	preempt_enable();
	/* sched_setaffinity() and cpuset moves get EINVAL; fork clears it */
	if (!(current->flags & PF_NO_SETAFFINITY)) {
		current->flags |= PF_NO_SETAFFINITY;
		thread->bound = true;
	}
	set_bit(PS_ARRIVED, &thread->flags);
	ps_gate_hold(thread);
out:
	ps_thread_put(thread);
}

/* Unregister; the bouncer has given back mask and policy already. */
static void leave(struct callback_head *work)
{
	struct ps_thread *thread = container_of(work, struct ps_thread,
						leave_work);

	preempt_disable();
	preempt_notifier_unregister(&thread->notifier);
	ps_turn_pause();
	preempt_enable();
	if (thread->bound)
		current->flags &= ~PF_NO_SETAFFINITY;
	set_bit(PS_LEFT, &thread->flags);
	ps_bouncer_kick();
	ps_thread_put(thread);
}

static void nudged(struct callback_head *work)
{
	struct ps_thread *thread = container_of(work, struct ps_thread,
						nudge_work);

	clear_bit(PS_NUDGE_QUEUED, &thread->flags);
	ps_thread_put(thread);
}

/* Put a work of @thread's on its list, with a reference for the callback. */
static void add_work(struct ps_thread *thread, struct callback_head *work,
		       enum ps_thread_flag queued,
		       enum task_work_notify_mode mode)
{
	if (test_and_set_bit(queued, &thread->flags))
		return;
	refcount_inc(&thread->refs);
	if (!task_work_add(thread->task, work, mode))
		return;
	/* past its last task work; not the last reference: the list has one */
	ps_thread_put(thread);
}

/**
 * ps_thread_new() - begin to attach a thread
 * @task: the thread
 * @vcpu: its place, free
 * @itself: whether @task is current and vouches for itself
 * @timeout_ns: when to give up
 *
 * Context: may sleep; ps_mutex held. Takes a module reference on success.
 * Return: the thread, in the list and pending, or an error pointer.
 */
struct ps_thread *ps_thread_new(struct task_struct *task, struct ps_vcpu *vcpu,
				bool itself, u64 timeout_ns)
{
	u64 now_ns = ktime_get_ns();
	struct ps_thread *thread;

	ps_assert_locked();
	thread = kzalloc(sizeof(*thread), GFP_KERNEL_ACCOUNT);
	if (!thread)
		return ERR_PTR(-ENOMEM);
	if (!try_module_get(THIS_MODULE)) {
		kfree(thread);
		return ERR_PTR(-EBUSY);
	}
	refcount_set(&thread->refs, 1);
	thread->state = PARTSCHED_ATTACH_PENDING;
	thread->task = get_task_struct(task);
	thread->tid = task->pid;
	thread->proven = itself;
	thread->vcpu = vcpu;
	thread->cpu = -1;
	ps_partition_get(vcpu->partition);
	task_lock(task);
	thread->mm = task->mm;
	if (thread->mm)
		mmgrab(thread->mm);
	task_unlock(task);
	init_task_work(&thread->gate_work, ps_gate);
	init_task_work(&thread->arrive_work, arrive);
	init_task_work(&thread->leave_work, leave);
	init_task_work(&thread->nudge_work, nudged);
	init_task_work(&thread->turn_work, ps_turn);
	hrtimer_setup(&thread->recheck, ps_gate_recheck, CLOCK_MONOTONIC,
		      HRTIMER_MODE_REL_PINNED_HARD);
	rt_mutex_init(&thread->band);
	thread->deadline_ns = now_ns + timeout_ns;
	thread->retry_ns = now_ns;
	thread->nudge_ns = now_ns + PS_NUDGE_NS;

	thread->old_policy = task->policy;
	thread->old_priority = task->rt_priority;
	thread->old_nice = PRIO_TO_NICE(task->static_prio);
	thread->old_reset = task->sched_reset_on_fork;
	/* not cpus_ptr, which is one CPU while migration is disabled */
	cpumask_copy(&thread->old_mask, &task->cpus_mask);

	atomic_inc(&thread_count);
	vcpu->holder = thread;
	list_add_tail(&thread->node, &ps_threads);
	return thread;
}

static void thread_free(struct ps_reap *reap)
{
	struct ps_thread *thread = container_of(reap, struct ps_thread, reap);

	hrtimer_cancel(&thread->recheck);
	ps_grace_forget(thread);
	ps_turn_forget(thread);
	ps_partition_put(thread->vcpu->partition);
	if (thread->mm)
		mmdrop(thread->mm);
	put_task_struct(thread->task);
	kfree(thread);
	atomic_dec(&thread_count);
	module_put(THIS_MODULE);
}

/**
 * ps_thread_put() - drop a reference
 * @thread: may be gone afterwards
 *
 * Three kinds may still hold the pointer after the last put: a timer that
 * loaded it before it left its vCPU, the thread's own last switch, and a
 * callback between its put and its return. The reaper outwaits all three.
 *
 * Context: any.
 */
void ps_thread_put(struct ps_thread *thread)
{
	if (refcount_dec_and_test(&thread->refs))
		ps_reap(&thread->reap, thread_free);
}

/**
 * ps_thread_find() - the attachment of a task
 * @task: the task
 *
 * Context: ps_mutex held.
 * Return: its thread, or NULL.
 */
struct ps_thread *ps_thread_find(const struct task_struct *task)
{
	struct ps_thread *thread;

	ps_assert_locked();
	list_for_each_entry(thread, &ps_threads, node)
		if (thread->task == task)
			return thread;
	return NULL;
}

/*
 * A halted vCPU, once woken, leaves KVM_RUN without passing its guest entry.
 * But a thread that sleeps interruptibly while a preempt notifier is on it
 * does so in KVM's halt: nothing else sleeps like that with a vCPU loaded.
 */
static void note_halted(struct ps_thread *thread)
{
	const struct task_struct *task = thread->task;

	if (ps_thread_is(thread, PS_ARRIVED) ||
	    READ_ONCE(task->__state) != TASK_INTERRUPTIBLE ||
	    hlist_empty(&task->preempt_notifiers))
		return;
	set_bit(PS_CONFIRMED, &thread->flags);
	WRITE_ONCE(thread->proven, true);
}

/**
 * ps_thread_try() - ask a pending thread to show that it is a vCPU
 * @thread: in state PENDING
 * @now_ns: CLOCK_MONOTONIC
 *
 * The arrival is queued so that a running guest is interrupted for it, but a
 * sleeping thread is not woken: a halted vCPU shows itself when it wakes. One
 * that does not is woken now and then, in case it waits outside KVM_RUN.
 *
 * Context: may sleep; ps_mutex held.
 */
void ps_thread_try(struct ps_thread *thread, u64 now_ns)
{
	ps_assert_locked();
	if (ps_thread_is(thread, PS_ARRIVE_QUEUED)) {
		if (now_ns < thread->nudge_ns)
			return;
		thread->nudge_ns = now_ns + PS_NUDGE_NS;
		note_halted(thread);
		/* system calls restart, a halted vCPU leaves KVM_RUN: EINTR */
		add_work(thread, &thread->nudge_work, PS_NUDGE_QUEUED,
			   TWA_SIGNAL);
		return;
	}
	if (now_ns < thread->retry_ns)
		return;
	thread->retry_ns = now_ns + PS_RETRY_NS;
	add_work(thread, &thread->arrive_work, PS_ARRIVE_QUEUED, TWA_RESUME);
}

/**
 * ps_thread_nudge() - make a thread leave KVM_RUN, or a sleep, as a signal does
 * @thread: the thread
 *
 * Context: any but a hard irq of another CPU; with a reference, or current's.
 */
void ps_thread_nudge(struct ps_thread *thread)
{
	add_work(thread, &thread->nudge_work, PS_NUDGE_QUEUED, TWA_SIGNAL);
}

/**
 * ps_thread_unhook() - have a thread unregister itself, wherever it sleeps
 * @thread: leaving; mask and policy are given back already
 *
 * Context: may sleep; ps_mutex held. May be called again.
 */
void ps_thread_unhook(struct ps_thread *thread)
{
	ps_assert_locked();
	add_work(thread, &thread->leave_work, PS_LEAVE_QUEUED, TWA_SIGNAL);
}

/**
 * ps_thread_leave() - tell a thread to leave
 * @thread: the thread
 * @reason: a constant string
 *
 * Context: ps_mutex held; the bouncer does the rest.
 */
void ps_thread_leave(struct ps_thread *thread, const char *reason)
{
	ps_assert_locked();
	if (test_and_set_bit(PS_LEAVING, &thread->flags))
		return;
	thread->reason = reason;
	ps_bouncer_kick();
}

/**
 * ps_thread_run_state() - what a vCPU does now
 * @vcpu: the vCPU
 *
 * Context: ps_mutex held.
 * Return: enum partsched_run_state.
 */
u32 ps_thread_run_state(const struct ps_vcpu *vcpu)
{
	const struct ps_thread *thread = vcpu->holder;

	ps_assert_locked();
	if (!thread || !ps_thread_is(thread, PS_PLACED))
		return PARTSCHED_RUN_IDLE;
	if (ps_thread_is(thread, PS_EXILED))
		return PARTSCHED_RUN_EXILED;
	if (ps_start_held(vcpu))
		return PARTSCHED_RUN_HALTED;
	if (!ps_vcpu_open(vcpu))
		return PARTSCHED_RUN_SUSPENDED;
	if (READ_ONCE(thread->on_ns))
		return PARTSCHED_RUN_RUNNING;
	if (READ_ONCE(thread->off_ns) || ps_thread_is(thread, PS_PARKED) ||
	    READ_ONCE(thread->task->__state) == TASK_RUNNING)
		return PARTSCHED_RUN_READY;
	return PARTSCHED_RUN_BLOCKED;
}

// SPDX-License-Identifier: GPL-2.0
/*
 * The priority bands: who goes first when a window opens and the thread of the
 * one before has not left.
 *
 * Threads in the gate or in their window are in the open band. A thread that is
 * closed and neither asleep nor certain to park at once, because it is in a
 * long section of the kernel, would keep the CPU: nobody of its own priority
 * preempts it. It goes below the band, and comes back when it has parked or its
 * window opens. Below the band is no real-time priority at all: else it would
 * go on through all gaps of a frame, which are the host's.
 *
 * A timer may not change a priority. So each CPU has a thread for it, above the
 * band, that a timer wakes and which does nothing else: it takes no lock that
 * another partition, or a request, may hold, and looks at no other thread. The
 * way back is the bouncer's, which is in no hurry.
 */
#include <linux/percpu.h>
#include <linux/rtmutex.h>
#include <linux/sched.h>
#include <linux/smpboot.h>
#include <uapi/linux/sched/types.h>

#include "band.h"
#include "bouncer.h"
#include "param.h"
#include "stats.h"
#include "thread.h"
#include "trace.h"

#define PS_DEMOTER_PRIORITY 98

static DEFINE_PER_CPU(struct task_struct *, demoters);

/* The next to be demoted; a reference. */
static DEFINE_PER_CPU(struct ps_thread *, condemned);

/* Whether to go through the motions. */
static DEFINE_PER_CPU(bool, rehearsing);

static void set_policy(struct task_struct *task, int policy, int priority,
		       int nice, bool reset)
{
	struct sched_attr attr = {
		.size = sizeof(attr),
		.sched_policy = policy,
		.sched_priority = priority,
		.sched_nice = nice,
		.sched_flags = reset ? SCHED_FLAG_RESET_ON_FORK : 0,
	};

	/* fails for a thread that is past exit_signals() only by luck: harmless */
	sched_setattr_nocheck(task, &attr);
}

/**
 * ps_band_raise() - put a thread into the open band, at its vCPU's rank
 * @thread: the thread
 *
 * Context: may sleep.
 */
void ps_band_raise(struct ps_thread *thread)
{
	rt_mutex_lock(&thread->band);
	thread->rank = READ_ONCE(thread->vcpu->rank);
	set_policy(thread->task, SCHED_FIFO, ps_open_priority - thread->rank, 0,
		   true);
	clear_bit(PS_DEMOTED, &thread->flags);
	rt_mutex_unlock(&thread->band);
}

/**
 * ps_band_leave() - take a thread out of the bands
 * @thread: the thread
 * @policy: what it gets instead
 * @priority: likewise
 * @nice: likewise
 * @reset: likewise, whether its children do not inherit that
 *
 * It is PS_EXILED from here on.
 *
 * Context: may sleep.
 */
void ps_band_leave(struct ps_thread *thread, int policy, int priority, int nice,
		   bool reset)
{
	rt_mutex_lock(&thread->band);
	set_policy(thread->task, policy, priority, nice, reset);
	clear_bit(PS_DEMOTED, &thread->flags);
	set_bit(PS_EXILED, &thread->flags);
	rt_mutex_unlock(&thread->band);
}

/**
 * ps_band_demote() - have a thread that lives on this CPU put below the band
 * @thread: runnable here, and about to be in the way
 *
 * Done as soon as the kernel preempts what runs here.
 *
 * Context: hard irq.
 */
void ps_band_demote(struct ps_thread *thread)
{
	struct ps_thread *before;

	if (ps_thread_is(thread, PS_DEMOTED) ||
	    !refcount_inc_not_zero(&thread->refs))
		return;
	before = this_cpu_xchg(condemned, thread);
	if (before)
		ps_thread_put(before);
	wake_up_process(this_cpu_read(demoters));
}

/*
 * Runs on the CPU that the thread was on, so it does not park meanwhile, unless
 * it has been moved away.
 */
static void demote(struct ps_thread *thread, int cpu)
{
	rt_mutex_lock(&thread->band);
	if (ps_thread_lives_on(thread, cpu) &&
	    !ps_thread_is(thread, PS_PARKED) &&
	    !ps_thread_is(thread, PS_EXILED) &&
	    !ps_thread_is(thread, PS_LEAVING) &&
	    !ps_thread_is(thread, PS_DEMOTED) &&
	    ps_thread_is(thread, PS_PLACED)) {
		set_bit(PS_DEMOTED, &thread->flags);
		set_policy(thread->task, SCHED_NORMAL, 0, 0, true);
		ps_count(&thread->vcpu->stats.overruns, 1);
		trace_overrun(thread->vcpu, thread->tid);
		/* to be told of when the bouncer comes by */
		set_bit(PS_OVERRUN, &thread->flags);
	}
	rt_mutex_unlock(&thread->band);
}

/**
 * ps_band_rehearse() - have this CPU's thread do what it does, to nobody
 *
 * So that who measures a switch sees how long one takes that begins with a
 * demotion, though nobody is in the way.
 *
 * Context: hard irq.
 */
void ps_band_rehearse(void)
{
	this_cpu_write(rehearsing, true);
	wake_up_process(this_cpu_read(demoters));
}

static int should_run(unsigned int cpu)
{
	return this_cpu_read(condemned) || this_cpu_read(rehearsing);
}

static void run(unsigned int cpu)
{
	struct ps_thread *thread = this_cpu_xchg(condemned, NULL);

	if (this_cpu_xchg(rehearsing, false)) {
		/* down and up again: the scheduler's work for one, at least */
		set_policy(current, SCHED_FIFO, PS_DEMOTER_PRIORITY - 1, 0,
			   false);
		set_policy(current, SCHED_FIFO, PS_DEMOTER_PRIORITY, 0, false);
	}
	if (!thread)
		return;
	demote(thread, cpu);
	ps_thread_put(thread);
}

static void setup(unsigned int cpu)
{
	set_policy(current, SCHED_FIFO, PS_DEMOTER_PRIORITY, 0, false);
}

static struct smp_hotplug_thread demoter_threads = {
	.store = &demoters,
	.thread_should_run = should_run,
	.thread_fn = run,
	.setup = setup,
	.thread_comm = "ps_demote/%u",
};

/**
 * ps_band_init() - start all CPUs' threads
 *
 * Return: 0 or a negative error.
 */
int ps_band_init(void)
{
	return smpboot_register_percpu_thread(&demoter_threads);
}

/**
 * ps_band_exit() - stop them; no thread is under the plan any more
 */
void ps_band_exit(void)
{
	smpboot_unregister_percpu_thread(&demoter_threads);
}

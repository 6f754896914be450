// SPDX-License-Identifier: GPL-2.0
/*
 * The priority bands: who goes first when a window opens and the thread of the
 * one before has not left.
 *
 * Threads in the gate or in their window are in the open band. A thread that is
 * closed and neither asleep nor certain to park at once, because it is in a
 * long section of the kernel, would keep the CPU: nobody of its own priority
 * preempts it. It goes below the band, and comes back when it has parked or its
 * window opens. It goes in two steps. Where somebody is certain to have the CPU
 * next, it only steps aside, to the lowest real-time priority: that is the
 * quicker one, and somebody waits for it. Else, and when it has the CPU again
 * and does not park, it loses that, too: or it would go on through all gaps of a
 * frame, which are the host's.
 *
 * Quicker than any step is none. Who is in the kernel again and again when its
 * window ends is a suspect: it runs its windows one below the band, by its own
 * doing and in its own time, so whoever opens preempts it at once. It goes back
 * before it parks, since the next one may be a suspect, too.
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

/* Of those that have stepped aside: below all that waits for a window. */
#define PS_ASIDE_PRIORITY 1

/* Some three overruns are the most that is remembered of a thread. */
#define PS_MAX_SUSPICION (3 * PS_OVERRUN_SUSPICION)

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

/* @priority: 0: none that is real-time */
static void set_priority(struct ps_thread *thread, u32 priority)
{
	lockdep_assert_held(&thread->band);
	WRITE_ONCE(thread->priority, priority);
	set_policy(thread->task, priority ? SCHED_FIFO : SCHED_NORMAL,
		   priority, 0, true);
}

static void raise(struct ps_thread *thread)
{
	thread->rank = READ_ONCE(thread->vcpu->rank);
	set_priority(thread, ps_open_priority - thread->rank);
	clear_bit(PS_DEMOTED, &thread->flags);
	clear_bit(PS_LOWERED, &thread->flags);
}

/* Whether a thread is still to be in one band or the other. */
static bool ours(const struct ps_thread *thread)
{
	return ps_thread_is(thread, PS_PLACED) &&
	       !ps_thread_is(thread, PS_EXILED) &&
	       !ps_thread_is(thread, PS_LEAVING);
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
	raise(thread);
	rt_mutex_unlock(&thread->band);
}

/**
 * ps_band_lower() - have a suspect give way to whoever opens next
 * @thread: current's, in its window
 *
 * Who shares windows is below those who have one alone, anyway.
 *
 * Context: the thread's own, may sleep.
 */
void ps_band_lower(struct ps_thread *thread)
{
	rt_mutex_lock(&thread->band);
	if (ours(thread) && !(current->flags & PF_EXITING) && !thread->rank &&
	    READ_ONCE(thread->priority) == ps_open_priority &&
	    ps_open_priority - 1 > PS_ASIDE_PRIORITY) {
		set_bit(PS_LOWERED, &thread->flags);
		set_priority(thread, ps_open_priority - 1);
	}
	rt_mutex_unlock(&thread->band);
}

/**
 * ps_band_return() - take that back
 * @thread: current's, about to park
 *
 * Context: the thread's own, may sleep.
 */
void ps_band_return(struct ps_thread *thread)
{
	rt_mutex_lock(&thread->band);
	/* one that dies passes the gate and does not park */
	if (ours(thread) && !(current->flags & PF_EXITING) &&
	    ps_thread_is(thread, PS_LOWERED))
		raise(thread);
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
	WRITE_ONCE(thread->priority, 0);
	set_policy(thread->task, policy, priority, nice, reset);
	clear_bit(PS_DEMOTED, &thread->flags);
	clear_bit(PS_LOWERED, &thread->flags);
	set_bit(PS_EXILED, &thread->flags);
	rt_mutex_unlock(&thread->band);
}

/**
 * ps_band_gives_way() - whether a thread has a lower priority than the next one
 * @thread: runnable on this CPU, its window closes
 * @next: who waits in the gate for the window that opens then, or NULL
 *
 * Context: hard irq.
 */
bool ps_band_gives_way(const struct ps_thread *thread,
		       const struct ps_thread *next)
{
	return next && READ_ONCE(thread->priority) < READ_ONCE(next->priority);
}

/**
 * ps_band_overran() - count a thread that was in the way when its window closed
 * @thread: lives on this CPU
 *
 * Once for each window, however it is brought out of the way.
 *
 * Context: any, preemption off or bound to the CPU.
 */
void ps_band_overran(struct ps_thread *thread)
{
	struct ps_vcpu *vcpu = thread->vcpu;
	u64 open_ns = READ_ONCE(vcpu->open_ns);
	unsigned long irqflags;

	local_irq_save(irqflags);
	if (thread->overrun_open_ns != open_ns) {
		thread->overrun_open_ns = open_ns;
		thread->suspicion = min_t(u32, thread->suspicion +
					  PS_OVERRUN_SUSPICION, PS_MAX_SUSPICION);
		ps_count(&vcpu->stats.overruns, 1);
		trace_overrun(vcpu, thread->tid);
		/* to be told of when the bouncer comes by */
		set_bit(PS_OVERRUN, &thread->flags);
	}
	local_irq_restore(irqflags);
}

/* Whether a thread is as far down as it is to be. */
static bool is_down(const struct ps_thread *thread, bool aside)
{
	return ps_thread_is(thread, PS_DEMOTED) &&
	       (aside || !READ_ONCE(thread->priority));
}

/**
 * ps_band_demote() - have a thread that lives on this CPU put below the band
 * @thread: runnable here, and about to be in the way
 * @next: who waits in the gate, on this CPU, for the window that opens now, and
 *	so preempts @thread; NULL: nobody does for certain
 *
 * Done as soon as the kernel preempts what runs here.
 *
 * Context: hard irq.
 */
void ps_band_demote(struct ps_thread *thread, const struct ps_thread *next)
{
	bool aside = next && READ_ONCE(next->priority) > PS_ASIDE_PRIORITY;
	struct ps_thread *before;

	if (is_down(thread, aside) || !refcount_inc_not_zero(&thread->refs))
		return;
	WRITE_ONCE(thread->aside, aside);
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
	bool aside = READ_ONCE(thread->aside);

	rt_mutex_lock(&thread->band);
	if (ps_thread_lives_on(thread, cpu) &&
	    !ps_thread_is(thread, PS_PARKED) && ours(thread) &&
	    !is_down(thread, aside)) {
		set_bit(PS_DEMOTED, &thread->flags);
		clear_bit(PS_LOWERED, &thread->flags);
		set_priority(thread, aside ? PS_ASIDE_PRIORITY : 0);
		ps_band_overran(thread);
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

	/* as much work for the scheduler as another priority, and is none */
	if (this_cpu_xchg(rehearsing, false))
		set_policy(current, current->policy == SCHED_FIFO ?
			   SCHED_RR : SCHED_FIFO, PS_DEMOTER_PRIORITY, 0,
			   false);
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

// SPDX-License-Identifier: GPL-2.0
/*
 * Grace: a closed thread that runs has to reach its gate. One that has not
 * parked when the grace is over is in a long kernel section, and is put below
 * everybody who has a window.
 *
 * Each CPU watches one thread, the last that was closed or came onto it. That is
 * enough: whoever comes onto the CPU while it is closed is watched anew, and
 * those of a shared window that are only ready are below the open band's top, as
 * are suspects that were preempted.
 */
#include <linux/hrtimer.h>
#include <linux/ktime.h>
#include <linux/percpu.h>

#include "band.h"
#include "compat/hrtimer.h"
#include "grace.h"
#include "param.h"
#include "thread.h"

/*
 * How long a closed thread that wakes up may take to the gate before it is
 * demoted: longer than from a halted guest, or from a sleep in a system call.
 */
#define PS_GRACE_NS 2000

/**
 * struct grace - what a CPU watches
 * @timer: fires when a closed thread should have parked
 * @suspect: the thread that it is for
 * @cpu: the CPU
 */
struct grace {
	struct hrtimer timer;
	struct ps_thread *suspect;
	int cpu;
};

static DEFINE_PER_CPU(struct grace, graces);

/*
 * Whether a thread whose priority is below that of those who have a window alone
 * is off the CPU, so that it is in nobody's way. It is watched anew when it comes
 * back.
 */
static bool yields(const struct ps_thread *thread)
{
	return READ_ONCE(thread->priority) < ps_open_priority &&
	       !READ_ONCE(thread->on_ns);
}

static enum hrtimer_restart grace_over(struct hrtimer *timer)
{
	struct grace *grace = container_of(timer, struct grace, timer);
	struct ps_thread *thread = READ_ONCE(grace->suspect);

	/*
	 * The pointer is good: ps_grace_forget() takes it away, and waits for
	 * this handler, before the thread is freed.
	 */
	if (thread && !ps_thread_is(thread, PS_PARKED) &&
	    !ps_thread_is(thread, PS_EXILED) && !yields(thread) &&
	    ps_thread_lives_on(thread, grace->cpu) &&
	    !ps_vcpu_open_on(thread->vcpu, grace->cpu) &&
	    READ_ONCE(thread->task->on_rq))
		ps_band_demote(thread, NULL);
	return HRTIMER_NORESTART;
}

/**
 * ps_grace_watch() - give a closed thread that runs here a bound to park in
 * @thread: the thread
 *
 * Context: hard irq, or process with preemption off (sched_in notifier).
 */
void ps_grace_watch(struct ps_thread *thread)
{
	struct grace *grace = this_cpu_ptr(&graces);

	WRITE_ONCE(grace->suspect, thread);
	hrtimer_start(&grace->timer, ns_to_ktime(PS_GRACE_NS),
		      HRTIMER_MODE_REL_PINNED_HARD);
}

/**
 * ps_grace_stop() - watch nobody on a CPU
 * @cpu: the CPU
 *
 * Context: process, may sleep.
 */
void ps_grace_stop(int cpu)
{
	hrtimer_cancel(&per_cpu_ptr(&graces, cpu)->timer);
}

/**
 * ps_grace_forget() - drop all CPUs' last pointers to a thread
 * @thread: gone from its vCPU for an RCU grace period
 *
 * It may have lived on any of them.
 *
 * Context: process, may sleep.
 */
void ps_grace_forget(struct ps_thread *thread)
{
	int cpu;

	for_each_possible_cpu(cpu) {
		struct grace *grace = per_cpu_ptr(&graces, cpu);

		if (cmpxchg(&grace->suspect, thread, NULL) == thread)
			hrtimer_cancel(&grace->timer);
	}
}

/**
 * ps_grace_init() - prepare all CPUs' timers
 */
void ps_grace_init(void)
{
	int cpu;

	for_each_possible_cpu(cpu) {
		struct grace *grace = per_cpu_ptr(&graces, cpu);

		grace->cpu = cpu;
		hrtimer_setup(&grace->timer, grace_over, CLOCK_MONOTONIC,
			      HRTIMER_MODE_REL_PINNED_HARD);
	}
}

/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A thread under the plan, or on its way in or out.
 *
 * Life: made by ATTACH (pending) - shows in its own context that it is a vCPU
 * and registers its preempt notifier (arrived) - placed by the bouncer on its
 * CPU (attached) - told to leave, or dies - handed to the reaper.
 */
#ifndef PARTSCHED_THREAD_H
#define PARTSCHED_THREAD_H

#include <linux/cpumask.h>
#include <linux/hrtimer.h>
#include <linux/list.h>
#include <linux/preempt.h>
#include <linux/refcount.h>
#include <linux/rtmutex.h>
#include <linux/sched.h>
#include <linux/task_work.h>

#include "partition.h"
#include "reaper.h"

/**
 * enum ps_thread_flag - bits of &struct ps_thread.flags
 * @PS_ARRIVED: its notifier is registered (set by the thread)
 * @PS_PLACED: on its CPU at its priority, seen by the timers (bouncer)
 * @PS_PARKED: asleep in the gate, or about to be (thread)
 * @PS_CONFIRMED: it was seen inside KVM_RUN (thread)
 * @PS_EXILED: on the housekeeping CPUs, passes the gate (bouncer)
 * @PS_RECALL: exiled, parked before a guest entry, wants to come back (thread)
 * @PS_DEMOTED: below the open band (demoter, bouncer; under @band)
 * @PS_OVERRUN: it was demoted, and nobody has been told (demoter)
 * @PS_STRAY: ran on a CPU that is not its own (thread)
 * @PS_LEAVING: to be detached (bouncer, netlink)
 * @PS_LEFT: its notifier is unregistered (thread)
 * @PS_DEAD: switched out for the last time; its notifier runs no more
 * @PS_GATE_QUEUED: &struct ps_thread.gate_work is on its list
 * @PS_ARRIVE_QUEUED: &struct ps_thread.arrive_work is on its list
 * @PS_LEAVE_QUEUED: &struct ps_thread.leave_work was put on its list
 * @PS_NUDGE_QUEUED: &struct ps_thread.nudge_work is on its list
 * @PS_STARTS: to be made to leave KVM_RUN, for its partition starts (timer)
 * @PS_ACTED: &struct ps_thread.action is to be told of (timer)
 * @PS_TURN_QUEUED: &struct ps_thread.turn_work is on its list
 * @PS_FRESH: it has begun by itself after the last order, which it is to take as
 *	carried out
 * @PS_CALLED: has just got an order, and may sleep too deep to come for it
 * @PS_DROWSY: with PS_STARTS, it has gone to sleep in a halted guest (thread)
 * @PS_MIDWAY: in the gate, where an interrupt brought it from user mode: it may
 *	be just about to call KVM_RUN (thread)
 * @PS_CATCH: it was let go on from there, to be stopped in KVM_RUN (thread)
 * @PS_OVERSLEPT: its window opened without it, for it was held (timer)
 * @PS_LOST: it leaves, and nobody has said so before
 */
enum ps_thread_flag {
	PS_ARRIVED,
	PS_PLACED,
	PS_PARKED,
	PS_CONFIRMED,
	PS_EXILED,
	PS_RECALL,
	PS_DEMOTED,
	PS_OVERRUN,
	PS_STRAY,
	PS_LEAVING,
	PS_LEFT,
	PS_DEAD,
	PS_GATE_QUEUED,
	PS_ARRIVE_QUEUED,
	PS_LEAVE_QUEUED,
	PS_NUDGE_QUEUED,
	PS_STARTS,
	PS_ACTED,
	PS_TURN_QUEUED,
	PS_FRESH,
	PS_CALLED,
	PS_DROWSY,
	PS_MIDWAY,
	PS_CATCH,
	PS_OVERSLEPT,
	PS_LOST,
};

/**
 * struct ps_thread - a vCPU thread
 * @flags: bits of enum ps_thread_flag, atomic
 * @state: enum partsched_attach_state
 * @refs: one the list's, one each task work that is queued
 * @node: in the bouncer's list, under ps_mutex
 * @reap: for the free
 * @task: holds a reference
 * @mm: the memory map it attached with, to notice execve(); holds mm_count
 * @vcpu: its place; holds a reference on the partition
 * @cpu: the only CPU of its mask, -1: it is not placed, or exiled; written by
 *	the bouncer, after the mask
 * @tid: its id in the initial pid namespace, for messages
 * @proven: it asked for itself, or was seen asleep inside KVM_RUN, so user
 *	context is good enough to arrive in
 * @bound: PF_NO_SETAFFINITY was ours to set
 * @gate_work: the gate
 * @arrive_work: attach, in its own context
 * @leave_work: detach, in its own context
 * @nudge_work: does nothing, but wakes the thread to pass the others
 * @turn_work: lets the others of its rank run
 * @notifier: accounting, death, exec, stray
 * @recheck: while exiled, queues the gate again before it can enter the guest
 * @band: serialises who changes its priority
 * @deadline_ns: when a pending attachment is given up
 * @retry_ns: when the next attempt to attach is due
 * @nudge_ns: when a sleeping thread is woken to show itself
 * @attempts: how often it was looked at outside KVM_RUN
 * @windows_at_arrival: of its vCPU, to give up on one never seen in KVM_RUN
 * @action: what its partition did at the last change of schedule
 * @reason: why it was refused or left
 * @old_policy: scheduling policy before
 * @old_priority: real-time priority before
 * @old_nice: nice value before
 * @old_reset: SCHED_RESET_ON_FORK before
 * @old_mask: CPU mask before
 * @on_ns: since when it has been on a CPU, or the last edge; 0: it is not
 * @off_ns: since when it has been runnable off the CPU, or the last edge; 0: it
 *	is not, or has been woken
 * @delay_ns: how long it had been runnable off the CPU when it left it
 * @slept_ns: when it last left the CPU to sleep in the gate
 * @woke_ns: when it last came onto a CPU
 * @next_comm: who has the CPU since @off_ns
 * @next_pid: likewise, in the initial pid namespace
 * @next_foreign: likewise, whether it is none of the kernel's own threads
 * @foreign: how often such a task had the CPU in this thread's window
 * @foreign_told: of these, told of
 * @overrun_edge_ns: the close at which it was on the CPU; 0: none pending
 * @rank: its vCPU's, as its priority has it (bouncer)
 * @turn_left_ns: what is left of its turn, since it was preempted; 0: all of it
 * @turn_in_kernel: how many turns in a row have ended while it was in the kernel
 * @turn_window: its vCPU's window state when its turn was over
 */
struct ps_thread {
	unsigned long flags;
	u32 state;
	refcount_t refs;
	struct list_head node;
	struct ps_reap reap;
	struct task_struct *task;
	struct mm_struct *mm;
	struct ps_vcpu *vcpu;
	int cpu;
	pid_t tid;
	bool proven;
	bool bound;

	struct callback_head gate_work;
	struct callback_head arrive_work;
	struct callback_head leave_work;
	struct callback_head nudge_work;
	struct callback_head turn_work;
	struct preempt_notifier notifier;
	struct hrtimer recheck;
	struct rt_mutex band;

	u64 deadline_ns;
	u64 retry_ns;
	u64 nudge_ns;
	u32 attempts;
	u64 windows_at_arrival;
	u32 action;
	const char *reason;

	int old_policy;
	int old_priority;
	int old_nice;
	bool old_reset;
	struct cpumask old_mask;

	u64 on_ns;
	u64 off_ns;
	u64 slept_ns;
	u64 woke_ns;
	char next_comm[TASK_COMM_LEN];
	pid_t next_pid;
	bool next_foreign;
	u64 foreign;
	u64 foreign_told;
	u64 overrun_edge_ns;
	u64 delay_ns;

	u32 rank;
	u32 turn_in_kernel;
	u64 turn_left_ns;
	u64 turn_window;
};

static inline bool ps_thread_is(const struct ps_thread *thread,
				enum ps_thread_flag flag)
{
	return test_bit(flag, &thread->flags);
}

/* Whether a thread's mask says this CPU, which its window's may be or not. */
static inline bool ps_thread_lives_on(const struct ps_thread *thread, int cpu)
{
	return READ_ONCE(thread->cpu) == cpu;
}

/* Whether its window, or its next one, is on a CPU that it is to be moved to. */
static inline bool ps_thread_moves(const struct ps_thread *thread)
{
	int cpu = ps_vcpu_cpu(thread->vcpu);

	return cpu >= 0 && !ps_thread_lives_on(thread, cpu);
}

/* Whether it has to pass the gate in KVM_RUN, and nothing else brings it there. */
static inline bool ps_thread_watched(const struct ps_thread *thread)
{
	return READ_ONCE(thread->flags) &
	       (BIT(PS_EXILED) | BIT(PS_STARTS) | BIT(PS_CATCH));
}

extern struct list_head ps_threads;

struct ps_thread *ps_thread_new(struct task_struct *task, struct ps_vcpu *vcpu,
				bool itself, u64 timeout_ns);
unsigned int ps_thread_count(void);
void ps_thread_put(struct ps_thread *thread);
void ps_thread_try(struct ps_thread *thread, u64 now_ns);
void ps_thread_nudge(struct ps_thread *thread);
void ps_thread_unhook(struct ps_thread *thread);
void ps_thread_leave(struct ps_thread *thread, const char *reason);
bool ps_thread_in_kvm_run(const struct ps_thread *thread);
struct ps_thread *ps_thread_find(const struct task_struct *task);
u32 ps_thread_run_state(const struct ps_vcpu *vcpu);

#endif /* PARTSCHED_THREAD_H */

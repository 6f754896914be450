// SPDX-License-Identifier: GPL-2.0
/*
 * What a partition does when the module schedule changes (ScheduleChangeAction
 * of ARINC 653 part 2): go on, start again, or be idle.
 *
 * The module decides when, and sees to it that no instruction more of the
 * partition's former life is run; to start a guest is its launcher's. A start
 * is ordered at the partition's first window in the new schedule: each of its
 * vCPU threads is made to leave KVM_RUN (EINTR) before it runs a guest
 * instruction in that window, or in its own first one if that comes later, and
 * finds the order in the live page. The launcher looks there before each
 * KVM_RUN. One that does not, as QEMU, goes on; its supervisor hears of the
 * order by an event.
 *
 * An idle partition's windows pass without it: its threads stay in the gate.
 */
#include <linux/partsched.h>
#include <linux/sched.h>

#include "bouncer.h"
#include "gate.h"
#include "lock.h"
#include "start.h"
#include "thread.h"

/* All CPUs with a first window of the partition come to the same end. */
static void order(struct ps_partition *partition, u32 change, u32 action)
{
	if (READ_ONCE(partition->start) == change)
		return;
	if (action == PARTSCHED_CHANGE_IDLE) {
		WRITE_ONCE(partition->idle, true);
		return;
	}
	WRITE_ONCE(partition->start_action, action);
	/* who sees the number sees the action, and idle no more */
	smp_wmb();
	WRITE_ONCE(partition->start, change);
	WRITE_ONCE(partition->idle, false);
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
	struct ps_partition *partition = vcpu->partition;
	u32 start;

	if (action != PARTSCHED_CHANGE_IGNORE)
		order(partition, change, action);
	start = READ_ONCE(partition->start);
	smp_rmb();
	if (start != vcpu->start) {
		/* also one that had no window in the schedule of the order */
		vcpu->start = start;
		vcpu->start_action = READ_ONCE(partition->start_action);
		set_bit(PS_STARTS, &thread->flags);
		action = vcpu->start_action;
	}
	if (action == PARTSCHED_CHANGE_IGNORE)
		return;
	WRITE_ONCE(thread->action, action);
	set_bit(PS_ACTED, &thread->flags);
	ps_bouncer_kick();
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

	ps_assert_locked();
	for (i = 0; i < partition->nr_vcpus; i++)
		if (rcu_access_pointer(partition->vcpus[i].thread))
			alone = false;
	if (alone)
		WRITE_ONCE(partition->idle, false);
	thread->vcpu->start = READ_ONCE(partition->start);
}

/**
 * ps_start_mode() - operating mode of a partition
 * @partition: the partition
 *
 * Context: ps_mutex held.
 * Return: enum partsched_mode.
 */
u32 ps_start_mode(const struct ps_partition *partition)
{
	u32 mode = PARTSCHED_MODE_IDLE;
	u32 i;

	ps_assert_locked();
	if (READ_ONCE(partition->idle))
		return mode;
	for (i = 0; i < partition->nr_vcpus; i++) {
		const struct ps_vcpu *vcpu = &partition->vcpus[i];
		const struct ps_thread *thread =
			rcu_dereference_check(vcpu->thread, true);

		if (!thread)
			continue;
		mode = PARTSCHED_MODE_NORMAL;
		/* it is on its way to the launcher */
		if (ps_thread_is(thread, PS_STARTS))
			return vcpu->start_action == PARTSCHED_CHANGE_COLD_START ?
				PARTSCHED_MODE_COLD_START :
				PARTSCHED_MODE_WARM_START;
	}
	return mode;
}

/**
 * ps_start_tell() - an action that has not been told of
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

/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Starts: how a partition ends its life and begins anew, by an order or when
 * the module schedule changes. See start.c.
 */
#ifndef PARTSCHED_START_H
#define PARTSCHED_START_H

#include <linux/types.h>

#include "partition.h"

struct ps_thread;

void ps_start_first_window(struct ps_vcpu *vcpu, struct ps_thread *thread,
			   u32 change, u32 action);
void ps_start_take(struct ps_vcpu *vcpu, struct ps_thread *thread, u64 word);
void ps_start_here(struct ps_thread *thread);
void ps_start_midway(struct ps_thread *thread);
void ps_start_deliver(struct ps_thread *thread, bool guest);
void ps_start_fresh(struct ps_thread *thread);
void ps_start_stop(struct ps_partition *partition);
void ps_start_release(struct ps_partition *partition);
bool ps_start_begun(const struct ps_partition *partition);
bool ps_start_serve(struct ps_partition *partition);
void ps_start_begin(struct ps_partition *partition);
void ps_start_call(struct ps_thread *thread);
u32 ps_start_tell(struct ps_thread *thread);

/**
 * ps_start_held() - whether a vCPU is not to run in its windows either
 * @vcpu: the vCPU
 *
 * Its partition is halted, or idle, or being stopped.
 *
 * Context: any.
 */
static inline bool ps_start_held(const struct ps_vcpu *vcpu)
{
	const struct ps_partition *partition = vcpu->partition;

	return READ_ONCE(partition->holds) ||
	       ps_state_mode(ps_state_read(&partition->state)) ==
	       PARTSCHED_MODE_IDLE;
}

/**
 * ps_start_stopping() - whether it is not to run, and only because it starts
 * @vcpu: the vCPU
 *
 * Context: any.
 */
static inline bool ps_start_stopping(const struct ps_vcpu *vcpu)
{
	const struct ps_partition *partition = vcpu->partition;

	return READ_ONCE(partition->holds) == BIT(PS_HOLD_STOPPING) &&
	       ps_state_mode(ps_state_read(&partition->state)) !=
	       PARTSCHED_MODE_IDLE;
}

/**
 * ps_start_sleeps() - whether a vCPU's thread is to sleep through its window
 * @vcpu: the vCPU, whose window has been moved
 *
 * Who lets its partition go on does so, and then, after a full barrier, looks
 * whether the window is open; the timer the other way round.
 *
 * Context: any.
 */
static inline bool ps_start_sleeps(const struct ps_vcpu *vcpu)
{
	return ps_start_held(vcpu) && !ps_start_stopping(vcpu);
}

/**
 * ps_start_due() - whether a vCPU has not taken the last order yet
 * @vcpu: the vCPU
 *
 * Context: any.
 */
static inline bool ps_start_due(const struct ps_vcpu *vcpu)
{
	return ps_state_order(ps_state_read(&vcpu->partition->state)) !=
	       READ_ONCE(vcpu->start);
}

#endif /* PARTSCHED_START_H */

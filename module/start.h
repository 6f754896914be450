/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What a partition does when the module schedule changes: go on, start again,
 * or be idle. See start.c.
 */
#ifndef PARTSCHED_START_H
#define PARTSCHED_START_H

#include <linux/types.h>

#include "partition.h"

struct ps_thread;

void ps_start_first_window(struct ps_vcpu *vcpu, struct ps_thread *thread,
			   u32 change, u32 action);
void ps_start_deliver(struct ps_thread *thread, bool guest);
void ps_start_fresh(struct ps_thread *thread);
u32 ps_start_mode(const struct ps_partition *partition);
u32 ps_start_tell(struct ps_thread *thread);

/**
 * ps_start_idle() - whether a vCPU is not to run in its windows either
 * @vcpu: the vCPU
 *
 * Context: any.
 */
static inline bool ps_start_idle(const struct ps_vcpu *vcpu)
{
	return READ_ONCE(vcpu->partition->idle);
}

#endif /* PARTSCHED_START_H */

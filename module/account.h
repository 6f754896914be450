/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Whose time it was: accounting of attached threads by preempt notifiers.
 */
#ifndef PARTSCHED_ACCOUNT_H
#define PARTSCHED_ACCOUNT_H

#include <linux/preempt.h>
#include <linux/types.h>

#include "bouncer.h"
#include "partition.h"

struct ps_thread;

extern struct preempt_ops ps_account_ops;

void ps_account_edge(struct ps_thread *thread, u64 edge_ns, bool opens);
void ps_account_start(struct ps_thread *thread);

/**
 * ps_account_stolen() - hold what was taken of a window against the limit
 * @vcpu: its window closes, and its thread has been accounted for
 *
 * Context: hard irq, on the window's CPU.
 */
static inline void ps_account_stolen(struct ps_vcpu *vcpu)
{
	u64 limit_ns = READ_ONCE(vcpu->partition->traits.steal_limit_ns);

	if (likely(!limit_ns) ||
	    vcpu->stats.theft_ns - vcpu->theft_before_ns <= limit_ns)
		return;
	ps_count(&vcpu->stolen, 1);
	ps_bouncer_kick();
}

#endif /* PARTSCHED_ACCOUNT_H */

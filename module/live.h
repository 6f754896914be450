/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The live part of the information page: which window a vCPU is in. One page a
 * partition, owned by the module, mapped read-only by the partition's launcher
 * and through it by the guest.
 */
#ifndef PARTSCHED_LIVE_H
#define PARTSCHED_LIVE_H

#include <asm/barrier.h>
#include <linux/partsched_guest.h>

#include "partition.h"

/**
 * ps_live_open() - tell the guest the window that opens now
 * @vcpu: whose window it is
 * @next: all but @seq
 *
 * Only the timer of the vCPU's CPU writes, and nobody else can: the mappings
 * are read-only. So the sequence needs no atomic.
 *
 * Context: hard irq.
 */
static inline void ps_live_open(struct ps_vcpu *vcpu,
				const struct partsched_guest_live_vcpu *next)
{
	struct partsched_guest_live_vcpu *live =
		&vcpu->partition->live->vcpu[vcpu->index];
	u32 seq = live->seq;

	WRITE_ONCE(live->seq, seq + 1);
	smp_wmb();
	live->generation = next->generation;
	live->schedule_id = next->schedule_id;
	live->window_id = next->window_id;
	live->frame = next->frame;
	live->start_ns = next->start_ns;
	live->end_ns = next->end_ns;
	smp_wmb();
	WRITE_ONCE(live->seq, seq + 2);
}

int ps_live_new(struct ps_partition *partition);
void ps_live_free(struct ps_partition *partition);
int ps_live_init(void);
void ps_live_exit(void);

#endif /* PARTSCHED_LIVE_H */

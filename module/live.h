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
 * Only the timer of the window's CPU writes: the mappings are read-only. Should
 * two CPUs meet here, because one was held up for a whole window and the move
 * after it, the page stays with the one that came first.
 *
 * Context: hard irq.
 */
static inline void ps_live_open(struct ps_vcpu *vcpu,
				const struct partsched_guest_live_vcpu *next)
{
	struct partsched_guest_live_vcpu *live =
		&vcpu->partition->live->vcpu[vcpu->index];
	u32 seq = READ_ONCE(live->seq);

	if (unlikely(seq & 1 || cmpxchg(&live->seq, seq, seq + 1) != seq))
		return;
	live->generation = next->generation;
	live->schedule_id = next->schedule_id;
	live->window_id = next->window_id;
	live->frame = next->frame;
	live->start_ns = next->start_ns;
	live->end_ns = next->end_ns;
	live->start = next->start;
	live->start_action = next->start_action;
	live->mode = next->mode;
	live->start_condition = next->start_condition;
	live->nr_starts = next->nr_starts;
	smp_wmb();
	WRITE_ONCE(live->seq, seq + 2);
}

/**
 * ps_live_renew() - tell the guest that it starts in a window that is open
 * @vcpu: whose window it is
 * @word: its partition's state
 *
 * Context: interrupts off, on the window's CPU.
 */
static inline void ps_live_renew(struct ps_vcpu *vcpu, u64 word)
{
	struct partsched_guest_live_vcpu *live =
		&vcpu->partition->live->vcpu[vcpu->index];
	u32 seq = READ_ONCE(live->seq);

	if (unlikely(seq & 1 || cmpxchg(&live->seq, seq, seq + 1) != seq))
		return;
	live->start = vcpu->start;
	live->start_action = vcpu->start_action;
	live->mode = ps_state_mode(word);
	live->start_condition = ps_state_condition(word);
	live->nr_starts = (u32)atomic_read(&vcpu->partition->nr_starts);
	smp_wmb();
	WRITE_ONCE(live->seq, seq + 2);
}

int ps_live_new(struct ps_partition *partition);
void ps_live_free(struct ps_partition *partition);
int ps_live_init(void);
void ps_live_exit(void);

#endif /* PARTSCHED_LIVE_H */

/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Kicks: how a destination is told of a message. See kick.c.
 */
#ifndef PARTSCHED_KICK_H
#define PARTSCHED_KICK_H

#include <linux/atomic.h>
#include <linux/fs.h>
#include <linux/list.h>
#include <linux/spinlock.h>
#include <linux/wait.h>

#include "partition.h"

struct eventfd_ctx;
struct ps_channel;
struct ps_plan;
struct ps_thread;

/**
 * struct ps_eventfd - an eventfd that the module keeps
 * @file: with a reference; NULL: none yet
 * @ctx: what it is of, likewise
 */
struct ps_eventfd {
	struct file *file;
	struct eventfd_ctx *ctx;
};

/**
 * struct ps_kick - a destination's kicks
 * @channel: whose destination it is
 * @mode: enum partsched_kick; like @bell and @line written under the mutex of
 *	kick.c, and @line under @lock as well
 * @bell: what the source rings, if that is not @line
 * @line: what the destination listens to
 * @lock: for who signals @line and is not in the partition's gate
 * @wait: in the queue of what the source rings
 * @queue: that queue, NULL: none
 * @known: in the list of those with eventfds
 * @partition: whose gate signals @line, with a reference; NULL: nobody's. RCU,
 *	and written under the lock of the partition that it was
 * @asked: bit 0: asked for, and not signalled yet
 * @due: in the partition's list, under its lock
 * @nr_asked: kicks asked for, as far as the module is told of them
 * @nr_deferred: of these, those that had to wait for the window
 * @nr_delivered: times that @line was signalled by the module
 */
struct ps_kick {
	struct ps_channel *channel;
	u32 mode;
	struct ps_eventfd bell;
	struct ps_eventfd line;
	raw_spinlock_t lock;
	wait_queue_entry_t wait;
	wait_queue_head_t *queue;
	struct list_head known;
	struct ps_partition __rcu *partition;
	unsigned long asked;
	struct list_head due;
	atomic64_t nr_asked;
	atomic64_t nr_deferred;
	atomic64_t nr_delivered;
};

void ps_kick_init(struct ps_kick *kick, struct ps_channel *channel);
void ps_kick_destroy(struct ps_kick *kick);
void ps_kick_plan(const struct ps_plan *plan);
void ps_kick_retire(struct ps_kick *kick);
long ps_kick_join(struct ps_channel *channel, u32 end, fmode_t mode,
		  void __user *argument);
void ps_kick_message(struct ps_kick *kick);
void ps_kick_deliver(struct ps_partition *partition);
void ps_kick_hurry(struct ps_thread *thread);
void ps_kick_serve(struct ps_thread *thread);

/**
 * ps_kick_due() - whether a vCPU's gate has interrupts to signal
 * @vcpu: the vCPU; its partition's first one does it for all
 *
 * Context: any.
 */
static inline bool ps_kick_due(const struct ps_vcpu *vcpu)
{
	return !vcpu->index && !list_empty(&vcpu->partition->kicks.due);
}

#endif /* PARTSCHED_KICK_H */

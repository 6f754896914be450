// SPDX-License-Identifier: GPL-2.0
/*
 * Kicks: a source's doorbell becomes an interrupt of its destination's guest,
 * by eventfds (KVM's ioeventfd and irqfd) and never by way of user space.
 *
 * PARTSCHED_KICK_NOW: doorbell and interrupt are one eventfd, which this file
 * hands from one launcher to the other. KVM's irqfd is its first waiter and the
 * last that is woken: only where there is none do we hear of the doorbell, and
 * wake programs of the host.
 *
 * PARTSCHED_KICK_WINDOW: two eventfds. We are the doorbell's waiter; what is
 * rung is put into the list of the partition that it is for, and the
 * partition's own thread signals the interrupts in its gate, before its guest
 * is entered: the neighbour that has the CPU until then pays nothing.
 *
 *	doorbell: puts into the list,	  full barrier, looks at the window
 *	timer:    opens the window,	  full barrier, looks at the list
 *	gate:     sees the window open,	  full barrier, looks at the list
 *
 * So of two at least one sees the other. A thread that is parked comes to its
 * gate by itself; one that runs in its guest is brought there. One that sleeps
 * elsewhere in its window, as in a halted guest, comes to no gate: the bouncer
 * signals for it, and the interrupt wakes it. That one is told by the doorbell
 * or the timer if the thread is asleep by then, else by the thread's own last
 * switch, which looks at the list as well.
 *
 * Neither the doorbell's callback nor the timer may signal an eventfd: one
 * signalled from within another's wake-up is dropped, and on PREEMPT_RT both
 * are no place for its lock.
 */
#include <linux/eventfd.h>
#include <linux/file.h>
#include <linux/partsched_device.h>
#include <linux/poll.h>
#include <linux/rtmutex.h>
#include <linux/uaccess.h>

#include "bouncer.h"
#include "channel.h"
#include "compat/eventfd.h"
#include "gate.h"
#include "kick.h"
#include "lock.h"
#include "plan.h"
#include "start.h"
#include "thread.h"

/*
 * Eventfds and modes; not for callbacks, gates and timers. Inside ps_mutex,
 * whose holder may have to wait for it: so it is one with priority inheritance.
 */
static DEFINE_RT_MUTEX(kick_mutex);
static LIST_HEAD(known);

/* In @ps_kick.asked. */
#define ASKED 0

/*
 * Have a thread whose window is open pass its gate; true if it is asleep
 * elsewhere, and does not.
 */
static bool sleeps(struct ps_thread *thread)
{
	ps_gate_queue(thread);
	return !ps_thread_is(thread, PS_PARKED) &&
	       READ_ONCE(thread->task->__state) != TASK_RUNNING;
}

/* Whether it has a window now, and may run in it. */
static bool has_window(const struct ps_vcpu *vcpu)
{
	return ps_vcpu_open(vcpu) && !ps_start_held(vcpu);
}

static bool under_plan(const struct ps_thread *thread)
{
	return ps_thread_is(thread, PS_PLACED) &&
	       !ps_thread_is(thread, PS_EXILED);
}

/* Something is due: see to it that it is not for long if the window is open. */
static bool hurry(struct ps_partition *partition)
{
	struct ps_vcpu *vcpu = &partition->vcpus[0];
	struct ps_thread *thread;

	/* the list first: see above */
	smp_mb();
	if (!has_window(vcpu))
		return false;
	thread = rcu_dereference(vcpu->thread);
	if (thread && under_plan(thread) && sleeps(thread))
		ps_bouncer_kick_atomic();
	return true;
}

/*
 * Put a kick that is asked for, and has an eventfd, into a partition's list;
 * false if it has just gone over to another plan's partition.
 */
static bool add_due(struct ps_kick *kick, struct ps_partition *partition,
		    bool *due)
{
	unsigned long irqflags;
	bool still;

	raw_spin_lock_irqsave(&partition->kicks.lock, irqflags);
	still = partition == rcu_access_pointer(kick->partition);
	*due = still && test_bit(ASKED, &kick->asked) &&
		READ_ONCE(kick->line.file) && list_empty(&kick->due);
	if (*due)
		list_add_tail(&kick->due, &partition->kicks.due);
	raw_spin_unlock_irqrestore(&partition->kicks.lock, irqflags);
	return still;
}

/* The same for its own partition, if it has one; false: it waits for a window. */
static bool put_due(struct ps_kick *kick)
{
	struct ps_partition *partition;
	bool due = false, soon = true;

	rcu_read_lock();
	do {
		partition = rcu_dereference(kick->partition);
	} while (partition && !add_due(kick, partition, &due));
	if (due)
		soon = hurry(partition);
	rcu_read_unlock();
	return soon;
}

/* The doorbell was rung. */
static void ring(struct ps_kick *kick)
{
	atomic64_inc(&kick->nr_asked);
	/* full barrier: what the message says is there before it */
	if (test_and_set_bit(ASKED, &kick->asked))
		return;
	if (!put_due(kick))
		atomic64_inc(&kick->nr_deferred);
}

/* Programs of the host that wait for a message look again. */
static void wake_readers(struct ps_kick *kick)
{
	wait_queue_head_t *readers = &kick->channel->wait;

	if (wq_has_sleeper(readers))
		wake_up_interruptible(readers);
}

/*
 * The doorbell's waiter: in the context of whoever rings, under the eventfd's
 * lock, interrupts off but for PREEMPT_RT.
 */
static int on_bell(wait_queue_entry_t *wait, unsigned int mode, int sync,
		   void *key)
{
	struct ps_kick *kick = container_of(wait, struct ps_kick, wait);
	u64 count;

	if (!(key_to_poll(key) & EPOLLIN))
		return 0;
	if (kick->mode == PARTSCHED_KICK_WINDOW) {
		eventfd_ctx_do_read(kick->bell.ctx, &count);
		ring(kick);
	}
	wake_readers(kick);
	return 0;
}

struct listening {
	poll_table table;
	struct ps_kick *kick;
};

static void on_queue(struct file *file, wait_queue_head_t *queue,
		     poll_table *table)
{
	struct ps_kick *kick = container_of(table, struct listening,
					    table)->kick;

	kick->queue = queue;
	add_wait_queue(queue, &kick->wait);
}

/* What the source rings. */
static struct ps_eventfd *bell_of(struct ps_kick *kick)
{
	return kick->mode == PARTSCHED_KICK_NOW ? &kick->line : &kick->bell;
}

static void listen(struct ps_kick *kick)
{
	struct listening listening = { .kick = kick };
	u64 count = 0;

	init_poll_funcptr(&listening.table, on_queue);
	if (!(vfs_poll(bell_of(kick)->file, &listening.table) & EPOLLIN) ||
	    kick->mode != PARTSCHED_KICK_WINDOW)
		return;
	/* it was rung before */
	spin_lock_irq(&kick->queue->lock);
	eventfd_ctx_do_read(kick->bell.ctx, &count);
	spin_unlock_irq(&kick->queue->lock);
	if (count)
		ring(kick);
}

/* Keep an eventfd; consumes a reference to the file. */
static void keep(struct ps_kick *kick, struct ps_eventfd *which,
		 struct file *file)
{
	struct ps_eventfd kept = { file, eventfd_ctx_fileget(file) };
	unsigned long irqflags;

	if (list_empty(&kick->known))
		list_add(&kick->known, &known);
	raw_spin_lock_irqsave(&kick->lock, irqflags);
	which->ctx = kept.ctx;
	/* put_due() looks at it without this lock */
	smp_store_release(&which->file, file);
	raw_spin_unlock_irqrestore(&kick->lock, irqflags);
	if (which == bell_of(kick))
		listen(kick);
	if (which == &kick->line) {
		/* the eventfd first, then whether it is asked for */
		smp_mb();
		put_due(kick);
	}
}

static void forget(struct ps_kick *kick, struct ps_eventfd *which)
{
	struct ps_eventfd kept;
	unsigned long irqflags;

	raw_spin_lock_irqsave(&kick->lock, irqflags);
	kept = *which;
	*which = (struct ps_eventfd){ };
	raw_spin_unlock_irqrestore(&kick->lock, irqflags);
	if (!kept.file)
		return;
	eventfd_ctx_put(kept.ctx);
	fput(kept.file);
}

/* Have another partition's gate signal, or nobody's. */
static void rebind(struct ps_kick *kick, struct ps_partition *partition)
{
	struct ps_partition *before;
	unsigned long irqflags;

	lockdep_assert_held(&kick_mutex);
	before = rcu_dereference_protected(kick->partition, true);
	if (before == partition)
		return;
	if (partition)
		ps_partition_get(partition);
	if (before) {
		raw_spin_lock_irqsave(&before->kicks.lock, irqflags);
		list_del_init(&kick->due);
		rcu_assign_pointer(kick->partition, partition);
		raw_spin_unlock_irqrestore(&before->kicks.lock, irqflags);
		ps_partition_put(before);
	} else {
		rcu_assign_pointer(kick->partition, partition);
	}
	/* the partition first, then whether something is asked for */
	smp_mb();
	put_due(kick);
}

/* Begin anew, with a mode and without eventfds. */
static void reset(struct ps_kick *kick, u32 mode)
{
	u64 count;

	/* first nobody signals any more, then nobody rings */
	rebind(kick, NULL);
	if (kick->queue)
		eventfd_ctx_remove_wait_queue(bell_of(kick)->ctx, &kick->wait,
					      &count);
	kick->queue = NULL;
	forget(kick, &kick->bell);
	forget(kick, &kick->line);
	list_del_init(&kick->known);
	clear_bit(ASKED, &kick->asked);
	WRITE_ONCE(kick->mode, mode);
}

/**
 * ps_kick_init() - make a destination's kicks
 * @kick: zeroed
 * @channel: whose destination it is
 */
void ps_kick_init(struct ps_kick *kick, struct ps_channel *channel)
{
	kick->channel = channel;
	kick->mode = PARTSCHED_KICK_NONE;
	raw_spin_lock_init(&kick->lock);
	init_waitqueue_func_entry(&kick->wait, on_bell);
	INIT_LIST_HEAD(&kick->known);
	INIT_LIST_HEAD(&kick->due);
}

/**
 * ps_kick_destroy() - drop what it keeps
 * @kick: of a channel that nobody has any more
 *
 * Context: may sleep.
 */
void ps_kick_destroy(struct ps_kick *kick)
{
	rt_mutex_lock(&kick_mutex);
	reset(kick, PARTSCHED_KICK_NONE);
	rt_mutex_unlock(&kick_mutex);
}

/**
 * ps_kick_retire() - no plan has the channel any more
 * @kick: of a destination
 *
 * Context: may sleep.
 */
void ps_kick_retire(struct ps_kick *kick)
{
	rt_mutex_lock(&kick_mutex);
	rebind(kick, NULL);
	rt_mutex_unlock(&kick_mutex);
}

static struct ps_partition *find_partition(const struct ps_plan *plan, u32 id)
{
	u32 i;

	for (i = 0; i < plan->nr_partitions; i++)
		if (plan->partitions[i]->id == id)
			return plan->partitions[i];
	return NULL;
}

/**
 * ps_kick_plan() - have a plan's modes and partitions
 * @plan: in force, or announced
 *
 * Who has the eventfds of another mode keeps them, and asks anew after it was
 * started again.
 *
 * Context: may sleep; ps_mutex held, so that the plan stays.
 */
void ps_kick_plan(const struct ps_plan *plan)
{
	u32 i;

	ps_assert_locked();
	rt_mutex_lock(&kick_mutex);
	for (i = 0; i < plan->nr_ports; i++) {
		const struct ps_plan_port *port = &plan->ports[i];
		struct ps_kick *kick = &port->channel->ports[port->end].kick;
		struct ps_partition *partition = NULL;
		u32 mode = port->kick;

		/* without windows any time is its window */
		if (port->pseudo && mode == PARTSCHED_KICK_WINDOW)
			mode = PARTSCHED_KICK_NOW;
		if (mode != kick->mode)
			reset(kick, mode);
		if (mode == PARTSCHED_KICK_WINDOW)
			partition = find_partition(plan, port->partition_id);
		rebind(kick, partition);
	}
	rt_mutex_unlock(&kick_mutex);
}

/* An eventfd that rings when we signal it would ring for ever. */
static bool loops(const struct ps_kick *kick, const struct ps_eventfd *which,
		  const struct file *file)
{
	const struct ps_kick *other;

	if (kick->mode != PARTSCHED_KICK_WINDOW)
		return false;
	list_for_each_entry(other, &known, known)
		if (other->mode == PARTSCHED_KICK_WINDOW &&
		    file == (which == &kick->bell ? other->line.file :
						    other->bell.file))
			return true;
	return false;
}

/*
 * Let a party have an eventfd: its own, if it is the first, otherwise the one
 * that there is. What comes back has a reference of its own.
 */
static struct file *join(struct ps_kick *kick, bool source, struct file *own,
			 u32 *mode)
{
	struct ps_eventfd *which;
	struct file *file;

	rt_mutex_lock(&kick_mutex);
	*mode = kick->mode;
	which = source ? bell_of(kick) : &kick->line;
	if (*mode == PARTSCHED_KICK_NONE) {
		file = ERR_PTR(-EOPNOTSUPP);
	} else if (which->file) {
		file = get_file(which->file);
	} else if (loops(kick, which, own)) {
		file = ERR_PTR(-ELOOP);
	} else {
		keep(kick, which, get_file(own));
		file = get_file(own);
	}
	rt_mutex_unlock(&kick_mutex);
	return file;
}

/**
 * ps_kick_join() - PARTSCHED_IOC_PORT_KICK
 * @channel: the port's
 * @end: which end the port is, 0: the source
 * @mode: how its file was opened
 * @argument: struct partsched_port_kick
 *
 * Context: may sleep.
 * Return: 0 or a negative error; see uapi/linux/partsched_device.h.
 */
long ps_kick_join(struct ps_channel *channel, u32 end, fmode_t mode,
		  void __user *argument)
{
	struct partsched_port_kick ask;
	struct file *own, *file;
	int fd = -1;

	if (copy_from_user(&ask, argument, sizeof(ask)))
		return -EFAULT;
	if (ask.mode || ask.pad)
		return -EINVAL;
	if (!(mode & (end ? FMODE_READ : FMODE_WRITE)))
		return -EACCES;
	if (end && !ask.end)
		ask.end = end;
	if (!ask.end || ask.end >= channel->nr_ports || (end && ask.end != end))
		return -EINVAL;
	own = eventfd_fget(ask.fd);
	if (IS_ERR(own))
		return PTR_ERR(own);
	file = join(&channel->ports[ask.end].kick, !end, own, &ask.mode);
	fput(own);
	if (IS_ERR(file))
		return PTR_ERR(file);
	if (file != own) {
		fd = get_unused_fd_flags(O_CLOEXEC);
		if (fd < 0)
			goto put_file;
		ask.fd = fd;
	}
	if (copy_to_user(argument, &ask, sizeof(ask))) {
		if (fd >= 0)
			put_unused_fd(fd);
		fd = -EFAULT;
		goto put_file;
	}
	if (fd >= 0)
		fd_install(fd, file);
	else
		fput(file);
	return 0;

put_file:
	fput(file);
	return fd;
}

static void signal_now(struct ps_kick *kick)
{
	struct eventfd_ctx *ctx = NULL;
	struct file *file;
	unsigned long irqflags;

	raw_spin_lock_irqsave(&kick->lock, irqflags);
	file = kick->line.file;
	if (file) {
		get_file(file);
		ctx = kick->line.ctx;
	}
	raw_spin_unlock_irqrestore(&kick->lock, irqflags);
	if (!file)
		return;
	atomic64_inc(&kick->nr_delivered);
	ps_eventfd_signal(ctx);
	fput(file);
}

/**
 * ps_kick_message() - a program of the host has written a message
 * @kick: of a destination
 *
 * Context: may sleep.
 */
void ps_kick_message(struct ps_kick *kick)
{
	switch (READ_ONCE(kick->mode)) {
	case PARTSCHED_KICK_NOW:
		atomic64_inc(&kick->nr_asked);
		signal_now(kick);
		break;
	case PARTSCHED_KICK_WINDOW:
		ring(kick);
		break;
	}
}

/**
 * ps_kick_deliver() - signal what is due
 * @partition: whose window is open, or is just about to
 *
 * Each of its destinations once: what is asked for meanwhile has the gate
 * passed again.
 *
 * Context: may sleep; current is the partition's own thread, or the bouncer.
 */
void ps_kick_deliver(struct ps_partition *partition)
{
	struct ps_kicks *kicks = &partition->kicks;
	struct eventfd_ctx *ctx;
	unsigned long irqflags;
	struct ps_kick *kick;
	struct file *file;
	LIST_HEAD(due);

	raw_spin_lock_irqsave(&kicks->lock, irqflags);
	list_splice_init(&kicks->due, &due);
	while (!list_empty(&due)) {
		kick = list_first_entry(&due, struct ps_kick, due);
		list_del_init(&kick->due);
		/* it stays while this one is in a list: see reset() */
		file = get_file(kick->line.file);
		ctx = kick->line.ctx;
		atomic64_inc(&kick->nr_delivered);
		/* whoever rings from here on is signalled for anew */
		clear_bit(ASKED, &kick->asked);
		smp_mb__after_atomic();
		raw_spin_unlock_irqrestore(&kicks->lock, irqflags);
		ps_eventfd_signal(ctx);
		fput(file);
		raw_spin_lock_irqsave(&kicks->lock, irqflags);
	}
	raw_spin_unlock_irqrestore(&kicks->lock, irqflags);
}

/**
 * ps_kick_hurry() - a window has opened, kicks are due, and nobody is parked
 * @thread: whose window it is
 *
 * Context: hard irq, after the window has moved.
 */
void ps_kick_hurry(struct ps_thread *thread)
{
	if (sleeps(thread))
		ps_bouncer_kick();
}

/**
 * ps_kick_serve() - signal what is due for a thread that sleeps in its window
 * @thread: under the plan
 *
 * Context: the bouncer; ps_mutex held.
 */
void ps_kick_serve(struct ps_thread *thread)
{
	struct ps_vcpu *vcpu = thread->vcpu;

	ps_assert_locked();
	if (likely(!ps_kick_due(vcpu)))
		return;
	if (has_window(vcpu) && under_plan(thread) && sleeps(thread))
		ps_kick_deliver(vcpu->partition);
}

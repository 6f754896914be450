// SPDX-License-Identifier: GPL-2.0
/*
 * Threads that attached threads make. The policy does not come with them
 * (reset on fork), but the mask of one planned CPU does, and nothing in the
 * kernel resets it. So the fork is noticed by its tracepoint, found by name
 * since the symbol is not exported, and the bouncer moves the child to the
 * housekeeping CPUs.
 */
#include <linux/atomic.h>
#include <linux/sched.h>
#include <linux/sched/task.h>
#include <linux/string.h>
#include <linux/tracepoint.h>

#include "account.h"
#include "bouncer.h"
#include "children.h"
#include "housekeeping.h"

/*
 * Children for the bouncer, each with a reference. A tracepoint runs with
 * preemption off, where PREEMPT_RT cannot allocate; and the bouncer is faster
 * than anybody who forks.
 */
static struct task_struct *children[256];
static atomic_t noticed;
static struct tracepoint *fork_point;

static bool has_our_notifier(const struct task_struct *task)
{
	const struct preempt_notifier *notifier;

	hlist_for_each_entry(notifier, &task->preempt_notifiers, link)
		if (notifier->ops == &ps_account_ops)
			return true;
	return false;
}

/* In the parent's context, preemption off; the child has not run yet. */
static void on_fork(void *data, struct task_struct *parent,
		    struct task_struct *task)
{
	size_t i;

	if (likely(hlist_empty(&parent->preempt_notifiers)) ||
	    !has_our_notifier(parent))
		return;
	get_task_struct(task);
	for (i = 0; i < ARRAY_SIZE(children); i++)
		if (!cmpxchg(&children[i], NULL, task))
			break;
	if (i == ARRAY_SIZE(children)) {
		/* not the last reference: the child has not run yet */
		put_task_struct(task);
		pr_warn_ratelimited("partsched: no room to move child %d of thread %d off its CPU\n",
				    task->pid, parent->pid);
		return;
	}
	atomic_set_release(&noticed, 1);
	ps_bouncer_kick();
}

/**
 * ps_children_evict() - move all new children to the housekeeping CPUs
 *
 * Context: the bouncer, ps_mutex held.
 */
void ps_children_evict(void)
{
	struct task_struct *task;
	size_t i;

	if (!atomic_xchg(&noticed, 0))
		return;
	for (i = 0; i < ARRAY_SIZE(children); i++) {
		task = xchg(&children[i], NULL);
		if (!task)
			continue;
		set_cpus_allowed_ptr(task, ps_housekeeping());
		put_task_struct(task);
	}
}

static void find_fork(struct tracepoint *point, void *unused)
{
	if (!strcmp(point->name, "sched_process_fork"))
		fork_point = point;
}

/**
 * ps_children_init() - begin to notice forks
 *
 * Return: 0 or a negative error.
 */
int ps_children_init(void)
{
	for_each_kernel_tracepoint(find_fork, NULL);
	if (!fork_point) {
		pr_err("partsched: this kernel has no tracepoint sched_process_fork\n");
		return -ENOENT;
	}
	return tracepoint_probe_register(fork_point, on_fork, NULL);
}

/**
 * ps_children_exit() - stop noticing forks
 *
 * The bouncer must still be there.
 */
void ps_children_exit(void)
{
	tracepoint_probe_unregister(fork_point, on_fork, NULL);
	tracepoint_synchronize_unregister();
}

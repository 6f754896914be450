// SPDX-License-Identifier: GPL-2.0
/*
 * The reaper: a kernel thread of normal priority on the housekeeping CPUs.
 *
 * Two kinds of readers may still hold what it frees. Hard irq handlers and
 * preempt notifiers run with preemption off: synchronize_rcu() outwaits them.
 * A task-work callback that has told us it is done may still have instructions
 * of this module in front of it and may be preempted there:
 * synchronize_rcu_tasks() outwaits that, and only then may a module reference
 * go. It can take seconds, so the bouncer must not be the one who waits.
 */
#include <linux/kthread.h>
#include <linux/rcupdate.h>
#include <linux/sched.h>

#include "reaper.h"

static LLIST_HEAD(dead);
static struct task_struct *reaper;

/**
 * ps_reap() - free something after all its readers have gone
 * @reap: embedded in the object; must not be on its way already
 * @free: frees it; called in process context, may sleep
 *
 * Context: any, hard irq included.
 */
void ps_reap(struct ps_reap *reap, void (*free)(struct ps_reap *reap))
{
	reap->free = free;
	if (llist_add(&reap->node, &dead))
		wake_up_process(reaper);
}

static void reap_all(void)
{
	struct llist_node *list = llist_del_all(&dead);
	struct ps_reap *reap, *next;

	if (!list)
		return;
	synchronize_rcu();
	synchronize_rcu_tasks();
	llist_for_each_entry_safe(reap, next, list, node)
		reap->free(reap);
}

static int reaper_main(void *unused)
{
	for (;;) {
		set_current_state(TASK_IDLE);
		if (llist_empty(&dead)) {
			if (kthread_should_stop())
				break;
			schedule();
		}
		__set_current_state(TASK_RUNNING);
		reap_all();
	}
	__set_current_state(TASK_RUNNING);
	return 0;
}

/**
 * ps_reaper_bind() - keep the reaper off the planned CPUs
 * @housekeeping: where it may run, not empty
 *
 * Context: may sleep.
 */
void ps_reaper_bind(const struct cpumask *housekeeping)
{
	set_cpus_allowed_ptr(reaper, housekeeping);
}

/**
 * ps_reaper_init() - start the reaper
 *
 * Return: 0 or a negative error.
 */
int ps_reaper_init(void)
{
	struct task_struct *task = kthread_run(reaper_main, NULL, "ps_reaper");

	if (IS_ERR(task))
		return PTR_ERR(task);
	reaper = task;
	return 0;
}

/**
 * ps_reaper_exit() - free all that is left and stop
 *
 * Nothing may call ps_reap() any more, but for the frees that run here.
 */
void ps_reaper_exit(void)
{
	kthread_stop(reaper);
}

// SPDX-License-Identifier: GPL-2.0
/*
 * The commands ATTACH and DETACH.
 */
#include <linux/jiffies.h>
#include <linux/math64.h>
#include <linux/pid.h>
#include <linux/resource.h>
#include <linux/sched.h>
#include <linux/sched/deadline.h>
#include <linux/sched/signal.h>
#include <linux/sched/task.h>
#include <net/genetlink.h>

#include "bouncer.h"
#include "lock.h"
#include "mode.h"
#include "netlink.h"
#include "plan.h"
#include "thread.h"

#define DEFAULT_TIMEOUT_NS	(2 * NSEC_PER_SEC)
#define MAX_TIMEOUT_NS		(3600 * NSEC_PER_SEC)

static int refuse(struct genl_info *info, int attr, int err,
		  const char *message)
{
	if (info->extack) {
		info->extack->_msg = message;
		if (attr)
			info->extack->bad_attr = info->attrs[attr];
	}
	return err;
}

static struct ps_partition *find_partition(struct genl_info *info)
{
	return ps_plan_partition(nla_data(info->attrs[PARTSCHED_A_PARTITION_NAME]));
}

/*
 * The thread that the sender means, by its own pid namespace: with a
 * reference, or NULL. The start time guards against a tid that was reused
 * since the sender looked; it is field 22 of /proc/TID/stat.
 */
static struct task_struct *find_task(struct genl_info *info)
{
	u32 tid = nla_get_u32(info->attrs[PARTSCHED_A_TID]);
	struct task_struct *task;
	struct pid *pid;
	u64 ticks;

	if (tid > PID_MAX_LIMIT)
		return NULL;
	pid = find_get_pid(tid);
	task = get_pid_task(pid, PIDTYPE_PID);
	put_pid(pid);
	if (!task || !info->attrs[PARTSCHED_A_START_TICKS])
		return task;
	ticks = div_u64(task->start_boottime, NSEC_PER_SEC / USER_HZ);
	if (ticks == nla_get_u64(info->attrs[PARTSCHED_A_START_TICKS]))
		return task;
	put_task_struct(task);
	return NULL;
}

static const char *blocked_reason(const struct task_struct *task)
{
	unsigned int state = READ_ONCE(task->__state);

	if (state & __TASK_STOPPED)
		return "the thread is stopped: it shows itself when it continues";
	if (state & __TASK_TRACED)
		return "the thread is stopped by a debugger: it shows itself when it continues";
	if ((state & TASK_UNINTERRUPTIBLE) && !(state & TASK_NOLOAD))
		return "the thread sleeps uninterruptibly: it shows itself when it wakes";
	return NULL;
}

static int answer(struct genl_info *info, const struct ps_thread *thread)
{
	const char *reason = blocked_reason(thread->task);
	struct sk_buff *skb;
	void *header;

	skb = ps_answer_new(info, &header);
	if (!skb)
		return -ENOMEM;
	if (nla_put_u32(skb, PARTSCHED_A_VCPU_ID, thread->vcpu->id) ||
	    nla_put_u32(skb, PARTSCHED_A_ATTACH_STATE,
			ps_thread_is(thread, PS_LEAVING) ?
			PARTSCHED_ATTACH_DETACHING : READ_ONCE(thread->state)) ||
	    nla_put_u32(skb, PARTSCHED_A_TID, thread->tid) ||
	    (reason && nla_put_string(skb, PARTSCHED_A_REASON, reason))) {
		nlmsg_free(skb);
		return -EMSGSIZE;
	}
	return ps_answer_send(skb, header, info);
}

static int attach_task(struct genl_info *info, struct task_struct *task,
		       u64 timeout_ns)
{
	u32 index = nla_get_u32(info->attrs[PARTSCHED_A_VCPU]);
	struct ps_partition *partition;
	struct ps_thread *thread;
	struct ps_vcpu *vcpu;

	if (!ps_plan_current(NULL))
		return refuse(info, 0, -ENOENT,
			      "no plan is loaded, so there is no partition to attach to");
	if (ps_plan_replacing())
		return refuse(info, 0, -EBUSY,
			      "a change of the plan is on its way: attach when it is done");
	partition = find_partition(info);
	if (!partition)
		return refuse(info, PARTSCHED_A_PARTITION_NAME, -ENOENT,
			      "the plan has no partition of this name");
	if (index >= partition->nr_vcpus)
		return refuse(info, PARTSCHED_A_VCPU, -ENOENT,
			      "the partition has no vCPU of this number");
	vcpu = &partition->vcpus[index];
	/* with windows in another schedule only, it waits for that one */
	if (ps_vcpu_cpu(vcpu) < 0 && !ps_plan_opens(ps_plan_current(NULL), vcpu))
		return refuse(info, PARTSCHED_A_VCPU, -ENOENT,
			      "the vCPU has no window in any schedule of the plan");
	if (task->flags & PF_KTHREAD)
		return refuse(info, PARTSCHED_A_TID, -EINVAL,
			      "this is a kernel thread");
	if (task->flags & PF_EXITING)
		return refuse(info, PARTSCHED_A_TID, -ESRCH,
			      "the thread is exiting");
	if (task->policy == SCHED_DEADLINE)
		return refuse(info, PARTSCHED_A_TID, -EINVAL,
			      "the thread is SCHED_DEADLINE: give it another policy first");
	if (READ_ONCE(task->signal->rlim[RLIMIT_RTTIME].rlim_cur) !=
	    RLIM_INFINITY)
		return refuse(info, PARTSCHED_A_TID, -EINVAL,
			      "the thread has an RLIMIT_RTTIME, which would kill it: lift the limit first");
	if (ps_thread_find(task))
		return refuse(info, PARTSCHED_A_TID, -EEXIST,
			      "the thread is attached already, or on its way");
	if (vcpu->holder)
		return refuse(info, PARTSCHED_A_VCPU, -EBUSY,
			      "the vCPU has a thread already, or one on its way");

	thread = ps_thread_new(task, vcpu, task == current, timeout_ns);
	if (IS_ERR(thread))
		return refuse(info, 0, PTR_ERR(thread),
			      "no memory, or the module is about to go");
	ps_thread_try(thread, thread->retry_ns);
	ps_bouncer_kick();
	return answer(info, thread);
}

/**
 * ps_attach() - ATTACH
 * @skb: the request
 * @info: the request
 *
 * Without a tid the calling thread attaches itself: it is held from the return
 * of its system call on, until its first window. With one, the thread is held
 * from the moment it is found inside KVM_RUN.
 *
 * Return: 0 or a negative error with an extended acknowledgement.
 */
int ps_attach(struct sk_buff *skb, struct genl_info *info)
{
	u64 timeout_ns = DEFAULT_TIMEOUT_NS;
	struct task_struct *task;
	int err;

	if (!info->attrs[PARTSCHED_A_PARTITION_NAME] ||
	    !info->attrs[PARTSCHED_A_VCPU])
		return refuse(info, 0, -EINVAL,
			      "the attribute PARTITION_NAME or VCPU is missing");
	if (info->attrs[PARTSCHED_A_TIMEOUT_NS])
		timeout_ns = nla_get_u64(info->attrs[PARTSCHED_A_TIMEOUT_NS]) ?:
			DEFAULT_TIMEOUT_NS;
	if (timeout_ns > MAX_TIMEOUT_NS)
		return refuse(info, PARTSCHED_A_TIMEOUT_NS, -ERANGE,
			      "the time-out is longer than an hour");

	if (info->attrs[PARTSCHED_A_TID]) {
		task = find_task(info);
		if (!task)
			return refuse(info, PARTSCHED_A_TID, -ESRCH,
				      "there is no such thread (any more)");
	} else {
		task = get_task_struct(current);
	}
	ps_lock();
	err = attach_task(info, task, timeout_ns);
	ps_unlock();
	put_task_struct(task);
	return err;
}

/**
 * ps_detach() - DETACH
 * @skb: the request
 * @info: the request
 *
 * By tid, or by partition and, where given, vCPU. The answer is about the
 * last thread that was told to leave; the events tell of each. A partition that
 * is REPLACED goes on waiting for a launcher, as if this one had died.
 *
 * Return: 0 or a negative error with an extended acknowledgement.
 */
int ps_detach(struct sk_buff *skb, struct genl_info *info)
{
	struct ps_partition *partition = NULL;
	struct ps_thread *thread, *last = NULL;
	struct task_struct *task = NULL;
	int err;

	if (!info->attrs[PARTSCHED_A_TID] ==
	    !info->attrs[PARTSCHED_A_PARTITION_NAME])
		return refuse(info, 0, -EINVAL,
			      "give either TID or PARTITION_NAME");
	if (info->attrs[PARTSCHED_A_TID]) {
		task = find_task(info);
		if (!task)
			return refuse(info, PARTSCHED_A_TID, -ESRCH,
				      "there is no such thread (any more)");
	}
	if (info->attrs[PARTSCHED_A_REPLACED] &&
	    (task || info->attrs[PARTSCHED_A_VCPU])) {
		err = refuse(info, PARTSCHED_A_REPLACED, -EINVAL,
			     "a launcher is replaced whole: give PARTITION_NAME alone");
		goto put;
	}
	ps_lock();
	if (!task) {
		partition = find_partition(info);
		if (!partition) {
			err = refuse(info, PARTSCHED_A_PARTITION_NAME, -ENOENT,
				     "the plan has no partition of this name");
			goto unlock;
		}
	}
	if (info->attrs[PARTSCHED_A_REPLACED] && !ps_mode_replace(partition)) {
		err = refuse(info, PARTSCHED_A_REPLACED, -EINVAL,
			     "a launcher is replaced when its partition is to start: it is not");
		goto unlock;
	}
	list_for_each_entry(thread, &ps_threads, node) {
		if (task && thread->task != task)
			continue;
		if (partition && thread->vcpu->partition != partition)
			continue;
		if (info->attrs[PARTSCHED_A_VCPU] && thread->vcpu->index !=
		    nla_get_u32(info->attrs[PARTSCHED_A_VCPU]))
			continue;
		ps_thread_leave(thread, "it was detached");
		last = thread;
	}
	if (last)
		err = answer(info, last);
	else
		err = refuse(info, task ? PARTSCHED_A_TID : 0, -ENOENT,
			     "no such thread is attached");
unlock:
	ps_unlock();
put:
	if (task)
		put_task_struct(task);
	return err;
}

// SPDX-License-Identifier: GPL-2.0
/*
 * Multicast events. All are sent from process context, by the bouncer or by a
 * netlink request; the timers only count.
 */
#include <linux/ktime.h>
#include <linux/timekeeping.h>
#include <net/genetlink.h>

#include "event.h"
#include "health-log.h"
#include "netlink.h"
#include "plan.h"
#include "thread.h"

static struct sk_buff *event_begin(u32 type, void **header)
{
	struct sk_buff *skb;

	if (!genl_has_listeners(&ps_family, &init_net, 0))
		return NULL;
	skb = genlmsg_new(NLMSG_GOODSIZE, GFP_KERNEL);
	if (!skb)
		return NULL;
	*header = genlmsg_put(skb, 0, 0, &ps_family, 0, PARTSCHED_CMD_EVENT);
	if (!*header ||
	    nla_put_u32(skb, PARTSCHED_A_EVENT_TYPE, type) ||
	    nla_put_u64_64bit(skb, PARTSCHED_A_TIME_NS, ktime_get_ns(),
			      PARTSCHED_A_PAD)) {
		nlmsg_free(skb);
		return NULL;
	}
	return skb;
}

static void event_send(struct sk_buff *skb, void *header)
{
	genlmsg_end(skb, header);
	genlmsg_multicast(&ps_family, skb, 0, 0, GFP_KERNEL);
}

/**
 * ps_event_plan() - tell that a plan started or stopped
 * @type: PARTSCHED_EVENT_PLAN_*
 * @plan: the plan
 * @reason: may be NULL
 *
 * Context: may sleep.
 */
void ps_event_plan(u32 type, const struct ps_plan *plan, const char *reason)
{
	void *header;
	struct sk_buff *skb = event_begin(type, &header);

	if (!skb)
		return;
	if (nla_put_u32(skb, PARTSCHED_A_GENERATION, plan->generation) ||
	    (reason && nla_put_string(skb, PARTSCHED_A_REASON, reason)))
		nlmsg_free(skb);
	else
		event_send(skb, header);
}

/**
 * ps_event_schedule() - tell that all CPUs run a schedule with a new epoch
 * @type: PARTSCHED_EVENT_SCHEDULE_CHANGED: by a change to it;
 *	PARTSCHED_EVENT_PLAN_RESUMED: after the machine slept
 * @schedule: the schedule
 * @at_ns: since when
 *
 * Context: may sleep.
 */
void ps_event_schedule(u32 type, const struct ps_schedule *schedule, u64 at_ns)
{
	void *header;
	struct sk_buff *skb = event_begin(type, &header);

	if (!skb)
		return;
	if (nla_put_u32(skb, PARTSCHED_A_GENERATION,
			schedule->plan->generation) ||
	    nla_put_u32(skb, PARTSCHED_A_SCHEDULE_ID, schedule->id) ||
	    nla_put_u64_64bit(skb, PARTSCHED_A_EPOCH_NS, at_ns,
			      PARTSCHED_A_PAD))
		nlmsg_free(skb);
	else
		event_send(skb, header);
}

static int put_thread(struct sk_buff *skb, const struct ps_thread *thread)
{
	const struct ps_vcpu *vcpu = thread->vcpu;

	if (nla_put_string(skb, PARTSCHED_A_PARTITION_NAME,
			   vcpu->partition->name) ||
	    nla_put_u32(skb, PARTSCHED_A_VCPU, vcpu->index) ||
	    nla_put_u32(skb, PARTSCHED_A_CPU, ps_vcpu_cpu(vcpu)) ||
	    nla_put_u32(skb, PARTSCHED_A_TID, thread->tid))
		return -EMSGSIZE;
	return 0;
}

/**
 * ps_event_clock() - tell that the plan's clock was set
 * @schedule: the schedule in force
 * @at_ns: from when on its frames are on the clock's grid again
 * @step_ns: by how much the clock was set
 *
 * Context: may sleep.
 */
void ps_event_clock(const struct ps_schedule *schedule, u64 at_ns, s64 step_ns)
{
	void *header;
	struct sk_buff *skb = event_begin(PARTSCHED_EVENT_CLOCK_STEPPED,
					  &header);

	if (!skb)
		return;
	if (nla_put_u32(skb, PARTSCHED_A_SCHEDULE_ID, schedule->id) ||
	    nla_put_u64_64bit(skb, PARTSCHED_A_EPOCH_NS, at_ns,
			      PARTSCHED_A_PAD) ||
	    nla_put_s64(skb, PARTSCHED_A_LAST_STEP_NS, step_ns,
			PARTSCHED_A_PAD))
		nlmsg_free(skb);
	else
		event_send(skb, header);
}

/**
 * ps_event_thread() - tell what became of a thread
 * @type: PARTSCHED_EVENT_*
 * @thread: the thread
 * @reason: may be NULL
 *
 * Context: may sleep.
 */
void ps_event_thread(u32 type, const struct ps_thread *thread,
		     const char *reason)
{
	void *header;
	struct sk_buff *skb = event_begin(type, &header);

	if (!skb)
		return;
	if (put_thread(skb, thread) ||
	    (reason && nla_put_string(skb, PARTSCHED_A_REASON, reason)))
		nlmsg_free(skb);
	else
		event_send(skb, header);
}

/**
 * ps_event_action() - tell what a change of schedule made a partition do
 * @thread: the thread of one of its vCPUs
 * @action: enum partsched_change_action
 *
 * Context: may sleep.
 */
void ps_event_action(const struct ps_thread *thread, u32 action)
{
	void *header;
	struct sk_buff *skb = event_begin(PARTSCHED_EVENT_CHANGE_ACTION,
					  &header);

	if (!skb)
		return;
	if (put_thread(skb, thread) ||
	    nla_put_u32(skb, PARTSCHED_A_CHANGE_ACTION, action))
		nlmsg_free(skb);
	else
		event_send(skb, header);
}

/**
 * ps_event_mode() - tell that a partition is in another mode, or starts again
 * @partition: the partition
 * @mode: enum partsched_mode
 * @condition: enum partsched_start_condition
 * @reason: who has brought it about
 *
 * Context: may sleep.
 */
void ps_event_mode(const struct ps_partition *partition, u32 mode,
		   u32 condition, const char *reason)
{
	void *header;
	struct sk_buff *skb = event_begin(PARTSCHED_EVENT_MODE, &header);

	if (!skb)
		return;
	if (nla_put_string(skb, PARTSCHED_A_PARTITION_NAME, partition->name) ||
	    nla_put_u32(skb, PARTSCHED_A_MODE, mode) ||
	    nla_put_u32(skb, PARTSCHED_A_START_CONDITION, condition) ||
	    nla_put_string(skb, PARTSCHED_A_REASON, reason))
		nlmsg_free(skb);
	else
		event_send(skb, header);
}

/**
 * ps_event_partition() - tell what became of a partition
 * @type: PARTSCHED_EVENT_HALTED or PARTSCHED_EVENT_CONTINUED
 * @partition: the partition
 *
 * Context: may sleep.
 */
void ps_event_partition(u32 type, const struct ps_partition *partition)
{
	void *header;
	struct sk_buff *skb = event_begin(type, &header);

	if (!skb)
		return;
	if (nla_put_string(skb, PARTSCHED_A_PARTITION_NAME, partition->name))
		nlmsg_free(skb);
	else
		event_send(skb, header);
}

/**
 * ps_event_error() - tell what the health monitor has logged
 * @entry: the entry
 *
 * Context: may sleep.
 */
void ps_event_error(const struct ps_hm_entry *entry)
{
	void *header;
	struct sk_buff *skb = event_begin(PARTSCHED_EVENT_ERROR, &header);

	if (!skb)
		return;
	if (ps_hm_log_put(skb, entry))
		nlmsg_free(skb);
	else
		event_send(skb, header);
}

/**
 * ps_event_preempted() - tell that other tasks had the CPU in a thread's window
 * @thread: the thread
 * @count: how often since this was last told
 * @reason: who, and for how long
 *
 * Context: may sleep.
 */
void ps_event_preempted(const struct ps_thread *thread, u64 count,
			const char *reason)
{
	void *header;
	struct sk_buff *skb = event_begin(PARTSCHED_EVENT_PREEMPTED, &header);

	if (!skb)
		return;
	if (put_thread(skb, thread) ||
	    nla_put_u64_64bit(skb, PARTSCHED_A_COUNT, count, PARTSCHED_A_PAD) ||
	    nla_put_string(skb, PARTSCHED_A_REASON, reason))
		nlmsg_free(skb);
	else
		event_send(skb, header);
}

/**
 * ps_event_missed() - tell that windows were missed
 * @cpu: on which CPU
 * @count: how many since this was last told
 *
 * Context: may sleep.
 */
void ps_event_missed(int cpu, u64 count)
{
	void *header;
	struct sk_buff *skb = event_begin(PARTSCHED_EVENT_MISSED, &header);

	if (!skb)
		return;
	if (nla_put_u32(skb, PARTSCHED_A_CPU, cpu) ||
	    nla_put_u64_64bit(skb, PARTSCHED_A_COUNT, count, PARTSCHED_A_PAD))
		nlmsg_free(skb);
	else
		event_send(skb, header);
}

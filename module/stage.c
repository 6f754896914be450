// SPDX-License-Identifier: GPL-2.0
/*
 * Staging: a plan is built piece by piece on one socket, checked whole at the
 * commit, and either published or refused. What a socket staged goes with it.
 */
#include <linux/cpu.h>
#include <linux/list.h>
#include <linux/slab.h>
#include <net/genetlink.h>

#include "draft.h"
#include "guard.h"
#include "host.h"
#include "kick.h"
#include "lock.h"
#include "netlink.h"
#include "plan.h"
#include "port.h"
#include "stage.h"
#include "thread.h"

/**
 * struct stage - what one socket stages
 * @node: in the list of all
 * @portid: the socket
 * @draft: its plan so far
 */
struct stage {
	struct list_head node;
	u32 portid;
	struct ps_draft *draft;
};

/* Sockets that may stage at one time; each is a privileged program. */
#define MAX_STAGES 16

static LIST_HEAD(stages);	/* under ps_mutex */
static unsigned int nr_stages;

static struct stage *find_stage(u32 portid)
{
	struct stage *stage;

	ps_assert_locked();
	list_for_each_entry(stage, &stages, node)
		if (stage->portid == portid)
			return stage;
	return NULL;
}

/* The draft of a stage; the stage is gone. */
static struct ps_draft *take_draft(struct stage *stage)
{
	struct ps_draft *draft = stage->draft;

	list_del(&stage->node);
	nr_stages--;
	kfree(stage);
	return draft;
}

static void drop_stage(struct stage *stage)
{
	if (stage)
		ps_draft_free(take_draft(stage));
}

/**
 * ps_stage_begin() - STAGE_BEGIN
 * @skb: the request
 * @info: the request
 *
 * Return: 0 or a negative error with an extended acknowledgement.
 */
int ps_stage_begin(struct sk_buff *skb, struct genl_info *info)
{
	u32 slack_ppm = PARTSCHED_DEFAULT_SLACK_PPM;
	u32 clock = PARTSCHED_CLOCK_MONOTONIC;
	struct stage *stage;
	u64 base_ns = 0;
	int err = 0;

	if (info->attrs[PARTSCHED_A_SLACK_PPM])
		slack_ppm = nla_get_u32(info->attrs[PARTSCHED_A_SLACK_PPM]);
	if (slack_ppm >= 1000000)
		return refuse(info, PARTSCHED_A_SLACK_PPM,
			      "the slack is a share of a million, and not all of it");
	if (info->attrs[PARTSCHED_A_FORCE_NO_SLACK])
		slack_ppm = 0;
	if (info->attrs[PARTSCHED_A_CLOCK])
		clock = nla_get_u32(info->attrs[PARTSCHED_A_CLOCK]);
	if (clock != PARTSCHED_CLOCK_MONOTONIC && clock != PARTSCHED_CLOCK_TAI)
		return refuse(info, PARTSCHED_A_CLOCK,
			      "frames are aligned to CLOCK_MONOTONIC or CLOCK_TAI");
	if (info->attrs[PARTSCHED_A_BASE_NS])
		base_ns = nla_get_u64(info->attrs[PARTSCHED_A_BASE_NS]);
	if (base_ns && clock != PARTSCHED_CLOCK_TAI)
		return refuse(info, PARTSCHED_A_BASE_NS,
			      "a base time is an instant of CLOCK_TAI: it wants that clock");
	if (base_ns > S64_MAX)
		return refuse(info, PARTSCHED_A_BASE_NS,
			      "the base time is beyond what the clock can tell");
	ps_lock();
	drop_stage(find_stage(info->snd_portid));
	if (nr_stages == MAX_STAGES) {
		NL_SET_ERR_MSG(info->extack,
			       "too many programs stage a plan at this moment");
		err = -EBUSY;
		goto unlock;
	}
	stage = kzalloc(sizeof(*stage), GFP_KERNEL_ACCOUNT);
	if (!stage) {
		err = -ENOMEM;
		goto unlock;
	}
	stage->draft = ps_draft_new(slack_ppm);
	if (!stage->draft) {
		kfree(stage);
		err = -ENOMEM;
		goto unlock;
	}
	stage->draft->clock = clock;
	stage->draft->base_ns = base_ns;
	stage->portid = info->snd_portid;
	list_add(&stage->node, &stages);
	nr_stages++;
unlock:
	ps_unlock();
	return err;
}

/**
 * ps_stage_lock_draft() - the draft of the socket that a request came from
 * @info: the request
 *
 * Context: may sleep; ps_mutex is held on success only.
 * Return: the draft, or NULL with an extended acknowledgement.
 */
struct ps_draft *ps_stage_lock_draft(struct genl_info *info)
{
	struct stage *stage;

	ps_lock();
	stage = find_stage(info->snd_portid);
	if (stage)
		return stage->draft;
	ps_unlock();
	NL_SET_ERR_MSG(info->extack,
		       "nothing is staged on this socket: STAGE_BEGIN comes first");
	return NULL;
}

/**
 * ps_stage_schedule() - STAGE_SCHEDULE
 * @skb: the request
 * @info: the request
 *
 * Return: 0 or a negative error with an extended acknowledgement.
 */
int ps_stage_schedule(struct sk_buff *skb, struct genl_info *info)
{
	bool initial = info->attrs[PARTSCHED_A_INITIAL];
	struct ps_draft_schedule *schedule;
	struct ps_draft *draft;
	u64 guard_ns = 0;
	int err = 0;
	u32 id;

	if (LACKS(info, SCHEDULE_ID) || LACKS(info, MAJOR_FRAME_NS))
		return -EINVAL;
	if (info->attrs[PARTSCHED_A_GUARD_NS])
		guard_ns = nla_get_u64(info->attrs[PARTSCHED_A_GUARD_NS]);
	if (guard_ns > PARTSCHED_MAX_GUARD_NS &&
	    guard_ns != PARTSCHED_GUARD_AUTO)
		return refuse(info, PARTSCHED_A_GUARD_NS,
			      "the guard is longer than a thread may wait for its edge (200000 ns)");
	id = nla_get_u32(info->attrs[PARTSCHED_A_SCHEDULE_ID]);
	draft = ps_stage_lock_draft(info);
	if (!draft)
		return -EINVAL;

	if (ps_draft_schedule(draft, id)) {
		err = refuse(info, PARTSCHED_A_SCHEDULE_ID,
			     "two schedules have this identifier");
		goto unlock;
	}
	/* a single one that does not say so is not counted yet */
	schedule = ps_draft_initial(draft);
	if (initial && schedule && schedule->initial) {
		err = refuse(info, PARTSCHED_A_INITIAL,
			     "another schedule is the initial one already");
		goto unlock;
	}
	if (draft->nr_schedules == PARTSCHED_MAX_SCHEDULES) {
		NL_SET_ERR_MSG(info->extack, "more than 64 schedules");
		err = -E2BIG;
		goto unlock;
	}
	schedule = ps_draft_add_schedule(draft, id);
	if (!schedule) {
		err = -ENOMEM;
		goto unlock;
	}
	schedule->initial = initial;
	schedule->guard_ns = guard_ns;
	schedule->frame_ns = nla_get_u64(info->attrs[PARTSCHED_A_MAJOR_FRAME_NS]);
	if (info->attrs[PARTSCHED_A_SCHEDULE_NAME])
		nla_strscpy(schedule->name,
			    info->attrs[PARTSCHED_A_SCHEDULE_NAME],
			    sizeof(schedule->name));
unlock:
	ps_unlock();
	return err;
}

/**
 * ps_stage_partition() - STAGE_PARTITION
 * @skb: the request
 * @info: the request
 *
 * Return: 0 or a negative error with an extended acknowledgement.
 */
int ps_stage_partition(struct sk_buff *skb, struct genl_info *info)
{
	struct ps_traits traits;
	struct ps_draft *draft;
	u64 quantum_ns = 0;
	const char *name;
	int err;
	u32 id;

	if (LACKS(info, PARTITION_ID) || LACKS(info, PARTITION_NAME) ||
	    LACKS(info, NR_VCPUS))
		return -EINVAL;
	name = nla_data(info->attrs[PARTSCHED_A_PARTITION_NAME]);
	id = nla_get_u32(info->attrs[PARTSCHED_A_PARTITION_ID]);
	if (!good_name(name))
		return refuse(info, PARTSCHED_A_PARTITION_NAME,
			      "a partition's name is neither empty nor '.' nor '..' and has no '/' and no control characters");
	if (info->attrs[PARTSCHED_A_QUANTUM_NS])
		quantum_ns = nla_get_u64(info->attrs[PARTSCHED_A_QUANTUM_NS]);
	if (quantum_ns && quantum_ns < PARTSCHED_MIN_QUANTUM_NS)
		return refuse(info, PARTSCHED_A_QUANTUM_NS,
			      "the quantum is shorter than the host can keep (50000 ns)");
	err = ps_stage_traits(info, &traits);
	if (err)
		return err;
	draft = ps_stage_lock_draft(info);
	if (!draft)
		return -EINVAL;

	if (ps_draft_partition(draft, id)) {
		err = refuse(info, PARTSCHED_A_PARTITION_ID,
			     "two partitions have this identifier");
	} else if (ps_draft_named(draft, name)) {
		err = refuse(info, PARTSCHED_A_PARTITION_NAME,
			     "two partitions have this name");
	} else if (draft->nr_partitions == PARTSCHED_MAX_PARTITIONS) {
		NL_SET_ERR_MSG(info->extack, "more than 1024 partitions");
		err = -E2BIG;
	} else {
		err = ps_draft_add_partition(draft, id, name,
			nla_get_u32(info->attrs[PARTSCHED_A_NR_VCPUS]),
			quantum_ns, &traits);
	}
	ps_unlock();
	return err;
}

/* The staged partition that is named, if it has the vCPU; or NULL and @err. */
static struct ps_draft_partition *find_vcpu(struct genl_info *info,
					    const struct ps_draft *draft,
					    u32 vcpu, int *err)
{
	struct ps_draft_partition *partition = ps_draft_partition(draft,
		nla_get_u32(info->attrs[PARTSCHED_A_PARTITION_ID]));

	if (!partition) {
		*err = refuse(info, PARTSCHED_A_PARTITION_ID,
			      "no partition with this identifier is staged");
		return NULL;
	}
	if (vcpu >= partition->nr_vcpus) {
		*err = refuse(info, PARTSCHED_A_VCPU,
			      "the partition has no vCPU with this number");
		return NULL;
	}
	return partition;
}

/**
 * ps_stage_vcpu() - STAGE_VCPU
 * @skb: the request
 * @info: the request
 *
 * Return: 0 or a negative error with an extended acknowledgement.
 */
int ps_stage_vcpu(struct sk_buff *skb, struct genl_info *info)
{
	struct ps_draft_partition *partition;
	struct ps_draft *draft;
	int err = 0;
	u32 vcpu;

	if (LACKS(info, PARTITION_ID) || LACKS(info, VCPU) ||
	    LACKS(info, PRIORITY))
		return -EINVAL;
	vcpu = nla_get_u32(info->attrs[PARTSCHED_A_VCPU]);
	draft = ps_stage_lock_draft(info);
	if (!draft)
		return -EINVAL;

	partition = find_vcpu(info, draft, vcpu, &err);
	if (partition)
		ps_draft_set_priority(draft, partition, vcpu,
			nla_get_u32(info->attrs[PARTSCHED_A_PRIORITY]));
	ps_unlock();
	return err;
}

/**
 * ps_stage_window() - STAGE_WINDOW
 * @skb: the request
 * @info: the request
 *
 * Return: 0 or a negative error with an extended acknowledgement.
 */
int ps_stage_window(struct sk_buff *skb, struct genl_info *info)
{
	struct ps_draft_partition *partition;
	struct ps_draft_schedule *schedule;
	struct ps_window *window;
	struct ps_draft *draft;
	u32 cpu, vcpu;
	int err = 0;

	if (LACKS(info, SCHEDULE_ID) || LACKS(info, PARTITION_ID) ||
	    LACKS(info, VCPU) || LACKS(info, CPU) || LACKS(info, WINDOW_ID) ||
	    LACKS(info, OFFSET_NS) || LACKS(info, DURATION_NS))
		return -EINVAL;
	vcpu = nla_get_u32(info->attrs[PARTSCHED_A_VCPU]);
	cpu = nla_get_u32(info->attrs[PARTSCHED_A_CPU]);
	draft = ps_stage_lock_draft(info);
	if (!draft)
		return -EINVAL;

	schedule = ps_draft_schedule(draft,
		nla_get_u32(info->attrs[PARTSCHED_A_SCHEDULE_ID]));
	if (!schedule) {
		err = refuse(info, PARTSCHED_A_SCHEDULE_ID,
			     "no schedule with this identifier is staged");
		goto unlock;
	}
	partition = find_vcpu(info, draft, vcpu, &err);
	if (!partition)
		goto unlock;
	if (cpu >= nr_cpu_ids || !cpu_possible(cpu)) {
		err = refuse(info, PARTSCHED_A_CPU,
			     "the machine has no CPU with this number");
		goto unlock;
	}
	if (draft->nr_windows == PARTSCHED_MAX_WINDOWS) {
		NL_SET_ERR_MSG(info->extack, "more than 131072 windows");
		err = -E2BIG;
		goto unlock;
	}
	window = ps_draft_add_window(draft, schedule, partition, vcpu, cpu);
	if (!window) {
		err = -ENOMEM;
		goto unlock;
	}
	window->id = nla_get_u32(info->attrs[PARTSCHED_A_WINDOW_ID]);
	window->offset_ns = nla_get_u64(info->attrs[PARTSCHED_A_OFFSET_NS]);
	window->duration_ns = nla_get_u64(info->attrs[PARTSCHED_A_DURATION_NS]);
	if (info->attrs[PARTSCHED_A_CHANGE_ACTION])
		window->action =
			nla_get_u32(info->attrs[PARTSCHED_A_CHANGE_ACTION]);
unlock:
	ps_unlock();
	return err;
}

/*
 * Whether every attached thread has its place in the new plan too: windows in
 * one of its schedules, until which it waits.
 */
static bool keeps_threads(const struct ps_plan *plan)
{
	struct ps_thread *thread;
	u32 i;

	list_for_each_entry(thread, &ps_threads, node)
		thread->vcpu->next_cpu = -1;
	for (i = 0; i < plan->nr_windows; i++)
		plan->slots[plan->windows[i].slot]->next_cpu =
			plan->windows[i].cpu;
	list_for_each_entry(thread, &ps_threads, node)
		if (!ps_thread_is(thread, PS_LEAVING) &&
		    thread->vcpu->next_cpu < 0)
			return false;
	return true;
}

/*
 * A sentence about one schedule of several. An extended acknowledgement holds
 * a pointer only, and is sent after the request is through: so there are as
 * many texts as no kernel has requests between these two points at one time.
 */
static const char *about(const struct ps_draft_schedule *schedule,
			 const char *text)
{
	static char said[64][160];	/* under ps_mutex */
	static unsigned int next;
	char *here = said[next++ % ARRAY_SIZE(said)];

	ps_assert_locked();
	snprintf(here, sizeof(said[0]), "schedule %u: %s", schedule->id, text);
	return here;
}

/* Refuse a draft that is no plan. */
static int check(struct ps_draft *draft, struct genl_info *info)
{
	const struct ps_draft_schedule *where;
	const char *text = ps_draft_check(draft, &where);

	if (!text)
		return 0;
	if (where && draft->nr_schedules > 1) {
		ps_lock();
		text = about(where, text);
		ps_unlock();
	}
	return refuse(info, 0, text);
}

/* Channels and nodes of a checked draft: before the lock, for they take long. */
static int make_channels(struct ps_draft *draft, bool dry,
			 struct genl_info *info)
{
	int err = ps_draft_make_channels(draft, dry);

	if (err == -ENOSPC)
		NL_SET_ERR_MSG(info->extack,
			       "the channels need more memory than the module's parameter channel_mib allows");
	if (err || dry)
		return err;
	err = ps_port_prepare(draft);
	if (err)
		NL_SET_ERR_MSG(info->extack,
			       "the devices of the ports could not be made");
	return err;
}

static int answer_commit(struct genl_info *info, const struct ps_plan *plan,
			 u64 epoch_ns, bool unchanged)
{
	struct sk_buff *skb;
	void *header;

	skb = ps_answer_new(info, &header);
	if (!skb)
		return -ENOMEM;
	if (nla_put_u32(skb, PARTSCHED_A_GENERATION,
			plan ? plan->generation : 0) ||
	    nla_put_u64_64bit(skb, PARTSCHED_A_EPOCH_NS, epoch_ns,
			      PARTSCHED_A_PAD) ||
	    (unchanged && nla_put_flag(skb, PARTSCHED_A_UNCHANGED))) {
		nlmsg_free(skb);
		return -EMSGSIZE;
	}
	return ps_answer_send(skb, header, info);
}

/**
 * ps_stage_commit() - STAGE_COMMIT
 * @skb: the request
 * @info: the request
 *
 * Return: 0 or a negative error with an extended acknowledgement.
 */
int ps_stage_commit(struct sk_buff *skb, struct genl_info *info)
{
	bool dry = info->attrs[PARTSCHED_A_DRY_RUN];
	struct ps_plan_status status;
	struct ps_draft *draft;
	bool published = false;
	struct ps_plan *plan;
	int err;

	if (!ps_stage_lock_draft(info))
		return -EINVAL;
	draft = take_draft(find_stage(info->snd_portid));
	ps_unlock();
	err = check(draft, info);
	if (err)
		goto free_draft;
	ps_port_begin();
	err = make_channels(draft, dry, info);
	if (err)
		goto end;

	cpus_read_lock();
	ps_lock();
	plan = ps_draft_build(draft);
	if (!plan) {
		err = -ENOMEM;
		goto unlock;
	}
	if (!cpumask_subset(&plan->cpus, cpu_online_mask)) {
		NL_SET_ERR_MSG(info->extack, "a planned CPU is offline");
		err = -ENODEV;
		goto free_plan;
	}
	if (ps_plan_current(&status) && ps_plan_equal(plan, status.plan) &&
	    !ps_plan_changing()) {
		err = answer_commit(info, status.plan, status.epoch_ns, true);
		goto free_plan;
	}
	if (!keeps_threads(plan)) {
		NL_SET_ERR_MSG(info->extack,
			       "an attached thread has no place in the new plan: detach it first");
		err = -EBUSY;
		goto free_plan;
	}
	if (dry) {
		err = answer_commit(info, status.plan, status.epoch_ns, false);
		goto free_plan;
	}
	err = ps_plan_publish(plan, &status.epoch_ns);
	published = !err;
	if (published)
		ps_kick_plan(plan);
	if (err == -EBUSY)
		NL_SET_ERR_MSG(info->extack,
			       "another change of the plan is on its way, or the machine is about to sleep");
	if (err)
		goto free_plan;
	err = answer_commit(info, plan, status.epoch_ns, false);
	plan = NULL;
free_plan:
	ps_plan_free(plan);
unlock:
	ps_unlock();
	cpus_read_unlock();
	if (!err && !dry) {
		ps_host_guard();
		ps_guard_update();
	}
end:
	if (published)
		ps_port_commit();
	else
		ps_port_abort();
	ps_port_end();
free_draft:
	ps_draft_free(draft);
	return err;
}

/**
 * ps_stage_unload() - UNLOAD
 * @skb: the request
 * @info: the request
 *
 * Return: 0 or a negative error with an extended acknowledgement.
 */
int ps_stage_unload(struct sk_buff *skb, struct genl_info *info)
{
	int err = 0;

	cpus_read_lock();
	ps_lock();
	if (!ps_plan_current(NULL)) {
		NL_SET_ERR_MSG(info->extack, "no plan is loaded");
		err = -ENOENT;
	} else if (!list_empty(&ps_threads) &&
		   !info->attrs[PARTSCHED_A_FORCE]) {
		NL_SET_ERR_MSG(info->extack,
			       "threads are attached: detach them first, or force it");
		err = -EBUSY;
	} else {
		ps_plan_stop("the plan was unloaded");
	}
	ps_unlock();
	cpus_read_unlock();
	/* the plan's free does so too, but a grace period later */
	if (!err) {
		ps_host_guard();
		ps_guard_update();
		ps_port_update();
	}
	return err;
}

/**
 * ps_stage_release() - drop what a closed socket staged
 * @portid: the socket
 *
 * Context: may sleep.
 */
void ps_stage_release(u32 portid)
{
	ps_lock();
	drop_stage(find_stage(portid));
	ps_unlock();
}

/**
 * ps_stage_exit() - drop everything staged, at unload
 */
void ps_stage_exit(void)
{
	struct stage *stage, *next;

	ps_lock();
	list_for_each_entry_safe(stage, next, &stages, node)
		drop_stage(stage);
	ps_unlock();
}

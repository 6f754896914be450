// SPDX-License-Identifier: GPL-2.0
/*
 * Staging: a plan is built piece by piece on one socket, checked whole at the
 * commit, and either published or refused. What a socket staged goes with it.
 */
#include <linux/cpu.h>
#include <linux/list.h>
#include <linux/slab.h>
#include <net/genetlink.h>

#include "host.h"
#include "lock.h"
#include "netlink.h"
#include "plan.h"
#include "thread.h"

struct staged_partition {
	u32 id;
	u32 nr_vcpus;
	u32 first_slot;
	char name[PARTSCHED_NAME_MAX];
};

/**
 * struct stage - a plan that is being built
 * @node: in the list of all
 * @portid: the socket
 * @slack_ppm: asked for
 * @no_slack: load it even if the host starves
 * @has_schedule: a schedule was given
 * @schedule_id: its identifier
 * @schedule_name: its name
 * @frame_ns: its major frame
 * @partitions: grown by doubling
 * @nr_partitions: used
 * @room_partitions: allocated
 * @windows: grown by doubling; .partition is an index here already
 * @nr_windows: used
 * @room_windows: allocated
 */
struct stage {
	struct list_head node;
	u32 portid;
	u32 slack_ppm;
	bool no_slack;
	bool has_schedule;
	u32 schedule_id;
	char schedule_name[PARTSCHED_NAME_MAX];
	u64 frame_ns;
	struct staged_partition *partitions;
	u32 nr_partitions;
	u32 room_partitions;
	struct ps_window *windows;
	u32 nr_windows;
	u32 room_windows;
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

static void drop_stage(struct stage *stage)
{
	if (!stage)
		return;
	list_del(&stage->node);
	nr_stages--;
	kvfree(stage->partitions);
	kvfree(stage->windows);
	kfree(stage);
}

/* Room for one more; doubles. The array stays as it is if memory lacks. */
static int grow(void **array, u32 used, u32 *room, size_t size)
{
	u32 next = *room ? *room * 2 : 16;
	void *larger;

	if (used < *room)
		return 0;
	larger = kvcalloc(next, size, GFP_KERNEL_ACCOUNT);
	if (!larger)
		return -ENOMEM;
	if (used)
		memcpy(larger, *array, used * size);
	kvfree(*array);
	*array = larger;
	*room = next;
	return 0;
}

static bool lacks(struct genl_info *info, int attr, const char *message)
{
	if (info->attrs[attr])
		return false;
	if (info->extack)
		info->extack->_msg = message;
	return true;
}

#define LACKS(_info, _attr)						\
	lacks(_info, PARTSCHED_A_##_attr,				\
	      "the attribute " #_attr " is missing")

static int refuse(struct genl_info *info, int attr, const char *message)
{
	if (info->extack) {
		info->extack->_msg = message;
		info->extack->bad_attr = info->attrs[attr];
	}
	return -EINVAL;
}

/*
 * A name may become part of a path and is printed on terminals: no '/', no
 * control characters, neither empty nor a directory's own.
 */
static bool good_name(const char *name)
{
	const unsigned char *c;

	if (!*name || !strcmp(name, ".") || !strcmp(name, ".."))
		return false;
	for (c = name; *c; c++)
		if (*c == '/' || *c < 0x20 || *c == 0x7f)
			return false;
	return true;
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
	struct stage *stage;
	int err = 0;

	if (info->attrs[PARTSCHED_A_SLACK_PPM] &&
	    nla_get_u32(info->attrs[PARTSCHED_A_SLACK_PPM]) >= 1000000)
		return refuse(info, PARTSCHED_A_SLACK_PPM,
			      "the slack is a share of a million, and not all of it");
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
	stage->portid = info->snd_portid;
	stage->slack_ppm = info->attrs[PARTSCHED_A_SLACK_PPM] ?
		nla_get_u32(info->attrs[PARTSCHED_A_SLACK_PPM]) :
		PARTSCHED_DEFAULT_SLACK_PPM;
	stage->no_slack = info->attrs[PARTSCHED_A_FORCE_NO_SLACK];
	list_add(&stage->node, &stages);
	nr_stages++;
unlock:
	ps_unlock();
	return err;
}

/* The socket's stage; ps_mutex is held on success only. */
static struct stage *lock_stage(struct genl_info *info)
{
	struct stage *stage;

	ps_lock();
	stage = find_stage(info->snd_portid);
	if (stage)
		return stage;
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
	struct stage *stage;
	int err = 0;

	if (LACKS(info, SCHEDULE_ID) || LACKS(info, MAJOR_FRAME_NS))
		return -EINVAL;
	stage = lock_stage(info);
	if (!stage)
		return -EINVAL;
	if (stage->has_schedule) {
		NL_SET_ERR_MSG(info->extack,
			       "several module schedules are not supported yet");
		err = -EOPNOTSUPP;
		goto unlock;
	}
	if (info->attrs[PARTSCHED_A_SCHEDULE_NAME])
		nla_strscpy(stage->schedule_name,
			    info->attrs[PARTSCHED_A_SCHEDULE_NAME],
			    sizeof(stage->schedule_name));
	stage->schedule_id = nla_get_u32(info->attrs[PARTSCHED_A_SCHEDULE_ID]);
	stage->frame_ns = nla_get_u64(info->attrs[PARTSCHED_A_MAJOR_FRAME_NS]);
	stage->has_schedule = true;
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
	struct staged_partition *partition;
	struct stage *stage;
	const char *name;
	u32 i, id;
	int err;

	if (LACKS(info, PARTITION_ID) || LACKS(info, PARTITION_NAME) ||
	    LACKS(info, NR_VCPUS))
		return -EINVAL;
	name = nla_data(info->attrs[PARTSCHED_A_PARTITION_NAME]);
	id = nla_get_u32(info->attrs[PARTSCHED_A_PARTITION_ID]);
	if (!good_name(name))
		return refuse(info, PARTSCHED_A_PARTITION_NAME,
			      "a partition's name is neither empty nor '.' nor '..' and has no '/' and no control characters");
	stage = lock_stage(info);
	if (!stage)
		return -EINVAL;

	for (i = 0; i < stage->nr_partitions; i++) {
		partition = &stage->partitions[i];
		if (partition->id == id) {
			err = refuse(info, PARTSCHED_A_PARTITION_ID,
				     "two partitions have this identifier");
			goto unlock;
		}
		if (!strcmp(partition->name, name)) {
			err = refuse(info, PARTSCHED_A_PARTITION_NAME,
				     "two partitions have this name");
			goto unlock;
		}
	}
	if (stage->nr_partitions == PARTSCHED_MAX_PARTITIONS) {
		NL_SET_ERR_MSG(info->extack, "more than 1024 partitions");
		err = -E2BIG;
		goto unlock;
	}
	err = grow((void **)&stage->partitions, stage->nr_partitions,
		   &stage->room_partitions, sizeof(*stage->partitions));
	if (err)
		goto unlock;
	partition = &stage->partitions[stage->nr_partitions];
	partition->id = id;
	partition->nr_vcpus = nla_get_u32(info->attrs[PARTSCHED_A_NR_VCPUS]);
	partition->first_slot = stage->nr_partitions ?
		partition[-1].first_slot + partition[-1].nr_vcpus : 0;
	strscpy(partition->name, name, sizeof(partition->name));
	stage->nr_partitions++;
unlock:
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
	struct ps_window *window;
	struct stage *stage;
	u32 i, id, cpu, vcpu;
	int err;

	if (LACKS(info, SCHEDULE_ID) || LACKS(info, PARTITION_ID) ||
	    LACKS(info, VCPU) || LACKS(info, CPU) || LACKS(info, WINDOW_ID) ||
	    LACKS(info, OFFSET_NS) || LACKS(info, DURATION_NS))
		return -EINVAL;
	id = nla_get_u32(info->attrs[PARTSCHED_A_PARTITION_ID]);
	vcpu = nla_get_u32(info->attrs[PARTSCHED_A_VCPU]);
	cpu = nla_get_u32(info->attrs[PARTSCHED_A_CPU]);
	stage = lock_stage(info);
	if (!stage)
		return -EINVAL;

	if (!stage->has_schedule ||
	    stage->schedule_id !=
	    nla_get_u32(info->attrs[PARTSCHED_A_SCHEDULE_ID])) {
		err = refuse(info, PARTSCHED_A_SCHEDULE_ID,
			     "no schedule with this identifier is staged");
		goto unlock;
	}
	for (i = 0; i < stage->nr_partitions; i++)
		if (stage->partitions[i].id == id)
			break;
	if (i == stage->nr_partitions) {
		err = refuse(info, PARTSCHED_A_PARTITION_ID,
			     "no partition with this identifier is staged");
		goto unlock;
	}
	if (vcpu >= stage->partitions[i].nr_vcpus) {
		err = refuse(info, PARTSCHED_A_VCPU,
			     "the partition has no vCPU with this number");
		goto unlock;
	}
	if (cpu >= nr_cpu_ids || !cpu_possible(cpu)) {
		err = refuse(info, PARTSCHED_A_CPU,
			     "the machine has no CPU with this number");
		goto unlock;
	}
	if (stage->nr_windows == PARTSCHED_MAX_WINDOWS) {
		NL_SET_ERR_MSG(info->extack, "more than 65536 windows");
		err = -E2BIG;
		goto unlock;
	}
	err = grow((void **)&stage->windows, stage->nr_windows,
		   &stage->room_windows, sizeof(*stage->windows));
	if (err)
		goto unlock;
	window = &stage->windows[stage->nr_windows++];
	window->partition = i;
	window->vcpu = vcpu;
	window->cpu = cpu;
	window->id = nla_get_u32(info->attrs[PARTSCHED_A_WINDOW_ID]);
	window->offset_ns = nla_get_u64(info->attrs[PARTSCHED_A_OFFSET_NS]);
	window->duration_ns = nla_get_u64(info->attrs[PARTSCHED_A_DURATION_NS]);
	window->slot = stage->partitions[i].first_slot + vcpu;
unlock:
	ps_unlock();
	return err;
}

/* Build the plan from the stage; partitions of the running plan are kept. */
static struct ps_plan *build(const struct stage *stage)
{
	const struct staged_partition *last =
		&stage->partitions[stage->nr_partitions - 1];
	struct ps_plan *plan;
	u32 i, j;

	plan = ps_plan_new(stage->nr_partitions,
			   last->first_slot + last->nr_vcpus,
			   stage->nr_windows);
	if (!plan)
		return NULL;
	plan->schedule_id = stage->schedule_id;
	strscpy(plan->schedule_name, stage->schedule_name,
		sizeof(plan->schedule_name));
	plan->frame_ns = stage->frame_ns;
	plan->slack_ppm = stage->no_slack ? 0 : stage->slack_ppm;
	memcpy(plan->windows, stage->windows,
	       stage->nr_windows * sizeof(*plan->windows));

	for (i = 0; i < stage->nr_partitions; i++) {
		const struct staged_partition *staged = &stage->partitions[i];
		struct ps_partition *partition = ps_plan_partition(staged->name);

		if (partition && partition->id == staged->id &&
		    partition->nr_vcpus == staged->nr_vcpus)
			ps_partition_get(partition);
		else
			partition = ps_partition_new(staged->id, staged->name,
						     staged->nr_vcpus);
		if (!partition)
			goto free_plan;
		plan->partitions[plan->nr_partitions++] = partition;
		for (j = 0; j < staged->nr_vcpus; j++)
			plan->slots[staged->first_slot + j] =
				&partition->vcpus[j];
	}
	if (ps_plan_seal(plan))
		goto free_plan;
	return plan;

free_plan:
	ps_plan_free(plan);
	return NULL;
}

/* Whether every attached thread has its place in the new plan too. */
static bool keeps_threads(const struct ps_plan *plan)
{
	struct ps_thread *thread;
	u32 i;

	list_for_each_entry(thread, &ps_threads, node) {
		const struct ps_vcpu *vcpu = thread->vcpu;
		int cpu = -1;

		if (ps_thread_is(thread, PS_LEAVING))
			continue;
		for (i = 0; i < plan->nr_windows && cpu < 0; i++)
			if (plan->slots[plan->windows[i].slot] == vcpu)
				cpu = plan->windows[i].cpu;
		if (cpu != vcpu->cpu)
			return false;
	}
	return true;
}

static int check(struct stage *stage, struct genl_info *info)
{
	struct ps_finding finding;
	enum ps_verdict verdict;
	u32 i;

	if (!stage->has_schedule || !stage->nr_partitions) {
		NL_SET_ERR_MSG(info->extack,
			       "the plan lacks a schedule or partitions");
		return -EINVAL;
	}
	verdict = ps_windows_check(stage->windows, stage->nr_windows,
				   stage->frame_ns,
				   stage->no_slack ? 0 : stage->slack_ppm,
				   &finding);
	if (verdict != PS_OK) {
		if (info->extack)
			info->extack->_msg = ps_verdict_text(verdict);
		return -EINVAL;
	}
	for (i = 0; i < stage->nr_windows; i++) {
		if (cpu_online(stage->windows[i].cpu))
			continue;
		NL_SET_ERR_MSG(info->extack, "a planned CPU is offline");
		return -ENODEV;
	}
	return 0;
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
	struct stage *stage;
	struct ps_plan *plan = NULL;
	int err;

	cpus_read_lock();
	stage = lock_stage(info);
	if (!stage) {
		cpus_read_unlock();
		return -EINVAL;
	}
	err = check(stage, info);
	if (err)
		goto drop;
	plan = build(stage);
	if (!plan) {
		err = -ENOMEM;
		goto drop;
	}
	if (ps_plan_current(&status) && ps_plan_equal(plan, status.plan) &&
	    !ps_plan_changing()) {
		err = answer_commit(info, status.plan, status.epoch_ns, true);
		goto free_plan;
	}
	if (!keeps_threads(plan)) {
		NL_SET_ERR_MSG(info->extack,
			       "an attached thread has no place, or another CPU, in the new plan: detach it first");
		err = -EBUSY;
		goto free_plan;
	}
	if (dry) {
		err = answer_commit(info, status.plan, status.epoch_ns, false);
		goto free_plan;
	}
	err = ps_plan_publish(plan, &status.epoch_ns);
	if (err == -EBUSY)
		NL_SET_ERR_MSG(info->extack,
			       "another change of the plan is on its way, or the machine is about to sleep");
	if (err)
		goto free_plan;
	err = answer_commit(info, plan, status.epoch_ns, false);
	plan = NULL;
free_plan:
	ps_plan_free(plan);
drop:
	drop_stage(stage);
	ps_unlock();
	cpus_read_unlock();
	if (!err && !dry)
		ps_host_guard();
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
	if (!err)
		ps_host_guard();
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

// SPDX-License-Identifier: GPL-2.0
/*
 * Answers: what is loaded, attached and counted. Readable by everybody.
 */
#include <linux/ktime.h>
#include <linux/math64.h>
#include <linux/timekeeping.h>
#include <net/genetlink.h>

#include "frame.h"
#include "get.h"
#include "guard.h"
#include "lock.h"
#include "measure.h"
#include "netlink.h"
#include "param.h"
#include "plan.h"
#include "region.h"
#include "start.h"
#include "thread.h"

static int put_s64(struct sk_buff *skb, int attr, s64 value)
{
	return nla_put_s64(skb, attr, value, PARTSCHED_A_PAD);
}

static int put_extent(struct sk_buff *skb, int attr, const struct ps_extent *e)
{
	struct nlattr *nest = nla_nest_start(skb, attr);
	u64 count = READ_ONCE(e->count);

	if (!nest ||
	    put_u64(skb, PARTSCHED_A_COUNT, count) ||
	    put_u64(skb, PARTSCHED_A_MIN_NS, READ_ONCE(e->min_ns)) ||
	    put_u64(skb, PARTSCHED_A_AVG_NS,
		    count ? div64_u64(READ_ONCE(e->sum_ns), count) : 0) ||
	    put_u64(skb, PARTSCHED_A_MAX_NS, READ_ONCE(e->max_ns)))
		return -EMSGSIZE;
	nla_nest_end(skb, nest);
	return 0;
}

/* Windows of a vCPU that began and were not opened, in all schedules. */
static u64 missed(const struct ps_plan *plan, const struct ps_vcpu *vcpu)
{
	u64 sum = 0, opened;
	u32 i, j, k;

	for (i = 0; i < plan->nr_schedules; i++) {
		const struct ps_schedule *schedule = &plan->schedules[i];

		for (j = 0; j < schedule->nr_tables; j++) {
			const struct ps_plan_table *table =
				&schedule->tables[j];

			for (k = 0; k < table->table.nr; k++)
				if (plan->slots[table->table.windows[k].slot] ==
				    vcpu)
					sum += ps_frame_missed(table, k, &opened);
		}
	}
	return sum;
}

static void add_extent(struct ps_extent *sum, const struct ps_extent *e)
{
	u64 count = READ_ONCE(e->count);

	if (!count)
		return;
	if (!sum->count || e->min_ns < sum->min_ns)
		sum->min_ns = READ_ONCE(e->min_ns);
	sum->max_ns = max(sum->max_ns, READ_ONCE(e->max_ns));
	sum->sum_ns += READ_ONCE(e->sum_ns);
	sum->count += count;
}

static void add_stats(struct ps_stats *sum, const struct ps_stats *stats)
{
	sum->opened += READ_ONCE(stats->opened);
	sum->late += READ_ONCE(stats->late);
	sum->inside_ns += READ_ONCE(stats->inside_ns);
	sum->outside_ns += READ_ONCE(stats->outside_ns);
	sum->steal_ns += READ_ONCE(stats->steal_ns);
	sum->theft_ns += READ_ONCE(stats->theft_ns);
	sum->overruns += READ_ONCE(stats->overruns);
	sum->preempted += READ_ONCE(stats->preempted);
	sum->preempted_max_ns = max(sum->preempted_max_ns,
				    READ_ONCE(stats->preempted_max_ns));
	sum->ready_ns += READ_ONCE(stats->ready_ns);
	add_extent(&sum->open_latency, &stats->open_latency);
	add_extent(&sum->close_overrun, &stats->close_overrun);
}

static int put_stats(struct sk_buff *skb, const struct ps_stats *stats,
		     u64 missed)
{
	struct nlattr *nest = nla_nest_start(skb, PARTSCHED_A_STATS);

	if (!nest ||
	    put_u64(skb, PARTSCHED_A_OPENED, stats->opened) ||
	    put_u64(skb, PARTSCHED_A_MISSED, missed) ||
	    put_u64(skb, PARTSCHED_A_LATE, stats->late) ||
	    put_extent(skb, PARTSCHED_A_OPEN_LATENCY, &stats->open_latency) ||
	    put_extent(skb, PARTSCHED_A_CLOSE_OVERRUN, &stats->close_overrun) ||
	    put_u64(skb, PARTSCHED_A_INSIDE_NS, stats->inside_ns) ||
	    put_u64(skb, PARTSCHED_A_OUTSIDE_NS, stats->outside_ns) ||
	    put_u64(skb, PARTSCHED_A_STEAL_NS, stats->steal_ns) ||
	    put_u64(skb, PARTSCHED_A_THEFT_NS, stats->theft_ns) ||
	    put_u64(skb, PARTSCHED_A_OVERRUNS, stats->overruns) ||
	    put_u64(skb, PARTSCHED_A_PREEMPTED, stats->preempted) ||
	    put_u64(skb, PARTSCHED_A_PREEMPTED_MAX_NS,
		    stats->preempted_max_ns) ||
	    put_u64(skb, PARTSCHED_A_READY_NS, stats->ready_ns))
		return -EMSGSIZE;
	nla_nest_end(skb, nest);
	return 0;
}

static int put_clock(struct sk_buff *skb, const struct ps_plan_status *status)
{
	if (nla_put_u32(skb, PARTSCHED_A_CLOCK, status->plan->clock) ||
	    put_u64(skb, PARTSCHED_A_BASE_NS, status->plan->base_ns) ||
	    put_s64(skb, PARTSCHED_A_CLOCK_OFFSET_NS, status->offset_ns) ||
	    put_s64(skb, PARTSCHED_A_GRID_ERROR_NS, status->error_ns) ||
	    put_u64(skb, PARTSCHED_A_CLOCK_STEPS, status->nr_steps) ||
	    put_s64(skb, PARTSCHED_A_LAST_STEP_NS, status->last_step_ns) ||
	    put_u64(skb, PARTSCHED_A_NR_RESUMES, status->nr_resumes))
		return -EMSGSIZE;
	return 0;
}

static int put_plan(struct sk_buff *skb)
{
	struct ps_plan_status status;
	const struct ps_plan *plan = ps_plan_current(&status);
	const struct ps_schedule *schedule = status.schedule;
	u64 now_ns = ktime_get_ns();

	if (!plan)
		return 0;
	if (nla_put_u32(skb, PARTSCHED_A_SCHEDULE_ID, schedule->id) ||
	    nla_put_string(skb, PARTSCHED_A_SCHEDULE_NAME, schedule->name) ||
	    put_u64(skb, PARTSCHED_A_MAJOR_FRAME_NS, schedule->frame_ns) ||
	    put_u64(skb, PARTSCHED_A_EPOCH_NS, status.epoch_ns) ||
	    put_u64(skb, PARTSCHED_A_FRAME, now_ns < status.epoch_ns ? 0 :
		    div64_u64(now_ns - status.epoch_ns, schedule->frame_ns)) ||
	    nla_put_u32(skb, PARTSCHED_A_SLACK_PPM, plan->slack_ppm) ||
	    put_u64(skb, PARTSCHED_A_GUARD_NS, schedule->guard_ns) ||
	    nla_put_u32(skb, PARTSCHED_A_NEXT_SCHEDULE_ID,
			(status.next ?: schedule)->id) ||
	    (status.next && put_u64(skb, PARTSCHED_A_NEXT_EPOCH_NS,
				    status.next_ns)) ||
	    put_u64(skb, PARTSCHED_A_LAST_CHANGE_NS, status.last_change_ns) ||
	    put_u64(skb, PARTSCHED_A_NR_CHANGES, status.nr_changes) ||
	    put_clock(skb, &status))
		return -EMSGSIZE;
	return 0;
}

/**
 * ps_get_module() - GET_MODULE
 * @skb: the request
 * @info: the request
 *
 * Return: 0 or a negative error.
 */
int ps_get_module(struct sk_buff *skb, struct genl_info *info)
{
	const struct ps_plan *plan;
	struct sk_buff *answer;
	void *header;
	bool full;

	answer = ps_answer_new(info, &header);
	if (!answer)
		return -ENOMEM;
	ps_lock();
	plan = ps_plan_current(NULL);
	full = nla_put_string(answer, PARTSCHED_A_VERSION,
			      THIS_MODULE->version ?: "") ||
	       nla_put_u32(answer, PARTSCHED_A_GENERATION,
			   plan ? plan->generation : 0) ||
	       nla_put_u32(answer, PARTSCHED_A_NR_PARTITIONS,
			   plan ? plan->nr_partitions : 0) ||
	       nla_put_u32(answer, PARTSCHED_A_NR_THREADS,
			   ps_thread_count()) ||
	       nla_put_u32(answer, PARTSCHED_A_OPEN_PRIORITY,
			   ps_open_priority) ||
	       put_u64(answer, PARTSCHED_A_NOW_NS, ktime_get_ns()) ||
	       put_u64(answer, PARTSCHED_A_MIN_WINDOW_NS,
		       ps_measure_min_window_ns()) ||
	       put_u64(answer, PARTSCHED_A_CHANNEL_BYTES,
		       ps_region_total()) ||
	       put_u64(answer, PARTSCHED_A_MAX_CHANNEL_BYTES,
		       ps_region_limit()) ||
	       put_plan(answer);
	ps_unlock();
	if (full) {
		nlmsg_free(answer);
		return -EMSGSIZE;
	}
	return ps_answer_send(answer, header, info);
}

/**
 * ps_dump_begin() - begin a message of a dump, or go on with the next one
 * @cb: the dump
 * @in_force: receives the schedule in force, may be NULL
 *
 * A dump goes over several messages and the lock is not held in between: the
 * place is kept in cb->args[], and a plan that changes meanwhile is told by
 * NLM_F_DUMP_INTR, so that the reader asks again.
 *
 * Context: may sleep; returns with ps_mutex held.
 * Return: the plan in force, or NULL.
 */
const struct ps_plan *ps_dump_begin(struct netlink_callback *cb,
				    const struct ps_schedule **in_force)
{
	struct ps_plan_status status;

	ps_lock();
	ps_plan_current(&status);
	cb->seq = status.sequence;
	if (in_force)
		*in_force = status.schedule;
	return status.plan;
}

/**
 * ps_dump_put() - begin an object of a dump
 * @skb: the message
 * @cb: the dump
 * @cmd: PARTSCHED_CMD_*
 *
 * Return: its header, or NULL: the message is full.
 */
void *ps_dump_put(struct sk_buff *skb, struct netlink_callback *cb, u8 cmd)
{
	void *header = genlmsg_put(skb, NETLINK_CB(cb->skb).portid,
				   cb->nlh->nlmsg_seq, &ps_family,
				   NLM_F_MULTI, cmd);

	if (header)
		genl_dump_check_consistent(cb, header);
	return header;
}

static bool put_mode(struct sk_buff *skb, u64 word)
{
	return !nla_put_u32(skb, PARTSCHED_A_MODE, ps_state_mode(word)) &&
	       !nla_put_u32(skb, PARTSCHED_A_START_CONDITION,
			    ps_state_condition(word));
}

static bool put_flag(struct sk_buff *skb, int attr, bool on)
{
	return !on || !nla_put_flag(skb, attr);
}

static bool put_health(struct sk_buff *skb,
		       const struct ps_partition *partition,
		       const struct ps_traits *traits)
{
	return !put_u64(skb, PARTSCHED_A_NR_STARTS,
			(u32)atomic_read(&partition->nr_starts)) &&
	       put_flag(skb, PARTSCHED_A_HALTED,
			test_bit(PS_HOLD_HALTED, &partition->holds)) &&
	       put_flag(skb, PARTSCHED_A_SUPERVISED, traits->supervised) &&
	       put_flag(skb, PARTSCHED_A_INITIALISES, traits->initialises) &&
	       !nla_put_u32(skb, PARTSCHED_A_RESTART_LIMIT,
			    traits->restart_limit) &&
	       !put_u64(skb, PARTSCHED_A_RESTART_PERIOD_NS,
			traits->restart_period_ns) &&
	       !put_u64(skb, PARTSCHED_A_STEAL_LIMIT_NS,
			traits->steal_limit_ns) &&
	       !put_u64(skb, PARTSCHED_A_NR_ERRORS, partition->nr_errors);
}

static bool put_partition(struct sk_buff *skb, const struct ps_plan *plan,
			  u32 index)
{
	struct ps_partition *partition = plan->partitions[index];
	struct ps_stats stats = { 0 };
	u64 lost = 0;
	u32 i;

	/* the last thread may have taken its order just now */
	ps_start_serve(partition);
	for (i = 0; i < partition->nr_vcpus; i++) {
		const struct ps_vcpu *vcpu = &partition->vcpus[i];

		add_stats(&stats, &vcpu->stats);
		lost += missed(plan, vcpu);
	}
	return !nla_put_u32(skb, PARTSCHED_A_PARTITION_ID, partition->id) &&
	       !nla_put_string(skb, PARTSCHED_A_PARTITION_NAME,
			       partition->name) &&
	       !nla_put_u32(skb, PARTSCHED_A_NR_VCPUS, partition->nr_vcpus) &&
	       put_mode(skb, ps_state_read(&partition->state)) &&
	       !put_stats(skb, &stats, lost) &&
	       !put_u64(skb, PARTSCHED_A_QUANTUM_NS, plan->quanta[index]) &&
	       put_health(skb, partition, &plan->traits[index]);
}

/**
 * ps_get_partitions() - GET_PARTITION
 * @skb: to be filled
 * @cb: args[0] is the next partition
 *
 * Return: bytes, 0 at the end.
 */
int ps_get_partitions(struct sk_buff *skb, struct netlink_callback *cb)
{
	const struct ps_plan *plan = ps_dump_begin(cb, NULL);

	for (; plan && cb->args[0] < plan->nr_partitions; cb->args[0]++) {
		void *header = ps_dump_put(skb, cb, PARTSCHED_CMD_GET_PARTITION);

		if (!header)
			break;
		if (!put_partition(skb, plan, cb->args[0])) {
			genlmsg_cancel(skb, header);
			break;
		}
		genlmsg_end(skb, header);
	}
	ps_unlock();
	return skb->len;
}

static bool put_thread(struct sk_buff *skb, const struct ps_thread *thread)
{
	char comm[TASK_COMM_LEN];

	if (!thread)
		return true;
	get_task_comm(comm, thread->task);
	return !nla_put_u32(skb, PARTSCHED_A_TID, thread->tid) &&
	       !nla_put_string(skb, PARTSCHED_A_COMM, comm) &&
	       !nla_put_u32(skb, PARTSCHED_A_ATTACH_STATE,
			    ps_thread_is(thread, PS_LEAVING) ?
			    PARTSCHED_ATTACH_DETACHING :
			    READ_ONCE(thread->state)) &&
	       !(thread->reason &&
		 nla_put_string(skb, PARTSCHED_A_REASON, thread->reason));
}

/* The name may be of one task and the number of the next: both were there. */
static bool put_preemptor(struct sk_buff *skb, const struct ps_vcpu *vcpu)
{
	pid_t pid = READ_ONCE(vcpu->preemptor_pid);
	char name[TASK_COMM_LEN];

	if (!pid)
		return true;
	memcpy(name, vcpu->preemptor, sizeof(name));
	name[sizeof(name) - 1] = '\0';
	return !nla_put_string(skb, PARTSCHED_A_PREEMPTOR, name) &&
	       !nla_put_u32(skb, PARTSCHED_A_PREEMPTOR_PID, pid);
}

static bool put_vcpu(struct sk_buff *skb, const struct ps_plan *plan, u32 slot)
{
	const struct ps_vcpu *vcpu = plan->slots[slot];

	return !nla_put_u32(skb, PARTSCHED_A_VCPU_ID, vcpu->id) &&
	       !nla_put_u32(skb, PARTSCHED_A_PARTITION_ID,
			    vcpu->partition->id) &&
	       !nla_put_string(skb, PARTSCHED_A_PARTITION_NAME,
			       vcpu->partition->name) &&
	       !nla_put_u32(skb, PARTSCHED_A_VCPU, vcpu->index) &&
	       !nla_put_u32(skb, PARTSCHED_A_CPU, ps_vcpu_cpu(vcpu)) &&
	       !nla_put_u32(skb, PARTSCHED_A_RUN_STATE,
			    ps_thread_run_state(vcpu)) &&
	       !put_stats(skb, &vcpu->stats, missed(plan, vcpu)) &&
	       !nla_put_u32(skb, PARTSCHED_A_PRIORITY,
			    plan->levels[slot].priority) &&
	       put_thread(skb, vcpu->holder) && put_preemptor(skb, vcpu);
}

/**
 * ps_get_vcpus() - GET_VCPU
 * @skb: to be filled
 * @cb: args[0] is the next vCPU
 *
 * Return: bytes, 0 at the end.
 */
int ps_get_vcpus(struct sk_buff *skb, struct netlink_callback *cb)
{
	const struct ps_plan *plan = ps_dump_begin(cb, NULL);

	for (; plan && cb->args[0] < plan->nr_slots; cb->args[0]++) {
		void *header = ps_dump_put(skb, cb, PARTSCHED_CMD_GET_VCPU);

		if (!header)
			break;
		if (!put_vcpu(skb, plan, cb->args[0])) {
			genlmsg_cancel(skb, header);
			break;
		}
		genlmsg_end(skb, header);
	}
	ps_unlock();
	return skb->len;
}

static bool put_window(struct sk_buff *skb, const struct ps_schedule *schedule,
		       u32 i)
{
	const struct ps_window *w = &schedule->windows[i];
	const struct ps_plan_table *table = ps_schedule_table(schedule, w->cpu);
	u64 opened, missed;

	missed = ps_frame_missed(table, w - table->table.windows, &opened);
	return !nla_put_u32(skb, PARTSCHED_A_SCHEDULE_ID, schedule->id) &&
	       !nla_put_u32(skb, PARTSCHED_A_WINDOW_ID, w->id) &&
	       !nla_put_u32(skb, PARTSCHED_A_PARTITION_ID,
			    schedule->plan->partitions[w->partition]->id) &&
	       !nla_put_u32(skb, PARTSCHED_A_VCPU, w->vcpu) &&
	       !nla_put_u32(skb, PARTSCHED_A_CPU, w->cpu) &&
	       !put_u64(skb, PARTSCHED_A_OFFSET_NS, w->offset_ns) &&
	       !put_u64(skb, PARTSCHED_A_DURATION_NS, w->duration_ns) &&
	       !put_u64(skb, PARTSCHED_A_OPENED, opened) &&
	       !put_u64(skb, PARTSCHED_A_MISSED, missed) &&
	       !nla_put_u32(skb, PARTSCHED_A_CHANGE_ACTION, w->action);
}

/**
 * ps_get_windows() - GET_WINDOW
 * @skb: to be filled
 * @cb: args[0] is the schedule, args[1] its next window
 *
 * Return: bytes, 0 at the end.
 */
int ps_get_windows(struct sk_buff *skb, struct netlink_callback *cb)
{
	const struct ps_plan *plan = ps_dump_begin(cb, NULL);
	const struct ps_schedule *schedule;

	while (plan && cb->args[0] < plan->nr_schedules) {
		void *header;

		schedule = &plan->schedules[cb->args[0]];
		if (cb->args[1] >= schedule->nr_windows) {
			cb->args[0]++;
			cb->args[1] = 0;
			continue;
		}
		header = ps_dump_put(skb, cb, PARTSCHED_CMD_GET_WINDOW);
		if (!header)
			break;
		if (!put_window(skb, schedule, cb->args[1])) {
			genlmsg_cancel(skb, header);
			break;
		}
		genlmsg_end(skb, header);
		cb->args[1]++;
	}
	ps_unlock();
	return skb->len;
}

static bool put_schedule(struct sk_buff *skb,
			 const struct ps_schedule *schedule, bool in_force)
{
	bool initial = schedule == schedule->plan->initial;

	return !nla_put_u32(skb, PARTSCHED_A_SCHEDULE_ID, schedule->id) &&
	       !nla_put_string(skb, PARTSCHED_A_SCHEDULE_NAME,
			       schedule->name) &&
	       !put_u64(skb, PARTSCHED_A_MAJOR_FRAME_NS, schedule->frame_ns) &&
	       !(initial && nla_put_flag(skb, PARTSCHED_A_INITIAL)) &&
	       !(in_force && nla_put_flag(skb, PARTSCHED_A_CURRENT)) &&
	       !nla_put_u32(skb, PARTSCHED_A_NR_WINDOWS,
			    schedule->nr_windows) &&
	       !put_u64(skb, PARTSCHED_A_GUARD_NS, schedule->guard_ns);
}

/**
 * ps_get_schedules() - GET_SCHEDULE
 * @skb: to be filled
 * @cb: args[0] is the next schedule
 *
 * Return: bytes, 0 at the end.
 */
int ps_get_schedules(struct sk_buff *skb, struct netlink_callback *cb)
{
	const struct ps_schedule *in_force, *schedule;
	const struct ps_plan *plan = ps_dump_begin(cb, &in_force);

	for (; plan && cb->args[0] < plan->nr_schedules; cb->args[0]++) {
		void *header = ps_dump_put(skb, cb, PARTSCHED_CMD_GET_SCHEDULE);

		if (!header)
			break;
		schedule = &plan->schedules[cb->args[0]];
		if (!put_schedule(skb, schedule, schedule == in_force)) {
			genlmsg_cancel(skb, header);
			break;
		}
		genlmsg_end(skb, header);
	}
	ps_unlock();
	return skb->len;
}

static bool put_frame(struct sk_buff *skb, const struct ps_schedule *schedule,
		      u32 cpu)
{
	struct ps_frame_stats stats;
	struct ps_guard_info guard;

	ps_guard_info(cpu, schedule, &guard);
	ps_frame_stats(cpu, &stats);
	return !nla_put_u32(skb, PARTSCHED_A_CPU, cpu) &&
	       !put_u64(skb, PARTSCHED_A_EDGES, stats.edges) &&
	       !put_u64(skb, PARTSCHED_A_MISSED, stats.missed) &&
	       !nla_put_u32(skb, PARTSCHED_A_SLACK_PPM,
			    schedule->plan->slack_ppm) &&
	       !put_extent(skb, PARTSCHED_A_EDGE_LATENCY, &stats.latency) &&
	       !put_u64(skb, PARTSCHED_A_GUARD_NS, guard.guard_ns) &&
	       !put_u64(skb, PARTSCHED_A_GUARD_LATE, guard.late);
}

/**
 * ps_get_cpus() - GET_CPU
 * @skb: to be filled
 * @cb: args[0] is the next table
 *
 * Return: bytes, 0 at the end.
 */
int ps_get_cpus(struct sk_buff *skb, struct netlink_callback *cb)
{
	const struct ps_schedule *schedule;
	const struct ps_plan *plan = ps_dump_begin(cb, &schedule);

	for (; plan && cb->args[0] < schedule->nr_tables; cb->args[0]++) {
		void *header = ps_dump_put(skb, cb, PARTSCHED_CMD_GET_CPU);

		if (!header)
			break;
		if (!put_frame(skb, schedule,
			       schedule->tables[cb->args[0]].table.cpu)) {
			genlmsg_cancel(skb, header);
			break;
		}
		genlmsg_end(skb, header);
	}
	ps_unlock();
	return skb->len;
}

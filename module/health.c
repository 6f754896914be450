// SPDX-License-Identifier: GPL-2.0
/*
 * The health monitor: an error is looked up in the tables of the plan in force,
 * logged, told of, and what they say is done. All in process context; timers and
 * notifiers only count, and the bouncer compares.
 *
 *	source -> ErrorIdentifier -> row of the partition, or the one for all
 *	       `------- where there is none: the source's default
 *
 * Nothing of it is in anybody's window: a start is carried out in the windows of
 * the partition that starts, see start.c.
 */
#include <linux/ktime.h>
#include <linux/partsched.h>
#include <linux/sched/signal.h>
#include <linux/string.h>
#include <linux/timekeeping.h>

#include "event.h"
#include "frame.h"
#include "health.h"
#include "health-log.h"
#include "lock.h"
#include "mode.h"
#include "plan.h"
#include "thread.h"

/* What is found over and over, and ignored, is logged so often at most. */
#define PS_AGAIN_NS NSEC_PER_SEC

static const struct ps_hm_default defaults[PS_NR_ERROR_SOURCES] = {
	[PARTSCHED_ERROR_OTHER] = { PARTSCHED_LEVEL_PARTITION,
				    PARTSCHED_HM_IGNORE },
	[PARTSCHED_ERROR_OVERRUN] = { PARTSCHED_LEVEL_PARTITION,
				      PARTSCHED_HM_IGNORE },
	[PARTSCHED_ERROR_MISSED] = { PARTSCHED_LEVEL_MODULE,
				     PARTSCHED_HM_IGNORE },
	[PARTSCHED_ERROR_STEAL] = { PARTSCHED_LEVEL_MODULE,
				    PARTSCHED_HM_IGNORE },
	[PARTSCHED_ERROR_LAUNCHER] = { PARTSCHED_LEVEL_PARTITION,
				       PARTSCHED_HM_COLD_START },
	[PARTSCHED_ERROR_SHUTDOWN] = { PARTSCHED_LEVEL_PARTITION,
				       PARTSCHED_HM_COLD_START },
	[PARTSCHED_ERROR_KVM] = { PARTSCHED_LEVEL_PARTITION,
				  PARTSCHED_HM_COLD_START },
	[PARTSCHED_ERROR_MEMORY] = { PARTSCHED_LEVEL_PARTITION,
				     PARTSCHED_HM_COLD_START },
	[PARTSCHED_ERROR_READONLY] = { PARTSCHED_LEVEL_PARTITION,
				       PARTSCHED_HM_COLD_START },
	[PARTSCHED_ERROR_SERVICE] = { PARTSCHED_LEVEL_PARTITION,
				      PARTSCHED_HM_COLD_START },
	[PARTSCHED_ERROR_APPLICATION] = { PARTSCHED_LEVEL_PROCESS,
					  PARTSCHED_HM_IGNORE },
	[PARTSCHED_ERROR_START] = { PARTSCHED_LEVEL_PARTITION,
				    PARTSCHED_HM_IDLE },
};

/**
 * ps_health_default() - what is done where the tables say nothing
 * @source: enum partsched_error_source
 * @what: filled in; of a launcher's end, for a partition that is supervised
 */
void ps_health_default(u32 source, struct ps_hm_default *what)
{
	*what = defaults[source];
}

static u32 mode_of(const struct ps_partition *partition)
{
	return ps_state_mode(ps_state_read(&partition->state));
}

static u32 error_state(const struct ps_partition *partition)
{
	u32 mode = mode_of(partition);

	if (mode == PARTSCHED_MODE_IDLE)
		return PARTSCHED_STATE_IDLE;
	return ps_mode_starts(mode) ? PARTSCHED_STATE_START :
				      PARTSCHED_STATE_NORMAL;
}

/* Level, code and action, as the tables or the defaults have them. */
static void look_up(const struct ps_partition *partition,
		    struct ps_hm_entry *entry)
{
	const struct ps_plan *plan = ps_plan_current(NULL);
	const struct ps_hm_row *row = NULL;
	struct ps_hm_default what;

	entry->state = error_state(partition);
	if (plan) {
		entry->generation = plan->generation;
		if (entry->source && test_bit(entry->source, &plan->hm.known))
			entry->id = plan->hm.ids[entry->source];
		if (!entry->source ||
		    test_bit(entry->source, &plan->hm.known))
			row = ps_hm_find(&plan->hm, entry->id, partition->id,
					 entry->state);
	}
	if (row) {
		entry->level = row->level;
		entry->action = row->action;
		entry->code = entry->code ?: row->code;
		return;
	}
	ps_health_default(entry->source, &what);
	entry->level = what.level;
	entry->action = what.action;
	/* there is nobody who would start another launcher */
	if (entry->source == PARTSCHED_ERROR_LAUNCHER &&
	    !partition->traits.supervised)
		entry->action = PARTSCHED_HM_IDLE;
}

/* Whether one more start of a partition would be one too many. */
static bool damped(const struct ps_partition *partition)
{
	u32 limit = partition->traits.restart_limit, first;

	if (!limit || partition->nr_restarts < limit)
		return false;
	first = (partition->nr_restarts - limit) % PARTSCHED_MAX_RESTART_LIMIT;
	return ktime_get_ns() - partition->restarts[first] <
	       partition->traits.restart_period_ns;
}

static void note_restart(struct ps_partition *partition)
{
	u32 place = partition->nr_restarts++ % PARTSCHED_MAX_RESTART_LIMIT;

	partition->restarts[place] = ktime_get_ns();
	/* what counts is the difference: it may not wrap */
	if (partition->nr_restarts == 2 * PARTSCHED_MAX_RESTART_LIMIT)
		partition->nr_restarts = PARTSCHED_MAX_RESTART_LIMIT;
}

/*
 * What an action comes to: nothing is done to an idle partition, and one that
 * does not come out of its starts becomes idle.
 */
static void decide(const struct ps_partition *partition,
		   struct ps_hm_entry *entry)
{
	u32 mode;

	switch (entry->action) {
	case PARTSCHED_HM_IDLE:
		mode = PARTSCHED_MODE_IDLE;
		break;
	case PARTSCHED_HM_WARM_START:
		mode = PARTSCHED_MODE_WARM_START;
		break;
	case PARTSCHED_HM_COLD_START:
		mode = PARTSCHED_MODE_COLD_START;
		break;
	default:
		return;
	}
	mode = ps_mode_allowed(partition, mode, PARTSCHED_BY_HEALTH);
	entry->damped = ps_mode_starts(mode) && damped(partition);
	if (!mode)
		entry->action = PARTSCHED_HM_IGNORE;
	else if (entry->damped || mode == PARTSCHED_MODE_IDLE)
		entry->action = PARTSCHED_HM_IDLE;
	else
		entry->action = mode == PARTSCHED_MODE_COLD_START ?
			PARTSCHED_HM_COLD_START : PARTSCHED_HM_WARM_START;
}

static void put_into(struct ps_partition *partition, u32 mode, u32 condition)
{
	struct ps_mode_request request = {
		.mode = mode,
		.requester = PARTSCHED_BY_HEALTH,
		.condition = condition,
	};

	if (ps_mode_starts(mode))
		note_restart(partition);
	/* it has been asked before whether that is allowed */
	ps_mode_set(partition, &request);
}

static void say_damped(const struct ps_partition *partition)
{
	pr_warn_ratelimited("partsched: %s was to start more than %u times in %llu ns: it is idle until somebody starts it\n",
			    partition->name, partition->traits.restart_limit,
			    partition->traits.restart_period_ns);
}

/* All partitions; of a reset, those that are idle stay so. */
static void put_all_into(u32 mode)
{
	const struct ps_plan *plan = ps_plan_current(NULL);
	u32 i;

	for (i = 0; plan && i < plan->nr_partitions; i++) {
		struct ps_partition *partition = plan->partitions[i];

		if (!ps_mode_allowed(partition, mode, PARTSCHED_BY_HEALTH))
			continue;
		if (ps_mode_starts(mode) && damped(partition)) {
			say_damped(partition);
			put_into(partition, PARTSCHED_MODE_IDLE, 0);
			continue;
		}
		put_into(partition, mode, PARTSCHED_START_HM_MODULE);
	}
}

static void carry_out(struct ps_partition *partition,
		      const struct ps_hm_entry *entry)
{
	if (entry->damped)
		say_damped(partition);
	switch (entry->action) {
	case PARTSCHED_HM_IDLE:
		put_into(partition, PARTSCHED_MODE_IDLE, 0);
		break;
	case PARTSCHED_HM_WARM_START:
		put_into(partition, PARTSCHED_MODE_WARM_START,
			 PARTSCHED_START_HM_PARTITION);
		break;
	case PARTSCHED_HM_COLD_START:
		put_into(partition, PARTSCHED_MODE_COLD_START,
			 PARTSCHED_START_HM_PARTITION);
		break;
	case PARTSCHED_HM_SHUTDOWN:
		put_all_into(PARTSCHED_MODE_IDLE);
		break;
	case PARTSCHED_HM_RESET:
		put_all_into(PARTSCHED_MODE_COLD_START);
		break;
	}
}

/**
 * ps_health_raise() - handle an error
 * @partition: whose error it is
 * @entry: source, or identifier without one, and what is known; the rest is
 *	filled in
 *
 * Logged and told of first, so that who hears of the action has heard why.
 *
 * Context: may sleep; ps_mutex held.
 */
void ps_health_raise(struct ps_partition *partition, struct ps_hm_entry *entry)
{
	ps_assert_locked();
	strscpy(entry->partition, partition->name, sizeof(entry->partition));
	entry->count = entry->count ?: 1;
	look_up(partition, entry);
	decide(partition, entry);
	partition->nr_errors++;
	ps_hm_log_add(entry);
	ps_event_error(entry);
	carry_out(partition, entry);
}

/*
 * Whether a launcher has ended a thread and goes on with others: a vCPU was
 * unplugged. Of a process that ends, all threads do.
 */
static bool unplugged(const struct ps_thread *thread)
{
	const struct ps_partition *partition = thread->vcpu->partition;
	u32 i;

	if (READ_ONCE(thread->task->signal->flags) & SIGNAL_GROUP_EXIT ||
	    ps_thread_is(thread, PS_LOST))
		return false;
	for (i = 0; i < partition->nr_vcpus; i++) {
		const struct ps_thread *other = partition->vcpus[i].holder;

		if (other && other != thread && other->mm == thread->mm)
			return true;
	}
	return false;
}

/**
 * ps_health_lost() - a thread is gone, and nobody has said so before
 * @thread: the thread; it is in its place no more
 *
 * One error for all threads of a launcher; none of a partition that is idle,
 * which its launcher or the operator has said, and none of a vCPU that its
 * launcher does without.
 *
 * Context: may sleep; ps_mutex held.
 */
void ps_health_lost(const struct ps_thread *thread)
{
	struct ps_partition *partition = thread->vcpu->partition;
	struct ps_hm_entry entry = {
		.source = PARTSCHED_ERROR_LAUNCHER,
		.has_vcpu = true,
		.vcpu = thread->vcpu->index,
	};

	ps_assert_locked();
	if (partition->bereaved || !ps_plan_current(NULL) ||
	    mode_of(partition) == PARTSCHED_MODE_IDLE || unplugged(thread))
		return;
	partition->bereaved = true;
	scnprintf(entry.reason, sizeof(entry.reason), "thread %d: %s",
		  thread->tid, thread->reason ?: "it ended");
	ps_health_raise(partition, &entry);
}

/* What a counter has gone up by is an error; ignored, one a second at most. */
static void compare(struct ps_vcpu *vcpu, u32 source, u64 now, u64 *told,
		    u64 *told_ns)
{
	struct ps_hm_entry entry = {
		.source = source,
		.has_vcpu = true,
		.vcpu = vcpu->index,
		.count = now - *told,
	};
	u64 now_ns;

	if (likely(now == *told))
		return;
	now_ns = ktime_get_ns();
	if (*told_ns && now_ns - *told_ns < PS_AGAIN_NS) {
		look_up(vcpu->partition, &entry);
		if (entry.action == PARTSCHED_HM_IGNORE)
			return;
	}
	*told = now;
	*told_ns = now_ns;
	ps_health_raise(vcpu->partition, &entry);
}

/**
 * ps_health_look() - look for errors that timers and notifiers have counted
 * @thread: under the plan
 *
 * Context: the bouncer; ps_mutex held.
 */
void ps_health_look(struct ps_thread *thread)
{
	struct ps_vcpu *vcpu = thread->vcpu;

	ps_assert_locked();
	compare(vcpu, PARTSCHED_ERROR_OVERRUN, READ_ONCE(vcpu->stats.overruns),
		&vcpu->told.overruns, &vcpu->told.overrun_ns);
	compare(vcpu, PARTSCHED_ERROR_STEAL, READ_ONCE(vcpu->stolen),
		&vcpu->told.stolen, &vcpu->told.stolen_ns);
}

/* Sum up each vCPU's missed windows: a walk over all windows, but a rare one. */
static void sum_up(const struct ps_plan *plan)
{
	u32 i, j, k;

	for (i = 0; i < plan->nr_slots; i++)
		plan->slots[i]->told.missed_now = 0;
	for (i = 0; i < plan->nr_schedules; i++) {
		const struct ps_schedule *schedule = &plan->schedules[i];

		for (j = 0; j < schedule->nr_tables; j++) {
			const struct ps_plan_table *table =
				&schedule->tables[j];

			for (k = 0; k < table->table.nr; k++) {
				u32 slot = table->table.windows[k].slot;
				u64 opened;

				plan->slots[slot]->told.missed_now +=
					ps_frame_missed(table, k, &opened);
			}
		}
	}
}

/**
 * ps_health_missed() - look for windows that were missed
 * @some: some were, of whomever, since this was last called
 *
 * Once a second at most: who misses many is not to be kept from his work.
 *
 * Context: the bouncer; ps_mutex held, and a plan is in force.
 */
void ps_health_missed(bool some)
{
	const struct ps_plan *plan = ps_plan_current(NULL);
	static u64 last_ns;	/* under ps_mutex */
	static bool due;	/* likewise */
	u32 i;

	ps_assert_locked();
	due |= some;
	if (likely(!due))
		return;
	if (last_ns && ktime_get_ns() - last_ns < PS_AGAIN_NS)
		return;
	due = false;
	last_ns = ktime_get_ns();
	sum_up(plan);
	for (i = 0; i < plan->nr_slots; i++) {
		struct ps_vcpu *vcpu = plan->slots[i];
		struct ps_hm_entry entry = {
			.source = PARTSCHED_ERROR_MISSED,
			.has_vcpu = true,
			.vcpu = vcpu->index,
			.count = vcpu->told.missed_now - vcpu->told.missed,
		};

		/* a new plan counts anew, and one that was slept over */
		if (vcpu->told.missed_now < vcpu->told.missed)
			entry.count = vcpu->told.missed_now;
		vcpu->told.missed = vcpu->told.missed_now;
		/* to a place without a thread it does no harm */
		if (entry.count && vcpu->holder)
			ps_health_raise(vcpu->partition, &entry);
	}
}

// SPDX-License-Identifier: GPL-2.0
/*
 * Operating modes of partitions (ARINC 653): who may ask for which, and what
 * comes of it. All in process context, but for what a change of schedule says:
 * that is the timer's, see start.c.
 */
#include <linux/partsched.h>

#include "event.h"
#include "lock.h"
#include "mode.h"
#include "start.h"

/* What is done about a request. */
enum rule {
	REFUSED,
	DONE,
	NOTHING,	/* it is so already, or none of the requester's business */
	COLD_INSTEAD,	/* what is to be kept has not come about yet */
};

#define NR_MODES	PARTSCHED_MODE_NORMAL
#define NR_REQUESTERS	PARTSCHED_BY_SCHEDULE

/* By requester, the mode that it is in, and the one that is asked for. */
static const u8 rules[NR_REQUESTERS][NR_MODES][NR_MODES] = {
	[PARTSCHED_BY_OPERATOR - 1] = {
		/* IDLE, COLD_START, WARM_START, NORMAL */
		{ NOTHING, DONE, DONE, REFUSED },
		{ DONE, DONE, DONE, REFUSED },
		{ DONE, DONE, DONE, REFUSED },
		{ DONE, DONE, DONE, REFUSED },
	},
	[PARTSCHED_BY_PARTITION - 1] = {
		{ REFUSED, REFUSED, REFUSED, REFUSED },
		{ DONE, DONE, REFUSED, DONE },
		{ DONE, DONE, DONE, DONE },
		{ DONE, DONE, DONE, NOTHING },
	},
	[PARTSCHED_BY_HEALTH - 1] = {
		{ NOTHING, NOTHING, NOTHING, REFUSED },
		{ DONE, DONE, COLD_INSTEAD, REFUSED },
		{ DONE, DONE, DONE, REFUSED },
		{ DONE, DONE, DONE, REFUSED },
	},
	[PARTSCHED_BY_SCHEDULE - 1] = {
		{ NOTHING, DONE, DONE, REFUSED },
		{ DONE, DONE, DONE, REFUSED },
		{ DONE, DONE, DONE, REFUSED },
		{ DONE, DONE, DONE, REFUSED },
	},
};

static enum rule rule_of(u32 requester, u32 from, u32 to)
{
	return rules[requester - 1][from - 1][to - 1];
}

static const char *why_refused(u32 requester, u32 from, u32 to)
{
	if (requester != PARTSCHED_BY_PARTITION)
		return "a partition comes to NORMAL by itself, after a start";
	if (from == PARTSCHED_MODE_IDLE)
		return "an idle partition does nothing by itself: the operator starts it";
	return "in a cold start there is no memory yet that a warm start could keep";
}

/**
 * ps_mode_allowed() - what a request for a mode would come to
 * @partition: the partition
 * @mode: enum partsched_mode
 * @requester: enum partsched_requester
 *
 * Context: ps_mutex held.
 * Return: the mode that the partition would be put into, 0: none.
 */
u32 ps_mode_allowed(const struct ps_partition *partition, u32 mode,
		    u32 requester)
{
	u32 from = ps_state_mode(ps_state_read(&partition->state));

	ps_assert_locked();
	switch (rule_of(requester, from, mode)) {
	case DONE:
		return mode;
	case COLD_INSTEAD:
		return PARTSCHED_MODE_COLD_START;
	default:
		return 0;
	}
}

/* A timer may bring an action of a schedule meanwhile; the last one holds. */
static void enter(struct ps_partition *partition, u32 mode, u32 condition,
		  u32 requester)
{
	s64 old = atomic64_read(&partition->state);
	struct ps_state state;

	do {
		state = ps_state_unpack(old);
		state.mode = mode;
		state.requester = requester;
		if (ps_mode_starts(mode))
			state.cold = mode == PARTSCHED_MODE_COLD_START;
		if (condition)
			state.condition = condition;
	} while (!atomic64_try_cmpxchg(&partition->state, &old,
				       (s64)ps_state_pack(&state)));
}

static const char *name_of(u32 requester)
{
	static const char * const names[NR_REQUESTERS] = {
		[PARTSCHED_BY_OPERATOR - 1] = "by the operator",
		[PARTSCHED_BY_PARTITION - 1] = "by itself",
		[PARTSCHED_BY_HEALTH - 1] = "by the health monitor",
		[PARTSCHED_BY_SCHEDULE - 1] = "by a change of schedule",
	};

	return names[requester - 1];
}

static void tell(struct ps_partition *partition)
{
	u64 word = ps_state_read(&partition->state) & PS_STATE_TOLD;
	struct ps_state state = ps_state_unpack(word);

	partition->told_state = word;
	ps_event_mode(partition, state.mode, state.condition,
		      name_of(state.requester));
}

/**
 * ps_mode_tell() - tell of a mode that nobody has been told of
 * @partition: the partition
 *
 * Context: may sleep; ps_mutex held.
 */
void ps_mode_tell(struct ps_partition *partition)
{
	u64 word = ps_state_read(&partition->state) & PS_STATE_TOLD;
	struct ps_state state = ps_state_unpack(word);
	u64 before = partition->told_state;

	ps_assert_locked();
	if (likely(word == before))
		return;
	/* an order alone is the second step of what was told of already */
	if (ps_state_mode(before) == state.mode &&
	    ps_state_order(before) != state.order &&
	    state.requester != PARTSCHED_BY_SCHEDULE) {
		partition->told_state = word;
		return;
	}
	tell(partition);
}

static u32 condition_of(const struct ps_mode_request *request)
{
	if (request->condition)
		return request->condition;
	return request->requester == PARTSCHED_BY_PARTITION ?
		PARTSCHED_START_RESTART : PARTSCHED_START_NORMAL;
}

static int refuse(struct ps_mode_request *request, const char *why_not)
{
	request->why_not = why_not;
	return -EINVAL;
}

/**
 * ps_mode_set() - change a partition's mode
 * @partition: the partition
 * @request: what is asked for, and the answer
 *
 * IDLE stops it at once. A start ends its life at once; its threads begin anew
 * in their windows, see start.c.
 *
 * Context: may sleep; ps_mutex held.
 * Return: 0, or -EINVAL if the mode table does not have it.
 */
int ps_mode_set(struct ps_partition *partition,
		struct ps_mode_request *request)
{
	u32 from = ps_state_mode(ps_state_read(&partition->state));
	u32 to = request->mode, requester = request->requester;
	enum rule rule = rule_of(requester, from, to);

	ps_assert_locked();
	request->before = from;
	request->no_action = rule == NOTHING;
	if (rule == REFUSED)
		return refuse(request, why_refused(requester, from, to));
	if (rule == NOTHING)
		return 0;
	if (rule == COLD_INSTEAD)
		to = PARTSCHED_MODE_COLD_START;
	if (to == PARTSCHED_MODE_WARM_START &&
	    !atomic_read(&partition->nr_starts))
		return refuse(request,
			      "the partition has never run: there is no memory that a warm start could keep");
	if (to == PARTSCHED_MODE_NORMAL && !ps_start_begun(partition))
		return refuse(request,
			      "the partition is about to start: its guest is not the one that asks");
	switch (to) {
	case PARTSCHED_MODE_IDLE:
		enter(partition, to, 0, requester);
		ps_start_stop(partition);
		break;
	case PARTSCHED_MODE_NORMAL:
		enter(partition, to, 0, requester);
		break;
	default:
		/* whoever starts it has seen to what was wrong */
		if (requester == PARTSCHED_BY_OPERATOR)
			partition->nr_restarts = 0;
		/* held before it is idle no more */
		set_bit(PS_HOLD_STOPPING, &partition->holds);
		smp_mb__after_atomic();
		enter(partition, to, condition_of(request), requester);
		/* also where it is in that mode already */
		tell(partition);
		ps_start_begin(partition);
	}
	ps_mode_tell(partition);
	return 0;
}

/**
 * ps_mode_halt() - stop a partition at once, and keep its mode and state
 * @partition: the partition
 *
 * Context: may sleep; ps_mutex held.
 * Return: false if it was halted already.
 */
bool ps_mode_halt(struct ps_partition *partition)
{
	ps_assert_locked();
	if (test_and_set_bit(PS_HOLD_HALTED, &partition->holds))
		return false;
	ps_start_stop(partition);
	ps_event_partition(PARTSCHED_EVENT_HALTED, partition);
	return true;
}

/**
 * ps_mode_continue() - let a halted partition go on
 * @partition: the partition
 *
 * Context: may sleep; ps_mutex held.
 * Return: false if it was not halted.
 */
bool ps_mode_continue(struct ps_partition *partition)
{
	ps_assert_locked();
	if (!test_and_clear_bit(PS_HOLD_HALTED, &partition->holds))
		return false;
	ps_start_release(partition);
	ps_event_partition(PARTSCHED_EVENT_CONTINUED, partition);
	return true;
}

/**
 * ps_mode_attached() - a partition without threads gets its first one
 * @partition: the partition
 *
 * Its launcher has started it, by itself or because the mode says so.
 *
 * Context: ps_mutex held; the thread cannot run yet.
 */
void ps_mode_attached(struct ps_partition *partition)
{
	u32 mode = ps_state_mode(ps_state_read(&partition->state));

	ps_assert_locked();
	partition->bereaved = false;
	if (ps_mode_starts(mode))
		return;
	atomic_inc(&partition->nr_starts);
	enter(partition, partition->traits.initialises ?
	      PARTSCHED_MODE_COLD_START : PARTSCHED_MODE_NORMAL,
	      PARTSCHED_START_NORMAL, PARTSCHED_BY_PARTITION);
}

/**
 * ps_mode_replace() - a partition's threads go, for another launcher to start it
 * @partition: the partition
 *
 * As after a death of its launcher, but without an error: the mode is kept
 * when the last one has gone.
 *
 * Context: ps_mutex held.
 * Return: false if it is not to start.
 */
bool ps_mode_replace(struct ps_partition *partition)
{
	ps_assert_locked();
	if (!ps_mode_starts(ps_state_mode(ps_state_read(&partition->state))))
		return false;
	partition->bereaved = true;
	return true;
}

/**
 * ps_mode_left() - a thread of a partition has gone
 * @partition: the partition
 *
 * Without any it is idle, unless the health monitor wants another launcher.
 *
 * Context: may sleep; ps_mutex held.
 */
void ps_mode_left(struct ps_partition *partition)
{
	bool bereaved = partition->bereaved;
	u32 mode, i;

	ps_assert_locked();
	for (i = 0; i < partition->nr_vcpus; i++)
		if (partition->vcpus[i].holder)
			return;
	partition->bereaved = false;
	mode = ps_state_mode(ps_state_read(&partition->state));
	if (mode == PARTSCHED_MODE_NORMAL ||
	    (ps_mode_starts(mode) && !bereaved))
		enter(partition, PARTSCHED_MODE_IDLE, 0,
		      PARTSCHED_BY_PARTITION);
	ps_start_serve(partition);
}


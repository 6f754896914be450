// SPDX-License-Identifier: GPL-2.0
/*
 * Which CPU each vCPU's next window is on, at changes of schedule.
 *
 * Within a schedule each window names its successor's CPU, and the timers pass
 * that on with every close. Where a change of schedule comes before the
 * successor, the timers take &struct ps_vcpu.coming_cpu instead; and who has no
 * window to close is told from here. A thread is moved as soon as it is known
 * where to: so a window that a change begins with finds its thread in place.
 */
#include <linux/ktime.h>
#include <linux/math64.h>
#include <linux/timekeeping.h>

#include "assign.h"
#include "lock.h"
#include "plan.h"

/* Note for each vCPU of a schedule the CPU of its first window there. */
static void note_first_cpus(const struct ps_schedule *schedule)
{
	struct ps_vcpu **slots = schedule->plan->slots;
	u32 i;

	for (i = 0; i < schedule->plan->nr_slots; i++)
		WRITE_ONCE(slots[i]->coming_cpu, -1);
	for (i = 0; i < schedule->nr_windows; i++) {
		const struct ps_window *w = &schedule->windows[i];

		if (w->last)
			WRITE_ONCE(slots[w->slot]->coming_cpu, w->next_cpu);
	}
}

/**
 * ps_assign_cpus() - tell each vCPU where its first window is, or that it has
 *	none
 * @schedule: the schedule that has begun, or is about to
 * @at_ns: its epoch, CLOCK_MONOTONIC
 *
 * Those that a timer of the schedule has told of a window already know better.
 *
 * Context: ps_mutex held; no change is announced.
 */
void ps_assign_cpus(const struct ps_schedule *schedule, u64 at_ns)
{
	const struct ps_plan *plan = schedule->plan;
	u32 i;

	ps_assert_locked();
	note_first_cpus(schedule);
	for (i = 0; i < plan->nr_slots; i++)
		ps_vcpu_assign(plan->slots[i], at_ns,
			       plan->slots[i]->coming_cpu);
}

/**
 * ps_assign_levels() - tell each vCPU how it shares its windows
 * @plan: the plan that has begun
 *
 * The bouncer then gives the threads their priorities. Until it has, those of a
 * window that the plan before did not have run one after the other.
 *
 * Context: ps_mutex held.
 */
void ps_assign_levels(const struct ps_plan *plan)
{
	u32 i;

	ps_assert_locked();
	for (i = 0; i < plan->nr_slots; i++) {
		WRITE_ONCE(plan->slots[i]->rank, plan->levels[i].rank);
		WRITE_ONCE(plan->slots[i]->quantum_ns,
			   plan->levels[i].quantum_ns);
	}
}

/**
 * ps_assign_traits() - tell partitions what a plan says of them
 * @plan: comes in force now
 *
 * It counts windows anew, missed ones too.
 *
 * Context: ps_mutex held.
 */
void ps_assign_traits(const struct ps_plan *plan)
{
	u32 i;

	ps_assert_locked();
	for (i = 0; i < plan->nr_partitions; i++) {
		struct ps_traits *traits = &plan->partitions[i]->traits;
		const struct ps_traits *from = &plan->traits[i];

		traits->supervised = from->supervised;
		traits->initialises = from->initialises;
		traits->restart_limit = from->restart_limit;
		traits->restart_period_ns = from->restart_period_ns;
		/* the timers read it */
		WRITE_ONCE(traits->steal_limit_ns, from->steal_limit_ns);
	}
	for (i = 0; i < plan->nr_slots; i++)
		plan->slots[i]->told.missed = 0;
}

/**
 * ps_assign_coming() - prepare a change of schedule
 * @from: the schedule in force
 * @to: the one that is to be announced, of this plan or another
 *
 * Who has no window in @from learns at once where its first one in @to is; the
 * others by the last close of theirs in the frame before the change, for which
 * a whole frame has to know of it.
 *
 * Context: ps_mutex held; no change is announced.
 * Return: whether a thread has to be moved between its last window in @from and
 * its first one in @to.
 */
bool ps_assign_coming(const struct ps_schedule *from,
		      const struct ps_schedule *to)
{
	struct ps_vcpu **slots = from->plan->slots;
	u64 now_ns = ktime_get_ns();
	bool moves = false;
	u32 i;

	ps_assert_locked();
	for (i = 0; i < from->plan->nr_slots; i++)
		WRITE_ONCE(slots[i]->coming_cpu, -1);
	note_first_cpus(to);
	for (i = 0; i < to->plan->nr_slots; i++)
		to->plan->slots[i]->next_cpu = -1;
	for (i = 0; i < from->nr_windows; i++) {
		const struct ps_window *w = &from->windows[i];
		struct ps_vcpu *vcpu = slots[w->slot];

		if (!w->last)
			continue;
		vcpu->next_cpu = w->next_cpu;
		if (vcpu->holder && vcpu->coming_cpu != vcpu->next_cpu)
			moves = true;
	}
	for (i = 0; i < to->plan->nr_slots; i++) {
		struct ps_vcpu *vcpu = to->plan->slots[i];

		if (vcpu->next_cpu < 0 && vcpu->coming_cpu >= 0)
			ps_vcpu_assign(vcpu, now_ns, vcpu->coming_cpu);
	}
	return moves;
}

/**
 * ps_assign_again() - undo what ps_assign_coming() led to
 * @schedule: the schedule in force
 * @at_ns: its epoch, CLOCK_MONOTONIC
 *
 * A timer that looked at the announced change just before it was withdrawn may
 * still send a vCPU the wrong way: its next window counts as late then.
 *
 * Context: ps_mutex held; no change is announced any more.
 */
void ps_assign_again(const struct ps_schedule *schedule, u64 at_ns)
{
	u64 now_ns = ktime_get_ns(), frame_ns = schedule->frame_ns, passed_ns;
	u32 i;

	ps_assert_locked();
	if (now_ns < at_ns)
		return;
	passed_ns = now_ns - at_ns;
	passed_ns -= div64_u64(passed_ns, frame_ns) * frame_ns;
	for (i = 0; i < schedule->nr_windows; i++) {
		const struct ps_window *w = &schedule->windows[i];

		/* only the last close of a frame looks at changes */
		if (w->last && w->offset_ns + w->duration_ns <= passed_ns)
			ps_vcpu_redirect(schedule->plan->slots[w->slot],
					 w->next_cpu);
	}
}

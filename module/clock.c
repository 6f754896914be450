// SPDX-License-Identifier: GPL-2.0
/*
 * The clock that major frames are aligned to.
 *
 * Timers are armed on CLOCK_MONOTONIC, whatever the plan's clock is: an hrtimer
 * on CLOCK_TAI would keep a window open for as long as that clock is set back.
 * The kernel's CLOCK_TAI is CLOCK_MONOTONIC plus an offset, and both are slewed
 * together: adjtime(), NTP and PTP change the rate of the two, and frames that
 * are equally long on the one stay so on the other. Only a step changes the
 * offset: of the time of day, of the difference to UTC, of both by a suspend;
 * a leap second does not.
 *
 * So the mapping of a whole run of frames is one number, the same on all CPUs:
 * the epoch, an instant of CLOCK_MONOTONIC chosen so that it lies on the grid
 * base + k * frame of CLOCK_TAI. When the offset is found to be another one, the
 * plan is given another epoch at the end of a frame, as if it were another
 * schedule.
 */
#include <linux/jiffies.h>
#include <linux/math64.h>
#include <linux/minmax.h>
#include <linux/notifier.h>
#include <linux/pvclock_gtod.h>
#include <linux/timekeeping.h>

#include "bouncer.h"
#include "clock.h"
#include "frame.h"
#include "lock.h"
#include "plan.h"

/* A frame is cut short by this at most, to get back to the grid. */
#define PS_CUT_NS	NSEC_PER_MSEC

static bool watched;		/* under ps_mutex */

/**
 * ps_clock_offset_ns() - from CLOCK_MONOTONIC to the clock of a plan, now
 * @schedule: a schedule of the plan
 *
 * Context: any.
 * Return: nanoseconds to be added, 0 if CLOCK_MONOTONIC is the plan's clock.
 */
s64 ps_clock_offset_ns(const struct ps_schedule *schedule)
{
	if (schedule->plan->clock != PARTSCHED_CLOCK_TAI)
		return 0;
	return ktime_to_ns(ktime_mono_to_any(0, TK_OFFS_TAI));
}

/* How long before an instant of the plan's clock a frame of the grid begins. */
static u64 into_frame_ns(const struct ps_schedule *schedule, s64 at_ns)
{
	s64 base_ns = (s64)schedule->plan->base_ns;
	u64 rest_ns;

	if (at_ns >= base_ns) {
		div64_u64_rem(at_ns - base_ns, schedule->frame_ns, &rest_ns);
		return rest_ns;
	}
	/* the grid has no beginning: the base may lie ahead */
	div64_u64_rem(base_ns - at_ns, schedule->frame_ns, &rest_ns);
	return rest_ns ? schedule->frame_ns - rest_ns : 0;
}

/**
 * ps_clock_begin() - choose the epoch of a schedule
 * @change: its .at_ns and .offset_ns are filled in
 * @from_ns: not before this, CLOCK_MONOTONIC
 *
 * That is @from_ns itself where the plan's clock is CLOCK_MONOTONIC, else the
 * next start of a frame on the grid, less than a frame later.
 *
 * Context: any.
 */
void ps_clock_begin(struct ps_switch *change, u64 from_ns)
{
	const struct ps_schedule *schedule = change->schedule;
	u64 into_ns;

	change->offset_ns = ps_clock_offset_ns(schedule);
	change->at_ns = from_ns;
	if (schedule->plan->clock != PARTSCHED_CLOCK_TAI)
		return;
	into_ns = into_frame_ns(schedule, (s64)from_ns + change->offset_ns);
	if (into_ns)
		change->at_ns += schedule->frame_ns - into_ns;
}

/**
 * ps_clock_begin_soon() - choose the epoch of a schedule where none runs
 * @change: its instants are filled in
 *
 * Ahead of now, and off the scheduler tick's grid by an eighth of it, so that
 * edges on a millisecond grid never fall on a tick; on CLOCK_TAI its grid is
 * the plan's business.
 *
 * Context: any.
 */
void ps_clock_begin_soon(struct ps_switch *change)
{
	u64 from_ns = ktime_get_ns() + PS_LEAD_NS;

	from_ns = (div_u64(from_ns, TICK_NSEC) + 1) * TICK_NSEC + TICK_NSEC / 8;
	ps_clock_begin(change, from_ns);
	change->end_ns = change->at_ns;
}

/**
 * ps_clock_error_ns() - how far the frames of a schedule are off the grid
 * @change: the schedule and its epoch
 * @offset_ns: from CLOCK_MONOTONIC to the plan's clock
 *
 * Context: any.
 * Return: how much later than the grid's nearest frame they begin; negative if
 * earlier. 0 where the plan's clock is CLOCK_MONOTONIC.
 */
s64 ps_clock_error_ns(const struct ps_switch *change, s64 offset_ns)
{
	const struct ps_schedule *schedule = change->schedule;
	u64 into_ns;

	if (schedule->plan->clock != PARTSCHED_CLOCK_TAI)
		return 0;
	into_ns = into_frame_ns(schedule, (s64)change->at_ns + offset_ns);
	if (into_ns > schedule->frame_ns / 2)
		return (s64)into_ns - (s64)schedule->frame_ns;
	return (s64)into_ns;
}

/**
 * ps_clock_spare_ns() - by how much a frame may be cut short
 * @schedule: the schedule
 *
 * It ends in a gap on all CPUs. What a thread needs to be moved from its last
 * window to its first one is kept, and no window opens earlier after the one
 * before by more than a millisecond.
 *
 * Context: any.
 * Return: nanoseconds.
 */
u64 ps_clock_spare_ns(const struct ps_schedule *schedule)
{
	u64 used_ns = PARTSCHED_MIN_MOVE_NS;
	u32 i;

	for (i = 0; i < schedule->nr_windows; i++) {
		const struct ps_window *w = &schedule->windows[i];

		used_ns = max(used_ns, w->offset_ns + w->duration_ns +
				       PARTSCHED_MIN_MOVE_NS);
	}
	if (used_ns >= schedule->frame_ns)
		return 0;
	return min_t(u64, schedule->frame_ns - used_ns, PS_CUT_NS);
}

/*
 * The kernel's time is another one. The timekeeper's lock is held and its
 * sequence count is odd: who reads a clock here waits for ever.
 */
static int on_update(struct notifier_block *block, unsigned long was_set,
		     void *timekeeper)
{
	if (unlikely(was_set))
		ps_bouncer_kick_atomic();
	return NOTIFY_DONE;
}

static struct notifier_block update_block = {
	.notifier_call = on_update,
};

/**
 * ps_clock_watch() - have the bouncer look as soon as a clock is set, or not
 * @watch: whether a plan is in force that goes by such a clock
 *
 * Context: ps_mutex held.
 */
void ps_clock_watch(bool watch)
{
	ps_assert_locked();
	if (watch == watched)
		return;
	watched = watch;
	/* neither of them can fail */
	if (watch)
		pvclock_gtod_register_notifier(&update_block);
	else
		pvclock_gtod_unregister_notifier(&update_block);
}

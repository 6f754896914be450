// SPDX-License-Identifier: GPL-2.0
/*
 * The shortest window that this host can enforce, measured when the module is
 * loaded.
 *
 * What it takes to open a window is a timer, a wake-up and a switch; as much to
 * close it. So a thread sleeps on a timer of the frame timer's kind, and the
 * time from the timer's instant to the thread's next instruction is taken. The
 * least of some tries counts, not the mean: a busy host would otherwise refuse
 * today what it took yesterday, and what is refused shall be beyond this host
 * at its best. A window is that twice over for its edges, and as much again for
 * the guest, or it is no window but a switch. It is never less than
 * PARTSCHED_MIN_WINDOW_NS.
 */
#include <linux/hrtimer.h>
#include <linux/kernel.h>
#include <linux/ktime.h>
#include <linux/math64.h>
#include <linux/module.h>
#include <linux/moduleparam.h>
#include <linux/partsched.h>
#include <linux/sched.h>

#include "measure.h"

#define TRIES		32
#define SLEEP_NS	(50 * NSEC_PER_USEC)
#define SWITCHES	4

static unsigned long min_window_ns;

static int set_min_window(const char *value, const struct kernel_param *param)
{
	unsigned long ns;
	int err = kstrtoul(value, 0, &ns);

	if (err)
		return err;
	if (ns && (ns < PARTSCHED_MIN_WINDOW_NS || ns > NSEC_PER_SEC))
		return -ERANGE;
	min_window_ns = ns;
	return 0;
}

static const struct kernel_param_ops min_window_ops = {
	.set = set_min_window,
	.get = param_get_ulong,
};

module_param_cb(min_window_ns, &min_window_ops, &min_window_ns, 0444);
MODULE_PARM_DESC(min_window_ns,
		 "the shortest window that is taken, 50000 to 1000000000, 0: as measured (0)");

static char refusal[128];

static u64 one_try_ns(void)
{
	ktime_t at = ktime_add_ns(ktime_get(), SLEEP_NS);
	s64 late_ns;

	set_current_state(TASK_UNINTERRUPTIBLE);
	schedule_hrtimeout_range(&at, 0, HRTIMER_MODE_ABS_HARD);
	late_ns = ktime_to_ns(ktime_sub(ktime_get(), at));
	/* woken by something else: the most that counts nothing */
	return late_ns > 0 ? late_ns : U64_MAX;
}

static u64 measured_ns(void)
{
	u64 best_ns = NSEC_PER_SEC / SWITCHES;
	unsigned int i;

	for (i = 0; i < TRIES; i++)
		best_ns = min(best_ns, one_try_ns());
	/* in whole microseconds: more says less */
	return DIV_ROUND_UP_ULL(best_ns * SWITCHES, NSEC_PER_USEC) *
	       NSEC_PER_USEC;
}

/**
 * ps_measure_min_window_ns() - the shortest window that is taken
 *
 * Context: any.
 * Return: nanoseconds, at least PARTSCHED_MIN_WINDOW_NS.
 */
u64 ps_measure_min_window_ns(void)
{
	return min_window_ns;
}

/**
 * ps_measure_refusal() - why a window is not taken, in a sentence
 *
 * Context: any.
 * Return: a string that stays, without a full stop.
 */
const char *ps_measure_refusal(void)
{
	return refusal;
}

/**
 * ps_measure_init() - measure, unless a parameter says what is to come out
 *
 * Context: may sleep, for some milliseconds.
 */
void ps_measure_init(void)
{
	bool told = min_window_ns;

	if (!told)
		min_window_ns = max_t(u64, measured_ns(),
				      PARTSCHED_MIN_WINDOW_NS);
	snprintf(refusal, sizeof(refusal),
		 "a window is shorter than %lu ns, the least that %s",
		 min_window_ns, told ? "the module's parameter allows" :
		 "this host was measured to enforce");
}

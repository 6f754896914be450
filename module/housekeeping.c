// SPDX-License-Identifier: GPL-2.0
/*
 * The CPUs for all that is not a partition: the bouncer, the reaper, threads in
 * exile, children of launchers.
 *
 * All online CPUs without windows in any schedule, those set aside for
 * housekeeping at boot before others; when there is none, those without windows
 * in the schedule in force; every online CPU when all have some, as on a
 * machine with one CPU.
 */
#include <linux/cpumask.h>
#include <linux/math64.h>
#include <linux/sched/isolation.h>

#include "bouncer.h"
#include "housekeeping.h"
#include "lock.h"
#include "plan.h"
#include "reaper.h"

/* All under ps_mutex. */
static struct cpumask mask;
static const struct ps_schedule *in_force;	/* NULL: none */
static u64 epoch_ns;				/* its epoch */
/* of the CPU that the bouncer shares with windows, NULL: it has one without */
static const struct ps_plan_table *shared;

/**
 * ps_housekeeping() - the CPUs for all that is not a partition
 *
 * Context: ps_mutex held.
 * Return: a mask that is not empty.
 */
const struct cpumask *ps_housekeeping(void)
{
	ps_assert_locked();
	/* the last of them may have gone offline since they were chosen */
	return cpumask_intersects(&mask, cpu_active_mask) ?
		&mask : cpu_online_mask;
}

/**
 * ps_housekeeping_update() - the set of online CPUs is another one
 *
 * Context: ps_mutex held.
 */
void ps_housekeeping_update(void)
{
	int cpu;

	ps_assert_locked();
	shared = NULL;
	if (!in_force)
		return;
	cpu = cpumask_first_and(ps_housekeeping(), &in_force->cpus);
	if (cpu < nr_cpu_ids)
		shared = ps_schedule_table(in_force, cpu);
}

/* The online CPUs without those that two plans, or two schedules, use. */
static void choose(const struct cpumask *running, const struct cpumask *coming)
{
	cpumask_copy(&mask, cpu_online_mask);
	if (running)
		cpumask_andnot(&mask, &mask, running);
	if (coming)
		cpumask_andnot(&mask, &mask, coming);
}

/**
 * ps_housekeeping_choose() - choose them anew, and move there what runs on them
 * @running: the schedule in force, NULL: none
 * @at_ns: its epoch, CLOCK_MONOTONIC
 * @coming: the one that is announced, NULL: none
 *
 * Context: may sleep; ps_mutex held.
 */
void ps_housekeeping_choose(const struct ps_schedule *running, u64 at_ns,
			    const struct ps_schedule *coming)
{
	ps_assert_locked();
	in_force = running;
	epoch_ns = at_ns;
	choose(running ? &running->plan->cpus : NULL,
	       coming ? &coming->plan->cpus : NULL);
	if (cpumask_empty(&mask))
		choose(running ? &running->cpus : NULL,
		       coming ? &coming->cpus : NULL);
	if (cpumask_intersects(&mask, housekeeping_cpumask(HK_TYPE_DOMAIN)))
		cpumask_and(&mask, &mask, housekeeping_cpumask(HK_TYPE_DOMAIN));
	if (cpumask_empty(&mask))
		cpumask_copy(&mask, cpu_online_mask);
	ps_housekeeping_update();
	ps_bouncer_bind(&mask);
	ps_reaper_bind(&mask);
}

/**
 * ps_housekeeping_shared() - whether housekeeping has to share a CPU with
 *	windows
 *
 * Context: ps_mutex held.
 */
bool ps_housekeeping_shared(void)
{
	ps_assert_locked();
	return shared;
}

/**
 * ps_housekeeping_gap_ns() - an instant for work that must not disturb a window
 * @from_ns: not before this
 *
 * Where there is a CPU without windows, that is @from_ns itself; where there is
 * none, the start of the next long gap of the CPU that is shared.
 *
 * Context: ps_mutex held.
 * Return: CLOCK_MONOTONIC, at most a major frame after @from_ns.
 */
u64 ps_housekeeping_gap_ns(u64 from_ns)
{
	u64 first_ns;

	ps_assert_locked();
	if (!shared || !shared->has_gap || from_ns < epoch_ns)
		return from_ns;
	first_ns = epoch_ns + shared->gap_ns;
	if (first_ns >= from_ns)
		return first_ns;
	return first_ns + DIV64_U64_ROUND_UP(from_ns - first_ns,
					     in_force->frame_ns) *
			  in_force->frame_ns;
}

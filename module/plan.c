// SPDX-License-Identifier: GPL-2.0
/*
 * The plan in force. See plan.h.
 *
 * A change is one pointer to {schedule, instant}: each planned CPU takes it up
 * by itself at the frame boundary. The old plan is freed when every CPU has left
 * it and a grace period has passed.
 */
#include <linux/cpu.h>
#include <linux/ktime.h>
#include <linux/math64.h>
#include <linux/sched/isolation.h>
#include <linux/slab.h>
#include <linux/timekeeping.h>

#include "bouncer.h"
#include "event.h"
#include "frame.h"
#include "gate.h"
#include "host.h"
#include "lock.h"
#include "plan.h"
#include "thread.h"

/* A change lies at least this far ahead when it is announced. */
#define PS_LEAD_NS (10 * NSEC_PER_MSEC)

/* all under ps_mutex */
static struct ps_switch changes[2];
static struct ps_switch *running;	/* in force, NULL: none */
static struct ps_switch *coming;	/* announced, NULL: none */
static u32 generation;
static bool paused;
static struct cpumask housekeeping;
/* of the CPU that the bouncer shares with windows, NULL: it has one without */
static const struct ps_plan_table *shared;

static struct ps_plan *plan_of(const struct ps_switch *change)
{
	return change->schedule->plan;
}


static void plan_reap(struct ps_reap *reap)
{
	ps_plan_free(container_of(reap, struct ps_plan, reap));
	/* the CPUs that only this one used may go offline again */
	ps_host_guard();
}

/**
 * ps_plan_current() - the plan in force
 * @status: filled in, may be NULL
 *
 * Context: ps_mutex held.
 * Return: the plan, or NULL.
 */
const struct ps_plan *ps_plan_current(struct ps_plan_status *status)
{
	ps_assert_locked();
	if (status) {
		status->plan = running ? plan_of(running) : NULL;
		status->schedule = running ? running->schedule : NULL;
		status->epoch_ns = running ? running->at_ns : 0;
	}
	return running ? plan_of(running) : NULL;
}

/**
 * ps_plan_partition() - a partition of the plan in force
 * @name: PartitionName
 *
 * Context: ps_mutex held.
 * Return: the partition, without a reference, or NULL.
 */
struct ps_partition *ps_plan_partition(const char *name)
{
	const struct ps_plan *plan = ps_plan_current(NULL);
	u32 i;

	for (i = 0; plan && i < plan->nr_partitions; i++)
		if (!strcmp(plan->partitions[i]->name, name))
			return plan->partitions[i];
	return NULL;
}

/**
 * ps_plan_changing() - whether a change is announced and not yet done
 *
 * Context: ps_mutex held.
 */
bool ps_plan_changing(void)
{
	ps_assert_locked();
	return coming;
}

/**
 * ps_plan_covers_all() - whether the bouncer has to share its CPU with windows
 *
 * Context: ps_mutex held.
 */
bool ps_plan_covers_all(void)
{
	ps_assert_locked();
	return shared;
}

/**
 * ps_plan_gap_ns() - an instant for work that must not disturb a window
 * @from_ns: not before this
 *
 * Where the bouncer has a CPU without windows, that is @from_ns itself; where
 * it has not, the start of the next long gap of the CPU it shares.
 *
 * Context: ps_mutex held.
 * Return: CLOCK_MONOTONIC, at most a major frame after @from_ns.
 */
u64 ps_plan_gap_ns(u64 from_ns)
{
	u64 first_ns, frame_ns;

	ps_assert_locked();
	if (!shared || !shared->has_gap || from_ns < running->at_ns)
		return from_ns;
	first_ns = running->at_ns + shared->gap_ns;
	if (first_ns >= from_ns)
		return first_ns;
	frame_ns = running->schedule->frame_ns;
	return first_ns +
		DIV64_U64_ROUND_UP(from_ns - first_ns, frame_ns) * frame_ns;
}

/**
 * ps_plan_uses_cpu() - whether a CPU has windows, now or soon
 * @cpu: the CPU
 *
 * Those of schedules that are not in force count, too.
 *
 * Context: ps_mutex held.
 */
bool ps_plan_uses_cpu(int cpu)
{
	ps_assert_locked();
	return (running && cpumask_test_cpu(cpu, &plan_of(running)->cpus)) ||
	       (coming && cpumask_test_cpu(cpu, &plan_of(coming)->cpus));
}

/**
 * ps_plan_housekeeping() - the CPUs for all that is not a partition
 *
 * All online CPUs without windows in any schedule, those set aside for
 * housekeeping at boot before others; when there is none, those without windows
 * in the schedule in force; every online CPU when all have some, as on a
 * machine with one CPU.
 *
 * Context: ps_mutex held.
 * Return: a mask that is not empty.
 */
const struct cpumask *ps_plan_housekeeping(void)
{
	ps_assert_locked();
	/* the last of them may have gone offline since they were chosen */
	return cpumask_intersects(&housekeeping, cpu_active_mask) ?
		&housekeeping : cpu_online_mask;
}

/**
 * ps_plan_cpus_changed() - the set of online CPUs is another one
 *
 * Context: ps_mutex held.
 */
void ps_plan_cpus_changed(void)
{
	int cpu;

	ps_assert_locked();
	shared = NULL;
	if (!running)
		return;
	cpu = cpumask_first_and(ps_plan_housekeeping(),
				&running->schedule->cpus);
	if (cpu < nr_cpu_ids)
		shared = ps_schedule_table(running->schedule, cpu);
}

static void choose_housekeeping(void)
{
	struct cpumask *mask = &housekeeping;

	cpumask_copy(mask, cpu_online_mask);
	if (running)
		cpumask_andnot(mask, mask, &plan_of(running)->cpus);
	if (coming)
		cpumask_andnot(mask, mask, &plan_of(coming)->cpus);
	if (cpumask_empty(mask)) {
		cpumask_copy(mask, cpu_online_mask);
		if (running)
			cpumask_andnot(mask, mask, &running->schedule->cpus);
		if (coming)
			cpumask_andnot(mask, mask, &coming->schedule->cpus);
	}
	if (cpumask_intersects(mask, housekeeping_cpumask(HK_TYPE_DOMAIN)))
		cpumask_and(mask, mask, housekeeping_cpumask(HK_TYPE_DOMAIN));
	if (cpumask_empty(mask))
		cpumask_copy(mask, cpu_online_mask);
	ps_plan_cpus_changed();
	ps_bouncer_bind(mask);
	ps_reaper_bind(mask);
}

/*
 * The default epoch: ahead of now, and off the scheduler tick's grid by an
 * eighth of it, so that edges on a millisecond grid never fall on a tick.
 */
static u64 first_epoch_ns(void)
{
	u64 now_ns = ktime_get_ns() + PS_LEAD_NS;

	return (div_u64(now_ns, TICK_NSEC) + 1) * TICK_NSEC + TICK_NSEC / 8;
}

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

/*
 * Tell each vCPU where its first window is, or that it has none: those that no
 * timer of the schedule has told of one yet.
 */
static void assign_cpus(const struct ps_switch *change)
{
	const struct ps_plan *plan = plan_of(change);
	u32 i;

	note_first_cpus(change->schedule);
	for (i = 0; i < plan->nr_slots; i++)
		ps_vcpu_assign(plan->slots[i], change->at_ns,
			       plan->slots[i]->coming_cpu);
}

/*
 * Whether a change of schedule moves a thread: its first window there is on
 * another CPU than its first window here.
 */
static bool moves_threads(const struct ps_schedule *from,
			  const struct ps_schedule *to)
{
	struct ps_vcpu **slots = from->plan->slots;
	u32 i;

	for (i = 0; i < from->plan->nr_slots; i++)
		WRITE_ONCE(slots[i]->coming_cpu, -1);
	note_first_cpus(to);
	for (i = 0; i < from->nr_windows; i++) {
		const struct ps_window *w = &from->windows[i];

		if (w->last && slots[w->slot]->holder &&
		    slots[w->slot]->coming_cpu != (int)w->next_cpu)
			return true;
	}
	return false;
}

static struct ps_switch *spare_change(void)
{
	return running == &changes[0] ? &changes[1] : &changes[0];
}

/* Start the CPUs of a change that run no schedule yet. */
static int start_cpus(struct ps_switch *change)
{
	int cpu, err;

	for_each_cpu(cpu, &change->schedule->cpus) {
		if (running && cpumask_test_cpu(cpu, &running->schedule->cpus))
			continue;
		err = ps_frame_start(cpu, change);
		if (err)
			goto stop_started;
	}
	return 0;

stop_started:
	for_each_cpu(cpu, &change->schedule->cpus)
		if (!running || !cpumask_test_cpu(cpu, &running->schedule->cpus))
			ps_frame_stop(cpu);
	return err;
}

/**
 * ps_plan_publish() - put a plan in force, with its initial schedule
 * @plan: owned by this file from here on if 0 is returned
 * @epoch_ns: when it begins, CLOCK_MONOTONIC
 *
 * Without a plan in force it begins in a few milliseconds, else at the next
 * frame boundary that is at least PS_LEAD_NS ahead, on all CPUs at once; at the
 * one after that if it moves threads to other CPUs.
 *
 * Context: may sleep; ps_mutex and cpus_read_lock() held, so that no CPU goes.
 * Return: 0; -EBUSY while another change is on its way or the machine is about
 * to sleep; -ENXIO if a CPU is offline.
 */
int ps_plan_publish(struct ps_plan *plan, u64 *epoch_ns)
{
	struct ps_switch *change = spare_change();
	int err;

	ps_assert_locked();
	if (coming || paused)
		return -EBUSY;

	change->schedule = plan->initial;
	plan->generation = generation + 1;
	if (!running) {
		change->at_ns = first_epoch_ns();
		err = start_cpus(change);
		if (err)
			return err;
		running = change;
		assign_cpus(change);
		choose_housekeeping();
		ps_event_plan(PARTSCHED_EVENT_PLAN_STARTED, plan, NULL);
	} else {
		u64 frame_ns = running->schedule->frame_ns;
		u64 from_ns = ktime_get_ns() + PS_LEAD_NS - running->at_ns;

		change->at_ns = running->at_ns +
			(div64_u64(from_ns, frame_ns) + 1) * frame_ns;
		/*
		 * A thread is moved when the last of its windows in the frame
		 * before has closed: so one whole frame has to know of it.
		 */
		if (moves_threads(running->schedule, change->schedule))
			change->at_ns += frame_ns;
		err = start_cpus(change);
		if (err)
			return err;
		coming = change;
		choose_housekeeping();
		/*
		 * Every CPU reads this at its next edge. Should the instant
		 * pass before the store is seen, that CPU takes the change up
		 * at its next frame's start, with the same epoch, and counts
		 * what it missed.
		 */
		ps_frame_pend(change);
	}
	generation++;
	*epoch_ns = change->at_ns;
	ps_bouncer_kick();
	return 0;
}

/**
 * ps_plan_settle() - finish a change that all CPUs have taken up
 *
 * Context: the bouncer, ps_mutex held.
 */
void ps_plan_settle(void)
{
	struct ps_plan *old;
	int cpu;

	ps_assert_locked();
	if (!coming || ktime_get_ns() < coming->at_ns)
		return;
	for_each_cpu(cpu, &running->schedule->cpus)
		if (ps_frame_runs(cpu, running->schedule))
			return;
	ps_frame_pend(NULL);
	old = plan_of(running);
	running = coming;
	coming = NULL;
	assign_cpus(running);
	choose_housekeeping();
	ps_event_plan(PARTSCHED_EVENT_PLAN_STARTED, plan_of(running), NULL);
	ps_reap(&old->reap, plan_reap);
}

static void stop_cpus(void)
{
	int cpu;

	for_each_possible_cpu(cpu)
		if (ps_plan_uses_cpu(cpu))
			ps_frame_stop(cpu);
	ps_frame_pend(NULL);
}

/* Whatever was open when the timers stopped is closed now. */
static void close_all(const struct ps_plan *plan)
{
	u64 now_ns = ktime_get_ns();
	struct ps_thread *thread;
	u32 i;

	for (i = 0; i < plan->nr_slots; i++) {
		struct ps_vcpu *vcpu = plan->slots[i];

		if (!ps_vcpu_open(vcpu))
			continue;
		ps_vcpu_move(vcpu, now_ns + (2 << PS_WINDOW_SHIFT), false,
			     ps_vcpu_cpu(vcpu));
		thread = rcu_dereference_protected(vcpu->thread, true);
		if (thread)
			ps_gate_queue(thread);
	}
}

/**
 * ps_plan_stop() - take the plan out of force at once
 * @reason: for the event
 *
 * All threads are told to leave; they go back to the host's scheduler.
 *
 * Context: may sleep; ps_mutex held.
 */
void ps_plan_stop(const char *reason)
{
	struct ps_thread *thread;

	ps_assert_locked();
	if (!running)
		return;
	stop_cpus();
	list_for_each_entry(thread, &ps_threads, node)
		ps_thread_leave(thread, reason);
	ps_event_plan(PARTSCHED_EVENT_PLAN_STOPPED, plan_of(running), reason);
	ps_reap(&plan_of(running)->reap, plan_reap);
	if (coming)
		ps_reap(&plan_of(coming)->reap, plan_reap);
	running = NULL;
	coming = NULL;
	choose_housekeeping();
	ps_bouncer_kick();
}

/**
 * ps_plan_pause() - close all windows for the time of a suspend
 *
 * CLOCK_MONOTONIC stands still in suspend, and a frozen thread loses the
 * timer's wake-ups, so nothing may be open.
 *
 * Context: may sleep; ps_mutex held.
 */
void ps_plan_pause(void)
{
	ps_assert_locked();
	paused = true;
	if (!running)
		return;
	/* a change on its way is brought in force by the resume */
	stop_cpus();
	close_all(plan_of(running));
	if (coming) {
		ps_reap(&plan_of(running)->reap, plan_reap);
		running = coming;
		coming = NULL;
		assign_cpus(running);
		choose_housekeeping();
	}
}

/**
 * ps_plan_resume() - start the paused plan at a new epoch
 *
 * Context: may sleep; ps_mutex held.
 */
void ps_plan_resume(void)
{
	struct ps_switch *change = running;

	ps_assert_locked();
	paused = false;
	if (!change)
		return;
	memset(change->schedule->opened, 0,
	       change->schedule->nr_windows * sizeof(*change->schedule->opened));
	change->at_ns = first_epoch_ns();
	running = NULL;		/* no CPU runs it */
	if (start_cpus(change)) {
		running = change;
		ps_plan_stop("a planned CPU is gone after resume");
		return;
	}
	running = change;
	assign_cpus(change);
	choose_housekeeping();
	ps_bouncer_kick();
}

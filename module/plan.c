// SPDX-License-Identifier: GPL-2.0
/*
 * The plan in force. See plan.h.
 *
 * A change, to another plan or to another schedule of the same, is one pointer
 * to {schedule, instant}: each planned CPU takes it up by itself at the frame
 * boundary. It is announced, and withdrawn, with interrupts off and so long
 * before that instant that every CPU sees it at that instant, or none. An old
 * plan is freed when every CPU has left it and a grace period has passed.
 */
#include <linux/cpu.h>
#include <linux/ktime.h>
#include <linux/math64.h>
#include <linux/slab.h>
#include <linux/timekeeping.h>

#include "assign.h"
#include "bouncer.h"
#include "event.h"
#include "frame.h"
#include "gate.h"
#include "guard.h"
#include "host.h"
#include "housekeeping.h"
#include "lock.h"
#include "plan.h"
#include "thread.h"

/* A change lies at least this far ahead when it is announced... */
#define PS_LEAD_NS (10 * NSEC_PER_MSEC)
/* ...and this far when all CPUs can see that it is, or is not any more. */
#define PS_SEEN_NS NSEC_PER_MSEC

/*
 * All under ps_mutex. One that is withdrawn is not used again before another
 * one has been: a CPU that is just looking at it sees nothing change.
 */
static struct ps_switch changes[3];
static struct ps_switch *running;	/* in force, NULL: none */
static struct ps_switch *coming;	/* announced, NULL: none */
static u32 generation;
static u32 sequence;
static u64 last_change_ns;
static u64 nr_changes;
static bool paused;

static struct ps_plan *plan_of(const struct ps_switch *change)
{
	return change->schedule->plan;
}

static void choose_housekeeping(void)
{
	ps_housekeeping_choose(running ? running->schedule : NULL,
			       running ? running->at_ns : 0,
			       coming ? coming->schedule : NULL);
}

static void plan_reap(struct ps_reap *reap)
{
	ps_plan_free(container_of(reap, struct ps_plan, reap));
	/* the CPUs that only this one used may go offline again */
	ps_host_guard();
	ps_guard_update();
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
		status->next = NULL;
		status->next_ns = 0;
		if (coming && !ps_plan_replacing()) {
			status->next = coming->schedule;
			status->next_ns = coming->at_ns;
		}
		status->last_change_ns = last_change_ns;
		status->nr_changes = nr_changes;
		status->sequence = sequence + 1;
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

static bool has_guard(const struct ps_plan *plan)
{
	u32 i;

	for (i = 0; i < plan->nr_schedules; i++)
		if (plan->schedules[i].guard_ns)
			return true;
	return false;
}

/**
 * ps_plan_guarded() - whether a plan, now or soon, has a schedule with a guard
 *
 * Context: ps_mutex held.
 */
bool ps_plan_guarded(void)
{
	ps_assert_locked();
	return (running && has_guard(plan_of(running))) ||
	       (coming && has_guard(plan_of(coming)));
}

/**
 * ps_plan_replacing() - whether that change is to another plan
 *
 * Context: ps_mutex held.
 */
bool ps_plan_replacing(void)
{
	ps_assert_locked();
	return coming && plan_of(coming) != plan_of(running);
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

/*
 * The default epoch: ahead of now, and off the scheduler tick's grid by an
 * eighth of it, so that edges on a millisecond grid never fall on a tick.
 */
static u64 first_epoch_ns(void)
{
	u64 now_ns = ktime_get_ns() + PS_LEAD_NS;

	return (div_u64(now_ns, TICK_NSEC) + 1) * TICK_NSEC + TICK_NSEC / 8;
}

/* The one after the newest; neither of the two others is it. */
static struct ps_switch *spare_change(void)
{
	static unsigned int newest;

	do {
		newest = (newest + 1) % ARRAY_SIZE(changes);
	} while (&changes[newest] == running || &changes[newest] == coming);
	return &changes[newest];
}

/* Start the CPUs of a schedule while none runs any. */
static int start_cpus(struct ps_switch *change)
{
	int cpu, err;

	for_each_cpu(cpu, &change->schedule->cpus) {
		err = ps_frame_start(cpu, change);
		if (err)
			goto stop_started;
	}
	return 0;

stop_started:
	for_each_cpu(cpu, &change->schedule->cpus)
		ps_frame_stop(cpu);
	return err;
}

/* The end of a frame that is far enough ahead. */
static u64 next_boundary_ns(void)
{
	u64 from_ns = ktime_get_ns() + PS_LEAD_NS;
	u64 frame_ns = running->schedule->frame_ns;
	u64 frames = 0;

	if (from_ns > running->at_ns)
		frames = div64_u64(from_ns - running->at_ns, frame_ns);
	return running->at_ns + (frames + 1) * frame_ns;
}

/* The CPUs that a change adds to those that run a schedule. */
static void added_cpus(const struct ps_switch *change, struct cpumask *added)
{
	cpumask_andnot(added, &change->schedule->cpus, &running->schedule->cpus);
}

/*
 * Have all CPUs take up @change at the next boundary; at the one after it if
 * that moves threads, since a whole frame has to know of it then. Whoever is
 * kept from its CPU for so long that the boundary comes too near takes another
 * one.
 */
static int announce(struct ps_switch *change)
{
	static struct cpumask added;	/* under ps_mutex */
	u64 ahead_ns = 0;
	bool seen;
	int cpu;

	/* nobody can fail after this: no CPU goes while we hold the lock */
	if (!cpumask_subset(&change->schedule->cpus, cpu_online_mask))
		return -ENXIO;
	if (ps_assign_coming(running->schedule, change->schedule))
		ahead_ns = running->schedule->frame_ns;
	coming = change;
	choose_housekeeping();
	added_cpus(change, &added);
	do {
		change->at_ns = next_boundary_ns() + ahead_ns;
		for_each_cpu(cpu, &added)
			ps_frame_join(cpu, change);
		local_irq_disable();
		seen = ktime_get_ns() + PS_SEEN_NS + ahead_ns < change->at_ns;
		if (seen)
			ps_frame_pend(change);
		local_irq_enable();
	} while (!seen);
	ps_bouncer_kick();
	return 0;
}

/*
 * Take an announced change back, unless its instant is too near. A CPU takes a
 * change up only after it has read a time that is not before that instant; so
 * if ours still is after the store, none has and none will. If it is not, for
 * somebody stole our time, the change stands, and a CPU that did not see it
 * takes it up at its next edge.
 */
static bool withdraw(void)
{
	static struct cpumask added;	/* under ps_mutex */
	bool taken_back = false;
	int cpu;

	local_irq_disable();
	if (ktime_get_ns() + PS_SEEN_NS < coming->at_ns) {
		ps_frame_pend(NULL);
		smp_mb();
		taken_back = ktime_get_ns() + PS_SEEN_NS / 2 < coming->at_ns;
		if (!taken_back)
			ps_frame_pend(coming);
	}
	local_irq_enable();
	if (!taken_back)
		return false;
	added_cpus(coming, &added);
	for_each_cpu(cpu, &added)
		ps_frame_stop(cpu);
	coming = NULL;
	ps_assign_again(running->schedule, running->at_ns);
	choose_housekeeping();
	ps_bouncer_kick();
	return true;
}

/* A plan is in force. */
static void begun(void)
{
	sequence++;
	nr_changes = 0;
	last_change_ns = 0;
	ps_assign_cpus(running->schedule, running->at_ns);
	ps_assign_levels(plan_of(running));
	choose_housekeeping();
	ps_event_plan(PARTSCHED_EVENT_PLAN_STARTED, plan_of(running), NULL);
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
		begun();
	} else {
		err = announce(change);
		if (err)
			return err;
	}
	generation++;
	*epoch_ns = change->at_ns;
	ps_bouncer_kick();
	return 0;
}

static struct ps_schedule *find_schedule(u32 id)
{
	struct ps_plan *plan = plan_of(running);
	u32 i;

	for (i = 0; i < plan->nr_schedules; i++)
		if (plan->schedules[i].id == id)
			return &plan->schedules[i];
	return NULL;
}

static int refuse(struct ps_plan_request *request, int err, const char *why_not)
{
	request->why_not = why_not;
	return err;
}

/**
 * ps_plan_change() - change to another schedule of the plan in force
 * @request: what is asked for, and the answer
 *
 * It takes effect at the next frame boundary that is at least PS_LEAD_NS
 * ahead, on all CPUs at once, at the one after that if it moves threads to
 * other CPUs. A request replaces the one before it, as long as
 * that one has not come near; one for the schedule in force takes it back.
 *
 * Context: may sleep; ps_mutex and cpus_read_lock() held, so that no CPU goes.
 * Return: 0; -ENOENT without a plan; -EINVAL for an unknown schedule; -EBUSY
 * while another plan, or a change that cannot be taken back any more, is on its
 * way; -ENXIO if a CPU is offline.
 */
int ps_plan_change(struct ps_plan_request *request)
{
	struct ps_schedule *schedule;
	struct ps_switch *change;

	ps_assert_locked();
	if (!running)
		return refuse(request, -ENOENT, "no plan is loaded");
	if (paused)
		return refuse(request, -EBUSY, "the machine is about to sleep");
	/* done, and only the bouncer does not know yet */
	ps_plan_settle();
	if (ps_plan_replacing())
		return refuse(request, -EBUSY,
			      "another plan is on its way: change its schedule when it has begun");
	schedule = find_schedule(request->id);
	if (!schedule)
		return refuse(request, -EINVAL,
			      "the plan has no schedule with this identifier");

	request->no_action = !coming && schedule == running->schedule;
	request->at_ns = running->at_ns;
	if (request->no_action)
		return 0;
	if (coming && schedule == coming->schedule) {
		request->at_ns = coming->at_ns;
		return 0;
	}
	change = spare_change();
	if (coming && !withdraw())
		return refuse(request, -EBUSY,
			      "the change that was asked for before takes effect at this moment: ask again");
	if (schedule == running->schedule)
		return 0;
	change->schedule = schedule;
	if (announce(change))
		return refuse(request, -ENXIO, "a planned CPU is offline");
	request->at_ns = change->at_ns;
	return 0;
}

/* What was announced is in force, and no CPU runs what was before. */
static void settled(void)
{
	struct ps_plan *old = plan_of(running);

	running = coming;
	coming = NULL;
	if (plan_of(running) != old) {
		begun();
		ps_reap(&old->reap, plan_reap);
		return;
	}
	sequence++;
	nr_changes++;
	last_change_ns = running->at_ns;
	ps_assign_cpus(running->schedule, running->at_ns);
	choose_housekeeping();
	ps_event_schedule(running->schedule, running->at_ns);
}

/**
 * ps_plan_settle() - finish a change that all CPUs have taken up
 *
 * Context: may sleep; ps_mutex held.
 */
void ps_plan_settle(void)
{
	static struct cpumask cpus;	/* under ps_mutex */
	int cpu;

	ps_assert_locked();
	if (!coming || paused || ktime_get_ns() < coming->at_ns)
		return;
	cpumask_or(&cpus, &running->schedule->cpus, &coming->schedule->cpus);
	for_each_cpu(cpu, &cpus)
		if (!ps_frame_took(cpu, coming))
			return;
	ps_frame_pend(NULL);
	/* their timers have ended by themselves, or are just about to */
	cpumask_andnot(&cpus, &running->schedule->cpus, &coming->schedule->cpus);
	for_each_cpu(cpu, &cpus)
		ps_frame_stop(cpu);
	settled();
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
	u64 now_ns = ktime_get_ns(), edge_ns;
	struct ps_thread *thread;
	u32 i;

	for (i = 0; i < plan->nr_slots; i++) {
		struct ps_vcpu *vcpu = plan->slots[i];

		if (!ps_vcpu_open(vcpu))
			continue;
		/* a guard may have opened it ahead of an edge to come */
		edge_ns = max(now_ns, READ_ONCE(vcpu->open_ns));
		ps_vcpu_move(vcpu, edge_ns + (2 << PS_WINDOW_SHIFT), false,
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
	if (ps_plan_replacing())
		ps_reap(&plan_of(coming)->reap, plan_reap);
	ps_reap(&plan_of(running)->reap, plan_reap);
	running = NULL;
	coming = NULL;
	sequence++;
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
	if (ps_plan_replacing())
		close_all(plan_of(coming));
}

/* Frames were cut off, so what was counted of windows does not add up. */
static void forget_counts(struct ps_plan *plan)
{
	u32 i, j;

	memset(plan->opened, 0, plan->nr_windows * sizeof(*plan->opened));
	for (i = 0; i < plan->nr_schedules; i++)
		for (j = 0; j < plan->schedules[i].nr_tables; j++)
			plan->schedules[i].tables[j].frames = 0;
}

/**
 * ps_plan_resume() - start the paused plan at a new epoch
 *
 * Context: may sleep; ps_mutex held.
 */
void ps_plan_resume(void)
{
	u64 at_ns;

	ps_assert_locked();
	paused = false;
	if (!running)
		return;
	at_ns = first_epoch_ns();
	if (coming) {
		coming->at_ns = at_ns;
		settled();
	}
	running->at_ns = at_ns;
	forget_counts(plan_of(running));
	if (start_cpus(running)) {
		ps_plan_stop("a planned CPU is gone after resume");
		return;
	}
	ps_assign_cpus(running->schedule, at_ns);
	choose_housekeeping();
	ps_bouncer_kick();
}

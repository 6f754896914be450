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
#include "clock.h"
#include "event.h"
#include "frame.h"
#include "gate.h"
#include "guard.h"
#include "host.h"
#include "housekeeping.h"
#include "lock.h"
#include "plan.h"
#include "port.h"
#include "thread.h"

/* How far a change is ahead when all CPUs can see that it is, or is no more. */
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
static u64 nr_steps;
static s64 last_step_ns;
static u64 nr_resumes;
static bool paused;

static struct ps_plan *plan_of(const struct ps_switch *change)
{
	return change->schedule->plan;
}

/* What is announced is the schedule in force, with an epoch on its clock's grid. */
static bool realigning(void)
{
	return coming && coming->schedule == running->schedule;
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
	ps_port_update();
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
		if (ps_plan_changing() && !ps_plan_replacing()) {
			status->next = coming->schedule;
			status->next_ns = coming->at_ns;
		}
		status->last_change_ns = last_change_ns;
		status->nr_changes = nr_changes;
		status->nr_steps = nr_steps;
		status->last_step_ns = last_step_ns;
		status->nr_resumes = nr_resumes;
		status->offset_ns = running ? running->offset_ns : 0;
		status->error_ns = running ? ps_clock_error_ns(running,
			ps_clock_offset_ns(running->schedule)) : 0;
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
 * The way back to the grid of a clock that was set is none.
 *
 * Context: ps_mutex held.
 */
bool ps_plan_changing(void)
{
	ps_assert_locked();
	return coming && !realigning();
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
 * ps_plan_newest() - the plan that was published last, if it was not stopped
 *
 * Context: ps_mutex held.
 * Return: the plan, in force or announced, or NULL.
 */
const struct ps_plan *ps_plan_newest(void)
{
	ps_assert_locked();
	if (!running)
		return NULL;
	return plan_of(coming ?: running);
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

/* The one after the newest; neither of the two others is it. */
static struct ps_switch *new_change(struct ps_schedule *schedule,
				    bool by_request)
{
	static unsigned int newest;
	static u32 number;
	struct ps_switch *change;

	do {
		newest = (newest + 1) % ARRAY_SIZE(changes);
	} while (&changes[newest] == running || &changes[newest] == coming);
	change = &changes[newest];
	change->schedule = schedule;
	change->by_request = by_request;
	change->number = ++number ?: ++number;
	return change;
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
 * that moves threads or comes ahead of it, since a whole frame has to know of
 * it then. Whoever is kept from its CPU for so long that the boundary comes too
 * near takes another one.
 *
 * The same schedule once more is the way back to the grid: the frame before it
 * may be cut short by what it ends with anyway, so that a clock that was set by
 * little does not cost a frame.
 */
static int announce(struct ps_switch *change)
{
	bool again = change->schedule == running->schedule;
	u64 spare_ns = again ? ps_clock_spare_ns(change->schedule) : 0;
	static struct cpumask added;	/* under ps_mutex */
	u64 ahead_ns = 0, boundary_ns;
	bool seen;
	int cpu;

	/* nobody can fail after this: no CPU goes while we hold the lock */
	if (!cpumask_subset(&change->schedule->cpus, cpu_online_mask))
		return -ENXIO;
	if (ps_assign_coming(running->schedule, change->schedule) || again)
		ahead_ns = running->schedule->frame_ns;
	coming = change;
	choose_housekeeping();
	added_cpus(change, &added);
	do {
		boundary_ns = next_boundary_ns() + ahead_ns;
		ps_clock_begin(change, boundary_ns - spare_ns);
		change->end_ns = min(change->at_ns, boundary_ns);
		for_each_cpu(cpu, &added)
			ps_frame_join(cpu, change);
		local_irq_disable();
		seen = ktime_get_ns() + PS_SEEN_NS + ahead_ns < change->end_ns;
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
	if (ktime_get_ns() + PS_SEEN_NS < coming->end_ns) {
		ps_frame_pend(NULL);
		smp_mb();
		taken_back = ktime_get_ns() + PS_SEEN_NS / 2 < coming->end_ns;
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
	nr_steps = 0;
	last_step_ns = 0;
	nr_resumes = 0;
	ps_clock_watch(plan_of(running)->clock == PARTSCHED_CLOCK_TAI);
	ps_assign_cpus(running->schedule, running->at_ns);
	ps_assign_levels(plan_of(running));
	ps_assign_traits(plan_of(running));
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
 * one after that if it moves threads to other CPUs. A plan of CLOCK_TAI begins
 * with the next frame of its grid after that, less than one of its frames later.
 *
 * Context: may sleep; ps_mutex and cpus_read_lock() held, so that no CPU goes.
 * Return: 0; -EBUSY while another change is on its way or the machine is about
 * to sleep; -ENXIO if a CPU is offline.
 */
int ps_plan_publish(struct ps_plan *plan, u64 *epoch_ns)
{
	struct ps_switch *change;
	int err;

	ps_assert_locked();
	if (paused || (coming && !(realigning() && withdraw())))
		return -EBUSY;

	change = new_change(plan->initial, false);
	plan->generation = generation + 1;
	if (!running) {
		ps_clock_begin_soon(change);
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
 * other CPUs; in a plan of CLOCK_TAI, with the next frame of the schedule's own
 * grid after that. A request replaces the one before it, as long as
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

	request->no_action = !ps_plan_changing() &&
		schedule == running->schedule;
	request->at_ns = running->at_ns;
	if (request->no_action)
		return 0;
	if (coming && schedule == coming->schedule) {
		request->at_ns = coming->at_ns;
		return 0;
	}
	if (coming && !withdraw())
		return refuse(request, -EBUSY,
			      "the change that was asked for before takes effect at this moment: ask again");
	if (schedule == running->schedule)
		return 0;
	change = new_change(schedule, true);
	if (announce(change))
		return refuse(request, -ENXIO, "a planned CPU is offline");
	request->at_ns = change->at_ns;
	return 0;
}

/* What was announced is in force, and no CPU runs what was before. */
static void settled(void)
{
	const struct ps_schedule *before = running->schedule;
	struct ps_plan *old = plan_of(running);

	running = coming;
	coming = NULL;
	if (plan_of(running) != old) {
		begun();
		ps_reap(&old->reap, plan_reap);
		return;
	}
	if (running->schedule == before) {
		choose_housekeeping();
		return;
	}
	sequence++;
	nr_changes++;
	last_change_ns = running->at_ns;
	ps_assign_cpus(running->schedule, running->at_ns);
	choose_housekeeping();
	ps_event_schedule(PARTSCHED_EVENT_SCHEDULE_CHANGED, running->schedule,
			  running->at_ns);
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
	if (!coming || paused || ktime_get_ns() < coming->end_ns)
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

/**
 * ps_plan_follow_clock() - find out whether the plan's clock was set
 *
 * If it was, and its grid is another one now, frames go on with it from the end
 * of the next but one on. What was announced before is waited for.
 *
 * Context: may sleep; ps_mutex held.
 */
void ps_plan_follow_clock(void)
{
	struct ps_switch *change;
	u64 from_ns;
	s64 step_ns;

	ps_assert_locked();
	if (!running || coming || paused)
		return;
	step_ns = ps_clock_offset_ns(running->schedule) - running->offset_ns;
	if (!step_ns)
		return;
	nr_steps++;
	last_step_ns = step_ns;
	from_ns = running->at_ns;
	if (!ps_clock_error_ns(running, running->offset_ns + step_ns)) {
		running->offset_ns += step_ns;
	} else {
		change = new_change(running->schedule, false);
		/* it is being stopped: a CPU of it is gone */
		if (announce(change))
			return;
		from_ns = change->at_ns;
	}
	ps_event_clock(running->schedule, from_ns, step_ns);
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
	ps_clock_watch(false);
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

/**
 * ps_plan_paused() - whether the machine is about to sleep, or to end
 *
 * Context: ps_mutex held.
 */
bool ps_plan_paused(void)
{
	ps_assert_locked();
	return paused;
}

/**
 * ps_plan_close() - take the plan out of force, and let no other one come
 * @reason: for the event
 *
 * Context: may sleep; ps_mutex held.
 */
void ps_plan_close(const char *reason)
{
	ps_assert_locked();
	paused = true;
	ps_plan_stop(reason);
}

/**
 * ps_plan_resume() - start the paused plan at a new epoch
 *
 * Context: may sleep; ps_mutex held.
 */
void ps_plan_resume(void)
{
	ps_assert_locked();
	paused = false;
	if (!running)
		return;
	ps_clock_begin_soon(coming ?: running);
	if (coming)
		settled();
	ps_plan_forget_counts(plan_of(running));
	if (start_cpus(running)) {
		ps_plan_stop("a planned CPU is gone after resume");
		return;
	}
	nr_resumes++;
	sequence++;
	ps_assign_cpus(running->schedule, running->at_ns);
	choose_housekeeping();
	ps_event_schedule(PARTSCHED_EVENT_PLAN_RESUMED, running->schedule,
			  running->at_ns);
	ps_bouncer_kick();
}

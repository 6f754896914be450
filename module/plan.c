// SPDX-License-Identifier: GPL-2.0
/*
 * The plan in force. See plan.h.
 *
 * A change is one pointer to {plan, instant}: each planned CPU takes it up by
 * itself at the frame boundary. The old plan is freed when every CPU has left
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

/**
 * ps_plan_new() - allocate a plan of given sizes
 * @nr_partitions: partitions
 * @nr_slots: vCPUs of all partitions
 * @nr_windows: windows of all CPUs
 *
 * Context: may sleep.
 * Return: a plan with empty arrays, or NULL.
 */
struct ps_plan *ps_plan_new(u32 nr_partitions, u32 nr_slots, u32 nr_windows)
{
	struct ps_plan *plan = kzalloc(sizeof(*plan), GFP_KERNEL_ACCOUNT);

	if (!plan)
		return NULL;
	plan->partitions = kvcalloc(nr_partitions, sizeof(*plan->partitions),
				    GFP_KERNEL_ACCOUNT);
	plan->slots = kvcalloc(nr_slots, sizeof(*plan->slots),
			       GFP_KERNEL_ACCOUNT);
	plan->windows = kvcalloc(nr_windows, sizeof(*plan->windows),
				 GFP_KERNEL_ACCOUNT);
	plan->opened = kvcalloc(nr_windows, sizeof(*plan->opened),
				GFP_KERNEL_ACCOUNT);
	if (!plan->partitions || !plan->slots || !plan->windows ||
	    !plan->opened) {
		ps_plan_free(plan);
		return NULL;
	}
	plan->nr_slots = nr_slots;
	plan->nr_windows = nr_windows;
	return plan;
}

/* Where the longest gap of a CPU begins. */
static void find_gap(struct ps_plan_table *table)
{
	u32 nr = table->table.nr, i;
	u64 longest_ns = 0;

	for (i = 0; i < nr; i++) {
		const struct ps_window *w = &table->table.windows[i];
		u64 end_ns = w->offset_ns + w->duration_ns;
		u64 next_ns = i + 1 < nr ? w[1].offset_ns :
			table->table.frame_ns + table->table.windows[0].offset_ns;

		if (next_ns - end_ns > longest_ns) {
			longest_ns = next_ns - end_ns;
			table->gap_ns = end_ns;
		}
	}
	table->has_gap = longest_ns >= PARTSCHED_MIN_WINDOW_NS;
}

/**
 * ps_plan_seal() - cut the sorted windows into one table a CPU
 * @plan: with @windows filled in and checked
 *
 * Return: 0 or -ENOMEM.
 */
int ps_plan_seal(struct ps_plan *plan)
{
	struct ps_plan_table *table = NULL;
	u32 i;

	cpumask_clear(&plan->cpus);
	for (i = 0; i < plan->nr_windows; i++)
		cpumask_set_cpu(plan->windows[i].cpu, &plan->cpus);
	plan->tables = kcalloc(cpumask_weight(&plan->cpus),
			       sizeof(*plan->tables), GFP_KERNEL_ACCOUNT);
	if (!plan->tables)
		return -ENOMEM;
	for (i = 0; i < plan->nr_windows; i++) {
		if (!table || table->table.cpu != plan->windows[i].cpu) {
			table = &plan->tables[plan->nr_tables++];
			table->table.frame_ns = plan->frame_ns;
			table->table.windows = &plan->windows[i];
			table->table.cpu = plan->windows[i].cpu;
			table->opened = &plan->opened[i];
		}
		table->table.nr++;
	}
	for (i = 0; i < plan->nr_tables; i++)
		find_gap(&plan->tables[i]);
	return 0;
}

/**
 * ps_plan_free() - free a plan that no CPU follows
 * @plan: may be NULL
 *
 * Context: may sleep.
 */
void ps_plan_free(struct ps_plan *plan)
{
	u32 i;

	if (!plan)
		return;
	for (i = 0; i < plan->nr_partitions; i++)
		ps_partition_put(plan->partitions[i]);
	kfree(plan->tables);
	kvfree(plan->opened);
	kvfree(plan->windows);
	kvfree(plan->slots);
	kvfree(plan->partitions);
	kfree(plan);
}

static void plan_reap(struct ps_reap *reap)
{
	ps_plan_free(container_of(reap, struct ps_plan, reap));
	/* the CPUs that only this one used may go offline again */
	ps_host_guard();
}

/**
 * ps_plan_equal() - whether two plans say the same
 * @a: one
 * @b: the other; both sealed
 */
bool ps_plan_equal(const struct ps_plan *a, const struct ps_plan *b)
{
	u32 i;

	if (a->schedule_id != b->schedule_id ||
	    strcmp(a->schedule_name, b->schedule_name) ||
	    a->frame_ns != b->frame_ns || a->slack_ppm != b->slack_ppm ||
	    a->nr_partitions != b->nr_partitions ||
	    a->nr_windows != b->nr_windows)
		return false;
	for (i = 0; i < a->nr_partitions; i++)
		if (a->partitions[i] != b->partitions[i])
			return false;
	return !memcmp(a->windows, b->windows,
		       a->nr_windows * sizeof(*a->windows));
}

/**
 * ps_plan_table() - a plan's windows on a CPU
 * @plan: the plan
 * @cpu: the CPU
 *
 * Context: any. Walks the planned CPUs, at a change of plan only.
 * Return: the table, or NULL if the CPU is not planned.
 */
const struct ps_plan_table *ps_plan_table(const struct ps_plan *plan, int cpu)
{
	u32 i;

	for (i = 0; i < plan->nr_tables; i++)
		if (plan->tables[i].table.cpu == cpu)
			return &plan->tables[i];
	return NULL;
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
		status->plan = running ? running->plan : NULL;
		status->epoch_ns = running ? running->at_ns : 0;
	}
	return running ? running->plan : NULL;
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
	return running && cpumask_intersects(ps_plan_housekeeping(),
					     &running->plan->cpus);
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
	const struct ps_plan_table *table;
	u64 first_ns;

	if (!ps_plan_covers_all() || from_ns < running->at_ns)
		return from_ns;
	table = ps_plan_table(running->plan,
			      cpumask_first_and(ps_plan_housekeeping(),
						&running->plan->cpus));
	if (!table->has_gap)
		return from_ns;
	first_ns = running->at_ns + table->gap_ns;
	if (first_ns >= from_ns)
		return first_ns;
	return first_ns + DIV64_U64_ROUND_UP(from_ns - first_ns,
					     running->plan->frame_ns) *
		running->plan->frame_ns;
}

/**
 * ps_plan_uses_cpu() - whether a CPU has windows, now or soon
 * @cpu: the CPU
 *
 * Context: ps_mutex held.
 */
bool ps_plan_uses_cpu(int cpu)
{
	ps_assert_locked();
	return (running && cpumask_test_cpu(cpu, &running->plan->cpus)) ||
	       (coming && cpumask_test_cpu(cpu, &coming->plan->cpus));
}

/**
 * ps_plan_housekeeping() - the CPUs for all that is not a partition
 *
 * All online CPUs without windows, those set aside for housekeeping at boot
 * before others; every online CPU when all have windows, as on a machine with
 * one CPU.
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

static void choose_housekeeping(void)
{
	struct cpumask *mask = &housekeeping;

	cpumask_copy(mask, cpu_online_mask);
	if (running)
		cpumask_andnot(mask, mask, &running->plan->cpus);
	if (coming)
		cpumask_andnot(mask, mask, &coming->plan->cpus);
	if (cpumask_intersects(mask, housekeeping_cpumask(HK_TYPE_DOMAIN)))
		cpumask_and(mask, mask, housekeeping_cpumask(HK_TYPE_DOMAIN));
	if (cpumask_empty(mask))
		cpumask_copy(mask, cpu_online_mask);
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

/*
 * Tell each vCPU the CPU of its windows, or that it has none. One with a
 * holder keeps its CPU: no plan is published that says otherwise.
 */
static void assign_cpus(const struct ps_plan *plan)
{
	u32 i;

	for (i = 0; i < plan->nr_slots; i++)
		if (!plan->slots[i]->holder)
			plan->slots[i]->cpu = -1;
	for (i = 0; i < plan->nr_windows; i++)
		plan->slots[plan->windows[i].slot]->cpu = plan->windows[i].cpu;
}

static struct ps_switch *spare_change(void)
{
	return running == &changes[0] ? &changes[1] : &changes[0];
}

/* Start the CPUs of a change that run no plan yet. */
static int start_cpus(struct ps_switch *change)
{
	int cpu, err;

	for_each_cpu(cpu, &change->plan->cpus) {
		if (running && cpumask_test_cpu(cpu, &running->plan->cpus))
			continue;
		err = ps_frame_start(cpu, change);
		if (err)
			goto stop_started;
	}
	return 0;

stop_started:
	for_each_cpu(cpu, &change->plan->cpus)
		if (!running || !cpumask_test_cpu(cpu, &running->plan->cpus))
			ps_frame_stop(cpu);
	return err;
}

/**
 * ps_plan_publish() - put a sealed plan in force
 * @plan: owned by this file from here on if 0 is returned
 * @epoch_ns: when it begins, CLOCK_MONOTONIC
 *
 * Without a plan in force it begins in a few milliseconds, else at the next
 * frame boundary that is at least PS_LEAD_NS ahead, on all CPUs at once.
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

	change->plan = plan;
	plan->generation = generation + 1;
	if (!running) {
		change->at_ns = first_epoch_ns();
		err = start_cpus(change);
		if (err)
			return err;
		running = change;
		assign_cpus(plan);
		choose_housekeeping();
		ps_event_plan(PARTSCHED_EVENT_PLAN_STARTED, plan, NULL);
	} else {
		u64 frame_ns = running->plan->frame_ns;
		u64 from_ns = ktime_get_ns() + PS_LEAD_NS - running->at_ns;

		change->at_ns = running->at_ns +
			(div64_u64(from_ns, frame_ns) + 1) * frame_ns;
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
	for_each_cpu(cpu, &running->plan->cpus)
		if (ps_frame_runs(cpu, running->plan))
			return;
	ps_frame_pend(NULL);
	old = running->plan;
	running = coming;
	coming = NULL;
	assign_cpus(running->plan);
	choose_housekeeping();
	ps_event_plan(PARTSCHED_EVENT_PLAN_STARTED, running->plan, NULL);
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
		ps_vcpu_move(vcpu, now_ns, false);
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
	ps_event_plan(PARTSCHED_EVENT_PLAN_STOPPED, running->plan, reason);
	ps_reap(&running->plan->reap, plan_reap);
	if (coming)
		ps_reap(&coming->plan->reap, plan_reap);
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
	close_all(running->plan);
	if (coming) {
		ps_reap(&running->plan->reap, plan_reap);
		running = coming;
		coming = NULL;
		assign_cpus(running->plan);
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
	memset(change->plan->opened, 0,
	       change->plan->nr_windows * sizeof(*change->plan->opened));
	change->at_ns = first_epoch_ns();
	running = NULL;		/* no CPU runs it */
	if (start_cpus(change)) {
		running = change;
		ps_plan_stop("a planned CPU is gone after resume");
		return;
	}
	running = change;
	choose_housekeeping();
}

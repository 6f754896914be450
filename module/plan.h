/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Plans, and the one in force: built whole, never changed, swapped at a frame
 * boundary.
 */
#ifndef PARTSCHED_PLAN_H
#define PARTSCHED_PLAN_H

#include <linux/cpumask.h>
#include <linux/partsched.h>

#include "level.h"
#include "partition.h"
#include "plan-health.h"
#include "plan-port.h"
#include "reaper.h"
#include "schedule.h"

/**
 * struct ps_plan_table - one CPU's windows, and how often each was opened
 * @table: constant
 * @opened: a counter for each window; written by that CPU's timer
 * @frames: major frames that ended before the schedule was last left; written
 *	by that CPU's timer. A schedule is left at the end of a frame, so each
 *	window was due once in each
 * @gap_ns: where in the frame the longest gap begins
 * @has_gap: whether there is one that a host can use
 */
struct ps_plan_table {
	struct ps_table table;
	u64 *opened;
	u64 frames;
	u64 gap_ns;
	bool has_gap;
};

/**
 * struct ps_schedule - a module schedule made ready to run
 * @plan: whose it is
 * @id: ScheduleIdentifier
 * @name: ScheduleName, may be empty
 * @frame_ns: MajorFrame
 * @guard_ns: see guard.c; 0: none, PARTSCHED_GUARD_AUTO: to be measured
 * @nr_windows: number of @windows
 * @nr_tables: number of @tables
 * @windows: of all CPUs, sorted by CPU and offset; part of the plan's
 * @opened: what the tables' counters are part of; part of the plan's
 * @tables: one a CPU with windows, in order
 * @cpus: these CPUs
 */
struct ps_schedule {
	struct ps_plan *plan;
	u32 id;
	char name[PARTSCHED_NAME_MAX];
	u64 frame_ns;
	u64 guard_ns;
	u32 nr_windows;
	u32 nr_tables;
	struct ps_window *windows;
	u64 *opened;
	struct ps_plan_table *tables;
	struct cpumask cpus;
};

/**
 * struct ps_plan - partitions, and the module schedules that they run by
 * @reap: for the free
 * @generation: counts published plans
 * @slack_ppm: what each planned CPU keeps for the host
 * @clock: enum partsched_clock, what frames are aligned to
 * @base_ns: an instant of it at which a frame begins; see clock.c
 * @nr_partitions: number of @partitions
 * @nr_slots: number of @slots
 * @nr_schedules: number of @schedules
 * @nr_windows: number of @windows
 * @partitions: each with a reference
 * @quanta: of the partitions, 0: none
 * @traits: of the partitions, what else there is to say of them
 * @slots: the vCPUs of all partitions, in order
 * @levels: and how they share the CPU inside a window
 * @schedules: in the order in which they were staged
 * @initial: the one that the plan begins with
 * @windows: of all schedules, one after the other
 * @opened: a counter for each
 * @nr_ports: number of @ports
 * @ports: of all channels, each source before its destinations
 * @hm: health monitor tables
 * @cpus: the planned CPUs, those with windows in any schedule. They are kept
 *	from going offline and free of housekeeping, so that a change of
 *	schedule moves nobody; only those of the schedule in force have timers.
 */
struct ps_plan {
	struct ps_reap reap;
	u32 generation;
	u32 slack_ppm;
	u32 clock;
	u64 base_ns;
	u32 nr_partitions;
	u32 nr_slots;
	u32 nr_schedules;
	u32 nr_windows;
	struct ps_partition **partitions;
	u64 *quanta;
	struct ps_traits *traits;
	struct ps_vcpu **slots;
	struct ps_level *levels;
	struct ps_schedule *schedules;
	struct ps_schedule *initial;
	struct ps_window *windows;
	u64 *opened;
	u32 nr_ports;
	struct ps_plan_port *ports;
	struct ps_hm hm;
	struct cpumask cpus;
};

/**
 * struct ps_plan_status - the plan in force, for answers
 * @plan: the plan, NULL: none
 * @schedule: its schedule in force, NULL: none
 * @epoch_ns: start of the schedule's frame 0
 * @next: the schedule of this plan that was asked for, NULL: none
 * @next_ns: when it comes into force
 * @last_change_ns: when the schedule was changed last, 0: never
 * @nr_changes: how often it was changed, since the plan began
 * @offset_ns: from CLOCK_MONOTONIC to the plan's clock, as its frames have it
 * @error_ns: how far they are off the clock's grid at this moment
 * @nr_steps: how often that clock was set, since the plan began
 * @last_step_ns: by how much the last time
 * @nr_resumes: how often the plan went on after the machine slept
 * @sequence: never 0; another one whenever plan or schedule is another one
 */
struct ps_plan_status {
	const struct ps_plan *plan;
	const struct ps_schedule *schedule;
	u64 epoch_ns;
	const struct ps_schedule *next;
	u64 next_ns;
	u64 last_change_ns;
	u64 nr_changes;
	s64 offset_ns;
	s64 error_ns;
	u64 nr_steps;
	s64 last_step_ns;
	u64 nr_resumes;
	u32 sequence;
};

/**
 * struct ps_plan_request - a change of schedule that is asked for
 * @id: ScheduleIdentifier
 * @at_ns: answer: when it takes, or took, effect
 * @no_action: answer: it is in force, and nothing else was asked for
 * @why_not: answer: a sentence, after a refusal
 */
struct ps_plan_request {
	u32 id;
	u64 at_ns;
	bool no_action;
	const char *why_not;
};

/* tables.c: a plan as data */
struct ps_plan *ps_plan_new(u32 nr_partitions, u32 nr_slots, u32 nr_schedules,
			    u32 nr_windows);
struct ps_schedule *ps_plan_add_schedule(struct ps_plan *plan,
					 const struct ps_window *windows,
					 u32 nr_windows, u64 frame_ns);
void ps_plan_free(struct ps_plan *plan);
void ps_plan_forget_counts(struct ps_plan *plan);
bool ps_plan_equal(const struct ps_plan *a, const struct ps_plan *b);
bool ps_plan_opens(const struct ps_plan *plan, const struct ps_vcpu *vcpu);
struct ps_plan_table *ps_schedule_table(const struct ps_schedule *schedule,
					int cpu);

/* plan.c: the plan in force */
struct ps_partition *ps_plan_partition(const char *name);
const struct ps_plan *ps_plan_current(struct ps_plan_status *status);
const struct ps_plan *ps_plan_newest(void);
bool ps_plan_changing(void);
bool ps_plan_guarded(void);
bool ps_plan_replacing(void);
int ps_plan_change(struct ps_plan_request *request);
int ps_plan_publish(struct ps_plan *plan, u64 *epoch_ns);
void ps_plan_stop(const char *reason);
void ps_plan_pause(void);
void ps_plan_resume(void);
void ps_plan_settle(void);
void ps_plan_follow_clock(void);
bool ps_plan_paused(void);
void ps_plan_close(const char *reason);
bool ps_plan_uses_cpu(int cpu);

#endif /* PARTSCHED_PLAN_H */

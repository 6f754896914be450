// SPDX-License-Identifier: GPL-2.0
/*
 * A plan as data: made, its schedules cut into one table a CPU, compared,
 * freed. See plan.h.
 */
#include <linux/slab.h>
#include <linux/string.h>

#include "plan.h"

/**
 * ps_plan_new() - allocate a plan of given sizes
 * @nr_partitions: partitions
 * @nr_slots: vCPUs of all partitions
 * @nr_schedules: module schedules
 * @nr_windows: windows of all schedules
 *
 * Context: may sleep.
 * Return: a plan whose arrays have this room, or NULL. No partition and no
 * schedule is counted yet.
 */
struct ps_plan *ps_plan_new(u32 nr_partitions, u32 nr_slots, u32 nr_schedules,
			    u32 nr_windows)
{
	struct ps_plan *plan = kzalloc(sizeof(*plan), GFP_KERNEL_ACCOUNT);

	if (!plan)
		return NULL;
	plan->partitions = kvcalloc(nr_partitions, sizeof(*plan->partitions),
				    GFP_KERNEL_ACCOUNT);
	plan->quanta = kvcalloc(nr_partitions, sizeof(*plan->quanta),
				GFP_KERNEL_ACCOUNT);
	plan->traits = kvcalloc(nr_partitions, sizeof(*plan->traits),
				GFP_KERNEL_ACCOUNT);
	plan->slots = kvcalloc(nr_slots, sizeof(*plan->slots),
			       GFP_KERNEL_ACCOUNT);
	plan->levels = kvcalloc(nr_slots, sizeof(*plan->levels),
				GFP_KERNEL_ACCOUNT);
	plan->schedules = kvcalloc(nr_schedules, sizeof(*plan->schedules),
				   GFP_KERNEL_ACCOUNT);
	plan->windows = kvcalloc(nr_windows, sizeof(*plan->windows),
				 GFP_KERNEL_ACCOUNT);
	plan->opened = kvcalloc(nr_windows, sizeof(*plan->opened),
				GFP_KERNEL_ACCOUNT);
	if (!plan->partitions || !plan->quanta || !plan->traits ||
	    !plan->slots || !plan->levels || !plan->schedules ||
	    !plan->windows || !plan->opened) {
		ps_plan_free(plan);
		return NULL;
	}
	plan->nr_slots = nr_slots;
	return plan;
}

/* Where the longest gap of a CPU begins. There is none in a shared window. */
static void find_gap(struct ps_plan_table *table)
{
	u32 nr = table->table.nr, i;
	u64 longest_ns = 0;

	for (i = 0; i < nr; i += table->table.windows[i].shared) {
		const struct ps_window *w = &table->table.windows[i];
		u64 end_ns = w->offset_ns + w->duration_ns;
		u64 next_ns = i + w->shared < nr ? w[w->shared].offset_ns :
			table->table.frame_ns + table->table.windows[0].offset_ns;

		if (next_ns - end_ns > longest_ns) {
			longest_ns = next_ns - end_ns;
			table->gap_ns = end_ns;
		}
	}
	table->has_gap = longest_ns >= PARTSCHED_MIN_WINDOW_NS;
}

/* Cut the sorted windows of a schedule into one table a CPU. */
static int cut(struct ps_schedule *schedule)
{
	struct ps_plan_table *table = NULL;
	u32 i;

	for (i = 0; i < schedule->nr_windows; i++)
		cpumask_set_cpu(schedule->windows[i].cpu, &schedule->cpus);
	schedule->tables = kcalloc(cpumask_weight(&schedule->cpus),
				   sizeof(*schedule->tables),
				   GFP_KERNEL_ACCOUNT);
	if (!schedule->tables)
		return -ENOMEM;
	for (i = 0; i < schedule->nr_windows; i++) {
		u32 cpu = schedule->windows[i].cpu;

		if (!table || table->table.cpu != cpu) {
			table = &schedule->tables[schedule->nr_tables++];
			table->table.frame_ns = schedule->frame_ns;
			table->table.windows = &schedule->windows[i];
			table->table.cpu = cpu;
			table->opened = &schedule->opened[i];
		}
		table->table.nr++;
	}
	for (i = 0; i < schedule->nr_tables; i++)
		find_gap(&schedule->tables[i]);
	return 0;
}

/**
 * ps_plan_add_schedule() - add a module schedule
 * @plan: with room for it and for its windows
 * @windows: its windows, checked and sorted; copied
 * @nr_windows: how many, at least 1
 * @frame_ns: its major frame
 *
 * Context: may sleep.
 * Return: the schedule, whose name and identifier are the caller's to fill in,
 * or NULL for want of memory.
 */
struct ps_schedule *ps_plan_add_schedule(struct ps_plan *plan,
					 const struct ps_window *windows,
					 u32 nr_windows, u64 frame_ns)
{
	struct ps_schedule *schedule = &plan->schedules[plan->nr_schedules++];

	schedule->plan = plan;
	schedule->frame_ns = frame_ns;
	schedule->windows = plan->windows + plan->nr_windows;
	schedule->opened = plan->opened + plan->nr_windows;
	schedule->nr_windows = nr_windows;
	memcpy(schedule->windows, windows, nr_windows * sizeof(*windows));
	plan->nr_windows += nr_windows;
	if (cut(schedule))
		return NULL;
	cpumask_or(&plan->cpus, &plan->cpus, &schedule->cpus);
	return schedule;
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
	for (i = 0; i < plan->nr_schedules; i++)
		kfree(plan->schedules[i].tables);
	ps_plan_free_ports(plan);
	ps_hm_free(&plan->hm);
	kvfree(plan->opened);
	kvfree(plan->windows);
	kvfree(plan->schedules);
	kvfree(plan->levels);
	kvfree(plan->slots);
	kvfree(plan->traits);
	kvfree(plan->quanta);
	kvfree(plan->partitions);
	kfree(plan);
}

static bool schedule_equal(const struct ps_schedule *a,
			   const struct ps_schedule *b)
{
	return a->id == b->id && !strcmp(a->name, b->name) &&
	       a->frame_ns == b->frame_ns && a->guard_ns == b->guard_ns &&
	       a->nr_windows == b->nr_windows &&
	       !memcmp(a->windows, b->windows,
		       a->nr_windows * sizeof(*a->windows));
}

static bool traits_equal(const struct ps_traits *a, const struct ps_traits *b)
{
	return a->supervised == b->supervised &&
	       a->initialises == b->initialises &&
	       a->restart_limit == b->restart_limit &&
	       a->restart_period_ns == b->restart_period_ns &&
	       a->steal_limit_ns == b->steal_limit_ns;
}

/**
 * ps_plan_equal() - whether two plans say the same
 * @a: one
 * @b: the other
 *
 * Schedules that are not in force count like the one that is.
 */
bool ps_plan_equal(const struct ps_plan *a, const struct ps_plan *b)
{
	u32 i;

	if (a->slack_ppm != b->slack_ppm || a->clock != b->clock ||
	    a->base_ns != b->base_ns ||
	    a->nr_partitions != b->nr_partitions ||
	    a->nr_schedules != b->nr_schedules ||
	    a->initial - a->schedules != b->initial - b->schedules)
		return false;
	for (i = 0; i < a->nr_partitions; i++)
		if (a->partitions[i] != b->partitions[i] ||
		    a->quanta[i] != b->quanta[i] ||
		    !traits_equal(&a->traits[i], &b->traits[i]))
			return false;
	/* the same partitions have the same slots */
	for (i = 0; i < a->nr_slots; i++)
		if (a->levels[i].priority != b->levels[i].priority)
			return false;
	for (i = 0; i < a->nr_schedules; i++)
		if (!schedule_equal(&a->schedules[i], &b->schedules[i]))
			return false;
	return ps_plan_ports_equal(a, b) && ps_hm_equal(&a->hm, &b->hm);
}

/**
 * ps_plan_opens() - whether any schedule has a window for a vCPU
 * @plan: the plan
 * @vcpu: the vCPU
 *
 * Context: process; walks all windows.
 */
bool ps_plan_opens(const struct ps_plan *plan, const struct ps_vcpu *vcpu)
{
	u32 i;

	for (i = 0; i < plan->nr_windows; i++)
		if (plan->slots[plan->windows[i].slot] == vcpu)
			return true;
	return false;
}

/**
 * ps_plan_forget_counts() - count windows anew
 * @plan: no CPU follows it now
 *
 * To be called when frames were cut off: what was counted does not add up.
 */
void ps_plan_forget_counts(struct ps_plan *plan)
{
	u32 i, j;

	memset(plan->opened, 0, plan->nr_windows * sizeof(*plan->opened));
	for (i = 0; i < plan->nr_schedules; i++)
		for (j = 0; j < plan->schedules[i].nr_tables; j++)
			plan->schedules[i].tables[j].frames = 0;
}

/**
 * ps_schedule_table() - a schedule's windows on a CPU
 * @schedule: the schedule
 * @cpu: the CPU
 *
 * Context: any. Walks the CPUs with windows, at a change of schedule only.
 * Return: the table, or NULL if the CPU has no window.
 */
struct ps_plan_table *ps_schedule_table(const struct ps_schedule *schedule,
					int cpu)
{
	u32 i;

	for (i = 0; i < schedule->nr_tables; i++)
		if (schedule->tables[i].table.cpu == cpu)
			return &schedule->tables[i];
	return NULL;
}

// SPDX-License-Identifier: GPL-2.0
/*
 * A draft: what a socket has staged of a plan. Each piece is found in the time
 * of a hash, since there may be a thousand partitions and a hundred thousand
 * windows. See draft.h.
 */
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/stringhash.h>

#include "draft.h"
#include "lock.h"
#include "measure.h"
#include "param.h"
#include "plan.h"

/**
 * ps_draft_grow() - room for some more elements of an array of a draft's
 * @array: kvcalloc()ed, or NULL; stays as it is if memory lacks
 * @used: elements in it
 * @more: how many more there are to be
 * @room: elements that there is room for; at least doubled
 * @size: of an element, in bytes
 *
 * Context: may sleep.
 * Return: 0 or -ENOMEM.
 */
int ps_draft_grow(void **array, u32 used, u32 more, u32 *room, size_t size)
{
	u32 next = max(*room ? *room * 2 : 16, used + more);
	void *larger;

	if (used + more <= *room)
		return 0;
	larger = kvcalloc(next, size, GFP_KERNEL_ACCOUNT);
	if (!larger)
		return -ENOMEM;
	if (used)
		memcpy(larger, *array, used * size);
	kvfree(*array);
	*array = larger;
	*room = next;
	return 0;
}

static u32 hash_of(const char *name)
{
	return full_name_hash(NULL, name, strlen(name));
}

/**
 * ps_draft_new() - begin a draft
 * @slack_ppm: what each planned CPU keeps for the host, 0: nothing
 *
 * Context: may sleep.
 * Return: an empty draft, or NULL.
 */
struct ps_draft *ps_draft_new(u32 slack_ppm)
{
	struct ps_draft *draft = kzalloc(sizeof(*draft), GFP_KERNEL_ACCOUNT);

	if (!draft)
		return NULL;
	draft->slack_ppm = slack_ppm;
	draft->clock = PARTSCHED_CLOCK_MONOTONIC;
	INIT_LIST_HEAD(&draft->partitions);
	hash_init(draft->by_id);
	hash_init(draft->by_name);
	ps_draft_channels_init(&draft->channels);
	return draft;
}

/**
 * ps_draft_free() - free a draft
 * @draft: may be NULL
 *
 * Context: may sleep.
 */
void ps_draft_free(struct ps_draft *draft)
{
	struct ps_draft_partition *partition, *next;
	u32 i;

	if (!draft)
		return;
	list_for_each_entry_safe(partition, next, &draft->partitions, node)
		kfree(partition);
	for (i = 0; i < draft->nr_schedules; i++)
		kvfree(draft->schedules[i].windows);
	kvfree(draft->schedules);
	kvfree(draft->levels);
	ps_draft_channels_free(&draft->channels);
	ps_hm_free(&draft->hm);
	kfree(draft);
}

/**
 * ps_draft_partition() - a staged partition
 * @draft: the draft
 * @id: PartitionIdentifier
 *
 * Return: the partition, or NULL.
 */
struct ps_draft_partition *ps_draft_partition(const struct ps_draft *draft,
					      u32 id)
{
	struct ps_draft_partition *partition;

	hash_for_each_possible(draft->by_id, partition, by_id, id)
		if (partition->id == id)
			return partition;
	return NULL;
}

/**
 * ps_draft_named() - a staged partition
 * @draft: the draft
 * @name: PartitionName
 *
 * Return: the partition, or NULL.
 */
struct ps_draft_partition *ps_draft_named(const struct ps_draft *draft,
					  const char *name)
{
	struct ps_draft_partition *partition;

	hash_for_each_possible(draft->by_name, partition, by_name,
			       hash_of(name))
		if (!strcmp(partition->name, name))
			return partition;
	return NULL;
}

/**
 * ps_draft_schedule() - a staged module schedule
 * @draft: the draft
 * @id: ScheduleIdentifier
 *
 * Return: the schedule, good until the next one is added, or NULL.
 */
struct ps_draft_schedule *ps_draft_schedule(const struct ps_draft *draft,
					    u32 id)
{
	u32 i;

	for (i = 0; i < draft->nr_schedules; i++)
		if (draft->schedules[i].id == id)
			return &draft->schedules[i];
	return NULL;
}

/**
 * ps_draft_initial() - the module schedule that the plan begins with
 * @draft: the draft
 *
 * Return: the one that says so, or the only one; NULL when there is neither.
 */
struct ps_draft_schedule *ps_draft_initial(const struct ps_draft *draft)
{
	u32 i;

	for (i = 0; i < draft->nr_schedules; i++)
		if (draft->schedules[i].initial)
			return &draft->schedules[i];
	return draft->nr_schedules == 1 ? draft->schedules : NULL;
}

/**
 * ps_draft_add_partition() - stage a partition
 * @draft: the draft
 * @id: PartitionIdentifier, not staged yet
 * @name: PartitionName, not staged yet
 * @nr_vcpus: 1 to PARTSCHED_MAX_VCPUS
 * @quantum_ns: after how long vCPUs that share a window take turns, 0: never
 * @traits: what else there is to say of it
 *
 * Context: may sleep.
 * Return: 0 or -ENOMEM.
 */
int ps_draft_add_partition(struct ps_draft *draft, u32 id, const char *name,
			   u32 nr_vcpus, u64 quantum_ns,
			   const struct ps_traits *traits)
{
	struct ps_draft_partition *partition;

	if (ps_draft_grow((void **)&draft->levels, draft->nr_slots, nr_vcpus,
			  &draft->room_levels, sizeof(*draft->levels)))
		return -ENOMEM;
	partition = kzalloc(sizeof(*partition), GFP_KERNEL_ACCOUNT);
	if (!partition)
		return -ENOMEM;
	partition->id = id;
	partition->index = draft->nr_partitions++;
	partition->first_slot = draft->nr_slots;
	partition->nr_vcpus = nr_vcpus;
	partition->quantum_ns = quantum_ns;
	partition->traits = *traits;
	strscpy(partition->name, name, sizeof(partition->name));
	draft->nr_slots += nr_vcpus;
	list_add_tail(&partition->node, &draft->partitions);
	hash_add(draft->by_id, &partition->by_id, id);
	hash_add(draft->by_name, &partition->by_name, hash_of(name));
	return 0;
}

/**
 * ps_draft_set_priority() - stage a vCPU's priority
 * @draft: the draft
 * @partition: one of its partitions
 * @vcpu: a vCPU of the partition
 * @priority: among those that share a window; the greater one runs
 */
void ps_draft_set_priority(struct ps_draft *draft,
			   const struct ps_draft_partition *partition,
			   u32 vcpu, u32 priority)
{
	draft->levels[partition->first_slot + vcpu].priority = priority;
}

/**
 * ps_draft_add_schedule() - stage a module schedule
 * @draft: the draft; pointers to its other schedules become stale
 * @id: ScheduleIdentifier, not staged yet
 *
 * Context: may sleep.
 * Return: the schedule, to be filled in, or NULL for want of memory.
 */
struct ps_draft_schedule *ps_draft_add_schedule(struct ps_draft *draft, u32 id)
{
	struct ps_draft_schedule *schedule;

	if (ps_draft_grow((void **)&draft->schedules, draft->nr_schedules, 1,
			  &draft->room_schedules, sizeof(*draft->schedules)))
		return NULL;
	schedule = &draft->schedules[draft->nr_schedules++];
	schedule->id = id;
	return schedule;
}

/**
 * ps_draft_add_window() - stage a window of one vCPU
 * @draft: the draft
 * @schedule: one of its schedules
 * @partition: one of its partitions
 * @vcpu: a vCPU of the partition
 * @cpu: host CPU
 *
 * Context: may sleep.
 * Return: the window, to be filled in with times and identifier, or NULL for
 * want of memory.
 */
struct ps_window *ps_draft_add_window(struct ps_draft *draft,
				      struct ps_draft_schedule *schedule,
				      struct ps_draft_partition *partition,
				      u32 vcpu, u32 cpu)
{
	struct ps_window *window;

	if (ps_draft_grow((void **)&schedule->windows, schedule->nr_windows, 1,
			  &schedule->room_windows, sizeof(*schedule->windows)))
		return NULL;
	window = &schedule->windows[schedule->nr_windows++];
	window->partition = partition->index;
	window->vcpu = vcpu;
	window->cpu = cpu;
	window->slot = partition->first_slot + vcpu;
	draft->nr_windows++;
	return window;
}

/* Whether it has a window that this very host cannot enforce. */
static bool too_short(const struct ps_draft_schedule *schedule)
{
	u64 shortest_ns = ps_measure_min_window_ns();
	u32 i;

	for (i = 0; i < schedule->nr_windows; i++)
		if (schedule->windows[i].duration_ns < shortest_ns)
			return true;
	return false;
}

static void set_priorities(const struct ps_draft *draft,
			   const struct ps_draft_schedule *schedule)
{
	u32 i;

	for (i = 0; i < schedule->nr_windows; i++) {
		struct ps_window *w = &schedule->windows[i];

		w->priority = draft->levels[w->slot].priority;
	}
}

/* Find out who shares windows in a schedule that is checked. */
static void note_shared(struct ps_draft *draft,
			const struct ps_draft_schedule *schedule)
{
	const struct ps_window *w = schedule->windows;
	u32 i, j;

	for (i = 0; i < schedule->nr_windows; i += w[i].shared)
		for (j = 0; w[i].shared > 1 && j < w[i].shared; j++)
			draft->levels[w[i + j].slot].shares = true;
}

/* Rank those who do. */
static const char *rank(struct ps_draft *draft)
{
	const struct ps_draft_partition *partition;
	u64 longest_ns = 0;
	u32 i;

	for (i = 0; i < draft->nr_schedules; i++)
		longest_ns = max(longest_ns, draft->schedules[i].frame_ns);
	list_for_each_entry(partition, &draft->partitions, node) {
		if (partition->quantum_ns > longest_ns)
			return "a partition's quantum is longer than the major frame";
		if (ps_levels_rank(&draft->levels[partition->first_slot],
				   partition->nr_vcpus,
				   partition->quantum_ns) >=
		    ps_open_priority)
			return "the vCPUs that share windows have more priorities than there is room for below the module's open_priority";
	}
	return NULL;
}

/**
 * ps_draft_check() - hold a draft against every rule that a plan has by itself
 * @draft: the draft; its windows are sorted on success
 * @where: receives the schedule at fault, NULL if it is not about one
 *
 * Context: may sleep. Takes long for many windows: not under ps_mutex.
 * Return: a sentence without a full stop, or NULL if all is well.
 */
const char *ps_draft_check(struct ps_draft *draft,
			   const struct ps_draft_schedule **where)
{
	struct ps_finding finding;
	enum ps_verdict verdict;
	u32 i;

	*where = NULL;
	if (!draft->nr_schedules || !draft->nr_partitions)
		return "the plan lacks a schedule or partitions";
	if (!ps_draft_initial(draft))
		return "none of the plan's schedules is the initial one";
	for (i = 0; i < draft->nr_schedules; i++) {
		struct ps_draft_schedule *schedule = &draft->schedules[i];

		set_priorities(draft, schedule);
		verdict = ps_windows_check(schedule->windows,
					   schedule->nr_windows,
					   schedule->frame_ns, draft->slack_ppm,
					   &finding);
		if (verdict == PS_OK)
			verdict = ps_guard_check(schedule->windows,
						 schedule->nr_windows,
						 schedule->guard_ns);
		if (verdict != PS_OK || too_short(schedule)) {
			*where = schedule;
			return verdict == PS_OK ? ps_measure_refusal() :
						  ps_verdict_text(verdict);
		}
		note_shared(draft, schedule);
	}
	return rank(draft) ?: ps_draft_check_channels(draft);
}

/* The partition of the plan in force that a staged one goes on with. */
static struct ps_partition *kept(const struct ps_draft_partition *staged)
{
	const struct ps_plan *plan = ps_plan_current(NULL);
	struct ps_partition *partition = NULL;

	/* most often it has the place that it had before */
	if (plan && staged->index < plan->nr_partitions)
		partition = plan->partitions[staged->index];
	if (!partition || strcmp(partition->name, staged->name))
		partition = ps_plan_partition(staged->name);
	if (!partition || partition->id != staged->id ||
	    partition->nr_vcpus != staged->nr_vcpus)
		return NULL;
	return ps_partition_get(partition);
}

/**
 * ps_draft_build() - make a plan of a checked draft
 * @draft: the draft
 *
 * Partitions of the plan in force that are the same are kept, with the threads
 * that are attached to them; channels, with their messages.
 *
 * Context: may sleep; ps_mutex held.
 * Return: the plan, or NULL for want of memory.
 */
struct ps_plan *ps_draft_build(const struct ps_draft *draft)
{
	const struct ps_draft_schedule *initial = ps_draft_initial(draft);
	const struct ps_draft_partition *staged;
	struct ps_plan *plan;
	u32 i;

	ps_assert_locked();
	plan = ps_plan_new(draft->nr_partitions, draft->nr_slots,
			   draft->nr_schedules, draft->nr_windows);
	if (!plan)
		return NULL;
	plan->slack_ppm = draft->slack_ppm;
	plan->clock = draft->clock;
	plan->base_ns = draft->base_ns;
	memcpy(plan->levels, draft->levels,
	       draft->nr_slots * sizeof(*plan->levels));
	for (i = 0; i < draft->nr_schedules; i++) {
		const struct ps_draft_schedule *from = &draft->schedules[i];
		struct ps_schedule *schedule =
			ps_plan_add_schedule(plan, from->windows,
					     from->nr_windows, from->frame_ns);

		if (!schedule)
			goto free_plan;
		schedule->id = from->id;
		schedule->guard_ns = from->guard_ns;
		strscpy(schedule->name, from->name, sizeof(schedule->name));
		if (from == initial)
			plan->initial = schedule;
	}
	list_for_each_entry(staged, &draft->partitions, node) {
		struct ps_partition *partition = kept(staged);

		if (!partition)
			partition = ps_partition_new(staged->id, staged->name,
						     staged->nr_vcpus);
		if (!partition)
			goto free_plan;
		plan->quanta[plan->nr_partitions] = staged->quantum_ns;
		plan->traits[plan->nr_partitions] = staged->traits;
		plan->partitions[plan->nr_partitions++] = partition;
		for (i = 0; i < staged->nr_vcpus; i++)
			plan->slots[staged->first_slot + i] =
				&partition->vcpus[i];
	}
	if (ps_draft_build_ports(draft, plan) ||
	    ps_hm_copy(&plan->hm, &draft->hm))
		goto free_plan;
	return plan;

free_plan:
	ps_plan_free(plan);
	return NULL;
}
